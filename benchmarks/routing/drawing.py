"""Figures as drawings: SVG that is read in light and dark, with the 95 % interval of every point."""

from collections.abc import Mapping, Sequence
from html import escape

from routing.simulation.estimate import Estimate

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 460, 300, 52, 128, 34, 40
INKS = ("#2f6fed", "#d9822b", "#3a9d6b", "#b14ecb", "#d14343", "#7a7f87", "#0f9fb5", "#8a6d3b")
STYLE = (
    "<style>svg{background:#fff}text{font:12px system-ui,sans-serif;fill:#33383f}.axis{stroke:#c9ced6;stroke-width:1}"
    ".title{font-weight:600;font-size:13px}@media(prefers-color-scheme:dark){svg{background:#16181c}text{fill:#d6dae0}"
    ".axis{stroke:#3a3f47}}</style>"
)

Curve = Sequence[tuple[float, Estimate]]


def chart(title: str, curves: Mapping[str, Curve], *, across: str, bounds: tuple[float, float], unit: str = "%") -> str:
    """Lines over a shared x, one colour each, named at their right end; values are drawn within `bounds`."""
    xs = sorted({x for curve in curves.values() for x, _ in curve})
    plot = _Plot(xs, bounds)
    lines = [_line(plot, number, curve) for number, curve in enumerate(curves.values())]
    names = _names(plot, curves)
    label = f'<text x="{plot.x(sum(xs) / len(xs)):.0f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>'
    head = f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>'
    inside = "".join([STYLE, head, plot.axes(unit), *lines, *names, label])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{inside}</svg>\n'
    )


class _Plot:
    """Where values lie on the drawing."""

    def __init__(self, xs, bounds):
        self.xs, self.low, self.high = xs, *bounds

    def x(self, value):
        span = (self.xs[-1] - self.xs[0]) or 1
        return LEFT + (value - self.xs[0]) / span * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        inside = min(self.high, max(self.low, value))
        return HEIGHT - BOTTOM - (inside - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def axes(self, unit):
        steps = [self.low + (self.high - self.low) * step / 4 for step in range(5)]
        across = [
            f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(at):.1f}" y2="{self.y(at):.1f}"/>'
            f'<text x="{LEFT - 6}" y="{self.y(at) + 4:.1f}" text-anchor="end">{_written(at, unit)}</text>'
            for at in steps
        ]
        down = [
            f'<text x="{self.x(at):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{at:g}</text>'
            for at in self.xs
        ]
        return "".join([*across, *down])


def _line(plot, number, curve):
    ink = INKS[number % len(INKS)]
    points = " ".join(f"{plot.x(x):.1f},{plot.y(one.mean):.1f}" for x, one in curve)
    bars = "".join(
        f'<line x1="{plot.x(x):.1f}" x2="{plot.x(x):.1f}" y1="{plot.y(one.low):.1f}" y2="{plot.y(one.high):.1f}" '
        f'stroke="{ink}" stroke-width="1"/>'
        for x, one in curve
    )
    return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="{3 if number == 0 else 1.5}"/>{bars}'


def _names(plot, curves):
    """The names at the right, apart from each other however close the lines end."""
    ends = sorted((plot.y(curve[-1][1].mean), number, name) for number, (name, curve) in enumerate(curves.items()))
    lowest = TOP - 14
    for y, number, name in ends:
        lowest = max(y, lowest + 14)
        text = escape(name.replace("_", " "))
        ink = INKS[number % len(INKS)]
        yield f'<text x="{WIDTH - RIGHT + 8}" y="{lowest + 4:.1f}" style="fill:{ink}">{text}</text>'


def _written(value, unit):
    return f"{value * 100:.0f} %" if unit == "%" else f"{value:g}"

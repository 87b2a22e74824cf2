"""The rows that a benchmark prints: a figure, what it is a multiple of, and what was promised."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `limit`: what was promised, in the same unit; `baseline`: what it is compared with."""

    what: str
    value: float
    unit: str
    baseline: tuple[str, float] | None = None
    limit: float | None = None
    note: str = ""

    def row(self) -> list[str]:
        ratio = f"{self.value / self.baseline[1]:.1f} × {self.baseline[0]}" if self.baseline else ""
        promised = "" if self.limit is None else f"≤ {self.limit:g}" if self.unit != "/s" else f"≥ {self.limit:g}"
        return [self.what, f"{self.value:.3g} {self.unit}", ratio, promised, self._verdict(), self.note]

    def _verdict(self) -> str:
        if self.limit is None:
            return ""
        return "met" if (self.value >= self.limit if self.unit == "/s" else self.value <= self.limit) else "MISSED"


HEAD = ["what", "median", "ratio in this run", "promised", "", "note"]


def show(title: str, figures: list[Figure]) -> str:
    """A Markdown table of the figures."""
    rows = [HEAD, *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([f"\n## {title}\n", lines[0], rule, *lines[1:]])


def median(values) -> float:
    return statistics.median(values)


def p95(values) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]

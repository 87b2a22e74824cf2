"""The command line: `manage.py simulate SCENARIO.json`, or `python -m routing.simulation` where nothing is set up."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from routing.engine import Policy
from routing.simulation.estimate import Report
from routing.simulation.oracles import ORACLES, SCENARIOS, Comparison, Oracle, compare
from routing.simulation.reading import BadScenario, check_playable, read_file, read_policy
from routing.simulation.replicate import replicate
from routing.simulation.scenario import Scenario
from routing.simulation.traces import BadTrace, Recorded, as_scenario, read_bank, read_table
from routing.simulation.written import as_json, as_text, compared

BAR = 30
MARKS = ("<!-- oracles -->", "<!-- /oracles -->")


def add_arguments(parser: ArgumentParser) -> None:
    shipped = ", ".join(sorted(path.stem for path in SCENARIOS.glob("*.json")))
    parser.add_argument("scenario", nargs="?", help=f"a scenario file, or one that comes with the product: {shipped}")
    parser.add_argument("--policy", help="a preset by name, or a JSON file with a policy; else the scenario's own")
    parser.add_argument("--against", help="a second policy on the same days: adds by how much the first differs")
    parser.add_argument("--replications", type=int, help="days to simulate; else the scenario's own number")
    parser.add_argument("--seed", type=int, help="the same seed gives the same customers under every policy")
    parser.add_argument("--workers", type=int, help="processes; as many as there are cores if not given")
    parser.add_argument("--periods", action="store_true", help="show every period too")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument("--from-bank", help="print the scenario of a call log in the Anonymous Bank's format")
    parser.add_argument("--from-csv", help="print the scenario of a table: arrived, wait, type, service, agent")
    parser.add_argument("--oracles", action="store_true", help="check the simulator against published figures")
    parser.add_argument("--into", help="with --oracles: put the table into this file, between its two marks")
    parser.add_argument("--only", help="with --oracles: the scenarios with these names, between commas")
    parser.add_argument("--share", type=float, default=1.0, help="with --oracles: this share of the replications")


def play(options: Namespace, screen: TextIO) -> str:
    """Do what was asked and return what to print; the bar is drawn on `screen`. Raises BadScenario, in words."""
    for name in ("replications", "workers"):
        if getattr(options, name) is not None and getattr(options, name) < 1:
            raise BadScenario(f"--{name} must be at least 1.")
    if options.from_bank or options.from_csv:
        return _traced(Path(options.from_bank or options.from_csv), read_bank if options.from_bank else read_table)
    if options.oracles:
        return _oracles(options, screen)
    if not options.scenario:
        raise BadScenario("Name a scenario file, or ask for --oracles.")
    return _simulated(read_file(_path(options.scenario)), options, screen)


def _simulated(scenario: Scenario, options: Namespace, screen: TextIO) -> str:
    number = options.replications or scenario.replications
    seed = scenario.seed if options.seed is None else options.seed

    def played(policy: Policy) -> Report:
        return replicate(
            scenario,
            policy=policy,
            replications=number,
            seed=seed,
            workers=options.workers,
            on_progress=lambda done: bar(screen)(scenario.name, done, number),
        )

    report = played(_policy(options.policy, scenario))
    if options.against:
        other = played(_policy(options.against, scenario))
        told = [as_text(report), f"\n{options.against}:", as_text(other), "\nThe first less the second:"]
        return "\n".join([*told, compared(report, other)])
    if options.json:
        return json.dumps(as_json(report, options.policy or "the scenario's own", seed), indent=2)
    return as_text(report, by_period=options.periods)


def _traced(path: Path, read: Callable[[Iterable[str]], Iterator[Recorded]]) -> str:
    try:
        with path.open(newline="") as lines:
            return json.dumps(as_scenario(list(read(lines)), name=path.stem), indent=2)
    except (OSError, BadTrace) as error:
        raise BadScenario(str(error)) from None


def _oracles(options: Namespace, screen: TextIO) -> str:
    """A Markdown table of every figure others published beside ours."""
    found = list(
        compare(
            _chosen(options.only),
            share=options.share,
            workers=options.workers,
            seed=options.seed,
            on_progress=bar(screen),
        )
    )
    header = (
        "| scenario | days | figure | published | simulated | 95 % interval | met |\n|---|---:|---|---:|---:|---:|---|"
    )
    rows = [_row(each) for each in found]
    met = sum(each.is_met for each in found)
    table = "\n".join([header, *rows, "", f"{met} of {len(found)} figures are met."])
    return put_between_marks(table, Path(options.into)) if options.into else table


def _chosen(names: str | None) -> list[Oracle]:
    wanted = names.split(",") if names else [each.scenario for each in ORACLES]
    if strange := sorted(set(wanted) - {each.scenario for each in ORACLES}):
        raise BadScenario(f"No figures are known for {strange[0]!r}.")
    return [each for each in ORACLES if each.scenario in wanted]


def put_between_marks(table: str, path: Path) -> str:
    """In place of what stands between the two marks of a file. Raises BadScenario."""
    try:
        before, _, rest = path.read_text().partition(MARKS[0])
        _, found, after = rest.partition(MARKS[1])
    except OSError as error:
        raise BadScenario(str(error)) from None
    if not found:
        raise BadScenario(f"{path} has no marks {MARKS[0]} and {MARKS[1]} to put the table between.")
    path.write_text(f"{before}{MARKS[0]}\n\n{table}\n\n{MARKS[1]}{after}")
    return f"The table in {path} is new."


def _row(one: Comparison) -> str:
    oracle, found = one.oracle, one.simulated
    published = f"{oracle.published:.5g}" + (f" ±{oracle.interval:g}" if oracle.interval else "")
    interval = f"{found.low:.5g} to {found.high:.5g}"
    cells = (oracle.scenario, one.days, oracle.figure, published, f"{found.mean:.5g}", interval)
    return "| " + " | ".join(map(str, cells)) + (" | yes |" if one.is_met else " | NO |")


def bar(screen: TextIO) -> Callable[[str, int, int], None]:
    """Draws on a terminal, and nothing where nobody looks."""

    def draw(name: str, done: int, number: int) -> None:
        if screen.isatty():
            full = BAR * done // number
            screen.write(f"\r{name} [{'#' * full}{'.' * (BAR - full)}] {done}/{number}" + "\n" * (done == number))
            screen.flush()

    return draw


def _path(named: str) -> Path:
    shipped = SCENARIOS / f"{named}.json"
    return shipped if shipped.exists() else Path(named)


def _policy(named: str | None, scenario: Scenario) -> Policy:
    policy = scenario.policy if named is None else read_policy(_named(named), scenario.policy)
    check_playable(scenario, policy)
    return policy


def _named(named: str) -> Any:
    """A preset's name, or what stands in a JSON file."""
    path = Path(named)
    if path.suffix != ".json":
        return named
    try:
        return json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadScenario(f"{path} cannot be read as JSON: {error}") from None

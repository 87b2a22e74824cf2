"""How many agents it takes: `manage.py staffing PLAN.json`, `--scenario SCENARIO.json` or `--forecast`."""

import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from routing.models import Interaction
from routing.simulation import read_file
from routing.simulation.search import search
from routing.simulation.written import as_text, columns
from routing.staffing import Goal, Line, agents_needed, weekly_forecast
from routing.staffing.reading import staff_plan

INTERVAL = 1_800


class Command(BaseCommand):
    help = "Say how many agents it takes: from a plan of volumes, by simulating skills, or from what was recorded."

    def add_arguments(self, parser):
        parser.add_argument("plan", nargs="?", help="a plan of volumes per interval and channel, as JSON")
        parser.add_argument("--scenario", help="search the staff of a scenario whose skills overlap, by simulation")
        parser.add_argument(
            "--share", type=float, default=0.8, help="with --scenario: to be answered in time, per type"
        )
        parser.add_argument("--replications", type=int, default=10, help="with --scenario: days per staff tried")
        parser.add_argument("--workers", type=int, help="with --scenario: processes")
        parser.add_argument("--forecast", action="store_true", help="print next week's plan from recorded arrivals")
        parser.add_argument("--weeks", type=int, default=8, help="with --forecast: how many full weeks to look back")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args, **options):
        """Refuses, in words, what cannot be staffed."""
        try:
            self.stdout.write(self._answer(options))
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None

    def _answer(self, options):
        if options["forecast"]:
            return json.dumps(forecast_plan(options["weeks"]), indent=2)
        if options["scenario"]:
            return self._searched(options)
        if not options["plan"]:
            raise CommandError("Name a plan, or ask for --scenario or --forecast.")
        rows = staff_plan(json.loads(Path(options["plan"]).read_text()))
        return json.dumps([_figures(row) for row in rows], indent=2) if options["json"] else _table(rows)

    def _searched(self, options):
        scenario = read_file(Path(options["scenario"]))
        shares = {kind.name: options["share"] for kind in scenario.kinds}
        found = search(
            scenario,
            shares,
            start=pooled_bound(scenario, options["share"]),
            replications=options["replications"],
            workers=options["workers"],
            on_progress=lambda agents: self.stderr.write(f"tried {agents} agent periods"),
        )
        staff = {name: list(numbers) for name, numbers in found.staff.items()}
        if options["json"]:
            return json.dumps({"staff": staff, "is_enough": found.is_enough}, indent=2)
        told = [f"{name}: {' '.join(map(str, numbers))}" for name, numbers in staff.items()]
        return "\n".join([*told, "", as_text(found.report)])


def pooled_bound(scenario, share):
    """The agents each period takes at least: as if all could do everything, by Erlang A over the mixed work."""
    return [_pooled(scenario, period, share) for period in range(scenario.count)]


def forecast_plan(weeks):
    """A plan for the week after the last `weeks` full weeks, per queue and channel, half-hour by half-hour from Monday
    00:00 local time. Volumes count those who came; handling times are those of who was served."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    until = today - timedelta(days=today.weekday())
    recorded = Interaction.objects.filter(created_at__gte=until - timedelta(weeks=weeks), created_at__lt=until)
    came, took = defaultdict(list), defaultdict(list)
    for row in recorded.values_list("queue__slug", "channel", "created_at", "accepted_at", "done_at").iterator():
        came[row[:2]].append(row[2])
        if row[3] and row[4]:
            took[row[:2]].append((row[4] - row[3]).total_seconds())
    channels = [_channel(key, moments, took[key], until, weeks) for key, moments in sorted(came.items()) if took[key]]
    return {"name": f"week after {until.date()}", "interval": INTERVAL, "channels": channels}


def _channel(key, moments, seconds, until, weeks):
    expected = weekly_forecast(moments, until, weeks=weeks, seconds=INTERVAL).expected
    volumes = [round(volume, 3) for volume in expected]
    return {"name": " ".join(key), "volume": volumes, "service_time": round(sum(seconds) / len(seconds), 1)}


def _pooled(scenario, period, share):
    """One agent's whole budget per contact on voice; chats and mail count by the share of it they cost."""
    rate = work = 0.0
    for kind in scenario.kinds:
        if kind.rates:
            rate += kind.rates[period]
            work += kind.rates[period] * min(each.mean() for each in kind.service.values()) * min(1.0, kind.cost / 100)
    if not rate:
        return 0
    patience = [kind.patience.mean() for kind in scenario.kinds if kind.patience]
    goal = Goal(seconds=max(kind.target for kind in scenario.kinds), share=share)
    return agents_needed(Line(rate, work / rate, 1, min(patience, default=None)), goal)


def _figures(row):
    done = row.performance
    figures = {"channel": row.channel, "interval": row.interval, "volume": row.volume, "agents": row.agents}
    figures["scheduled"] = row.scheduled
    if done:
        figures |= {"wait": done.mean_wait, "abandoned": done.abandoned, "occupancy": done.occupancy}
    return figures


def _table(rows):
    header = ("channel", "interval", "volume", "agents", "scheduled", "mean wait s", "give up", "occupancy")
    return "\n".join(columns([header, *(_row(row) for row in rows)]))


def _row(row):
    done = row.performance
    how = (f"{done.mean_wait:.1f}", f"{done.abandoned:.1%}", f"{done.occupancy:.1%}") if done else ("", "", "")
    return (row.channel, str(row.interval + 1), f"{row.volume:g}", str(row.agents), str(row.scheduled), *how)

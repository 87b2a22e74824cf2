"""Play a scenario file with the real routing engine: `manage.py simulate SCENARIO.json`."""

import sys
from argparse import Namespace

from django.core.management.base import BaseCommand, CommandError

from routing.simulation import BadScenario
from routing.simulation.command import add_arguments, play


class Command(BaseCommand):
    help = "Simulate days of a contact centre with the real routing engine, with 95 % confidence intervals."
    requires_system_checks = ()

    def add_arguments(self, parser):
        add_arguments(parser)

    def handle(self, *args, **options):
        """Refuses, in words, what cannot be simulated."""
        try:
            self.stdout.write(play(Namespace(**options), sys.stderr))
        except BadScenario as error:
            raise CommandError(str(error)) from None

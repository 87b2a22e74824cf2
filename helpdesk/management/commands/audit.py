"""Ask whether the router's rows agree with each other: `manage.py audit`."""

from django.core.management.base import BaseCommand, CommandError

from routing.audit import problems


class Command(BaseCommand):
    help = "Look for rows of the router that cannot be: capacity miscounted, offers that ring nowhere or twice."

    def handle(self, *args, **options):
        """Says that all is well, or fails with a sentence for each row that breaks an invariant."""
        if found := problems():
            raise CommandError("\n".join(found))
        self.stdout.write("All is well.")

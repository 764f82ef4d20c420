"""Write the stored progress of queued episodes anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from review.services.progress import rebuild_progress


class Command(BaseCommand):
    help = "Write the progress of every queued episode anew from its assignments and batches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only count what differs from the records"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = rebuild_progress(dry_run=options["dry_run"])
        what = "differ from their records" if options["dry_run"] else "were corrected"
        self.stdout.write(f"{done.looked_at} queued episodes looked at, {done.differed} {what}.")

"""Remove stored files that no record names."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from episodes.errors import TouchlineError
from episodes.services.garbage import collect_garbage


class Command(BaseCommand):
    help = (
        "Remove videos, indexes, filmstrips, packs, signals and remnants of imports that no record"
        " names. What is younger than the grace period stays: a running import may be at it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go")
        parser.add_argument(
            "--grace-hours", type=float, default=24, help="leave what is younger (default 24)"
        )

    def handle(
        self, *args: Any, dry_run: bool, grace_hours: float, verbosity: int, **options: Any
    ) -> None:
        if grace_hours < 1:
            raise CommandError(
                "A running import needs a grace period. Give --grace-hours 1 or more."
            )
        try:
            found = collect_garbage(dry_run=dry_run, grace=timedelta(hours=grace_hours))
        except TouchlineError as error:
            raise CommandError(f"{error} {error.remedy}") from error
        if verbosity > 1:
            for name in found.names:
                self.stdout.write(name)
        for kind in sorted(found.files):
            size = filesizeformat(found.bytes[kind]).replace("\xa0", " ")
            self.stdout.write(f"{kind}: {found.files[kind]} files, {size}")
        total = filesizeformat(found.bytes.total()).replace("\xa0", " ")
        done = "would be freed; nothing was removed (--dry-run)" if dry_run else "freed"
        self.stdout.write(f"{found.files.total()} files, {total} {done}.")

"""Make the spectrograms that are missing, or all of them anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from episodes.errors import TouchlineError
from episodes.models import Signal
from episodes.services.spectrograms import make_spectrogram


class Command(BaseCommand):
    help = "Make the spectrogram of every sound that has none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="also remake what is there")

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        made = failures = 0
        for signal in Signal.objects.filter(kind=Signal.Kind.AUDIO).order_by("pk").iterator():
            try:
                made += make_spectrogram(signal=signal, again=again)
            except TouchlineError as error:
                self.stderr.write(f"{error} {error.remedy}")
                failures += 1
        self.stdout.write(f"{made} spectrograms made.")
        if failures:
            raise CommandError(f"{failures} could not be read: restore or re-import those named.")

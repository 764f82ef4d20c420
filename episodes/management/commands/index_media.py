"""Make frame indexes and filmstrips that are missing, or all of them anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from episodes.errors import TouchlineError
from episodes.models import MediaAsset, Stream
from episodes.services.media import index_asset, make_sprite


class Command(BaseCommand):
    help = "Index every stored video and make the filmstrips that are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="also remake what is there, e.g. after a repair"
        )

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        assets = MediaAsset.objects.order_by("pk")
        streams = Stream.objects.filter(asset__frame_index__isnull=False).order_by("pk")
        failures = 0
        for asset in assets.iterator():
            failures += self._failed(lambda asset=asset: index_asset(asset=asset, again=again))
        for stream_id in streams.values_list("pk", flat=True).iterator():
            failures += self._failed(
                lambda stream_id=stream_id: make_sprite(stream_id=stream_id, again=again)
            )
        self.stdout.write(f"{assets.count()} videos, {streams.count()} streams checked.")
        if failures:
            raise CommandError(f"{failures} could not be read: restore or re-import those named.")

    def _failed(self, work: Any) -> bool:
        """Do one piece; a broken one is named and the rest goes on."""
        try:
            work()
        except TouchlineError as error:
            self.stderr.write(f"{error} {error.remedy}")
            return True
        return False

"""Measure the clocks of episodes now, without waiting for the workers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from episodes.models import Dataset, Episode
from episodes.services.sync import measure_sync


class Command(BaseCommand):
    help = "Measure clocks, gaps and lags of episodes that are not measured yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", help="only the episodes of this dataset, by name")
        parser.add_argument(
            "--again", action="store_true", help="also what is measured, e.g. after a repair"
        )

    def handle(self, *args: Any, dataset: str | None, again: bool, **options: Any) -> None:
        episodes = Episode.objects.ready().order_by("dataset", "index")
        if dataset is not None:
            episodes = episodes.filter(dataset=self._dataset(dataset))
        if not again:
            episodes = episodes.filter(sync=Episode.Sync.UNMEASURED)
        ids, failures = list(episodes.values_list("pk", flat=True)), 0
        for number, episode_id in enumerate(ids, start=1):
            failures += self._failed(episode_id, f"{number}/{len(ids)}", again)
        measured = Episode.objects.filter(pk__in=ids).order_by()
        counts = measured.values_list("sync").annotate(Count("pk"))
        said = ", ".join(f"{count} {value}" for value, count in sorted(counts))
        self.stdout.write(f"{len(ids)} episodes measured{f': {said}' if said else ''}.")
        if failures:
            raise CommandError(f"{failures} could not be measured: their sync pages say why.")

    def _dataset(self, name: str) -> Dataset:
        found = Dataset.objects.filter(name=name).first()
        if found is None:
            names = ", ".join(Dataset.objects.values_list("name", flat=True)[:20]) or "none"
            raise CommandError(f"There is no dataset “{name}”. There are: {names}.")
        return found

    def _failed(self, episode_id: Any, place: str, again: bool) -> bool:
        """Measure one; of one that fails the report keeps why, and the rest goes on."""
        try:
            report = measure_sync(episode_id=episode_id, again=again)
        except Exception as error:  # noqa: BLE001
            self.stderr.write(f"{place} {episode_id}: {type(error).__name__}: {error}")
            return True
        verdict = report.verdict if report else "being measured elsewhere"
        self.stdout.write(f"{place} {episode_id}: {verdict}")
        return False

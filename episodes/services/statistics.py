"""A dataset's values against its embodiment: measured over everything stored, and at import."""

from collections.abc import Iterator, Sequence
from math import nan

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from episodes.embodiments import DimensionSpec, DimensionStats, ValueStats, check_values
from episodes.errors import TouchlineError
from episodes.findings import Finding, Severity
from episodes.models import (
    ActionDimension,
    Dataset,
    DimensionStatistics,
    Embodiment,
    Episode,
    Signal,
)
from episodes.records import EpisodeRecord, Notice, SignalRecord
from episodes.selectors.embodiments import LEFT_OUT, space_signal, specs_of
from episodes.selectors.samples import signal_table
from episodes.services.exclusive import only_one
from episodes.services.sync import signal_values

# Rows in memory at a time, whatever the length of a recording.
SLICE_ROWS = 65_536
# Where one episode says nothing of the whole dataset: a part that rests in it, a range it keeps to.
NOT_OF_ONE_EPISODE = ("dimension_coarse", "radians_as_degrees", "clipped_at_limit")


def measure_values(*, dataset_id: int) -> int:
    """Measure every state and action of a dataset; how many dimensions were written down.

    Extremes are exact, quantiles rest on at most 16,384 rows spread evenly. Without an embodiment
    there is nothing to measure against. Twice is once; while another worker is at it this does
    nothing. Samples that cannot be read are left out: the episode's sync report names them.
    """
    with only_one(f"values {dataset_id}") as mine:
        dataset = Dataset.objects.select_related("embodiment").get(pk=dataset_id)
        if not mine or dataset.embodiment is None:
            return 0
        rows: list[DimensionStatistics] = []
        for space in ActionDimension.Space.values:
            rows += _space(dataset, space, specs_of(dataset.embodiment, space))
        return _keep(dataset, dataset.embodiment, rows)


def _space(
    dataset: Dataset, space: str, specs: tuple[DimensionSpec, ...]
) -> list[DimensionStatistics]:
    first = dataset.episodes.ready().order_by("index").first()
    signals = list(first.signals.all()) if first and specs else []
    described = space_signal(signals, space, specs)
    if described is None:
        return []
    stats, left_out = ValueStats(specs), 0
    stored = Signal.objects.filter(
        episode__dataset=dataset, episode__state=Episode.State.READY, name=described.name
    )
    for signal in stored.order_by("episode__index", "pk").iterator():
        before = stats.rows
        for values in _slices(signal, len(specs)):
            stats.add(values)
        left_out += signal.samples - (stats.rows - before)
    rows = _rows(dataset, described.name, stats)
    if left_out:
        rows[0].findings = [_left_out(left_out).to_json(), *rows[0].findings]
    return rows


def _left_out(rows: int) -> Finding:
    """Also tells the sweep that these rows were tried."""
    return Finding(
        LEFT_OUT,
        Severity.AMBER,
        f"{rows} rows could not be read, or are of another length, and are left out.",
        "Look at the clocks of the dataset's episodes: damaged samples are named there.",
        {"rows": rows},
    )


def _slices(signal: Signal, width: int) -> Iterator[NDArray[np.float64]]:
    if len(signal.dimensions) != width:
        return
    try:
        table = signal_table(signal)
    except TouchlineError:
        return
    for at in range(0, table.num_rows, SLICE_ROWS):
        yield signal_values(table.slice(at, SLICE_ROWS))


def _rows(dataset: Dataset, signal: str, stats: ValueStats) -> list[DimensionStatistics]:
    """A row a dimension; a finding stands with the first dimension that it names."""
    findings = check_values(stats)
    names = [spec.name for spec in stats.specs]
    of_row: list[list[Finding]] = [[] for _ in names]
    for finding in findings:
        named = finding.facts.get("dimensions", [])
        of_row[names.index(named[0]) if named else 0].append(finding)
    pairs = zip(stats.dimensions(), of_row, strict=True)
    return [_row(dataset, signal, at, seen, own) for at, (seen, own) in enumerate(pairs)]


def _row(
    dataset: Dataset, signal: str, position: int, seen: DimensionStats, findings: Sequence[Finding]
) -> DimensionStatistics:
    """Not a number stands for what no finite value said."""
    return DimensionStatistics(
        dataset=dataset,
        signal=signal,
        position=position,
        count=seen.count,
        minimum=nan if seen.minimum is None else seen.minimum,
        maximum=nan if seen.maximum is None else seen.maximum,
        q01=nan if seen.q01 is None else seen.q01,
        q99=nan if seen.q99 is None else seen.q99,
        findings=[finding.to_json() for finding in findings],
    )


@transaction.atomic
def _keep(dataset: Dataset, embodiment: Embodiment, rows: list[DimensionStatistics]) -> int:
    """Replace what was there, unless another embodiment was assigned meanwhile."""
    now = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    if now.embodiment_id != embodiment.pk:
        return 0
    DimensionStatistics.objects.filter(dataset=dataset).delete()
    DimensionStatistics.objects.bulk_create(rows)
    return len(rows)


def value_notices(dataset: Dataset, episode: EpisodeRecord) -> list[Notice]:
    """What is wrong with one episode's values on the dataset's embodiment; none without one."""
    if dataset.embodiment is None:
        return []
    notices = []
    for space in ActionDimension.Space.values:
        specs = specs_of(dataset.embodiment, space)
        for signal in episode.signals:
            if signal.kind.value == space and len(signal.dimensions) == len(specs):
                notices += [
                    Notice(finding.code, f"{signal.name}: {finding.message}")
                    for finding in _checked(signal, specs)
                ]
    return notices


def _checked(signal: SignalRecord, specs: tuple[DimensionSpec, ...]) -> list[Finding]:
    stats = ValueStats(specs)
    for at in range(0, len(signal.t_ns), SLICE_ROWS):
        stats.add(np.asarray(signal.values[at : at + SLICE_ROWS]))
    return [
        finding
        for finding in check_values(stats)
        if finding.severity in (Severity.AMBER, Severity.RED)
        and finding.code not in NOT_OF_ONE_EPISODE
    ]

"""What was measured of clocks, as people read it: an episode's report and a dataset's overview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from episodes.access import Viewer
from episodes.findings import Finding, Severity
from episodes.models import ClockMap, Dataset, Episode, Stream, SyncReport
from episodes.selectors.clocks import clock_of
from episodes.timebase import ClockMap as Clock
from episodes.timebase.doctor import COMPUTED, CameraDiagnosis, SyncDiagnosis
from episodes.timebase.drawing import LagDrawing, TimeDrawing, draw_lag, draw_streams
from episodes.timebase.lag_summary import LagSummary, summarise_lags
from episodes.timebase.stream_clock import StreamClock
from episodes.timebase.traces import Traces

# Reports hold curves: more of them would take longer to read than a page may.
MOST_SUMMARISED = 500
LOOK_AT = "look"
FILTERS = (
    (LOOK_AT, "To look at"),
    ("red", "Out of step"),
    ("amber", "Look at it"),
    ("unknown", "Unknown"),
    ("green", "In step"),
    ("unmeasured", "Not measured yet"),
    ("held", "Held back"),
    ("all", "All"),
)


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A finding with the streams it is about; ``note`` says why it does not count."""

    streams: str
    finding: Finding
    note: str = ""


@dataclass(frozen=True, slots=True)
class StreamLine:
    """A row of the table behind the drawing."""

    name: str
    camera: bool
    clock: StreamClock
    severity: Severity


@dataclass(frozen=True, slots=True)
class CameraLine:
    """A camera: its lag as measured, the clock in force, and how it came to be."""

    stream: Stream
    found: CameraDiagnosis
    drawing: LagDrawing | None
    clock: Clock
    history: Sequence[ClockMap]

    @property
    def interval_ns(self) -> tuple[int, int] | None:
        """Two standard errors to either side: about 95 %."""
        lag = self.found.lag
        if lag.lag_ns is None or lag.error_ns is None:
            return None
        return lag.lag_ns - 2 * lag.error_ns, lag.lag_ns + 2 * lag.error_ns


@dataclass(frozen=True, slots=True)
class SyncView:
    """A report ready to be shown; ``waiting`` when it is of clocks that changed since."""

    episode: Episode
    waiting: bool
    corrected: bool
    report: SyncReport | None = None
    drawing: TimeDrawing | None = None
    findings: Sequence[FoundLine] = ()
    streams: Sequence[StreamLine] = ()
    cameras: Sequence[CameraLine] = ()
    failures: Sequence[Mapping[str, Any]] = ()


def unmeasured_episodes(episodes: QuerySet[Episode]) -> QuerySet[Episode]:
    """Ready, not measured as they are now, the oldest first. Filmstrips come first."""
    unprepared = Stream.objects.filter(
        episode=OuterRef("pk"), sprite_path="", sprite={}, asset__frame_index__isnull=False
    )
    waiting = episodes.filter(state=Episode.State.READY, sync=Episode.Sync.UNMEASURED)
    return waiting.exclude(Exists(unprepared)).order_by("created_at", "pk")


def sync_view(episode: Episode) -> SyncView:
    """Everything on an episode's sync page."""
    report = SyncReport.objects.select_related("decided_by").filter(episode=episode).first()
    streams = _streams(episode)
    if report is None:
        return SyncView(episode, waiting=True, corrected=_corrected(streams))
    diagnosis = SyncDiagnosis.from_json(report.report)
    return SyncView(
        episode,
        waiting=episode.sync == Episode.Sync.UNMEASURED,
        corrected=_corrected(streams),
        report=report,
        drawing=draw_streams(Traces.from_json(report.report["traces"]), diagnosis),
        findings=_findings(diagnosis),
        streams=_stream_lines(diagnosis),
        cameras=_camera_lines(diagnosis, streams),
        failures=report.report["failures"],
    )


def _corrected(streams: Sequence[Stream]) -> bool:
    return any(stream.clock_maps.all() for stream in streams)


def _streams(episode: Episode) -> list[Stream]:
    history = Prefetch(
        "clock_maps",
        ClockMap.objects.select_related("created_by").order_by("-created_at", "-pk"),
    )
    return list(episode.streams.prefetch_related(history).order_by("position", "camera"))


def _findings(diagnosis: SyncDiagnosis) -> list[FoundLine]:
    """Worst first, what is said alike of several streams once.

    Computed stamps do not count where the pictures vouch for them.
    """
    vouched = {camera.name for camera in diagnosis.cameras if camera.cross_checked}
    if vouched:
        vouched |= {signal.name for signal in diagnosis.signals}
    note = "Does not count: pictures and movement were seen to agree in time."
    alike: dict[tuple[str, str, bool], list[str]] = {}
    shown: dict[tuple[str, str, bool], Finding] = {}
    for name, found in diagnosis.findings:
        key = (found.code, found.message, found.code == COMPUTED and name in vouched)
        alike.setdefault(key, []).append(name)
        shown.setdefault(key, found)
    return [
        FoundLine(", ".join(names), shown[key], note if key[2] else "")
        for key, names in alike.items()
    ]


def _stream_lines(diagnosis: SyncDiagnosis) -> list[StreamLine]:
    lines = [StreamLine(one.name, False, one.clock, one.clock.verdict) for one in diagnosis.signals]
    lines += [StreamLine(one.name, True, one.clock, one.clock.verdict) for one in diagnosis.cameras]
    return lines


def _camera_lines(diagnosis: SyncDiagnosis, streams: Sequence[Stream]) -> list[CameraLine]:
    found = {camera.name: camera for camera in diagnosis.cameras}
    return [
        CameraLine(
            stream=stream,
            found=found[stream.camera],
            drawing=draw_lag(found[stream.camera]),
            clock=clock_of(stream),
            history=list(stream.clock_maps.all()),
        )
        for stream in streams
        if stream.camera in found
    ]


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """An episode of the overview with its worst findings and its cameras' lags."""

    episode: Episode
    findings: Sequence[FoundLine]
    cameras: Sequence[CameraDiagnosis]


def dataset_episodes(user: Viewer, dataset: Dataset, shown: str) -> QuerySet[Episode]:
    """Those of one filter in the source's order, their reports joined."""
    mine = Episode.objects.visible_to(user).filter(dataset=dataset)
    found = mine.filter(_condition(shown)).select_related("sync_report")
    return found.defer("search").order_by("index", "pk")


def _condition(shown: str) -> Q:
    if shown == "all":
        return Q()
    if shown == "held":
        return Q(held=True)
    if shown in Episode.Sync.values:
        return Q(sync=shown)
    return Q(sync__in=[Episode.Sync.RED, Episode.Sync.AMBER]) | Q(held=True)


def overview_lines(episodes: Sequence[Episode], most: int = 2) -> list[OverviewLine]:
    lines = []
    for episode in episodes:
        report = getattr(episode, "sync_report", None)
        if report is None:
            lines.append(OverviewLine(episode, (), ()))
            continue
        diagnosis = SyncDiagnosis.from_json(report.report)
        found = [line for line in _findings(diagnosis) if not line.note]
        bad = [line for line in found if line.finding.severity != Severity.GREEN]
        lines.append(OverviewLine(episode, bad[:most], diagnosis.cameras))
    return lines


@dataclass(frozen=True, slots=True)
class CameraSummary:
    """A camera's lag over the episodes that can tell it, on the clocks they were measured with."""

    camera: str
    measured: int
    summary: LagSummary | None


def camera_summaries(user: Viewer, dataset: Dataset) -> list[CameraSummary]:
    """Each camera over the ``MOST_SUMMARISED`` episodes measured last. One query."""
    mine = Episode.objects.visible_to(user).filter(dataset=dataset).order_by()
    reports = SyncReport.objects.filter(episode__in=mine.values("pk")).order_by("-measured_at")
    measured: dict[str, int] = {}
    told: dict[str, list[int]] = {}
    for cameras in reports.values_list("report__cameras", flat=True)[:MOST_SUMMARISED]:
        for camera in cameras:
            name, lag = camera["name"], camera["lag"]
            measured[name] = measured.get(name, 0) + 1
            if lag["verdict"] != Severity.UNKNOWN:
                told.setdefault(name, []).append(lag["lag_ns"])
    return [
        CameraSummary(name, count, summarise_lags(told.get(name, [])))
        for name, count in sorted(measured.items())
    ]


def sync_counts(user: Viewer, dataset: Dataset) -> list[tuple[str, str, int]]:
    """Value, name and number of episodes of each filter. One query."""
    mine = Episode.objects.visible_to(user).filter(dataset=dataset)
    counts = mine.aggregate(
        **{
            value: Count("pk", filter=_condition(value) & Q(pk__isnull=False))
            for value, _ in FILTERS
        }
    )
    return [(value, name, counts[value]) for value, name in FILTERS]

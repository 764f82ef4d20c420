"""What a person decides about clocks. Files stay as they are: a correction is a row."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from episodes.access import episode_access
from episodes.errors import ChangeNotAllowed
from episodes.models import ClockMap, Episode, Stream, SyncReport
from episodes.selectors.clocks import clock_of
from episodes.selectors.episodes import changeable
from episodes.services.change_episodes import MAX_TAGS, require_may_change
from episodes.services.search import index_search
from episodes.sync_errors import CameraUnknown, NothingToCorrect, NotMeasured, ReasonMissing
from episodes.timebase import ClockMap as Clock
from episodes.timebase.doctor import SyncDiagnosis

BY_HAND = "by hand"
UNDONE = "taken back"
# Labels keep their times when a clock moves under them: the tag is there to find them by.
CLOCK_CHANGED = "clock changed"


@transaction.atomic
def decide(
    *, actor: User, episode_id: UUID, decision: SyncReport.Decision, reason: str
) -> SyncReport:
    """Release an episode to annotators or hold it back, whatever its verdict.

    Work that has begun goes on. Later measurements leave the decision alone.
    Raises ChangeNotAllowed, NotMeasured, ReasonMissing.
    """
    episode = _locked(actor, episode_id)
    reason = said_reason(reason)
    report = SyncReport.objects.filter(episode=episode).first()
    if report is None:
        raise NotMeasured(
            "The clocks of this episode have not been measured yet.",
            remedy="Measure them first; it takes a few seconds.",
        )
    report.decision, report.reason = decision, reason
    report.decided_by, report.decided_at = actor, timezone.now()
    # Not measured_at, which save() would set to now.
    SyncReport.objects.filter(pk=report.pk).update(
        decision=decision, reason=reason, decided_by=actor, decided_at=report.decided_at
    )
    episode.held = decision == SyncReport.Decision.HELD
    episode.save(update_fields=["held"])
    action = "episode.held" if episode.held else "episode.released"
    facts = {"reason": reason, "verdict": report.verdict}
    episode_access().record(actor=actor, action=action, subjects=[episode], facts=facts)
    return report


@transaction.atomic
def accept_correction(*, actor: User, episode_id: UUID, camera: str, reason: str = "") -> ClockMap:
    """Put the measured correction of a camera on top of the clock that was measured.

    Raises ChangeNotAllowed, CameraUnknown, NotMeasured when the clocks changed since, or
    NothingToCorrect.
    """
    episode = _locked(actor, episode_id)
    stream = _camera(episode, camera)
    report = SyncReport.objects.filter(episode=episode).first()
    if report is None or episode.sync == Episode.Sync.UNMEASURED:
        raise NotMeasured(
            "The clocks were changed since they were measured.",
            remedy="Wait for the new measurement, then look again.",
        )
    diagnosis = SyncDiagnosis.from_json(report.report)
    found = next((one for one in diagnosis.cameras if one.name == camera), None)
    if found is None or found.correction is None:
        raise NothingToCorrect(
            f"No correction of “{camera}” was measured.",
            remedy="Set an offset by hand if you know it from elsewhere.",
        )
    clock = clock_of(stream).then(found.correction)
    return _corrected(actor, episode, stream, clock, reason.strip() or found.lag.reason)


@transaction.atomic
def set_clock(
    *, actor: User, episode_id: UUID, camera: str, offset_ns: int, drift_ppm: float, reason: str
) -> ClockMap:
    """Set the whole correction of a camera by hand: 0 and 0 is the clock as it was imported.

    Raises ChangeNotAllowed, CameraUnknown, ReasonMissing.
    """
    episode = _locked(actor, episode_id)
    stream = _camera(episode, camera)
    clock = Clock(offset_ns, drift_ppm, BY_HAND, None)
    return _corrected(actor, episode, stream, clock, said_reason(reason))


@transaction.atomic
def undo_correction(*, actor: User, episode_id: UUID, camera: str, reason: str) -> ClockMap:
    """Go back to the clock before the newest correction, by a new row.

    Raises ChangeNotAllowed, CameraUnknown, NothingToCorrect, ReasonMissing.
    """
    episode = _locked(actor, episode_id)
    stream = _camera(episode, camera)
    reason = said_reason(reason)
    rows = list(stream.clock_maps.all()[:2])
    if not rows:
        raise NothingToCorrect(
            f"The clock of “{camera}” is as it was imported.", remedy="There is nothing to undo."
        )
    clock = Clock(method=UNDONE)
    if len(rows) > 1:
        clock = Clock(rows[1].offset_ns, rows[1].drift_ppm, UNDONE, rows[1].confidence)
    return _corrected(actor, episode, stream, clock, reason)


@transaction.atomic
def measure_anew(*, actor: User, episode_id: UUID) -> None:
    """Have the clocks measured again; who holds the episode back decides that apart.

    Raises ChangeNotAllowed.
    """
    episode = _locked(actor, episode_id)
    episode.sync = Episode.Sync.UNMEASURED
    episode.save(update_fields=["sync"])


def _corrected(
    actor: User, episode: Episode, stream: Stream, clock: Clock, reason: str
) -> ClockMap:
    """A new row, the episode waiting for its new measurement, and a tag to find its labels by.

    The episode stays held or handed out until then.
    """
    before = clock_of(stream)
    row = ClockMap.objects.create(
        stream=stream,
        offset_ns=clock.offset_ns,
        drift_ppm=clock.drift_ppm,
        method=clock.method,
        confidence=clock.confidence,
        created_by=actor,
        reason=reason,
    )
    episode.sync = Episode.Sync.UNMEASURED
    if CLOCK_CHANGED not in episode.tags and len(episode.tags) < MAX_TAGS:
        episode.tags = [*episode.tags, CLOCK_CHANGED]
    episode.save(update_fields=["sync", "tags"])
    index_search(episodes=[episode.pk])
    facts = {
        "camera": stream.camera,
        "offset_ns": [before.offset_ns, clock.offset_ns],
        "drift_ppm": [before.drift_ppm, clock.drift_ppm],
        "method": clock.method,
        "reason": reason,
    }
    episode_access().record(
        actor=actor, action="episode.clock_corrected", subjects=[episode], facts=facts
    )
    return row


def _locked(actor: User, episode_id: UUID) -> Episode:
    """The episode, locked: a measurement that ends meanwhile waits and then sees the new clock."""
    require_may_change(actor)
    mine = changeable(actor, Episode.objects.filter(pk=episode_id))
    episode = mine.select_for_update(no_key=True, of=("self",)).defer("search").first()
    if episode is None:
        raise ChangeNotAllowed(
            "The clocks of this episode are not yours to decide about.",
            remedy="Ask the dataset's owner, or a manager of a project it is in.",
        )
    return episode


def _camera(episode: Episode, camera: str) -> Stream:
    stream = Stream.objects.filter(episode=episode, camera=camera).first()
    if stream is None:
        raise CameraUnknown(
            f"{episode.key} has no camera “{camera}”.", remedy="Choose one from its sync page."
        )
    return stream


def said_reason(reason: str) -> str:
    """Raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(
            "A decision about clocks needs its reason.",
            remedy="Say in a few words what you saw.",
        )
    return reason.strip()

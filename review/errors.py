"""What can go wrong when work is reviewed and released. HTTP meets them once, in config.errors."""

from episodes.errors import TouchlineError


class NothingReady(TouchlineError):
    """No episode outside a batch is finished by all its annotators."""

    code = "nothing_ready"
    status = 409


class BatchNameTaken(TouchlineError):
    code = "batch_name_taken"
    status = 409


class BatchClosed(TouchlineError):
    """The batch is approved; its verdicts stand."""

    code = "batch_closed"
    status = 409


class BatchNotApprovable(TouchlineError):
    """Not every episode of the batch is approved. Field ``episodes``: keys of those that wait."""

    code = "batch_not_approvable"
    status = 409


class OwnWork(TouchlineError):
    """Nobody reviews an episode they annotated."""

    code = "own_work"
    status = 403


class CommentMissing(TouchlineError):
    """Work goes back with a comment that says what to do."""

    code = "comment_missing"
    status = 400


class VerdictStale(TouchlineError):
    """Somebody decided meanwhile. Field ``version``: the item's present one."""

    code = "verdict_stale"
    status = 409


class NotReviewable(TouchlineError):
    """An annotator still works on the episode, or the set named is not the last one handed in."""

    code = "not_reviewable"
    status = 409


class AdjudicationRefused(TouchlineError):
    """A consensus that cannot be made of these sets: too few, one twice, of two schemas."""

    code = "adjudication_refused"
    status = 400


class AdjudicationClosed(TouchlineError):
    """The consensus is accepted, taken back or given up; field ``state``."""

    code = "adjudication_closed"
    status = 409


class VerdictRefused(TouchlineError):
    """A verdict on a label that the set does not have, or that names none where it has to."""

    code = "verdict_refused"
    status = 400


class NothingToRelease(TouchlineError):
    """No batch chosen is approved."""

    code = "nothing_to_release"
    status = 409


class ReleaseNotReady(TouchlineError):
    """The release is still being built, or its building failed."""

    code = "release_not_ready"
    status = 409


class ReleaseFailed(TouchlineError):
    """A release could not be written; the message names what was in the way."""

    code = "release_failed"
    status = 409


class NotSimulatable(TouchlineError):
    """There is nothing to simulate with, or the project holds real work."""

    code = "not_simulatable"
    status = 409


class GoldRefused(TouchlineError):
    """What was asked cannot be done with this gold; the message says why."""

    code = "gold_refused"
    status = 409


class CalibrationRefused(TouchlineError):
    """A pause, resumption or decision that does not fit where the person stands, or says no why."""

    code = "calibration_refused"
    status = 409


class ToleranceFrozen(TouchlineError):
    """The guideline's version has its tolerances; the next one may set others."""

    code = "tolerance_frozen"
    status = 409


class PlanStale(TouchlineError):
    """Somebody changed the plan or datasheet meanwhile. Field ``version``: the present one."""

    code = "plan_stale"
    status = 409


class NothingToJudge(TouchlineError):
    """No accepted segment is left to draw, or the one named is not there to be judged."""

    code = "nothing_to_judge"
    status = 409


class JudgementMalformed(TouchlineError):
    """A judgement names a slot that the segment does not have, or leaves one out."""

    code = "judgement_malformed"
    status = 400


class ReportNotReady(TouchlineError):
    """The release has no quality report yet, or its checks failed."""

    code = "report_not_ready"
    status = 409


class ReportStale(TouchlineError):
    """Something changed since the report. Fields ``report``: the newest, ``gates`` that differ."""

    code = "report_stale"
    status = 409


class ReleaseSigned(TouchlineError):
    """The release is signed; its report stands."""

    code = "release_signed"
    status = 409


class GatesNotMet(TouchlineError):
    """A release cannot be signed without a reason. Field ``gates``: those that are not met."""

    code = "gates_not_met"
    status = 409


class NothingToCompare(TouchlineError):
    """No comparison is left under a filter."""

    code = "nothing_to_compare"
    status = 409


class SamplingRefused(TouchlineError):
    """The plan cannot be drawn, or the batch is at another step. The message says which."""

    code = "sampling_refused"
    status = 409

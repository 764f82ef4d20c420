"""What can go wrong with clocks and embodiments; HTTP meets these in config.errors."""

from episodes.errors import TouchlineError


class ReasonMissing(TouchlineError):
    """Decisions and corrections say why."""

    code = "reason_missing"
    status = 422


class NotMeasured(TouchlineError):
    """There is no measurement of the clocks as they are now."""

    code = "not_measured"
    status = 409


class NothingToCorrect(TouchlineError):
    """The measurement proposes no correction, or there is none to take back."""

    code = "nothing_to_correct"
    status = 409


class CameraUnknown(TouchlineError):
    """The episode has no such camera."""

    code = "camera_unknown"
    status = 404


class EmbodimentUnknown(TouchlineError):
    """There is no such embodiment, or no such template."""

    code = "embodiment_unknown"
    status = 404


class EmbodimentInvalid(TouchlineError):
    """A name that is taken, two dimensions of one name, a unit that the quantity is never in."""

    code = "embodiment_invalid"
    status = 422

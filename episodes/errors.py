"""Domain errors: a code, fields and a remedy; HTTP meets them once, in config.errors."""

from typing import Any, ClassVar


class TouchlineError(Exception):
    """A fact that stops a request, an import or a task.

    ``code`` is stable and for machines, the message names the thing, ``remedy`` says what to do,
    ``fields`` are JSON-ready facts for the caller. ``status`` is the HTTP status it maps to.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, remedy: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.fields = fields

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that the answer needs, e.g. Retry-After."""
        return {}


class FormatUnknown(TouchlineError):
    """No registered format recognises the folder."""

    code = "format_unknown"
    status = 422


class FormatConflict(TouchlineError):
    """Two formats share an id, or a plug-in does not load."""

    code = "format_conflict"
    status = 500


class DatasetBroken(TouchlineError):
    """The dataset as a whole cannot be read; no episode of it can come in."""

    code = "dataset_broken"
    status = 422


class PathOutsideDataset(TouchlineError):
    """A path in the dataset's metadata leaves the dataset's folder."""

    code = "path_outside_dataset"
    status = 422


class AnswersNeeded(TouchlineError):
    """The dataset does not say something that it cannot be read without; ``questions`` ask it."""

    code = "answers_needed"
    status = 422


class AnswerInvalid(TouchlineError):
    """An answer fits no question, or not the kind of answer that its question wants."""

    code = "answer_invalid"
    status = 422


class EpisodeBroken(TouchlineError):
    """One episode cannot be read. Readers turn it into a BrokenEpisode; the rest goes on."""

    code = "episode_broken"
    status = 422

    def __init__(self, reason: str, message: str, *, remedy: str) -> None:
        super().__init__(message, remedy=remedy, reason=reason)
        self.reason = reason


class EpisodeUnknown(TouchlineError):
    """The dataset lists no episode of that key."""

    code = "episode_unknown"
    status = 404


class ImportRefused(TouchlineError):
    """The import cannot start: a folder that is not allowed, or a name already taken."""

    code = "import_refused"
    status = 409


class ImportNotRunning(TouchlineError):
    """The import is over: it can neither be paused nor resumed."""

    code = "import_not_running"
    status = 409


class ImportNotAllowed(TouchlineError):
    """This person may not bring recordings in."""

    code = "import_not_allowed"
    status = 403


class ExportFailed(TouchlineError):
    """A release could not be written whole; nothing of it is left behind."""

    code = "export_failed"
    status = 409


class UploadRefused(TouchlineError):
    """The archive is too large, of the wrong kind, or unsafe to unpack."""

    code = "upload_refused"
    status = 422


class UploadOutOfStep(TouchlineError):
    """The chunk does not follow the bytes stored so far; ``received`` says where to go on."""

    code = "upload_out_of_step"
    status = 409


class UploadDamaged(TouchlineError):
    """The bytes received are not the bytes announced."""

    code = "upload_damaged"
    status = 422


class ImportUnknown(TouchlineError):
    """There is no such import, or none that this person may know of."""

    code = "import_unknown"
    status = 404


class DatasetUnknown(TouchlineError):
    """There is no such dataset, or none that this person may know of."""

    code = "dataset_unknown"
    status = 404


class UploadUnknown(TouchlineError):
    """There is no such upload of this person's."""

    code = "upload_unknown"
    status = 404


class ChangeNotAllowed(TouchlineError):
    """This person may not change the facts of these episodes or of this dataset."""

    code = "change_not_allowed"
    status = 403


class TaskUnknown(TouchlineError):
    """No episode that this person may see carries out such a task."""

    code = "task_unknown"
    status = 404


class TaskMalformed(TouchlineError):
    """A task's goals, things or phrases are not of the agreed shape."""

    code = "task_malformed"
    status = 400


class TooManyEpisodes(TouchlineError):
    """More episodes than one request changes."""

    code = "too_many_episodes"
    status = 409


class TooManyFilters(TouchlineError):
    code = "too_many_filters"
    status = 409


class FilterUnknown(TouchlineError):
    """There is no such saved filter of this person's."""

    code = "filter_unknown"
    status = 404

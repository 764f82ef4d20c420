"""What can go wrong when media are asked for; HTTP meets these in config.errors."""

from episodes.errors import TouchlineError


class NotSignedIn(TouchlineError):
    """The address needs a signed-in person; scripts get this instead of the log-in page."""

    code = "not_signed_in"
    status = 401


class StreamUnknown(TouchlineError):
    """There is no such stream or signal, or none that this person may know of."""

    code = "stream_unknown"
    status = 404


class MediaMissing(TouchlineError):
    """The database knows a file that the data folder does not hold."""

    code = "media_missing"
    status = 404


class MediaChanged(TouchlineError):
    """A stored file is not the one that was stored: its size or hash differs."""

    code = "media_changed"
    status = 409


class AssetsGone(OSError):
    """A video was tidied away before a row named it. It passes: the import keeps it anew."""


class NotIndexed(TouchlineError):
    """The video's frame index is not made yet."""

    code = "not_indexed"
    status = 409


class PathOutsideData(TouchlineError):
    """A stored path leaves the data folder."""

    code = "path_outside_data"
    status = 403


class RangeNotSatisfiable(TouchlineError):
    """The byte range lies beyond the file, or is not one single range."""

    code = "range_not_satisfiable"
    status = 416

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Range": f"bytes */{self.fields['size']}"}


class OutsideEpisode(TouchlineError):
    """The bytes belong to other episodes in the same file."""

    code = "outside_episode"
    status = 403


class PackProfileUnknown(TouchlineError):
    """There is no fallback profile of that name."""

    code = "pack_profile_unknown"
    status = 404


class PacksFailed(TouchlineError):
    """The fallback pictures could not be made."""

    code = "packs_failed"
    status = 422


class StorageUnavailable(TouchlineError):
    """The object storage does not answer, or refuses its keys."""

    code = "storage_unavailable"
    status = 503

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "10"}


class QueueUnavailable(TouchlineError):
    """The message broker does not answer, so that no work can be started."""

    code = "queue_unavailable"
    status = 503

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "10"}

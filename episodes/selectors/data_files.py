"""Where things lie below the data folder. Names are relative, content-addressed and immutable."""

from pathlib import Path, PurePosixPath

from django.conf import settings

from episodes.media_errors import MediaMissing, PathOutsideData


def data_path(name: str) -> Path:
    """The file of a stored relative name; raises PathOutsideData when it leaves the data folder."""
    root = Path(settings.TOUCHLINE_DATA_DIR)
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        root = root.resolve()
    if not name or path == root or not path.is_relative_to(root):
        raise PathOutsideData(
            f"{name!r} is not a file of the data folder",
            remedy="Import the dataset again; stored paths are not meant to be edited.",
        )
    return path


def existing_file(name: str) -> Path:
    """``data_path`` of a file that has to be there; raises MediaMissing."""
    path = data_path(name)
    if not path.is_file():
        raise MediaMissing(
            f"the file {PurePosixPath(name).name} is not in the data folder",
            remedy="Restore it from a backup, or import the dataset again.",
        )
    return path


def asset_name(sha256: str) -> str:
    return f"media/{sha256[:2]}/{sha256}.mp4"


def cache_name(sha256: str) -> str:
    return f"cache/media/{sha256}.mp4"


def index_name(sha256: str) -> str:
    return f"index/{sha256[:2]}/{sha256}.json.gz"


def _slice_name(sha256: str, start_frame: int, frames: int) -> str:
    return f"{sha256[:2]}/{sha256}/{start_frame}-{frames}"


def sprite_name(sha256: str, start_frame: int, frames: int) -> str:
    return f"sprites/{_slice_name(sha256, start_frame, frames)}.jpg"


def poster_name(sha256: str, start_frame: int, frames: int) -> str:
    return f"posters/{_slice_name(sha256, start_frame, frames)}.jpg"


def still_name(sha256: str, start_frame: int, frames: int, position: int) -> str:
    return f"stills/{_slice_name(sha256, start_frame, frames)}/{position}.jpg"


def packs_name(sha256: str, start_frame: int, frames: int, profile: str) -> str:
    return f"packs/{_slice_name(sha256, start_frame, frames)}/{profile}"

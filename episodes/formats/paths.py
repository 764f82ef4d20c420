"""Paths of somebody else's: filled in without str.format, kept inside the dataset, in order."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from episodes.errors import DatasetBroken, PathOutsideDataset

# str.format would reach attributes and honour absurd widths; LeRobot's templates need neither.
_FIELD = re.compile(r"\{([a-z_]+)(?::0?(\d{1,2})d?)?\}")


def fill(template: str, fields: Mapping[str, str | int]) -> str:
    """The template with ``{name}`` and ``{name:03d}`` replaced.

    Raises DatasetBroken for a field the template may not have or for stray braces.
    """

    def value(match: re.Match[str]) -> str:
        name, width = match.group(1), match.group(2)
        if name not in fields:
            raise _bad_template(template)
        found = fields[name]
        return f"{found:0{width}d}" if width and isinstance(found, int) else str(found)

    parts = _FIELD.split(template)
    if any("{" in literal or "}" in literal for literal in parts[::3]):
        raise _bad_template(template)
    return _FIELD.sub(value, template)


def _bad_template(template: str) -> DatasetBroken:
    return DatasetBroken(
        f"The path template “{template}” in meta/info.json cannot be filled in.",
        remedy="Use the placeholders of the LeRobot format, such as {video_key}.",
    )


def natural(path: Path | str) -> list[tuple[int, str]]:
    """Orders bag_2 before bag_10."""
    parts = re.findall(r"\d+|\D+", str(path))
    return [(int(part[:18]), part) if part.isdecimal() else (-1, part) for part in parts]


def confined(root: Path, relative: str) -> Path:
    """The file ``relative`` names below ``root``, links resolved.

    Raises PathOutsideDataset when it is absolute, climbs with ``..``, or a link leads out.
    """
    path = PurePosixPath(relative)
    inside = not path.is_absolute() and ".." not in path.parts
    inside = inside and "\\" not in relative and "\0" not in relative
    resolved = root
    try:
        resolved = (root / path).resolve() if inside else root
    except (RuntimeError, OSError):  # a circle of links, a name too long
        inside = False
    # The resolved path has no links: below ``root`` as it is written, it is below the real one.
    inside = inside and (resolved.is_relative_to(root) or resolved.is_relative_to(root.resolve()))
    if not inside:
        raise PathOutsideDataset(
            f"The path “{relative}” leaves the dataset's folder.",
            remedy=(
                "Put the file inside the dataset and correct its metadata; where links lead"
                " out, copy the dataset with its links resolved (cp -rL)."
            ),
            path=relative,
        )
    return resolved


def has_bytes(path: Path) -> bool:
    """Whether a regular file with content is there; a name no file system takes is not."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False

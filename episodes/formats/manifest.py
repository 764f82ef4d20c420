"""The manifest of an export: every file with its size and sha256, and a check against it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from episodes.export_records import ExportedFile

MANIFEST = "manifest.json"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listed_files(root: Path, known: dict[str, str]) -> tuple[ExportedFile, ...]:
    """Every file below ``root`` but the manifest; ``known`` has sha256 by path already computed."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    names = [path.relative_to(root).as_posix() for path in paths]
    return tuple(
        ExportedFile(name, path.stat().st_size, known.get(name) or sha256_of(path))
        for path, name in zip(paths, names, strict=True)
        if name != MANIFEST
    )


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def problems(root: Path) -> Iterator[str]:
    """What differs from the manifest: files missing, changed or not listed. Nothing when whole."""
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    listed = {entry["path"]: entry for entry in manifest["files"]}
    present = {file.path: file for file in listed_files(root, {})}
    for path, entry in listed.items():
        if path not in present:
            yield f"{path} is missing"
        elif present[path].sha256 != entry["sha256"]:
            yield f"{path} has other bytes than the manifest says"
    for path in present.keys() - listed.keys():
        yield f"{path} is not in the manifest"

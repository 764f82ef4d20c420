"""What comes between the database's start and the first page, in one process: Django loads once."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command


def static_signature() -> str:
    """Changes when any static file of any app does: path, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            state = os.stat(storage.path(path))
            digest.update(f"{path}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> None:
    """Collect the static files unless they are the ones collected last time."""
    root = Path(settings.STATIC_ROOT)
    stamp = root.parent / f"{root.name}.collected"
    signature = static_signature()
    if stamp.exists() and stamp.read_text() == signature and root.is_dir():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(signature)


def main(migrated: Path, seed_report: Path, *, demo: bool) -> None:
    """Migrate and collect, and mark that in a file; then seed, keeping what the seed says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    collect_static()
    migrated.touch()
    if demo:
        with seed_report.open("w") as report:
            call_command("seed_demo", stdout=report)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), demo=sys.argv[3] == "demo")
    except CommandError as error:
        sys.exit(str(error))

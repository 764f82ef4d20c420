"""The measured side of the import bench: a process that imports as a worker does.

Settings come from the environment; the last line printed is the result, JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from episodes.selectors.imports import open_items  # noqa: E402
from episodes.services.imports import plan_import  # noqa: E402
from episodes.services.imports_items import import_item  # noqa: E402

AFTER = (100, 1000, 10_000)
LONGEST_S = 900.0


def items(root: Path) -> Iterator[int]:
    """Import the dataset under a name of its own, an episode at a time; how many are in."""
    run = plan_import(path=root, name=f"bench {time.time_ns()}")
    for number, item_id in enumerate(open_items(run), start=1):
        item = import_item(item_id=item_id)
        if item.episode is None:
            raise SystemExit(f"{item.key}: {item.reason}")
        yield number


def timed(root: Path) -> dict[str, float]:
    """With nothing stored, in a worker that has imported before: the small set beside ``root``."""
    call_command("flush", interactive=False, verbosity=0)
    for _ in items(root.parent / "warm"):
        pass
    begin, wall = time.process_time(), time.perf_counter()
    count = sum(1 for _ in items(root))
    spent = time.process_time() - begin
    return {"cpu_s": spent, "wall_s": time.perf_counter() - wall, "episodes": count}


def grown(root: Path) -> dict[str, float]:
    """Resident bytes after so many episodes, and after the last one there was time for."""
    sizes: dict[str, float] = {}
    begin, done = time.perf_counter(), 0
    for done in items(root):
        if done in AFTER:
            sizes[str(done)] = resident_bytes()
        if time.perf_counter() - begin > LONGEST_S:
            break
    return {**sizes, "episodes": done, "last": resident_bytes()}


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main(job: str, root: Path) -> None:
    result: dict[str, Any] = {}
    if job == "prepare":
        call_command("migrate", verbosity=0)
    else:
        result = {"import": timed, "grow": grown}[job](root)
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

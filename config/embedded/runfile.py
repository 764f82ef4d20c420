"""The facts of the running stack: written by the supervisor, read by settings and commands."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


def run_file() -> Path:
    """Where the facts lie, whatever the data folder: commands find them without being told."""
    return Path(os.environ.get("TOUCHLINE_RUN_FILE") or CHECKOUT / ".touchline" / "run.json")


def born(pid: int) -> int:
    """When a process started, in clock ticks since boot; 0 if none. With the pid it is unique."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


@dataclass(frozen=True)
class Child:
    """A process that the supervisor started."""

    pid: int
    born: int

    @classmethod
    def of(cls, pid: int) -> Child:
        return cls(pid, born(pid))

    def is_running(self) -> bool:
        """True while that very process runs, not another that was given its number."""
        return self.born != 0 and born(self.pid) == self.born


@dataclass
class RunFacts:
    """One running stack, its secret key and broker's password included: for its owner only."""

    supervisor: Child
    address: str
    data_dir: str
    database_url: str
    redis_url: str
    secret_key: str
    children: dict[str, Child] = field(default_factory=dict)

    def write(self, path: Path | None = None) -> None:
        """Replace the file in one step: a reader sees the old facts or the new."""
        target = path or run_file()
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".run-", dir=target.parent)
        with os.fdopen(handle, "w") as stream:
            json.dump(asdict(self), stream, indent=1)
        os.replace(name, target)


def read(path: Path | None = None) -> dict[str, Any]:
    """The facts as they were written; empty when there are none."""
    try:
        found = json.loads((path or run_file()).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def read_facts(path: Path | None = None) -> RunFacts | None:
    """The facts as a record; None when there are none or another version wrote them."""
    found = read(path)
    try:
        children = {name: Child(**child) for name, child in found.pop("children").items()}
        return RunFacts(Child(**found.pop("supervisor")), children=children, **found)
    except (KeyError, TypeError):
        return None

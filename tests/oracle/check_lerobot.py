"""Does a release open with LeRobot's own reader, and does it say there what the labels say?

``make check-lerobot`` runs this without arguments: it releases the demo, generated sets of other
formats (lerobot_exports.py) and, where they are on this machine, the real Unitree G1 recordings
with made-up labels, and reads each release back. Then it
spoils what it expects by one frame and makes sure that the reader objects.
``make check-lerobot RELEASE=FOLDER`` checks an unpacked release instead: the folder that holds
meta/info.json. Its labels are then taken from its own meta/annotations.jsonl.

LeRobot is no dependency of Touchline. Its code runs in an environment of its own, made on first use
in the user's cache and never in the checkout. The recipe, for CPython 3.11 to 3.13:

    pip install torch==2.13.0             # the CPU build, where pip is told of one: the default
                                          # build brings gigabytes of CUDA libraries
    pip install lerobot-dataset==0.4.4    # the dataset part's dependencies
    pip install --no-deps torchvision==0.28.0
    pip install --no-deps lerobot==0.4.4
    pip install "accelerate<2" draccus==0.10.0 "einops<0.9" "gymnasium<2"
    HF_HUB_OFFLINE=1

pip reports version conflicts, because upstream does not support this combination. lerobot_reader.py
fills two gaps: operators of torchvision that reading never calls, and its video reader, which is
gone upstream, by PyAV. Metadata, index, parquet, subtasks, timestamps and the choice of frames
within LeRobot's tolerance are LeRobot's own code.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

BASE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(BASE))

from annotation.labels.schema import core_schema  # noqa: E402
from episodes.export_records import LabelledEpisode, ReleaseRecord  # noqa: E402
from episodes.formats import open_dataset  # noqa: E402
from episodes.formats.lerobot_source import LeRobotSource  # noqa: E402
from episodes.formats.lerobot_v30_writer import write_classic  # noqa: E402
from episodes.records import EpisodeRecord, StreamRecord  # noqa: E402
from tests.oracle.lerobot_exports import EXPORTS, exported  # noqa: E402

RECIPE: tuple[tuple[str, ...], ...] = (
    ("torch==2.13.0",),
    ("lerobot-dataset==0.4.4",),
    ("--no-deps", "torchvision==0.28.0"),
    ("--no-deps", "lerobot==0.4.4"),
    ("accelerate<2", "draccus==0.10.0", "einops<0.9", "gymnasium<2"),
)
READER = Path(__file__).with_name("lerobot_reader.py")
SHARED = BASE.parent / "shared" / "data"
Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A source to release with these labels, by episode key."""

    name: str
    source: Path
    labels: dict[str, list[Json]]


def environment(folder: Path) -> Path:
    """The Python of the throw-away environment, made unless it stands for this very recipe."""
    stamp = folder / "recipe.sha256"
    wanted = hashlib.sha256(repr(RECIPE).encode()).hexdigest()
    python = folder / "bin" / "python"
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"Making an environment with LeRobot 0.4.4 in {folder} (about 2 GB) ...", flush=True)
    venv.create(folder, clear=True, with_pip=True)
    for step in RECIPE:
        # Conflicts are expected and only warned about; a step that fails raises.
        subprocess.run([python, "-m", "pip", "install", "--quiet", *step], check=True)
    stamp.write_text(wanted)
    return python


def frame_of(time_ns: int, rate: tuple[int, int], frames: int) -> int:
    """The frame nearest to a time, halves up; written here anew, so as not to trust the writer."""
    numerator, denominator = time_ns * rate[0], 1_000_000_000 * rate[1]
    return min(max((2 * numerator + denominator) // (2 * denominator), 0), frames - 1)


def expected_columns(labels: Iterable[Json], rate: tuple[int, int], frames: int) -> Json:
    """What each frame of an episode has to say, from its labels alone."""
    classes = core_schema().classes
    codes = {
        kind: {
            one.id: code
            for code, one in enumerate((c for c in classes if c.kind.value == kind), start=1)
        }
        for kind in ("instant", "outcome")
    }
    contacts: list[Any] = [0] * frames
    subtasks = [""] * frames
    outcome = ""
    for label in labels:
        if label["kind"] == "outcome":
            outcome = label["label_class"]
        elif label["kind"] == "instant":
            at = frame_of(label["start_ns"], rate, frames)
            code = codes["instant"][label["label_class"]]
            contacts[at] = [*contacts[at], code] if contacts[at] else [code]
        elif label["kind"] == "segment":
            first = frame_of(label["start_ns"], rate, frames + 1)
            last = frame_of(label["end_ns"], rate, frames + 1)
            subtasks[first:last] = [label["text"]] * (last - first)
    return {
        "contacts": contacts,
        "subtasks": subtasks,
        "outcome": [codes["outcome"].get(outcome, 0)] * frames,
        "success": [False] * (frames - 1) + [outcome == "outcome_success"],
    }


def first_frame(stream: StreamRecord) -> int:
    return round(stream.from_ns * stream.rate.num / (stream.rate.den * 1_000_000_000))


def expectation(root: Path, source: Path, labels: dict[str, list[Json]]) -> Json:
    """What LeRobot has to find in ``root``: labels as given, pictures and tasks of ``source``."""
    episodes = []
    for found in open_dataset(source).episodes():
        if not isinstance(found, EpisodeRecord):
            raise SystemExit(f"{source}: {found.key} is broken: {found.message}")
        if found.key not in labels:
            continue
        rate = (found.rate.num, found.rate.den)
        episodes.append(
            {
                "key": found.key,
                "frames": found.frames,
                "task": found.task,
                "cameras": [
                    {
                        "feature": stream.source_key,
                        "path": str(stream.path),
                        "first_frame": first_frame(stream),
                    }
                    for stream in found.streams
                    if isinstance(stream, StreamRecord)
                ],
                **expected_columns(labels[found.key], rate, found.frames),
            }
        )
    return {"root": str(root), "episodes": episodes}


def released(case: Case, out: Path) -> Json:
    """Write the case's release, and what has to be found in it."""
    reader = open_dataset(case.source)
    if not isinstance(reader, LeRobotSource):
        raise SystemExit(f"{case.source} is no LeRobot dataset.")
    schema = core_schema().to_json()
    write_classic(
        reader,
        [LabelledEpisode(key, tuple(labels)) for key, labels in case.labels.items()],
        out,
        ReleaseRecord(case.name, "2026-01-01T00:00:00Z", schema),
    )
    return expectation(out, case.source, case.labels)


def own_release(folder: Path) -> Json:
    """What an unpacked release says of itself in its sidecar."""
    lines = (folder / "meta" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    keys = [entry.key for entry in open_dataset(folder).listing()]
    entries = [json.loads(line) for line in lines]
    labels = {key: entry["labels"] for key, entry in zip(keys, entries, strict=True)}
    return expectation(folder, folder, labels)


def other_sources(folder: Path) -> list[tuple[str, Json]]:
    """Releases of sources that are not LeRobot, each with what has to be found in it.

    Pictures are compared with those of the release's own videos, which are coded anew; that these
    are the source's is a matter of tests/pure/formats/test_lerobot_export.py.
    """
    found = []
    for one in EXPORTS:
        out, labels, signals = exported(one, made_up, folder)
        expected = expectation(out, out, labels)
        for episode, values in zip(expected["episodes"], signals, strict=True):
            episode["signals"] = values
        found.append((f"{one.name} as LeRobot", expected))
    return found


def demo_case() -> Case | None:
    """The demo's recordings with the labels that its physics gave."""
    truths = sorted((BASE / "demo").rglob("truth.jsonl"))
    if not truths:
        return None
    infos = sorted((BASE / "demo").rglob("meta/info.json"))
    source = infos[0].parents[1]
    entries = [json.loads(line) for line in truths[0].read_text(encoding="utf-8").splitlines()]
    keys = [entry.key for entry in open_dataset(source).listing()]
    labels = {keys[entry["episode_index"]]: entry["labels"] for entry in entries}
    return Case("demo", source, labels)


def made_up(episode: EpisodeRecord) -> list[Json]:
    """Three segments, a contact at each boundary and at both ends, alternating outcomes."""
    cuts = [0, episode.frames // 3, 2 * episode.frames // 3, episode.frames]
    times = [episode.rate.time_ns(frame) for frame in cuts]
    texts = ("reach for the bottle", "grasp the bottle", "lift the bottle")
    marks = ("first_contact", "grasp_closed", "lift_off", "release")
    at = [*times[:3], episode.rate.time_ns(episode.frames - 1)]

    def label(kind: str, name: str, start: int | None, end: int | None, text: str = "") -> Json:
        return {
            "id": str(uuid5(NAMESPACE_OID, f"{episode.key} {kind} {name} {start}")),
            "kind": kind,
            "label_class": name,
            "start_ns": start,
            "end_ns": end,
            "effector": "" if kind == "outcome" else "right",
            "text": text,
            "attributes": {},
            "uncertainty_ns": 0,
            "source": "human",
        }

    outcome = ("outcome_success", "outcome_failure")[episode.index % 2]
    return [
        *(label("segment", "instruction", times[i], times[i + 1], texts[i]) for i in range(3)),
        *(label("instant", mark, time, None) for mark, time in zip(marks, at, strict=True)),
        label("outcome", outcome, None, None),
    ]


def real_cases() -> list[Case]:
    cases = []
    for name in ("unitree_g1_lerobot_v30", "unitree_g1_lerobot_v21"):
        source = SHARED / name
        if source.is_dir():
            found = open_dataset(source).episodes()
            labels = {e.key: made_up(e) for e in found if isinstance(e, EpisodeRecord)}
            cases.append(Case(name, source, labels))
    return cases


def read_back(python: Path, expected: Json, folder: Path) -> list[str]:
    """Problems that LeRobot's reader has with a release."""
    wanted = folder / "expected.json"
    wanted.write_text(json.dumps(expected), encoding="utf-8")
    run = subprocess.run(
        [python, READER, wanted],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = run.stdout.splitlines()
    if run.returncode not in (0, 1) or not lines or not lines[-1].startswith("["):
        return [f"LeRobot stopped: {run.stderr.strip()[-2000:]}"]
    found: list[str] = json.loads(lines[-1])
    return found


def spoiled(expected: Json) -> Json:
    """The same with the first contact, and the first camera's pictures, one frame later."""
    copy: Json = json.loads(json.dumps(expected))
    first = copy["episodes"][0]
    first["contacts"] = [0, *first["contacts"][:-1]]
    first["cameras"][0]["first_frame"] += 1
    return copy


def report(title: str, expected: Json, problems: list[str], seconds: float) -> None:
    frames = sum(one["frames"] for one in expected["episodes"])
    cameras = {c["feature"] for one in expected["episodes"] for c in one["cameras"]}
    print(
        f"{title}: {len(expected['episodes'])} episodes, {frames} frames, {len(cameras)} "
        f"camera(s): {'FAILED' if problems else 'ok'} in {seconds:.1f} s",
        flush=True,
    )
    for problem in problems:
        print(f"  {problem}")


def main(arguments: Sequence[str]) -> int:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description="Open releases with LeRobot's own reader.")
    parser.add_argument("release", nargs="*", type=Path, help="folder that holds meta/info.json")
    parser.add_argument("--venv", type=Path, default=cache / "touchline" / "lerobot-0.4.4")
    given = parser.parse_args(arguments)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="touchline-lerobot-") as name:
        temporary = Path(name)
        todo: list[tuple[str, Json]] = [(str(one), own_release(one)) for one in given.release]
        if not todo:
            cases = [case for case in (demo_case(), *real_cases()) if case is not None]
            todo = [(case.name, released(case, temporary / case.name)) for case in cases]
            todo += other_sources(temporary)
        python = environment(given.venv)
        for title, expected in todo:
            began = time.monotonic()
            problems = read_back(python, expected, temporary)
            report(title, expected, problems, time.monotonic() - began)
            failed += bool(problems)
        objections = read_back(python, spoiled(todo[0][1]), temporary)
        if not all(any(word in one for one in objections) for word in ("contact", "picture")):
            print("FAILED: the reader does not notice labels and pictures one frame off.")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

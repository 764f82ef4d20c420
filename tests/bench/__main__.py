"""make bench: every bench in turn, each writing its own file in bench-results/."""

import subprocess
import sys
import time
from pathlib import Path

# Downloads everything anew; it has its own command, `make bench-setup`.
NOT_HERE = {"bench_setup"}


def main() -> int:
    failed = []
    names = [path.stem for path in sorted(Path(__file__).parent.glob("bench_*.py"))]
    for name in (name for name in names if name not in NOT_HERE):
        began = time.monotonic()
        print(f"\n=== {name}", flush=True)
        # A process each: one bench's threads and caches are not another's.
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False)
        print(f"=== {name}: {time.monotonic() - began:.0f} s", flush=True)
        if done.returncode != 0:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

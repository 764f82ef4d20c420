"""make simulate: what the statistics promise, and what simulation finds. Fails on a broken promise.

python -m tests.simulate [--quick]
"""

import sys
import time
from collections.abc import Iterator

from tests.simulate import coverage, lots, sequential
from tests.simulate.promise import Promise


def sections(scale: int) -> Iterator[tuple[str, Iterator[Promise]]]:
    """``scale`` divides the number of runs."""
    yield "95% one-sided bounds of a rate", coverage.promises(10_000 // scale)
    yield "Qualification (SPRT), independent labels", sequential.sprt_promises(10_000 // scale)
    yield "Qualification (SPRT), clustered", sequential.sprt_clustered_promises(4_000 // scale)
    yield "Drift (CUSUM)", sequential.cusum_promises(2_000 // scale)
    yield "Batches", lots.promises(2_000 // scale)


def main() -> int:
    scale = 10 if "--quick" in sys.argv[1:] else 1
    missed = kept = 0
    for title, promises in sections(scale):
        began = time.monotonic()
        print(f"\n{title}", flush=True)
        for promise in promises:
            print(f"  {promise}", flush=True)
            missed, kept = missed + (not promise.kept), kept + promise.kept
        print(f"  {time.monotonic() - began:.0f} s")
    short = coverage.bootstrap_coverage(0.95, 0.3, 50, 400 // scale)
    print(f"\nFor comparison: percentile bootstrap, 0.95, ICC 0.3, 50 episodes: {short:.3f}")
    print(f"\n{kept} promises kept, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

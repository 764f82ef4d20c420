"""python -m config.embedded up | status | stop"""

import argparse
import os
import signal
import sys

from config.embedded import processes, runfile
from config.embedded.errors import EmbeddedError
from config.embedded.supervisor import up

STOP_SECONDS = 60.0


def status() -> int:
    """Say what runs. 0 while it does."""
    facts = runfile.read_facts()
    if facts is None or not facts.supervisor.is_running():
        print("Touchline is not running. Start it with `make run`.")
        return 1
    print(f"Touchline runs at {facts.address} (pid {facts.supervisor.pid}).")
    for name, child in facts.children.items():
        print(f"  {name}: {'up' if child.is_running() else 'down'} (pid {child.pid})")
    print(f"  data and logs: {facts.data_dir}")
    return 0


def stop() -> int:
    """Stop the running stack and wait for its end."""
    facts = runfile.read_facts()
    if facts is None or not facts.supervisor.is_running():
        print("Touchline is not running.")
        return 0
    try:
        os.kill(facts.supervisor.pid, signal.SIGTERM)
    except PermissionError:
        raise EmbeddedError(
            f"Touchline (pid {facts.supervisor.pid}) was started by another user.",
            remedy="Stop it as that user.",
        ) from None
    if not processes.wait_until_gone(facts.supervisor.pid, STOP_SECONDS):
        raise EmbeddedError(f"Touchline (pid {facts.supervisor.pid}) does not stop.")
    print("Stopped.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("command", choices=["up", "status", "stop"])
    command = parser.parse_args().command
    try:
        return {"up": up, "status": status, "stop": stop}[command]()
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

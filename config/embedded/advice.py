"""What a command says when the database or the broker is away."""

from __future__ import annotations

import os

from django.db.utils import OperationalError as DatabaseError
from kombu.exceptions import OperationalError as BrokerError

from config.embedded import runfile


def advice(error: DatabaseError | BrokerError) -> str:
    """One line with the remedy; empty when the server is there and the error is another one."""
    if isinstance(error, DatabaseError):
        # Whatever a server answers carries an SQLSTATE; a connection that fails does not.
        if getattr(error.__cause__, "sqlstate", None) is not None:
            return ""
        name, variable = "PostgreSQL", "DATABASE_URL"
    else:
        name, variable = "Valkey", "REDIS_URL"
    if os.environ.get(variable):
        reason = str(error).strip().splitlines() or [""]
        return f"{name} does not answer at the address in {variable}: {reason[0].strip()}"
    facts = runfile.read_facts()
    if facts and facts.supervisor.is_running():
        return f"{name} is not running, though Touchline is: see the logs in {facts.data_dir}/logs."
    return f"{name} is not running: start it with `make run`, or set {variable}."

"""docker-compose.yml without Docker: its services' own command lines on this machine's programs.

What Docker would provide is put in its place and nothing else: host names become 127.0.0.1 with
free ports, mounted paths become folders, PostgreSQL's is initialised with the file's arguments.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.embedded import ports, processes, valkey
from config.embedded.accounts import Account, server_account
from config.embedded.postgres import binaries_for
from tests.config.nginx import TEMPLATE, nginx_binary

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = CHECKOUT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?::([-?])([^}]*))?\})")
_MOUNTS = {
    "/var/lib/touchline": "data",
    "/var/run/postgresql": "pgrun",
    "/data": "broker",
    "/tmp": "tmp",
}
_PATH = re.compile(rf"(?<![\w.-])(?:{'|'.join(_MOUNTS)})(?![\w-])")


def interpolate(value: Any, variables: dict[str, str]) -> Any:
    """Compose's own interpolation: ${NAME}, ${NAME:-default}, ${NAME:?message}, $$."""
    if isinstance(value, dict):
        return {key: interpolate(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolate(each, variables) for each in value]
    if not isinstance(value, str):
        return value

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        if said := variables.get(found[2]):
            return said
        if found[3] == "?":
            raise KeyError(found[4])
        return found[4] or ""

    return _VARIABLE.sub(replace, value)


def services(variables: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The services as compose would start them."""
    found = interpolate(yaml.safe_load(COMPOSE_FILE.read_text()), variables)
    assert isinstance(found["services"], dict)
    return found["services"]


@dataclass
class Composed:
    """The whole application on this machine, in one folder."""

    folder: Path
    variables: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    port: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.account: Account | None = server_account()
        self.postgres = binaries_for(self.account, self.folder / "bin")
        self.services = services(self.variables)
        self.port = {name: ports.free_port() for name in ("db", "broker", "web", "nginx")}
        for name in ("data", "pgdata", "pgrun", "broker", "tmp"):
            (self.folder / name).mkdir(mode=0o700)
            if self.account and name.startswith("pg"):
                self.account.own(self.folder / name)

    def here(self, text: str) -> str:
        """A word of the file with container paths and host names replaced by this machine's."""
        for name, port in (("db", 5432), ("broker", 6379), ("web", 8000)):
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.port[name]}")
        return _PATH.sub(lambda found: str(self.folder / _MOUNTS[found[0]]), text)

    def environment(self, service: str) -> dict[str, str]:
        programs = [
            sysconfig.get_path("scripts"),
            str(self.postgres.folder),
            str(valkey.find_binary().parent),
            os.environ["PATH"],
            "/usr/sbin",
        ]
        given = self.services[service].get("environment", {})
        return {
            **{name: self.here(str(value)) for name, value in given.items()},
            "PATH": os.pathsep.join(programs),
            "HOSTNAME": socket.gethostname(),
            "PGDATA": str(self.folder / "pgdata"),
            "PGPORT": str(self.port["db"]),
            "PGHOST": str(self.folder / "pgrun"),
            "VALKEY_PORT": str(self.port["broker"]),
            "TOUCHLINE_BIND": f"127.0.0.1:{self.port['web']}",
            "TOUCHLINE_NGINX_LISTEN": str(self.port["nginx"]),
            "TOUCHLINE_RUN_FILE": os.devnull,
            "STATIC_ROOT": str(self.folder / "static"),
        }

    def command(self, service: str) -> list[str]:
        return [self.here(word) for word in self.services[service]["command"]]

    def start(self, service: str) -> None:
        """Start the service by its own command line."""
        command = self.command(service)
        environment = self.environment(service)
        if service == "nginx":
            command = self._render_nginx(command, environment)
        program = shutil.which(command[0], path=environment["PATH"])
        assert program is not None, command[0]
        self.running[service] = processes.spawn(
            [program, *command[1:]],
            log=self.log(service),
            on_parent_death=signal.SIGKILL,
            account=self.account if service == "db" else None,
            env=environment,
            cwd=Path("/") if service == "db" else CHECKOUT,
        )

    def run(self, service: str) -> int:
        """Run a service that ends by itself; its exit code."""
        self.start(service)
        return self.running[service].wait(120)

    def log(self, service: str) -> Path:
        return self.folder / f"{service}.log"

    def _render_nginx(self, command: list[str], environment: dict[str, str]) -> list[str]:
        # The image's entry point: envsubst over the names that the filter lets through.
        only = re.compile(environment["NGINX_ENVSUBST_FILTER"])
        text = TEMPLATE.read_text()
        for name, value in environment.items():
            if only.search(name):
                text = text.replace(f"${{{name}}}", value)
        target = Path(environment["NGINX_ENVSUBST_OUTPUT_DIR"]) / "nginx.conf"
        target.write_text(text)
        nginx_binary()
        if os.geteuid() == 0:
            # The container's user owns the data; here that is root, whom workers would leave.
            command = [*command[:-1], f"user root; {command[-1]}"]
        return command

    def healthy(self, service: str) -> bool:
        """The service's health check, run as Docker would run it."""
        test = self.services[service]["healthcheck"]["test"]
        words = ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
        done = subprocess.run(
            [self.here(word) for word in words],
            cwd=CHECKOUT,
            env=self.environment(service),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode == 0

    def initialise_database(self) -> None:
        """What the image does on an empty volume."""
        environment = self.environment("db")
        password = self.folder / "tmp" / "pw"
        password.write_text(environment["POSTGRES_PASSWORD"])
        (self.folder / "tmp").chmod(0o711)
        if self.account:
            self.account.own(password)
        command = [
            str(self.postgres.folder / "initdb"),
            *("--username", environment["POSTGRES_USER"], "--pwfile", str(password)),
            *("--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"),
            *environment["POSTGRES_INITDB_ARGS"].split(),
        ]
        who = self.account
        subprocess.run(
            command,
            env=environment,
            cwd="/",
            user=who.uid if who else None,
            group=who.gid if who else None,
            extra_groups=[] if who else None,
            check=True,
            capture_output=True,
        )

    def stop(self) -> None:
        steps = dict.fromkeys(self.running, (signal.SIGTERM, 10.0))
        steps["db"] = (signal.SIGINT, 10.0)
        for name, process in self.running.items():
            if process.poll() is None:
                process.send_signal(steps[name][0])
        for name, process in self.running.items():
            processes.stop(process, steps[name])

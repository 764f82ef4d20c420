"""Where a webhook may point: an address that anybody could reach, not the inside of our network.

OWASP "Server Side Request Forgery Prevention": the name is resolved once, every address of it must
be public, and the request goes to the address that was checked.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from annotation.errors import WebhookRefused

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """``url`` with the host's name replaced by ``address``; ``host`` goes into the headers."""

    url: str
    host: str
    name: str


def checked(url: str) -> None:
    """Refuse what is no web address. Raises WebhookRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("It is no web address.") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _refused("It must begin with https:// or http:// and name a host.")
    if parts.username or parts.password:
        raise _refused("It must hold no user name and no password; the signature shows who sends.")
    if port == 0:
        raise _refused("Port 0 is none.")


def resolve(url: str, *, private_allowed: bool) -> Target:
    """The address to connect to. Raises WebhookRefused when there is none or a private one."""
    checked(url)
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused(f"There is no host named {name}.") from None
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    inside = [one for one in addresses if not one.is_global]
    if inside and not private_allowed:
        raise _refused(f"{name} is {inside[0]}, which is not a public address.")
    address = addresses[0]
    literal = f"[{address}]" if address.version == 6 else str(address)
    query = f"?{parts.query}" if parts.query else ""
    host = name if port == _PORTS[parts.scheme] else f"{name}:{port}"
    return Target(f"{parts.scheme}://{literal}:{port}{parts.path or '/'}{query}", host, name)


def _refused(why: str) -> WebhookRefused:
    return WebhookRefused(
        f"Nothing can be sent there. {why}",
        remedy="Give an https address that is reachable from the internet, or ask whoever operates "
        "Touchline to allow private addresses (TOUCHLINE_WEBHOOK_PRIVATE).",
    )

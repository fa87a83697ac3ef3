"""Say how a cluster is reached, and whether that is safe.

Takes what the command line says, gives a Contact, or refuses it: Dask's protocol runs whatever it is sent, so nothing
beyond this machine is spoken to without TLS. Imports no Dask.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from unmix.errors import UsageError


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a cluster: a `scheduler`, else `workers` on this machine; the files are PEM's."""

    scheduler: str = ""
    workers: int = 0
    ca: str = ""
    certificate: str = ""
    key: str = ""
    insecure: bool = False
    patience: float = 60.0  # seconds without any worker


def check_contact(contact: Contact) -> None:
    """Refuse to speak to a scheduler that anybody on the way could take the place of. Raises UsageError."""
    if not contact.scheduler:
        return
    scheme, host, port = _parts(contact.scheduler)
    if scheme not in ("tcp", "tls") or not host or not port:
        raise UsageError(
            f"{contact.scheduler}: no address of a scheduler; write tls://host:8786 or tcp://127.0.0.1:8786"
        )
    if scheme == "tcp" and not _is_loopback(host) and not contact.insecure:
        raise UsageError(
            f"{contact.scheduler}: without TLS whoever is on the network can run programs here and on every worker; "
            "use tls://, or say --insecure where nobody else is"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(address: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or 0
    except ValueError:
        return "", "", 0

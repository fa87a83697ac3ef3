"""Open what `unmix fleet` works with: the list, the folder for what is kept, the order, the processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unmix.fleet.cluster import ClusterPool
    from unmix.fleet.job import Action, Order
    from unmix.fleet.listing import Repository
    from unmix.fleet.local import LocalPool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says to all three commands."""

    list_: str
    config: Path | None
    work: Path
    fresh: bool
    jobs: int | None
    timeout: float
    retries: int
    formats: Sequence[tuple[str, str]]
    scheduler: str | None
    cluster: int | None
    tls_ca: str | None
    tls_cert: str | None
    tls_key: str | None
    insecure: bool
    no_worker_timeout: float


def open_list(named: str) -> tuple[Repository, ...]:
    """Read the repositories of a file, of standard input (`-`), or take a folder for one. Raises UsageError."""
    from unmix.errors import UsageError
    from unmix.fleet.listing import Repository, read_list

    if named == "-":
        return read_list(sys.stdin.read(), Path.cwd(), "standard input")
    path = Path(named)
    if path.is_dir():
        place = str(path.resolve())
        return (Repository(place, place, "", False),)
    try:
        return read_list(path.read_text("utf-8-sig"), path.resolve().parent, named)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"{named}: {reason}; name a list of repositories, or the folder of one") from error


def prepare_folder(work: Path) -> None:
    """Make the folder for clones and state. Raises WriteFailed."""
    from unmix.errors import WriteFailed

    try:
        work.mkdir(parents=True, exist_ok=True)
        ignore = work / ".gitignore"
        if not ignore.exists():
            # It may stand in a repository, and is no part of it.
            ignore.write_text("*\n")
    except OSError as error:
        raise WriteFailed(f"{work}: {error.strerror}; name another folder with --work") from error


def write_order(action: Action, asked: Asked, phase: str | None, history: bool, shard: int) -> Order:
    """Put together what is the same for every repository. Raises what is in the way of the migration file."""
    from datetime import datetime, timezone

    from unmix import __version__
    from unmix.fleet.job import Order

    config, library = None, {}
    if asked.config is not None:
        from unmix.commands.opening import open_engines, open_migration
        from unmix.fleet.library import read_library
        from unmix.workspace import open_workspace

        migration = open_migration(asked.config)
        library = read_library(migration, open_workspace(migration.root, migration.exclude), open_engines(migration))
        config = str(asked.config.resolve()), asked.config.read_text("utf-8-sig")
    return Order(
        action=action,
        version=__version__,
        today=datetime.now(timezone.utc).date().isoformat(),
        work=str(asked.work.resolve()),
        phases=(phase,) if phase else ("add", "rewrite"),
        config=config,
        library=library,
        history=history,
        shard=shard,
    )


def check_branch(branch: str) -> None:
    """Raise UsageError for what git would not take as the name of a branch."""
    from unmix.errors import UsageError
    from unmix.repository import run_git

    answer = run_git(Path.cwd(), "check-ref-format", "--branch", branch)
    if answer is None or answer.status or branch.startswith("@{"):
        raise UsageError(f"{branch}: no name for a branch; name another with --branch")


@contextmanager
def open_pool(order: Order, asked: Asked) -> Iterator[LocalPool | ClusterPool]:
    """Have processes that do jobs, here or on a cluster, and end them. Raises UsageError."""
    from unmix.errors import UsageError

    if asked.scheduler is None and asked.cluster is None:
        from unmix.fleet.local import LocalPool

        with LocalPool(order, asked.jobs or os.cpu_count() or 1, asked.timeout, asked.retries) as pool:
            yield pool
        return
    if asked.scheduler is not None and asked.cluster is not None:
        raise UsageError("--scheduler, --cluster: name a cluster that is there, or have one started; not both")
    from unmix.fleet.contact import Contact, check_contact

    contact = Contact(
        asked.scheduler or "",
        asked.cluster or 0,
        asked.tls_ca or "",
        asked.tls_cert or "",
        asked.tls_key or "",
        asked.insecure,
        asked.no_worker_timeout,
    )
    check_contact(contact)
    from unmix.fleet.cluster import ClusterPool

    with ClusterPool(order, contact, asked.timeout, asked.retries) as cluster:
        yield cluster

"""`unmix fleet`: check, diff or migrate over many repositories."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from unmix.commands.reports import read_known_formats
from unmix.commands.terminal import count, say, show_progress, shows_colours, write_result

if TYPE_CHECKING:
    from unmix.fleet.cluster import ClusterPool
    from unmix.fleet.job import Action, Order
    from unmix.fleet.listing import Repository
    from unmix.fleet.local import LocalPool
    from unmix.fleet.row import Row

FORMATS = ("table", "json", "html")

_Command = TypeVar("_Command", bound=Callable[..., None])


@click.group()
def fleet() -> None:
    """Check, diff or migrate many repositories: one report, a patch or a branch of each.

    LIST is a file with one repository a line, a folder or a URL that git can fetch (`#branch` behind it, if not the
    default one); `-` reads it from standard input; a folder is a list of that one. What is committed is looked at,
    work trees are left alone, and nothing of a repository is executed.

    Each repository has its own migration file, or -c names one for all. Where that stands in the tree of the module
    that was split (the library), repositories that only import the module are served, too.

    \b
    Examples:
        unmix fleet check repositories.txt -c library/unmix.toml
        unmix fleet diff repositories.txt -o patches
        unmix fleet migrate repositories.txt --commit --branch split-db
        unmix fleet check . --jobs 8                         one huge repository

    Stopped at any moment and run again, it goes on where it was. Exits 0 when nothing is left anywhere, 1 when
    something is, 2 when a repository failed.
    """


def _shared(command: _Command) -> _Command:
    """Give a command the options that all three have."""
    options = (
        click.argument("list_", metavar="LIST"),
        click.option(
            "-c", "--config", type=click.Path(path_type=Path), help="One migration file for all repositories."
        ),
        click.option(
            "--work",
            type=click.Path(path_type=Path, file_okay=False),
            default=Path("unmix-fleet"),
            show_default=True,
            help="Clones are kept here, and what is done.",
        ),
        click.option("--fresh", is_flag=True, help="Do everything again, also what is done."),
        click.option(
            "--jobs", "-j", type=click.IntRange(1), metavar="N", help="Processes at once.  [default: one a processor]"
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0.1),
            metavar="SECONDS",
            default=600.0,
            show_default=True,
            help="Give a repository up after this time.",
        ),
        click.option(
            "--retries",
            type=click.IntRange(0),
            metavar="N",
            default=2,
            show_default=True,
            help="How often to try again when a process dies, or a repository cannot be fetched.",
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            callback=lambda context, option, words: read_known_formats(words, FORMATS),
            default=["table"],
            metavar="FORMAT[=FILE]",
            help=f"{', '.join(FORMATS)}; with =FILE it goes there. May be given several times.  [default: table]",
        ),
        click.option(
            "--scheduler", metavar="URL", help="Use this Dask scheduler: tls://host:8786, tcp://127.0.0.1:8786."
        ),
        click.option("--cluster", type=click.IntRange(1), metavar="N", help="Start a Dask cluster of N workers here."),
        click.option("--tls-ca", metavar="FILE", help="For tls://: the authority, as PEM."),
        click.option("--tls-cert", metavar="FILE", help="For tls://: our certificate."),
        click.option("--tls-key", metavar="FILE", help="For tls://: its key."),
        click.option("--insecure", is_flag=True, help="Allow tcp:// to another machine."),
        click.option(
            "--no-worker-timeout",
            type=click.FloatRange(min=1),
            metavar="SECONDS",
            default=60.0,
            show_default=True,
            help="Give the rest up when no Dask worker was there for this time.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@fleet.command(short_help="Find what is left in every repository.")
@_shared
@click.option("--strict", is_flag=True, help="Warnings (UNM010) are something left, too.")
@click.option("--history", is_flag=True, help="Clone the whole history and its tags: UNM007 and UNM008 may need them.")
@click.option(
    "--shard",
    type=click.IntRange(1),
    metavar="N",
    default=200,
    show_default=True,
    help="Survey a repository with more candidate files than this in pieces of so many.",
)
def check(strict: bool, history: bool, shard: int, **shared: Any) -> None:
    """Find the legacy references and broken names of every repository, as `unmix check` does in each.

    \b
    Examples:
        unmix fleet check repositories.txt
        unmix fleet check repositories.txt --format table --format html=fleet.html --format json=fleet.json
    """
    _run("check", _Asked(**shared), strict=strict, history=history, shard=shard)


@fleet.command(short_help="Say what would change; -o: a patch of every repository.")
@_shared
@click.option("--phase", type=click.Choice(["add", "rewrite", "retire"]), help="One phase only.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Write a patch of each into this folder."
)
def diff(phase: str | None, output: Path | None, **shared: Any) -> None:
    """Plan the migration of every repository; with -o as a patch of each, for `git apply`.

    \b
    Examples:
        unmix fleet diff repositories.txt
        unmix fleet diff repositories.txt -o patches
    """
    _run("diff", _Asked(**shared), phase=phase, output=output)


@fleet.command(short_help="Make a branch in every repository.")
@_shared
@click.option("--phase", type=click.Choice(["add", "rewrite", "retire"]), help="One phase only.")
@click.option("--commit", "commits", is_flag=True, help="Needed: says that branches are to be made.")
@click.option("--branch", metavar="NAME", default="unmix", show_default=True, help="The branch in each repository.")
def migrate(phase: str | None, commits: bool, branch: str, **shared: Any) -> None:
    """Make a branch with the migration in every repository, one commit a phase; work trees stay as they are.

    \b
    Examples:
        unmix fleet migrate repositories.txt --commit
        unmix fleet migrate repositories.txt --commit --branch split-db --phase rewrite
    """
    from unmix.errors import UsageError

    if not commits:
        raise UsageError("fleet migrate: makes a branch in every repository; say --commit, or look first: fleet diff")
    _run("migrate", _Asked(**shared), phase=phase, branch=branch)


@dataclass(frozen=True)
class _Asked:
    """The shared options."""

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


def _run(
    what: str,
    asked: _Asked,
    *,
    phase: str | None = None,
    branch: str = "",
    output: Path | None = None,
    strict: bool = False,
    history: bool = False,
    shard: int = 200,
) -> None:
    from unmix.fleet.job import Action, Status
    from unmix.fleet.obtain import harmless_git
    from unmix.fleet.run import run_fleet
    from unmix.fleet.state import State
    from unmix.lock import one_run

    repositories = _read_list(asked.list_)
    work = asked.work.resolve()
    _prepare(work)
    with one_run(work), harmless_git():
        order = _write_order(Action(what), asked, phase, history, shard)
        if branch:
            _check_branch(branch)
        state = State(work / "state.jsonl", order, branch, fresh=asked.fresh)
        try:
            with _open_pool(order, asked, len(repositories)) as pool, show_progress("repositories") as progress:
                rows = run_fleet(order, repositories, pool, state, branch, progress)
        except KeyboardInterrupt:
            say("Stopped. Run the same command again: what is done will not be done again.")
            sys.exit(2)
        finally:
            state.close()
    if strict:
        rows = tuple(row.with_warnings_left() for row in rows)
    if output is not None:
        _write_patches(rows, output)
    _write_reports(asked.formats, what, rows)
    if any(row.outcome.status is Status.FAILED for row in rows):
        sys.exit(2)
    sys.exit(1 if any(row.outcome.status is Status.LEFT for row in rows) else 0)


def _read_list(named: str) -> tuple[Repository, ...]:
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


def _prepare(work: Path) -> None:
    from unmix.errors import WriteFailed

    try:
        work.mkdir(parents=True, exist_ok=True)
        ignore = work / ".gitignore"
        if not ignore.exists():
            # It may stand in a repository, and is no part of it.
            ignore.write_text("*\n")
    except OSError as error:
        raise WriteFailed(f"{work}: {error.strerror}; name another folder with --work") from error


def _write_order(action: Action, asked: _Asked, phase: str | None, history: bool, shard: int) -> Order:
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


def _check_branch(branch: str) -> None:
    from unmix.errors import UsageError
    from unmix.repository import run_git

    answer = run_git(Path.cwd(), "check-ref-format", "--branch", branch)
    if answer is None or answer.status or branch.startswith("@{"):
        raise UsageError(f"{branch}: no name for a branch; name another with --branch")


@contextmanager
def _open_pool(order: Order, asked: _Asked, most: int) -> Iterator[LocalPool | ClusterPool]:
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


def _write_patches(rows: Sequence[Row], output: Path) -> None:
    from unmix.errors import WriteFailed
    from unmix.fleet.job import to_bytes

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteFailed(f"{output}: {error.strerror}; name another folder with -o") from error
    patches = [row for row in rows if row.outcome.patch]
    for row in patches:
        write_result(to_bytes(row.outcome.patch), output / f"{row.repository.label}.patch")
    say(f"{count(len(patches), 'patch').replace('patchs', 'patches')} written to {output}.")


def _write_reports(formats: Sequence[tuple[str, str]], what: str, rows: Sequence[Row]) -> None:
    for form, file in formats:
        if form == "json":
            from unmix.fleet.report_json import render_json

            text = render_json(what, rows)
        elif form == "html":
            from unmix.fleet.report_html import render_html

            text = render_html(what, rows)
        else:
            from unmix.fleet.report_table import render_table

            terminal = not file and sys.stdout.isatty()
            text = render_table(rows, terminal=terminal, colour=terminal and shows_colours(sys.stdout))
        write_result(text.encode("utf-8", "backslashreplace"), Path(file) if file else None)

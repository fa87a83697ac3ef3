"""`unmix fleet`: check, diff or migrate over many repositories."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from unmix.commands.fleet_opening import Asked, check_branch, open_list, open_pool, prepare_folder, write_order
from unmix.commands.reports import read_known_formats
from unmix.commands.terminal import say, show_progress, shows_colours, write_result

if TYPE_CHECKING:
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
    _run("check", Asked(**shared), strict=strict, history=history, shard=shard)


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
    _run("diff", Asked(**shared), phase=phase, output=output)


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
    _run("migrate", Asked(**shared), phase=phase, branch=branch)


def _run(
    what: str,
    asked: Asked,
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

    repositories = open_list(asked.list_)
    work = asked.work.resolve()
    prepare_folder(work)
    with one_run(work), harmless_git():
        order = write_order(Action(what), asked, phase, history, shard)
        if branch:
            check_branch(branch)
        state = State(work / "state.jsonl", order, branch, fresh=asked.fresh)
        try:
            with open_pool(order, asked) as pool, show_progress("repositories") as progress:
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


def _write_patches(rows: Sequence[Row], output: Path) -> None:
    from unmix.errors import WriteFailed
    from unmix.fleet.job import to_bytes

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteFailed(f"{output}: {error.strerror}; name another folder with -o") from error
    number = 0
    for row in rows:
        place = output / f"{row.repository.label}.patch"
        if row.outcome.patch:
            write_result(to_bytes(row.outcome.patch), place)
            number += 1
        else:
            # That of a run before would not fit any more.
            place.unlink(missing_ok=True)
    say(f"{number} {'patch' if number == 1 else 'patches'} written to {output}.")


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

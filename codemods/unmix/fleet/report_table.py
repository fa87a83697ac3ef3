"""A fleet's rows → a table to read, with totals below; repositories with nothing left are in the totals alone."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from unmix.fleet.job import Status
from unmix.fleet.row import Row, Totals, add_up
from unmix.report.plain import plain

_COLOURS = {Status.CLEAN: "green", Status.MIGRATED: "green", Status.LEFT: "yellow", Status.FAILED: "red"}
# Wide enough for what a file or a pipe is to hold unbroken.
_WIDE = 10_000


def render_table(rows: Sequence[Row], *, terminal: bool, colour: bool) -> str:
    """Give the table as wide as the terminal, or as wide as it needs to be where there is none."""
    file = io.StringIO()
    width = shutil.get_terminal_size().columns if terminal else _WIDE
    console = Console(
        file=file, width=width, force_terminal=colour, no_color=not colour, color_system="standard" if colour else None
    )
    told = [row for row in rows if row.outcome.status is not Status.CLEAN]
    if told:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("repository", overflow="fold")
        table.add_column("commit", no_wrap=True)
        table.add_column("state", no_wrap=True)
        for number in ("errors", "warnings", "files"):
            table.add_column(number, justify="right")
        table.add_column("what", overflow="fold")
        for row in told:
            outcome = row.outcome
            table.add_row(
                Text(plain(row.shown)),
                outcome.commit[:10],
                Text(outcome.status.value, style=_COLOURS[outcome.status]),
                *(str(number or "") for number in (outcome.errors, outcome.warnings, outcome.files)),
                Text(plain(describe(row))),
            )
        console.print(table)
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    return "\n".join([*lines, *([""] if told else []), *_say(add_up(rows))]) + "\n"


def describe(row: Row) -> str:
    """Say in a few words what is to be known of a row."""
    said = []
    if row.outcome.branch:
        said.append(f"branch {row.outcome.branch}")
    said += [f"{code} {number}" for code, number in row.codes.items()]
    if row.outcome.reason:
        said.append(row.outcome.reason.splitlines()[0])
    return ", ".join(said)


def _say(totals: Totals) -> Iterator[str]:
    each = [("clean", totals.clean), ("migrated", totals.migrated), ("left", totals.left), ("failed", totals.failed)]
    states = ", ".join(f"{number} {state}" for state, number in each if number)
    yield f"{_count(totals.repositories, 'repository', 'repositories')}: {states}."
    found = [
        *([_count(totals.errors, "error", "errors")] if totals.errors else []),
        *([_count(totals.warnings, "warning", "warnings")] if totals.warnings else []),
        *([_count(totals.files, "file", "files") + " that change"] if totals.files else []),
    ]
    if found:
        yield f"In all {', '.join(found)}."
    if totals.before:
        yield f"{totals.before} of them were done before, at the same commit."


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"

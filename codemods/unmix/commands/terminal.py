"""Speak to the person at the terminal: progress, colours, findings, and output that goes to a file instead."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from unmix.finding import Finding


# Seconds; more often than that nobody sees it.
_BETWEEN_DRAWINGS = 0.1


def count(number: int, noun: str) -> str:
    """Give "1 file", "2 files"."""
    return f"{number} {noun}" + ("s" if number != 1 else "")


def say(line: str) -> None:
    """Write one line to standard error; what it quotes of a file or a name steers neither the terminal nor CI."""
    from unmix.review.visible import make_visible

    shown = make_visible(line)
    # GitHub and Azure carry out lines that begin so, in any output: `::set-output name=…`, `##[command]`.
    armed = shown.lstrip().startswith(("::", "##["))
    click.echo(f"| {shown}" if armed else shown, err=True)


def tell_findings(findings: Sequence[Finding]) -> None:
    """Say on standard error what a person must know, each finding with its hint."""
    for finding in findings:
        say(str(finding))
        if finding.hint:
            say(f"    {finding.hint}")


def write_result(data: bytes, output: Path | None) -> None:
    """Write a command's result to the file `output`, or to standard output. Raises WriteFailed."""
    if output is None:
        sys.stdout.buffer.write(data)
        return
    from unmix.errors import WriteFailed

    try:
        output.write_bytes(data)
    except OSError as error:
        raise WriteFailed(f"{output}: {error.strerror}; make its folder, or name another file") from error


def shows_colours(stream: Any) -> bool:
    """Say whether what is written to `stream` may be coloured: a terminal, and nobody set NO_COLOR."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


@contextmanager
def show_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while files are read, when a person is looking."""
    if not sys.stderr.isatty():
        from unmix.one_by_one import nobody

        yield nobody
        return
    from rich.console import Console
    from rich.progress import Progress

    # Drawn when there is news, not by a thread: a process with threads cannot be forked safely.
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(what, total=None)
        drawn = 0.0

        def show(done: int, of: int) -> None:
            nonlocal drawn
            bar.update(task, completed=done, total=of)
            if monotonic() - drawn > _BETWEEN_DRAWINGS or done == of:
                bar.refresh()
                drawn = monotonic()

        yield show

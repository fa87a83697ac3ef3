"""Changes and findings → text for people.

Takes changes and findings, gives one string for a terminal; patch.py is for programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from unmix.change import FileChange
from unmix.finding import Finding, Severity
from unmix.review.hunks import Hunk, find_hunks
from unmix.review.visible import decode_line, make_visible

_COLOURS = {"-": "red", "+": "green"}


def render_text(changes: Sequence[FileChange], findings: Sequence[Finding], *, colour: bool) -> str:
    """Give a summary line, a unified diff of each file, and the findings with what to do about them."""
    real = [change for change in changes if change.before != change.after]
    parts = [_summary(real)]
    parts += ["\n".join(_file_lines(change, None, colour=colour)) for change in real]
    if findings:
        parts.append("\n".join(_finding_lines(findings, colour=colour)))
    return "\n\n".join(parts) + "\n"


def render_hunks(change: FileChange, hunks: Sequence[Hunk] | None, *, colour: bool) -> str:
    """Give the unified diff of some hunks of one file; of all of them for None."""
    return "\n".join(_file_lines(change, hunks, colour=colour))


def _summary(changes: Sequence[FileChange]) -> str:
    if not changes:
        return "No file changes."
    added = sum(change.before is None for change in changes)
    deleted = sum(change.after is None for change in changes)
    counts = f"{added} added, {len(changes) - added - deleted} rewritten, {deleted} deleted"
    return f"{_count(len(changes), 'file')} {'changes' if len(changes) == 1 else 'change'}: {counts}"


def _file_lines(change: FileChange, hunks: Sequence[Hunk] | None, *, colour: bool) -> Iterator[str]:
    path = make_visible(change.path)
    yield _styled(f"--- {'/dev/null' if change.before is None else f'a/{path}'}", colour=colour, bold=True)
    yield _styled(f"+++ {'/dev/null' if change.after is None else f'b/{path}'}", colour=colour, bold=True)
    for hunk in find_hunks(change.before or b"", change.after or b"") if hunks is None else hunks:
        yield from _hunk_lines(hunk, colour=colour)


def _hunk_lines(hunk: Hunk, *, colour: bool) -> Iterator[str]:
    yield _styled(hunk.header, colour=colour, fg="cyan")
    # A carriage return is worth showing only where the ends of lines differ.
    end = "\r\n" if all(line.endswith(b"\r\n") for line in hunk.lines) else "\n"
    for line in hunk.lines:
        text = make_visible(decode_line(line).removesuffix(end))
        yield _styled(text, colour=colour, fg=_COLOURS.get(text[0]))
        if not line.endswith(b"\n"):
            yield "\\ No newline at end of file"


def _finding_lines(findings: Sequence[Finding], *, colour: bool) -> Iterator[str]:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    kinds = [_count(errors, "error")] if errors else []
    kinds += [_count(len(findings) - errors, "warning")] if errors < len(findings) else []
    yield f"{_count(len(findings), 'finding')}: {', '.join(kinds)}"
    for finding in sorted(findings):
        yield _styled(make_visible(str(finding)), colour=colour, fg=_weight(finding))
        if finding.hint:
            yield f"    {make_visible(finding.hint)}"


def _weight(finding: Finding) -> str:
    return "red" if finding.severity is Severity.ERROR else "yellow"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _styled(text: str, *, colour: bool, fg: str | None = None, bold: bool | None = None) -> str:
    return click.style(text, fg=fg, bold=bold) if colour else text

"""Findings → text for people: `path:line:column: CODE message`, the source line, a hint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from unmix.finding import Severity
from unmix.instance import Instance
from unmix.report.plain import plain


def render_text(instances: Sequence[Instance], known: int, *, colour: bool) -> str:
    """Give each finding with its source line, and a line that counts them; `known` ones more are not told."""
    return "".join(line + "\n" for line in _lines(instances, known, colour=colour))


def count_findings(instances: Sequence[Instance], known: int) -> str:
    """Give "1 error, 2 warnings.", or what is good news where there is none."""
    if not instances:
        return f"Nothing new is found; {known} known." if known else "No legacy reference is left."
    errors = sum(instance.finding.severity is Severity.ERROR for instance in instances)
    warnings = len(instances) - errors
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}."


def _lines(instances: Sequence[Instance], known: int, *, colour: bool) -> Iterator[str]:
    for instance in instances:
        finding = instance.finding
        head = f"{plain(finding.path)}:{finding.line}:{finding.column}:"
        code = finding.code
        if colour:
            head = click.style(head, bold=True)
            code = click.style(code, fg="red" if finding.severity is Severity.ERROR else "yellow")
        yield f"{head} {code} {plain(finding.message)}"
        if instance.source:
            yield f"    {plain(instance.source)}"
        if finding.hint:
            yield f"    hint: {plain(finding.hint)}"
    yield count_findings(instances, known)

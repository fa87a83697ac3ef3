"""Findings → text for people: `path:line:column: CODE message`, the source line, a hint."""

from __future__ import annotations

from collections.abc import Sequence

import click

from unmix.errors import UnreadableSource
from unmix.finding import Finding, Severity
from unmix.workspace import Workspace


def render_text(findings: Sequence[Finding], workspace: Workspace, *, colour: bool) -> str:
    """Give each finding with its source line, and a line that counts them."""
    lines: list[str] = []
    for finding in findings:
        head = f"{finding.path}:{finding.line}:{finding.column}:"
        code = f"{finding.code}"
        if colour:
            head = click.style(head, bold=True)
            code = click.style(code, fg="red" if finding.severity is Severity.ERROR else "yellow")
        lines.append(f"{head} {code} {_printable(finding.message)}")
        source = _source_line(finding, workspace)
        if source:
            lines.append(f"    {_printable(source)}")
        if finding.hint:
            lines.append(f"    hint: {_printable(finding.hint)}")
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = len(findings) - errors
    if not findings:
        lines.append("No legacy reference is left.")
    else:
        lines.append(f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}.")
    return "".join(line + "\n" for line in lines)


def _source_line(finding: Finding, workspace: Workspace) -> str:
    try:
        lines = workspace.read(finding.path).text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except UnreadableSource:
        return ""
    return lines[finding.line - 1].strip() if finding.line <= len(lines) else ""


def _printable(text: str) -> str:
    """Show control characters as escapes: a file of another's must not speak to the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

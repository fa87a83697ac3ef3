"""Check the shims of a project, on this day and with its git history at hand."""

from __future__ import annotations

from datetime import datetime, timezone

import click

from unmix.commands.opening import Project
from unmix.finding import Finding
from unmix.record import Record
from unmix.shim_check import check_shims


def shim_findings(project: Project) -> tuple[Finding, ...]:
    """Give the findings of the shims that stand; what could not be told goes to standard error."""
    today = datetime.now(timezone.utc).date()
    record = Record(project.migration.root)
    report = check_shims(project.migration, project.workspace, project.engines, record, today)
    for note in report.notes:
        click.echo(f"{project.migration.path.name}: {note}", err=True)
    return report.findings

"""`unmix check`: fail while a legacy reference is left."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unmix.commands.opening import open_project
from unmix.commands.options import config_option
from unmix.commands.terminal import show_progress, shows_colours
from unmix.finding import Severity


@click.command()
@config_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings (UNM010) fail, too.")
def check(config: Path | None, form: str, strict: bool) -> None:
    """Fail while a legacy reference is left, or an import or export names what nothing defines.

    For CI, before and after the migration. `unmix explain UNM001` says what a code means.
    """
    from unmix.check import check_tree
    from unmix.commands.shims import shim_findings
    from unmix.report import json, text

    project = open_project(config)
    with show_progress("reading") as progress:
        findings = check_tree(project.migration, project.workspace, project.engines, progress)
    findings = tuple(sorted({*findings, *shim_findings(project)}))
    if form == "json":
        click.echo(json.render_json(findings), nl=False)
    else:
        click.echo(text.render_text(findings, project.workspace, colour=shows_colours(sys.stdout)), nl=False)
    failing = [finding for finding in findings if strict or finding.severity is Severity.ERROR]
    sys.exit(1 if failing else 0)

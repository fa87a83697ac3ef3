"""`unmix migrate`: write the parts and the shim, rewrite every call site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import open_project, plan_project
from unmix.commands.options import config_option
from unmix.commands.terminal import count, tell_findings
from unmix.errors import DirtyFiles
from unmix.finding import Severity

if TYPE_CHECKING:
    from unmix.plan import Plan


@click.command()
@config_option
@click.option(
    "--phase", type=click.Choice(["add", "rewrite", "retire"]), help="Do one phase only; by default the first two."
)
@click.option("--allow-dirty", is_flag=True, help="Also change files that have uncommitted changes.")
def migrate(config: Path | None, phase: str | None, allow_dirty: bool) -> None:
    """Write the parts, leave the shim at the old path, rewrite every call site: all files or none.

    Running it twice changes nothing the second time. What cannot be decided from the code is left on the shim, where it
    keeps working, and is named. Exits 0 when everything was done, 1 when errors are left.
    """
    from unmix.apply import apply_changes
    from unmix.workspace import dirty_paths

    project = open_project(config)
    root = project.migration.root
    plan = plan_project(project, phase)
    failing = any(finding.severity is Severity.ERROR for finding in plan.findings)
    if not plan.changes:
        click.echo(f"Nothing to change: {'what is left is for you' if failing else 'the migration is done'}.", err=True)
    else:
        rewritten = [change.path for change in plan.changes if change.before is not None]
        dirty = () if allow_dirty else dirty_paths(root, rewritten)
        if dirty:
            raise DirtyFiles(
                "\n".join(f"{path}: has changes that are not committed" for path in dirty)
                + "\ncommit or stash them, or say --allow-dirty"
            )
        apply_changes(root, plan.changes)
        _summarize(plan)
    tell_findings(plan.findings)
    sys.exit(1 if failing else 0)


def _summarize(plan: Plan) -> None:
    """Say on standard error what was written."""
    gone = [change.path for change in plan.changes if change.after is None]
    if gone:
        changed = [change.path for change in plan.changes if change.after is not None]
        besides = f", {count(len(changed), 'file')} changed with it ({', '.join(changed)})" if changed else ""
        click.echo(f"{', '.join(gone)} retired{besides}.", err=True)
        return
    added = [change.path for change in plan.changes if change.before is None]
    shims = [relocation.path for relocation in plan.relocations]
    rewritten = [change.path for change in plan.changes if change.before is not None and change.path not in shims]
    said = [f"{count(len(added), 'part')} written ({', '.join(added)})"] if added else []
    said.append(f"{count(len(rewritten), 'file')} rewritten")
    stands = f"; a shim stands at {', '.join(shims)}" if shims else ""
    click.echo(", ".join(said) + stands + ".", err=True)

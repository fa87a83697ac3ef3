"""`unmix migrate`: write the parts and the shim, rewrite every call site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import Project, open_project, plan_project
from unmix.commands.options import config_option
from unmix.commands.terminal import count, say, tell_findings

if TYPE_CHECKING:
    from unmix.commit import Committer
    from unmix.plan import Plan


@click.command()
@config_option
@click.option(
    "--phase", type=click.Choice(["add", "rewrite", "retire"]), help="Do one phase only; by default the first two."
)
@click.option("--interactive", "-i", is_flag=True, help="Ask hunk by hunk, as `git add -p` does.")
@click.option("--allow-dirty", is_flag=True, help="Also change files that have uncommitted changes.")
@click.option("--verify", "verifies", is_flag=True, help="Verify each phase as `unmix verify` does: executes the code!")
@click.option("--python", metavar="PYTHON", help="The interpreter for --verify; see `unmix verify --help`.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="For --verify.")
@click.option("--commit", "commits", is_flag=True, help="Make one git commit a phase, without hooks.")
@click.option("--branch", metavar="NAME", help="Commit on a new branch; implies --commit.")
def migrate(
    config: Path | None,
    phase: str | None,
    interactive: bool,
    allow_dirty: bool,
    verifies: bool,
    python: str | None,
    timeout: float,
    commits: bool,
    branch: str | None,
) -> None:
    """Write the parts, leave the shim at the old path, rewrite every call site: all files or none.

    Running it twice changes nothing the second time. What cannot be decided from the code is left on the shim, where it
    keeps working, and is named. Exits 0 when everything was done, 1 when errors are left.

    What would be written is always parsed and its imports are looked up first; nothing of the project is executed. With
    --verify each phase is verified by executing it before the next one starts, and undone when that fails.

    
    Examples:
        unmix migrate                       both phases in one step
        unmix migrate --verify --commit     phase by phase, each verified and committed
        unmix migrate --phase retire        take the shim away, once nothing needs it
    """
    from unmix.apply import apply_changes
    from unmix.errors import UsageError
    from unmix.finding import Severity

    if interactive and (verifies or commits or branch or phase == "retire"):
        raise UsageError("--interactive: writes once, at the end; verify and commit after it, or leave it out")
    project = open_project(config)
    plan = plan_project(project, phase)
    findings = plan.findings
    done = not plan.changes
    if not done:
        committer = _committer(project.migration.root, branch) if commits or branch else None
        _guard(project.migration.root, plan, allow_dirty=allow_dirty, commits=committer is not None)
        if verifies or committer:
            from unmix.commands.phases import Manner, carry_out
            from unmix.verify import Interpreters

            manner = Manner(Interpreters(python) if verifies else None, timeout, committer)
            plans = carry_out(config, [phase] if phase else ["add", "rewrite"], manner)
            findings = tuple(sorted({finding for each in plans for finding in each.findings}))
        else:
            if interactive:
                plan = _ask(project, phase)
                findings = plan.findings
            apply_changes(project.migration.root, plan.changes)
        if plan.changes:
            _summarize(plan)
    failing = any(finding.severity is Severity.ERROR for finding in findings)
    if done:
        click.echo(f"Nothing to change: {'what is left is for you' if failing else 'the migration is done'}.", err=True)
    tell_findings(findings)
    sys.exit(1 if failing else 0)


def _ask(project: Project, phase: str | None) -> Plan:
    """Make the plan of what a person wants of a migration. What is declined is left on the shim, where it works."""
    from unmix.commands.asking import Questions
    from unmix.plan import Plan

    questions = Questions()
    parts = plan_project(project, "add") if phase != "rewrite" else None
    if parts is not None and parts.changes and not questions.wants_split(parts.changes):
        click.echo("Nothing is written: call sites can be rewritten once there are parts.", err=True)
        return Plan((), (), (), (), 0)
    plan = plan_project(project, phase, questions.choose)
    if questions.declined:
        click.echo(f"{count(questions.declined, 'change')} left out; the shim answers for what stays.", err=True)
    return plan


def _committer(root: Path, branch: str | None) -> Committer:
    from unmix.commit import open_committer

    return open_committer(root, branch)


def _guard(root: Path, plan: Plan, *, allow_dirty: bool, commits: bool) -> None:
    """Raise DirtyFiles when what would be written over, or committed with it, is not in git."""
    from unmix.errors import DirtyFiles
    from unmix.workspace import dirty_paths

    rewritten = [change.path for change in plan.changes if change.before is not None]
    dirty = () if allow_dirty and not commits else dirty_paths(root, rewritten)
    if dirty:
        remedy = "commit or stash them" + ("; a commit would take them along" if commits else ", or say --allow-dirty")
        lines = [f"{path}: has changes that are not committed" for path in dirty]
        raise DirtyFiles("\n".join([*lines, remedy]))


def _summarize(plan: Plan) -> None:
    """Say on standard error what was written."""
    gone = [change.path for change in plan.changes if change.after is None]
    if gone:
        changed = [change.path for change in plan.changes if change.after is not None]
        besides = f", {count(len(changed), 'file')} changed with it ({', '.join(changed)})" if changed else ""
        say(f"{', '.join(gone)} retired{besides}.")
        return
    added = [change.path for change in plan.changes if change.before is None]
    shims = [relocation.path for relocation in plan.relocations]
    rewritten = [change.path for change in plan.changes if change.before is not None and change.path not in shims]
    said = [f"{count(len(added), 'part')} written ({', '.join(added)})"] if added else []
    said.append(f"{count(len(rewritten), 'file')} rewritten")
    stands = f"; a shim stands at {', '.join(shims)}" if shims else ""
    say(", ".join(said) + stands + ".")

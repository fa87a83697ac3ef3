"""Carry out a migration phase by phase: write, verify, commit; a phase that fails its verification is undone."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import open_project, plan_project

if TYPE_CHECKING:
    from unmix.commands.opening import Project
    from unmix.commit import Committer
    from unmix.plan import Plan
    from unmix.verify import Interpreters


@dataclass(frozen=True, slots=True)
class Manner:
    """How a migration is carried out: `verifying` with which interpreters, `committer` when each phase is committed."""

    verifying: Interpreters | None
    seconds: float
    committer: Committer | None


def carry_out(config: Path | None, phases: Sequence[str], manner: Manner) -> tuple[Plan, ...]:
    """Carry out the phases, each planned in the tree that the one before has left; give their plans.

    Ends the command with exit code 1 when a phase fails its verification: it is undone, those before it stay.
    """
    from unmix.apply import apply_changes
    from unmix.undo import undo_phase

    run = secrets.token_hex(8)
    broken = _smoke_before(config, manner)
    before: dict[str, bytes | None] = {}
    done: list[Plan] = []
    for phase in phases:
        project = open_project(config)
        root = project.migration.root
        plan = plan_project(project, phase)
        done.append(plan)
        if not plan.changes:
            continue
        apply_changes(root, plan.changes, run=run)
        for change in plan.changes:
            before.setdefault(change.path, change.before)
        try:
            works = manner.verifying is None or _verify(config, phase, plan, before, broken, manner)
        except BaseException:
            undo_phase(root)
            raise
        if not works:
            undo_phase(root)
            click.echo(f"Phase {phase} was undone: it failed its verification, see above.", err=True)
            sys.exit(1)
        if manner.committer is not None:
            _commit(manner.committer, phase, project, plan)
    return tuple(done)


def _smoke_before(config: Path | None, manner: Manner) -> dict[str, str]:
    """Run the smoke commands in the untouched tree: give those that fail already, with how they end."""
    from unmix.commands.verifying import prepare_smoke, run_verification
    from unmix.verify import Outcome

    project = open_project(config)
    if manner.verifying is None or not project.migration.smoke:
        return {}
    click.echo("Before anything is written, the smoke commands are run.", err=True)
    results = run_verification(prepare_smoke(project, manner.verifying, seconds=manner.seconds), lambda result: None)
    return {result.what: result.detail for result in results if result.outcome is Outcome.FAILED}


def _verify(
    config: Path | None,
    phase: str,
    plan: Plan,
    before: Mapping[str, bytes | None],
    broken: Mapping[str, str],
    manner: Manner,
) -> bool:
    """Verify what is on disk now; whoever was left on the shim, and said so, may use it."""
    from unmix.commands.verifying import prepare_project, render_result, run_verification, summarize
    from unmix.verify import Outcome, Result

    assert manner.verifying is not None
    changed = {change.path for change in plan.changes}
    left = {reference.path for reference in plan.references} - changed | {finding.path for finding in plan.findings}
    verification = prepare_project(
        open_project(config),
        manner.verifying,
        seconds=manner.seconds,
        strict=phase != "add",
        allowed=frozenset(left),
        before=before,
    )

    def judge(result: Result) -> Result:
        if result.kind == "smoke" and broken.get(result.what) == result.detail:
            return replace(result, outcome=Outcome.AS_BEFORE)
        return result

    def show(result: Result) -> None:
        if judge(result).outcome is not Outcome.OK:
            click.echo(render_result(judge(result)), err=True)

    click.echo(f"Phase {phase} is written; now it is verified.", err=True)
    results = [judge(result) for result in run_verification(verification, show)]
    click.echo(f"Phase {phase}: {summarize(results)}", err=True)
    return not any(result.outcome is Outcome.FAILED for result in results)


def _commit(committer: Committer, phase: str, project: Project, plan: Plan) -> None:
    from unmix.commit import write_message
    from unmix.undo import undo_phase

    relocations = plan.relocations or tuple(
        relocation
        for engine in project.engines
        for split in project.migration.splits
        if engine.owns(split.module)
        for relocation in engine.relocations([split], project.workspace)
    )
    try:
        name = committer.commit(plan.changes, write_message(phase, relocations, plan.changes))
    except BaseException:
        undo_phase(project.migration.root)
        click.echo(f"Phase {phase} was undone: it could not be committed.", err=True)
        raise
    click.echo(f"Phase {phase} is commit {name}.", err=True)

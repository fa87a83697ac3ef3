"""`unmix verify`: really load what was moved, run the smoke commands."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import open_project
from unmix.commands.options import config_option
from unmix.commands.terminal import write_result
from unmix.errors import UsageError

if TYPE_CHECKING:
    from unmix.commands.opening import Project
    from unmix.verify import Result, Verification

SECONDS = 60.0


@click.command()
@config_option
@click.option("--python", metavar="PYTHON", help="Its interpreter; by default that of the project's .venv, else ours.")
@click.option("--node", metavar="NODE", help="The Node that loads JavaScript; by default the one on the PATH.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=SECONDS, show_default=True, help="Seconds a step.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--list", "only_list", is_flag=True, help="Say what would be executed, and execute nothing.")
@click.option(
    "--script",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the deployment verification script to this file, and execute nothing.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show also what works.")
def verify(
    config: Path | None,
    python: str | None,
    node: str | None,
    timeout: float,
    form: str,
    only_list: bool,
    script: Path | None,
    verbose: bool,
) -> None:
    """Really import what was moved, then run the smoke commands of the migration file.

    Every part, every changed module and every old name is imported in a fresh interpreter of the project's own
    environment; what these files import by name is looked up; a use of the shim inside the project is a failure. What
    failed in the same way before the migration is none. This is the only command that executes the project's code, and
    it says so before it does.

    \b
    Examples:
        unmix verify                                  after each phase
        unmix verify --script scripts/verify.py       a script that runs without unmix, after a deployment
    """
    from unmix.commands.verifying import prepare_project, render_result, run_verification, summarize
    from unmix.review.visible import make_visible
    from unmix.verify import Interpreters, Outcome

    project = open_project(config)
    if script is not None:
        _write_script(script, project, timeout)
        return
    verification = prepare_project(project, Interpreters(python, node), seconds=timeout)
    if only_list:
        click.echo("\n".join(map(make_visible, verification.says)))
        return

    def show(result: Result) -> None:
        if form == "text" and (verbose or result.outcome is not Outcome.OK):
            click.echo(render_result(result))

    results = run_verification(verification, show)
    if form == "json":
        click.echo(_render_json(verification, results))
    else:
        click.echo(summarize(results))
    failed = any(result.outcome is Outcome.FAILED for result in results)
    sys.exit(1 if failed else 2 if verification.missing else 0)


def _render_json(verification: Verification, results: tuple[Result, ...]) -> str:
    """Give one document: keys are added to it, never renamed."""
    from unmix.verify import Outcome

    document = {
        "version": 1,
        "says": verification.says,
        "missing": verification.missing,
        "results": [{**asdict(result), "outcome": result.outcome.value} for result in results],
        "counts": {outcome.value: sum(result.outcome is outcome for result in results) for outcome in Outcome},
    }
    return json.dumps(document, indent=2)


def _write_script(script: Path, project: Project, seconds: float) -> None:
    """Write the program of one language, told by the suffix where there are several."""
    from unmix.verification import Request
    from unmix.verify import write_programs

    migration = project.migration
    root = os.path.relpath(migration.root, script.resolve().parent)
    request = Request(root=root, smoke=migration.smoke, seconds=seconds)
    programs = write_programs(migration, project.workspace, project.engines, request, smoke_in_each=True)
    fitting = [program for program in programs if program.suffix == script.suffix] or programs[:1]
    if len(programs) > 1 and fitting[0].suffix != script.suffix:
        suffixes = " or ".join(program.suffix for program in programs)
        raise UsageError(f"{script}: the migration is about several languages; let the name end in {suffixes}")
    write_result(fitting[0].text.encode("utf-8"), script)

"""The command line: parse, call, print, exit.

Results go to standard output, messages and progress to standard error. Exit codes: 0 done, nothing to report;
1 findings (or a difference, under --exit-code); 2 cannot, and nothing has been written.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unmix import __version__
from unmix.errors import DirtyFiles, MigrationFileError, UnmixError
from unmix.finding import RULES, Severity

if TYPE_CHECKING:
    from unmix.engine import Engine
    from unmix.finding import Finding
    from unmix.migration import Migration
    from unmix.plan import Phase, Plan
    from unmix.workspace import Workspace

CONFIG_HELP = "The migration file; by default unmix.toml (or [tool.unmix] in pyproject.toml) here or above."


class _Group(click.Group):
    """A group whose commands end with exit code 2 and a plain message when unmix cannot go on."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UnmixError as error:
            for line in str(error).splitlines():
                click.echo(line, err=True)
            context.exit(2)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:
            # A defect must not look like findings, which exit 1.
            traceback.print_exc()
            click.echo("This is a defect of unmix; please report it with the lines above.", err=True)
            context.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", "-V", message="unmix %(version)s")
def main() -> None:
    """Split a module that mixes concerns, rewrite every call site, leave a deprecation shim.

    Describe the migration in unmix.toml:

    \b
        [[split]]
        module = "app.db.prisma_retry_wrapper"
        [split.into]
        "app.db.client_wrapper" = ["RetryableClient", "create_retryable_prisma_client"]
        "app.db.retry_utils" = ["*"]        # whatever is not named elsewhere

    \b
    Then, in this order:
        unmix diff        see what would change; nothing is written
        unmix migrate     write it: all files or none
        unmix check       in CI: fail while a legacy reference is left

    \b
    Exit codes: 0 done, nothing to report; 1 findings; 2 cannot (nothing was written).
    """


@main.command()
@click.option("-c", "--config", type=click.Path(path_type=Path), help=CONFIG_HELP)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "patch"]),
    default="text",
    show_default=True,
    help="text is for people; patch is for `git apply`, and gives the very bytes that `migrate` writes.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
@click.option("--phase", type=click.Choice(["add", "rewrite"]), help="Show one phase only.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when there is a difference.")
def diff(config: Path | None, form: str, output: Path | None, phase: str | None, exit_code: bool) -> None:
    """Show what `migrate` would change. Nothing is written but FILE.

    \b
    Examples:
        unmix diff                                  read it
        unmix diff --format patch -o split.patch    hand it on: git apply split.patch
        unmix diff --exit-code                      fail in CI while something is left to migrate
    """
    migration, workspace, engines = _open(config)
    plan = _plan(migration, workspace, engines, phase)
    if form == "patch":
        from unmix.review.patch import render_patch

        data = render_patch(plan.changes)
        _explain(plan.findings)
    else:
        from unmix.review.text import render_text

        data = render_text(plan.changes, plan.findings, colour=output is None and _colours(sys.stdout)).encode(
            "utf-8", "surrogateescape"
        )
    if output is not None:
        _write_output(output, data)
    else:
        sys.stdout.buffer.write(data)
    sys.exit(1 if exit_code and plan.changes else 0)


@main.command()
@click.option("-c", "--config", type=click.Path(path_type=Path), help=CONFIG_HELP)
@click.option("--phase", type=click.Choice(["add", "rewrite"]), help="Do one phase only; both by default.")
@click.option("--allow-dirty", is_flag=True, help="Also change files that have uncommitted changes.")
def migrate(config: Path | None, phase: str | None, allow_dirty: bool) -> None:
    """Write the parts, leave the shim at the old path, rewrite every call site: all files or none.

    Running it twice changes nothing the second time. What cannot be decided from the code is left on the shim, where it
    keeps working, and is named. Exits 0 when everything was done, 1 when errors are left.
    """
    from unmix.apply import apply_changes
    from unmix.workspace import dirty_paths

    migration, workspace, engines = _open(config)
    plan = _plan(migration, workspace, engines, phase)
    if not plan.changes:
        left = any(finding.severity is Severity.ERROR for finding in plan.findings)
        click.echo(f"Nothing to change: {'what is left is for you' if left else 'the migration is done'}.", err=True)
    else:
        rewritten = [change.path for change in plan.changes if change.before is not None]
        dirty = () if allow_dirty else dirty_paths(migration.root, rewritten)
        if dirty:
            raise DirtyFiles(
                "\n".join(f"{path}: has changes that are not committed" for path in dirty)
                + "\ncommit or stash them, or say --allow-dirty"
            )
        apply_changes(migration.root, plan.changes)
        _summarize(plan)
    _explain(plan.findings)
    sys.exit(1 if any(finding.severity is Severity.ERROR for finding in plan.findings) else 0)


@main.command()
@click.option("-c", "--config", type=click.Path(path_type=Path), help=CONFIG_HELP)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings (UNM010) fail, too.")
def check(config: Path | None, form: str, strict: bool) -> None:
    """Fail while a legacy reference is left, or an import or export names what nothing defines.

    For CI, before and after the migration. `unmix explain UNM001` says what a code means.
    """
    from unmix.check import check_tree
    from unmix.report import json, text

    migration, workspace, engines = _open(config)
    with _progress("reading") as progress:
        findings = check_tree(migration, workspace, engines, progress)
    if form == "json":
        click.echo(json.render_json(findings), nl=False)
    else:
        click.echo(text.render_text(findings, workspace, colour=_colours(sys.stdout)), nl=False)
    failing = [finding for finding in findings if strict or finding.severity is Severity.ERROR]
    sys.exit(1 if failing else 0)


@main.command()
@click.option("-c", "--config", type=click.Path(path_type=Path), help=CONFIG_HELP)
def undo(config: Path | None) -> None:
    """Put the tree back, byte for byte, as it was before the last `migrate`; also after a crash.

    Refuses, and names the files, when they were edited since.
    """
    from unmix.migration import find_migration_file
    from unmix.undo import undo_last

    path = config if config is not None else find_migration_file(Path.cwd())
    restored = undo_last(path.resolve().parent)
    click.echo(f"{len(restored)} files put back." if restored else "There is nothing to undo.", err=True)


@main.command()
@click.argument("code", type=click.Choice(sorted(RULES), case_sensitive=False), metavar="CODE")
def explain(code: str) -> None:
    """Say what a finding's CODE means and what to do about it."""
    rule = RULES[code.upper()]
    click.echo(f"{rule.code}: {rule.title} ({rule.severity.value})\n\n{rule.help}")


def _open(config: Path | None) -> tuple[Migration, Workspace, tuple[Engine, ...]]:
    """Read the migration file and the tree around it. Raises MigrationFileError when the file itself has mistakes."""
    from unmix.migration import find_migration_file, read_migration
    from unmix.python.engine import PythonEngine
    from unmix.workspace import open_workspace

    path = config if config is not None else find_migration_file(Path.cwd())
    migration, mistakes = read_migration(path)
    workspace = open_workspace(migration.root, migration.exclude)
    engines: tuple[Engine, ...] = (PythonEngine(migration),)
    if mistakes:
        # What does not fit the tree is told in the same breath: nobody likes to mend a file mistake by mistake.
        from unmix.plan import find_mistakes

        mistakes = tuple(sorted({*mistakes, *find_mistakes(migration, workspace, engines)}))
        raise MigrationFileError(tuple(f"{path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    return migration, workspace, engines


def _plan(migration: Migration, workspace: Workspace, engines: tuple[Engine, ...], phase: str | None) -> Plan:
    from unmix.plan import Phase, find_mistakes, make_plan

    mistakes = find_mistakes(migration, workspace, engines)
    if mistakes:
        raise MigrationFileError(tuple(f"{migration.path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    phases: tuple[Phase, ...] = (Phase(phase),) if phase else (Phase.ADD, Phase.REWRITE)
    with _progress("reading") as progress:
        return make_plan(migration, workspace, engines, phases, progress)


def _summarize(plan: Plan) -> None:
    """Say on standard error what was written."""
    added = [change.path for change in plan.changes if change.before is None]
    shims = [relocation.path for relocation in plan.relocations]
    rewritten = [change.path for change in plan.changes if change.before is not None and change.path not in shims]
    said = [f"{_count(len(added), 'part')} written ({', '.join(added)})"] if added else []
    said.append(f"{_count(len(rewritten), 'file')} rewritten")
    stands = f"; a shim stands at {', '.join(shims)}" if shims else ""
    click.echo(", ".join(said) + stands + ".", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("s" if number != 1 else "")


def _explain(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        click.echo(f"{finding}" + (f"\n    {finding.hint}" if finding.hint else ""), err=True)


def _write_output(output: Path, data: bytes) -> None:
    from unmix.errors import WriteFailed

    try:
        output.write_bytes(data)
    except OSError as error:
        raise WriteFailed(f"{output}: {error.strerror}; name another file with -o") from error


def _colours(stream: Any) -> bool:
    import os

    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def _show_nothing(done: int, of: int) -> None:
    """Take the place of a progress bar where nobody looks."""


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while files are read, when a person is looking."""
    if not sys.stderr.isatty():
        yield _show_nothing
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        yield show

"""`unmix check`: fail while a legacy reference is left."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import Project, open_project
from unmix.commands.options import config_option
from unmix.commands.reports import FORMATS, read_formats, write_reports
from unmix.commands.terminal import count, show_progress

if TYPE_CHECKING:
    from unmix.finding import Finding
    from unmix.instance import Instance, Key
    from unmix.workspace import Workspace


@click.command()
@config_option
@click.option(
    "--format",
    "formats",
    multiple=True,
    callback=read_formats,
    default=["text"],
    metavar="FORMAT[=FILE]",
    help=f"{', '.join(FORMATS)}; with =FILE it goes there. May be given several times.  [default: text]",
)
@click.option("--since", metavar="REV", help="Tell only what this branch adds: what was not there at REV.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tell only what is not in this file; entries that are no longer true are listed.",
)
@click.option("--update-baseline", is_flag=True, help="Make the --baseline file, or take out of it what was mended.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep in this folder which contents were searched in vain, for the next run.",
)
@click.option("--strict", is_flag=True, help="Warnings (UNM010) and stale entries of the baseline fail, too.")
def check(
    config: Path | None,
    formats: Sequence[tuple[str, str]],
    since: str | None,
    baseline: Path | None,
    update_baseline: bool,
    cache: Path | None,
    strict: bool,
) -> None:
    """Fail while a legacy reference is left, or an import or export names what nothing defines.

    For CI, before and after the migration. `unmix explain UNM001` says what a code means.

    \b
    Examples:
        unmix check
        unmix check --since origin/main                          what a pull request adds
        unmix check --baseline unmix-baseline.json               known findings pass, new ones fail
        unmix check --format github --format sarif=unmix.sarif   several reports at once
    """
    from unmix.check import check_tree
    from unmix.commands.shims import shim_findings
    from unmix.errors import UsageError
    from unmix.finding import Severity
    from unmix.instance import list_instances
    from unmix.processes import in_processes

    if update_baseline and baseline is None:
        raise UsageError("--update-baseline: says no file; name one with --baseline FILE")
    project = open_project(config, cache)
    with show_progress("reading") as progress:
        findings = check_tree(project.migration, project.workspace, project.engines, progress, in_processes)
    findings = tuple(sorted({*findings, *shim_findings(project)}))
    instances: Sequence[Instance] = list_instances(findings, project.workspace)
    told = instances
    stale: Mapping[Key, int] = {}
    if since is not None:
        told = _not_there_at(since, instances, project)
    if baseline is not None:
        new, stale = _not_in(baseline, instances, update=update_baseline)
        told = [instance for instance in told if instance in new]
    write_reports(formats, told, project.migration.root, len(instances) - len(told), strict=strict)
    _tell_stale(stale, baseline)
    _tell_more(told, since, len(instances) - len(told))
    failing = [i for i in told if strict or i.finding.severity is Severity.ERROR]
    sys.exit(1 if failing or (strict and stale) else 0)


def _not_there_at(revision: str, instances: Sequence[Instance], project: Project) -> Sequence[Instance]:
    from unmix.baseline import compare
    from unmix.check import check_files
    from unmix.commands.shims import shim_findings
    from unmix.since import known_since

    def find(paths: Collection[str], then: Workspace) -> set[Finding]:
        found = check_files(paths, project.migration, then, project.engines)
        shims = shim_findings(project._replace(workspace=then))
        return {*found, *(finding for finding in shims if finding.path in paths)}

    return compare(instances, known_since(instances, revision, project.migration, find)).new


def _not_in(baseline: Path, instances: Sequence[Instance], *, update: bool) -> tuple[set[Instance], Mapping[Key, int]]:
    """Give the instances that are not in the baseline file, and its stale entries; write the file if asked to."""
    from unmix.baseline import compare, count_keys, read_baseline, render_baseline, shrink
    from unmix.commands.terminal import write_result

    if update and not baseline.exists():
        known = count_keys(instances)
        write_result(render_baseline(known).encode("utf-8", "surrogatepass"), baseline)
        click.echo(f"{baseline}: made, with {count(sum(known.values()), 'finding')}.", err=True)
        return set(), {}
    known = read_baseline(baseline)
    compared = compare(instances, known)
    if not update or not compared.stale:
        return set(compared.new), compared.stale
    left = shrink(known, compared.stale)
    write_result(render_baseline(left).encode("utf-8", "surrogatepass"), baseline)
    mended = sum(compared.stale.values())
    click.echo(f"{baseline}: {count(mended, 'finding')} taken out, {sum(left.values())} left.", err=True)
    return set(compared.new), {}


def _tell_stale(stale: Mapping[Key, int], baseline: Path | None) -> None:
    from unmix.report.plain import plain

    for key, number in stale.items():
        times = f" ({number} times)" if number > 1 else ""
        said = f"{plain(key.path)}: {key.code} {plain(key.old)}{times}: {plain(key.source)}"
        click.echo(f"{baseline}: stale: {said}", err=True)
    if stale:
        click.echo(f"{baseline}: take them out with --update-baseline, so that none comes back unseen.", err=True)


def _tell_more(told: Sequence[Instance], since: str | None, known: int) -> None:
    """Say on standard error what was left out, and what to do about the rest."""
    if known:
        where = f"there at {since} already, or in the baseline" if since else "in the baseline"
        click.echo(f"{count(known, 'finding')} not told: {where}.", err=True)
    if told:
        codes = " ".join(sorted({instance.finding.code for instance in told}))
        first = codes.partition(" ")[0]
        click.echo(f"Found: {codes}. `unmix explain {first}` says what a code means and what to do.", err=True)

"""`unmix init`: propose how to split a module, as a migration file to edit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import name_module, open_engines, open_settings
from unmix.commands.terminal import show_progress, write_result
from unmix.errors import UnsafeSplit, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unmix.impact.measure import Impact
    from unmix.migration import Migration
    from unmix.proposal.explain import ProposedPart
    from unmix.workspace import Workspace


@click.command()
@click.argument("module")
@click.option("--parts", type=click.IntRange(2, 6), help="How many parts; by default as many as fit the module best.")
@click.option("--print", "shown", is_flag=True, help="Show the proposal instead of writing unmix.toml.")
def init(module: str, parts: int | None, shown: bool) -> None:
    """Propose how to split MODULE, and write it to unmix.toml, with the reasons, for you to edit.

    Definitions belong together when they need each other, are used by the same files, speak of the same things, stand
    side by side, or use the same libraries. Every proposal is tried in memory first: it can be carried out.
    """
    from unmix.impact.measure import measure_impact
    from unmix.migration_file import FILE_NAME
    from unmix.processes import in_processes
    from unmix.workspace import open_workspace

    settings = open_settings(None)
    place = settings.root / FILE_NAME
    if not shown:
        _refuse_to_overwrite(place)
    workspace = open_workspace(settings.root, settings.exclude)
    with show_progress("reading") as progress:
        named = name_module(module, settings.root)
        impact = measure_impact(named, settings, workspace, open_engines, progress, in_processes)
    if impact.split:
        raise UsageError(f"{impact.module}: is a shim already; its parts are where its names live")
    text = propose(impact, settings, workspace, parts)
    if shown:
        click.echo(text, nl=False)
        return
    write_result(text.encode(), place)
    click.echo(f"{place.name} written: read it, edit it, then look at `unmix diff`.", err=True)


def propose(impact: Impact, settings: Migration, workspace: Workspace, parts: int | None) -> str:
    """Give the text of the best proposal that can be carried out. Raises UsageError, UnsafeSplit."""
    from unmix.proposal.atoms import find_atoms
    from unmix.proposal.explain import explain
    from unmix.proposal.propose import rank_groupings
    from unmix.proposal.write import write_proposal

    outline = impact.outline
    atoms = find_atoms(outline)
    if len(atoms) < 2:
        raise UsageError(f"{impact.module}: holds nothing that could be parted; it is one concern")
    callers = {name.name: frozenset(place.path for place in name.outside) for name in impact.names}
    ranked = rank_groupings(outline, workspace.read(impact.path).text, atoms, callers)
    wanted = [grouping for grouping in ranked if parts is None or grouping.parts == parts]
    refusal: UnsafeSplit | None = None
    for refused, grouping in enumerate(wanted):
        proposed = explain(outline, atoms, grouping.labels, callers, lambda name: _exists(name, impact, workspace))
        try:
            _carry_out(impact.module, proposed, settings, workspace)
        except UnsafeSplit as error:
            refusal = refusal or error
            continue
        offered = ranked[refused:] if parts is None else ranked
        return write_proposal(outline, proposed, grouping, offered, callers, refused)
    if refusal is not None:
        raise refusal
    raise UsageError(f"{impact.module}: has no split into {parts or 2} parts without a circle of imports")


def _carry_out(module: str, parts: Sequence[ProposedPart], settings: Migration, workspace: Workspace) -> None:
    """Split the module in memory, as `migrate` would. Raises UnsafeSplit."""
    from dataclasses import replace

    from unmix.migration import Part, Split
    from unmix.plan import find_mistakes

    largest = max(parts, key=lambda part: len(part.names))
    split = Split(module, tuple(Part(p.module, p.names, p is largest, 1, ()) for p in parts), 1)
    migration = replace(settings, splits=(split,), replaces=())
    engines = open_engines(migration)
    mistakes = find_mistakes(migration, workspace, engines)
    if mistakes:
        raise UnsafeSplit(tuple(mistake.message for mistake in mistakes))
    for engine in engines:
        if engine.owns(module):
            engine.split(split, workspace)


def _exists(name: str, impact: Impact, workspace: Workspace) -> bool:
    """Say whether a part of this name would land on a file, or a folder, or hide a name of its package."""
    if workspace.exists(name):
        return True
    folder = impact.path.rpartition("/")[0]
    leaf = name.rpartition(".")[2]
    package = f"{folder}/__init__.py"
    beside = package != impact.path and workspace.exists(package)
    if beside and re.search(rf"\b{re.escape(leaf)}\b", workspace.read(package).text):
        return True
    place = f"{folder}/{leaf}" if folder else leaf
    return workspace.is_dir(place) or any(workspace.exists(place + suffix) for suffix in (".py", ".pyi"))


def _refuse_to_overwrite(place: Path) -> None:
    from unmix.errors import MigrationFileError
    from unmix.migration_file import find_migration_file

    try:
        existing = find_migration_file(place.parent)
    except MigrationFileError:
        if not place.exists():
            return
        existing = place
    raise UsageError(f"{existing}: is there already; see a proposal with --print, and copy what you want of it")

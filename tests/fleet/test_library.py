"""A repository that only imports a module is rewritten as it would be in the module's own tree, whatever it does."""

from __future__ import annotations

from dataclasses import replace

import hypothesis
from hypothesis import HealthCheck, given, reject, settings

from generated import HAZARDS, Tree, trees
from unmix.check import check_tree
from unmix.commands.opening import open_engines
from unmix.errors import UnmixError
from unmix.fleet.library import FOLDER, read_library, with_library
from unmix.migration import Migration
from unmix.plan import Phase, Plan, make_plan
from unmix.workspace import Workspace, memory_workspace


def plan(migration: Migration, workspace: Workspace) -> Plan:
    return make_plan(migration, workspace, open_engines(migration), (Phase.ADD, Phase.REWRITE))


def changed(made: Plan, paths: frozenset[str]) -> dict[str, bytes | None]:
    return {change.path: change.after for change in made.changes if change.path in paths}


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(hypothesis.Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(tree=trees(HAZARDS))
def test_it_is_rewritten_as_in_one_tree(tree: Tree) -> None:
    migration = replace(tree.migration, source_roots=None)
    top = tree.old.partition(".")[0]
    library = {path: data for path, data in tree.files.items() if path.startswith((f"{top}/", f"{top}."))}
    user = {path: data for path, data in tree.files.items() if path not in library}
    if "." not in tree.old and b"pkg" in tree.files[tree.old_path]:
        reject()  # A library that imports from its users is none.
    try:
        together = plan(migration, memory_workspace(tree.files))
        published = read_library(migration, memory_workspace(library), open_engines(migration))
    except UnmixError:
        reject()
    apart, workspace = with_library(migration, memory_workspace(user), published, migration.splits)
    alone = plan(apart, workspace)
    assert changed(alone, frozenset(user)) == changed(together, frozenset(user))
    assert all(change.path in user or change.path.startswith(FOLDER) for change in alone.changes)
    found = {finding for finding in alone.findings if finding.path in user}
    assert found == {finding for finding in together.findings if finding.path in user}
    here = {found for found in check_tree(apart, workspace, open_engines(apart)) if found.path in user}
    # The library is taken as it will be.
    added = make_plan(migration, memory_workspace(tree.files), open_engines(migration), (Phase.ADD,))
    whole = memory_workspace({**tree.files, **{change.path: change.after or b"" for change in added.changes}})
    assert here == {found for found in check_tree(migration, whole, open_engines(migration)) if found.path in user}

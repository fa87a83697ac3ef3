"""Rewrite uses of an old module that is reached through its package, without an import of its own.

    import pkg; pkg.old.a  →  import pkg; pkg.home.a

That `pkg.home` is loaded is for settle.py to see to. Takes the draft of a file, adds to its edits; raises Blocked at
the first use that cannot be rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unmix.python.callsites import ModuleUse, is_bound
from unmix.python.draft import Draft, alias_of
from unmix.python.import_edits import NewImport
from unmix.python.imports import read_import
from unmix.python.module_uses import point, targets_of
from unmix.python.own_submodules import OwnImports
from unmix.python.rewrite_calls import replace_call
from unmix.python.scopes import ImportSite

# Where an import stands, in characters, the import, the index of one of its aliases, and what it is to bind.
ImportPlace = tuple[int, ImportSite, int, str]


def rewrite_reached(draft: Draft) -> None:
    """`import pkg` with `pkg.old.a` → `pkg.home.a`; settle.py sees to it that `pkg.home` is loaded."""
    uses = [use for use in draft.sites.implicit if not draft.context.is_submodule(use.old, use.name)]
    targets = targets_of(draft, uses)
    beside: dict[tuple[int, str], ImportPlace] = {}
    own = OwnImports(draft.source)
    for use in uses:
        call = draft.replaced.get(id(use.use.node))
        old = f"{use.old}.{use.name}"
        if call is not None and not call.replacement.unwrapped:
            why = "the call goes to another API, and nothing here imports the old module"
            raise draft.blocked(use.module, why, old, "import the new function by hand")
        if call is not None:
            replace_call(draft, call, "")
            continue
        modules = targets[id(use.use.node)]
        if not is_bound(draft.scopes.bindings_reached(use.use)):
            _read_own(draft, use, modules, own)
            continue
        if use.aliased or not isinstance(use.module, cst.Attribute):
            _read_beside(draft, use, modules, beside)
            continue
        package = use.old.rpartition(".")[0]
        if any(module.rpartition(".")[0] != package for module in modules):
            reached = draft.tree.code(use.module)
            why = f"`{reached}` is reached through its package, which does not lead to {modules[0]}"
            raise draft.blocked(use.module, why, old, f"import {modules[0]} by hand")
        prefix = draft.tree.code(use.module.value)
        point(draft, use, [f"{prefix}.{module.rpartition('.')[2]}" for module in modules])

    for (_, module), (_, site, index, local) in beside.items():
        name = read_import(draft.tree, site.node).names[index]
        draft.imports.add(site, index, NewImport("", name.name, name.asname), [NewImport(module, "", local)])
    draft.edits += own.edits()


def _read_own(draft: Draft, use: ModuleUse, modules: Sequence[str], own: OwnImports) -> None:
    """`old.a` in the package itself, which loads `old` → `home.a`; notes in `own` what it has to import."""
    spelled = [draft.imports.local_module(draft.scopes.module, module) for module in modules]
    for module, local in zip(modules, spelled, strict=True):
        own.add(use.use, module, local)
    point(draft, use, spelled)


def _read_beside(
    draft: Draft, use: ModuleUse, modules: Sequence[str], beside: dict[tuple[int, str], ImportPlace]
) -> None:
    """`import services` with `services.old.a` → `home.a`; notes in `beside` which import `home` stands beside."""
    spelled = []
    for binding in draft.scopes.bindings_reached(use.use):
        if binding.site is None:
            continue
        site = binding.site
        names = read_import(draft.tree, site.node).names
        index = next(i for i, _ in enumerate(names) if alias_of(site, i) is binding.node)
        for module in modules:
            key = id(site.scope), module
            place = draft.tree.span(site.node)[0], site, index, draft.imports.local_module(site.scope, module)
            beside[key] = min(beside.get(key, place), place, key=lambda known: known[0])
            spelled.append(place[3])
        break
    point(draft, use, spelled)

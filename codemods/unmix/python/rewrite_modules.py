"""Rewrite a file's imports of an old module's object, and its uses of it.

    import pkg.old as m; m.a; m.b  →  from pkg import home, other; home.a; other.b

Takes the draft of a file, adds to its edits; raises Blocked at the first use that cannot be rewritten.
"""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from unmix.edit import Edit
from unmix.python.callsites import ModuleImport, ModuleUse, imported_path
from unmix.python.draft import Draft, alias_of
from unmix.python.exposure import is_exposed
from unmix.python.import_edits import NewImport
from unmix.python.imports import read_import
from unmix.python.module_uses import point, stays_as_it_is, targets_of
from unmix.python.rewrite_calls import replace_call
from unmix.python.scopes import Binding
from unmix.python.syntax import dotted_name


def rewrite_modules(draft: Draft) -> None:
    """`import pkg.old as m` with `m.a`, `m.b` → one import for each part that is used, `part.a`, `other.b`."""
    groups: dict[tuple[int, str, str, bool], list[ModuleImport]] = {}
    for found in draft.sites.modules:
        groups.setdefault((id(found.site.scope), found.bound, found.old, found.dotted), []).append(found)
    for group in groups.values():
        first = group[0]
        uses = list({id(use.use.node): use for found in group for use in found.uses}.values())
        own = [use for use in uses if draft.context.is_submodule(use.old, use.name)]
        if own and len(own) == len(uses):
            continue
        uses = [use for use in uses if use not in own]
        targets = targets_of(draft, uses)
        modules = sorted({module for wanted in targets.values() for module in wanted})
        relocation = draft.context.relocation(first.old)
        package = first.old.rpartition(".")[0]
        answers = draft.here.is_package and draft.here.dotted == package and first.site.scope is draft.scopes.module
        if not uses or answers:
            # Imported for its effects, or for others to reach: they get every part.
            modules = [*relocation.parts, *(module for module in modules if module not in relocation.parts)]
        exposed = is_exposed(draft, group, uses, modules)
        submodules = list(dict.fromkeys(f"{use.old}.{use.name}" for use in own))
        if first.dotted:
            spell = _import_dotted(draft, group, [*submodules, *modules])
        elif own and exposed:
            why = f"others can reach {first.old} as `{draft.here.dotted}.{first.bound}`, and its modules are used here"
            raise draft.blocked(first.site.node, why, first.old, "import the submodules by their own names")
        else:
            spell = _import_aliased(draft, group, uses, modules, submodules, keeps_name=exposed)
        for use in uses:
            if not stays_as_it_is(use, targets):
                _redirect(draft, use, targets, spell)


def _import_dotted(draft: Draft, group: list[ModuleImport], modules: list[str]) -> Callable[[str], str]:
    """`import pkg.old` with `pkg.old.a` → `import pkg.home` with `pkg.home.a`."""
    root = group[0].bound
    for module in modules:
        if module.partition(".")[0] != root:
            why = f"`import {group[0].old}` binds `{root}`, which does not lead to {module}"
            raise draft.blocked(group[0].site.node, why, group[0].old, f"import {module} by hand")
    for found in group:
        draft.imports.change(found.site, found.index, [NewImport(module, "", "") for module in modules])
    return lambda module: module


def _import_aliased(
    draft: Draft,
    group: list[ModuleImport],
    uses: list[ModuleUse],
    modules: list[str],
    submodules: list[str],
    *,
    keeps_name: bool,
) -> Callable[[str], str]:
    """`from pkg import old` with `old.a` → `from pkg import home` with `home.a`; a given alias stays if it can.

    Where the old module is a package whose `submodules` are used by the same name, its import stays beside it.
    """
    first = group[0]
    aliases = {id(alias_of(found.site, found.index)) for found in group}
    others = {
        id(binding): binding
        for use in uses
        if use.through is None
        for binding in draft.scopes.bindings_reached(use.use)
        # `import old` and `import old.sub` bind the same package.
        if id(binding.node) not in aliases and imported_path(binding, draft.here) != first.old
    }.values()
    alone = not others
    given = first.bound != first.old.rpartition(".")[2]
    declared = any(first.bound in found.site.scope.globals | found.site.scope.nonlocals for found in group)
    if declared and len(modules) > 1:
        why = f"`{first.bound}` is bound for another scope here (`global`), and several parts would have to be"
        raise draft.blocked(first.site.node, why, first.old, "import the parts where they are used")
    if len(modules) == 1 and (given or not alone or keeps_name or declared) and not submodules:
        names = {modules[0]: first.bound}
    elif not all(_is_absence(draft, binding) for binding in others):
        why = f"`{first.bound}` may also be something else here (it is bound in several places)"
        raise draft.blocked(first.site.node, why, first.old, "import the parts under names of their own")
    else:
        names = {module: draft.imports.local_module(first.site.scope, module) for module in modules}
        for binding in others:
            # Where there is no module, there is none of the parts.
            draft.edits.append(Edit(*draft.tree.span(binding.node), " = ".join(names.values())))
    for found in group:
        news = [NewImport(module, "", names[module]) for module in modules]
        if submodules:
            own = read_import(draft.tree, found.site.node).names[found.index]
            plain = first.bound == first.old
            kept = [NewImport(module, "", "") for module in submodules] if plain else []
            news = [*(kept or [NewImport("", own.name, own.asname)]), *news]
        draft.imports.change(found.site, found.index, news)
    return names.__getitem__


def _is_absence(draft: Draft, binding: Binding) -> bool:
    """Say whether a name is bound to nothing where there is no module: `old = None`."""
    target = draft.tree.parent(binding.node)
    assign = draft.tree.parent(target) if isinstance(target, cst.AssignTarget) else None
    return isinstance(assign, cst.Assign) and dotted_name(assign.value) in ("None", "False")


def _redirect(draft: Draft, use: ModuleUse, targets: dict[int, tuple[str, ...]], spell: Callable[[str], str]) -> None:
    """Aim one use at its target: `m.a` → `home.a`."""
    call = draft.replaced.get(id(use.use.node))
    modules = targets.get(id(use.use.node), ())
    if call is not None:
        name = call.replacement.new.rpartition(".")[2]
        replace_call(draft, call, f"{spell(modules[0])}.{name}" if modules else "")
        return
    point(draft, use, [spell(module) for module in modules])

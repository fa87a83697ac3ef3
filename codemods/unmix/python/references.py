"""List the references of one file as plain data, for every command that reads them.

Takes what callsites.py, calls.py and strings.py found, gives Reference values; finds nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from unmix.python.calls import ReplacedCall
from unmix.python.callsites import CallSites, ModuleUse
from unmix.python.constants import ModuleConstant
from unmix.python.context import Context, SourceModule
from unmix.python.exports import is_listed
from unmix.python.imports import read_import
from unmix.python.name_tables import TableEntry
from unmix.python.scopes import ImportSite, Scope, When
from unmix.python.strings import StringUse
from unmix.reference import Kind, Reference


def list_references(
    source: SourceModule,
    context: Context,
    sites: CallSites,
    calls: Iterable[ReplacedCall],
    strings: Iterable[StringUse | TableEntry],
    constants: Iterable[ModuleConstant],
) -> Iterator[Reference]:
    """Give every reference of a file to an old module, and every call that a replacement covers."""
    for found in sites.names:
        home = context.home(found.old, found.name)
        if str(home) == f"{found.old}.{found.name}" and found.name not in context.relocation(found.old).homes:
            continue  # A submodule of an old package, which stays where it is.
        if home is not None and not isinstance(found.site.node.names, cst.ImportStar):
            alias = found.site.node.names[found.index]
            kind = _import_kind(source, context, found.site, found.bound)
            yield _reference(source, alias, kind, "UNM001", (found.old, found.name, str(home)), found.site.scope)
    for module in sites.modules:
        if module.uses and all(use.name and context.is_submodule(use.old, use.name) for use in module.uses):
            # A package that was split stays the package of its modules.
            continue
        parts = ", ".join(context.relocation(module.old).parts)
        kind = _import_kind(source, context, module.site, module.bound)
        assert not isinstance(module.site.node.names, cst.ImportStar), "a star import binds no module"
        alias = module.site.node.names[module.index]
        yield _reference(source, alias, kind, "UNM001", (module.old, "", parts), module.site.scope)
    for star in sites.stars:
        parts = ", ".join(context.relocation(star.old).parts)
        kind = _import_kind(source, context, star.site, "*")
        yield _reference(source, star.site.node, kind, "UNM001", (star.old, "", parts), star.site.scope)
    replaced = {id(call.use.node): call for call in calls}
    for use in sites.uses:
        call = replaced.pop(id(use.use.node), None)
        part = context.part_for(use.old, use.name) if use.name else None
        if use.name and part is None and call is None:
            continue
        new = (call.replacement.new or "its argument") if call else f"{part}.{use.name}" if part else ""
        above = source.tree.parent(use.module)
        node = above if isinstance(above, cst.Attribute) and use.literal is None and not use.guessed else use.module
        yield _reference(source, node, _use_kind(source, use, node), "UNM002", (use.old, use.name, new), use.use.scope)
    for call in replaced.values():
        old, _, name = call.replacement.callee.rpartition(".")
        new = call.replacement.new or "its argument"
        yield _reference(source, call.callee, Kind.CALL, "UNM002", (old, name, new), call.use.scope)
    for string in strings:
        if isinstance(string, TableEntry):
            known = context.relocation(string.old).holders
            homes = dict.fromkeys(known[name][0] for name in string.names)
            names = string.old, "", ", ".join(homes)
            yield _reference(source, string.node, Kind.DOTTED_STRING, "UNM003", names, source.scopes.module)
            continue
        if string.loaded or (string.repeated is not None and not string.asked and not string.package):
            parts = ", ".join(context.relocation(string.old).parts)
            names = string.old, "", parts
            yield _reference(source, string.node, Kind.DOTTED_STRING, "UNM003", names, source.scopes.module)
            continue
        if string.runs and (main := context.relocation(string.old).main):
            names = string.old, "", main
            yield _reference(source, string.node, Kind.DOTTED_STRING, "UNM003", names, source.scopes.module)
            continue
        known = context.relocation(string.old).holders
        asked = {known.get(name, ()) for name in ((string.name,) if string.name else string.asked)}
        holders = asked.pop() if len(asked) == 1 else ()
        if len(holders) == 1 or (holders and not string.patches):
            kind = Kind.PATCH_TARGET if string.patches else Kind.DOTTED_STRING
            new = f"{holders[0]}.{string.name}" if string.name else holders[0]
            yield _reference(source, string.node, kind, "UNM003", (string.old, string.name, new), source.scopes.module)
    for constant in constants:
        for composed in constant.uses:
            holders = context.relocation(constant.old).holders.get(composed.name, ())
            if len(holders) == 1 or (holders and not composed.patches):
                kind = Kind.PATCH_TARGET if composed.patches else Kind.DOTTED_STRING
                names = constant.old, composed.name, f"{holders[0]}.{composed.name}"
                yield _reference(source, composed.node, kind, "UNM003", names, source.scopes.module)


def is_exported(source: SourceModule, context: Context, site: ImportSite, bound: str) -> bool:
    """Say whether other modules may take the imported name `bound` from this one."""
    if site.scope is not source.scopes.module:
        return False
    if source.here.is_package or (source.here.dotted, bound) in context.imported_elsewhere:
        return True
    if any(name.bound == bound and name.asname == name.name for name in read_import(source.tree, site.node).names):
        return True
    return is_listed(source.tree, bound)


def _import_kind(source: SourceModule, context: Context, site: ImportSite, bound: str) -> Kind:
    if source.tree.path.endswith(".pyi"):
        return Kind.STUB
    if site.type_only:
        return Kind.TYPE_ONLY
    return Kind.REEXPORT if is_exported(source, context, site, bound) else Kind.IMPORT


def _use_kind(source: SourceModule, use: ModuleUse, node: cst.CSTNode) -> Kind:
    if source.tree.path.endswith(".pyi"):
        return Kind.STUB
    if use.use.when is When.TYPING:
        return Kind.TYPE_ONLY
    if use.writes:
        return Kind.PATCH_TARGET
    called = isinstance(call := source.tree.parent(node), cst.Call) and call.func is node
    return Kind.CALL if called else Kind.ATTRIBUTE


def _reference(
    source: SourceModule, node: cst.CSTNode, kind: Kind, code: str, names: tuple[str, str, str], scope: Scope
) -> Reference:
    start, end = source.tree.span(node)
    line, column = source.tree.place(start)
    old, name, new = names
    return Reference(source.tree.path, line, column, start, end, kind, code, old, name, new, scope.path)

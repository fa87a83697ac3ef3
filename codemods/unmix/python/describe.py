"""Say what a module holds, for people and for proposals: the Python outline without anything that is Python's alone.

Takes a parsed module and its Outline, gives a ModuleOutline; finds nothing that outline.py has not found.
"""

from __future__ import annotations

import libcst as cst

from unmix.outline import Definition, ModuleOutline, Need
from unmix.python.context import SourceModule
from unmix.python.modules import resolve_relative
from unmix.python.outline import Outline, Role, Unit
from unmix.python.positions import Span
from unmix.python.scopes import Scopes, When
from unmix.reference import Home

_TOLD = (Role.DEFINITION, Role.STATEMENT, Role.MAIN)


def describe_module(source: SourceModule, outline: Outline) -> ModuleOutline:
    """Describe a parsed module."""
    places = {source.tree.span(use.node): use.scope.path for use in source.scopes.uses}
    functions = [scope for scope in source.scopes.scopes if isinstance(scope.node, cst.FunctionDef)]
    return ModuleOutline(
        module=source.here.dotted,
        path=source.tree.path,
        definitions=tuple(
            Definition(
                names=unit.binds,
                kind=_kind(unit, source.scopes),
                line=source.tree.place(unit.extent[0] + _blank(outline.text[slice(*unit.extent)]))[0],
                end_line=source.tree.place(unit.span[1])[0],
                needs=tuple(_needs(source, unit, outline, places)),
                rebinds=unit.rebinds,
            )
            for unit in outline.units
            if unit.role in _TOLD
        ),
        imports=_origins(outline, source.here.package),
        exported=_exported(source, outline),
        functions=frozenset(scope.path for scope in functions if not _is_async(scope.node)),
        asynchronous=frozenset(scope.path for scope in functions if _is_async(scope.node)),
    )


def _kind(unit: Unit, scopes: Scopes) -> str:
    if not unit.binds:
        return "statement"
    node = scopes.module.bindings[unit.binds[0]][-1].node
    if isinstance(node, cst.ClassDef):
        return "class"
    if isinstance(node, cst.FunctionDef):
        return "async function" if _is_async(node) else "function"
    return "value"


def _is_async(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef) and node.asynchronous is not None


def _blank(text: str) -> int:
    """Give how many characters of blank lines lead a text."""
    rest = text.lstrip("\r\n\f \t")
    return text.rfind("\n", 0, len(text) - len(rest)) + 1


def _needs(source: SourceModule, unit: Unit, outline: Outline, places: dict[Span, str]) -> list[Need]:
    known = outline.definitions.keys() | outline.imports.keys() | outline.rebound.keys()
    return [
        Need(
            name=need.name,
            line=need.line,
            column=source.tree.place(need.span[0])[1],
            scope=places.get(need.span) or (unit.label if unit.binds else ""),
            at_import=need.when is When.IMPORT,
            called=need.called or need.base,
        )
        for need in unit.needs
        if need.name in known
    ]


def _origins(outline: Outline, package: str) -> dict[str, Home]:
    origins: dict[str, Home] = {}
    for unit in outline.units:
        for statement in unit.imports:
            module = resolve_relative(package, statement.level, statement.module) or statement.module
            for name in statement.names:
                home = (
                    Home(module, name.name) if statement.is_from else Home(name.name if name.asname else name.bound, "")
                )
                origins.setdefault(name.bound, home)
    return origins


def _exported(source: SourceModule, outline: Outline) -> dict[str, int] | None:
    lists = [unit.exports for unit in outline.units if unit.exports is not None]
    if not lists:
        return None
    return {entry.name: source.tree.place(entry.span[0])[0] for exports in lists for entry in exports.entries}

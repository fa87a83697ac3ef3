"""Say what a module holds, for people and for proposals: the outline without anything that is JavaScript's alone.

Takes a parsed module and its Outline, gives a ModuleOutline; finds nothing that outline.py has not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from unmix.javascript.commonjs import WHOLE
from unmix.javascript.context import SourceModule
from unmix.javascript.index import specifier_names
from unmix.javascript.modules import ModuleFinder
from unmix.javascript.outline import Outline, Role, Unit
from unmix.javascript.scopes import How, Scope, When
from unmix.javascript.syntax import Span
from unmix.outline import Definition, ModuleOutline, Need
from unmix.reference import Home

_TOLD = (Role.DEFINITION, Role.STATEMENT)


def describe_module(source: SourceModule, outline: Outline, finder: ModuleFinder) -> ModuleOutline:
    """Describe a parsed module."""
    tree = source.tree
    scopes = {tree.span(use.node): use.scope for use in source.scopes.uses}
    functions = list(_functions(scopes.values()))
    return ModuleOutline(
        module=source.path,
        path=source.path,
        definitions=tuple(
            Definition(
                names=tuple(dict.fromkeys(map(_spoken, unit.binds))),
                kind=_kind(unit, source),
                line=tree.place(unit.extent[0] + _blank(outline.text[slice(*unit.extent)]))[0],
                end_line=tree.place(unit.span[1])[0],
                needs=tuple(_needs(source, unit, outline, scopes)),
                rebinds=frozenset(map(_spoken, unit.rebinds)),
            )
            for unit in outline.units
            if unit.role in _TOLD
        ),
        imports=dict(_origins(source, outline, finder)),
        exported={export.name: unit.line for unit in outline.units for export in unit.exports if export.name != WHOLE},
        functions=frozenset(scope.qualified_name for scope in functions if not _is_async(scope.node)),
        asynchronous=frozenset(scope.qualified_name for scope in functions if _is_async(scope.node)),
    )


def _spoken(name: str) -> str:
    """Give the name that a migration file uses."""
    return "default" if name == WHOLE else name.removeprefix("exports.")


def _kind(unit: Unit, source: SourceModule) -> str:
    local = next((name for name in unit.binds if "." not in name), "")
    bindings = source.scopes.module.values.get(local) or source.scopes.module.types.get(local) or ()
    for binding in bindings:
        if binding.how is How.CLASS:
            return "class"
        value = binding.site.child_by_field_name("value") if binding.how is How.LEXICAL else None
        if binding.how is How.FUNCTION or (
            value is not None and value.type in ("arrow_function", "function_expression")
        ):
            return "async function" if _is_async(value or binding.site) else "function"
    return "value" if unit.binds else "statement"


def _functions(scopes: Iterable[Scope]) -> Iterator[Scope]:
    seen: set[int] = set()
    for inner in scopes:
        for scope in inner.above():
            if scope.kind == "function" and scope.name and scope.node.id not in seen:
                seen.add(scope.node.id)
                yield scope


def _is_async(node: Node) -> bool:
    return any(child.type == "async" for child in node.children)


def _blank(text: str) -> int:
    """Give how many characters of blank lines lead a text."""
    rest = text.lstrip("\r\n\f \t")
    return text.rfind("\n", 0, len(text) - len(rest)) + 1


def _needs(source: SourceModule, unit: Unit, outline: Outline, scopes: dict[Span, Scope]) -> list[Need]:
    known = outline.definitions.keys() | outline.imports.keys()
    return [
        Need(
            name=_spoken(need.name),
            line=need.line,
            column=source.tree.place(need.span[0])[1],
            scope=_scope_name(scopes.get(need.span), unit),
            at_import=need.when is When.LOAD,
            called=need.called,
        )
        for need in unit.needs
        if need.name in known
    ]


def _scope_name(scope: Scope | None, unit: Unit) -> str:
    name = scope.qualified_name if scope is not None else ""
    return name or (unit.label if unit.binds else "")


def _origins(source: SourceModule, outline: Outline, finder: ModuleFinder) -> Iterator[tuple[str, Home]]:
    """Give where each name comes from that the module imports, or exports from another module."""
    tree, path = source.tree, source.path
    imported = {
        name: _imported_name(source, bindings[0].site)
        for names in (source.scopes.module.types, source.scopes.module.values)
        for name, bindings in names.items()
        if bindings[0].how is How.IMPORT
    }
    for unit in outline.units:
        if unit.source is not None:
            module = finder.resolve(unit.source.specifier, path) or unit.source.specifier
            for slot in unit.source.slots:
                keys = [tree.text[slice(*span)].partition(":")[0].strip() for span in slot.entries]
                member = re.search(r"\)\s*\.\s*(\w+)\s*$", tree.text[slice(*slot.span)])
                for place, name in enumerate(slot.names):
                    key = keys[place] if place < len(keys) else member[1] if member else ""
                    yield name, Home(module, imported.get(name, key))
        elif unit.owner >= 0 and any(not export.local for export in unit.exports):
            text = tree.text[slice(*outline.units[unit.owner].span)]
            found = re.search(r"""\}\s*from\s*(["'])([^"'\r\n]+)\1""", text)
            if found is not None:
                name = re.split(r"\s+as\s+", tree.text[slice(*unit.span)].strip())[0].removeprefix("type ")
                yield unit.exports[0].name, Home(finder.resolve(found[2], path) or found[2], name.strip())


def _imported_name(source: SourceModule, site: Node) -> str:
    if site.type == "import_specifier":
        return specifier_names(source.tree, site)[0]
    return "default" if site.type == "import_clause" else ""

"""Find the specifiers in a module's text: wherever a string says by its place which file is meant.

Takes Scopes, gives the spans of the specifiers between their quotes; resolves none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import Span, SyntaxTree, string_value

_TYPE_IMPORT = re.compile(r"""\bimport\(\s*(["'])(\.[^"'\r\n]*)\1\s*\)""")
_NAMING = frozenset(("require", "import", "require.resolve", "import.meta.resolve", "require.context"))


@dataclass(frozen=True, slots=True)
class Specifier:
    """One relative specifier; `span` is its text between the quotes."""

    span: Span
    text: str


def find_specifiers(scopes: Scopes) -> Iterator[Specifier]:
    """Give every relative specifier of a module, also those in comments and types."""
    tree = scopes.tree
    for placed in scopes.strings:
        value = string_value(tree, placed.node)
        if value and _is_relative(value) and _names_a_module(tree, placed.node, placed.parent):
            start, end = tree.span(placed.node)
            yield Specifier((start + 1, end - 1), value)
    comments = [tree.span(comment) for comment in scopes.comments]
    for start, end in (*comments, *tree.hidden):
        for found in _TYPE_IMPORT.finditer(tree.text, start, end):
            yield Specifier(found.span(2), found[2])


def _is_relative(text: str) -> bool:
    return text in (".", "..") or text.startswith(("./", "../"))


def _names_a_module(tree: SyntaxTree, node: Node, parent: Node) -> bool:
    if parent.type in ("import_statement", "export_statement", "import_require_clause"):
        return True
    if parent.type != "arguments" or parent.parent is None:
        return False
    call = parent.parent
    if call.type == "new_expression":
        constructor = call.child_by_field_name("constructor")
        return constructor is not None and tree.code(constructor) == "URL" and "import.meta.url" in tree.code(parent)
    function = call.child_by_field_name("function")
    first = next((child for child in parent.named_children if child.type != "comment"), None)
    return function is not None and first is not None and first.id == node.id and tree.code(function) in _NAMING

"""Read what a mock gives in place of a module: the names in the object that its function returns.

Takes the nodes of a call's arguments, gives plain data; decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from unmix.javascript.syntax import SyntaxTree, string_value


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of the object: `name` is empty for a spread and for `__esModule`."""

    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class Factory:
    """The `object` that a mock's function returns; `repeatable` when the function does nothing else of note."""

    object: Node
    entries: tuple[Entry, ...]
    repeatable: bool


def read_factory(tree: SyntaxTree, function: Node) -> Factory | None:
    """Read `() => ({ a, b: … })` or a function that ends in `return { … }`; None for anything else."""
    if function.type not in ("arrow_function", "function_expression"):
        return None
    body = function.child_by_field_name("body")
    if body is None:
        return None
    if body.type != "statement_block":
        return returned_object(tree, body)
    statements = [child for child in body.named_children if child.type != "comment"]
    if not statements or statements[-1].type != "return_statement":
        return None
    value = next((child for child in statements[-1].named_children if child.type != "comment"), None)
    repeatable = all(child.type in ("lexical_declaration", "variable_declaration") for child in statements[:-1])
    return returned_object(tree, value, repeatable=repeatable) if value is not None else None


def returned_object(tree: SyntaxTree, value: Node, *, repeatable: bool = True) -> Factory | None:
    """Read the names of an object that is written in place; None where a name is computed."""
    while value.type in ("parenthesized_expression", "as_expression", "satisfies_expression"):
        value = value.named_children[0]
    if value.type != "object":
        return None
    entries = []
    for item in value.named_children:
        if item.type == "comment":
            continue
        if item.type == "shorthand_property_identifier":
            entries.append(Entry(tree.code(item), item))
            continue
        if item.type == "spread_element":
            entries.append(Entry("", item))
            continue
        key = item.child_by_field_name("key") or item.child_by_field_name("name")
        name = string_value(tree, key)
        if name is None and key is not None and key.type == "property_identifier":
            name = tree.code(key)
        if name is None:
            return None
        entries.append(Entry("" if name == "__esModule" else name, item))
    return Factory(value, tuple(entries), repeatable)

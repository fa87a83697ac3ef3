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
    value = _laid_over(tree, value) or value
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


def _laid_over(tree: SyntaxTree, call: Node) -> Node | None:
    """Give the one object with names in `Object.assign({}, actual, { a, b })`."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None or tree.code(function) != "Object.assign":
        return None
    named = [given for given in arguments.named_children if given.type == "object" and given.named_child_count]
    return named[0] if len(named) == 1 else None


def is_repeatable(tree: SyntaxTree, function: Node) -> bool:
    """Say whether a mock's function may be called once more, and does then what it did: it sets only what it made.

    makeMock    () => mockOld    () => { const made = actual(); made.a = jest.fn(); return made; }
    """
    if function.type == "identifier":
        return True
    parameters = function.child_by_field_name("parameters")
    body = function.child_by_field_name("body")
    if body is None or parameters is None or parameters.named_child_count:
        return False
    if body.type != "statement_block":
        return not acts(body)
    statements = [child for child in body.named_children if child.type != "comment"]
    made = {tree.code(name) for child in statements for name in _declared(child)}
    return all(_sets_only(tree, child, made) for child in statements)


def _declared(statement: Node) -> list[Node]:
    declarators = statement.named_children if statement.type.endswith("_declaration") else []
    names = (child.child_by_field_name("name") for child in declarators)
    return [name for name in names if name is not None and name.type == "identifier"]


def _sets_only(tree: SyntaxTree, statement: Node, made: set[str]) -> bool:
    """Say whether a statement sets nothing but properties of what is in `made`."""
    if statement.type != "expression_statement":
        return not acts(statement)
    assignment = statement.named_children[0]
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    while left is not None and left.type == "member_expression":
        left = left.child_by_field_name("object")
    own = left is not None and left.type == "identifier" and tree.code(left) in made
    return assignment.type == "assignment_expression" and own and right is not None and not acts(right)


def acts(value: Node) -> bool:
    """Say whether it may matter how often an expression is read: one that sets something, or waits."""
    if value.type in _ACTING:
        return True
    # What a function does it does when it is called.
    return not value.type.endswith(("function", "function_expression")) and any(map(acts, value.named_children))


_ACTING = frozenset(
    "assignment_expression augmented_assignment_expression update_expression await_expression yield_expression".split()
)

"""Find constants that hold the name of an old module, and the longer names that are put together from them.

    MODULE = "app.db.old"

    patch(f"{MODULE}.time")     patch(MODULE + ".Client.query")

Takes a parsed file, gives those constants of which nothing else is made; what becomes of them is for rewrite.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from unmix.python.scopes import How, Scopes, Use
from unmix.python.strings import patches_argument
from unmix.python.syntax import SyntaxTree, literal_string

# What follows the module: `.name`, and perhaps more behind it.
_NAMES = re.compile(r"[.:]([A-Za-z_]\w*)((?:\.\w+)*)(?!\w)")


@dataclass(eq=False, slots=True)
class ComposedName:
    """`f"{MODULE}.name.rest"` or `MODULE + ".name.rest"`: the whole is `node`; `patches` when a patch aims at it."""

    node: cst.BaseExpression
    name: str
    rest: str
    patches: bool


@dataclass(eq=False, slots=True)
class ModuleConstant:
    """`name = "app.db.old"`: the string is `node`, and `uses` are all that is made of it."""

    name: str
    node: cst.SimpleString
    old: str
    uses: tuple[ComposedName, ...]


def find_constants(scopes: Scopes, paths: Mapping[str, str]) -> Iterator[ModuleConstant]:
    """Find the constants of a file whose value is a key of `paths`, the dotted names of old modules."""
    if not any(path in scopes.tree.text for path in paths):
        return
    for name, bindings in scopes.module.bindings.items():
        if len(bindings) != 1 or bindings[0].how is not How.ASSIGNMENT:
            continue
        node = _value_of(scopes.tree, bindings[0].node)
        old = paths.get(literal_string(node) or "") if node is not None else None
        if node is None or old is None:
            continue
        reads = [use for use in scopes.uses if use.name == name and bindings[0] in scopes.bindings_reached(use)]
        uses = [_composed(scopes.tree, use) for use in reads]
        if uses and None not in uses:
            yield ModuleConstant(name, node, old, tuple(use for use in uses if use is not None))


def _value_of(tree: SyntaxTree, target: cst.CSTNode) -> cst.SimpleString | None:
    """Give the string that one assignment binds to one name."""
    above = tree.parent(target)
    assign = tree.parent(above) if isinstance(above, cst.AssignTarget) else above
    if isinstance(assign, cst.Assign) and len(assign.targets) > 1:
        return None
    value = assign.value if isinstance(assign, (cst.Assign, cst.AnnAssign)) else None
    return value if isinstance(value, cst.SimpleString) else None


def _composed(tree: SyntaxTree, use: Use) -> ComposedName | None:
    above = tree.parent(use.node)
    whole: cst.CSTNode | None = None
    said: str | None = None
    if isinstance(above, cst.FormattedStringExpression) and above.conversion is None and above.format_spec is None:
        whole = tree.parent(above)
        if isinstance(whole, cst.FormattedString) and above.equal is None and whole.parts[0] is above:
            said = "".join(part.value for part in whole.parts[1:2] if isinstance(part, cst.FormattedStringText))
    elif isinstance(above, cst.BinaryOperation) and isinstance(above.operator, cst.Add) and above.left is use.node:
        one_line = "\n" not in tree.code(above) and not above.lpar
        whole, said = above, literal_string(above.right) if one_line else None
    names = _NAMES.match(said or "")
    if names is None or not isinstance(whole, cst.BaseExpression):
        return None
    if isinstance(whole, cst.FormattedString) and len(whole.parts) > 2 and names.end() == len(said or ""):
        return None  # f"{MODULE}.name{more}": who knows what it is called.
    return ComposedName(whole, names[1], names[2], patches_argument(tree, whole))

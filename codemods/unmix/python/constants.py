"""Find constants that hold the name of an old module, and the longer names that are put together from them.

    MODULE = "app.db.old"

    patch(f"{MODULE}.time")     patch(MODULE + ".Client.query")

Takes a parsed file, gives those constants of which nothing else is made; what becomes of them is for rewrite.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from unmix.python.composed_names import ComposedName, composed_name
from unmix.python.scopes import How, Scopes
from unmix.python.syntax import SyntaxTree, literal_string


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
        uses = [composed_name(scopes.tree, use.node) for use in reads]
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

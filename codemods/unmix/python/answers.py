"""Tell which names a module answers by a `__getattr__` of its own, where that can be read from it.

Takes Python's own tree, gives the names. What unmix itself leaves in a package answers for an old module and nothing
else; taken for an answer to everything, it would hide each name that is missing there.
"""

from __future__ import annotations

import ast


def answered_names(tree: ast.Module) -> frozenset[str] | None:
    """Give the names that the `__getattr__` of a module answers; None when it may answer any, or is not plain.

    def __getattr__(name):
        if name == "a": …            →  a
        if name in ("b", "c"): …     →  b, c
        raise AttributeError(name)
    """
    own = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"]
    if len(own) != 1 or own[0].decorator_list or len(own[0].args.args) != 1:
        return None
    asked = own[0].args.args[0].arg
    *questions, last = own[0].body
    if not isinstance(last, ast.Raise):
        return None
    found: set[str] = set()
    for index, statement in enumerate(questions):
        names = _asked_for(statement, asked)
        if names is None and not (index == 0 and isinstance(statement, ast.Expr)):
            return None
        found |= names or set()
    return frozenset(found)


def _asked_for(statement: ast.stmt, asked: str) -> set[str] | None:
    match statement:
        case ast.If(test=ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(str(only))])):
            return {only} if name == asked and not statement.orelse else None
        case ast.If(
            test=ast.Compare(
                left=ast.Name(id=name),
                ops=[ast.In()],
                comparators=[ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several)],
            )
        ):
            names = {node.value for node in several if isinstance(node, ast.Constant) and isinstance(node.value, str)}
            return names if name == asked and not statement.orelse and len(names) == len(several) else None
    return None

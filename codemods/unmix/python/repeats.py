"""Statements that do to a module as a whole what can be done to each of its parts: `reload(old)`.

Takes the place that names the module, gives the statement around it if it is one of these, and the edit that repeats
it for each part.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unmix.edit import Edit
from unmix.python.positions import Span
from unmix.python.syntax import SyntaxTree, dotted_name

# What is done to a module when a call of these stands alone, its result thrown away.
_REPEATABLE = frozenset("reload import_module __import__ importorskip testmod delitem".split())


def statement_to_repeat(tree: SyntaxTree, named: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """Give the statement that may stand once for each part in place of the module that `named` is; None for others.

    importlib.reload(OLD)    sys.modules.pop("OLD", None)    del sys.modules["OLD"]
    """
    above = tree.parent(named)
    if isinstance(above, cst.Arg):
        call = tree.parent(above)
        statement = tree.parent(call) if isinstance(call, cst.Call) else None
        if not isinstance(call, cst.Call) or not isinstance(statement, cst.Expr) or above.keyword is not None:
            return None
        function = dotted_name(call.func) or ""
        known = function.rpartition(".")[2] in _REPEATABLE or function.endswith("sys.modules.pop")
        return statement if known else None
    if isinstance(above, cst.Index):
        element = tree.parent(above)
        subscript = tree.parent(element) if element is not None else None
        statement = tree.parent(subscript) if isinstance(subscript, cst.Subscript) else None
        if isinstance(subscript, cst.Subscript) and isinstance(statement, cst.Del):
            return statement if (dotted_name(subscript.value) or "").endswith("sys.modules") else None
    return None


def repeat_statement(
    tree: SyntaxTree, statement: cst.BaseSmallStatement, named: Span, spellings: Sequence[str]
) -> Edit:
    """Write a statement once for each spelling of what stands at `named` in it."""
    start, end = tree.span(statement)
    texts = [tree.text[start : named[0]] + spelling + tree.text[named[1] : end] for spelling in spellings]
    line = tree.parent(statement)
    alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
    indent = tree.text[tree.text.rfind("\n", 0, start) + 1 : start]
    joint = tree.module.default_newline + indent if alone and not indent.strip() else "; "
    return Edit(start, end, joint.join(texts))

"""Find string literals that name an old module: patch targets, dotted paths, `importlib.import_module`.

Takes a parsed file, gives each such string with what it means; whole strings only, prose is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from unmix.python.syntax import SyntaxTree, children, dotted_name, literal_string

_PATCH = re.compile(r"(^|\.)(patch|setattr|delattr|spy|stub|multiple|dict)$")
_LOGGER = re.compile(r"(^|\.)(getLogger|at_level|set_level|assertLogs|assertNoLogs|getChild|get_logger)$")


@dataclass(eq=False, slots=True)
class StringUse:
    """A string literal that names `old`, or `name` of it. `rest` is what follows the name, `separator` `.` or `:`.

        "app.db.old.Client.query"   old is app.db.old, name is Client, rest is `.query`
    """

    node: cst.SimpleString
    old: str
    name: str
    separator: str
    rest: str
    patches: bool
    logs: bool


def find_strings(tree: SyntaxTree, olds: Collection[str]) -> Iterator[StringUse]:
    """Find the strings of `tree` that are the dotted name of an old module, or of something in it."""
    wanted = [old for old in olds if old in tree.text]
    if not wanted:
        return
    patterns = [(old, re.compile(re.escape(old) + r"(?:([.:])([A-Za-z_]\w*)((?:\.\w+)*))?")) for old in wanted]
    stack: list[cst.CSTNode] = [tree.module]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.SimpleString):
            value = literal_string(node)
            for old, pattern in patterns:
                if value is not None and (found := pattern.fullmatch(value)):
                    call = _call_around(tree, node)
                    yield StringUse(
                        node, old, found[2] or "", found[1] or "", found[3] or "", bool(_PATCH.search(call)), bool(_LOGGER.search(call))
                    )
        else:
            stack.extend(children(node))


def _call_around(tree: SyntaxTree, node: cst.CSTNode) -> str:
    """Give the dotted name of the function that a string is a direct argument of."""
    argument = tree.parent(node)
    call = tree.parent(argument) if isinstance(argument, cst.Arg) else None
    return (dotted_name(call.func) or "") if isinstance(call, cst.Call) else ""

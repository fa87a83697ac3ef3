"""Find string literals that name an old module: patch targets, dotted paths, `importlib.import_module`.

Takes a parsed file, gives each such string with what it means; whole strings only, prose is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from unmix.python.scopes import Scopes
from unmix.python.syntax import SyntaxTree, dotted_name, literal_string

_PATCH = re.compile(r"(^|\.)(patch|setattr|delattr|spy|stub|multiple|dict)$")
_PATCH_OPTIONS = frozenset("spec create spec_set autospec new_callable".split())
_LOGGER = re.compile(r"(^|\.)(getLogger|at_level|set_level|assertLogs|assertNoLogs|getChild|get_logger)$")


@dataclass(eq=False, slots=True)
class StringUse:
    """A string literal that names `old`, or `name` of it. `rest` is what follows the name.

        "app.db.old.Client.query"   old is app.db.old, name is Client, rest is `.query`

    `patches` when it is the target of a patch, `keywords` being what `patch.multiple` patches in the module;
    `logs` when it is the name of a logger.
    """

    node: cst.SimpleString
    old: str
    name: str
    rest: str
    patches: bool
    logs: bool
    keywords: tuple[str, ...]


def find_strings(scopes: Scopes, olds: Collection[str]) -> Iterator[StringUse]:
    """Find the strings of a file that are the dotted name of an old module, or of something in it."""
    tree = scopes.tree
    patterns = [
        (old, re.compile(re.escape(old) + r"(?:[.:]([A-Za-z_]\w*)((?:\.\w+)*))?")) for old in olds if old in tree.text
    ]
    for node in scopes.strings if patterns else ():
        value = literal_string(node)
        for old, pattern in patterns:
            if value is not None and (found := pattern.fullmatch(value)):
                yield _describe(tree, node, old, found[1] or "", found[2] or "")


def _describe(tree: SyntaxTree, node: cst.SimpleString, old: str, name: str, rest: str) -> StringUse:
    argument = tree.parent(node)
    call = tree.parent(argument) if isinstance(argument, cst.Arg) else None
    function = (dotted_name(call.func) or "") if isinstance(call, cst.Call) else ""
    keywords: tuple[str, ...] = ()
    if isinstance(call, cst.Call) and function.endswith("patch.multiple") and call.args[0] is argument:
        given = [other.keyword.value for other in call.args[1:] if other.keyword is not None]
        keywords = tuple(name for name in given if name not in _PATCH_OPTIONS)
    is_logger = isinstance(argument, cst.Arg) and argument.keyword is not None and argument.keyword.value == "logger"
    return StringUse(
        node,
        old,
        name,
        rest,
        patches=bool(_PATCH.search(function)),
        logs=is_logger or bool(_LOGGER.search(function)),
        keywords=keywords,
    )

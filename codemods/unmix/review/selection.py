"""Which hunks of a change may be taken without the others, and what the file is then.

Takes a change, gives its hunks in groups that can be decided one by one; asks nobody, writes nothing. A file that
was rewritten in part must still work: an import goes with the uses of what it binds. The old module answers for what
stays as it was, so nothing else has to go together.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import symtable
import warnings
from collections.abc import Collection, Iterator, Sequence

from unmix.change import FileChange
from unmix.review.hunks import Hunk, find_hunks

Group = tuple[Hunk, ...]

_PYTHON = (".py", ".pyi", ".pyw")
# Code that is taken whole or not at all.
_OTHER_CODE = (".ipynb", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte")


def group_hunks(change: FileChange) -> tuple[Group, ...]:
    """Give the hunks of a change, those that need each other in one group; groups are in the order of the file."""
    hunks = find_hunks(change.before or b"", change.after or b"")
    if change.before is None or change.after is None or change.path.endswith(_OTHER_CODE):
        knotted = set(range(len(hunks)))
    elif change.path.endswith(_PYTHON):
        knotted = _knotted(change.before, hunks)
    else:
        knotted = set()
    groups: list[list[Hunk]] = []
    knot: list[Hunk] = []
    for number, hunk in enumerate(hunks):
        if number not in knotted:
            groups.append([hunk])
        elif knot:
            knot.append(hunk)
        else:
            knot = [hunk]
            groups.append(knot)
    return tuple(tuple(group) for group in groups)


def take_hunks(before: bytes, hunks: Collection[Hunk]) -> bytes:
    """Give a file with some of its hunks applied."""
    old = io.BytesIO(before).readlines()
    pieces: list[bytes] = []
    position = 0
    for hunk in sorted(hunks, key=lambda hunk: hunk.before_start):
        pieces += old[position : hunk.before_start]
        pieces += [line[1:] for line in hunk.lines if line[:1] != b"-"]
        position = hunk.before_start + hunk.before_count
    return b"".join([*pieces, *old[position:]])


def _knotted(before: bytes, hunks: Sequence[Hunk]) -> set[int]:
    """Find the hunks that cannot be taken alone, or left out alone, without a name being left undefined."""
    every = set(range(len(hunks)))
    known = _undefined(before)
    changed = b"".join(line[1:] for hunk in hunks for line in hunk.lines if line[:1] != b" ")
    # import pkg.old        THE SUBMODULE comes with the statement, and no name says who needs it
    if known is None or re.search(rb"^\s*import\b.*\.|\bunmix: keeps\b", changed, re.MULTILINE):
        return every
    knotted = set()
    for number in every:
        for taken in ({number}, every - {number}):
            undefined = _undefined(take_hunks(before, [hunks[index] for index in taken]))
            if undefined is None or undefined - known:
                knotted.add(number)
    return every if knotted and len(every) <= 2 else knotted


def _undefined(content: bytes) -> set[str] | None:
    """Give the names that a file uses or exports and does not bind; None when it is no Python that this one reads."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = symtable.symtable(content.decode("latin-1"), "file", "exec")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    tables = list(_tables(table))
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used = set(_exported(tree))
    for each in tables:
        for symbol in each.get_symbols():
            if each is not table and symbol.is_declared_global() and symbol.is_assigned():
                bound.add(symbol.get_name())
            if symbol.is_referenced() and (symbol.is_global() or each is table):
                used.add(symbol.get_name())
    return used - bound - _BUILTINS


_BUILTINS = frozenset(dir(builtins))


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _exported(tree: ast.Module) -> Iterator[str]:
    """Give the strings in the statements that make `__all__`."""
    for statement in tree.body:
        if any(isinstance(node, ast.Name) and node.id == "__all__" for node in ast.walk(statement)):
            for node in ast.walk(statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value

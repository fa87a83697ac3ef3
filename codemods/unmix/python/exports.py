"""Export lists: read the strings of `__all__`, and write the list for some of them.

Takes the statement that sets `__all__`, gives its entries with the text each one owns, comments included.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from unmix.python.positions import Span
from unmix.python.syntax import SyntaxTree, children, dotted_name, literal_string


@dataclass(frozen=True, slots=True)
class Entry:
    """One string of an export list. `lead` is the text between the entry before (or the bracket) and the string,
    `tail` what follows it as far as the end of its line: the comma and a comment.

        __all__ = [
            # THIS AND THE LINE BREAK BEFORE IT ARE THE LEAD
            "name",  # THIS AND THE COMMA ARE THE TAIL
        ]
    """

    name: str
    span: Span
    lead: str
    code: str
    tail: str


@dataclass(frozen=True, slots=True)
class ExportList:
    """A statement of the form `__all__ = […]`, `+= […]` or `.extend([…])`; the brackets' insides are `inner`.

    That of `__all__.append("name")` is the string.
    `rest` is what stands behind the last entry. A tuple may be without brackets (`bare`).
    """

    inner: Span
    entries: tuple[Entry, ...]
    rest: str
    is_tuple: bool
    bare: bool

    def write(self, names: Collection[str]) -> str:
        """Write the insides of the brackets for those entries whose names are among `names`."""
        kept = [entry for entry in self.entries if entry.name in names]
        if not kept:
            return "()" if self.bare else ""
        if len(kept) == len(self.entries):
            return "".join(entry.lead + entry.code + entry.tail for entry in kept) + self.rest
        pieces = []
        for index, entry in enumerate(kept):
            lead, tail = entry.lead, entry.tail
            if index == 0 and not lead.strip() and not self.entries[0].lead.strip():
                lead = self.entries[0].lead
            if "," not in tail.partition("#")[0] and index < len(kept) - 1:
                tail = "," + tail
            if index == len(kept) - 1 and "," not in self.entries[-1].tail.partition("#")[0]:
                tail = tail.replace(",", "", 1) if tail.startswith(",") else tail
            if self.is_tuple and len(kept) == 1 and "," not in tail.partition("#")[0]:
                tail = "," + tail
            pieces.append(lead + entry.code + tail)
        return "".join(pieces) + self.rest


def read_export_list(tree: SyntaxTree, statement: cst.CSTNode) -> ExportList | None:
    """Read a small statement that sets or extends `__all__` with literal strings; None when it is none, or computed."""
    value = _exported_value(statement)
    if isinstance(value, cst.SimpleString) and _method(statement) == "append":
        name, span = literal_string(value), tree.span(value)
        entry = Entry(name or "", span, "", tree.text[slice(*span)], "")
        return ExportList(span, (entry,), "", is_tuple=False, bare=False) if name else None
    if not isinstance(value, (cst.List, cst.Tuple)) or _method(statement) not in ("", "extend"):
        return None
    if any(literal_string(element.value) is None for element in value.elements):
        return None
    is_tuple = isinstance(value, cst.Tuple)
    bare = is_tuple and not value.lpar
    start, end = tree.span(value) if bare else tree.extent(value)
    inner = (start, end) if bare else (start + 1, end - 1)
    entries = []
    position = inner[0]
    for element in value.elements:
        here = tree.span(element.value)
        lead = tree.text[position : here[0]]
        stop = _end_of_tail(tree.text, here[1], inner[1])
        name = literal_string(element.value) or ""
        entries.append(Entry(name, here, lead, tree.text[here[0] : here[1]], tree.text[here[1] : stop]))
        position = stop
    return ExportList(inner, tuple(entries), tree.text[position : inner[1]], is_tuple, bare)


def sets_exports(statement: cst.CSTNode) -> bool:
    """Say whether a small statement gives `__all__` a value or changes it, in whatever form."""
    if isinstance(statement, cst.Assign):
        return any(dotted_name(target.target) == "__all__" for target in statement.targets)
    if isinstance(statement, (cst.AnnAssign, cst.AugAssign)):
        return dotted_name(statement.target) == "__all__"
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        return (dotted_name(statement.value.func) or "").startswith("__all__.")
    return False


def is_listed(tree: SyntaxTree, name: str) -> bool:
    """Say whether a file's `__all__` has a name."""
    return any(entry.name == name for exports in export_lists(tree) for entry in exports.entries)


@lru_cache(maxsize=2)  # each reference asks again; more would keep trees alive
def export_lists(tree: SyntaxTree) -> tuple[ExportList, ...]:
    """Give every literal export list of a module, also those in `if` and `try` blocks."""
    found: list[ExportList] = []
    stack: list[cst.CSTNode] = list(reversed(tree.module.body))
    while stack:
        node = stack.pop()
        if isinstance(node, cst.BaseSmallStatement):
            if sets_exports(node) and (exports := read_export_list(tree, node)) is not None:
                found.append(exports)
        elif not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
            stack.extend(reversed(list(children(node))))
    return tuple(found)


def _exported_value(statement: cst.CSTNode) -> cst.BaseExpression | None:
    if not sets_exports(statement):
        return None
    if isinstance(statement, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
        return statement.value
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call) and len(statement.value.args) == 1:
        return statement.value.args[0].value
    return None


def _method(statement: cst.CSTNode) -> str:
    """Give the method of `__all__` that a statement calls, nothing for an assignment."""
    call = statement.value if isinstance(statement, cst.Expr) else None
    return (dotted_name(call.func) or "").removeprefix("__all__.") if isinstance(call, cst.Call) else ""


def _end_of_tail(text: str, start: int, limit: int) -> int:
    """Give the end of an entry's tail: its comma, and a comment on the same line."""
    position = start
    while position < limit and text[position] in " \t":
        position += 1
    comma = position
    if position < limit and text[position] == ",":
        comma = position = position + 1
    while position < limit and text[position] in " \t":
        position += 1
    if position < limit and text[position] == "#":
        while position < limit and text[position] not in "\r\n":
            position += 1
        return position
    return comma if comma > start and text[comma - 1] == "," else start

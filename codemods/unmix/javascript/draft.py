"""What one file becomes while its loads are rewritten: the edits so far, and the few things that each rewrite does.

Takes a parsed file and what became of the old modules; decides nothing, the rewriting modules do. A load that cannot be
rewritten safely is raised as Blocked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from tree_sitter import Node

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.copies import Copies
from unmix.javascript.entries import keep_entries
from unmix.javascript.loads import Form, Load, Reach
from unmix.javascript.syntax import Span

BY_HAND = "rewrite it by hand"


class Blocked(Exception):
    """This file cannot be rewritten safely; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class Draft:
    """The edits of one file: `small` ones, and `copies` of statements, one for each part; `done` are ids of loads."""

    def __init__(self, source: SourceModule, context: Context, loads: Sequence[Load]) -> None:
        self.source = source
        self.tree = source.tree
        self.text = source.tree.text
        self.context = context
        self.loads = loads
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.small: list[Edit] = []
        self.copies: list[Copies] = []
        self.findings: list[Finding] = []
        self.taken = source.names_in_use()
        self.done: set[int] = set()
        self.aliased: dict[int, dict[str, str]] = {}

    def specifier(self, part: str, load: Load) -> str:
        here = load.seen_from or self.source.path
        if part == here and load.form is Form.TYPE:
            # A type of the declarations beside this very file is asked for as any neighbour asks.
            here = posixpath.join(posixpath.dirname(here), "neighbour")
        written = self.context.placing.specifier_for(part, here, load.written)
        if written is None:
            why = f"nothing like `{load.written}` reaches {part} from here"
            hint = "let the package export the part, then write its specifier by hand"
            raise self.blocked(load.span, why, load.old, hint)
        return written

    def aim(self, load: Load, part: str, typing: Iterable[Load]) -> list[Edit]:
        """Give the edits that make a load, and the types that say what it gives, mean one part."""
        return [Edit(*each.span, self.specifier(part, each)) for each in (load, *typing)]

    def keep(self, braces: Node, entries: Sequence[Node], numbers: Sequence[int]) -> list[Edit]:
        start, end = self.tree.span(braces)
        return keep_entries(self.text, (start + 1, end - 1), [self.tree.span(entry) for entry in entries], numbers)

    def keep_of(self, pattern: Node, reaches: Sequence[Reach]) -> list[Edit]:
        """Leave the names of one part in a pattern."""
        entries = [child for child in pattern.named_children if child.type != "comment"]
        kept = {reach.entry.id for reach in reaches if reach.entry is not None}
        numbers = [number for number, entry in enumerate(entries) if entry.id in kept]
        return self.keep(pattern, entries, numbers) if numbers and len(numbers) < len(entries) else []

    def copy(self, unit: Node, versions: Sequence[Sequence[Edit]], separator: str) -> None:
        start, end = self.tree.span(unit)
        written = self.text[start:end]
        if re.search(r"[\r\n]\s*;$", written) and written[0] not in "([`+-/":
            # const old = require("./old")⏎;[1].map(f): the semicolon is that of the next line.
            end = self.tree.span([child for child in unit.named_children if child.type != "comment"][-1])[1]
        self.copies.append(write_copies((start, end), versions, separator))

    def line_separator(self, statement: Node) -> str:
        """Give what stands between two statements where `statement` stands: a line end and its indentation."""
        start, end = self.tree.span(statement)
        line = self.text.rfind("\n", 0, start) + 1
        if self.text[line:start].strip():
            return " " if self.text[end - 1] == ";" else "; "
        return self.newline + self.text[line:start]

    def cannot(self, span: Span, why: str, load: Load) -> Finding:
        parts = ", ".join(self.context.relocation(load.old).parts)
        return self.source.cannot(span, why, load.old, f"name the part that is meant: {parts}")

    def blocked(self, place: Span | int, why: str, old: str, hint: str) -> Blocked:
        span = (place, place) if isinstance(place, int) else place
        return Blocked(self.source.cannot(span, why, old, hint))


def write_copies(
    span: Span, versions: Sequence[Sequence[Edit]], separator: str, before: str = "", after: str = ""
) -> Copies:
    """Give the copies of what stands at `span`, each with its own edits."""
    return Copies(span, tuple(tuple(sorted(version)) for version in versions), separator, before, after)


def statement_of(node: Node) -> Node | None:
    """Give the expression statement that is nothing but this call, awaited or not."""
    above = node.parent
    while above is not None and above.type not in ("expression_statement", "program", "statement_block"):
        above = above.parent
    return above if above is not None and above.type == "expression_statement" else None

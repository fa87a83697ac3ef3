"""Parse Python text with LibCST and say where a node stands.

Takes decoded text, gives a SyntaxTree: nodes, their spans in characters of that text, their parents.
LibCST's own position providers cost more than the parsing itself (measured: 1.6 times), and most nodes are never asked
for. So a top-level statement is located when the first node of it is: LibCST's code generator renders it, counting
characters, and the only place in the text that reads like this is where it stands. Where there is no such place, or
more than one, the whole module is rendered, which must give the whole text. Either way no span is given of a statement
that does not stand there to the letter.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import libcst as cst

from unmix.errors import UnreadableSource
from unmix.python.depth import refuse_depth
from unmix.python.own_parser import parse_quickly
from unmix.python.positions import Positions, Span, align, lines_that_read, render
from unmix.python.type_comments import types_in_comment


class SyntaxTree:
    """One parsed text. `module` is the LibCST tree; every question about places is asked of this object.

    `shown` is what was parsed: the text, or one of the same length in which some of it is hidden.
    """

    def __init__(self, path: str, text: str, module: cst.Module, shown: str | None = None) -> None:
        self.path = path
        self.text = text
        self.shown = text if shown is None else shown
        self.module = module
        self._spans: dict[int, Span] = {}
        self._extents: dict[int, Span] = {}
        self._parents: dict[int, cst.CSTNode] = {}
        self._statements = {id(statement): statement for statement in module.body}
        self._holders: dict[int, cst.CSTNode] = {}
        self._adopted: set[int] = set()
        self._grafts: dict[int, tuple[cst.BaseExpression, int]] = {}
        self._line_starts: list[int] | None = None

    def span(self, node: cst.CSTNode) -> Span:
        """Give the half-open span of `node` itself, without the whitespace and comments around it.

        Raises UnreadableSource when the tree does not render to the text.
        """
        if id(node) not in self._spans:
            self._locate(node)
        return self._spans[id(node)]

    def extent(self, node: cst.CSTNode) -> Span:
        """Give the span of `node` with all it owns: leading lines, trailing comment, line end, parentheses.

        Raises UnreadableSource when the tree does not render to the text.
        """
        if id(node) not in self._extents:
            self._locate(node)
        return self._extents[id(node)]

    def code(self, node: cst.CSTNode) -> str:
        """Give the text of `node` as it is written in the file."""
        start, end = self.span(node)
        return self.text[start:end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Give the node that holds `node`; None for the module."""
        above = self._parents.get(id(node))
        if above is None and node is not self.module:
            self._adopt_around(node)
            above = self._parents.get(id(node))
        return above

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Give the parent of `node`, its parent, and so on up to the module."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def place(self, offset: int) -> tuple[int, int]:
        """Give the 1-based line and column of a character offset."""
        if self._line_starts is None:
            self._line_starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_of(self, node: cst.CSTNode) -> int:
        """Give the 1-based line on which `node` begins."""
        return self.place(self.span(node)[0])[0]

    def note_holder(self, node: cst.CSTNode, statement: cst.CSTNode) -> None:
        """Take note of the top-level statement that holds `node`, from somebody who walks the tree anyway."""
        self._holders[id(node)] = statement

    def graft(self, string: cst.SimpleString) -> cst.BaseExpression | None:
        """Parse the expression inside a string literal (a quoted annotation) and place its nodes in this tree.

        None when the string is not a plain one-piece literal that holds an expression: its characters would not stand
        where they seem to.
        """
        body = string.raw_value
        if "\\" in string.value or "f" in string.prefix or "b" in string.prefix or not body.strip():
            return None
        if body != body.strip() or "\n" in body:
            return None
        return self._graft(body, string, len(string.prefix) + len(string.quote))

    def graft_types(self, comment: cst.Comment, statement: cst.CSTNode) -> Iterator[cst.BaseExpression]:
        """Parse the types that a comment in a top-level statement gives, and place their nodes in this tree."""
        for said, offset in types_in_comment(comment.value):
            # Parameters are arguments: `(A, *B)` alone is no expression.
            is_list = said.startswith("(")
            expression = self._graft(f"f{said}", comment, offset - 1) if is_list else self._graft(said, comment, offset)
            if expression is not None:
                self._parents[id(comment)] = statement
                yield from (
                    (each.value for each in expression.args) if isinstance(expression, cst.Call) else (expression,)
                )

    def _graft(self, text: str, holder: cst.CSTNode, offset: int) -> cst.BaseExpression | None:
        """Parse an expression that stands at an offset of a node; None where it is none."""
        try:
            expression = cst.parse_expression(text)
        except (cst.ParserSyntaxError, RecursionError):
            return None
        self._parents[id(expression)] = holder
        self._adopt(expression)
        self._grafts[id(expression)] = expression, offset
        return expression

    # -- places -----------------------------------------------------------------------------------------------------

    def _locate(self, node: cst.CSTNode) -> None:
        """Find the places of all nodes of the top-level statement, or of the graft, that holds `node`."""
        here: cst.CSTNode | None = node
        while here is not None and id(here) not in self._statements:
            if id(here) in self._grafts:
                expression, offset = self._grafts[id(here)]
                self._record(render(expression, None), self.span(self._parents[id(here)])[0] + offset)
                return
            here = self.parent(here)
        if here is None or not self._locate_statement(here):
            self._locate_all()

    def _locate_statement(self, statement: cst.CSTNode) -> bool:
        """Find the places in a statement whose text stands at the beginning of one line and no other."""
        positions = self._render(statement)
        rendered = "".join(positions.tokens)
        places = list(lines_that_read(rendered, self.shown))
        if len(places) != 1:
            return False
        self._record(positions, places[0])
        return True

    def _locate_all(self) -> None:
        positions = self._render(self.module)
        rendered = "".join(positions.tokens)
        shifts = [(0, 0)] if rendered == self.shown else align(rendered, self.shown)
        if shifts is None:
            raise UnreadableSource(self.path, 0, "cannot be parsed: LibCST does not give back the same text")
        if len(shifts) > 1:
            positions.shift(shifts)
        self._record(positions, 0)

    def _render(self, node: cst.CSTNode) -> Positions:
        try:
            return render(node, self.module)
        except RecursionError as error:
            raise UnreadableSource(self.path, 0, "cannot be located: nested too deeply") from error

    def _record(self, positions: Positions, start: int) -> None:
        for known, found in ((self._spans, positions.spans), (self._extents, positions.extents)):
            known.update((key, (start + first, start + last)) for key, (first, last) in found.items())

    # -- parents ----------------------------------------------------------------------------------------------------

    def _adopt_around(self, node: cst.CSTNode) -> None:
        """Learn the parents in the statement that holds `node`; where nobody noted it, in one after another."""
        holder = self._holders.get(id(node), self._statements.get(id(node)))
        for statement in (holder,) if holder is not None else self.module.body:
            if id(statement) not in self._adopted:
                self._adopted.add(id(statement))
                self._parents[id(statement)] = self.module
                self._adopt(statement)
            if id(node) in self._parents:
                return

    def _adopt(self, node: cst.CSTNode) -> None:
        stack = [node]
        parents = self._parents
        while stack:
            above = stack.pop()
            for child in children(above):
                parents[id(child)] = above
                stack.append(child)


def parse(path: str, text: str, shown: str | None = None) -> SyntaxTree:
    """Parse `text`, or of it what is `shown`. Raises UnreadableSource with the line LibCST stops at."""
    refuse_depth(path, text)
    if shown is not None and shown != text:
        try:
            return SyntaxTree(path, text, cst.parse_module(shown), shown)
        except (cst.ParserSyntaxError, RecursionError):
            pass  # The whole text may be read all the same, or says better what is wrong.
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        line, reason = _explain_syntax_error(text, error)
        raise UnreadableSource(path, line, f"cannot be parsed: {reason}") from error
    except RecursionError as error:
        raise UnreadableSource(path, 0, "cannot be parsed: nested too deeply") from error
    return SyntaxTree(path, text, module)


def _explain_syntax_error(text: str, error: cst.ParserSyntaxError) -> tuple[int, str]:
    """Give the line and the reason: in Python's own words if it refuses the text too, since LibCST lists its tokens."""
    try:
        parse_quickly(text)
    except SyntaxError as own:
        return own.lineno or error.raw_line, own.msg
    except (ValueError, RecursionError):
        pass
    return error.raw_line, "LibCST does not know this syntax"


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Give the nodes directly below `node`, without whitespace, commas and parentheses."""
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(
            name for name in kind.__dataclass_fields__ if not name.startswith("whitespace") and name not in _NO_CODE
        )
    for name in fields:
        value = getattr(node, name)
        if isinstance(value, (list, tuple)):
            for item in value:
                if _is_node(type(item)):
                    yield item
        elif _is_node(type(value)):
            yield value


def _is_node(kind: type) -> bool:
    """Say whether objects of a class are nodes; isinstance() would ask LibCST's metaclass every time."""
    known = _NODES.get(kind)
    if known is None:
        known = _NODES[kind] = issubclass(kind, cst.CSTNode)
    return known


_NODES: dict[type, bool] = {}
_FIELDS: dict[type, tuple[str, ...]] = {}
_NO_CODE = frozenset(
    "lpar rpar lbrace rbrace lbracket rbracket leading_lines lines_after_decorators header footer "
    "trailing_whitespace comma semicolon equal dot colon indent".split()
)


def literal_string(node: cst.CSTNode) -> str | None:
    """Give the value of a plain string literal (one piece, no bytes, no f-string), else None."""
    if not isinstance(node, cst.SimpleString) or "b" in node.prefix.lower():
        return None
    if "\\" not in node.value and "\r" not in node.value:
        # What is written is what is meant, and asking Python's parser takes a hundred times as long.
        return node.raw_value
    try:
        value = node.evaluated_value
    except (SyntaxError, ValueError):
        # A NUL, or an escape that this Python does not know.
        return None
    return value if isinstance(value, str) else None


def dotted_name(node: cst.CSTNode | None) -> str | None:
    """Give `a.b.c` for a Name or an attribute chain of plain names, else None."""
    pieces: list[str] = []
    here: Any = node
    while isinstance(here, cst.Attribute):
        pieces.append(here.attr.value)
        here = here.value
    if not isinstance(here, cst.Name):
        return None
    pieces.append(here.value)
    return ".".join(reversed(pieces))

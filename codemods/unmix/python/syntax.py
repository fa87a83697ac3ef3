"""Parse Python text with LibCST and say where every node stands.

Takes decoded text, gives a SyntaxTree: nodes, their spans in characters of that text, their parents.
LibCST's own position providers cost more than the parsing itself (measured: 1.6 times); one walk of its code generator
that only counts characters costs a fifth of it, and proves on the way that the tree renders to the very same text.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

from unmix.errors import UnreadableSource

Span = tuple[int, int]


class SyntaxTree:
    """One parsed text. `module` is the LibCST tree; every question about places is asked of this object."""

    def __init__(self, path: str, text: str, module: cst.Module) -> None:
        self.path = path
        self.text = text
        self.module = module
        self._spans: dict[int, Span] = {}
        self._extents: dict[int, Span] = {}
        self._parents: dict[int, cst.CSTNode] = {}
        self._grafts: list[cst.CSTNode] = []
        self._line_starts: list[int] | None = None

    def span(self, node: cst.CSTNode) -> Span:
        """Give the half-open span of `node` itself, without the whitespace and comments around it."""
        return self._spans[id(node)]

    def extent(self, node: cst.CSTNode) -> Span:
        """Give the span of `node` with all it owns: leading lines, trailing comment, line end, parentheses."""
        return self._extents[id(node)]

    def code(self, node: cst.CSTNode) -> str:
        """Give the text of `node` as it is written in the file."""
        start, end = self.span(node)
        return self.text[start:end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Give the node that holds `node`; None for the module."""
        return self._parents.get(id(node))

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
        try:
            expression = cst.parse_expression(body)
        except (cst.ParserSyntaxError, RecursionError):
            return None
        start = self.span(string)[0] + len(string.prefix) + len(string.quote)
        state = _Positions(self, start)
        expression._codegen(state)
        self._parents[id(expression)] = string
        self._adopt(expression)
        self._grafts.append(expression)
        return expression

    def _shift(self, shifts: list[tuple[int, int]]) -> None:
        offsets = [offset for offset, _ in shifts]
        for spans in (self._spans, self._extents):
            for key, (start, end) in spans.items():
                spans[key] = _shifted(start, offsets, shifts), _shifted(end, offsets, shifts)

    def _adopt(self, node: cst.CSTNode) -> None:
        stack = [node]
        parents = self._parents
        while stack:
            above = stack.pop()
            for child in children(above):
                parents[id(child)] = above
                stack.append(child)


def parse(path: str, text: str) -> SyntaxTree:
    """Parse `text`. Raises UnreadableSource with the line LibCST stops at, or when the tree does not render to it."""
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        line, reason = _explain_syntax_error(text, error)
        raise UnreadableSource(path, line, f"cannot be parsed: {reason}") from error
    except RecursionError as error:
        raise UnreadableSource(path, 0, "cannot be parsed: nested too deeply") from error
    tree = SyntaxTree(path, text, module)
    state = _Positions(tree, 0, module)
    module._codegen(state)
    rendered = "".join(state.tokens)
    if rendered != text:
        shifts = _align(rendered, text)
        if shifts is None:
            raise UnreadableSource(path, 0, "cannot be parsed: LibCST does not give back the same text")
        tree._shift(shifts)
    tree._adopt(module)
    return tree


def _explain_syntax_error(text: str, error: cst.ParserSyntaxError) -> tuple[int, str]:
    """Give the line and the reason: in Python's own words if it refuses the text too, since LibCST lists its tokens."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
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


def _align(rendered: str, text: str) -> list[tuple[int, int]] | None:
    """Say from which offset of `rendered` on how many characters of `text` are missing in it; None if more differs.

    LibCST 1.9 forgets the blank in `except (A, B) :`; a tree that differs from the text in blanks only is still true.
    """
    shifts = [(0, 0)]
    here = there = 0
    while here < len(rendered) or there < len(text):
        if here < len(rendered) and there < len(text) and rendered[here] == text[there]:
            here, there = here + 1, there + 1
        elif there < len(text) and text[there] in " \t\\\r\n\f":
            there += 1
            shifts.append((here, there - here))
        elif here < len(rendered) and rendered[here] in " \t\r\n\f":
            here += 1
            shifts.append((here, there - here))
        else:
            return None
    return shifts


def _shifted(offset: int, offsets: list[int], shifts: list[tuple[int, int]]) -> int:
    return offset + shifts[bisect_right(offsets, offset) - 1][1]


class _Positions(CodegenState):
    """The code generator's state, counting characters: records where each node begins and ends."""

    def __init__(self, tree: SyntaxTree, start: int, module: cst.Module | None = None) -> None:
        super().__init__(
            module.default_indent if module else "    ",
            module.default_newline if module else "\n",
        )
        self._tree = tree
        self._position = start
        self._starts: list[int] = []

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self._position += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self._position)

    def after_codegen(self, node: cst.CSTNode) -> None:
        extent = self._starts.pop(), self._position
        self._tree._extents[id(node)] = extent
        self._tree._spans.setdefault(id(node), extent)

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return _Recording(self, node, start_node, end_node)


class _Recording:
    """The span of one node, from entry to exit, or as far as the nodes that LibCST names say."""

    __slots__ = ("_end_node", "_node", "_start", "_start_node", "_state")

    def __init__(
        self, state: _Positions, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self._state, self._node, self._start_node, self._end_node = state, node, start_node, end_node

    def __enter__(self) -> None:
        self._start = self._state._position

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spans = self._state._tree._spans
        start = spans[id(self._start_node)][0] if self._start_node is not None else self._start
        end = spans[id(self._end_node)][1] if self._end_node is not None else self._state._position
        spans[id(self._node)] = (start, end)


def literal_string(node: cst.CSTNode) -> str | None:
    """Give the value of a plain string literal (one piece, no bytes, no f-string), else None."""
    if not isinstance(node, cst.SimpleString) or "b" in node.prefix.lower():
        return None
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

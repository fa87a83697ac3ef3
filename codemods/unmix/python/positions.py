"""Render a LibCST tree and count: where each node begins and ends, in characters of the rendered text.

Takes nodes, gives Positions; says besides where a text stands in another, and how two that differ in blanks compare.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType

import libcst as cst
from libcst._nodes.internal import CodegenState

Span = tuple[int, int]


def render(node: cst.CSTNode, module: cst.Module | None) -> Positions:
    """Render `node` as a part of `module`, counting from 0."""
    positions = Positions(
        module.default_indent if module else "    ",
        module.default_newline if module else "\n",
    )
    node._codegen(positions)
    return positions


class Positions(CodegenState):
    """The code generator's state, counting characters: records where each node begins and ends."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent, default_newline)
        self.spans: dict[int, Span] = {}
        self.extents: dict[int, Span] = {}
        self._position = 0
        self._starts: list[int] = []

    def shift(self, shifts: list[tuple[int, int]]) -> None:
        """Move every place as align() says."""
        offsets = [offset for offset, _ in shifts]
        for spans in (self.spans, self.extents):
            for key, (start, end) in spans.items():
                spans[key] = _shifted(start, offsets, shifts), _shifted(end, offsets, shifts)

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
        self.extents[id(node)] = extent
        self.spans.setdefault(id(node), extent)

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return _Recording(self, node, start_node, end_node)


class _Recording:
    """The span of one node, from entry to exit, or as far as the nodes that LibCST names say."""

    __slots__ = ("_end_node", "_node", "_start", "_start_node", "_state")

    def __init__(
        self, state: Positions, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self._state, self._node, self._start_node, self._end_node = state, node, start_node, end_node

    def __enter__(self) -> None:
        self._start = self._state._position

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return  # Half-way: what is inside has no place yet.
        spans = self._state.spans
        start = spans[id(self._start_node)][0] if self._start_node is not None else self._start
        end = spans[id(self._end_node)][1] if self._end_node is not None else self._state._position
        spans[id(self._node)] = (start, end)


def lines_that_read(part: str, text: str) -> Iterator[int]:
    """Give every place of `part` in `text` that is the beginning of a line."""
    place = text.find(part)
    while place >= 0:
        if place == 0 or text[place - 1] in "\r\n":
            yield place
        place = text.find(part, place + 1)


def align(rendered: str, text: str) -> list[tuple[int, int]] | None:
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

"""Hide the functions that cannot concern a migration from LibCST, which takes its time for each of their nodes.

Takes a text and the lines in question, gives a text of the same length with the same line ends, in which each function
on none of them has an empty signature and a string for a body. What is left stands where it stood.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from unmix.python.concern import has_line

_HEADER = re.compile(r"(?:async(?:[ \t\f]|\\\r?\n)+)?def(?:[ \t\f]|\\\r?\n)+[^\W\d]\w*")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def mask_functions(text: str, tree: ast.Module, lines: list[int]) -> str:
    """Hide the functions of `text` that are on none of the sorted `lines`."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    pieces: list[str] = []
    here = 0
    for function in _functions_without(lines, tree.body):
        for start, end, hidden in _masks(text, function, starts):
            pieces += [text[here:start], hidden]
            here = end
    return "".join([*pieces, text[here:]])


def _functions_without(lines: list[int], body: Iterable[ast.stmt]) -> Iterator[Function]:
    """Give the outermost functions on none of the lines, from top to bottom."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min((node.lineno, *(decorator.lineno for decorator in node.decorator_list)))
            if not has_line(lines, first, node.end_lineno or node.lineno):
                yield node
                continue
        for field in ("body", "handlers", "orelse", "finalbody", "cases"):
            below = getattr(node, field, ())
            if isinstance(below, list):
                yield from _functions_without(lines, below)


def _masks(text: str, function: Function, starts: list[int]) -> Iterator[tuple[int, int, str]]:
    """Give the spans of a function that are hidden, with what hides them; none for one that is too short.

    @decorator(1)              →  @"  "
    def f(a, b=1) -> int:         def f():"
        return a + b                       "

    with three quotes each, so that all line ends stay.
    """
    start = _offset(text, starts, function.lineno, function.col_offset)
    end = _offset(text, starts, function.end_lineno or function.lineno, function.end_col_offset or 0)
    header = _HEADER.match(text, start)
    body = _hidden(text, header.end(), end, "(", '):"""') if header is not None else None
    if header is None or body is None:
        return
    if function.decorator_list:
        first, last = function.decorator_list[0], function.decorator_list[-1]
        above = _offset(text, starts, first.lineno, first.col_offset)
        below = _offset(text, starts, last.end_lineno or last.lineno, last.end_col_offset or 0)
        above = text.rfind("@", 0, above) + 1
        decorators = _hidden(text, above, below, "", '"""')
        if decorators is not None:
            yield above, below, decorators
    yield header.end(), end, body


def _hidden(text: str, start: int, end: int, first: str, opening: str) -> str | None:
    """Give what has the length and the line ends of a span: `first`, `opening` as soon as it fits, a string's end.

    None where there is no room.
    """
    blank = re.sub(r"[^\r\n]", " ", text[start:end])
    skipped = len(first)
    room = re.search(r"[^\r\n]" * len(opening), blank[skipped:])
    if room is None or blank[:skipped].strip(" ") or re.search(r"[\r\n]", blank[-3:]):
        return None
    opened = first + blank[skipped : skipped + room.start()] + opening
    return opened + blank[len(opened) : -3] + '"""' if len(opened) + 3 <= len(blank) else None


def _offset(text: str, starts: list[int], line: int, column: int) -> int:
    """Give the characters before a place whose column is counted in bytes of UTF-8."""
    start = starts[line - 1]
    piece = text[start : start + column]
    if piece.isascii():
        return start + column
    end = starts[line] if line < len(starts) else len(text)
    return start + len(text[start:end].encode()[:column].decode())

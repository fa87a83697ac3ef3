"""Hide what cannot concern a migration from LibCST, which takes its time for each node it makes.

Takes a text and the lines in question, gives a text of the same length with the same line ends. Of functions on none of
the lines only the names are left, bound to strings; inside other functions, and in classes, each run of statements on
none of them is one string, and so are long expressions. What is left stands where it stood, and every name of the
module is bound where it was, and in the same order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from unmix.python.concern import statements_of
from unmix.python.line_spans import first_line, has_line
from unmix.python.modules import is_dunder

_QUOTES = '"""'
_HEADER = re.compile(r"(?:async[ \t\f]+)?def[ \t\f]+([^\W\d]\w*)")

# From how many line ends on an expression is worth to be hidden.
_LONG = 3

Function = ast.FunctionDef | ast.AsyncFunctionDef

_FAR_REACHING = (ast.Global, ast.Nonlocal)

# What is written at a place.
Mark = tuple[int, str]

# From where to where, in characters, and what hides it.
Mask = tuple[int, int, str]


def mask_statements(text: str, tree: ast.Module, lines: list[int]) -> str:
    """Hide what is on none of `lines`, but for functions that bind names of other scopes."""
    far = (node.lineno for node in statements_of(tree.body) if isinstance(node, _FAR_REACHING))
    lines = sorted({*lines, *far})
    pieces: list[str] = []
    here = 0
    for start, end, hidden in _Masks(text, lines).of_module(tree.body):
        pieces += [text[here:start], hidden]
        here = end
    return "".join([*pieces, text[here:]])


class _Masks:
    """The masks of one text, from top to bottom."""

    def __init__(self, text: str, lines: list[int]) -> None:
        self.text = text
        self.lines = lines
        self.starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def of_module(self, body: Iterable[ast.stmt]) -> Iterator[Mask]:
        """Hide what is inside functions and classes of the module itself, and inside its `if`, `try` and so on."""
        run: list[Function] = []
        for node in body:
            since = run[-1].end_lineno if run else None  # with the comments between it and the others of its run
            if isinstance(node, Function) and not is_dunder(node.name) and not self.is_in_question(node, since):
                run.append(node)
                continue
            yield from self.of_functions(run)
            run = []
            if isinstance(node, Function):
                if not is_dunder(node.name):
                    yield from self.of_shown(node)
            elif isinstance(node, ast.ClassDef):
                # The members of a global enumeration are names of the module.
                decorated = {getattr(each, "attr", getattr(each, "id", "")) for each in node.decorator_list}
                if "global_enum" not in decorated:
                    yield from self.of_statements(node.body)
            elif isinstance(node, ast.Assign):
                yield from self.of_value(node)
            else:
                for _, below in _suites(node):
                    yield from self.of_module(below)
        yield from self.of_functions(run)

    def of_functions(self, run: Sequence[Function]) -> Iterator[Mask]:
        """Hide functions that follow each other, but for their names; nothing of one that has no room.

        @decorator(1)              →  QQQ
        def f(a, b=1) -> int:         QQQ;f=QQQ
            return a + b
        def g(x): return x            QQQ;g=QQQ  QQQ

        with three quotes for QQQ, and spaces for all else.
        """
        marks: list[Mark] = []
        start = end = 0
        for function in run:
            more = self.marks_of(function, marks)
            if marks and not more:
                yield start, end, self.marked(start, end, marks)
                marks, more = [], self.marks_of(function, [])
            start = start if marks else self.start_of(function)
            end = self.end_of(function) if more else end
            marks += more
        if marks:
            yield start, end, self.marked(start, end, marks)

    def marks_of(self, function: Function, before: list[Mark]) -> list[Mark]:
        """Give what begins a string for a function, and ends the one that the marks `before` it have begun.

        Nothing where the lines have no room for it, or not for the end of the string.
        """
        start, at = self.start_of(function), self.offset(function.lineno, function.col_offset)
        header = _HEADER.match(self.text, at)
        if header is None:
            return []
        opening = [(start, _QUOTES)] if not before and start < at else []
        begun = [*before, *opening]
        name = f"{header[1]}={_QUOTES}"
        marks = [*opening, (at, f"{_QUOTES};{name}" if begun else name)]
        if begun and not self.has_room(*marks[-1]):
            # The string above ends on its own lines then.
            close = self.close_between(begun[-1], self.starts[function.lineno - 1])
            marks = [*opening, (close, _QUOTES), (at, name)] if close is not None else []
        return marks if marks and self.close_between(marks[-1], self.end_of(function)) is not None else []

    def has_room(self, place: int, mark: str) -> bool:
        line = self.text[place : place + len(mark)]
        return len(line) == len(mark) and "\n" not in line and "\r" not in line

    def close_between(self, mark: Mark, end: int) -> int | None:
        """Give where a string that `mark` begins can end before the offset `end`."""
        begun = mark[0] + len(mark[1])
        found = _blank(self.text[begun:end]).rfind(" " * len(_QUOTES))
        return begun + found if found >= 0 else None

    def marked(self, start: int, end: int, marks: list[Mark]) -> str:
        """Blank a span but for its line ends and `marks`, and end the last string."""
        close = self.close_between(marks[-1], end)
        assert close is not None, "marks_of() asked"
        blank = _blank(self.text[start:end])
        pieces, position = [], start
        for place, mark in (*marks, (close, _QUOTES)):
            pieces += [blank[position - start : place - start], mark]
            position = place + len(mark)
        return "".join([*pieces, blank[position - start :]])

    def of_shown(self, function: Function) -> Iterator[Mask]:
        """Hide the long calls above a function, tables of parameters mostly, and what is inside it."""
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call):
                yield from self.of_expression(decorator)
        yield from self.of_body(function)

    def of_value(self, assignment: ast.Assign) -> Iterator[Mask]:
        """Hide the long value of plain names; `__all__` and its like say something of the module."""
        targets = assignment.targets
        if all(isinstance(target, ast.Name) and not is_dunder(target.id) for target in targets):
            yield from self.of_expression(assignment.value)

    def of_expression(self, node: ast.expr) -> Iterator[Mask]:
        """Hide an expression of many lines, unless it binds names."""
        first, last = node.lineno, node.end_lineno or node.lineno
        if last - first < _LONG or has_line(self.lines, first, last):
            return
        start, end = self.offset(first, node.col_offset), self.end_of(node)
        if ":=" in self.text[start:end]:
            return
        hidden = self.hidden(start, end)
        if hidden is None and isinstance(node, (ast.List, ast.Set, ast.Dict)):
            # There is more room on the lines below a bracket.
            inside = self.text[start + 1 : end - 1]
            start, end = end - 1 - len(inside.lstrip()), start + 1 + len(inside.rstrip())
            hidden = self.hidden(start, end)
        if hidden is not None:
            yield start, end, hidden

    def of_body(self, function: Function) -> Iterator[Mask]:
        """Hide statements of a function, unless some of them bind names of other scopes."""
        if not any(isinstance(node, _FAR_REACHING) for node in statements_of(function.body)):
            yield from self.of_statements(function.body)

    def of_statements(self, body: Sequence[ast.stmt]) -> Iterator[Mask]:
        """Hide each run of statements without a line in question, and what is such inside the others."""
        run: list[ast.stmt] = []
        for node in body:
            # With the comments between it and the others of its run.
            if not self.is_in_question(node, run[-1].end_lineno if run else None):
                run.append(node)
                continue
            yield from self.of_run(run)
            run = []
            if isinstance(node, Function):
                yield from self.of_body(node)
                continue
            yield from self.of_suites(node)
        yield from self.of_run(run)

    def of_suites(self, node: ast.stmt) -> Iterator[Mask]:
        for chained, below in _suites(node):
            if chained and self.text.startswith("elif", self.start_of(below[0])):
                # `elif` begins no statement, whatever the tree says.
                yield from self.of_suites(below[0])
            else:
                yield from self.of_statements(below)

    def of_run(self, run: Sequence[ast.stmt]) -> Iterator[Mask]:
        if run:
            start, end = self.start_of(run[0]), self.end_of(run[-1])
            hidden = self.hidden(start, end)
            if hidden is not None:
                yield start, end, hidden

    def hidden(self, start: int, end: int) -> str | None:
        """Give a string in parentheses with the length and the line ends of a span; None where there is no room."""
        blank = _blank(self.text[start:end])
        opening, closing = f"({_QUOTES}", f"{_QUOTES})"
        close = blank.rfind(" " * len(_QUOTES), len(opening), -1)
        if close < 0 or not blank.startswith(" " * len(opening)):
            return None
        return opening + blank[len(opening) : close] + _QUOTES + blank[close + len(_QUOTES) : -1] + closing[-1]

    def is_in_question(self, node: ast.stmt, since: int | None = None) -> bool:
        return has_line(self.lines, since or first_line(node), node.end_lineno or node.lineno)

    def start_of(self, node: ast.stmt) -> int:
        """Give the offset of a statement, or of the first `@` above it."""
        decorators = getattr(node, "decorator_list", ())
        if decorators:
            return self.text.rfind("@", 0, self.offset(decorators[0].lineno, decorators[0].col_offset))
        return self.offset(node.lineno, node.col_offset)

    def end_of(self, node: ast.stmt | ast.expr) -> int:
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def offset(self, line: int, column: int) -> int:
        """Give the characters before a place whose column is counted in bytes of UTF-8."""
        start = self.starts[line - 1]
        piece = self.text[start : start + column]
        if piece.isascii():
            return start + column
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode())


def _blank(text: str) -> str:
    """Give a text of spaces with the same line ends."""
    return re.sub(r"[^\r\n]+", lambda line: " " * len(line[0]), text)


def _suites(node: ast.stmt) -> Iterator[tuple[bool, list[ast.stmt]]]:
    """Give the suites of a statement from top to bottom, and whether one is the `else` of an `if`."""
    clauses: list[ast.AST] = [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]
    for each, fields in (
        (node, ("body",)),
        *((clause, ("body",)) for clause in clauses),
        (node, ("orelse", "finalbody")),
    ):
        for field in fields:
            below = getattr(each, field, None)
            if below:
                yield field == "orelse" and isinstance(node, ast.If), below

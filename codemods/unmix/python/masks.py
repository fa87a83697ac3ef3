"""Hide what cannot concern a migration from LibCST, which takes its time for each node it makes.

Takes a text and the lines in question, gives a text of the same length with the same line ends. A function on none of
the lines has an empty signature and a string for a body; inside other functions, and in classes, each run of statements
on none of them is one string. What is left stands where it stood, and every name of the module is bound as before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from unmix.python.concern import has_line, statements_of
from unmix.python.modules import is_dunder

_HEADER = re.compile(r"(?:async(?:[ \t\f]|\\\r?\n)+)?def(?:[ \t\f]|\\\r?\n)+[^\W\d]\w*")

# From how many line ends on an expression is worth to be hidden.
_LONG = 3

Function = ast.FunctionDef | ast.AsyncFunctionDef

# From where to where, in characters, and what hides it.
Mask = tuple[int, int, str]


def mask_statements(text: str, tree: ast.Module, lines: list[int]) -> str:
    """Hide what is on none of the sorted `lines`."""
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
        for node in body:
            if isinstance(node, Function):
                yield from self.of_shown(node) if self.is_in_question(node) else self.of_function(node)
            elif isinstance(node, ast.ClassDef):
                yield from self.of_statements(node.body)
            elif isinstance(node, ast.Assign):
                yield from self.of_value(node)
            else:
                for _, below in _suites(node):
                    yield from self.of_module(below)

    def of_function(self, function: Function) -> Iterator[Mask]:
        """Hide a function but for its name; nothing of one that is too short.

        @decorator(1)              →  @("  ")
        def f(a, b=1) -> int:         def f():("
            return a + b                      ")

        with three quotes each, so that all line ends stay.
        """
        end = self.end_of(function)
        header = _HEADER.match(self.text, self.offset(function.lineno, function.col_offset))
        body = self.hidden(header.end(), end, "():") if header is not None else None
        if header is None or body is None:
            return
        if function.decorator_list:
            above, below = self.start_of(function) + 1, self.end_of(function.decorator_list[-1])
            decorators = self.hidden(above, below)
            if decorators is not None:
                yield above, below, decorators
        yield header.end(), end, body

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
        if not any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in statements_of(function.body)):
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

    def hidden(self, start: int, end: int, first: str = "") -> str | None:
        """Give what has the length and the line ends of a span: `first`, and a string in parentheses.

        None where there is no room for the quotes.
        """
        blank = re.sub(r"[^\r\n]+", lambda line: " " * len(line[0]), self.text[start:end])
        opening = f'{first[1:]}("""'
        begin = len(first[:1])
        room = re.search(r"[^\r\n]" * len(opening), blank[begin:])
        if room is None or (not first and room.start()):
            return None
        opened = first[:1] + blank[begin : begin + room.start()] + opening
        close = blank.rfind("   ", len(opened), -1)
        return None if close < 0 else opened + blank[len(opened) : close] + '"""' + blank[close + 3 : -1] + ")"

    def is_in_question(self, node: ast.stmt, since: int | None = None) -> bool:
        decorators = getattr(node, "decorator_list", ())
        first = since or min((node.lineno, *(decorator.lineno for decorator in decorators)))
        return has_line(self.lines, first, node.end_lineno or node.lineno)

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

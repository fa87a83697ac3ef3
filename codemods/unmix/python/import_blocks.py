"""Find the import blocks of a file: the runs of imports that a tool sorts as one.

Takes a file's text and the project's settings, gives Source, or None for a file that is not to be sorted. A block that
a comment excludes, or that shares its lines with other statements, is none. It changes no text and orders nothing.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unmix.python.import_settings import RUFF, ImportSettings
from unmix.python.line_spans import first_line, has_line
from unmix.python.same_statements import Beginning

_SKIP_FILE = re.compile(r"#\s*(?:ruff:\s*)?isort:\s?skip_file", re.MULTILINE)
_NOQA_FILE = re.compile(r"^\s*#\s*(?:ruff|flake8):\s*noqa\s*(?::(?P<codes>.*))?$", re.MULTILINE | re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa(?P<colon>:\s*(?P<codes>[A-Z][0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_DIRECTIVE = re.compile(r"\s*# (?:ruff: )?isort: ?(split|off|on)\s*$")
_SKIP = re.compile(r"#.*isort: ?skip")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of import statements on the lines from `start` to `end`, with the blank lines behind it that it owns.

    `blank` is how many of them there should be, None where that is nobody's business; `key` tells the place of the
    run among the statements that are no imports, and is the same before and after imports have changed.
    """

    key: tuple[object, ...]
    nodes: tuple[ast.Import | ast.ImportFrom, ...]
    start: int
    body_end: int
    end: int
    indent: str
    blank: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text as lines with their ends, and its import blocks from top to bottom."""

    lines: list[str]
    newline: str
    unit: str  # one step of indentation
    blocks: tuple[Block, ...]

    def text_of(self, block: Block) -> str:
        """Give the lines that a block owns."""
        return "".join(self.lines[block.start : block.end])


def is_sorted_by(text: str, settings: ImportSettings) -> bool:
    """Say whether the project's tool sorts the imports of a text: comments may tell it not to."""
    if _SKIP_FILE.search(text) or "\r" in text.replace("\r\n", ""):
        return False
    return settings.tool != RUFF or not any(_names_order(match["codes"]) for match in _NOQA_FILE.finditer(text))


def read_source(text: Beginning, settings: ImportSettings, unit: str) -> Source:
    """Find the import blocks of a text; `unit` is one step of indentation."""
    newline = "\r\n" if text.lines and text.lines[0].endswith("\r\n") else "\n"
    importing = [number for number, line in enumerate(text.lines, 1) if "import" in line]
    has_directives = any("isort:" in line for line in text.lines)
    finder = _BlockFinder(text.lines, settings, has_directives, importing)
    blocks = sorted(finder.blocks_of(text.statements, (), nested=False), key=lambda block: block.start)
    return Source(text.lines, newline, unit, tuple(blocks))


def comments_in(text: str) -> dict[int, str] | None:
    """Give the comment on each line of a block that has one, counted from 0; None when it is no Python."""
    if "#" not in text:
        return {}
    lines = iter(text.splitlines(keepends=True))
    found = {}
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            if token.type == tokenize.COMMENT:
                found[token.start[0] - 1] = token.string.rstrip()
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


def _names_order(codes: str | None) -> bool:
    """Say whether a `noqa` with these codes (None: without any) speaks of the order of imports."""
    return codes is None or any("I001".startswith(code) for code in re.findall(r"[A-Z]+[0-9]+", codes.upper()))


def indentation_of(text: Beginning) -> str:
    """Give the indentation of the first indented statement, or else of the first indented line in brackets."""
    lines = text.lines
    for holder, body in _suites(text.statements):
        number = body[0].lineno
        white = re.match(r"[ \t\f]*", lines[number - 1])
        if number > getattr(holder, "lineno", 0) and white and white[0]:
            return white[0].rpartition("\f")[2]
    for node in text.statements:
        for line in lines[node.lineno : node.end_lineno]:
            white = re.match(r"[ \t]+(?=\S)", line)
            if white and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                return white[0]
    return "    "


@dataclass(frozen=True, slots=True)
class _BlockFinder:
    lines: list[str]
    settings: ImportSettings
    has_directives: bool
    importing: list[int]  # the lines that say so, counted from 1: most functions have none, and are not looked into

    def blocks_of(self, body: Sequence[ast.stmt], place: tuple[object, ...], *, nested: bool) -> Iterator[Block]:
        """Give the runs of imports in a list of statements, and in the statements below those."""
        run: list[ast.Import | ast.ImportFrom] = []
        others = 0
        runs = 0
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                splits, excluded = self._directives(run[-1] if run else None, statement)
                if (splits or excluded) and run:
                    yield from self._block(run, (*place, others, runs), statement, nested=nested)
                    run, runs = [], runs + 1
                if not excluded:
                    run.append(statement)
                continue
            yield from self._block(run, (*place, others, runs), statement, nested=nested)
            run, runs = [], 0
            if has_line(self.importing, statement.lineno, statement.end_lineno or statement.lineno):
                for number, holder in enumerate((statement, *_clauses(statement))):
                    for name, inner in _bodies(holder):
                        yield from self.blocks_of(inner, (*place, others, number, name), nested=True)
            others += 1
        yield from self._block(run, (*place, others, runs), None, nested=nested)

    def _directives(self, last: ast.stmt | None, statement: ast.stmt) -> tuple[bool, bool]:
        """Say whether a comment parts `statement` from the last import, and whether one excludes it."""
        if not self.has_directives:
            return False, False
        above = self.lines[last.end_lineno if last is not None and last.end_lineno else 0 : statement.lineno - 1]
        splits = last is not None and any(match[1] == "split" for match in map(_DIRECTIVE.match, above) if match)
        switches = [match[1] for match in map(_DIRECTIVE.match, self.lines[: statement.lineno]) if match]
        switches = [switch for switch in switches if switch != "split"]
        own = self.lines[statement.lineno - 1 : statement.end_lineno]
        return splits, switches[-1:] == ["off"] or any(_SKIP.search(line) for line in own)

    def _block(
        self,
        run: Sequence[ast.Import | ast.ImportFrom],
        key: tuple[object, ...],
        following: ast.stmt | None,
        *,
        nested: bool,
    ) -> Iterator[Block]:
        if not run or not all(self._stands_alone(node) for node in run):
            return
        start, end = run[0].lineno - 1, run[-1].end_lineno or run[-1].lineno
        indent = self.lines[start][: run[0].col_offset]
        if self.settings.tool == RUFF:
            noqa = _NOQA.search(self.lines[start])
            if noqa and _names_order(noqa["codes"]):
                return
        else:
            start = self._with_comments(start, indent)
        owned = end
        blank = None if nested or following is None else self._blank_lines(following)
        if blank is not None:
            while owned < len(self.lines) and not self.lines[owned].strip():
                owned += 1
        yield Block(key, tuple(run), start, end, owned, indent, blank)

    def _stands_alone(self, node: ast.stmt) -> bool:
        """Say whether a statement has its lines for itself, but for a comment: no `import a; import b`."""
        first, last = self.lines[node.lineno - 1], self.lines[(node.end_lineno or node.lineno) - 1]
        behind = last.encode()[node.end_col_offset :].decode(errors="replace").strip()
        above = self.lines[node.lineno - 2].rstrip("\r\n") if node.lineno > 1 else ""
        return not first[: node.col_offset].strip() and behind[:1] in ("", "#") and not above.endswith("\\")

    def _with_comments(self, start: int, indent: str) -> int:
        """Give the line where the comments right above an import begin: isort moves them with it.

        The comment at the very top of a file is about the file.
        """
        first = start
        while first and self.lines[first - 1].startswith(indent + "#") and not _DIRECTIVE.match(self.lines[first - 1]):
            first -= 1
        return start if first <= 2 and not any(line.strip() for line in self.lines[:first]) else first

    def _blank_lines(self, following: ast.stmt) -> int:
        """Give how many blank lines are to part imports from the statement that follows them."""
        said = self.settings.options.get("lines_after_imports", -1)
        if self.settings.path.endswith(".pyi"):
            return 0 if said == 0 and self.settings.tool == RUFF else 1
        if said >= 0:
            return int(said)
        if not isinstance(following, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return 1
        return 1 if self._is_parted_by_comment(first_line(following) - 1) else 2

    def _is_parted_by_comment(self, index: int) -> bool:
        """Say whether comments above a definition stand apart from it.

        import os

        # Not about f.

        def f(): ...
        """
        seen_blank = False
        for line in reversed(self.lines[:index]):
            stripped = line.strip()
            if seen_blank and stripped:
                return stripped.startswith("#")
            if not stripped:
                seen_blank = True
            elif not stripped.startswith(("#", "@")):
                return False
        return False


def _suites(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    """Give every list of statements below `body` with what holds it, from top to bottom."""
    for statement in body:
        suites = [(holder, inner) for holder in (statement, *_clauses(statement)) for _, inner in _bodies(holder)]
        for holder, inner in sorted(suites, key=lambda suite: suite[1][0].lineno):
            yield holder, inner
            yield from _suites(inner)


def _bodies(node: ast.AST) -> list[tuple[str, list[ast.stmt]]]:
    """Give the lists of statements that a node holds, those of exception handlers and match cases included."""
    found = []
    for name in ("body", "orelse", "finalbody"):
        value = getattr(node, name, None)
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            found.append((name, value))
    return found


def _clauses(statement: ast.stmt) -> list[ast.AST]:
    return [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]

"""Write a block of imports as ruff's rule I001 does, in the steps in which it does.

Takes a source, a block of it and the project's settings, gives the block's lines in ruff's order, or None when that
cannot be told. It starts no ruff and does not judge whether the block should be sorted: import_order does.
"""

from __future__ import annotations

import ast
import re
import tokenize
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

from unmix.python.import_blocks import Block, Source, comments_in
from unmix.python.import_settings import ImportSettings
from unmix.python.ruff_sections import find_section


def order_by_ruff(source: Source, block: Block, settings: ImportSettings) -> str | None:
    """Give the lines of a block as ruff would write them; None when that cannot be told."""
    options = settings.options
    if options.get("import_heading"):
        return None
    statements = _statements(source, block, options)
    if statements is None:
        return None
    width = _width(block.indent, options["indent_width"])
    separate: dict[int, list[_Statement]] = {}
    for statement in statements:
        tops = enumerate(options["forced_separate"], 1)
        top = statement.dotted.partition(".")[0]
        separate.setdefault(next((n for n, name in tops if top.startswith(name)), 0), []).append(statement)
    lines: list[str] = []
    for number in sorted(separate):
        sections: dict[str, list[_Statement]] = {}
        for statement in separate[number]:
            sections.setdefault(find_section(statement.dotted, settings), []).append(statement)
        if lines:
            lines.append("")
        lines += _write_sections(sections, options, source.unit, width)
    indented = (block.indent + line if line else "" for line in lines)
    return "".join(line + source.newline for line in indented)


@dataclass(slots=True)
class _Comments:
    above: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.above or self.behind or self.below)

    def add(self, other: _Comments) -> None:
        self.above += other.above
        self.behind += other.behind
        self.below += other.below


_Name = tuple[str, str]  # name, and what it is called here or ""


@dataclass(slots=True)
class _Statement:
    """A statement to be written: `import module`, or with `names` `from module import names`; `index` is its age.

    Of its comments, `behind` are on its first line and `below` on its last.
    """

    module: str
    level: int
    asname: str
    index: int
    is_from: bool
    names: dict[_Name, _Comments] = field(default_factory=dict)
    comments: _Comments = field(default_factory=_Comments)
    has_comma: bool = False

    @property
    def dotted(self) -> str:
        return "." * self.level + self.module


def _statements(source: Source, block: Block, options: Mapping[str, Any]) -> list[_Statement] | None:
    """Read the statements of a block as they are to be written: one for each module that is imported from.

    A name that is renamed has a statement for itself, unless they are to be combined.
    """
    text = "".join(source.lines[block.start : block.body_end])
    comments = comments_in(text)
    if comments is None:
        return None
    waiting = sorted((number + block.start + 1, comment) for number, comment in comments.items())

    def take(last: int) -> list[str]:
        taken = []
        while waiting and waiting[0][0] <= last:
            taken.append(waiting.pop(0)[1])
        return taken

    found: dict[tuple[object, ...], _Statement] = {}

    def statement(node: ast.Import | ast.ImportFrom, index: int, name: _Name, *, alone: bool) -> _Statement:
        if isinstance(node, ast.Import):
            return found.setdefault(("import", *name), _Statement(name[0], 0, name[1], index, False))
        kind = name if alone or (name[1] and not options["combine_as_imports"]) or name[0] == "*" else ()
        new = _Statement(node.module or "", node.level, "", index, True)
        return found.setdefault(("from", node.level, node.module, *kind), new)

    for index, node in enumerate(block.nodes):
        end = node.end_lineno or node.lineno
        above = take(node.lineno - 1)
        aliases = [(alias.name, alias.asname or "") for alias in node.names]
        if isinstance(node, ast.Import):
            for name in aliases:
                statement(node, index, name, alone=False)
            statement(node, index, aliases[0], alone=False).comments.add(_Comments(above, take(end)))
            continue
        behind = take(node.lineno) if len(aliases) > 1 or node.names[0].lineno > node.lineno else []
        named = []
        for alias in node.names:
            own = _Comments(take(alias.lineno - 1))
            own.behind = take(alias.end_lineno or alias.lineno)
            named.append(own)
        named[-1].below = take(end - 1)
        below = take(end)
        alone = options["force_single_line"] and node.module not in options["single_line_exclusions"]
        alone = alone and aliases[0][0] != "*"
        for number, name in enumerate(aliases if alone else aliases[:1]):
            whole = _Comments(above if number == 0 else [], list(behind), list(below))
            statement(node, index, name, alone=alone).comments.add(whole)
        has_comma = options["split_on_trailing_comma"] and _has_trailing_comma(source, node)
        for name, own in zip(aliases, named, strict=True):
            into = statement(node, index, name, alone=alone)
            into.names.setdefault(name, _Comments()).add(own)
            into.has_comma |= has_comma and not alone
    return list(found.values())


def _has_trailing_comma(source: Source, node: ast.ImportFrom) -> bool:
    lines = iter([*source.lines[node.lineno - 1 : node.end_lineno], ""])
    trivia = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    code = [t.string for t in tokenize.generate_tokens(lambda: next(lines, "")) if t.type not in trivia]
    return code[-2:] == [",", ")"]


def _write_sections(
    sections: Mapping[str, list[_Statement]], options: Mapping[str, Any], unit: str, width: int
) -> list[str]:
    lines: list[str] = []
    parted = False
    for section in options["section_order"]:
        parted = parted or section not in options["no_lines_before"]
        if section not in sections:
            continue
        if lines and parted:
            lines.append("")
        parted = False
        last: bool | None = None
        between = 0 if options["force_sort_within_sections"] else options["lines_between_types"]
        for number, statement in enumerate(_in_order(sections[section], section, options)):
            if last is not None and last != statement.is_from and statement.is_from != options["from_first"]:
                lines += [""] * between
                between = 0
            last = statement.is_from
            if number and statement.comments.above:
                lines.append("")
            lines += statement.comments.above
            lines += _write_statement(statement, options, unit, width)
    return lines


def _in_order(statements: Iterable[_Statement], section: str, options: Mapping[str, Any]) -> list[_Statement]:
    ordered = sorted(statements, key=lambda statement: (_module_key(statement, options), statement.index))
    if section == "future":
        return sorted(ordered, key=lambda statement: not statement.is_from)
    if options["force_sort_within_sections"]:
        return ordered
    return sorted(ordered, key=lambda statement: statement.is_from != options["from_first"])


def _module_key(statement: _Statement, options: Mapping[str, Any]) -> tuple[Any, ...]:
    name = statement.module
    distance = (1, 0)
    if statement.level:
        near = options["relative_imports_order"] == "closest-to-furthest"
        distance = 0, statement.level if near else -statement.level
    by_length = options["length_sort"] or (options["length_sort_straight"] and not statement.is_from)
    return (
        name not in options["force_to_top"],
        _width(name) + statement.level if by_length else 0,
        distance,
        bool(name),
        _natural("" if options["case_sensitive"] else name.lower()),
        _natural(name),
        min((_member_key(member, options) for member in statement.names), default=()),
        _optional(statement.asname),
    )


def _member_key(member: _Name, options: Mapping[str, Any]) -> tuple[Any, ...]:
    name, asname = member
    return (
        name != "*",
        _member_type(name, options) if options["order_by_type"] else 0,
        _width(name) if options["length_sort"] else 0,
        _natural("" if options["case_sensitive"] else name.lower()),
        _natural(name),
        _optional(asname),
    )


def _member_type(name: str, options: Mapping[str, Any]) -> int:
    """Give 0 for a CONSTANT, 1 for a Class, 2 for a variable."""
    for number, kind in enumerate(("constants", "classes", "variables")):
        if name in options[kind]:
            return number
    if len(name) > 1 and name.isupper():
        return 0
    return 1 if name[:1].isupper() else 2


def _optional(name: str) -> tuple[bool, Any]:
    return bool(name), _natural(name)


def _compare_naturally(one: str, other: str) -> int:
    """Compare as people count: `a2` before `a10`; digits behind a zero count as those of a fraction do."""
    i = j = 0
    while i < len(one) and j < len(other):
        if not (one[i].isdigit() and other[j].isdigit()):
            if one[i] != other[j]:
                return -1 if one[i] < other[j] else 1
            i, j = i + 1, j + 1
            continue
        first, second = _DIGITS.match(one, i), _DIGITS.match(other, j)
        assert first is not None
        assert second is not None
        left, right = first[0], second[0]
        if not (left.startswith("0") or right.startswith("0")) and len(left) != len(right):
            return -1 if len(left) < len(right) else 1
        if left != right:
            return -1 if left < right else 1
        i, j = first.end(), second.end()
    return (len(one) - i > 0) - (len(other) - j > 0)


_DIGITS = re.compile(r"\d+")
_natural = cmp_to_key(_compare_naturally)


def _write_statement(statement: _Statement, options: Mapping[str, Any], unit: str, width: int) -> list[str]:
    comments = statement.comments
    if not statement.is_from:
        return ["  ".join((f"import {_called(statement.module, statement.asname)}", *comments.behind, *comments.below))]
    names = sorted(statement.names.items(), key=lambda named: _member_key(named[0], options))
    head = f"from {statement.dotted} import "
    star = any(name == "*" for (name, _), _ in names)
    wraps = options["force_wrap_aliases"] and len(names) > 1 and any(asname for (_, asname), _ in names)
    if star or not (statement.has_comma or wraps or (len(names) > 1 and any(own for _, own in names))):
        line = head + ", ".join(_called(*name) for name, _ in names)
        inner = [comment for _, own in names for comment in (*own.above, *own.behind, *own.below)]
        line = "  ".join((line, *comments.behind, *inner, *comments.below))
        if star or width + _width(_PRAGMA.sub("", line)) <= options["line_length"]:
            return [line]
    lines = ["  ".join((head + "(", *comments.behind))]
    for name, own in names:
        lines += [unit + comment for comment in own.above]
        lines.append("  ".join((f"{unit}{_called(*name)},", *own.behind)))
        lines += [unit + comment for comment in own.below]
    return [*lines, "  ".join((")", *comments.below))]


# Comments that speak to a tool do not make a line too long.
_PRAGMA = re.compile(r"\s*#\s*(?:[nN][oO][qQ][aA]|nosec|(?:isort|type|pyright|pyrefly|pylint|flake8|ruff|ty):).*$")


def _called(name: str, asname: str) -> str:
    return f"{name} as {asname}" if asname else name


def _width(text: str, tab: int = 4) -> int:
    width = 0
    for letter in text:
        if letter == "\t":
            width += tab - width % tab
        elif not unicodedata.combining(letter):
            width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return width

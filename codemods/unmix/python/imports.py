"""Import statements as plain data, and how to write one for some of its names.

Takes an import node of a SyntaxTree, gives an ImportStatement with every comment at the name it belongs to;
gives back text in the style (one line, wrapped, one name a line) in which the statement was written.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst

from unmix.python.positions import Span
from unmix.python.syntax import SyntaxTree, dotted_name

# Comments that speak to a tool about their own line: each statement that comes out of the line needs them.
_PRAGMA = re.compile(r"#\s*(noqa|type:|isort|pylint|pragma|nosec|fmt|flake8|mypy|pyright|ruff|yapf)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name of an import statement: `name as asname`, the comment lines above it, the comment behind it.

    from old import (
        # above
        name as asname,  # behind
    )
    """

    name: str
    asname: str = ""
    above: tuple[str, ...] = ()
    behind: str = ""

    @property
    def bound(self) -> str:
        """The name that the import binds."""
        return self.asname or self.name.partition(".")[0]

    @property
    def code(self) -> str:
        return f"{self.name} as {self.asname}" if self.asname else self.name


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """One `import` or `from … import` statement; `names` is empty for a star import."""

    span: Span
    is_from: bool
    level: int
    module: str
    names: tuple[ImportedName, ...]
    star: bool
    style: Style
    below: tuple[str, ...] = ()

    def write(self, module: str, names: Sequence[ImportedName], *, last: bool = False) -> str:
        """Write this statement for `names` of `module` (with its dots).

        `last` says that the comments below the last name go with them.
        """
        if self.star:
            return f"from {module} import *"
        if not self.is_from:
            return "import " + ", ".join(name.code for name in names)
        last = last or tuple(names[-1:]) == self.names[-1:]
        return self.style.write(f"from {module} import ", names, self.below if last else ())


@dataclass(frozen=True, slots=True)
class Style:
    """How the names of a statement are laid out; `column` is where the statement begins, `width` where lines end."""

    indent: str
    newline: str
    parenthesized: bool = False
    one_a_line: bool = False
    wrapped: bool = False
    trailing_comma: bool = False
    opening_comment: str = ""
    name_indent: str = ""
    closing_indent: str = ""
    width: int = 88
    aligned: bool = False

    def write(self, head: str, names: Sequence[ImportedName], below: Sequence[str] = ()) -> str:
        """Write `head` and the names in this style, with all their comments."""
        commented = below or any(name.above or name.behind for name in names) or self.opening_comment
        line = ", ".join(name.code for name in names)
        fits = len(self.indent) + len(head) + len(line) <= self.width
        if commented or (self.one_a_line and not (fits and len(names) == 1)):
            return self._one_a_line(head, names, below)
        if (self.wrapped or self.one_a_line) and not fits:
            return self._filled(head, line)
        return f"{head}({line})" if self.parenthesized and not (self.wrapped or self.one_a_line) else head + line

    def _filled(self, head: str, line: str) -> str:
        """Fill lines with names, beside the bracket or below the statement as the old one was."""
        if self.aligned:
            margin = " " * (len(self.indent) + len(head) + 1)
            filled = textwrap.fill(line, self.width, initial_indent=margin, subsequent_indent=margin)
            return f"{head}({filled.lstrip().replace(chr(10), self.newline)})"
        filled = textwrap.fill(
            line + ("," if self.trailing_comma else ""),
            self.width,
            initial_indent=self.name_indent,
            subsequent_indent=self.name_indent,
            break_long_words=False,
        )
        return f"{head}({self.newline}{filled.replace(chr(10), self.newline)}{self.newline}{self.indent})"

    def _one_a_line(self, head: str, names: Sequence[ImportedName], below: Sequence[str]) -> str:
        inner = self.name_indent or self.indent + "    "
        lines = [head + "(" + (f"  {self.opening_comment}" if self.opening_comment else "")]
        for index, name in enumerate(names):
            comma = "," if index < len(names) - 1 or self.trailing_comma or name.behind or below else ""
            lines += [inner + comment for comment in name.above]
            lines.append(inner + name.code + comma + (f"  {name.behind}" if name.behind else ""))
        lines += [inner + comment for comment in below]
        lines.append(self.closing_indent + ")")
        return self.newline.join(lines)


def read_import(tree: SyntaxTree, node: cst.Import | cst.ImportFrom) -> ImportStatement:
    """Read an import node into plain data."""
    span = tree.span(node)
    line_start = tree.text.rfind("\n", 0, span[0]) + 1
    before = tree.text[line_start : span[0]]
    indent = before[: len(before) - len(before.lstrip())]
    newline = tree.module.default_newline
    code = tree.text[span[0] : span[1]]
    if isinstance(node, cst.Import):
        names = tuple(ImportedName(dotted_name(alias.name) or "", alias.evaluated_alias or "") for alias in node.names)
        return ImportStatement(span, False, 0, "", names, False, Style(indent, newline))
    level, module = len(node.relative), dotted_name(node.module) or ""
    if isinstance(node.names, cst.ImportStar):
        return ImportStatement(span, True, level, module, (), True, Style(indent, newline))
    read = [ImportedName(alias.evaluated_name, alias.evaluated_alias or "") for alias in node.names]
    if node.lpar is None:
        wrapped = "\n" in code
        style = Style(indent, newline, wrapped=wrapped, name_indent=indent + "    ")
        return ImportStatement(span, True, level, module, tuple(read), False, style)
    opening, above = _comments(node.lpar.whitespace_after)
    below: tuple[str, ...] = ()
    for index, alias in enumerate(node.names):
        read[index] = replace(read[index], above=above)
        above = ()
        if isinstance(alias.comma, cst.Comma):
            behind, above = _comments(alias.comma.whitespace_after)
            _, earlier = _comments(alias.comma.whitespace_before)
            read[index] = replace(read[index], behind=behind, above=(*read[index].above, *earlier))
    if node.rpar is not None:
        behind, last = _comments(node.rpar.whitespace_before)
        if behind:
            read[-1] = replace(read[-1], behind=behind)
        below = (*above, *last)
    starts = [tree.span(alias)[0] for alias in node.names]
    lines = [tree.text[tree.text.rfind("\n", 0, start) + 1 : start] for start in starts]
    multiline = "\n" in code
    own_lines = multiline and all(not line.strip() for line in lines)
    style = Style(
        indent,
        newline,
        parenthesized=True,
        one_a_line=own_lines and (len(read) > 1 or isinstance(node.names[-1].comma, cst.Comma)),
        wrapped=multiline,
        trailing_comma=isinstance(node.names[-1].comma, cst.Comma),
        opening_comment=opening,
        name_indent=next((line for line in lines if not line.strip()), indent + "    "),
        closing_indent=_closing_indent(code, indent),
        width=max(79, *(len(line) for line in code.splitlines())) if multiline else 88,
        aligned=multiline and bool(lines[0].strip()),
    )
    return ImportStatement(span, True, level, module, tuple(read), False, style, below)


def place_statements(tree: SyntaxTree, node: cst.CSTNode, statements: Sequence[str]) -> str:
    """Write `statements` where the one small statement `node` stands: on lines of their own, or behind semicolons.

    A comment behind the line stays behind the last; one that speaks to a tool (`# noqa`) is repeated behind each.

        if ready: from old import a, b      →  if ready: from x import a; from y import b
        from old import a, b  # noqa: F401  →  from x import a  # noqa: F401
                                               from y import b  # noqa: F401
    """
    line = tree.parent(node)
    if isinstance(line, cst.SimpleStatementSuite) or (isinstance(line, cst.SimpleStatementLine) and len(line.body) > 1):
        return "; ".join(statements)
    start = tree.span(node)[0]
    indent = tree.text[tree.text.rfind("\n", 0, start) + 1 : start]
    comment = ""
    if isinstance(line, cst.SimpleStatementLine) and line.trailing_whitespace.comment is not None:
        comment = line.trailing_whitespace.comment.value
    repeated = f"  {comment}" if _PRAGMA.search(comment) else ""
    return (repeated + tree.module.default_newline + indent).join(statements)


def _comments(space: object) -> tuple[str, tuple[str, ...]]:
    """Give the comment that ends the line, and the comments on lines of their own, of whitespace in parentheses."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return "", ()
    behind = space.first_line.comment.value if space.first_line.comment else ""
    return behind, tuple(line.comment.value for line in space.empty_lines if line.comment is not None)


def _closing_indent(code: str, indent: str) -> str:
    last = code.rpartition("\n")[2]
    return last[: -len(last.lstrip())] if last.strip() == ")" and last != ")" else ("" if last == ")" else indent)

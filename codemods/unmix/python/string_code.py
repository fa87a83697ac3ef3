"""Read the code in a string literal, and write into it.

Takes a literal, of one piece or of several in a row, gives the lines of its value: of each character it is known where
in the file it is written, escapes included. What an f-string puts in is a name that nothing defines.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libcst as cst

from unmix.edit import Edit
from unmix.python.excerpt import Line
from unmix.python.line_spans import lines_of
from unmix.python.positions import Span
from unmix.python.syntax import SyntaxTree

_ESCAPE = re.compile(r"\\(?:\r\n|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}]*\}|[0-7]{1,3}|.)", re.DOTALL)


# What stands for what an f-string puts in.
HOLE = "_unmix_hole"


@dataclass(frozen=True, slots=True)
class StringCode:
    """The lines of code in a literal; `escape` writes new code as the literal has to.

    `pieces` are the spans of plain text in it. `is_one_line` when it cannot hold a further line, `has_code` when an
    f-string may put more code in: anything but the `repr()` of a value.
    """

    lines: tuple[Line, ...]
    escape: Callable[[str], str]
    pieces: tuple[Span, ...]
    is_one_line: bool
    has_code: bool

    def can_take(self, edit: Edit) -> bool:
        """Say whether an edit of the file changes one piece of the literal, and leaves it a literal."""
        if (self.is_one_line and "\n" in edit.text) or re.search(r"[{}]", edit.text):
            return False
        return any(start <= edit.start and edit.end <= end for start, end in self.pieces)


def read_string_code(tree: SyntaxTree, literal: cst.BaseString) -> StringCode | None:
    """Read a literal; None where it is no text, or its lines end in an odd way."""
    strings = list(_strings_of(literal))
    if any("b" in string.prefix.lower() for string in strings):
        return None
    pieces = []
    characters: list[tuple[str, int, int]] = []
    has_code = False
    for string in strings:
        is_raw = "r" in string.prefix.lower()
        if isinstance(string, cst.SimpleString):
            start = tree.span(string)[0] + len(string.prefix) + len(string.quote)
            pieces.append((start, start + len(string.raw_value)))
            characters += _characters(tree.text, *pieces[-1], is_raw=is_raw)
            continue
        for part in string.parts:
            span = tree.span(part)
            if isinstance(part, cst.FormattedStringText):
                pieces.append(span)
                characters += _without_second_braces(_characters(tree.text, *span, is_raw=is_raw))
            else:
                has_code |= not isinstance(part, cst.FormattedStringExpression) or part.conversion != "r"
                characters += [(letter, *span) for letter in HOLE]
    if not characters or any(character == "\r" for character, _, _ in characters):
        return None
    long = all(len(string.quote) == 3 for string in strings)
    is_one_line = not long and any("r" in string.prefix.lower() for string in strings)
    newline = tree.module.default_newline

    def escape(text: str) -> str:
        return text.replace("\n", newline) if long else text.replace("\n", "\\n")

    return StringCode(_lines(characters), escape, tuple(pieces), is_one_line, has_code)


def _strings_of(literal: cst.BaseString) -> Iterator[cst.SimpleString | cst.FormattedString]:
    if isinstance(literal, cst.ConcatenatedString):
        yield from _strings_of(literal.left)
        yield from _strings_of(literal.right)
    elif isinstance(literal, (cst.SimpleString, cst.FormattedString)):
        yield literal


def _without_second_braces(characters: Iterator[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Join the two braces by which an f-string says one."""
    for character, start, end in characters:
        yield (character, start, next(characters)[2]) if character in "{}" else (character, start, end)


def _characters(text: str, start: int, end: int, *, is_raw: bool) -> Iterator[tuple[str, int, int]]:
    """Give each character of a literal's value with the span where it is written."""
    place = start
    while place < end:
        escape = None if is_raw or text[place] != "\\" else _ESCAPE.match(text, place, end)
        if escape is not None:
            for character in _meant(escape[0]):
                yield character, place, escape.end()
            place = escape.end()
        elif text.startswith("\r\n", place):
            yield "\n", place, place + 2
            place += 2
        else:
            yield text[place], place, place + 1
            place += 1


def _meant(escape: str) -> str:
    """Give what an escape stands for; one that Python does not know, for itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = ast.literal_eval(f'"""{escape} """')
    return str(value)[:-1]


def _lines(characters: list[tuple[str, int, int]]) -> tuple[Line, ...]:
    """Give lines without the blanks that all of them begin with."""
    value = "".join(character for character, _, _ in characters)
    written_lines = lines_of(value)
    plain = lines_of(textwrap.dedent(value))  # without a last line that is blank
    widths = (len(line) - len(bare) for line, bare in zip(written_lines, plain, strict=False) if bare.strip(" \t\n"))
    margin = min(widths, default=0)
    lines = []
    place = 0
    for written in written_lines:
        own = characters[place : place + len(written)]
        place += len(written)
        inner = own[margin:] if written.strip(" \t\n") else own[-1:]
        code = "".join(character for character, _, _ in inner)
        starts, ends = [start for _, start, _ in inner], [end for _, _, end in inner]
        if not code.endswith("\n"):
            code, starts, ends = code + "\n", [*starts, ends[-1]], [*ends, ends[-1]]
        lines.append(Line(code, starts, ends, (own[0][1], own[-1][2]), written[:margin], written[:margin]))
    return tuple(lines)

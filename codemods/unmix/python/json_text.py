"""Read JSON without losing where it stands: the places of members, elements and of each character of a string.

Takes a text that json.loads() has accepted, gives offsets into it; nothing is ever written back from a parsed value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_SCALAR = re.compile(r"[^\s,\[\]{}\"]+")
_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)


def root(text: str) -> int:
    """Give where the text's value begins."""
    return _skip(text, 0)


def members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Give each key of the object at `at` with the place of its value; nothing if there is no object."""
    if text[at : at + 1] != "{":
        return
    at = _skip(text, at + 1)
    while text[at] != "}":
        end = value_end(text, at)
        value = _skip(text, _skip(text, end) + 1)
        yield json.loads(text[at:end]), value
        at = _next(text, value)


def elements(text: str, at: int) -> Iterator[int]:
    """Give the place of each element of the array at `at`; nothing if there is no array."""
    if text[at : at + 1] != "[":
        return
    at = _skip(text, at + 1)
    while text[at] != "]":
        yield at
        at = _next(text, at)


def value_end(text: str, at: int) -> int:
    """Give where the value at `at` ends."""
    if text[at] not in '"[{':
        match = _SCALAR.match(text, at)
        assert match is not None, "json.loads() has accepted the text"
        return match.end()
    if text[at] == '"':
        match = _STRING.match(text, at)
        assert match is not None, "json.loads() has accepted the text"
        return match.end()
    depth = 0
    for match in _STRUCTURE.finditer(text, at):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
            if not depth:
                return match.end()
    raise AssertionError("json.loads() has accepted the text")


def is_string(text: str, at: int) -> bool:
    """Say whether the value at `at` is a string."""
    return text[at : at + 1] == '"'


def string_places(text: str, at: int) -> tuple[str, list[int], list[int]]:
    """Give the string at `at`, and where each of its characters begins and ends."""
    end = value_end(text, at)
    pieces = [match.span() for match in _CHARACTER.finditer(text, at + 1, end - 1)]
    value = json.loads(text[at:end])
    return value, [start for start, _ in pieces], [stop for _, stop in pieces]


def _next(text: str, at: int) -> int:
    """Give where what follows the value at `at` begins, behind a comma if there is one."""
    at = _skip(text, value_end(text, at))
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at

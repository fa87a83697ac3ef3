"""Give the values of a TOML document with the lines they stand on.

TOML Kit gives the values; it keeps no positions, and does not give back the text it read either (it moves a second
[[split]] up to the first), so the lines are read off the text itself. Takes a text, gives nodes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit


@dataclass(frozen=True, slots=True)
class Node:
    """A TOML value and its 1-based line: that of its key, of its header, or its own when it stands in a list.

    In a table and a list the values are nodes in turn.
    """

    value: Any
    line: int

    @property
    def children(self) -> dict[str, Node]:
        return self.value if isinstance(self.value, dict) else {}


Place = tuple[str | int, ...]  # the keys and list indices that lead to a value

_TOKEN = re.compile(
    r"""
      (?P<string> \"{3} (?: [^\\] | \\. )*? \"{3,5} | '{3} .*? '{3,5} | "(?: [^"\\\n] | \\. )*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<bare> [A-Za-z0-9_+:-]+ )
    | (?P<sign> [\[\]{}=,\n] )
    """,
    re.VERBOSE | re.DOTALL,
)


def read_places(text: str) -> Node:
    """Read a TOML document. Raises TOMLKitError, ValueError or RecursionError for what is none."""
    return _locate(tomlkit.parse(text).unwrap(), (), _lines(text), 1)


def _locate(value: object, place: Place, lines: Mapping[Place, int], outer_line: int) -> Node:
    line = lines.get(place, outer_line)
    if isinstance(value, dict):
        return Node({key: _locate(inner, (*place, key), lines, line) for key, inner in value.items()}, line)
    if isinstance(value, list):
        return Node([_locate(inner, (*place, index), lines, line) for index, inner in enumerate(value)], line)
    return Node(value, line)


def _lines(text: str) -> dict[Place, int]:
    """Give the 1-based line of every key, header and list item of `text`, which is TOML.

    On anything else the lines make no sense, but nothing is raised.
    """
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}  # how many times each [[header]] was seen
    header: Place = ()
    opened: list[tuple[Place, int | None]] = []  # lists with the index of their next item, and tables in braces
    keys: list[str] = []
    brackets = 0  # of the header that is being read
    in_value = False
    line, position = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", position, token.start())
        position = token.start()
        kind, written = token.lastgroup, token.group()
        place, index = opened[-1] if opened else (header, None)
        if index is not None:
            place = (*place, index)
        if kind == "comment":
            continue
        if in_value:
            if kind != "sign" or written in "[{":
                lines.setdefault((*place, *keys), line)
            if written == "[":
                opened.append(((*place, *keys), 0))
                keys = []
            elif written == "{":
                opened.append(((*place, *keys), None))
                keys, in_value = [], False
            elif written == "," and index is not None:
                opened[-1] = (opened[-1][0], index + 1)
            elif written == "," or (written == "\n" and not opened):
                keys, in_value = [], False
            elif written in ("]", "}") and opened:
                opened.pop()
        elif kind != "sign":
            keys.append(_key(written))
        elif written == "=":
            for length in range(1, len(keys) + 1):
                lines.setdefault((*place, *keys[:length]), line)
            in_value = True
        elif written == "}" and opened:
            opened.pop()
            keys, in_value = [], True
        elif written == "[":
            brackets += 1
        elif written == "]" and keys:
            header = _header_place(keys, brackets == 2, line, lines, counts)
            keys, brackets = [], 0
    return lines


def _header_place(
    keys: list[str], is_list: bool, line: int, lines: dict[Place, int], counts: dict[Place, int]
) -> Place:
    """Give where the keys below a header belong, and enter the header's line."""
    place: Place = ()
    for length, key in enumerate(keys, start=1):
        place = (*place, key)
        lines.setdefault(place, line)
        if is_list and length == len(keys):
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place = (*place, counts[place] - 1)
            lines.setdefault(place, line)
    return place


def _key(written: str) -> str:
    if written[0] not in "\"'":
        return written
    if "\\" not in written:
        return written[1:-1]
    return str(tomlkit.parse(f"key = {written}")["key"])

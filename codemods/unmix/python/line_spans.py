"""Ask for the lines of a text, and which of them a statement stands on.

Takes texts, nodes of Python's own parser and line numbers, counted from 1.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def lines_of(text: str) -> list[str]:
    """Split a text at line feeds alone, each line with its end; splitlines() would part at form feeds, too."""
    return _LINE.findall(text)


def first_line(node: ast.stmt) -> int:
    """Give the line where a statement begins: that of its first decorator, if it has any."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min((node.lineno, *(decorator.lineno for decorator in decorators)))


def has_line(lines: list[int], start: int, end: int) -> bool:
    """Say whether any of the sorted `lines` is among those from `start` to `end`."""
    at = bisect_left(lines, start)
    return at < len(lines) and lines[at] <= end

"""Ask which lines a statement stands on.

Takes nodes of Python's own parser and line numbers, counted from 1.
"""

from __future__ import annotations

import ast
from bisect import bisect_left


def first_line(node: ast.stmt) -> int:
    """Give the line where a statement begins: that of its first decorator, if it has any."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min((node.lineno, *(decorator.lineno for decorator in decorators)))


def has_line(lines: list[int], start: int, end: int) -> bool:
    """Say whether any of the sorted `lines` is among those from `start` to `end`."""
    at = bisect_left(lines, start)
    return at < len(lines) and lines[at] <= end

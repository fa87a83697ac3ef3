"""Refuse texts that are nested so deeply that they would take a parser down.

Takes decoded text, gives nothing or raises UnreadableSource; builds no tree, since that is what must not happen.
LibCST's parser ends the process where a chain is too long for its stack: seen from some 7,000 links on, also for chains
that are flat in Python's own trees (`a and a and …`), and with nested brackets it takes minutes long before that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from unmix.errors import UnreadableSource
from unmix.python.own_parser import parse_quickly, tree_of

# As far as Python's own recursion limit lets the rest of unmix follow, and less than half of what LibCST bears.
_LONGEST_CHAIN = 3000

# Python itself allows 200.
_DEEPEST = 250


def refuse_depth(path: str, text: str) -> None:
    """Raise UnreadableSource for text that is nested too deeply, whether or not it is Python."""
    if _too_deep_for_python(text) or any(_longest_chain(piece) > _LONGEST_CHAIN for piece in _pieces(text)):
        raise UnreadableSource(path, 0, "cannot be parsed: nested too deeply")


def _too_deep_for_python(text: str) -> bool:
    try:
        parse_quickly(text)
        return False
    except (RecursionError, MemoryError):
        return True
    except (SyntaxError, ValueError):
        pass
    # Python 2, a newer Python than ours, or an error. Brackets in strings count, too: no text has so many of them.
    depth = deepest = 0
    for match in re.finditer(r"[(\[{]|[)\]}]", text):
        depth = max(depth + (1 if match[0] in "([{" else -1), 0)
        deepest = max(deepest, depth)
    return deepest > _DEEPEST


def _pieces(text: str) -> Iterator[str]:
    """Give the pieces of a text that have enough links for too long a chain: no chain goes from one to the next."""
    if not _has_many_links(text):
        return
    tree = tree_of(text)
    if tree is None:
        yield text
        return
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    stack: list[tuple[ast.Module | ast.ClassDef, int]] = [(tree, 0)]
    while stack:
        holder, done = stack.pop()
        for node in holder.body:
            start, done = min(done, node.lineno - 1), node.end_lineno or node.lineno
            piece = "".join(lines[start:done])
            if not _has_many_links(piece):
                continue
            if isinstance(node, ast.ClassDef) and len(node.body) > 1:
                stack.append((node, start))
            else:
                yield piece


def _has_many_links(text: str) -> bool:
    return sum(map(text.count, _LINKS)) > _LONGEST_CHAIN


def _longest_chain(text: str) -> int:
    """Say how many operators, calls and the like at most hang on each other: one word too many is no matter."""
    here, longest = 0, text.count("elif")
    around: list[int] = []  # how long the chain was where each bracket that is open began
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup
        if kind == "link":
            here += 1
        elif kind == "open":
            here += 1
            around.append(here)
        elif kind == "close":
            here = around.pop() if around else here
        elif kind == "comma":
            here = around[-1] if around else 0
        elif kind == "line" and not around:
            here = 0
        longest = max(longest, here)
    return longest


_LINKS = (*".([{+-*/%@&|^~", "and", "or", "not", "if", "for", "lambda", "await")
_TOKENS = re.compile(
    r"""
    (?P<text> \#[^\n]* | '{3}(?:\\.|[^\\])*?'{3} | "{3}(?:\\.|[^\\])*?"{3} | '(?:\\.|[^\\'\n])*' | "(?:\\.|[^\\"\n])*" )
    | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<comma>,) | \\\r?\n | (?P<line>[;\n\r])
    | (?P<link> [-+*/%@&|^~.]+ | \b(?:and|or|not|if|for|lambda|await)\b )
    """,
    re.VERBOSE | re.DOTALL,
)

"""Find the expressions in comments that stand for annotations, as PEP 484 has them for code that Python 2 can run.

    x = []  # type: List[old.Client]

    def f(a, *b):
        # type: (old.Client, *int) -> old.Retry

Takes the text of a comment, gives the text and the place of each expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TYPE = re.compile(r"#\s*type:\s*(?!ignore\b)(?P<type>[^#]*[^#\s])")
_SIGNATURE = re.compile(r"(?P<parameters>\(.*\))\s*->\s*(?P<returned>.*)")


def may_have_types(text: str) -> bool:
    """Say whether a file may have such a comment."""
    return _TYPE.search(text) is not None


def types_in_comment(comment: str) -> Iterator[tuple[str, int]]:
    """Give each expression of a comment with its offset in it; the parameters of a function are one, in parentheses."""
    found = _TYPE.match(comment)
    if found is None:
        return
    signature = _SIGNATURE.fullmatch(comment, *found.span("type"))
    if signature is None:
        yield found["type"], found.start("type")
        return
    yield signature["parameters"], signature.start("parameters")
    yield signature["returned"], signature.start("returned")

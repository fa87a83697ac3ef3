"""Find the script blocks of Vue and Svelte files.

Takes bytes, gives bytes of the same length in which all but the scripts is blank; knows nothing of what scripts say.
"""

from __future__ import annotations

import re

COMPONENT_SUFFIXES = (".vue", ".svelte", ".astro")

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_FRONT_MATTER = re.compile(rb"\A\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_TYPED = re.compile(r"<script\b[^>]*\blang\s*=\s*[\"']?tsx?\b|\A\s*---[ \t]*\r?\n", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_NOT_A_LINE_END = re.compile(rb"[^\r\n]")


def blank_markup(source: bytes) -> bytes:
    """Give `source` with every byte outside its script blocks turned into a blank; line ends stay."""
    pieces: list[bytes] = []
    position = 0
    # A script that is commented out is no script.
    without = _COMMENT.sub(lambda match: _blank(match.group()), source)
    front = _FRONT_MATTER.match(without)
    spans = [front.span(1)] if front else []
    spans += [match.span(2) for match in _SCRIPT.finditer(without, spans[-1][1] if spans else 0)]
    for start, end in spans:
        # A semicolon keeps two blocks apart.
        pieces += (_blank(source[position:start])[:-1], b";" if start else b"", source[start:end])
        position = end
    pieces.append(_blank(source[position:]))
    return b"".join(pieces)


def is_typed_component(text: str) -> bool:
    """Say whether a script block of the file is in TypeScript."""
    return _TYPED.search(text) is not None


def _blank(source: bytes) -> bytes:
    return _NOT_A_LINE_END.sub(b" ", source)

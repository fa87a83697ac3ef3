"""List the words of a text, once: who looks for files, for other names of a module and for lines all ask for them."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_NO_WORD = {code: " " for code in range(128) if _WORD.fullmatch(chr(code)) is None}

# How many texts are remembered by their words; those of a large file take some 100 kilobytes.
_KEPT_TEXTS = 256


@lru_cache(maxsize=_KEPT_TEXTS)
def words_of(text: str) -> frozenset[str]:
    """Give each run of letters, digits and underscores of a text."""
    # Most texts are ASCII, and splitting at spaces takes half the time.
    return frozenset(text.translate(_NO_WORD).split() if text.isascii() else _WORD.findall(text))

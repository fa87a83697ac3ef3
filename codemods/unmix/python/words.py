"""List the words of a text, once: who looks for files, for other names of a module and for lines all ask for them."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")

# How many texts are remembered by their words; those of a large file take some 100 kilobytes.
_KEPT_TEXTS = 256


@lru_cache(maxsize=_KEPT_TEXTS)
def words_of(text: str) -> frozenset[str]:
    """Give each run of letters, digits and underscores of a text."""
    return frozenset(_WORD.findall(text))

"""Bytes and texts of other people → text that is safe to look at.

Takes what a migrated file says, gives it with every character visible that could steer a terminal, hide, or reorder
what a reviewer reads.
"""

from __future__ import annotations

import unicodedata

from unmix.errors import UnreadableSource
from unmix.workspace import decode_python

_PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")


def decode_line(line: bytes) -> str:
    """Give a line as text: UTF-8, or else something readable."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # Latin-1 gives every byte a character, so something readable comes out of any encoding.
        return line.decode("latin-1")


def decode_content(path: str, content: bytes) -> str:
    """Give a file's text: in the encoding it declares if it is Python, else in UTF-8, or else something readable."""
    if path.endswith(_PYTHON_SUFFIXES):
        try:
            return decode_python(path, content).text
        except UnreadableSource:
            pass
    return decode_line(content)


def make_visible(text: str) -> str:
    """Write control characters, surrogates, and those that change the direction of a text or have no width as escapes.

    Tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) if _is_hidden(character) else character for character in text)


def _is_hidden(character: str) -> bool:
    if character == "\t" or " " <= character <= "~":
        return False
    # Cc: control, Cf: format (directions, zero width), Cs: surrogates, Zl and Zp: ends of lines that are none in code.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

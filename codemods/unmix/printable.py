"""Texts of others → texts that may be shown: no control character of a file or a name speaks to the terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Show every character that is not printable as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

"""Say what stands around the statements of a part: blank lines, banners, comments about the file, its docstring.

Takes the Outline of the old module and the units of a part, gives text; edits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from unmix.python.outline import Outline, Role, Unit

_BANNER = re.compile(r"#[ \t]*[-=*#~_+]{3,}")
_FILE_COMMENT = re.compile(r"#\s*(ruff|flake8|mypy|pylint|isort|fmt|yapf|pyright)\s*:", re.IGNORECASE)


def text_of(outline: Outline, unit: Unit) -> str:
    """Give a unit's own text in the old module, the header of its `TYPE_CHECKING` block included."""
    return outline.text[slice(*_extent(unit))]


def indent_of(outline: Outline, unit: Unit) -> str:
    """Give the blanks before the first line of a unit that holds any text."""
    found = re.search(r"^([ \t]*)\S", outline.text[slice(*unit.extent)], re.MULTILINE)
    return found[1] if found else ""


def padded(text: str, gap: int, pieces: list[str], newline: str) -> str:
    """Lead `text` with as many blank lines as stood before what was left out just above it, none in a new file."""
    written = "".join(pieces)
    if not written:
        return text.lstrip("\r\n")
    return newline * max(0, gap - blank_lines_at_start(text)) + text if written.strip() else text


def blank_lines_skipped(outline: Outline, start: int, end: int) -> int:
    """Give the largest number of blank lines that led a unit between `start` and `end` (half-open)."""
    units = outline.units[start:end]
    return max((blank_lines_at_start(text_of(outline, unit)) for unit in units), default=0)


def banner_left_behind(outline: Outline, units: Sequence[Unit], unit: Unit) -> str:
    """Give the banner of the section a definition stands in, when that went with another part's definition.

    # ----------------
    # Retry utilities        THIS stands in every part that has something of the section
    # ----------------
    """
    if unit.role is not Role.DEFINITION or unit.guard is not None:
        return ""
    for other in reversed(outline.units[: unit.index + 1]):
        banner = _banner(text_of(outline, other))
        if banner:
            return "" if other in units else banner
    return ""


def file_comments(outline: Outline, units: Sequence[Unit], written: str) -> str:
    """Give the comments about the whole file, for a tool (`# ruff: noqa`), that a part of these units lacks."""
    leads = "".join(_lead(text_of(outline, unit)) for unit in outline.units[:3])
    own = "".join(text_of(outline, unit) for unit in units)
    lines = [line.strip() for line in leads.splitlines() if _FILE_COMMENT.match(line)]
    return "".join(line + outline.newline for line in lines if line not in own and line not in written)


def docstring_of(part: str, units: Sequence[Unit], newline: str) -> str:
    """Say what a part holds; the old docstring, which speaks of the whole, stays in the default part."""
    own = [unit for unit in units if unit.role is Role.DEFINITION and not unit.loop]
    names = [name for unit in own for name in unit.binds if not name.startswith("_")]
    names = list(dict.fromkeys(names)) or list(dict.fromkeys(name for unit in own for name in unit.binds))
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    title = part.rpartition(".")[2].strip("_").replace("_", " ").capitalize()
    return f'"""{title}: {shown}."""{newline}' if shown else f'"""{title}."""{newline}'


def blank_lines_at_start(text: str) -> int:
    """Count the blank lines that a text begins with."""
    found = re.match(r"(?:[ \t\f]*(?:\r\n|\r|\n))*", text)
    return len(re.findall(r"\r\n|\r|\n", found.group())) if found else 0


def without_blank_lines(text: str) -> str:
    """Take away the blank lines that a text begins with."""
    return re.sub(r"\A(?:[ \t\f]*(?:\r\n|\r|\n))+", "", text)


def _lead(text: str) -> str:
    """Give the blank lines and comments that lead a unit."""
    found = re.match(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*", text)
    return found.group() if found else ""


def _banner(text: str) -> str:
    """Give the last comment of a unit's lead that stands alone and is drawn with a line."""
    paragraphs = re.split(r"(?<=\n)(?:[ \t\f]*\r?\n)+", _lead(text))
    alone = [paragraph for paragraph in paragraphs[:-1] if _BANNER.search(paragraph)]
    return alone[-1] if alone else ""


def _extent(unit: Unit) -> tuple[int, int]:
    return (unit.guard.header[0], unit.extent[1]) if unit.guard is not None else unit.extent

"""Write one directive for each part in place of one that documents the whole old module.

Takes a document's text and the place where a directive names an old module, gives the edit; the directives' options
are repeated, and lists of members keep for each part the names it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from unmix.edit import Edit
from unmix.python.context import Context
from unmix.python.line_spans import lines_of

# .. automodule:: app.db.old          ::: app.db.old
#    :members: a, b                       options:
_DIRECTIVE = re.compile(r"(?P<indent>[ \t]*)(?:\.\.[ \t]+(?:py:)?automodule::|:::)[ \t]+\Z")
# ```{automodule} app.db.old
_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,}|:{3,})\{(?:py:)?automodule\}[ \t]+\Z")
_MEMBERS = re.compile(
    r"(?P<head>[ \t]*:(?:private-|special-)?members:[ \t]*)(?P<names>[^\r\n]*?)(?P<end>[ \t]*\r?\n|[ \t]*\Z)"
)


@dataclass(frozen=True, slots=True)
class Repeated:
    """An edit that repeats a directive, and the parts that are documented then."""

    edit: Edit
    parts: tuple[str, ...]


def repeat_directive(text: str, span: tuple[int, int], old: str, context: Context) -> Repeated | None:
    """`.. automodule:: old` with its options → the same for each part; None where `span` is in no such directive."""
    begin = text.rfind("\n", 0, span[0]) + 1
    head = text[begin : span[0]]
    line_end = _line_end(text, span[1])
    if text[span[1] : line_end].strip():
        return None
    if directive := _DIRECTIVE.match(head):
        end = _end_of_options(text, line_end, directive["indent"])
    elif fence := _FENCE.match(head):
        end = _end_of_fence(text, line_end, fence["fence"])
    else:
        return None
    written = []
    parts = []
    for part in context.relocation(old).parts:
        options = _options_for(text[span[1] : end], old, part, context)
        if options is not None:
            written.append(head + part + options)
            parts.append(part)
    if not written:
        return None
    newline = "\r\n" if "\r\n" in text[begin : end + 2] else "\n"
    last = written[-1]
    between = [copy if copy.endswith("\n") else copy + newline for copy in written[:-1]]
    return Repeated(Edit(begin, end, newline.join([*between, last])), tuple(parts))


def _options_for(options: str, old: str, part: str, context: Context) -> str | None:
    """Give the options for one part; None when they list members and it holds none of them."""
    named = kept = 0
    written = []
    for line in lines_of(options):
        match = _MEMBERS.fullmatch(line)
        if match is None or not match["names"]:
            written.append(line)
            continue
        names = [name for name in re.split(r"[,\s]+", match["names"]) if name]
        own = [name for name in names if context.part_for(old, name) in (part, None)]
        named += len(names)
        kept += len(own)
        if len(own) == len(names):
            written.append(line)
        elif own:
            written.append(match["head"] + ", ".join(own) + match["end"])
    return None if named and not kept else "".join(written)


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1


def _end_of_options(text: str, offset: int, indent: str) -> int:
    """Give where the lines end that are indented deeper and follow without a blank line."""
    while offset < len(text):
        end = _line_end(text, offset)
        line = text[offset:end]
        if not line.strip() or not (line.startswith(indent) and line[len(indent)] in " \t"):
            break
        offset = end
    return offset


def _end_of_fence(text: str, offset: int, fence: str) -> int:
    while offset < len(text):
        end = _line_end(text, offset)
        line = text[offset:end].strip()
        if len(line) >= len(fence) and not line.strip(fence[0]):
            return end
        offset = end
    return offset

"""Tell, without any parser, the files that plainly import moved names from the parts that have them.

Most files that use a moved name do, and a check meets all of them each time. Takes a text, says yes where that is sure
from its first lines: the imports below its docstring. A no only means that somebody has to look closer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet

_NAMES = r"[^\W\d]\w*(?:[ \t]+as[ \t]+[^\W\d]\w*)?"
_FROM = rf"from[ \t]+(\.*[\w.]+)[ \t]+import[ \t]+(?:\(([^()\"'\\;]*)\)|({_NAMES}(?:[ \t]*,[ \t]*{_NAMES})*))"
_IMPORT = r"import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?(?:[ \t]*,[ \t]*[\w.]+(?:[ \t]+as[ \t]+\w+)?)*"
_REST = r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\Z)"
_DOCSTRING = (
    r"[rRuU]?(?:\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|\"[^\"\\\r\n]*\"|'[^'\\\r\n]*')"
)
_BEGIN = re.compile(rf"(?:(?!\Z){_REST})*(?:{_DOCSTRING}{_REST})?", re.DOTALL)
_IMPORTS = re.compile(rf"(?:(?!\Z)(?:{_REST}|{_IMPORT}{_REST}|{_FROM}{_REST}))*")
_FROM_IMPORT = re.compile(rf"^{_FROM}", re.MULTILINE)
_AGAIN = re.compile(r"\b(?:import|del)\b")


def plainly_imports(
    text: str, mentioned: AbstractSet[str], used_parts: Collection[str], parts: Mapping[str, Collection[str]]
) -> bool:
    """Say whether a text imports each of `mentioned` at its top from a part that has it, and takes none elsewhere.

    `parts` gives, by the last name of a part, what it has; `used_parts` are those whose last name the text mentions.
    """
    begin = _BEGIN.match(text)
    start = begin.end() if begin is not None else 0
    head = _IMPORTS.match(text, start)
    end = head.end() if head is not None else start
    if _AGAIN.search(text, end):
        return False
    imported: set[str] = set()
    for match in _FROM_IMPORT.finditer(text, start, end):
        held = parts.get(match[1].rpartition(".")[2])
        listed = re.sub(r"#[^\n]*", "", match[2] or match[3])
        names = {item.split()[0] for item in listed.split(",") if item.strip()}
        if held is None and names.isdisjoint(mentioned):
            continue
        if held is None or not names <= set(held) or re.search(r"\bas\b", listed):
            return False
        imported |= names
    if not mentioned <= imported:
        return False
    taken = "|".join(map(re.escape, sorted(mentioned)))
    owners = "|".join(map(re.escape, sorted(used_parts)))
    if taken and re.search(rf"\.\s*(?:{taken})\b", text):
        return False
    return not owners or re.search(rf"\b(?:{owners})\s*(?:\.|\bas\b)", text) is None

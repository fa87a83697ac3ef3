"""Read the comments that silence findings: `# unmix: ignore[UNM001]`, `// unmix: ignore[UNM001, UNM002]`.

Takes a text and its findings, gives the findings that are left, and one for each ignore that silences nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from unmix.finding import Finding

_COMMENT = re.compile(r"(?:#|//)\s*unmix:\s*ignore\[([A-Z0-9,\s]*)\]")

# What a file must contain to hold such a comment.
NEEDLE = "unmix: ignore"


def read_ignores(text: str) -> Mapping[int, frozenset[str]]:
    """Give, by 1-based line, the codes that the comment on that line silences."""
    if NEEDLE not in text:
        return {}
    found = {}
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        codes = {code.strip() for match in _COMMENT.finditer(line) for code in match[1].split(",")} - {""}
        if codes:
            found[number] = frozenset(codes)
    return found


def silence(findings: Iterable[Finding], path: str, text: str) -> list[Finding]:
    """Take away the findings of one file that it silences, and add one for each ignore that is not needed."""
    ignores = read_ignores(text)
    used: set[tuple[int, str]] = set()
    left = []
    for finding in findings:
        if finding.path == path and finding.code in ignores.get(finding.line, ()):
            used.add((finding.line, finding.code))
        else:
            left.append(finding)
    for line, codes in ignores.items():
        for code in sorted(codes - {code for place, code in used if place == line}):
            message = f"this ignore of {code} silences nothing"
            left.append(Finding(path, line, 1, "UNM011", message, hint="take it away"))
    return left

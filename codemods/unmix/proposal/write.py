"""A proposal → the text of a migration file, with the reasons as comments.

Takes parts and what they were chosen among, gives TOML that read_migration() reads; a file to edit, never a decision.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import tomlkit

from unmix.outline import ModuleOutline
from unmix.proposal.explain import ProposedPart
from unmix.proposal.propose import PRICE, Grouping

_WIDTH = 110


def write_proposal(
    outline: ModuleOutline,
    parts: Sequence[ProposedPart],
    chosen: Grouping,
    ranked: Sequence[Grouping],
    callers: Mapping[str, frozenset[str]],
    left: int,
) -> str:
    """Give the file. `left` counts the alternatives that an engine refused to carry out."""
    lines = [
        f"# A proposal of `unmix init` to split {outline.path}: edit it, then look at `unmix diff`.",
        "# It can be carried out: unmix has split the module this way in memory, and no circle of imports came of it.",
        "#",
        *_comment(
            "Score: how much of all that joins the definitions (needs, callers, words, order, imports) stays inside "
            "the parts, less what chance would leave there. 0 is chance. "
            f"Each part beyond the second has to raise it by {PRICE}."
        ),
        *(
            f"#   {grouping.parts} parts: {grouping.score:.2f}{'   this one' if grouping is chosen else ''}"
            for grouping in sorted(ranked, key=lambda grouping: grouping.parts)
        ),
    ]
    if left:
        lines.append(f"#   {left} more could not be carried out, and were passed over.")
    lines += ["", "[[split]]", f"module = {_quoted(outline.module)}", "", "[split.into]"]
    last = max(parts, key=lambda part: len(part.names))
    for part in parts:
        for reason in part.reasons:
            lines += _comment(reason)
        lines.append(f"{_quoted(part.module)} = [")
        lines += [f"    {_quoted(name)},  # {_fact(name, outline, callers)}" for name in part.names]
        if part is last:
            lines.append('    "*",  # whatever is not named elsewhere')
        lines += ["]", ""]
    lines += _MORE
    return "\n".join(lines) + "\n"


_MORE = (
    "# Said in the warning of the shim that stays at the old path:",
    "# [shim]",
    '# since = "2.4"',
    '# remove_in = "3.0"',
    "",
    "# Really called by `unmix verify`:",
    "# [verify]",
    '# smoke = ["python -m app.healthcheck"]',
)


def _comment(text: str) -> list[str]:
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return [f"# {line}" for line in textwrap.wrap(printable, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _fact(name: str, outline: ModuleOutline, callers: Mapping[str, frozenset[str]]) -> str:
    users = len(callers.get(name, ()))
    used = f"used by {users} file{'s' * (users != 1)}" if users else "not used outside"
    return f"{outline.homes[name][0].kind}, {used}"


def _quoted(text: str) -> str:
    return tomlkit.string(text).as_string()

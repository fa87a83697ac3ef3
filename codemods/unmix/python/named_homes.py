"""Decide which part a name means that stands in a string: the one that has it, or the one that a patch has to reach.

Takes a place and what it names, gives the part, or the finding that says why it cannot be told.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unmix.finding import Finding
from unmix.python.context import SourceModule


def part_meant(
    source: SourceModule, node: cst.CSTNode, names: tuple[str, str], holders: Sequence[str], *, patched: bool
) -> str | Finding:
    """Give the part that a string at `node` means by the name of an old module (in `names`, the module first).

    `holders` are the parts whose own namespace has the name, its home first. A patch has to be seen by all of them.
    """
    module, name = names
    old = f"{module}.{name}" if name else module
    if not holders:
        why = f"the string names `{old}`, which {module} does not define"
        return source.cannot(node, why, old, "name what is meant")
    if patched and len(holders) > 1:
        why = f"`{name}` is patched here, and several parts look it up ({', '.join(holders)})"
        return source.cannot(node, why, old, "patch it in each part that should see it")
    return holders[0]

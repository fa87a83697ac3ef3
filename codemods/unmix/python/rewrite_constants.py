"""Rewrite the constants that hold the name of an old module, with the longer names that are put together from them.

    MODULE = "app.old"                      →  MODULE = "app.one"
    patch(f"{MODULE}.a")                       patch(f"{MODULE}.a")
    patch(f"{MODULE}.b")                       patch("app.two.b")

Takes what constants.py found, gives edits, or the finding that says why not: all of a constant's names, or none.
"""

from __future__ import annotations

from collections import Counter

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.composed_names import write_out
from unmix.python.constants import ModuleConstant
from unmix.python.context import Context, SourceModule
from unmix.python.exposure import taker_of
from unmix.python.named_homes import part_meant
from unmix.python.syntax import literal_string


def rewrite_constant(source: SourceModule, context: Context, constant: ModuleConstant) -> list[Edit] | Finding:
    """Aim a constant at the part that most of its names are in, and write the others out."""
    tree = source.tree
    user = taker_of(source, context, constant.name)
    if user is not None:
        why = f"{user} may read `{constant.name}`, which names the module {constant.old}, too"
        return source.cannot(constant.node, why, constant.old, "name the part that is meant")
    parts: list[str] = []
    for use in constant.uses:
        holders = context.relocation(constant.old).holders.get(use.name, ())
        patched = use.patches and not use.rest
        part = part_meant(source, use.node, (constant.old, use.name), holders, patched=patched)
        if isinstance(part, Finding):
            return part
        parts.append(part)
    ((most, _),) = Counter(parts).most_common(1)
    value = constant.node.raw_value
    if literal_string(constant.node) != value:
        return source.cannot(constant.node, "the string is written with escapes", constant.old, f"write {most} by hand")
    start = tree.span(constant.node)[0] + len(constant.node.prefix) + len(constant.node.quote)
    edits = [Edit(start, start + len(value), most)]
    for use, part in zip(constant.uses, parts, strict=True):
        if part != most:
            edits.append(write_out(tree, use, part))
    return edits

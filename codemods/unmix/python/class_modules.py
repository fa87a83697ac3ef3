"""Follow names that are put together from the module of a class that moves: `f"{Client.__module__}.retry"`.

The class is in its part, and says so; what stands behind it may be in another one. Takes a parsed file and its imports
of moved names, gives the edits, or the findings that say why not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.callsites import NameImport
from unmix.python.composed_names import composed_name, write_out
from unmix.python.context import Context, SourceModule
from unmix.python.named_homes import part_meant
from unmix.python.strings import patches_argument


def follow_class_modules(
    source: SourceModule, context: Context, imports: Sequence[NameImport]
) -> Iterator[Edit | Finding]:
    """Put the part that is meant where a class names its own module, and that is another one.

    f"{Client.__module__}.retry"  →  "app.again.retry"     Client.__module__ + ".retry"  →  "app.again.retry"
    """
    bound = {found.bound: found for found in imports}
    for use in source.scopes.uses:
        found = bound.get(use.name)
        if found is None or use.attributes != ("__module__",):
            continue
        composed = composed_name(source.tree, use.outer)
        sites = [binding.site for binding in source.scopes.bindings_reached(use)]
        holders = context.relocation(found.old).holders.get(composed.name, ()) if composed is not None else ()
        if sites == [found.site] and composed is None and _is_patched(source, use.outer):
            why = f"what is patched here, in the module of `{found.bound}`, is put together when this runs"
            parts = ", ".join(context.relocation(found.old).parts)
            yield source.cannot(use.node, why, f"{found.old}.{found.name}", f"name the part that is meant: {parts}")
        if composed is None or sites != [found.site] or not holders:
            continue
        patched = composed.patches and not composed.rest
        part = part_meant(source, use.node, (found.old, composed.name), holders, patched=patched)
        if isinstance(part, Finding):
            yield part
        elif part != context.part_for(found.old, found.name):
            yield write_out(source.tree, composed, part)


def _is_patched(source: SourceModule, field: cst.BaseExpression) -> bool:
    """Say whether a patch is aimed at an f-string that begins with a field."""
    whole = source.tree.parent(source.tree.parent(field) or field)
    return isinstance(whole, cst.FormattedString) and patches_argument(source.tree, whole)

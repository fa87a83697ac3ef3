"""Rewrite the strings that are the dotted name of an old module, or of something in it.

Takes what strings.py found, gives the edit, or the finding that says why not.
"""

from __future__ import annotations

import libcst as cst

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.context import Context, SourceModule
from unmix.python.named_homes import part_meant
from unmix.python.repeats import repeat_statement
from unmix.python.strings import StringUse


def rewrite_string(source: SourceModule, context: Context, string: StringUse) -> Edit | Finding | None:
    """`"app.old.name"` → `"app.home.name"`; a patch target goes where the name is looked up.

    None where the string is a logger's name, which the parts keep.
    """
    if string.logs and not string.name:
        return None
    if string.name and context.is_submodule(string.old, string.name):
        return None
    relocation = context.relocation(string.old)
    names = (string.name,) if string.name else string.asked
    said, behind = string.said
    start = source.tree.span(string.node)[0] + behind + max(0, said.find(string.written))
    if string.repeated is not None and not names and string.written in said and not string.package:
        named = start, start + len(string.written)
        return repeat_statement(source.tree, string.repeated, named, relocation.parts)
    if string.runs and relocation.main and string.written in said:
        return Edit(start, start + len(string.written), relocation.main)
    if string.loaded:
        code = source.tree.code(string.node)
        every = ", ".join(code.replace(string.written, part) for part in relocation.parts)
        in_list = isinstance(source.tree.parent(string.node), cst.Element)
        return Edit(*source.tree.span(string.node), every if in_list else f"[{every}]")
    parts = {relocation.holders.get(name, ()) for name in names}
    beside = not string.name and not all(parts)  # What stands beside the module's name is none of its names.
    if not names or len(parts) > 1 or beside:
        why = f"the string names the module {string.old}, and not which of its names is meant"
        return source.cannot(string.node, why, string.old, f"name the part: {', '.join(relocation.parts)}")
    (holders,) = parts
    patched = string.patches and not string.rest
    part = part_meant(source, string.node, (string.old, names[0]), holders, patched=patched)
    if isinstance(part, Finding):
        return part
    old = f"{string.old}.{string.name}" if string.name else string.old
    if string.written not in said:
        return source.cannot(string.node, "the string is written with escapes", old, f"write {part} by hand")
    package, _, leaf = part.rpartition(".")
    if string.package and package != string.package:
        why = f"the string is relative to {string.package}, which does not lead to {part}"
        return source.cannot(string.node, why, old, f"write {part} by hand")
    return Edit(start, start + len(string.written), f".{leaf}" if string.package else part)

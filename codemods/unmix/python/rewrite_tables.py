"""Rewrite the entries of tables by which a package loads its names late.

    {"old": ["Client", "retry"]}  →  {"client": ["Client"], "again": ["retry"]}     {"a": ".old"}  →  {"a": ".again"}

Takes what name_tables.py found, gives the edit, or the finding that says why not.
"""

from __future__ import annotations

from itertools import pairwise

import libcst as cst

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.context import Context, SourceModule
from unmix.python.name_tables import TableEntry


def rewrite_entry(source: SourceModule, context: Context, entry: TableEntry) -> Edit | Finding:
    """Name the part that has the names of an entry, or make an entry for each part that has some of them."""
    holders = context.relocation(entry.old).holders
    names: dict[str, list[int]] = {}
    for number, name in enumerate(entry.names):
        if name not in holders:
            why = f"a table lists `{name}` of {entry.old}, which does not define it"
            return source.cannot(entry.node, why, f"{entry.old}.{name}", "list what is there")
        names.setdefault(holders[name][0], []).append(number)
    spelled = {part: entry.spell(part) for part in names}
    stray = next((part for part, spelling in spelled.items() if spelling is None), None)
    if stray is not None:
        why = f"the string is relative to {entry.package}, which does not lead to {stray}"
        return source.cannot(entry.node, why, entry.old, f"write {stray} by hand")
    if entry.node.raw_value != entry.written:
        return source.cannot(entry.node, "the string is written with escapes", entry.old, "write the part by hand")
    groups = {spelling: names[part] for part, spelling in spelled.items() if spelling is not None}
    if len(groups) > 1 and entry.element is not None:
        return _entries(source, entry, entry.element, groups)
    (spelling,) = groups
    start = source.tree.span(entry.node)[0] + len(entry.node.prefix) + len(entry.node.quote)
    return Edit(start, start + len(entry.written), spelling)


def _entries(
    source: SourceModule, entry: TableEntry, element: cst.DictElement, groups: dict[str, list[int]]
) -> Edit | Finding:
    """Write an entry for each group of names, in the style of the one there is; remarks go with their names."""
    tree, text, node = source.tree, source.tree.text, entry.node
    start, end = tree.span(element)
    assert isinstance(element.value, (cst.List, cst.Tuple, cst.Set)), "name_tables.py takes no other"
    items = [tree.span(item.value) for item in element.value.elements]
    close = end - 1
    lines = [text[here:after].rstrip() for here, after in pairwise((*(item[0] for item in items), close))]
    head, tail = text[tree.span(element.key)[1] : items[0][0]], text[close:end]
    if "#" in head or any("\n" in line for line in lines):
        return source.cannot(entry.node, "comments stand above names of this entry", entry.old, "divide it by hand")
    names = [text[slice(*item)] for item in items]
    remarks = [line[len(name) :].removeprefix(",") for line, name in zip(lines, names, strict=True)]
    gap, last_gap = (text[items[n][0] + len(lines[n]) : after] for n, after in ((0, items[1][0]), (-1, close)))
    is_closed = lines[-1][len(names[-1]) :].startswith(",")
    written = []
    for spelling, numbers in groups.items():
        ends = is_closed or (isinstance(element.value, cst.Tuple) and len(numbers) == 1)
        commas = ["," if ends or number != numbers[-1] else "" for number in numbers]
        listed = (names[number] + comma + remarks[number] for number, comma in zip(numbers, commas, strict=True))
        written.append(f"{node.prefix}{node.quote}{spelling}{node.quote}{head}{gap.join(listed)}{last_gap}{tail}")
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    separator = f",{tree.module.default_newline}{indent}" if not indent.strip() else ", "
    return Edit(start, end, separator.join(written))

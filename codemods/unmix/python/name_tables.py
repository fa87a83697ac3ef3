"""Find the entries of tables by which a package loads its names late: which module has which names.

    {"old": ["Client", "retry"]}     {"Client": ".old"}     {"Client": (__spec__.parent, ".old")}
    {"Client": ("pkg.old", "Title")}

Takes a parsed file and what became of the old modules, gives the entries that name one of them and at least one of its
names; what becomes of them is for rewrite_tables.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst

from unmix.python.context import Context, SourceModule
from unmix.python.modules import names_below
from unmix.python.syntax import SyntaxTree, literal_string


@dataclass(eq=False, slots=True)
class TableEntry:
    """One string that names the module `old`, and the `names` that are to be found there.

    The string is `written` from the `package` on, or in full where that is empty. `element` is the whole of
    `"old": ["a", "b"]`, None where the entry is about one name.
    """

    node: cst.SimpleString
    old: str
    written: str
    package: str
    names: tuple[str, ...]
    element: cst.DictElement | None

    def spell(self, part: str) -> str | None:
        """Write the name of a part as that of the old module is; None where the package does not lead to it."""
        if not self.package:
            return part
        spelled = names_below(self.package, part)
        return spelled[self.written.startswith(".")] if spelled else None


def find_table_entries(source: SourceModule, context: Context) -> Iterator[TableEntry]:
    """Find the entries of a file's tables that list names of an old module."""
    packages = {old: (old, "") for old in context.olds}
    here = source.here.package
    for old in context.olds:
        packages |= dict.fromkeys(names_below(here, old), (old, here))
    for node in source.scopes.strings:
        written = literal_string(node)
        if written not in packages:
            continue
        old, package = packages[written]
        known = context.relocation(old).holders.keys()
        for element, names in _listed(source.tree, node):
            if not known.isdisjoint(names):
                yield TableEntry(node, old, written, package, names, element)
                break


def _listed(tree: SyntaxTree, node: cst.SimpleString) -> Iterator[tuple[cst.DictElement | None, tuple[str, ...]]]:
    """Give the names that an entry may have for a module, with the entry where the module is its key."""
    above = tree.parent(node)
    if isinstance(above, cst.DictElement):
        names = _identifiers(above.value) if above.key is node else ()
        # One module, one name: either may be the key.
        yield (above, names) if names else (None, _identifier(above.value if above.key is node else above.key))
    display = tree.parent(above) if isinstance(above, cst.Element) else None
    entry = tree.parent(display) if isinstance(display, (cst.Tuple, cst.List)) else None
    if isinstance(display, (cst.Tuple, cst.List)) and isinstance(entry, cst.DictElement):
        following = next((after for before, after in pairwise(display.elements) if before is above), None)
        yield None, _identifier(following.value) if following is not None else ()
        yield None, _identifier(entry.key)


def _identifiers(display: cst.BaseExpression) -> tuple[str, ...]:
    """Give the names that a list of strings is made of; nothing of another one."""
    if not isinstance(display, (cst.List, cst.Tuple, cst.Set)) or len(display.lpar) > isinstance(display, cst.Tuple):
        return ()
    found = [_identifier(element.value) for element in display.elements]
    return tuple(name for names in found for name in names) if all(found) else ()


def _identifier(node: cst.BaseExpression) -> tuple[str, ...]:
    value = literal_string(node)
    return (value,) if value is not None and value.isidentifier() else ()

"""Rewrite what a file imports by name from an old module.

    from old import name  →  from home import name

Takes the draft of a file, adds to its edits; raises Blocked at the first name that cannot be rewritten.
"""

from __future__ import annotations

from unmix.python.callsites import NameImport
from unmix.python.draft import Draft, alias_of
from unmix.python.import_edits import NewImport
from unmix.python.modules import is_dunder
from unmix.python.rewrite_calls import is_unused_without_calls, replacement_imports
from unmix.reference import Home


def rewrite_names(draft: Draft) -> None:
    """`from old import name` → `from home import name`, or what replaces every call of it."""
    for found in draft.sites.names:
        home = draft.context.home(found.old, found.name)
        if found.name == "__all__":
            raise draft.blocked_by_dunder(found.site.node, found.old, found.name)
        if home is None:
            if draft.context.is_submodule(found.old, found.name):
                continue
            if is_dunder(found.name):
                raise draft.blocked_by_dunder(found.site.node, found.old, found.name)
            raise draft.blocked_by_unknown(alias_of(found.site, found.index), found.old, found.name)
        draft.imports.change(found.site, found.index, _imports_for(draft, found, home))


def _imports_for(draft: Draft, found: NameImport, home: Home) -> list[NewImport]:
    kept = [NewImport(home.module, home.name, found.bound)]
    new = replacement_imports(draft, found.site, found.index, found.bound)
    if new is None:
        return kept
    return new if is_unused_without_calls(draft, found.site, found.index, found.bound) else [*kept, *new]

"""Rewrite star imports of an old module: each part gets its own.

    from old import *  →  from client import *; from retry import *

Takes the draft of a file, adds to its edits.
"""

from __future__ import annotations

import libcst as cst

from unmix.edit import Edit
from unmix.python.draft import Draft
from unmix.python.imports import ImportedName, place_statements, read_import
from unmix.python.rewrite_calls import local_function, replace_call
from unmix.reference import Relocation


def rewrite_stars(draft: Draft) -> None:
    """`from old import *` → the same for every part, and the new functions of replaced calls by name."""
    stars = [site for site in draft.scopes.imports if isinstance(site.node.names, cst.ImportStar)]
    loose = [call for call in draft.calls if draft.scopes.resolve(call.use) is None]
    olds = {id(star.site): star.old for star in draft.sites.stars}
    for site in stars:
        old = olds.get(id(site))
        replacing = loose if site is stars[-1] else []
        if old is None and not replacing:
            continue
        statement = read_import(draft.tree, site.node)
        modules = ["." * statement.level + statement.module]
        if old is not None:
            relocation = draft.context.relocation(old)
            parts = [part for part in relocation.parts if _gives_names_to_stars(relocation, part)]
            modules = [draft.imports.spell_module(part, statement) for part in parts or relocation.parts]
        text = place_statements(draft.tree, site.node, [statement.write(module, ()) for module in modules])
        named: dict[str, None] = {}
        for call in replacing:
            local, new = local_function(draft, site, call)
            for item in new:
                name = ImportedName(item.name, item.bound if item.bound != item.name else "")
                named[f"from {draft.imports.spell_module(item.module, statement)} import {name.code}"] = None
            replace_call(draft, call, local)
        # In front, where a comment that speaks of the star (of F403, say) does not follow them.
        separator = "; " if ";" in text else draft.tree.module.default_newline + statement.style.indent
        draft.edits.append(Edit(*statement.span, separator.join([*named, text])))


def _gives_names_to_stars(relocation: Relocation, part: str) -> bool:
    """Say whether `from part import *` brings any name that `from old import *` brought."""
    names = relocation.exported
    if names is None:
        names = tuple(name for name in relocation.holders if not name.startswith("_"))
    return any(relocation.holders.get(name, ("",))[0] == part for name in names)

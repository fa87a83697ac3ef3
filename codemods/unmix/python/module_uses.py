"""Say where each use of an old module's object goes, and write it there.

    old.a  →  home.a        [*old.__all__]  →  [*a.__all__, *b.__all__]

Takes the draft of a file, adds to its edits; raises Blocked for a use that cannot go anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import libcst as cst

from unmix.edit import Edit
from unmix.python.callsites import ModuleUse
from unmix.python.context import Hidden
from unmix.python.draft import Draft
from unmix.python.exposure import check_variable
from unmix.python.modules import is_dunder
from unmix.python.repeats import repeat_statement


def targets_of(draft: Draft, uses: Sequence[ModuleUse]) -> dict[int, tuple[str, ...]]:
    """Give each use the modules it goes to: one, or every part for a module in a list of modules.

    A variable gets the part that most of its uses need: the others name theirs. Raises Blocked for a use that cannot
    go anywhere.
    """
    targets: dict[int, tuple[str, ...]] = {}
    tested = [use for use in uses if use.tested]
    for use in (use for use in uses if not use.tested):
        call = draft.replaced.get(id(use.use.node))
        if call is None:
            in_list = use.listed and (not use.name or draft.context.part_for(use.old, use.name) is None)
            if in_list:
                _check_list(draft, use)
            parts = draft.context.relocation(use.old).parts
            every = in_list or use.repeated or _reads_exports(draft, use) or _forgets(draft, use)
            targets[id(use.use.node)] = parts if every else (_target_of(draft, use),)
        elif not call.replacement.unwrapped:
            targets[id(use.use.node)] = (call.replacement.new.rpartition(".")[0],)
    for use in tested:
        # Where one part is, the others are: any will do, best one that is needed anyway.
        parts = draft.context.relocation(use.old).parts
        wanted = [targets[id(use.through.use.node)]] if use.through is not None else list(targets.values())
        needed = [part for modules in wanted for part in modules if part in parts]
        targets[id(use.use.node)] = tuple((*needed, *parts)[:1])
    return targets


def stays_as_it_is(use: ModuleUse, targets: Mapping[int, tuple[str, ...]]) -> bool:
    """Say whether a use reads a variable that gets the very part which it needs."""
    through = use.through
    return through is not None and targets.get(id(use.use.node)) == targets.get(id(through.use.node))


def _target_of(draft: Draft, use: ModuleUse) -> str:
    relocation = draft.context.relocation(use.old)
    if use.held:
        check_variable(draft, use)
        wanted = Counter(_target_of(draft, read) for read in use.held if not read.tested)
        return max(wanted, key=lambda part: (wanted[part], part))
    part = draft.context.part_for(use.old, use.name) if use.name else None
    if not use.name or (part is None and use.guessed):
        why = f"the module object {use.old} goes where its names cannot be followed"
        raise draft.blocked(use.module, why, use.old, "import the names that are needed there, or pass the part")
    if part is None:
        if is_dunder(use.name):
            raise draft.blocked_by_dunder(use.module, use.old, use.name)
        if use.literal is not None:
            why = f"`{use.name}` is asked for by its name, and {use.old} does not define it"
            raise draft.blocked(use.module, why, use.old, "ask the part that is meant")
        raise draft.blocked_by_unknown(use.module, use.old, use.name)
    for name in (use.name, *use.others):
        holders = relocation.holders.get(name, ())
        if (use.writes or use.guessed) and len(holders) > 1:
            why = f"`{name}` is written here, and several parts hold it ({', '.join(holders)})"
            raise draft.blocked(use.module, why, f"{use.old}.{name}", "write it in each part that should see it")
        if name in use.others and draft.context.part_for(use.old, name) != part:
            why = f"`{use.name}` and `{name}` are asked of one object here, and are in different parts"
            raise draft.blocked(use.module, why, f"{use.old}.{name}", "ask each part for what it has")
    return part


def _check_list(draft: Draft, use: ModuleUse) -> None:
    """Refuse to put the parts into a list whose items are asked for names of one of them."""
    holders = draft.context.relocation(use.old).holders
    if not draft.source.is_whole:
        raise Hidden
    for other in draft.scopes.uses:
        loose = all(binding.site is None for binding in draft.scopes.bindings_reached(other))
        if loose and other.attributes and other.attributes[0] in holders:
            why = f"{use.old} is one of several modules here, and `{draft.tree.code(other.outer)}` may ask any of them"
            raise draft.blocked(use.module, why, use.old, "list the part that is meant")


def point(draft: Draft, use: ModuleUse, spellings: Sequence[str]) -> None:
    """Write what a use reaches now in place of the old module: one module, or every part of it."""
    draft.keep_shown(use.module, f"{use.old}.{use.name}")
    if _reads_exports(draft, use):
        draft.edits.append(_joined_exports(draft, use, spellings))
    elif use.repeated is not None:
        draft.edits.append(repeat_statement(draft.tree, use.repeated, draft.tree.span(use.module), spellings))
    else:
        draft.edits.append(Edit(*draft.tree.span(use.module), ", ".join(spellings)))


def _joined_exports(draft: Draft, use: ModuleUse, spellings: Sequence[str]) -> Edit:
    """`[*old.__all__]` → `[*a.__all__, *b.__all__]`, `__all__ += old.__all__` → `… += a.__all__ + b.__all__`."""
    exports = draft.tree.parent(use.module)
    assert exports is not None, "_reads_exports() found it"
    above = draft.tree.parent(exports)
    lists = [f"{spelling}.__all__" for spelling in spellings]
    if isinstance(above, cst.StarredElement):
        return Edit(*draft.tree.span(exports), ", *".join(lists))
    joined = " + ".join(lists)
    alone = isinstance(above, (cst.Assign, cst.AnnAssign, cst.AugAssign)) or (
        isinstance(above, cst.Arg) and not above.star
    )
    return Edit(*draft.tree.span(exports), joined if alone or len(lists) == 1 else f"({joined})")


def _reads_exports(draft: Draft, use: ModuleUse) -> bool:
    """Say whether a use only reads `old.__all__`: the lists of the parts together are that."""
    above = draft.tree.parent(use.module)
    return (
        use.name == "__all__"
        and isinstance(above, cst.Attribute)
        and use.literal is None
        and not use.writes
        and draft.context.relocation(use.old).exported is not None
        and not isinstance(draft.tree.parent(above), (cst.Attribute, cst.Subscript))
    )


def _forgets(draft: Draft, use: ModuleUse) -> bool:
    """Say whether a use is `del old` in a package that only loads `old`."""
    return not use.name and any(isinstance(above, cst.Del) for above in draft.tree.ancestors(use.module))

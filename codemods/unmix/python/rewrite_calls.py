"""Rewrite the calls that `[[replace]]` covers, and import what they call now.

Takes the draft of a file, adds to its edits; gives the imports that take the place of those of the replaced function.
"""

from __future__ import annotations

import libcst as cst

from unmix.edit import Edit
from unmix.python.calls import ReplacedCall
from unmix.python.draft import Draft, alias_of
from unmix.python.import_edits import NewImport
from unmix.python.imports import read_import
from unmix.python.references import is_exported
from unmix.python.replace import write_call
from unmix.python.scopes import ImportSite, Use


def replacement_imports(draft: Draft, site: ImportSite, index: int, bound: str) -> list[NewImport] | None:
    """Give the imports that the replaced calls of one imported name need; None when no call of it is replaced."""
    alias = alias_of(site, index)
    own = [call for call in draft.calls if _reaches(draft, call.use, bound, alias)]
    if not own:
        return None
    imports: list[NewImport] = []
    for call in own:
        local, new = local_function(draft, site, call)
        imports += new
        replace_call(draft, call, local)
    return list(dict.fromkeys(imports))


def is_unused_without_calls(draft: Draft, site: ImportSite, index: int, bound: str) -> bool:
    """Say whether an imported name is used by nothing once its replaced calls are gone."""
    alias = alias_of(site, index)
    left = any(_reaches(draft, use, bound, alias) and id(use.node) not in draft.replaced for use in draft.scopes.uses)
    return not left and not is_exported(draft.source, draft.context, site, bound)


def local_function(draft: Draft, site: ImportSite, call: ReplacedCall) -> tuple[str, list[NewImport]]:
    """Give what the function of a replaced call is called where `site` stands, and the imports that this takes."""
    if call.replacement.unwrapped:
        return "", []
    return draft.imports.local_function(site.scope, call.replacement.new)


def replace_call(draft: Draft, call: ReplacedCall, callee: str) -> None:
    """Write the new call; where its arguments stay as they are, only the callee is touched. Raises Blocked."""
    draft.keep_shown(call.call, call.replacement.callee)
    if call.replacement.keeps_arguments and call.match.in_place:
        draft.edits.append(Edit(*draft.tree.span(call.callee), callee))
        return
    text = write_call(draft.tree, call.replacement, call.call, call.match, callee)
    assert text is not None, "find_replaced_calls() has tried"
    draft.edits.append(Edit(*draft.tree.span(call.call), text))


def rewrite_other_calls(draft: Draft) -> None:
    """Replace calls whose callee is imported from a module that is no old one (a home, or a re-export)."""
    legacy = {id(alias_of(found.site, found.index)) for found in draft.sites.names}
    modules = {id(use.use.node) for use in draft.sites.uses}
    done: set[int] = set()
    for call in draft.calls:
        bindings = draft.scopes.bindings_reached(call.use)
        if not bindings or id(bindings[0].node) in legacy or id(call.use.node) in modules:
            continue
        binding = bindings[0]
        if id(binding.node) in done or binding.site is None:
            continue
        done.add(id(binding.node))
        site = binding.site
        names = read_import(draft.tree, site.node).names
        index = next(i for i, name in enumerate(names) if alias_of(site, i) is binding.node)
        new = replacement_imports(draft, site, index, binding.name) or []
        own = NewImport("", names[index].name, names[index].asname)
        gone = isinstance(call.callee, cst.Name) and is_unused_without_calls(draft, site, index, binding.name)
        draft.imports.change(site, index, new if gone else [own, *new])


def _reaches(draft: Draft, use: Use, bound: str, alias: cst.ImportAlias) -> bool:
    return use.name == bound and any(b.node is alias for b in draft.scopes.bindings_reached(use))

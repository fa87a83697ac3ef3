"""Say whether other files reach an old module, or a variable, through the name that a file has for it.

Takes the draft of a file, changes nothing; raises Blocked where several parts would have to have that one name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from unmix.python.callsites import ModuleImport, ModuleUse
from unmix.python.context import Context, Hidden, SourceModule
from unmix.python.draft import Blocked, Draft
from unmix.python.examples import names_in_examples
from unmix.python.exports import is_listed
from unmix.python.syntax import literal_string
from unmix.python.texts import python_texts


def is_exposed(draft: Draft, group: list[ModuleImport], uses: list[ModuleUse], modules: list[str]) -> bool:
    """Say whether others take the module by the name it has here, so that a part has to have it.

    Raises Blocked where several parts would have to. Who only reaches names through it is rewritten, too.
    """
    first = group[0]
    _check_examples(draft, first)
    if first.dotted:
        return False
    if first.site.scope.kind == "class":
        if re.search(rf"\.\s*{re.escape(first.bound)}\b", draft.tree.text):
            why = f"the class attribute `{first.bound}` is the module {first.old}"
            raise draft.blocked(first.site.node, why, first.old, "import the module outside the class")
        return False
    package, _, leaf = first.old.rpartition(".")
    if first.site.scope is not draft.scopes.module or (draft.here.dotted == package and first.bound == leaf):
        # The package itself goes on answering for its old submodule.
        return False
    path = f"{draft.here.dotted}.{first.bound}"
    listed = is_listed(draft.tree, first.bound)
    takers = draft.context.taken.get(path, ())
    offered = draft.here.is_package and not uses and not first.bound.startswith("_")
    exposed = bool(listed or takers or offered)
    if exposed and len(modules) > 1:
        raise _reached(draft, first.site.node, first.old, first.bound, takers)
    return exposed


def check_variable(draft: Draft, use: ModuleUse) -> None:
    """Refuse to give a part to a variable that is given the module, where another file may take it from this one."""
    if not draft.source.is_whole:
        raise Hidden
    assign = draft.tree.parent(use.module)
    target = assign.targets[0].target if isinstance(assign, cst.Assign) else None
    if use.use.scope is not draft.scopes.module or not isinstance(target, cst.Name):
        return
    taker = taker_of(draft.source, draft.context, target.value)
    if taker is not None or draft.here.is_package:
        raise _reached(draft, use.module, use.old, target.value, [taker] if taker else [])


def taker_of(source: SourceModule, context: Context, name: str) -> str | None:
    """Give another file that seems to take a variable from this one, or this one if it lists it in `__all__`."""
    if is_listed(source.tree, name):
        return source.tree.path
    leaf = re.escape(source.here.dotted.rpartition(".")[2])
    taken = re.compile(rf"\b{leaf}[ \t]+import\b[^#]*?\b{name}\b|\b{leaf}\.{name}\b")
    texts = python_texts(context.index.finder.workspace, (name,))
    return next((path for path, text in texts if path != source.tree.path and taken.search(text)), None)


def _reached(draft: Draft, node: cst.CSTNode, old: str, name: str, takers: Sequence[str]) -> Blocked:
    by = f"; {', '.join(takers[:3])} may use it" if takers else ""
    why = f"others can reach the module {old} as `{draft.here.dotted}.{name}`{by}"
    return draft.blocked(node, why, old, "expose the parts, or their names, instead")


def _check_examples(draft: Draft, found: ModuleImport) -> None:
    """Refuse to take a module's name away from the examples in docstrings, which read it from this file."""
    name = found.old if found.dotted else found.bound
    if found.site.scope is draft.scopes.module and any(f"{used}.".startswith(f"{name}.") for used in _examples(draft)):
        why = f"examples in docstrings read the module {found.old} as `{name}`"
        raise draft.blocked(found.site.node, why, found.old, "import in the examples what they use")


def _examples(draft: Draft) -> frozenset[str]:
    """Give the dotted names that the examples in this file's docstrings take from it."""
    strings = [literal_string(node) or "" for node in draft.scopes.strings if ">>>" in node.value]
    return frozenset().union(*map(names_in_examples, strings))

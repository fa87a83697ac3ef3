"""What one file becomes while its references are rewritten: the edits so far, and how to say that one cannot be.

Takes a parsed file and what became of the old modules; decides nothing, the rewriting modules do.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.calls import ReplacedCall
from unmix.python.callsites import CallSites
from unmix.python.context import Context, SourceModule
from unmix.python.import_edits import ImportEdits
from unmix.python.scopes import ImportSite
from unmix.python.shown_expressions import keep_shown


class Blocked(Exception):
    """This file cannot be rewritten safely; the finding says why.

    `is_unknown` when a name is used that the old module does not have, which missing.py tells better, if it knows.
    """

    def __init__(self, finding: Finding, *, is_unknown: bool = False) -> None:
        super().__init__(str(finding))
        self.finding = finding
        self.is_unknown = is_unknown


class Draft:
    """The edits of one file's uses and calls, and apart from them those of its imports.

    `replaced` are the calls that go to another API, by the id of the name that is called.
    """

    def __init__(self, source: SourceModule, context: Context, sites: CallSites, calls: Sequence[ReplacedCall]) -> None:
        self.source = source
        self.tree = source.tree
        self.scopes = source.scopes
        self.here = source.here
        self.context = context
        self.sites = sites
        self.calls = calls
        self.replaced = {id(call.use.node): call for call in calls}
        self.imports = ImportEdits(source)
        self.edits: list[Edit] = []

    def keep_shown(self, node: cst.CSTNode, old: str) -> None:
        """Have an f-string that shows the expression around `node` say what it said. Raises Blocked."""
        edits = keep_shown(self.tree, node)
        if edits is None:
            why = "an f-string shows this expression's own text (`{…=}`)"
            raise self.blocked(node, why, old, "rewrite it by hand")
        self.edits += edits

    def blocked(self, node: cst.CSTNode, why: str, old: str, hint: str) -> Blocked:
        """Give the reason to leave this file as it is: what stands at `node`."""
        return Blocked(self.source.cannot(node, why, old, hint))

    def blocked_by_dunder(self, node: cst.CSTNode, old: str, name: str) -> Blocked:
        """Give that reason where a name of the module itself is asked for."""
        why = f"`{name}` speaks of the module {old} itself"
        return self.blocked(node, why, f"{old}.{name}", "name the part that is meant")

    def blocked_by_unknown(self, node: cst.CSTNode, old: str, name: str) -> Blocked:
        """Give that reason where a name is asked for that the old module does not have."""
        why = f"`{name}` is asked of {old}, and no part is known to have it"
        return Blocked(self.source.cannot(node, why, f"{old}.{name}", "name its home"), is_unknown=True)


def alias_of(site: ImportSite, index: int) -> cst.ImportAlias:
    """Give the name of an import that stands at `index` in its list."""
    assert not isinstance(site.node.names, cst.ImportStar), "a star import has no aliases"
    return site.node.names[index]

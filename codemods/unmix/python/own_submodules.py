"""Import the parts into a package that uses its old module without importing it.

    # pkg/__init__.py
    from .old import *              # loads `pkg.old`, and Python puts what is loaded into its package
    __all__ = old.__all__

Collects which part is used where, gives the edits that add the imports; for a package that is left on the shim, the
place where it has to load that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import libcst as cst

from unmix.edit import Edit
from unmix.python.callsites import find_call_sites, is_bound
from unmix.python.context import SourceModule
from unmix.python.scopes import Use, When
from unmix.python.syntax import SyntaxTree

_Block = cst.Module | cst.IndentedBlock


@dataclass(slots=True)
class OwnImports:
    """The imports that one package needs besides, collected until all are known."""

    source: SourceModule
    _wanted: dict[tuple[int, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, use: Use, module: str, local: str) -> None:
        """Note that `use` becomes one of `module`, by the global name `local`."""
        block, place = _place_for(use, self.source.tree)
        here = place, local
        key = id(block), module
        self._wanted[key] = min(self._wanted.get(key, here), here)

    def edits(self) -> Iterator[Edit]:
        """Give an edit for each place, with all that is imported there."""
        tree = self.source.tree
        places: dict[int, dict[str, list[str]]] = {}
        for (_, module), (place, local) in sorted(self._wanted.items(), key=lambda wanted: wanted[0][1]):
            package, _, leaf = module.rpartition(".")
            statement = f"from {package} import " if package else "import "
            statement = "from . import " if package == self.source.here.package else statement
            name = leaf if local == leaf else f"{leaf} as {local}"
            places.setdefault(place, {}).setdefault(statement, []).append(name)
        for place, statements in places.items():
            beside = tree.text[tree.text.rfind("\n", 0, max(place - 1, 0)) + 1 : place] or tree.text[place:]
            indent = beside[: len(beside) - len(beside.lstrip())] if beside.strip() else ""
            lines = [f"{indent}{statement}{', '.join(names)}" for statement, names in statements.items()]
            yield Edit(place, place, "".join(line + tree.module.default_newline for line in lines))


def place_to_load(old: str, source: SourceModule) -> int | None:
    """Give where in its package's text `old` has to be loaded, since it is used there and nothing imports it.

    None where the package does not use it so.
    """
    tree = source.tree
    sites = find_call_sites(tree, source.scopes, source.here, (old,))
    uses = [
        use.use
        for use in sites.implicit
        if f"{source.here.dotted}.{use.use.name}" == old and not is_bound(source.scopes.bindings_reached(use.use))
    ]
    if not uses:
        return None
    return min(_place_for(use, tree, (cst.Module,))[1] for use in uses)


def _place_for(
    use: Use, tree: SyntaxTree, blocks: tuple[type[_Block], ...] = (cst.Module, cst.IndentedBlock)
) -> tuple[_Block, int]:
    """Give where an import stands that `use` needs, and the block of that: one of the kinds `blocks`.

    It stands below the last import that runs before the use: in the block around it, or in those further out.
    """
    body = tree.module.body
    if use.when is When.LATER:
        return tree.module, _below_imports(body, tree) or tree.extent(body[-1])[1]
    chain = [use.node, *tree.ancestors(use.node)]
    around = [(block, inside) for inside, block in pairwise(chain) if isinstance(block, blocks)]
    for block, inside in around:
        above = block.body[: next(index for index, statement in enumerate(block.body) if statement is inside)]
        place = _below_imports(above, tree)
        if place is not None:
            return block, place
    return tree.module, tree.extent(around[-1][1])[0]


def _below_imports(statements: Sequence[cst.CSTNode], tree: SyntaxTree) -> int | None:
    imports = [statement for statement in statements if _imports(statement)]
    return tree.extent(imports[-1])[1] if imports else None


def _imports(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(small, (cst.Import, cst.ImportFrom)) for small in statement.body
    )

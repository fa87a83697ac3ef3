"""What the modules of one tree define, and where a re-exported name really comes from.

Takes module names, has only those modules parsed that it is asked about, and remembers what they define.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import libcst as cst

from unmix.errors import UnreadableSource
from unmix.python.answers import answered_names
from unmix.python.callsites import imported_path, star_modules
from unmix.python.exports import export_lists
from unmix.python.modules import ModuleFinder
from unmix.python.own_parser import tree_of
from unmix.python.scopes import How, Scopes
from unmix.python.scoping import read_scopes
from unmix.python.syntax import SyntaxTree, dotted_name, parse

# What a module has by itself: `__name__`, `__class__`, `__repr__`.
_OF_EVERY_MODULE = frozenset((*dir(ModuleType), *dir(ModuleType("module")), "__file__", "__path__"))


@dataclass(frozen=True, slots=True)
class ModuleNames:
    """The names of one module's namespace. `origins` gives the dotted path an imported name is imported from.

    `answered` are those that only its `__getattr__` gives, which a star import does not bind; `stars` the modules it
    star-imports; `dynamic` when names may appear that its text does not show.
    """

    names: frozenset[str]
    answered: frozenset[str]
    origins: dict[str, str]
    stars: tuple[str, ...]
    exported: tuple[str, ...] | None
    dynamic: bool
    parameters: dict[str, tuple[str, ...]]


@dataclass(slots=True)
class ModuleIndex:
    """The modules of one tree, read when first asked for.

    `scopes_of` gives the scopes of a file from somebody who may have parsed it already; it raises UnreadableSource.
    """

    finder: ModuleFinder
    scopes_of: Callable[[str], Scopes] | None = None
    _known: dict[str, ModuleNames | None] = field(default_factory=dict)

    def names_of(self, module: str) -> ModuleNames | None:
        """Give what `module` defines; None when it is not in this tree or cannot be read."""
        if module not in self._known:
            self._known[module] = self._read(module)
        return self._known[module]

    def defines(self, module: str, name: str) -> bool | None:
        """Say whether `from module import name` works; None when that cannot be known from the tree."""
        return self._defines(module, name, set())

    def is_open(self, module: str) -> bool:
        """Say whether `from module import *` may bind names that no text of this tree shows."""
        seen: set[str] = set()
        todo = [module]
        while todo:
            here = todo.pop()
            known = self.names_of(here)
            if known is None:
                return True
            seen.add(here)
            todo += [star for star in known.stars if star not in seen] if known.exported is None else []
        return False

    def star_names(self, module: str) -> frozenset[str]:
        """Give the names that `from module import *` binds, as far as this tree shows."""
        return self._star_names(module, frozenset())

    def _star_names(self, module: str, seen: frozenset[str]) -> frozenset[str]:
        known = self.names_of(module)
        if known is None or module in seen:
            return frozenset()
        if known.exported is not None:
            return frozenset(known.exported)
        own = frozenset(name for name in known.names if not name.startswith("_"))
        return own.union(*(self._star_names(star, seen | {module}) for star in known.stars))

    def origin(self, module: str, name: str) -> tuple[str, str]:
        """Follow re-exports of `name` from `module` to the module that defines it."""
        seen = set()
        while (module, name) not in seen:
            seen.add((module, name))
            known = self.names_of(module)
            if known is None:
                break
            path = known.origins.get(name)
            if path is None and name not in known.names:
                path = next((f"{star}.{name}" for star in known.stars if self.defines(star, name)), None)
            if path is None:
                break
            above, _, leaf = path.rpartition(".")
            if not above or (self.finder.path_of(path) is not None and self.names_of(above) is None):
                break
            module, name = above, leaf
        return module, name

    def _defines(self, module: str, name: str, seen: set[str]) -> bool | None:
        known = self.names_of(module)
        if known is None:
            return None
        if name in known.names or name in known.answered or self.finder.path_of(f"{module}.{name}") is not None:
            return True
        if name in _OF_EVERY_MODULE:
            return True
        if known.dynamic or name in self._names_in_stub(module):
            # What only a stub declares is there for other stubs, and maybe not when the program runs.
            return None
        answers = {
            self._defines(star, name, {*seen, module}) for star in known.stars if star not in seen and star != module
        }
        return True if True in answers else None if None in answers else False

    def _names_in_stub(self, module: str) -> frozenset[str]:
        path = self.finder.path_of(module)
        if path is None or not self.finder.workspace.exists(path + "i"):
            return frozenset()
        try:
            scopes = self._scopes_of(path + "i")
        except UnreadableSource:
            return frozenset()
        return names_in(scopes, self.finder).names

    def _scopes_of(self, path: str) -> Scopes:
        if self.scopes_of is not None:
            return self.scopes_of(path)
        return read_scopes(parse(path, self.finder.workspace.read(path).text))

    def _read(self, module: str) -> ModuleNames | None:
        path = self.finder.path_of(module)
        if path is None:
            return None
        try:
            scopes = self._scopes_of(path)
        except UnreadableSource:
            return None
        return names_in(scopes, self.finder)


def answers_of(scopes: Scopes) -> frozenset[str] | None:
    """Give the names that a module's `__getattr__` answers, none where it has none; None when it may be any."""
    bindings = scopes.module.bindings.get("__getattr__", ())
    if not bindings:
        return frozenset()
    module = tree_of(scopes.tree.text) if len(bindings) == 1 else None
    return answered_names(module) if module is not None else None


def _is_own_module(tree: SyntaxTree, name: cst.Name) -> bool:
    """Say whether `__name__` stands in `sys.modules[__name__]`: the module may put anything in its own place."""
    index = tree.parent(name)
    subscript = tree.parent(tree.parent(index) or index) if isinstance(index, cst.Index) else None
    return isinstance(subscript, cst.Subscript) and dotted_name(subscript.value) in ("sys.modules", "modules")


def names_in(scopes: Scopes, finder: ModuleFinder) -> ModuleNames:
    """Read the names of a parsed module."""
    tree = scopes.tree
    here = finder.name_of(tree.path)
    origins: dict[str, str] = {}
    names = set()
    parameters = {}
    for name, bindings in scopes.module.bindings.items():
        at_top = [binding for binding in bindings if binding.origin is scopes.module]
        if not (at_top and at_top[-1].how is How.DELETION):
            names.add(name)
        if len(bindings) == 1 and (path := imported_path(bindings[0], here)) is not None:
            origins[name] = path
        node = bindings[-1].node
        if isinstance(node, cst.FunctionDef):
            params = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
            parameters[name] = tuple(param.name.value for param in params)
    exported = [entry.name for exports in export_lists(tree) for entry in exports.entries]
    answered = answers_of(scopes)
    dynamic = answered is None or any(
        (
            use.name in ("globals", "vars", "exec", "setattr")
            or (use.name == "__name__" and _is_own_module(tree, use.node))
        )
        and scopes.resolve(use) is None
        and use.when == 0
        for use in scopes.uses
    )
    return ModuleNames(
        names=frozenset(names),
        answered=answered or frozenset(),
        origins=origins,
        stars=tuple(star_modules(scopes, here)),
        exported=tuple(exported) if "__all__" in names else None,
        dynamic=dynamic,
        parameters=parameters,
    )

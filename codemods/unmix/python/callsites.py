"""Find every place in one file that reaches an old module: its imports, and the uses of what they bind.

Takes a SyntaxTree with its Scopes, gives plain facts; decides nothing about what they become (rewrite.py does).
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

import libcst as cst

from unmix.python.composed_names import composed_name
from unmix.python.modules import ModuleName, resolve_relative
from unmix.python.repeats import statement_to_repeat
from unmix.python.scopes import Binding, How, ImportSite, Scopes, Use
from unmix.python.strings import names_patched
from unmix.python.syntax import SyntaxTree, dotted_name, literal_string

# Functions that take a module and the name of an attribute: `getattr(module, "name")` is as good as `module.name`.
_ATTRIBUTE_FUNCTIONS = frozenset("getattr hasattr setattr delattr".split())
_PATCHING_METHODS = frozenset("object setattr delattr spy stub".split())
# What they call the two, where they are given by keyword.
_OBJECTS = frozenset(("target", "obj"))
_ATTRIBUTES = frozenset(("attribute", "name"))


@dataclass(eq=False, slots=True)
class NameImport:
    """`from old import name`: the alias at `index` of `site`."""

    site: ImportSite
    index: int
    old: str
    name: str
    bound: str


@dataclass(eq=False, slots=True)
class ModuleImport:
    """An alias that binds the old module object, or (`import pkg.old`) a package through which it is reached."""

    site: ImportSite
    index: int
    old: str
    bound: str
    dotted: bool
    uses: list[ModuleUse] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class StarImport:
    """`from old import *`."""

    site: ImportSite
    old: str


@dataclass(eq=False, slots=True)
class ModuleUse:
    """A use that reaches the old module: `module` is the expression that is the module object itself.

    `name` is the attribute read from it, "" when the object goes somewhere unmix cannot follow; `literal` is the string
    that names the attribute in `getattr(module, "name")`; `others` are names beside it, `patch.multiple(module, a=1,
    b=2)`; `writes` when the attribute is set, deleted or patched;
    `listed` when the object is one of a list of modules: `[old, other]`; `guessed` when the name is that of a string
    which follows the module, in a tuple or a call that unmix does not know: `(old, "name")`; `aliased` when it goes
    through another module that imports the old one: `services.old.name`; `repeated` is the statement that can be said
    of each part: `reload(old)`; `tested` when it is only asked whether there is a module: `if old is None`. `held` are
    the uses of the variable that the object is given to, where that can be followed, `m = old`; each of those goes
    `through` this one.
    """

    use: Use
    old: str
    module: cst.BaseExpression
    name: str
    writes: bool
    literal: cst.SimpleString | None = None
    others: tuple[str, ...] = ()
    listed: bool = False
    guessed: bool = False
    aliased: bool = False
    repeated: cst.BaseSmallStatement | None = None
    tested: bool = False
    held: tuple[ModuleUse, ...] = ()
    through: ModuleUse | None = None


@dataclass(eq=False, slots=True)
class CallSites:
    """Everything in one file that reaches an old module.

    `implicit` uses go through a package into which this file does not import it, also through that of the file itself:
    `from .old import a` leaves `old` in an `__init__.py` as well.
    """

    names: list[NameImport] = field(default_factory=list)
    modules: list[ModuleImport] = field(default_factory=list)
    stars: list[StarImport] = field(default_factory=list)
    implicit: list[ModuleUse] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.names or self.modules or self.stars or self.implicit)

    @property
    def uses(self) -> list[ModuleUse]:
        """Every use of an old module, each once."""
        found = {id(use): use for module in self.modules for use in module.uses}
        return [*found.values(), *self.implicit]


def find_call_sites(
    tree: SyntaxTree,
    scopes: Scopes,
    here: ModuleName,
    olds: Collection[str],
    aliases: Mapping[str, str] = MappingProxyType({}),
    hidden: Collection[str] = (),
) -> CallSites:
    """Find what in `tree`, the module `here`, reaches any module of `olds`.

    `aliases` are other dotted paths to old modules: `{"app.services.old": "app.db.old"}`. `hidden` are those that are
    not reached through their package, which has something else by that name.
    """
    result = CallSites()
    by_alias: dict[int, ModuleImport] = {}
    paths = {**{old: old for old in olds}, **aliases}
    for site in scopes.imports:
        for path, old in paths.items():
            _read_site(site, here, (path, old), result, by_alias, is_hidden=path in hidden)
    for use in [*scopes.uses, *_deletions(scopes)] if here.is_package else scopes.uses:
        bindings = scopes.bindings_reached(use)
        for path, old in paths.items():
            if path in hidden:
                continue
            found = _module_use(tree, use, bindings, here, path, old)
            if found is None:
                continue
            owners = [by_alias[id(binding.node)] for binding in bindings if id(binding.node) in by_alias]
            owners = [owner for owner in owners if owner.old == old]
            held = _held(scopes, found) if owners else []
            for owner in owners:
                owner.uses += [found, *held]
            if not owners:
                result.implicit.append(found)
            break
    return result


def imported_path(binding: Binding, here: ModuleName) -> str | None:
    """Give the dotted name of what an import binds: a module, or a name in one; None for other bindings."""
    alias = binding.node
    if not isinstance(alias, cst.ImportAlias) or binding.site is None:
        return None
    name = dotted_name(alias.name) or ""
    statement = binding.site.node
    if isinstance(statement, cst.ImportFrom):
        module = resolve_relative(here.package, len(statement.relative), dotted_name(statement.module) or "")
        return None if module is None else f"{module}.{name}" if module else name
    return name if alias.asname is not None else name.partition(".")[0]


def is_bound(bindings: Iterable[Binding]) -> bool:
    """Say whether the file itself gives a name a value: `del old` does not."""
    return any(binding.how is not How.DELETION for binding in bindings)


def star_modules(scopes: Scopes, here: ModuleName) -> list[str]:
    """Give the modules that a file star-imports."""
    found = []
    for site in scopes.imports:
        if isinstance(site.node, cst.ImportFrom) and isinstance(site.node.names, cst.ImportStar):
            module = resolve_relative(here.package, len(site.node.relative), dotted_name(site.node.module) or "")
            found.append(module or "")
    return found


def imported_names(scopes: Scopes, here: ModuleName) -> Iterator[tuple[str, str]]:
    """Give the module and name of every `from module import name` of a file."""
    for site in scopes.imports:
        if isinstance(site.node, cst.ImportFrom) and not isinstance(site.node.names, cst.ImportStar):
            module = resolve_relative(here.package, len(site.node.relative), dotted_name(site.node.module) or "")
            if module:
                yield from ((module, alias.evaluated_name) for alias in site.node.names)


def _deletions(scopes: Scopes) -> Iterator[Use]:
    """Give the names that a file deletes without having bound them: in a package, submodules that were loaded."""
    for bindings in scopes.module.bindings.values():
        if not is_bound(bindings):
            for found in bindings:
                assert isinstance(found.node, cst.Name)
                yield Use(found.name, found.node, found.node, scopes.module, found.when, order=found.order)


def _read_site(
    site: ImportSite,
    here: ModuleName,
    module_names: tuple[str, str],
    result: CallSites,
    by_alias: dict[int, ModuleImport],
    *,
    is_hidden: bool,
) -> None:
    node = site.node
    path, old = module_names
    package, _, leaf = path.rpartition(".")
    if isinstance(node, cst.Import):
        for index, alias in enumerate(node.names):
            if dotted_name(alias.name) == path:
                bound = alias.evaluated_alias or old.partition(".")[0]
                found = ModuleImport(site, index, old, bound, dotted=alias.asname is None and bool(package))
                result.modules.append(found)
                by_alias[id(alias)] = found
        return
    module = resolve_relative(here.package, len(node.relative), dotted_name(node.module) or "")
    if module == path:
        if isinstance(node.names, cst.ImportStar):
            result.stars.append(StarImport(site, old))
            return
        for index, alias in enumerate(node.names):
            bound = alias.evaluated_alias or alias.evaluated_name
            result.names.append(NameImport(site, index, old, alias.evaluated_name, bound))
    elif module == package and not is_hidden and not isinstance(node.names, cst.ImportStar):
        for index, alias in enumerate(node.names):
            if alias.evaluated_name == leaf:
                bound = alias.evaluated_alias or leaf
                found = ModuleImport(site, index, old, bound, dotted=False)
                result.modules.append(found)
                by_alias[id(alias)] = found


def _module_use(
    tree: SyntaxTree, use: Use, bindings: list[Binding], here: ModuleName, path: str, old: str
) -> ModuleUse | None:
    """Say how `use` reaches the old module by its dotted `path`, if it does.

    pkg.old.a   with `import pkg.old`: THE FIRST TWO NAMES are the module, `a` is the name

    What a package does not bind itself may be a submodule of its own that was loaded.
    """
    reached = [imported_path(binding, here) for binding in bindings]
    if here.is_package and not is_bound(bindings) and (use.attributes or not hasattr(builtins, use.name)):
        reached = [f"{here.dotted}.{use.name}"]
    for bound in reached:
        if bound is None or not (path + ".").startswith(bound + "."):
            continue
        missing = path[len(bound) + 1 :].split(".") if bound != path else []
        if tuple(missing) != use.attributes[: len(missing)]:
            continue
        module: cst.BaseExpression = use.node
        for _ in missing:
            above = tree.parent(module)
            assert isinstance(above, cst.Attribute)
            module = above
        found = _describe_use(tree, use, old, module)
        found.aliased = path != old
        return found
    return None


def _describe_use(tree: SyntaxTree, use: Use, old: str, module: cst.BaseExpression) -> ModuleUse:
    above = tree.parent(module)
    if isinstance(above, cst.Attribute) and above.value is module:
        composed = composed_name(tree, above) if above.attr.value == "__name__" else None
        if composed is not None:
            return ModuleUse(use, old, module, composed.name, composed.patches and not composed.rest)
        name = above.attr.value
        return ModuleUse(use, old, module, name, _is_target(tree, above))
    call = tree.parent(above) if isinstance(above, cst.Arg) else None
    if isinstance(call, cst.Call) and isinstance(above, cst.Arg) and _is_object(call, above):
        function = (dotted_name(call.func) or "").rpartition(".")
        if function[2] == "multiple" and function[0] and (names := names_patched(call)):
            return ModuleUse(use, old, module, names[0], writes=True, others=names[1:])
        literal = _attribute_of(call, above)
        value = literal_string(literal) if literal is not None else None
        plain = function[2] in _ATTRIBUTE_FUNCTIONS and not function[0]
        patching = function[2] in _PATCHING_METHODS and bool(function[0])
        if value is not None and value.isidentifier() and (plain or patching):
            assert isinstance(literal, cst.SimpleString)
            return ModuleUse(use, old, module, value, patching or function[2] in ("setattr", "delattr"), literal)
    name = _name_that_follows(tree, above)
    found = ModuleUse(use, old, module, name, writes=False, listed=_is_listed(tree, module), guessed=bool(name))
    found.repeated = None if name else statement_to_repeat(tree, module)
    found.tested = _is_tested(tree, module)
    return found


def _held(scopes: Scopes, giving: ModuleUse) -> list[ModuleUse]:
    """Give the uses of the variable that a module object is given to, `m = old`, where each of them can be followed.

    That is noted in `giving`. A variable that is bound once in a function, or at the top of a file, is one.
    """
    tree = scopes.tree
    assign = tree.parent(giving.module)
    if giving.name or not isinstance(assign, cst.Assign) or len(assign.targets) > 1:
        return []
    target = assign.targets[0].target
    around = scopes.lookup(target.value, giving.use.scope) if isinstance(target, cst.Name) else None
    if not isinstance(target, cst.Name) or around is None or around.kind == "class":
        return []
    bindings = around.bindings[target.value]
    if len(bindings) > 1 or bindings[0].node is not target or bindings[0].origin is not around:
        return []
    uses = [use for use in scopes.uses if use.name == target.value and bindings[0] in scopes.bindings_reached(use)]
    found: list[ModuleUse] = []
    for use in uses:
        if use.node is not target:
            read = _describe_use(tree, use, giving.old, use.node)
            read.through = giving
            found += [read, *_held(scopes, read)]
    if any(not (read.name or read.held or read.tested) or read.guessed for read in found):
        return []
    if all(read.tested for read in found):
        return []
    giving.held = tuple(read for read in found if read.through is giving)
    return found


def _is_object(call: cst.Call, argument: cst.Arg) -> bool:
    """Say whether an argument is the object that a call is about: its first, or that by the name of it."""
    if argument.keyword is not None:
        return argument.keyword.value in _OBJECTS
    return argument is call.args[0] and not argument.star


def _attribute_of(call: cst.Call, thing: cst.Arg) -> cst.BaseExpression | None:
    """Give the argument that says which attribute of `thing` is meant."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value in _ATTRIBUTES:
            return argument.value
    second = call.args[1] if len(call.args) > 1 and thing.keyword is None else None
    return second.value if second is not None and second.keyword is None else None


def _name_that_follows(tree: SyntaxTree, item: cst.CSTNode | None) -> str:
    """Give the identifier in the string that directly follows a module: `(old, "name", …)`, `f(old, "name")`."""
    around = tree.parent(item) if isinstance(item, (cst.Arg, cst.Element)) else None
    items: tuple[cst.CSTNode, ...] = ()
    if isinstance(around, cst.Call):
        items = tuple(around.args)
    elif isinstance(around, (cst.Tuple, cst.List)):
        items = tuple(around.elements)
    following = next((after for before, after in pairwise(items) if before is item), None)
    if not isinstance(following, (cst.Arg, cst.Element)) or getattr(following, "keyword", None) is not None:
        return ""
    value = literal_string(following.value)
    return value if value is not None and value.isidentifier() else ""


def _is_listed(tree: SyntaxTree, module: cst.BaseExpression) -> bool:
    """Say whether a module stands in a display whose length is nobody's business: a list, a set, `for m in (a, b)`."""
    element = tree.parent(module)
    display = tree.parent(element) if isinstance(element, cst.Element) else None
    if isinstance(display, cst.Tuple):
        above = tree.parent(display)
        return isinstance(above, (cst.For, cst.CompFor)) and above.iter is display
    if not isinstance(display, (cst.List, cst.Set)):
        return False
    above = tree.parent(display)
    unpacked = isinstance(above, cst.Assign) and not all(isinstance(t.target, cst.Name) for t in above.targets)
    return not unpacked and not (isinstance(above, (cst.Subscript, cst.Attribute)))


def _is_tested(tree: SyntaxTree, module: cst.BaseExpression) -> bool:
    """Say whether it is only asked of a module whether it is there: `if old:`, `old is None`, `old and old.a`."""
    above = tree.parent(module)
    if isinstance(above, cst.Comparison):
        comparison = above.comparisons[0]
        is_none = isinstance(comparison.comparator, cst.Name) and comparison.comparator.value == "None"
        return len(above.comparisons) == 1 and is_none and isinstance(comparison.operator, (cst.Is, cst.IsNot))
    if isinstance(above, cst.BooleanOperation):
        # The value of `old and a` may be the module, but who would take it?
        return above.left is module and isinstance(above.operator, cst.And)
    if isinstance(above, cst.UnaryOperation):
        return isinstance(above.operator, cst.Not)
    return isinstance(above, (cst.If, cst.IfExp, cst.While, cst.Assert)) and above.test is module


def _is_target(tree: SyntaxTree, node: cst.BaseExpression) -> bool:
    """Say whether an expression is assigned to or deleted."""
    above = tree.parent(node)
    if isinstance(above, (cst.AssignTarget, cst.Del)):
        return True
    if isinstance(above, (cst.AnnAssign, cst.AugAssign)):
        return above.target is node
    if isinstance(above, (cst.For, cst.CompFor)):
        return above.target is node
    return False

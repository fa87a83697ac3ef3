"""Tell the modules that their package hides: a name of the package's own stands where the submodule would be found.

    # pkg/__init__.py
    from .retry import retry        # `pkg.retry`, and `from pkg import retry`, is the function from here on
    from .timer import *            # the same where the module `timer` has a function `timer`

Takes texts and dotted names, gives the statement of the package that hides the module. The import system puts a
submodule into its package when it is loaded, and what the package binds after that takes its place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unmix.errors import UnreadableSource
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.python.own_parser import tree_of


def is_hidden(module: str, finder: ModuleFinder) -> bool:
    """Say whether a package binds the name of its submodule to something else."""
    package = module.rpartition(".")[0]
    path = finder.path_of(package) if package else None
    if path is None or not path.endswith("__init__.py"):
        return False
    try:
        text = finder.workspace.glance(path).text
    except UnreadableSource:
        return False
    return hiding_statement(text, module, finder) is not None


def hiding_statement(text: str, module: str, finder: ModuleFinder) -> ast.stmt | None:
    """Give the top-level statement of a package's text that hides a submodule; None where the module is found."""
    tree = tree_of(text)
    package, _, leaf = module.rpartition(".")
    hiding = None
    for statement in tree.body if tree is not None else ():
        for bound, path in _bindings(statement, package):
            if bound == leaf or (bound == "*" and leaf in _given_to_stars(path, finder, frozenset())):
                hiding = None if path == module and bound == leaf else statement
    return hiding


def _given_to_stars(module: str, finder: ModuleFinder, seen: frozenset[str]) -> frozenset[str]:
    """Give the names that `from module import *` brings, as far as its text lists them."""
    path = finder.path_of(module)
    if path is None or module in seen:
        return frozenset()
    try:
        tree = tree_of(finder.workspace.glance(path).text)
    except UnreadableSource:
        return frozenset()
    package = finder.name_of(path).package
    names: set[str] = set()
    for statement in tree.body if tree is not None else ():
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items) | ast.Tuple(elts=items)):
                values = (item.value for item in items if isinstance(item, ast.Constant))
                return frozenset(value for value in values if isinstance(value, str))
        for bound, origin in _bindings(statement, package):
            names |= _given_to_stars(origin, finder, seen | {module}) if bound == "*" else {bound}
    return frozenset(name for name in names if not name.startswith("_"))


def _bindings(statement: ast.stmt, package: str) -> Iterator[tuple[str, str]]:
    """Give the names that a statement binds, also in its blocks, with the dotted path of what is imported.

    For a star import the name is `*`, and the path that of the module.
    """
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, ""
        case ast.ImportFrom(module=module, level=level, names=names):
            origin = resolve_relative(package, level, module or "")
            for alias in names:
                yield alias.asname or alias.name, f"{origin}.{alias.name}".removesuffix(".*")
        case ast.Import(names=names):
            yield from ((alias.asname, alias.name) for alias in names if alias.asname)
        case ast.Assign(targets=targets):
            yield from ((target.id, "") for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            yield name, ""
        case ast.If() | ast.Try():
            for block in (statement.body, *(h.body for h in getattr(statement, "handlers", ())), statement.orelse):
                for inner in block:
                    yield from _bindings(inner, package)

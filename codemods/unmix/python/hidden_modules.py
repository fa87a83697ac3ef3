"""Tell the modules that their package hides: a name of the package's own stands where the submodule would be found.

    # pkg/__init__.py
    from .retry import retry        # `pkg.retry`, and `from pkg import retry`, is the function from here on

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
    return hiding_statement(text, module) is not None


def hiding_statement(text: str, module: str) -> ast.stmt | None:
    """Give the top-level statement of a package's text that hides a submodule; None where the module is found."""
    tree = tree_of(text)
    package, _, leaf = module.rpartition(".")
    hiding = None
    for statement in tree.body if tree is not None else ():
        for bound, path in _bindings(statement, package):
            if bound == leaf:
                hiding = None if path == module else statement
    return hiding


def _bindings(statement: ast.stmt, package: str) -> Iterator[tuple[str, str]]:
    """Give the names that a statement binds, also in its blocks, with the dotted path of what is imported."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, ""
        case ast.ImportFrom(module=module, level=level, names=names):
            origin = resolve_relative(package, level, module or "")
            yield from ((alias.asname or alias.name, f"{origin}.{alias.name}") for alias in names)
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

"""Tell which modules importing a module loads, and where a package loads one while it is imported itself.

Takes texts by way of a ModuleFinder, gives dotted names and lines; reads import statements, executes nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from unmix.errors import UnreadableSource
from unmix.python.hidden_modules import is_hidden
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.python.own_parser import tree_of
from unmix.python.texts import python_texts
from unmix.python.words import words_of

# Sources of modules in C that say `pkg.old` as Python does.
_CYTHON = (".pyx", ".pxi")
_IMPORT_LINES = re.compile(r"^[ \t]*(?:from|import)[ \t].*$", re.MULTILINE)


def loads(module: str, wanted: str, finder: ModuleFinder, within: str = "") -> bool:
    """Say whether importing `module` imports `wanted`, directly or through others.

    `within` is the package that is being imported when that happens: it does not start again.
    """
    if module == wanted:
        return True
    # What its package hides is no more than a name of that to `from package import name`.
    by_name = not is_hidden(wanted, finder)
    if not _is_imported(wanted, finder, by_name=by_name):
        return False
    # The nearest first: what a package loads it mostly loads by its own imports.
    found = [module]
    seen = {module, within}
    for here in found:
        path = finder.path_of(here)
        if path is None:
            continue
        if wanted in _imported_at_once(path, finder, by_name=by_name):
            return True
        imported = _imported_at_once(path, finder)
        found += [name for name in imported if name not in seen]
        seen.update(imported)
    return False


def _is_imported(module: str, finder: ModuleFinder, *, by_name: bool) -> bool:
    """Say whether any file imports a module, or something in it, as soon as it is loaded: few files name it."""
    leaf = module.rpartition(".")[2]
    return any(
        leaf in words_of(text) and module in _imports_when_loaded(text, finder.name_of(path).package, by_name=by_name)
        for path, text in python_texts(finder.workspace, (leaf,))
    )


def line_of_early_use(old: str, parts: Sequence[str], text: str, finder: ModuleFinder) -> int | None:
    """Give below how many lines of its package's `text` the old module has to be loaded; None where it need not be.

    It has to where something that the package imports says `pkg.old`, for that is asked before the package is complete.
    """
    package = old.rpartition(".")[0]
    readers = [module for module in _readers(old, finder) if not module or loads(package, module, finder)]
    tree = tree_of(text)
    if not readers or tree is None:
        return None
    for statement in tree.body:
        imported = set(_imports_of(ast.Module([statement], []), package, by_name=True)) - {package}
        if any(loads(module, part, finder, package) for module in imported for part in parts):
            # Here it was loaded when its parts were one.
            at_once = any(loads(module, reader, finder, package) for module in imported for reader in readers if reader)
            return statement.lineno - 1 if at_once else statement.end_lineno
    return None


def _readers(old: str, finder: ModuleFinder) -> Iterator[str]:
    """Give the modules that reach `old` through its package; "" for one whose name is not known."""
    package, _, leaf = old.rpartition(".")
    above, _, last = package.rpartition(".")
    own = (finder.path_of(old), finder.path_of(package))
    for path, text in python_texts(finder.workspace, (f".{leaf}",)):
        code = _IMPORT_LINES.sub("", text)
        if path in own or f".{leaf}" not in code:
            continue
        called = "|".join({last, *re.findall(rf"\b{last}[ \t]+as[ \t]+(\w+)", text)})
        may_read = re.search(rf"\b(?:{called})\s*\.\s*{leaf}\b", code)
        tree = tree_of(text) if may_read else None
        if tree is None:
            continue
        here = finder.name_of(path)
        names = {package}
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                names |= {alias.asname for alias in node.names if alias.name == package and alias.asname}
            elif isinstance(node, ast.ImportFrom) and above:
                origin = resolve_relative(here.package, node.level, node.module or "")
                names |= {alias.asname or last for alias in node.names if (origin, alias.name) == (above, last)}
        if any(isinstance(n, ast.Attribute) and n.attr == leaf and ast.unparse(n.value) in names for n in nodes):
            yield here.dotted
    if any(path.endswith(_CYTHON) for path in finder.workspace.containing((old,))):
        yield ""


def _imported_at_once(path: str, finder: ModuleFinder, *, by_name: bool = True) -> tuple[str, ...]:
    """Give the modules of this tree that importing the file at `path` imports."""
    try:
        text = finder.workspace.glance(path).text
    except UnreadableSource:
        return ()
    return _imports_when_loaded(text, finder.name_of(path).package, by_name=by_name)


@lru_cache(maxsize=4096)
def _imports_when_loaded(text: str, package: str, *, by_name: bool) -> tuple[str, ...]:
    """Give the modules that a text imports while it runs as a module of `package`: each is asked about many times.

    With `by_name` also whatever it imports from one, which may be a module.
    """
    tree = tree_of(text)
    return () if tree is None else tuple(dict.fromkeys(_imports_of(tree, package, by_name=by_name)))


def _imports_of(tree: ast.Module, package: str, *, by_name: bool) -> Iterator[str]:
    stack: list[ast.AST] = [*tree.body]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_relative(package, node.level, node.module or "")
            if module:
                yield from _with_packages(module)
                yield from (f"{module}.{alias.name}" for alias in node.names if by_name)
        elif isinstance(node, ast.If) and _is_for_types(node.test):
            stack.extend(_what_runs(node))
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.expr)):
            stack.extend(ast.iter_child_nodes(node))


def statements_run(tree: ast.Module) -> list[ast.stmt]:
    """Give the top-level statements, and those that only type checkers do not see.

    if not TYPE_CHECKING:          →  def __getattr__(name): …
        def __getattr__(name): …
    """
    found: list[ast.stmt] = []
    for statement in tree.body:
        found.append(statement)
        if isinstance(statement, ast.If) and _is_for_types(statement.test):
            found += _what_runs(statement)
    return found


def _what_runs(choice: ast.If) -> list[ast.stmt]:
    """Give what stands in an `if` about TYPE_CHECKING for others than type checkers."""
    negated = isinstance(choice.test, ast.UnaryOp) and isinstance(choice.test.op, ast.Not)
    return choice.body if negated else choice.orelse


def _is_for_types(test: ast.expr) -> bool:
    return any("TYPE_CHECKING" in (getattr(node, "id", ""), getattr(node, "attr", "")) for node in ast.walk(test))


def _with_packages(module: str) -> Iterator[str]:
    pieces = module.split(".")
    return (".".join(pieces[:length]) for length in range(1, len(pieces) + 1))

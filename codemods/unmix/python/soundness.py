"""A second opinion on written files, by other means than those that wrote them: Python's own parser.

Takes the text of one file and the tree around it, gives a finding for what would fail at once: a syntax error, and a
`from x import y` of this tree where `x` binds no `y`. Where that cannot be known it says nothing.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.modules import ModuleFinder, resolve_relative


def find_unsound(path: str, finder: ModuleFinder, known: dict[str, frozenset[str] | None]) -> Iterator[Finding]:
    """Give what is wrong with the file at `path`, so wrong that it cannot have been meant.

    `known` keeps the names of the modules of this tree that were looked at; None for those that may have any.
    """
    try:
        text = finder.workspace.read(path).text
        tree = _parse(text)
    except UnreadableSource as error:
        yield Finding(path, max(error.line, 1), 1, "UNM009", error.reason)
        return
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        yield Finding(path, line, 1, "UNM009", f"cannot be parsed: {type(error).__name__}: {error}")
        return
    package = finder.name_of(path).package
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = resolve_relative(package, node.level, node.module or "")
        for alias in node.names:
            if module and alias.name != "*" and _binds(module, alias.name, finder, known) is False:
                what = f"`{alias.name}` is imported from {module}, which does not define it"
                yield Finding(path, node.lineno, node.col_offset + 1, "UNM004", what, f"{module}.{alias.name}")


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of invalid escapes and the like: whoever wrote them knows.
        return ast.parse(text)


def _binds(module: str, name: str, finder: ModuleFinder, known: dict[str, frozenset[str] | None]) -> bool | None:
    """Say whether `from module import name` works; None when that cannot be told."""
    path = finder.path_of(module)
    if path is None or (name.startswith("__") and name.endswith("__")):
        return None
    if finder.path_of(f"{module}.{name}") is not None or finder.workspace.is_dir(_folder(path) + name):
        return True
    if path not in known:
        known[path] = _bound_names(path, finder)
    names = known[path]
    return None if names is None else name in names


def _bound_names(path: str, finder: ModuleFinder) -> frozenset[str] | None:
    """Give every name that a file binds in any scope; None where names may appear that its text does not show."""
    try:
        tree = _parse(finder.workspace.read(path).text)
    except (UnreadableSource, SyntaxError, ValueError, RecursionError):
        return None
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name="__getattr__"):
                return None
            case ast.Name(id="globals" | "vars" | "exec" | "setattr" | "_unmix_shim") | ast.alias(name="*"):
                return None
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
                found.add(bound)
            case ast.Name(id=bound, ctx=ast.Store()):
                found.add(bound)
            case ast.alias(name=imported, asname=alias):
                found.add(alias or imported.partition(".")[0])
            case ast.MatchAs(name=str(bound)) | ast.MatchStar(name=str(bound)) | ast.ExceptHandler(name=str(bound)):
                found.add(bound)
    return frozenset(found)


def _folder(path: str) -> str:
    return path.rpartition("/")[0] + "/" if path.endswith("/__init__.py") else path.removesuffix(".py") + "/"

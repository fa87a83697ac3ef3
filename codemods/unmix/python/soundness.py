"""A second opinion on written files, by other means than those that wrote them: Python's own parser.

Takes the text of one file and the tree around it, gives a finding for what would fail at once: a syntax error, and a
`from x import y` of this tree where `x` binds no `y`. Where that cannot be known it says nothing.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.modules import ModuleFinder, resolve_relative


def find_unsound(path: str, finder: ModuleFinder) -> Iterator[Finding]:
    """Give what is wrong with the file at `path`, so wrong that it cannot have been meant."""
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
    for node in _statements(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = resolve_relative(package, node.level, node.module or "")
        for alias in node.names:
            if module and alias.name != "*" and _binds(module, alias.name, finder) is False:
                what = f"`{alias.name}` is imported from {module}, which does not define it"
                yield Finding(path, node.lineno, node.col_offset + 1, "UNM004", what, f"{module}.{alias.name}")


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of invalid escapes and the like: whoever wrote them knows.
        return ast.parse(text)


def _binds(module: str, name: str, finder: ModuleFinder) -> bool | None:
    """Say whether `from module import name` works; None when that cannot be told."""
    path = finder.path_of(module)
    if path is None or (name.startswith("__") and name.endswith("__")):
        return None
    if finder.path_of(f"{module}.{name}") is not None or finder.workspace.is_dir(_folder(path) + name):
        return True
    try:
        bound, dynamic = _bound_names(finder.workspace.read(path).text)
    except (UnreadableSource, SyntaxError, ValueError, RecursionError):
        return None
    return True if name in bound else None if dynamic else False


# A migration asks many files about the same few modules.
@lru_cache(maxsize=128)
def _bound_names(text: str) -> tuple[frozenset[str], bool]:
    """Give the names that a file binds, in whatever scope, and whether it may have others.

    A name that is bound nowhere in the file is certainly missing.
    """
    found: set[str] = set()
    for node in ast.walk(_parse(text)):
        match node:
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
                if bound == "__getattr__":
                    return frozenset(found), True
            case ast.Name(id=bound, ctx=ast.Store()):
                pass
            case ast.Name(id="globals" | "vars" | "exec" | "setattr" | "_unmix_shim"):
                return frozenset(found), True
            case ast.alias(name="*"):
                return frozenset(found), True
            case ast.alias(name=imported, asname=alias):
                bound = alias or imported.partition(".")[0]
            case ast.MatchAs(name=str(bound)) | ast.MatchStar(name=str(bound)):
                pass
            case ast.ExceptHandler(name=str(bound)):
                pass
            case _:
                continue
        found.add(bound)
    return frozenset(found), False


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            below = getattr(node, name, None)
            if isinstance(below, list):
                todo += below


def _folder(path: str) -> str:
    return path.rpartition("/")[0] + "/" if path.endswith("/__init__.py") else path.removesuffix(".py") + "/"

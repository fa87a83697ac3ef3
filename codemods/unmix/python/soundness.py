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
    for node in ast.walk(tree):
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
        tree = _parse(finder.workspace.read(path).text)
    except (UnreadableSource, SyntaxError, ValueError, RecursionError):
        return None
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
                if bound == "__getattr__":
                    return None
            case ast.Name(id=bound, ctx=ast.Store()):
                pass
            case ast.Name(id="globals" | "vars" | "exec" | "setattr" | "_unmix_shim"):
                return None
            case ast.alias(name="*"):
                return None
            case ast.alias(name=imported, asname=alias):
                bound = alias or imported.partition(".")[0]
            case ast.MatchAs(name=str(bound)) | ast.MatchStar(name=str(bound)):
                pass
            case ast.ExceptHandler(name=str(bound)):
                pass
            case _:
                continue
        if bound == name:
            return True
    # A name of any scope counts as bound above: what is left is bound nowhere in the file.
    return False


def _folder(path: str) -> str:
    return path.rpartition("/")[0] + "/" if path.endswith("/__init__.py") else path.removesuffix(".py") + "/"

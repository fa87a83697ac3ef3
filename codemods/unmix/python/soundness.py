"""A second opinion on written files, by other means than those that wrote them: Python's own parser.

Takes the text of one file and the tree around it, gives a finding for what would fail at once: a syntax error, and a
`from x import y` of this tree where `x` binds no `y`. Where that cannot be known it says nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.concern import statements_of
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.python.own_parser import parse_quickly, tree_of
from unmix.python.same_statements import read_again
from unmix.python.suspects import bound_names

_DYNAMIC = re.compile(r"\b(?:globals|vars|exec|setattr|_unmix_shim)\b")


def find_unsound(
    path: str, before: str | None, finder: ModuleFinder, known: dict[str, frozenset[str] | None]
) -> Iterator[Finding]:
    """Give what is wrong with the file at `path`, so wrong that it cannot have been meant.

    `before` is its text before it was edited. `known` keeps the names of the modules of this tree that were looked at;
    None for those that may have any.
    """
    try:
        groups = _statements_of(before, finder.workspace.read(path).text)
    except UnreadableSource as error:
        yield Finding(path, max(error.line, 1), 1, "UNM009", error.reason)
        return
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        yield Finding(path, line, 1, "UNM009", f"cannot be parsed: {type(error).__name__}: {error}")
        return
    package = finder.name_of(path).package
    imports = (
        (node, further) for further, body in groups for node in statements_of(body) if isinstance(node, ast.ImportFrom)
    )
    for node, further in imports:
        module = resolve_relative(package, node.level, node.module or "")
        for alias in node.names:
            if module and alias.name != "*" and _binds(module, alias.name, finder, known) is False:
                what = f"`{alias.name}` is imported from {module}, which does not define it"
                line = node.lineno + further
                yield Finding(path, line, node.col_offset + 1, "UNM004", what, f"{module}.{alias.name}")


def _statements_of(before: str | None, after: str) -> list[tuple[int, Sequence[ast.stmt]]]:
    """Give the statements of an edited text, in groups that stand so many lines further down than they say.

    Raises what parse_quickly() does.
    """
    if before is None or tree_of(before) is None:
        return [(0, parse_quickly(after).body)]
    reread = read_again(before, after)
    return [(0, reread.new.statements), (reread.further, reread.below)]


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
    """Give every name of a module's namespace; None where names may appear that its text does not show."""
    try:
        text = finder.workspace.read(path).text
    except UnreadableSource:
        return None
    return None if _DYNAMIC.search(text) else bound_names(text)


def _folder(path: str) -> str:
    return path.rpartition("/")[0] + "/" if path.endswith("/__init__.py") else path.removesuffix(".py") + "/"

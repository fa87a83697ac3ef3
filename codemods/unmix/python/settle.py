"""Keep submodules reachable that were loaded as a side effect.

`import pkg; pkg.old.f()` works only because something that `pkg` imports imports `pkg.old`. Once those imports name the
parts, files that nobody touched break. Takes the tree before and after a rewrite, gives the files that repair this:
the package answers for the old module until that is retired, and a file that says `pkg.part` imports it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from unmix.errors import UnreadableSource
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.reference import Relocation
from unmix.workspace import SourceFile

MARK = "# unmix: keeps"


def keep_reachable(
    relocations: Sequence[Relocation], before: ModuleFinder, after: ModuleFinder
) -> dict[str, SourceFile]:
    """Give the package files that need a `__getattr__` for an old module, with their new text."""
    changed: dict[str, SourceFile] = {}
    for relocation in relocations:
        package, _, leaf = relocation.module.rpartition(".")
        path = after.path_of(package) if package else None
        if path is None or not path.endswith("__init__.py") or after.path_of(relocation.module) is None:
            continue
        if not _loads(package, relocation.module, before) or _loads(package, relocation.module, after):
            continue
        file = changed.get(path) or after.workspace.read(path)
        text = _answering(file.text, leaf, package)
        if text is not None:
            changed[path] = SourceFile(path, text, file.encoding, file.bom)
    return changed


def loads(module: str, wanted: str, finder: ModuleFinder) -> bool:
    """Say whether importing `module` imports `wanted`, directly or through others."""
    return _loads(module, wanted, finder)


def _answering(text: str, leaf: str, package: str) -> str | None:
    """Add a module `__getattr__` that imports the old module when it is asked for; None when there is one already."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    if any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body):
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [
        "",
        "",
        "def __getattr__(name):",
        f"    {MARK} `import {package}` giving `{package}.{leaf}`, which used to be loaded with it",
        f'    if name == "{leaf}":',
        "        from importlib import import_module",
        "",
        '        return import_module(f"{__name__}.{name}")',
        '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
        "",
    ]
    if text and not text.endswith(("\n", "\r")):
        lines.insert(0, "")
    if not text.strip():
        lines = lines[2:]
    return text + newline.join(lines)


def _loads(module: str, wanted: str, finder: ModuleFinder) -> bool:
    seen = set()
    todo = [module]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        if here == wanted:
            return True
        path = finder.path_of(here)
        if path is not None:
            todo.extend(name for name in _imported_at_once(path, finder) if name not in seen)
    return False


def _imported_at_once(path: str, finder: ModuleFinder) -> Iterator[str]:
    """Give the modules of this tree that importing the file at `path` imports."""
    try:
        tree = ast.parse(finder.workspace.read(path).text)
    except (SyntaxError, ValueError, UnreadableSource, RecursionError):
        return
    package = finder.name_of(path).package
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_relative(package, node.level, node.module or "")
            if module:
                yield from _with_packages(module)
                yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            stack.extend(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.expr)):
            stack.extend(ast.iter_child_nodes(node))


def _with_packages(module: str) -> Iterator[str]:
    pieces = module.split(".")
    return (".".join(pieces[:length]) for length in range(1, len(pieces) + 1))

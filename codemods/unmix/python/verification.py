"""Write the program that loads what a migration moved: verification_program.py with its table filled in.

Takes what became of the old modules and the tree, gives the text of a standalone program; executes nothing.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator, Sequence
from importlib import resources
from typing import Any

from unmix.errors import UnreadableSource
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.python.own_parser import parse_quickly
from unmix.python.settle import MARK
from unmix.reference import Relocation
from unmix.verification import Program, Request
from unmix.workspace import decode_python

_TABLE = "TABLE: Dict[str, Any] = {}  # what to load; filled in by unmix\n"


def write_program(
    relocations: Sequence[Relocation], concerned: Collection[str], finder: ModuleFinder, request: Request
) -> Program:
    """Write the program for one migration; `concerned` are the modules besides whose importers it may have changed."""
    from unmix.python import verification_program

    if request.only_smoke:
        relocations, concerned = (), ()
    changed = [path for path in request.before if path.endswith(".py") and finder.workspace.exists(path)]
    paths = sorted({*_touched_paths(relocations, concerned, finder), *changed})
    surely = {path for r in relocations for path in (r.path, *map(finder.path_of, r.parts))}
    table: dict[str, Any] = {
        "root": request.root,
        "roots": list(finder.roots),
        "ours": sorted(_top_names(finder)),
        "modules": [_module(path, finder, surely=path in surely) for path in paths],
        "old": [_old(relocation, finder) for relocation in relocations],
        "before": dict(_before(request, finder)),
        "strict": request.strict,
        "allowed": sorted(request.allowed),
        "smoke": list(request.smoke),
        "seconds": request.seconds,
    }
    text = resources.files("unmix.python").joinpath("verification_program.py").read_text(encoding="utf-8")
    assert _TABLE in text
    # Read as JSON and not as Python, so that nothing in a name or a source can be code.
    filled = f"TABLE: Dict[str, Any] = json.loads({_literal(json.dumps(table, indent=1))})\n"
    return Program(
        language="python",
        suffix=".py",
        text=text.replace(_TABLE, filled, 1),
        says=tuple(verification_program.describe(table, "PYTHON")[1:]),
    )


def _literal(text: str) -> str:
    """Write a text, which is ASCII, as a literal over several lines."""
    lines = text.splitlines(keepends=True)
    return "(\n" + "".join(f"    {line!r}\n" for line in lines) + ")"


def _touched_paths(
    relocations: Sequence[Relocation], concerned: Collection[str], finder: ModuleFinder
) -> Iterator[str]:
    """Give the files that a migration may have changed: the old modules, the parts, and whoever imports them now."""
    modules = {module for r in relocations for module in (r.module, *r.parts)} | set(concerned)
    for module in modules:
        path = finder.path_of(module)
        if path is not None and any(module in (r.module, *r.parts) for r in relocations):
            yield path
    for path in finder.workspace.containing(sorted({module.rpartition(".")[2] for module in modules} - {""})):
        if not path.endswith(".py"):
            continue
        try:
            text = finder.workspace.read(path).text
            tree = parse_quickly(text)
        except (UnreadableSource, SyntaxError, ValueError, RecursionError):
            continue  # Python 2, or nothing that can be imported: `check` says so.
        if MARK in text or not modules.isdisjoint(_imported(tree, finder.name_of(path).package)):
            yield path


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_relative(package, node.level, node.module or "")
            if module:
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)


def _module(path: str, finder: ModuleFinder, *, surely: bool) -> dict[str, Any]:
    name = finder.name_of(path)
    importable = all(piece.isidentifier() for piece in name.dotted.split("."))
    return {
        "path": path,
        "name": name.dotted,
        "package": name.is_package,
        "run": importable and (surely or not _is_script(path, finder)),
    }


def _is_script(path: str, finder: ModuleFinder) -> bool:
    """Say whether importing a file would carry something out: then it is not imported, and only what it imports is."""
    name = path.rpartition("/")[2]
    if name in ("__main__.py", "setup.py"):
        return True
    folder = path.rpartition("/")[0]
    if finder.workspace.exists(f"{folder}/__init__.py") or name.startswith("test_") or name == "conftest.py":
        return False
    try:
        tree = parse_quickly(finder.workspace.read(path).text)
    except (UnreadableSource, SyntaxError, ValueError, RecursionError):
        return True
    return any(
        isinstance(node, (ast.For, ast.While, ast.With))
        or (isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await)))
        for node in tree.body
    )


def _old(relocation: Relocation, finder: ModuleFinder) -> dict[str, Any]:
    path = finder.path_of(relocation.module)
    retired = path is not None and "_unmix_shim" not in finder.workspace.read(path).text
    homes = {name: [home.module, home.name] for name, home in relocation.homes.items()}
    return {
        "module": relocation.module,
        "path": relocation.path,
        "parts": list(relocation.parts),
        # A package stays when its shim goes: it can be imported, and has none of the names.
        "homes": {} if path is None or retired else homes,
        "gone": path is None,
    }


def _before(request: Request, finder: ModuleFinder) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, content in request.before.items():
        if not path.endswith(".py"):
            continue
        name = finder.name_of(path)
        try:
            source = None if content is None else decode_python(path, content).text
        except UnreadableSource:
            continue
        yield name.dotted, {"path": path, "package": name.is_package, "source": source}


def _top_names(finder: ModuleFinder) -> Iterator[str]:
    """Give the names of the modules and packages that stand at the top of a source root."""
    for path in finder.workspace.paths:
        for root in finder.roots:
            if path.startswith(root) and path.endswith(".py"):
                yield path[len(root) :].partition("/")[0].removesuffix(".py")

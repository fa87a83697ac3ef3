"""Take a shim away, and what was written only for its sake.

Takes the old modules that nobody refers to any more, gives the files to change or (None) to delete: the shim, the stub
beside it, the answer of a package that used to load it, the filter in pytest's settings. What somebody added to any of
them is not thrown away: it is a reason to refuse.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from unmix.errors import UnreadableSource, UnsafeSplit
from unmix.python.modules import ModuleFinder
from unmix.python.own_parser import parse_quickly
from unmix.python.shipped_modules import unship
from unmix.python.warning_filters import dismiss_shims
from unmix.reference import Relocation
from unmix.workspace import SourceFile
from unmix_shims.python import PythonShim, read_shim


def retire_shims(relocations: Sequence[Relocation], finder: ModuleFinder) -> dict[str, SourceFile | None]:
    """Give every file that goes or changes with the shims of `relocations`, those that are gone already left out.

    Raises UnsafeSplit when a shim, or the stub beside it, holds something that somebody wrote there since.
    """
    # Needs LibCST, and whoever only asks whether a shim is gone does not.
    from unmix.python.settle import without_answer

    files: dict[str, SourceFile | None] = {}
    reasons: list[str] = []
    retired: dict[str, str] = {}
    for relocation in relocations:
        path = finder.path_of(relocation.module)
        if path is None or not finder.workspace.exists(path):
            continue
        file = finder.workspace.read(path)
        shim = read_shim(file.text)
        if shim is None:
            continue
        retired[relocation.module] = path
        reasons += _written_since(path, file.text, _is_of_shim)
        files[path] = _left_of_package(file, shim, finder) if shim.package else None
        stub = path + "i"
        if finder.workspace.exists(stub):
            reasons += _written_since(stub, finder.workspace.read(stub).text, _is_of_stub)
            files[stub] = None
        package, _, leaf = relocation.module.rpartition(".")
        above = finder.path_of(package) if package else None
        if above is not None and finder.workspace.exists(above):
            kept = files.get(above) or finder.workspace.read(above)
            text = without_answer(kept.text, package, leaf)
            if text != kept.text:
                files[above] = SourceFile(above, text, kept.encoding, kept.bom)
    if reasons:
        raise UnsafeSplit(tuple(reasons))
    after = finder.workspace
    for old, path in retired.items():
        settings = unship(old, path, after)
        files |= settings
        after = after.with_changes({place: file.encode(file.text) for place, file in settings.items()})
    return {**files, **dismiss_shims([*retired], after)}


def is_left_of_package(path: str, parts: Sequence[str], finder: ModuleFinder) -> bool:
    """Say whether the `__init__.py` at `path` is what a retired shim leaves: all parts are there, and it defines none.

    Imports and a docstring are all that is in it.
    """
    if not path.endswith("__init__.py") or not all(finder.path_of(part) for part in parts):
        return False
    try:
        tree = parse_quickly(finder.workspace.read(path).text)
    except (SyntaxError, ValueError, RecursionError, UnreadableSource):
        return False
    return all(
        isinstance(node, (ast.Import, ast.ImportFrom)) or _is_docstring(node) or _is_answer(node) for node in tree.body
    )


def _left_of_package(file: SourceFile, shim: PythonShim, finder: ModuleFinder) -> SourceFile:
    """Leave a package its comments, its docstring, and the modules that importing it loads.

    Who imports the package may count on what its modules do while they are imported, or reach them through it.
    """
    inside = [part for part in shim.parts if part.startswith(shim.module + ".")]
    direct = [part.rpartition(".")[2] for part in inside if part.count(".") == shim.module.count(".") + 1]
    lines = [f"import {part}  # noqa: F401" for part in shim.parts if part.rpartition(".")[0] != shim.module]
    if direct:
        lines.append(f"from . import {', '.join(sorted(direct))}  # noqa: F401")
    text = file.text.replace("\r\n", "\n")
    tree = parse_quickly(text)
    first = tree.body[0] if tree.body else None
    head = text[: _end_of(text, first)] if first is not None and _is_docstring(first) else _with_break(shim.preamble)
    body = "\n".join([*lines, ""])
    text = f"{head}\n{body}" if head else body
    return SourceFile(file.path, text.replace("\n", "\r\n" if "\r\n" in file.text else "\n"), file.encoding, file.bom)


def _with_break(preamble: str) -> str:
    return preamble + "\n" if preamble and not preamble.endswith("\n") else preamble


def _end_of(text: str, node: ast.stmt) -> int:
    return sum(len(line) for line in text.split("\n")[: node.end_lineno]) + (node.end_lineno or 0)


def _written_since(path: str, text: str, belongs: Callable[[ast.stmt, int], bool]) -> list[str]:
    tree = parse_quickly(text)
    return [
        f"{path}:{node.lineno}: was added to the shim by hand; move it to a part before the shim goes"
        for index, node in enumerate(tree.body)
        if not belongs(node, index)
    ]


def _is_of_shim(node: ast.stmt, index: int) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id="TYPE_CHECKING" | "__all__" | "_unmix_shim")]):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
    return index == 0 and _is_docstring(node)


def _is_of_stub(node: ast.stmt, index: int) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id="__all__" | "_unmix_T")]) | ast.Import() | ast.ImportFrom():
            return True
        case ast.ClassDef(name="_unmix_like"):
            return True
        case ast.FunctionDef(decorator_list=[ast.Call(func=ast.Name(id="_unmix_deprecated")), *_]):
            return True
    return index == 0 and _is_docstring(node)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_answer(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name in ("__getattr__", "__dir__")

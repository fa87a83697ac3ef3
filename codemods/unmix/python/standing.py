"""Read what stands at the old paths: shims that unmix wrote, whoever edited them since, and shims made by hand.

Takes the splits and a tree, gives StandingShims with what is wrong in each. Compares texts, runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from unmix.engine import StandingShim
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.migration import ShimSettings, Split
from unmix.python.modules import ModuleFinder, find_modules, resolve_relative
from unmix.python.own_parser import parse_quickly
from unmix.python.retire import is_left_of_package
from unmix.python.suspects import bound_names
from unmix.shim_text import find_edit
from unmix.workspace import memory_workspace
from unmix_shims.python import PythonShim, read_shim, render_shim

if TYPE_CHECKING:
    # LibCST takes longer to import than a clean tree takes to check, and most shims can be judged without it.
    from unmix.python.index import ModuleIndex
    from unmix.python.outline import Outline


def read_standing_shim(split: Split, settings: ShimSettings, finder: ModuleFinder) -> StandingShim | None:
    """Read what stands at the old path of one split; None where the module is whole, gone, or cannot be read."""
    path = finder.path_of(split.module)
    if path is None:
        return None
    try:
        text = finder.workspace.read(path).text
    except UnreadableSource:
        return None
    places = tuple(finder.path_for(part.module, path) for part in split.parts)
    shim = read_shim(text)
    if shim is None:
        parts = tuple(part.module for part in split.parts)
        if not any(map(finder.workspace.exists, places)) or is_left_of_package(path, parts, finder):
            return None
        return StandingShim(split.module, path, places, "", 1, _names_of_module(path, finder))
    until = settings.remove_in or shim.remove_in
    offers = None if "__getattr__" in shim.homes else frozenset({*shim.homes, *shim.typed, *_submodules(shim, finder)})
    findings = (
        *find_edit(text, generated_text(text, shim, settings), shim.module, path),
        *_leading_nowhere(text, shim, path, finder),
    )
    return StandingShim(split.module, path, places, until, _line_of(text, "remove_in"), offers, findings)


def generated_text(text: str, shim: PythonShim, settings: ShimSettings) -> str:
    """Give the text that unmix would write in place of the shim with this text, line ends included."""
    text_now = render_shim(replace(shim, since=settings.since, remove_in=settings.remove_in))
    return text_now.replace("\n", "\r\n") if "\r\n" in text else text_now


def public_names(path: str, data: bytes) -> frozenset[str] | None:
    """Give what a module exports: its `__all__`, or the names without underscore that it defines itself.

    None when these bytes are a shim, or cannot be read.
    """
    past = memory_workspace({path: data})
    try:
        text = past.read(path).text
        if read_shim(text) is not None:
            return None
        names = _plainly_public(text)
        if names is not None:
            return names
        from unmix.python.context import read_module
        from unmix.python.outlining import outline_module

        outline = outline_module(read_module(path, find_modules(past, ("",), ())).scopes)
    except UnreadableSource:
        return None
    if outline.exported is not None:
        return frozenset(outline.exported)
    there = outline.names & outline.definitions.keys() - outline.for_types_only
    return frozenset(name for name in there if not name.startswith("_"))


def _plainly_public(text: str) -> frozenset[str] | None:
    """Give the public names of a module that binds them by plain statements alone: most do, and this is quick."""
    try:
        body = parse_quickly(text).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    names: set[str] = set()
    exported = None
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple() as value):
                listed = [each.value for each in value.elts if isinstance(each, ast.Constant)]
                exported = frozenset(name for name in listed if isinstance(name, str))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(), value=None):
                pass  # it declares a name, and binds none
            case ast.Import() | ast.ImportFrom() | ast.Expr() | ast.Assert() | ast.Pass():
                pass
            case _:
                return None
    if "__all__" in text and (exported is None or text.count("__all__") > 1):
        return None
    return exported if exported is not None else frozenset(name for name in names if not name.startswith("_"))


def _leading_nowhere(text: str, shim: PythonShim, path: str, finder: ModuleFinder) -> Iterator[Finding]:
    """Find the public names that the shim leads to a part, which has them no more."""
    index: ModuleIndex | None = None
    bound: dict[str, frozenset[str] | None] = {}
    for name, parts in shim.moved.items():
        public = name in shim.exported if shim.exported is not None else not name.startswith("_")
        ours = shim.homes[name].rpartition(".")[0] in shim.parts
        if not (public and ours) and name not in (shim.exported or ()):
            continue
        place = finder.path_of(parts[0])
        if place is not None and place not in bound:
            bound[place] = _bound_in(place, finder)
        if place is not None and name in (bound[place] or ()):
            continue
        if index is None:
            from unmix.python.index import ModuleIndex

            index = ModuleIndex(finder)
        if place is None:
            why = f"{parts[0]} is gone"
        elif index.defines(parts[0], name) is False:
            why = f"{parts[0]} has no `{name}`"
        else:
            continue
        old = f"{shim.module}.{name}"
        message = f"{old} leads nowhere: {why}"
        hint = "bring it back, or import it there from where it went"
        yield Finding(path, _line_of(text, name), 1, "UNM008", message, old, shim.homes[name], hint)


def _bound_in(path: str, finder: ModuleFinder) -> frozenset[str] | None:
    try:
        return bound_names(finder.workspace.read(path).text)
    except UnreadableSource:
        return None


def _submodules(shim: PythonShim, finder: ModuleFinder) -> Iterator[str]:
    """Give the names in `__all__` that are modules below the old one, which is a package then."""
    return (name for name in shim.exported or () if finder.path_of(f"{shim.module}.{name}") is not None)


def _names_of_module(path: str, finder: ModuleFinder) -> frozenset[str] | None:
    """Give the names that a shim made by hand has; None when its text does not tell."""
    from unmix.python.context import read_module
    from unmix.python.index import ModuleIndex
    from unmix.python.outlining import outline_module

    try:
        module = read_module(path, finder)
    except UnreadableSource:
        return None
    outline = outline_module(module.scopes)
    index = ModuleIndex(finder)
    found = set(outline.names)
    for statement in _star_imports(outline):
        star = resolve_relative(module.here.package, *statement)
        if star is None or finder.path_of(star) is None:
            return None
        found |= index.star_names(star)
    return None if "__getattr__" in found else frozenset(found)


def _star_imports(outline: Outline) -> Iterator[tuple[int, str]]:
    for number in outline.star_units:
        for statement in outline.units[number].imports:
            if statement.star:
                yield statement.level, statement.module


def _line_of(text: str, key: str) -> int:
    """Give the line of the table on which `key` stands; the first line when it does not."""
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.lstrip().startswith(f'"{key}":')), 1)

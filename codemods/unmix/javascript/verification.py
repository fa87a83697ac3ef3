"""Write the program that lets Node load what a migration moved: verification_program.mjs with its table filled in.

Takes what became of the old modules and the tree, gives the text of a standalone program; executes nothing.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import resources
from typing import Any

from unmix.errors import UnreadableSource
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import Span, parse
from unmix.reference import Relocation
from unmix.verification import Program, Request
from unmix.workspace import Workspace

_TABLE = "const TABLE = {}; // what to load; filled in by unmix\n"
_LOADED = (".js", ".mjs", ".cjs")
_COMPILED = (".jsx", ".ts", ".tsx", ".mts", ".cts")

# What starts something as soon as it is loaded; such a file is not loaded, `check` has read it.
_STARTS = re.compile(r"\A#!|^[^\s/*].*\.listen\(|^\s*process\.exit\(", re.MULTILINE)
_TEST = re.compile(r"(?:^|/)(?:__tests__|tests?)/|[.-](?:test|spec)\.\w+$")

# const { a, b: c } = require("./part"), and not what is taken from one of its names: … = require("./part").name
_REQUIRE = re.compile(r"""\{([\w\s,:$]*)\}\s*=\s*require\(\s*(["'])(\.[^"'\n]*)\2\s*\)(?!\s*[.\[(])""")


def write_program(relocations: Sequence[Relocation], workspace: Workspace, request: Request) -> Program:
    """Write the program for one migration."""
    if request.only_smoke:
        relocations = ()
    paths = sorted({*_touched_paths(relocations, workspace), *_changed_paths(request, workspace)})
    surely = {path for relocation in relocations for path in (relocation.path, *relocation.parts)}
    table = {
        "root": request.root,
        "modules": [_module(path, workspace, surely=path in surely) for path in paths],
        "old": [_old(each, workspace) for each in relocations if not each.path.endswith(_COMPILED)],
        "types": list(_projects(paths, workspace)),
        "before": dict(_before(request)) if relocations else {},
        "smoke": list(request.smoke),
        "seconds": request.seconds,
    }
    text = resources.files("unmix.javascript").joinpath("verification_program.mjs").read_text(encoding="utf-8")
    assert _TABLE in text
    # Read as JSON and not as a script, so that nothing in a name can be code.
    filled = f"const TABLE = JSON.parse({json.dumps(json.dumps(table))});\n"
    return Program("javascript", ".mjs", text.replace(_TABLE, filled, 1), tuple(_says(table)))


def _says(table: dict[str, Any]) -> Iterator[str]:
    for module in table["modules"]:
        if module["run"]:
            yield f"    import {module['path']}"
    for old in table["old"]:
        yield f"    {old['path']}, which must be gone" if old["gone"] else f"    every old name of {old['path']}"
    for types in table["types"]:
        yield f"    the types of {types['path']}, by the project's own TypeScript"
    for command in table["smoke"]:
        yield f"    $ {command}"


def _touched_paths(relocations: Sequence[Relocation], workspace: Workspace) -> Iterator[str]:
    """Give the old modules, the parts, and the files that name one of them in an import."""
    modules = {module for relocation in relocations for module in (relocation.path, *relocation.parts)}
    yield from (module for module in modules if workspace.exists(module))
    stems = {_stem(module) for module in modules}
    named = re.compile(rf"""["'`][^"'`\n]*\b(?:{"|".join(map(re.escape, sorted(stems)))})(?:\.\w+)?["'`]""")
    for path in workspace.containing(sorted(stems)) if modules else ():
        if path.endswith((*_LOADED, *_COMPILED)):
            try:
                if named.search(workspace.read(path).text):
                    yield path
            except UnreadableSource:
                continue


def _stem(module: str) -> str:
    """Give the word by which imports name a module: that of its folder for an index."""
    stem = posixpath.basename(module).partition(".")[0]
    return posixpath.basename(posixpath.dirname(module)) or stem if stem == "index" else stem


def _changed_paths(request: Request, workspace: Workspace) -> Iterator[str]:
    return (path for path in request.before if path.endswith((*_LOADED, *_COMPILED)) and workspace.exists(path))


def _projects(paths: Sequence[str], workspace: Workspace) -> Iterator[dict[str, Any]]:
    """Give each tsconfig.json that is the nearest of a touched file, with those files."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder = posixpath.dirname(path)
        while not workspace.exists(posixpath.join(folder, "tsconfig.json")) and folder:
            folder = posixpath.dirname(folder)
        settings = posixpath.join(folder, "tsconfig.json")
        if workspace.exists(settings):
            found.setdefault(settings, []).append(path)
    for settings, files in found.items():
        # Scripts alone are loaded, and need no compiler.
        if any(path.endswith(_COMPILED) for path in files):
            yield {"path": settings, "files": files}


def _before(request: Request) -> Iterator[tuple[str, str | None]]:
    """Give the texts of scripts before the migration, as far as they are known."""
    for path, content in request.before.items():
        if path.endswith((*_LOADED, *_COMPILED)):
            with suppress(UnicodeDecodeError):
                yield path, content.decode() if content is not None else None


def _module(path: str, workspace: Workspace, *, surely: bool) -> dict[str, Any]:
    try:
        text = workspace.read(path).text
    except UnreadableSource:
        text = ""
    why = ""
    if path.endswith(_COMPILED):
        why = "Node does not load this kind of file; its types are checked where a tsconfig.json and TypeScript are"
    elif not surely and _TEST.search(path):
        why = "a test: only its runner can load it"
    elif not surely and _STARTS.search(text):
        why = "starts something when it is loaded, and is not loaded here"
    comments = _comments(path, text) if not why and _REQUIRE.search(text) else []
    requires = [
        {
            "specifier": match[3],
            "names": [name.partition(":")[0].strip() for name in match[1].split(",") if name.strip()],
        }
        for match in _REQUIRE.finditer(text)
        if not any(start <= match.start() < end for start, end in comments)
    ]
    return {"path": path, "run": not why, "why": why, "requires": requires}


def _comments(path: str, text: str) -> list[Span]:
    try:
        tree = parse(path, text)
    except UnreadableSource:
        return []
    return [tree.span(comment) for comment in Scopes(tree).comments]


def _old(relocation: Relocation, workspace: Workspace) -> dict[str, Any]:
    homes = {
        name: [home.module, home.name] for name, home in relocation.homes.items() if home.module in relocation.parts
    }
    return {"path": relocation.path, "gone": not workspace.exists(relocation.path), "homes": homes}

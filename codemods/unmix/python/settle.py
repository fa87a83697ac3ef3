"""Keep submodules reachable that were loaded as a side effect.

`import pkg; pkg.old.f()` works only because something that `pkg` imports imports `pkg.old`. Once those imports name the
parts, files that nobody touched break. Takes the tree before and after a rewrite, gives the files that repair this:
the package answers for the old module until that is retired, and a file that says `pkg.part` imports it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import libcst as cst

from unmix.edit import apply_edits
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.callsites import find_call_sites
from unmix.python.context import read_module
from unmix.python.import_edits import ImportEdits, NewImport
from unmix.python.imports import read_import
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.python.scopes import ImportSite, When
from unmix.reference import Relocation
from unmix.workspace import SourceFile

MARK = "# unmix: keeps"


def keep_reachable(
    relocations: Sequence[Relocation], before: ModuleFinder, after: ModuleFinder
) -> tuple[dict[str, SourceFile], list[Finding]]:
    """Give the package files that need a `__getattr__` for an old module, with their new text.

    Where a package has a `__getattr__` already, a finding says what it should answer.
    """
    changed: dict[str, SourceFile] = {}
    findings: list[Finding] = []
    for relocation in relocations:
        package, _, leaf = relocation.module.rpartition(".")
        path = after.path_of(package) if package else None
        if path is None or not path.endswith("__init__.py") or after.path_of(relocation.module) is None:
            continue
        if not loads(package, relocation.module, before) or loads(package, relocation.module, after):
            continue
        file = changed.get(path) or after.workspace.read(path)
        text = _answering(file.text, leaf, package)
        if text is not None:
            changed[path] = SourceFile(path, text, file.encoding, file.bom)
        elif MARK not in file.text:
            why = f"`import {package}` used to load {relocation.module}, and `__getattr__` here does not know it"
            hint = f'let it answer "{leaf}" with importlib.import_module("{relocation.module}"), until that is retired'
            findings.append(Finding(path, 1, 1, "UNM010", why, relocation.module, "", hint))
    return changed, findings


def import_used_parts(path: str, relocations: Sequence[Relocation], finder: ModuleFinder) -> SourceFile | None:
    """Give a file that says `pkg.part.name` the import of `pkg.part`, where importing `pkg` does not load it.

    import pkg  →  import pkg
                   import pkg.part
    """
    file = finder.workspace.read(path)
    parts = tuple(part for relocation in relocations for part in relocation.parts if part in file.text)
    if not parts:
        return None
    source = read_module(path, finder)
    edits = ImportEdits(source)
    wanted: dict[int, list[NewImport]] = {}
    places: dict[int, tuple[ImportSite, int]] = {}
    for use in find_call_sites(source.tree, source.scopes, source.here, parts).implicit:
        package = use.old.rpartition(".")[0]
        if use.use.when is When.TYPING or loads(package, use.old, finder):
            continue
        for binding in source.scopes.bindings_reached(use.use):
            if binding.site is not None and isinstance(binding.site.node, cst.Import):
                index = next(i for i, alias in enumerate(binding.site.node.names) if alias is binding.node)
                places[id(binding.node)] = binding.site, index
                wanted.setdefault(id(binding.node), []).append(NewImport(use.old, "", ""))
                break
    for key, (site, index) in places.items():
        name = read_import(source.tree, site.node).names[index]
        own = NewImport("", name.name, name.asname)
        edits.change(site, index, [own, *dict.fromkeys(wanted[key])])
    text = apply_edits(file.text, edits.edits())
    return SourceFile(path, text, file.encoding, file.bom) if text != file.text else None


def loads(module: str, wanted: str, finder: ModuleFinder) -> bool:
    """Say whether importing `module` imports `wanted`, directly or through others."""
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

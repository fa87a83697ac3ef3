"""Keep submodules reachable that were loaded as a side effect.

`import pkg; pkg.old.f()` works only because something that `pkg` imports imports `pkg.old`. Once those imports name the
parts, files that nobody touched break. Takes the tree before and after a rewrite, gives the files that repair this:
the package answers for the old module until that is retired, and a file that says `pkg.part` imports it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from itertools import count

import libcst as cst

from unmix.edit import apply_edits
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.callsites import find_call_sites
from unmix.python.context import SourceModule, parse_module
from unmix.python.hidden_modules import hiding_statement
from unmix.python.import_edits import ImportEdits, NewImport
from unmix.python.imports import read_import
from unmix.python.line_spans import first_line, lines_of
from unmix.python.load_order import line_of_early_use, loads, statements_run
from unmix.python.modules import ModuleFinder
from unmix.python.own_parser import parse_quickly
from unmix.python.own_submodules import place_to_load
from unmix.python.scopes import ImportSite, When
from unmix.python.words import words_of
from unmix.reference import Relocation
from unmix.workspace import SourceFile

MARK = "# unmix: keeps"

# What _listing() writes, with the blank lines above it; the group holds the names.
_LISTING = re.compile(
    rf"(?:\r?\n){{0,2}}def __dir__\(\):\r?\n    {MARK} [^\r\n]*\r?\n"
    r"    return \{\*globals\(\)((?:, \"\w+\")+)\}(?:\r?\n|\Z)"
)

# Why a package loads its old module.
_HIDDEN = "from being replaced by the module later"
_USED = "loaded for what reads it there"

_IMPORT = "import_module"
_UNKNOWN = '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")'


def keep_reachable(
    relocations: Sequence[Relocation], before: ModuleFinder, after: ModuleFinder
) -> tuple[dict[str, SourceFile], list[Finding]]:
    """Give the package files that need a `__getattr__` (and a `__dir__`) for an old module, with their new text.

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
        hiding = hiding_statement(file.text, relocation.module, after)
        loading = None
        if hiding is not None:
            below = 0 if isinstance(hiding, (ast.Import, ast.ImportFrom)) else 2
            loading = _loading(file.text, first_line(hiding) - 1, _loaded(leaf, package), below)
        elif (place := _place_of_use(relocation.module, file, after)) is not None:
            loading = _loading(file.text, file.text.count("\n", 0, place), _loaded(leaf, package, _USED), 0)
        elif (line := line_of_early_use(relocation.module, relocation.parts, file.text, after)) is not None:
            loading = _loading(file.text, line, _loaded(leaf, package, _USED), 0)
        if loading is not None:
            changed[path] = SourceFile(path, loading, file.encoding, file.bom)
            continue
        text = _answering(file.text, leaf, package)
        if text is not None:
            changed[path] = SourceFile(path, _listing(text, leaf, package), file.encoding, file.bom)
        elif MARK not in file.text:
            why = f"`import {package}` used to load {relocation.module}, and `__getattr__` here does not know it"
            hint = f'let it answer "{leaf}" with importlib.import_module("{relocation.module}"), until that is retired'
            findings.append(Finding(path, 1, 1, "UNM010", why, relocation.module, "", hint))
    return changed, findings


def parts_to_import(relocations: Sequence[Relocation], finder: ModuleFinder) -> tuple[str, ...]:
    """Give the parts that importing their package does not load."""
    parts = dict.fromkeys(part for relocation in relocations for part in relocation.parts)
    return tuple(part for part in parts if not loads(part.rpartition(".")[0], part, finder))


def import_used_parts(
    path: str, parts: Sequence[str], finder: ModuleFinder, read: Callable[[str], SourceModule]
) -> SourceFile | None:
    """Give a file that says `pkg.part.name` the import of `pkg.part`, for those of parts_to_import().

    `read` parses what of a file may concern the migration.

    import pkg  →  import pkg
                   import pkg.part
    """
    file = finder.workspace.read(path)
    # Only a whole dotted name, `pkg.part.name`, can reach a part that nobody imported here.
    parts = tuple(part for part in parts if part + "." in file.text)
    if not parts:
        return None
    source = read(path)
    edits = ImportEdits(source)
    wanted: dict[int, list[NewImport]] = {}
    places: dict[int, tuple[ImportSite, int]] = {}
    for use in find_call_sites(source.tree, source.scopes, source.here, parts).implicit:
        if use.use.when is When.TYPING:
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


def _place_of_use(old: str, file: SourceFile, finder: ModuleFinder) -> int | None:
    """Give where a package that is left on the shim has to load it; None where it has no such use."""
    if not re.search(rf"\b{re.escape(old.rpartition('.')[2])}\b", file.text):
        return None
    try:
        return place_to_load(old, parse_module(file, finder))
    except UnreadableSource:
        return None  # Python 2


def _loading(text: str, line: int, loaded: list[str], below: int) -> str:
    """Let a package load its old module below so many lines, above what it binds by that name or where it reads it.

    Loaded later, by an old import somewhere, the module would take the place of a name that the package binds.
    """
    if loaded[0] in text:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = lines_of(text)
    return "".join([*lines[:line], newline.join(loaded) + newline * (1 + below), *lines[line:]])


def _loaded(leaf: str, package: str, why: str = _HIDDEN) -> list[str]:
    return [
        f"try:  {MARK} `{package}.{leaf}` {why}",
        f'    __import__(f"{{__name__}}.{leaf}")',
        "except ModuleNotFoundError:",
        "    pass",
    ]


def _answering(text: str, leaf: str, package: str) -> str | None:
    """Let a package answer for its old module when it is asked for it; None when it answers in a way of its own.

    def __getattr__(name):  →  the same, with this question first
    """
    try:
        tree = parse_quickly(text)
    except SyntaxError:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    own = [node for node in ast.walk(tree) if _binds_getattr(node)]
    if own:
        (function, *others) = own
        if (
            others
            or not isinstance(function, ast.FunctionDef)
            or function not in statements_run(tree)
            or len(function.args.args) != 1
        ):
            return None
        first = function.body[0]
        lines = text.splitlines(keepends=True)
        indent = " " * first.col_offset
        if first.lineno == function.lineno:
            return None
        # An import in a function makes the name its own: the module's, which the rest of it may use, would be hidden.
        used = words_of("".join(lines[function.lineno - 1 : function.end_lineno]))
        bound = next(f"{'_' * n}{_IMPORT}" for n in count() if f"{'_' * n}{_IMPORT}" not in used)
        question = _question(function.args.args[0].arg, leaf, package, indent, bound)
        at = first.lineno - 1
        while lines[at - 1].lstrip().startswith("#"):
            at -= 1
        if ast.get_docstring(function) is not None:
            at = first.end_lineno or at
        return "".join([*lines[:at], newline.join([*question, ""]), *lines[at:]])
    lines = ["", "", "def __getattr__(name):", *_question("name", leaf, package, "    ")]
    lines += [_UNKNOWN, ""]
    if text and not text.endswith(("\n", "\r")):
        lines.insert(0, "")
    if not text.strip():
        lines = lines[2:]
    return text + newline.join(lines)


def _listing(text: str, leaf: str, package: str) -> str:
    """Let `dir()` of a package go on telling of its old module, where the package has no way of its own.

    def __dir__():
        # unmix: keeps `dir(pkg)` …
        return {*globals(), "old"}
    """
    known = _LISTING.search(text)
    if known is not None:
        return f'{text[: known.end(1)]}, "{leaf}"{text[known.end(1) :]}'
    if re.search(r"\b__dir__\b", text):
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    why = f"    {MARK} `dir({package})` naming what used to be loaded with it"
    lines = ["", "", "def __dir__():", why, f'    return {{*globals(), "{leaf}"}}', ""]
    return text + newline.join(lines if text.endswith(("\n", "\r")) else ["", *lines])


def _question(name: str, leaf: str, package: str, indent: str, bound: str = _IMPORT) -> list[str]:
    renamed = "" if bound == _IMPORT else f" as {bound}"
    return [
        f"{indent}{MARK} `import {package}` giving `{package}.{leaf}`, which used to be loaded with it",
        f'{indent}if {name} == "{leaf}":',
        f"{indent}    from importlib import {_IMPORT}{renamed}",
        "",
        f'{indent}    return {bound}(f"{{__name__}}.{{{name}}}")',
    ]


def without_answer(text: str, package: str, leaf: str) -> str:
    """Take away what lets a package answer for an old module, and a `__getattr__` that did nothing else.

    def __getattr__(name):       →
        # unmix: keeps `import pkg` giving `pkg.old`, …
        if name == "old": …
        raise AttributeError(…)

    def __dir__():               →
        # unmix: keeps `dir(pkg)` …
        return {*globals(), "old"}
    """
    for why in (_HIDDEN, _USED):
        loading = r"\r?\n".join(map(re.escape, _loaded(leaf, package, why)))
        text = re.sub(rf"^{loading}(?:\r?\n){{1,3}}", "", text, flags=re.MULTILINE)
    listed = _LISTING.search(text)
    if listed is not None and f', "{leaf}"' in listed[1]:
        left = listed[1].replace(f', "{leaf}"', "")
        span = listed.span(1) if left else listed.span()
        text = text[: span[0]] + left + text[span[1] :]
    said = f"{MARK} `import {package}` giving `{package}.{leaf}`"
    while said in text:
        lines = text.splitlines(keepends=True)
        at = next(number for number, line in enumerate(lines) if said in line)
        try:
            own = [node for node in statements_run(parse_quickly(text)) if _holds(node, at + 1)]
        except (SyntaxError, ValueError):
            return text
        questions = [node for function in own for node in ast.walk(function) if _asks(node, at + 2, leaf)]
        if not questions:
            return text  # Somebody made it their own.
        function, question = own[0], questions[0]
        end = getattr(question, "end_lineno", 0)
        left = [line.strip() for line in (*lines[function.lineno : at], *lines[end : function.end_lineno])]
        if [line for line in left if line] == [_UNKNOWN.strip()]:
            start = function.lineno - 1
            while start and not lines[start - 1].strip() and function.lineno - 1 - start < 2:
                start -= 1
            text = "".join([*lines[:start], *lines[function.end_lineno :]])
        else:
            text = "".join([*lines[:at], *lines[end:]])
    return text


def _holds(node: ast.stmt, line: int) -> bool:
    return isinstance(node, ast.FunctionDef) and node.lineno < line <= (node.end_lineno or 0)


def _asks(node: ast.AST, line: int, leaf: str) -> bool:
    if not isinstance(node, ast.If) or node.lineno != line or not isinstance(node.test, ast.Compare):
        return False
    return any(isinstance(other, ast.Constant) and other.value == leaf for other in node.test.comparators)


def _binds_getattr(node: ast.AST) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name == "__getattr__"
    if isinstance(node, ast.ImportFrom):
        return any((alias.asname or alias.name) == "__getattr__" for alias in node.names)
    return isinstance(node, ast.Name) and node.id == "__getattr__" and isinstance(node.ctx, ast.Store)

"""Survey a file in Python 2 syntax, which LibCST refuses.

Takes a file's text, gives the Survey that the same file in newer syntax has, every place carried back to the text as it
is. Bowler's grammar says what has to be written otherwise (legacy_syntax.py, legacy_imports.py); rewrite.py decides, as
for any file; what would be written is read once more before it is given out. There is one finder and one rewriter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from unmix.edit import Edit, apply_edits
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.callsites import find_call_sites
from unmix.python.context import Context, SourceModule
from unmix.python.depth import refuse_depth
from unmix.python.legacy_imports import ImplicitImport, find_implicit_imports, without_dots
from unmix.python.legacy_syntax import read_legacy_syntax
from unmix.python.legacy_translation import Translation
from unmix.python.modules import ModuleFinder, ModuleName, resolve_relative
from unmix.python.rewrite import survey_module
from unmix.python.scopes import Scope, Scopes
from unmix.python.scoping import read_scopes
from unmix.python.syntax import dotted_name, parse
from unmix.reference import Kind, Reference, Survey
from unmix.workspace import SourceFile


def survey_legacy(file: SourceFile, context: Context) -> Survey:
    """Survey one file in Python 2 syntax. Raises UnreadableSource when it cannot be read as that either."""
    module = read_legacy(file.path, file.text, context.index.finder, _ours(context))
    survey = survey_module(module.source, context)
    roots = list(_old_roots(module, context))
    references = [*roots, *(module.translation.reference(reference) for reference in survey.references)]
    findings = [module.translation.finding(finding) for finding in survey.findings]
    edits: Sequence[Edit] = ()
    if survey.edits or roots:
        try:
            _check_names(module, context, roots)
            edits = _carry_back(module, survey.edits)
            _check_result(module, context, survey.edits, edits)
        except _Blocked as blocked:
            edits = ()
            old = references[0].module if references else ""
            line, column = module.translation.place(blocked.offset)
            findings.append(Finding(file.path, line, column, "UNM010", blocked.why, old, "", blocked.hint))
    return Survey(file.path, tuple(sorted(references)), tuple(sorted(edits)), tuple(sorted(set(findings))))


# -- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegacyModule:
    """A file in Python 2 syntax: its translation, the module that was parsed from that, its imports without dots.

    `executes` are the places where `exec` runs text among the file's own names.
    """

    translation: Translation
    source: SourceModule
    implicit: tuple[ImplicitImport, ...]
    executes: tuple[int, ...]


def read_legacy(path: str, text: str, finder: ModuleFinder, ours: Collection[str]) -> LegacyModule:
    """Read a file in Python 2 syntax; `ours` are modules that need not be there. Raises UnreadableSource."""
    here = finder.name_of(path)

    def is_module(dotted: str) -> bool:
        return finder.path_of(dotted) is not None or any(f"{name}.".startswith(f"{dotted}.") for name in ours)

    refuse_depth(path, text)
    try:
        syntax = read_legacy_syntax(path, text)
        implicit = tuple(find_implicit_imports(syntax, text, here.package, is_module))
        dots = [edit for statement in implicit for edit in statement.edits]
        translation = Translation(text, tuple(sorted((*syntax.edits, *dots))))
        tree = parse(path, translation.translated)
        scopes = read_scopes(tree)
    except RecursionError as error:
        raise UnreadableSource(path, 0, "cannot be parsed: nested too deeply") from error
    _widen_comprehensions(scopes)
    return LegacyModule(translation, SourceModule(tree, scopes, here), implicit, syntax.executes)


def _ours(context: Context) -> list[str]:
    """Give the old modules and their parts."""
    return [*context.olds, *(part for relocation in context.relocations for part in relocation.parts)]


def _widen_comprehensions(scopes: Scopes) -> None:
    """Give the variables of list comprehensions, which have no scope of their own, to the scope around."""
    lists = [scope for scope in scopes.scopes if isinstance(scope.node, cst.ListComp)]
    for scope in lists:
        around = _scope_around(scope)
        for name, bindings in scope.bindings.items():
            bound = scopes.module if name in around.globals else around
            for binding in bindings:
                binding.scope, binding.origin = bound, around
            bound.bindings.setdefault(name, []).extend(bindings)
    for use in scopes.uses:
        use.scope = _scope_around(use.scope)
    for site in scopes.imports:
        site.scope = _scope_around(site.scope)
    for scope in scopes.scopes:
        if scope.parent is not None:
            scope.parent = _scope_around(scope.parent)
    for scope in lists:
        scope.bindings.clear()


def _scope_around(scope: Scope) -> Scope:
    """Give `scope`, or the one around it if it is that of a list comprehension."""
    while isinstance(scope.node, cst.ListComp) and scope.parent is not None:
        scope = scope.parent
    return scope


# -- carrying back ---------------------------------------------------------------------------------------------------


class _Blocked(Exception):
    """The edits of this file cannot be carried back safely: why, and for what at `offset` of the text."""

    def __init__(self, offset: int, why: str, hint: str) -> None:
        super().__init__(why)
        self.offset, self.why, self.hint = offset, why, hint


def _old_roots(module: LegacyModule, context: Context) -> Iterator[Reference]:
    """Give a reference for each `import sub.old` in `package` that means `package.sub.old`, and binds `sub`."""
    for statement in module.implicit:
        for alias in statement.roots:
            old = f"{statement.package}.{alias.name}"
            if old in context.olds:
                path, parts = module.source.tree.path, ", ".join(context.relocation(old).parts)
                place = module.translation.place(alias.start)
                yield Reference(path, *place, alias.start, alias.end, Kind.IMPORT, "UNM001", old, "", parts)


def _check_names(module: LegacyModule, context: Context, roots: Sequence[Reference]) -> None:
    """Raise _Blocked where Python 2 reaches an old module in a way that rewrite.py does not know."""
    for root in roots:
        why = f"this means {root.module}, a module of its own package, but does not bind it"
        raise _Blocked(root.start, why, "import it by its full name, or with dots")
    source = module.source
    sites = find_call_sites(source.tree, source.scopes, source.here, context.olds, hidden=context.hidden)
    bound = {found.bound for found in sites.modules} | {use.use.name for use in sites.implicit}
    for place in module.executes if bound else ():
        literal = _PLAIN_EXEC.match(module.translation.text, place)
        if literal is None or not bound.isdisjoint(re.findall(r"\w+", literal["code"])):
            why = "`exec` runs text among the names of this file, and may name the old module in it"
            raise _Blocked(place, why, "say in what names the text runs: `exec code in names`")


# exec "x = 1"    exec("x = 1")
_PLAIN_EXEC = re.compile(
    r"exec[ \t(]*[uUbB]?(?P<quote>['\"])(?P<code>[^'\"\\\n]*)(?P=quote)[ \t)]*(?:[;#\r]|$)", re.MULTILINE
)


def _carry_back(module: LegacyModule, edits: Iterable[Edit]) -> list[Edit]:
    """Give edits of the translated text as edits of the text as it is. Raises _Blocked."""
    translation = module.translation
    spans = [translation.span(statement.start, statement.end) for statement in module.implicit]
    inside: dict[int, list[Edit]] = {}
    found = []
    for edit in edits:
        around = next((i for i, (start, end) in enumerate(spans) if start <= edit.start and edit.end <= end), None)
        if around is not None:
            inside.setdefault(around, []).append(edit)
            continue
        if edit.text and translation.touches(edit):
            why = "what is written in the syntax of Python 2 here would have to move"
            raise _Blocked(translation.start(edit.start), why, "rewrite it by hand")
        text = _indented(translation, edit.start, edit.text)
        found.append(Edit(translation.start(edit.start), translation.end(edit.end), text))
    for index, group in inside.items():
        statement, (start, end) = module.implicit[index], spans[index]
        shifted = [Edit(edit.start - start, edit.end - start, edit.text) for edit in group]
        written = without_dots(apply_edits(translation.translated[start:end], shifted), statement)
        if written is None:
            why = "the import has no dots, and what it would become needs them"
            raise _Blocked(statement.start, why, "rewrite it by hand, or import with dots")
        found.append(Edit(statement.start, statement.end, _indented(translation, start, written)))
    return found


def _indented(translation: Translation, offset: int, text: str) -> str:
    """Indent further lines of `text` as the line that it begins on is indented in the text as it is."""
    translated = translation.translated
    line = translated.rfind("\n", 0, offset) + 1
    before = translation.text.rfind("\n", 0, translation.start(offset)) + 1
    return text.replace("\n" + _indent(translated, line), "\n" + _indent(translation.text, before))


def _indent(text: str, line: int) -> str:
    end = line
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return text[line:end]


# -- the result ------------------------------------------------------------------------------------------------------


def _check_result(module: LegacyModule, context: Context, wanted: Iterable[Edit], edits: Iterable[Edit]) -> None:
    """Read the file as it would be written, and see that it imports what was decided. Raises _Blocked."""
    path, here = module.source.tree.path, module.source.here
    decided = read_scopes(parse(path, apply_edits(module.translation.translated, wanted)))
    first = min(edit.start for edit in edits)
    try:
        written = read_legacy(path, apply_edits(module.translation.text, edits), context.index.finder, _ours(context))
    except UnreadableSource as error:
        raise _Blocked(first, f"what would be written {error.reason}", "rewrite it by hand") from error
    differing = sorted(set(_imported(decided, here)) ^ set(_imported(written.source.scopes, here)))
    if differing:
        why = f"in this package `import {differing[0][1] or differing[0][2]}` would mean another module"
        raise _Blocked(first, why, "add `from __future__ import absolute_import`, or rewrite it by hand")


def _imported(scopes: Scopes, here: ModuleName) -> Iterator[tuple[str, str, str, str]]:
    """Give for each import the scope, the module, the name of it, and what it is bound to."""
    for site in scopes.imports:
        node = site.node
        module = ""
        if isinstance(node, cst.ImportFrom):
            module = resolve_relative(here.package, len(node.relative), dotted_name(node.module) or "") or ""
        if isinstance(node.names, cst.ImportStar):
            yield site.scope.path, module, "*", ""
            continue
        for alias in node.names:
            yield site.scope.path, module, dotted_name(alias.name) or "", alias.evaluated_alias or ""

"""Survey pieces of Python that stand in another text.

Takes excerpts, gives one survey of them in places of the outer text. Pieces that go on with what an earlier one
imported are one module together: an alias and its uses are rewritten together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from unmix.edit import Edit
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.context import Context, SourceModule
from unmix.python.excerpt import Excerpt, Line, Places
from unmix.python.modules import ModuleName
from unmix.python.rewrite import survey_module
from unmix.python.scopes import How
from unmix.python.scoping import read_scopes
from unmix.python.strings import find_strings
from unmix.python.syntax import parse
from unmix.reference import Kind, Reference, Survey

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A parsed excerpt."""

    excerpt: Excerpt
    source: SourceModule


@dataclass(frozen=True, slots=True)
class SnippetSurvey:
    """What the snippets of one text hold. `settled` are the spans that need no other look.

    `untouched` are the spans of those that cannot be rewritten safely, in whole.
    """

    references: tuple[Reference, ...]
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]
    settled: tuple[Span, ...]
    untouched: tuple[Span, ...]


def read_snippet(path: str, lines: Iterable[Line], escape: Callable[[str], str] = str) -> Snippet:
    """Parse the lines of an excerpt. Raises UnreadableSource."""
    excerpt = Excerpt(lines, escape)
    if "\0" in excerpt.text:  # LibCST takes it, Python does not.
        raise UnreadableSource(path, 0, "cannot be parsed: it holds a null character")
    try:
        tree = parse(path, excerpt.text)
    except UnicodeError as error:
        raise UnreadableSource(path, 0, f"cannot be parsed: {error}") from error
    return Snippet(excerpt, SourceModule(tree, read_scopes(tree), ModuleName("", False)))


def survey_snippets(
    path: str, snippets: Sequence[Snippet], context: Context, outer: Places, kind: Kind
) -> SnippetSurvey:
    """Survey snippets in their order. A name that nothing in a snippet defines is none of its mistakes."""
    references: list[Reference] = []
    edits: list[Edit] = []
    findings: list[Finding] = []
    settled: list[Span] = []
    untouched: list[Span] = []
    for snippet in _joined(path, snippets):
        survey, own = survey_snippet(snippet, context, outer, kind)
        references += survey.references
        edits += survey.edits
        findings += [_weighed(finding) for finding in survey.findings if _concerns_snippets(finding)]
        settled += own
        if survey.references and not survey.edits:
            lines = snippet.excerpt.lines
            untouched += [(line.starts[0], line.ends[-1]) for line in lines if line.text]
    return SnippetSurvey(tuple(references), tuple(edits), tuple(findings), tuple(settled), tuple(untouched))


def survey_program(
    snippet: Snippet, context: Context, outer: Places, kind: Kind, can_take: Callable[[Edit], bool]
) -> SnippetSurvey | None:
    """Survey a snippet that is run by itself; None where it reaches no old module, or the outer text cannot take it.

    It is rewritten whole or not at all: what cannot be decided in it is mostly about what it imports.
    """
    found = survey_snippets(snippet.source.tree.path, [snippet], context, outer, kind)
    if not found.references or not all(map(can_take, found.edits)):
        return None
    return replace(found, references=(), edits=()) if found.findings else found


def survey_snippet(snippet: Snippet, context: Context, outer: Places, kind: Kind) -> tuple[Survey, list[Span]]:
    """Survey one snippet: what it holds in places of the outer text, and the spans that need no other look."""
    excerpt, source = snippet.excerpt, snippet.source
    inner = survey_module(source, context)
    survey = excerpt.lift(inner, outer, kind)
    settled = [(reference.start, reference.end) for reference in survey.references]
    settled += [(edit.start, edit.end) for edit in survey.edits]
    for string in find_strings(source.scopes, context.olds):
        start, end = source.tree.span(string.node)
        settled.append((excerpt.start(start), excerpt.end(end)))
    for finding in survey.findings:
        start = outer.offset(finding.line, 1)
        settled.append((start, start + finding.column + len(finding.old)))
    return survey, settled


def _joined(path: str, snippets: Sequence[Snippet]) -> list[Snippet]:
    """Join the snippets that use what an earlier one imported with it."""
    groups: list[list[int]] = []
    group_of: dict[int, list[int]] = {}
    importing: dict[str, int] = {}
    for index, snippet in enumerate(snippets):
        scopes = snippet.source.scopes
        free = {use.name for use in scopes.uses if scopes.resolve(use) is None}
        own = [index]
        for earlier in sorted({importing[name] for name in free if name in importing}):
            other = group_of[earlier]
            if other is not own:
                groups = [group for group in groups if group is not other]
                own = sorted([*other, *own])
                group_of.update(dict.fromkeys(own, own))
        groups.append(own)
        group_of.update(dict.fromkeys(own, own))
        for name, bindings in scopes.module.bindings.items():
            if any(binding.how is How.IMPORT for binding in bindings):
                importing[name] = index
    joined: list[Snippet] = []
    for group in groups:
        members = [snippets[index] for index in group]
        if len(members) == 1:
            joined += members
            continue
        try:
            lines = [line for member in members for line in member.excerpt.lines]
            joined.append(read_snippet(path, lines, members[0].excerpt.escape))
        except UnreadableSource:
            joined += members
    return joined


def _concerns_snippets(finding: Finding) -> bool:
    """Say whether a finding holds for a snippet: what it does not define may come from the text around it."""
    return finding.code == "UNM010" or (finding.code == "UNM004" and "." in finding.old)


def _weighed(finding: Finding) -> Finding:
    """Give a finding of an example in a document, which breaks nothing: a warning."""
    if finding.code == "UNM010":
        return finding
    place = finding.path, finding.line, finding.column
    return Finding(*place, "UNM010", finding.message, finding.old, finding.new, finding.hint)

"""Survey what strings and comments of a Python file say of an old module, apart from those that are its dotted name.

Takes a parsed file, gives a Survey. Docstrings are prose, read as documents are, with the examples in them. What is run
as code is code, and a list of entry points is settings. What a program does with any other string that merely holds the
name (`"old.%s"`) is not known: a warning. So is what a comment says: comments are never changed.
"""

from __future__ import annotations

import re
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import libcst as cst

from unmix.finding import Finding
from unmix.python.context import Context, SourceModule
from unmix.python.documents import is_logger, survey_prose, survey_settings
from unmix.python.excerpt import Excerpt, Places, plain_lines
from unmix.python.mentions import Form, Mention, find_mentions
from unmix.python.positions import Span
from unmix.python.run_code import survey_code
from unmix.python.settings import INI
from unmix.python.string_code import read_string_code
from unmix.python.strings import is_dotted_name
from unmix.python.suspects import comments_may_mention
from unmix.python.syntax import SyntaxTree
from unmix.reference import Kind, Survey

# What goes on behind a module's name in a string that is put together: "old." + name, "old.%s", f"old:{name}".
_GOES_ON = re.compile(r"[.:](?:%|\{|\W*\Z)")

_STRING = "a string speaks of {}, and what becomes of it is not known"
_COMMENT = "a comment speaks of {}, and comments are left as they are"

# Comments that are read by tools: types, and what unmix itself says.
_NO_REMARK = re.compile(r"#\s*(?:type|unmix):")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

# What stands before a module that is run or imported: "python -m old", "python3 app/old.py", "from app import old".
_USED = re.compile(r"(?:-m|python[\d.]*)\s+\Z|(?:\bfrom[ \t]+[\w.]+[ \t]+|(?:\A|[;\n])\s*)import\b[^;\n]*\Z")


def survey_quoted(source: SourceModule, context: Context) -> Survey:
    """Survey the docstrings of one file, and the strings that say more than a module's dotted name.

    Raises Hidden where all of the file has to be seen.
    """
    tree = source.tree
    prose: list[Span] = []
    values: list[cst.SimpleString | cst.FormattedStringText] = []
    for node in _strings_that_mention(source, context):
        if _is_statement(tree, node):
            prose.append(tree.span(node))
        else:
            values.append(node)
    remarks = _comments_that_mention(tree.text, context)
    if not prose and not values and not remarks:
        return Survey(tree.path)
    places = Places(tree.text)
    surveys = [_survey_docstring(tree, span, context, places) for span in prose]
    known: dict[int, Survey] = {}
    for literal in _literals(tree, values):
        found = survey_code(source, context, literal, places) or _survey_entry_points(tree, literal, context, places)
        if found is not None:
            known[id(literal)] = found
    surveys += known.values()
    other = [node for node in values if id(_literal_of(tree, node)) not in known]
    return Survey(
        tree.path,
        tuple(reference for survey in surveys for reference in survey.references),
        tuple(edit for survey in surveys for edit in survey.edits),
        (
            *(finding for survey in surveys for finding in survey.findings),
            *_mentioned(source, sorted(_inside(tree.text, tree.span(node)) for node in other), context, places),
            *(replace(finding, old="") for finding in _mentioned(source, remarks, context, places, _COMMENT)),
        ),
    )


def _survey_docstring(tree: SyntaxTree, span: Span, context: Context, places: Places) -> Survey:
    """Survey one docstring by itself: its examples know nothing of other ones."""
    text = tree.text
    start, end = _inside(text, span)
    lines = [found.span() for found in re.compile(r"[^\n]*\n|[^\n]+").finditer(text, start, end)]
    excerpt = Excerpt(plain_lines(text, [(begin, begin, stop) for begin, stop in lines]))
    inner = survey_prose(tree.path, excerpt.text, context, Kind.DOCUMENTATION)
    survey = excerpt.lift(inner, places, Kind.DOCUMENTATION)
    survey = replace(survey, findings=tuple(_weighed(finding, tree, places) for finding in survey.findings))
    if len(lines) == 1 and any("\n" in edit.text for edit in survey.edits):
        return replace(survey, edits=())  # Quotation marks of one line hold no second one.
    return survey


def _survey_entry_points(tree: SyntaxTree, literal: cst.BaseString, context: Context, places: Places) -> Survey | None:
    """Survey a literal that lists the entry points of a setup.py; None for any other."""
    argument = tree.parent(literal)
    if not isinstance(argument, cst.Arg) or argument.keyword is None or argument.keyword.value != "entry_points":
        return None
    said = read_string_code(tree, literal)
    if said is None:
        return None
    excerpt = Excerpt(said.lines, said.escape)
    survey = excerpt.lift(survey_settings(tree.path, excerpt.text, INI, context), places, Kind.CONFIG)
    return survey if all(map(said.can_take, survey.edits)) else None


def with_quoted(survey: Survey, quoted: Survey) -> Survey:
    """Join what the code of a file says with what its strings say; where the code has to stay, docstrings do, too."""
    stays = survey.references and not survey.edits
    return Survey(
        survey.path,
        tuple(sorted({*survey.references, *quoted.references})),
        survey.edits if stays else tuple(sorted({*survey.edits, *quoted.edits})),
        tuple(sorted({*survey.findings, *quoted.findings})),
    )


def _strings_that_mention(
    source: SourceModule, context: Context
) -> Iterator[cst.SimpleString | cst.FormattedStringText]:
    """Give the string literals, and the pieces of f-strings, that hold an old module's name and are not its name."""
    names = {old: (old, old.replace(".", "/"), old.rpartition(".")[2]) for old in context.olds}
    exact = (*context.olds, *context.aliases)
    nodes: list[cst.SimpleString | cst.FormattedStringText] = [*source.scopes.strings, *source.scopes.texts]
    types: list[int] | None = None
    for node in nodes:
        said = node.value
        for dotted, path, leaf in names.values():
            if leaf in said and (dotted in said or path in said or "import" in said):
                if types is None:
                    types = sorted(source.tree.span(use.node)[0] for use in source.scopes.uses if use.quoted)
                start, end = source.tree.span(node)
                is_type = bisect_left(types, start) < bisect_left(types, end)  # read as code is
                if not is_type and not is_dotted_name(source.tree, node, exact):
                    yield node
                break


def _weighed(finding: Finding, tree: SyntaxTree, places: Places) -> Finding:
    """Give a finding of a docstring; what only people read breaks nothing, and needs no shim."""
    line = tree.text[places.offset(finding.line, 1) :].lstrip(" \t")[:3]
    return finding if line in (">>>", "...") else replace(finding, old="")


def _comments_that_mention(text: str, context: Context) -> list[Span]:
    """Give the comments that may speak of an old module, in order; the types in comments are read as code."""
    if not comments_may_mention(text, context.olds):
        return []
    places = Places(text)
    lines = iter(_LINE.findall(text))
    found = []
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            if token.type == tokenize.COMMENT and not _NO_REMARK.match(token.string):
                start = places.offset(token.start[0], token.start[1] + 1)
                found.append((start, start + len(token.string)))
    return found


def _literals(
    tree: SyntaxTree, nodes: Iterable[cst.SimpleString | cst.FormattedStringText]
) -> tuple[cst.BaseString, ...]:
    """Give the literals that strings, or pieces of f-strings, belong to, each once."""
    literals = (_literal_of(tree, node) for node in nodes)
    return tuple({id(literal): literal for literal in literals}.values())


def _literal_of(tree: SyntaxTree, node: cst.SimpleString | cst.FormattedStringText) -> cst.BaseString:
    """Give the whole literal: strings in a row are one."""
    whole = node if isinstance(node, cst.SimpleString) else tree.parent(node)
    while isinstance(above := tree.parent(whole) if whole is not None else None, cst.ConcatenatedString):
        whole = above
    assert isinstance(whole, cst.BaseString), "a piece stands in its f-string"
    return whole


def _is_statement(tree: SyntaxTree, node: cst.CSTNode) -> bool:
    """Say whether a string is a statement of its own: a docstring, or a comment in quotation marks."""
    return isinstance(node, cst.SimpleString) and isinstance(tree.parent(_literal_of(tree, node)), cst.Expr)


def _inside(text: str, span: Span) -> Span:
    """Give the span of what stands between the quotation marks of a string; a piece of an f-string has none."""
    quote = re.match(r"[A-Za-z]*(\"\"\"|'''|\"|')", text[slice(*span)])
    return (span[0] + quote.end(), span[1] - len(quote[1])) if quote else span


def _only(text: str, spans: Iterable[Span]) -> str:
    """Give a text of the same length in which all is blank but `spans`."""
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (" " * (start - position), text[start:end])
        position = end
    return "".join(pieces)


def _mentioned(
    source: SourceModule, spans: Sequence[Span], context: Context, places: Places, says: str = _STRING
) -> Iterator[Finding]:
    """Tell what else is said of old modules in the strings, or comments, at `spans`, which are sorted."""
    text = source.tree.text
    for mention in find_mentions(_only(text, spans), context):
        start, end = spans[bisect_right(spans, (mention.span[0], len(text))) - 1]
        if not _is_meant(text[:end], mention, context) or is_logger(text, mention):
            continue
        named = f"`{mention.old}`"
        new = ", ".join(context.relocation(mention.old).parts)
        if mention.form is Form.PATH:
            named = f"the file of {mention.old}"
        elif mention.names:
            name = mention.names[0][0]
            part = context.part_for(mention.old, name)
            named, new = f"`{mention.old}.{name}`", f"{part}.{name}" if part else new
        line, column = places.place(mention.span[0])
        message = says.format(named)
        hint = f"see whether it has to be {new}"
        # What only people read breaks nothing, and needs no shim.
        old = "" if _is_prose(text[start:end], mention.form, mention.span[0] - start) else mention.old
        yield Finding(source.tree.path, line, column, "UNM010", message, old, "", hint)


def _is_prose(said: str, form: Form, at: int) -> bool:
    """Say whether a string that mentions a module at `at` is words for people, and no command, path or code."""
    return form is not Form.IMPORT and " " in said.strip() and not _USED.search(said[:at])


def _is_meant(text: str, mention: Mention, context: Context) -> bool:
    """Say whether a mention is one of the module: a module whose name has no dot may be any word."""
    if mention.form is Form.NAME:
        name = mention.names[0][0]
        if context.is_submodule(mention.old, name):
            return False
        return "." in mention.old or context.part_for(mention.old, name) is not None
    if mention.form is Form.MODULE and "." not in mention.old:
        return bool(_GOES_ON.match(text, mention.span[1]))
    return True

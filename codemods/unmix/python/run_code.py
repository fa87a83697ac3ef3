"""Survey the strings of a Python file that are run as code: for `python -c`, by exec(), by pytest's own fixture.

Takes a parsed file and a string literal, gives the Survey of the code in it, in places of the file. What is not known
to be run, or cannot be rewritten within its quotation marks, has none.
"""

from __future__ import annotations

import libcst as cst

from unmix.errors import UnreadableSource
from unmix.python.callsites import find_call_sites
from unmix.python.context import Context, Hidden, SourceModule
from unmix.python.excerpt import Places
from unmix.python.run_strings import Run, how_run
from unmix.python.snippets import Snippet, SnippetSurvey, read_snippet, survey_program
from unmix.python.string_code import HOLE, read_string_code
from unmix.reference import Kind, Survey


def survey_code(source: SourceModule, context: Context, literal: cst.BaseString, places: Places) -> Survey | None:
    """Survey the code in a literal. Raises Hidden where what becomes of it may stand in a hidden function."""
    code = read_string_code(source.tree, literal)
    if code is None or not any("import" in line.text for line in code.lines):
        return None
    path = source.tree.path
    try:
        snippet = read_snippet(path, code.lines, code.escape)
    except UnreadableSource:
        return None
    run = how_run(source.scopes, literal)
    if run is Run.NO and not source.is_whole:
        raise Hidden  # a hidden function may run it
    # Other code may go on with the module: exec("import old", names), exec("old.a()", names).
    if run is Run.NO or ((run is Run.WITH_OTHERS or code.has_code) and _binds_module(snippet, context)):
        return None
    found = survey_program(snippet, context, places, Kind.DOTTED_STRING, code.can_take)
    if found is None or _speaks_of_holes(found):
        return None
    return Survey(path, found.references, found.edits, found.findings)


def _speaks_of_holes(found: SnippetSurvey) -> bool:
    """Say whether what cannot be decided is what an f-string puts in, of which nobody can read here."""
    return any(HOLE in finding.message for finding in found.findings)


def _binds_module(snippet: Snippet, context: Context) -> bool:
    source = snippet.source
    sites = find_call_sites(source.tree, source.scopes, source.here, context.olds, context.aliases, context.hidden)
    return bool(sites.modules or sites.implicit)

"""Survey the programs of one line that commands in a text have: `python -c "import old; old.run()"`.

Takes a text that is no Python, gives a SnippetSurvey for each such program that is Python and reaches an old module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from unmix.errors import UnreadableSource
from unmix.python.context import Context
from unmix.python.excerpt import Places, plain_lines
from unmix.python.positions import Span
from unmix.python.snippets import SnippetSurvey, read_snippet, survey_snippets
from unmix.reference import Kind

# -c "import old"    -c 'import old'    ["python", "-c", "import old"]
_COMMAND = re.compile(r"-c(?:[ \t]+|[\"'][ \t]*,[ \t]*)(?P<quote>[\"'])(?P<code>[^\\\n]*?)(?P=quote)")


def survey_commands(
    path: str, text: str, context: Context, places: Places, kind: Kind, known: Collection[Span] = ()
) -> Iterator[SnippetSurvey]:
    """Survey each command by itself, but for those that stand in the spans that are `known` already."""
    if "-c" not in text:
        return
    for match in _COMMAND.finditer(text):
        start, end = match.span("code")
        if "import" not in match["code"] or any(first <= start and end <= last for first, last in known):
            continue
        try:
            snippet = read_snippet(path, plain_lines(text, [(start, start, end)]))
        except UnreadableSource:
            continue
        found = survey_snippets(path, [snippet], context, places, kind)
        # Its line has to stay one, and in its quotation marks.
        if found.references and not any(re.search(rf"[\n{match['quote']}]", edit.text) for edit in found.edits):
            yield replace(found, references=(), edits=()) if found.findings else found

"""Survey the programs of one line that commands in a text have: `python -c "import old; old.run()"`.

Takes a text that is no Python, gives a SnippetSurvey for each such program that is Python and reaches an old module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial

from unmix.edit import Edit
from unmix.errors import UnreadableSource
from unmix.python.context import Context
from unmix.python.excerpt import Places, plain_lines
from unmix.python.positions import Span
from unmix.python.snippets import SnippetSurvey, read_snippet, survey_program
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
        found = survey_program(snippet, context, places, kind, partial(_fits, quote=match["quote"]))
        if found is not None:
            yield found


def _fits(edit: Edit, quote: str) -> bool:
    """Say whether the line of a command stays one, and in its quotation marks."""
    return "\n" not in edit.text and quote not in edit.text

"""Find what a package.json says of an old module: `main`, `exports`, `bin` and the like name files by path.

Takes a text, gives a Survey. Each such path is a promise to users of the package, so none is rewritten: which part it
should name is for people to say.
"""

from __future__ import annotations

import posixpath
import re

from unmix.finding import Finding
from unmix.javascript.context import Context
from unmix.reference import Survey
from unmix.workspace import SourceFile

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def survey_package(file: SourceFile, context: Context) -> Survey:
    """Survey one package.json."""
    folder = posixpath.dirname(file.path)
    findings = []
    for match in _STRING.finditer(file.text):
        written = match[1]
        if not context.mentions.search(written):
            continue
        old = posixpath.normpath(posixpath.join(folder, written))
        if old not in context.olds:
            continue
        line = file.text.count("\n", 0, match.start()) + 1
        column = match.start() - file.text.rfind("\n", 0, match.start())
        parts = ", ".join(context.relocation(old).parts)
        why = f"the package names {old}, and not which of its names is meant"
        findings.append(
            Finding(file.path, line, column, "UNM010", why, old, "", f"name the part that is meant: {parts}")
        )
    return Survey(file.path, findings=tuple(findings))

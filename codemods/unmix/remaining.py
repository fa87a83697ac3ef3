"""Find what still needs a shim, so that it is not taken away too early.

Takes what became of the old modules, a workspace and the engine of their language, gives a finding for each place.
"""

from __future__ import annotations

from collections.abc import Sequence

from unmix.engine import Engine
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.reference import Relocation
from unmix.surveying import survey_files, unreadable
from unmix.workspace import Workspace

# What people read misleads, but breaks nothing: an undecided mention there is a warning, as it is for `check`.
_PROSE = (".md", ".rst", ".txt", ".adoc", ".markdown")


def find_remaining(
    engine: Engine, relocations: Sequence[Relocation], workspace: Workspace
) -> tuple[tuple[Finding, ...], int]:
    """Give each place that would break (or could not be read) without the old modules, and how many files were read.

    Ignored references are among them: they were left on the shim on purpose, and need it.
    """
    found: set[Finding] = set()
    paths = [path for path in engine.candidates(relocations, workspace, by_name=False) if engine.reads(path)]
    for path, survey in survey_files(engine, paths, relocations, workspace):
        if isinstance(survey, UnreadableSource):
            found.add(unreadable(survey))
            continue
        places = {(reference.line, reference.column) for reference in survey.references}
        found |= {reference.finding for reference in survey.references if _is_old(reference.module, relocations)}
        found |= {
            finding
            for finding in survey.findings
            if _is_old(finding.old, relocations)
            and not (finding.code == "UNM010" and path.lower().endswith(_PROSE))
            # Where a reference is named already, why it cannot be rewritten is told by `migrate`.
            and (finding.line, finding.column) not in places
        }
    return tuple(sorted(found)), len(paths)


def _is_old(name: str, relocations: Sequence[Relocation]) -> bool:
    """Say whether `name` is an old module or something in it, and not one of the parts, which may lie in it, too."""
    if any(_within(name, part) for relocation in relocations for part in relocation.parts):
        return False
    return any(_within(name, relocation.module) for relocation in relocations)


def _within(name: str, module: str) -> bool:
    return name == module or name.startswith((f"{module}.", f"{module}#"))

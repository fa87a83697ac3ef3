"""Read how a project wants the imports of a file sorted.

Takes a workspace and the path of a file, gives the tool that is told to sort its imports, with the options that it is
told: ImportSettings, or None. It chooses between ruff and isort, sorts nothing, and runs neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unmix.python.isort_settings import find_isort_table, read_isort_options
from unmix.python.ruff_settings import find_ruff_table, read_ruff_options, says_select, selects_order
from unmix.workspace import Workspace

RUFF, ISORT = "ruff", "isort"


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """What a project says of the imports in the file `path`: to which tool, in which words, and seen from where.

    `roots` are the folders (each empty or ending in `/`) whose modules are first party.
    """

    path: str
    tool: str
    options: Mapping[str, Any]
    roots: tuple[str, ...]
    workspace: Workspace = field(repr=False)


def read_import_settings(workspace: Workspace, path: str) -> ImportSettings | None:
    """Read how the imports of the file `path` are to be sorted; None when neither ruff nor isort is told to.

    A ruff that is told to sort imports goes before isort, and isort before a ruff that sorts because it does so by
    itself. A file that the tool is told to leave alone has no settings; nor has one whose settings cannot be read.
    """
    by_ruff, by_isort = find_ruff_table(workspace, path), find_isort_table(workspace, path)
    if by_ruff is not None:
        folder, table = by_ruff
        said = says_select(table)
        if (said or by_isort is None) and selects_order(table, folder, path):
            return _settings(workspace, path, RUFF, read_ruff_options(workspace, folder, table))
    if by_isort is None:
        return None
    return _settings(workspace, path, ISORT, read_isort_options(workspace, path, *by_isort))


def _settings(
    workspace: Workspace, path: str, tool: str, found: tuple[Mapping[str, Any], tuple[str, ...]] | None
) -> ImportSettings | None:
    if found is None:
        return None
    options, roots = found
    return ImportSettings(path, tool, options, roots, workspace)

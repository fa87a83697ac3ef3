"""Tell the section of a module as ruff does: standard library, third party, first party and so on.

Takes a module's name and the project's settings, gives the name of its section. It looks only into the workspace,
neither at installed packages nor at the disk, and orders nothing.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

from unmix.python.import_settings import ImportSettings
from unmix.workspace import Workspace


def find_section(name: str, settings: ImportSettings) -> str:
    """Give the section that the imports of a module belong to; the dots of a relative import stand before its name."""
    options = settings.options
    section = _own_section(name, settings)
    return section if section in options["section_order"] else str(options["default_section"])


def _own_section(name: str, settings: ImportSettings) -> str:
    options = settings.options
    top = name.partition(".")[0]
    if top == "__future__":
        return "future"
    if options["no_sections"]:
        return "first-party"
    if name.startswith("."):
        return "local-folder"
    pieces = name.split(".")
    for length in range(len(pieces), 0, -1):
        shorter = ".".join(pieces[:length])
        for pattern, section in options["known"]:
            if fnmatchcase(shorter, pattern):
                return str(section)
    if top in _standard_library(options["minor"]):
        return "standard-library"
    workspace = settings.workspace
    if options["detect_same_package"] and top == _package_root(settings.path, workspace):
        return "first-party"
    for root in settings.roots:
        path = root + name.replace(".", "/")
        if workspace.is_dir(path) or workspace.exists(path + ".py") or workspace.exists(path + ".pyi"):
            return "first-party"
    return "first-party" if name == "__main__" else str(options["default_section"])


@lru_cache(maxsize=8)
def _standard_library(minor: int) -> frozenset[str]:
    # The list is isort's; importing isort for it would take longer than all the sorting, so its file is run alone.
    for folder in getattr(find_spec("isort"), "submodule_search_locations", None) or ():
        listed = Path(folder, "stdlibs", f"py3{minor}.py")
        if listed.is_file():
            return frozenset(run_path(str(listed))["stdlib"])
    from isort import stdlibs

    return frozenset(stdlibs.py3.stdlib)


def _package_root(path: str, workspace: Workspace) -> str:
    """Give the name of the outermost package that the file `path` is in."""
    found = ""
    folder = path.rpartition("/")[0]
    while workspace.exists(f"{folder}/__init__.py" if folder else "__init__.py"):
        found = folder.rpartition("/")[2] or workspace.root.name
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    return found

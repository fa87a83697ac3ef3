"""Find the interpreter that runs a project's code: its own, not the one that unmix happens to run in.

Takes the project root and what the user named, gives the path of a program; runs none.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from unmix.errors import UsageError

_ENVIRONMENTS = (".venv", "venv", "env", ".env")


def find_python(root: Path, named: str | None) -> str:
    """Give the named Python, else that of the project's virtual environment, else the active one's, else ours.

    Raises UsageError when the named one is no program.
    """
    if named is not None:
        return _program(named, "--python")
    for folder in (root, *root.parents):
        for name in _ENVIRONMENTS:
            python = folder / name / "bin" / "python"
            if (folder / name / "pyvenv.cfg").is_file() and os.access(python, os.X_OK):
                return os.fspath(python)
        if (folder / ".git").exists():
            break  # What lies above the repository belongs to something else.
    active = os.environ.get("VIRTUAL_ENV")
    if active and os.access(python := Path(active, "bin", "python"), os.X_OK):
        return os.fspath(python)
    return sys.executable


def find_node(named: str | None) -> str | None:
    """Give the named Node, else the one on the PATH; None when there is none. Raises UsageError as find_python."""
    return _program(named, "--node") if named is not None else shutil.which("node")


def _program(named: str, option: str) -> str:
    found = shutil.which(named)
    if found is None:
        raise UsageError(f"{named}: no program that can be run; name another with {option}")
    # Not resolved: behind the link of a virtual environment stands an interpreter without its packages.
    return os.fspath(Path(found).absolute())

"""Trees of files for tests: plant one, take a picture of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path


def plant(root: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write each file below `root`; a str is the text of a symbolic link."""
    root.mkdir(exist_ok=True)
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            place.symlink_to(content)
        else:
            place.write_bytes(content)
    return root


def picture(root: Path) -> dict[str, tuple[int, bytes | str | None]]:
    """Everything below `root`, each with its mode and its bytes, the text of the link, or None for a folder.

    Git's own folder is left out, but not the journal that unmix keeps outside git.
    """
    seen: dict[str, tuple[int, bytes | str | None]] = {}
    for folder, folders, files in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in folders + files:
            place = Path(folder, name)
            status = place.lstat()
            content: bytes | str | None = None
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(place)
            elif stat.S_ISREG(status.st_mode):
                content = place.read_bytes()
            seen[place.relative_to(root).as_posix()] = (stat.S_IMODE(status.st_mode), content)
    return seen

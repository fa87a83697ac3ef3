"""The files of a folder on disk: which there are, what is in them, which contain a text.

Takes a folder, a git work tree or a plain one; changes nothing. Git lists and searches where it can.
"""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from unmix.repository import answer_of, run_git, start_git, work_tree


@dataclass(frozen=True, slots=True, eq=False)
class Disk:
    """A folder; `paths` are those of its files, relative and in no order that matters.

    `unindexed` are those of them that `git grep` does not search; None where git does not search at all.
    """

    root: Path
    paths: tuple[str, ...]
    unindexed: tuple[str, ...] | None
    _searches: dict[tuple[bytes, ...], Sequence[str]] = field(default_factory=dict, init=False)

    def read(self, path: str) -> bytes:
        """Give the bytes of a file. Raises OSError."""
        place = self.root / path
        # Without this a link to a device, or a pipe, would be read for ever.
        if not stat.S_ISREG(place.stat().st_mode):
            raise OSError("not a regular file")
        return place.read_bytes()

    def is_symlink(self, path: str) -> bool:
        """Say whether `path` is a symbolic link."""
        return (self.root / path).is_symlink()

    def containing(self, needles: tuple[bytes, ...]) -> Sequence[str]:
        """List the files that contain one of the `needles`, and those that cannot be opened; no symbolic links.

        What one search found is remembered, and a narrower one looks no further.
        """
        if needles not in self._searches:
            wider = self._wider_search(needles)
            self._searches[needles] = (
                self._search(needles) if wider is None else [path for path in wider if self._contains(path, needles)]
            )
        return self._searches[needles]

    def _wider_search(self, needles: tuple[bytes, ...]) -> Sequence[str] | None:
        for searched, paths in self._searches.items():
            if all(any(other in needle for other in searched) for needle in needles):
                return paths
        return None

    def _search(self, needles: tuple[bytes, ...]) -> Sequence[str]:
        searched = None if self.unindexed is None else _grep(self.root, needles, self.unindexed)
        found, others = searched if searched is not None else ([], self.paths)
        return [*found, *(path for path in others if self._contains(path, needles))]

    def _contains(self, path: str, needles: Sequence[bytes]) -> bool:
        place = os.path.join(self.root, path)
        try:
            status = os.lstat(place)
            if not stat.S_ISREG(status.st_mode):
                return False
            with open(place, "rb") as file:
                if status.st_size < _LARGE:
                    data = file.read()
                    return any(needle in data for needle in needles)
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
                    return any(pages.find(needle) >= 0 for needle in needles)
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            return True


_LARGE = 1 << 20


def open_disk(root: Path) -> Disk:
    """List the files of the folder `root`.

    In a git work tree those are the tracked and the untracked ones, but neither deleted nor ignored ones, nor those of
    submodules. Elsewhere, also where git is missing or refuses to serve, they are all files below `root`. Folders that
    tools fill (virtual environments, node_modules, caches) count only if git tracks them.
    """
    listed = _list_by_git(root)
    return Disk(root, tuple(_list_folders(root)), None) if listed is None else Disk(root, *listed)


# A plain folder.

_FILLED_BY_TOOLS = frozenset(
    (
        *(".git", ".hg", ".svn", ".unmix", ".venv", "venv", "node_modules", ".tox", ".nox", ".eggs"),
        *("__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
    )
)


def _list_folders(root: Path) -> list[str]:
    paths: list[str] = []
    folders = [""]
    while folders:
        prefix = folders.pop()
        try:
            entries = list(os.scandir(os.path.join(root, prefix)))
        except OSError:
            continue  # As git does: a folder that nobody may list holds nothing for us.
        if prefix and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue  # A virtual environment under another name.
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _FILLED_BY_TOOLS:
                    folders.append(f"{prefix}{entry.name}/")
            elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                paths.append(prefix + entry.name)
    return paths


# Git.


def _list_by_git(root: Path) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """List the paths git knows below `root`, and those of them that `git grep` does not search; None without git."""
    if work_tree(root) is None:
        return None
    # All three at once: the second looks at every tracked file, the third at every folder.
    listings = (("--stage", "-v"), ("--deleted",), ("--others", "--exclude-standard"))
    running = [start_git(root, "ls-files", "-z", *arguments) for arguments in listings]
    indexed, deleted, other = (answer_of(process) for process in running)
    if not (indexed and deleted and other) or indexed.status or deleted.status or other.status:
        return None
    tracked, assumed = _indexed(root, os.fsdecode(indexed.output))
    untracked = [
        path
        for path in os.fsdecode(other.output).split("\0")[:-1]
        # A path with a slash at its end is a repository of its own.
        if not path.endswith("/") and _FILLED_BY_TOOLS.isdisjoint(path.split("/")[:-1])
    ]
    gone = set(os.fsdecode(deleted.output).split("\0"))
    for path in untracked:
        # A tracked file in whose place there is a folder now is not deleted in git's eyes.
        gone.update(folders_above(path))
    tracked = [path for path in tracked if path not in gone]
    if not tracked and not untracked and _is_ignored(root):
        return None
    return (*tracked, *untracked), (*untracked, *(path for path in assumed if path not in gone))


def _indexed(root: Path, entries: str) -> tuple[list[str], list[str]]:
    """Give the files of the index, and those of them that git assumes to be as they were.

    H 100644 6f1b… 0<tab>app/db.py     a file (h: assumed unchanged, S or s: not checked out, M: in conflict)
    H 160000 6f1b… 0<tab>vendored      a submodule
    """
    start = entries.find("\t") + 1
    listed = entries.split("\0")[:-1]
    others = [entry for entry in listed if entry[0] != "H"]
    in_conflict = dict.fromkeys(entry[start:] for entry in others if entry[0] == "M")
    assumed = [entry[start:] for entry in others if entry[0] in "hSs" and entry[2:4] != "16"]
    assumed = [path for path in assumed if os.path.lexists(os.path.join(root, path))]
    tracked = [entry[start:] for entry in listed if entry[0] == "H" and entry[2:4] != "16"]
    return [*tracked, *assumed, *in_conflict], assumed


def folders_above(path: str) -> Iterator[str]:
    """Give the folders that hold `path`, the nearest first, without the topmost."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _is_ignored(root: Path) -> bool:
    answer = run_git(root, "check-ignore", "--quiet", ".")
    return answer is not None and answer.status == 0


def _grep(
    root: Path, needles: Sequence[bytes], unindexed: tuple[str, ...]
) -> tuple[Sequence[str], tuple[str, ...]] | None:
    """Let git search: give the paths it found, and those it has not searched; None when it cannot.

    `git grep --untracked` alone would not do: it passes over tracked files that an ignore rule matches.
    """
    if any(not needle or _ENDS_OF_PATTERNS.intersection(needle) for needle in needles):
        return None
    # The settings of whoever runs this must not change the answer.
    settings = ("-c", "grep.fullName=false", "-c", "submodule.recurse=false", "-c", f"grep.threads={_THREADS}")
    found: list[str] = []
    many = len(unindexed) > _MANY
    for extra in [(), ("--untracked",)] if many else [()]:
        command = (*settings, "grep", "-lzaF", "--no-color", "-f", "-", *extra)
        answer = run_git(root, *command, given=b"\n".join(needles) + b"\n")
        if answer is None or answer.status > 1 or "error:" in answer.complaints:
            return None
        found += os.fsdecode(answer.output).split("\0")[:-1]
    return found, () if many else unindexed


_ENDS_OF_PATTERNS = frozenset(b"\0\r\n")
_MANY = 1000  # From here on a second git process is faster than opening the files one by one.
_THREADS = 8  # Git's threads wait for the disk and for each other: a few more than there are processors pay.

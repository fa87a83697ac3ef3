"""The files of a folder on disk: which there are, what is in them, which contain a text.

Takes a folder, a git work tree or a plain one; changes nothing. Git lists and searches where it can.
"""

from __future__ import annotations

import mmap
import os
import stat
import subprocess
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from unmix.repository import answer_of, run_git, start_git, work_tree
from unmix.search_cache import SearchCache


class Disk:
    """A folder with its files."""

    def __init__(self, root: Path, cache: SearchCache | None = None) -> None:
        self.root = root
        self._cache = cache
        # Git lists while whoever opens the folder gets ready to ask.
        self._running = _start_listing(root)
        weakref.finalize(self, _stop, *self._running)
        self._searches: dict[tuple[bytes, ...], Sequence[str]] = {}

    @cached_property
    def _listing(self) -> PlainListing | GitListing:
        return _list_by_git(self.root, *self._running) or PlainListing(tuple(_list_folders(self.root)))

    @property
    def paths(self) -> Sequence[str]:
        """The paths of the files, relative and in no order that matters."""
        return self._listing.paths

    @property
    def listed(self) -> Sequence[str]:
        """The paths of the files, and perhaps of some that are deleted: quicker to have."""
        return self._listing.listed

    def has(self, path: str) -> bool:
        """Say whether `path` is a file of this folder."""
        return self._listing.has(path)

    def lacks(self, path: str) -> bool:
        """Say whether nothing at all is at `path`, for which no list is needed."""
        return not os.path.lexists(self.root / path)

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
        listing = self._listing
        searched = None
        if self._cache is not None and isinstance(listing, GitListing):
            return self._search_new(needles, listing, self._cache)
        if isinstance(listing, GitListing):
            # Git searches what it tracks while it still lists the rest.
            searched = _found_by_grep(_start_grep(self.root, needles), self.root, needles, listing)
        found, others = searched if searched is not None else ([], listing.listed)
        return [*found, *self._search_plainly(others, needles)]

    def _search_new(self, needles: tuple[bytes, ...], listing: GitListing, cache: SearchCache) -> Sequence[str]:
        """Search what is not known to hold none of the needles, and keep what is known of the others now."""
        known = cache.read(needles)
        rest = listing.besides(known)
        searched = None
        if len(rest) > _MANY:
            searched = _found_by_grep(_start_grep(self.root, needles), self.root, needles, listing)
        found, others = searched if searched is not None else ([], sorted(rest))
        found = [*found, *self._search_plainly(others, needles)]
        # Only what is unchanged after the search was what it was while it was searched.
        blobs = listing.unchanged_blobs(rest) if rest else {}
        new = set(blobs.values()) - {blobs.get(path) for path in found}
        if not new <= known:
            cache.write(needles, listing.still_there(known) | new)
        return found

    def _search_plainly(self, paths: Iterable[str], needles: Sequence[bytes]) -> list[str]:
        return [path for path in paths if self._contains(path, needles)]

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


def open_disk(root: Path, cache: SearchCache | None = None) -> Disk:
    """List the files of the folder `root`; what was searched once, `cache` remembers.

    In a git work tree those are the tracked and the untracked ones, but neither deleted nor ignored ones, nor those of
    submodules. Elsewhere, also where git is missing or refuses to serve, they are all files below `root`. Folders that
    tools fill (virtual environments, node_modules, caches) count only if git tracks them.
    """
    return Disk(root, cache)


# A plain folder.

# Attributes by which git changes more than the line ends of what it writes into the work tree.
_FILTERS = ("filter", "ident", "working-tree-encoding")
_FILLED_BY_TOOLS = frozenset(
    (
        *(".git", ".hg", ".svn", ".unmix", ".venv", "venv", "node_modules", ".tox", ".nox", ".eggs"),
        *("__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
    )
)


class PlainListing:
    """The files of a folder that nobody tracks."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = self.listed = paths
        self._members = frozenset(paths)

    def has(self, path: str) -> bool:
        """Say whether a file is in the list."""
        return path in self._members


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


class GitListing:
    """The files of a git work tree: the index is known at once, the rest is waited for when it is asked for."""

    def __init__(self, root: Path, index: bytes, others: subprocess.Popen[bytes] | None) -> None:
        self._root = root
        self._index = index
        self._tracked, self.assumed = _indexed(root, os.fsdecode(index))
        self._members = frozenset(self._tracked)
        self._others = others
        self._asked: dict[str, bool] = {}

    @cached_property
    def untracked(self) -> tuple[str, ...]:
        """The files that git neither tracks nor ignores."""
        answer = answer_of(self._others)
        if answer is None or answer.status:
            return tuple(path for path in _list_folders(self._root) if path not in self._members)
        return tuple(
            path
            for path in os.fsdecode(answer.output).split("\0")[:-1]
            # A path with a slash at its end is a repository of its own.
            if not path.endswith("/") and _FILLED_BY_TOOLS.isdisjoint(path.split("/")[:-1])
        )

    @property
    def unindexed(self) -> tuple[str, ...]:
        """The files that `git grep` does not search."""
        return (*self.untracked, *self.assumed)

    @property
    def listed(self) -> tuple[str, ...]:
        """All files, deleted ones too."""
        return (*self._tracked, *self.untracked)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All files."""
        answer = run_git(self._root, "ls-files", "-z", "--deleted")
        if answer is None or answer.status:
            return tuple(path for path in self.listed if self.has(path))
        gone = set(os.fsdecode(answer.output).split("\0"))
        for path in self.untracked:
            # A tracked file in whose place there is a folder now is not deleted in git's eyes.
            gone.update(folders_above(path))
        return tuple(path for path in self.listed if path not in gone)

    def has(self, path: str) -> bool:
        """Say whether there is such a file, as it was on disk when that was first asked."""
        if path not in self._asked:
            self._asked[path] = self._is_there(path)
        return self._asked[path]

    def _is_there(self, path: str) -> bool:
        if path not in self._members:
            return os.path.lexists(self._root / path) and path in self._others_set
        try:
            mode = os.lstat(self._root / path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (OSError, ValueError):
            return True  # Somebody has to be told why it cannot be read.
        # Behind a link there may be anything, and not what git tracks.
        linked = any(os.path.islink(self._root / folder) for folder in folders_above(path))
        return not linked and (stat.S_ISREG(mode) or stat.S_ISLNK(mode))

    def besides(self, blobs: Collection[str]) -> set[str]:
        """Give the files whose contents are not surely among `blobs`, by the ids that git has for them."""
        start = self._start
        paths = {entry[start:] for entry in self._entries if entry[9 : start - 3] not in blobs}
        return {*paths, *self._differing(), *self.unindexed}

    def unchanged_blobs(self, paths: Collection[str]) -> dict[str, str]:
        """Give the ids of the contents of those of `paths` that are on disk what git has in its index."""
        start, wanted = self._start, {*paths} - self._differing()
        return {
            # H 100644 6f1b… 0<tab>app/db.py
            entry[start:]: entry[9 : start - 3]
            for entry in self._entries
            if entry[:5] == "H 100" and entry[start - 2] == "0" and entry[start:] in wanted
        }

    def still_there(self, blobs: Collection[str]) -> set[str]:
        """Give those of `blobs` that a file of the index has."""
        return {entry[9 : self._start - 3] for entry in self._entries}.intersection(blobs)

    def _differing(self) -> set[str]:
        """Give the files that are on disk not what git has: those that changed, and those that a filter writes.

        Which changed git tells by their times and sizes, and reads where those leave it open.
        """
        asked = (
            ("diff-files", "-z", "--name-only", "--relative", "--ignore-submodules=all"),
            ("ls-files", "-z", "--", ".", f":(exclude,attr:{' '.join(f'!{name}' for name in _FILTERS)})"),
        )
        answers = [answer_of(process) for process in [start_git(self._root, *words) for words in asked]]
        if any(answer is None or answer.status for answer in answers):
            return {*self._tracked}
        return {
            path for answer in answers if answer is not None for path in os.fsdecode(answer.output).split("\0")[:-1]
        }

    @cached_property
    def _entries(self) -> list[str]:
        return os.fsdecode(self._index).split("\0")[:-1]

    @cached_property
    def _start(self) -> int:
        """Where the path begins in an entry of the index."""
        return self._index.find(b"\t") + 1

    @cached_property
    def _others_set(self) -> frozenset[str]:
        return frozenset(self.untracked)


def _start_listing(root: Path) -> tuple[subprocess.Popen[bytes] | None, subprocess.Popen[bytes] | None]:
    """Ask git for the index, and for the files below `root` that are not in it; nothing where there is no git."""
    if work_tree(root) is None:
        return None, None
    asked = (("--stage", "-v"), ("--others", "--exclude-standard"))
    index, others = (start_git(root, "ls-files", "-z", *words) for words in asked)
    return index, others


def _list_by_git(
    root: Path, index: subprocess.Popen[bytes] | None, others: subprocess.Popen[bytes] | None
) -> GitListing | None:
    """Give the files that git knows below `root`; None without git, where it refuses, or where it ignores them all."""
    answer = answer_of(index)
    if answer is None or answer.status:
        return None
    listing = GitListing(root, answer.output, others)
    return None if not answer.output and not listing.untracked and _is_ignored(root) else listing


def _stop(*processes: subprocess.Popen[bytes] | None) -> None:
    """End what nobody waits for any more."""
    for process in processes:
        if process is not None and process.returncode is None:
            process.kill()
            process.communicate()


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


def _start_grep(root: Path, needles: Sequence[bytes], *extra: str) -> subprocess.Popen[bytes] | None:
    """Let git search what it tracks; None when it cannot.

    `git grep --untracked` alone would not do: it passes over tracked files that an ignore rule matches.
    """
    if any(not needle or _ENDS_OF_PATTERNS.intersection(needle) for needle in needles):
        return None
    # The settings of whoever runs this must not change the answer.
    settings = ("-c", "grep.fullName=false", "-c", "submodule.recurse=false")
    running = start_git(root, *settings, "grep", "-lzaF", "--no-color", "-f", "-", *extra)
    if running is not None and running.stdin is not None:
        with suppress(OSError):  # It may have ended already, and says so when it is asked for its answer.
            running.stdin.write(b"\n".join(needles) + b"\n")
            running.stdin.flush()
    return running


def _found_by_grep(
    running: subprocess.Popen[bytes] | None, root: Path, needles: Sequence[bytes], listing: GitListing
) -> tuple[Sequence[str], tuple[str, ...]] | None:
    """Give the paths that git found, and those it has not searched; None when it could not search."""
    many = len(listing.untracked) > _MANY
    found: list[str] = []
    for process in (running, _start_grep(root, needles, "--untracked")) if many else (running,):
        answer = answer_of(process)
        if answer is None or answer.status > 1 or "error:" in answer.complaints:
            return None
        found += os.fsdecode(answer.output).split("\0")[:-1]
    # Of files that it is to assume unchanged, git searches what it has of them, and not what is on disk.
    assumed = frozenset(listing.assumed)
    found = [path for path in found if path not in assumed]
    return found, (*(() if many else listing.untracked), *listing.assumed)


_ENDS_OF_PATTERNS = frozenset(b"\0\r\n")
_MANY = 1000  # From here on a second git process is faster than opening the files one by one.

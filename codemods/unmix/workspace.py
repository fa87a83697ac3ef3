"""A tree of files: which exist, which can matter, and what their text is.

Takes a folder (a git work tree or a plain one), gives paths and texts; changes nothing on disk.
"""

from __future__ import annotations

import codecs
import mmap
import os
import re
import stat
import tempfile
import tokenize
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from unmix.errors import UnreadableSource, UsageError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file's text as decoded, with what is needed to give back the same bytes."""

    path: str
    text: str
    encoding: str
    bom: bytes

    def encode(self, text: str) -> bytes:
        """Give `text` in this file's encoding, behind its byte order mark.

        Raises UnicodeEncodeError when the encoding has no bytes for one of the characters.
        """
        return self.bom + text.encode(self.encoding)


# Not slotted, for cached_property; compared by identity, so that what is derived from a workspace can be cached by it.
@dataclass(frozen=True, eq=False)
class Workspace:
    """The files of one folder; made by open_workspace, memory_workspace and with_changes.

    `paths` are sorted, relative to `root`, with `/`; names that are not UTF-8 hold surrogates as os.fsdecode makes
    them. A symbolic link is one of the paths whatever it points to, and is never followed to find more.
    """

    root: Path
    paths: tuple[str, ...]
    _overlay: Mapping[str, bytes] = field(repr=False)  # files whose bytes are not those on disk
    _unindexed: tuple[str, ...] | None = field(repr=False)  # what git grep does not search; None: no git
    _texts: dict[str, SourceFile] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset(self.paths)

    @property
    def overlaid(self) -> frozenset[str]:
        """The files whose bytes are given by with_changes or memory_workspace rather than by the disk."""
        return frozenset(self._overlay)

    def exists(self, path: str) -> bool:
        """Say whether `path` is a file of this workspace."""
        return path in self._present

    def is_dir(self, path: str) -> bool:
        """Say whether a file of this workspace lies below the folder `path`."""
        if path in ("", "."):
            return bool(self.paths)
        prefix = path.rstrip("/") + "/"
        first = bisect_left(self.paths, prefix)
        return first < len(self.paths) and self.paths[first].startswith(prefix)

    def is_symlink(self, path: str) -> bool:
        """Say whether `path`, or a folder on the way to it, is a symbolic link on disk."""
        return any((self.root / place).is_symlink() for place in (path, *_folders_above(path)))

    def read_bytes(self, path: str) -> bytes:
        """Give the bytes of the file `path`. Raises UnreadableSource when it is missing or cannot be read."""
        if path in self._overlay:
            return self._overlay[path]
        if not self.exists(path):
            raise UnreadableSource(path, 0, "no such file in the workspace")
        try:
            return _read_regular_file(self.root / path)
        except OSError as error:
            raise UnreadableSource(path, 0, (error.strerror or str(error)).lower()) from error

    def read(self, path: str) -> SourceFile:
        """Give the decoded file `path`, once read always the same one. Raises UnreadableSource."""
        if path not in self._texts:
            decode = decode_python if path.endswith(_PYTHON_SUFFIXES) else decode_text
            self._texts[path] = decode(path, self.read_bytes(path))
        return self._texts[path]

    def containing(self, needles: Sequence[str]) -> tuple[str, ...]:
        """List the paths whose bytes contain one of the `needles`, which are looked for in UTF-8.

        A file in UTF-16 is therefore never among them, and a name beyond ASCII is not found in a Latin-1 file.
        Symbolic links are left out: what they point to is listed under its own path. A file that cannot be opened
        may contain anything, and is listed.
        """
        wanted = _shortest(needles)
        found = {path for path, data in self._overlay.items() if any(needle in data for needle in wanted)}
        if not wanted or len(self._overlay) == len(self.paths):
            return tuple(sorted(found))
        by_git = None if self._unindexed is None else _grep(self.root, wanted, self._unindexed)
        unsearched: Sequence[str] = self.paths
        if by_git is not None:
            by_git_paths, unsearched = by_git
            found.update(path for path in by_git_paths if path not in self._overlay and self.exists(path))
        found.update(
            path
            for path in unsearched
            if path not in self._overlay and self.exists(path) and _file_contains(self.root / path, wanted)
        )
        return tuple(sorted(found))

    def with_changes(self, changes: Mapping[str, bytes | None]) -> Workspace:
        """Give this workspace as if the files had these bytes, or were deleted where they are None; writes nothing."""
        overlay = {**self._overlay, **changes}
        workspace = Workspace(
            self.root,
            tuple(sorted((self._present - changes.keys()) | {path for path in changes if changes[path] is not None})),
            {path: data for path, data in overlay.items() if data is not None},
            self._unindexed,
        )
        workspace._texts.update({path: file for path, file in self._texts.items() if path not in changes})
        return workspace


def open_workspace(root: Path, exclude: Sequence[str] = ()) -> Workspace:
    """Open the folder `root`, without the files that a pattern of `exclude` matches.

    In a git work tree its files are the tracked and the untracked ones, but neither deleted nor ignored ones, nor
    those of submodules. Elsewhere, also where git is missing or refuses to serve, they are all files below `root`.
    Folders that tools fill (virtual environments, node_modules, caches) count only if git tracks them.

    A pattern is matched against the whole path, or a folder on the way to it: `*` and `?` stay within one name,
    `**` is any number of folders. Raises UsageError when `root` is no folder.
    """
    root = root.resolve()
    if not root.is_dir():
        raise UsageError(f"{root}: not a folder; name the folder of the project")
    listed = _paths_by_git(root)
    unindexed: tuple[str, ...] | None
    if listed is None:
        paths, unindexed = _paths_on_disk(root), None
    else:
        paths, unindexed = listed
    if exclude:
        excluded = _matcher(exclude)
        paths = [path for path in paths if not excluded(path)]
    return Workspace(root, tuple(sorted(paths)), {}, unindexed)


def memory_workspace(files: Mapping[str, bytes]) -> Workspace:
    """Give a workspace of just these files, none of them on disk."""
    return Workspace(Path("<memory>"), tuple(sorted(files)), dict(files), None)


def dirty_paths(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """List those of `paths` that git does not track, or that differ from the last commit, on disk or in the index.

    None of them could be had back from git. Outside git that is none of them.
    """
    root = root.resolve()
    top = _work_tree(root)
    if top is None:
        return ()
    # Optional locks: a plain `git status` would write the index it has refreshed.
    command = ("--no-optional-locks", "status", "-z", "--porcelain", "--no-renames", "--untracked-files=all")
    answer = _run_git(root, *command, "--ignore-submodules=all", "--", ".")
    if answer is None or answer.status:
        return ()
    prefix = "" if root == top else root.relative_to(top).as_posix() + "/"
    # Each entry is two letters, a space, and the path from the top of the work tree.
    dirty = {entry[3 + len(prefix) :] for entry in os.fsdecode(answer.output).split("\0")}
    return tuple(path for path in paths if path in dirty)


def decode_python(path: str, data: bytes) -> SourceFile:
    """Decode Python source as Python would, but with its line ends as they are.

    Raises UnreadableSource when the bytes are not in the encoding that the file declares, when there is no such
    encoding, or when the text would not be the same bytes again.
    """
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(bom) :]
    # The declaration may stand beside letters of the very encoding it declares: those are not looked at.
    lines = [line.translate(_ASCII) for line in body.splitlines(keepends=True)[:2]]
    declared_on = 1 if lines and b"coding" in lines[0] else 2
    try:
        encoding, _ = tokenize.detect_encoding(iter([*lines, b""]).__next__)
        name = codecs.lookup(encoding).name
    except (SyntaxError, LookupError, ValueError) as error:
        raise UnreadableSource(path, declared_on, str(error)) from error
    if bom and name != "utf-8":
        raise UnreadableSource(path, declared_on, f"declared as {encoding}, but its byte order mark says utf-8")
    if name in _ESCAPES:
        raise UnreadableSource(path, declared_on, f"{encoding} is no encoding for source files")
    return _decode(path, body, encoding, bom)


def decode_text(path: str, data: bytes) -> SourceFile:
    """Decode a file that is not Python: UTF-8, with or without a byte order mark. Raises UnreadableSource."""
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return _decode(path, data[len(bom) :], "utf-8", bom)


# Text.

_PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")
_ASCII = bytes(byte if byte < 0x80 else ord("?") for byte in range(256))
_ESCAPES = ("unicode-escape", "raw-unicode-escape")  # Every text has many spellings in them.


def _decode(path: str, body: bytes, encoding: str, bom: bytes) -> SourceFile:
    try:
        text = body.decode(encoding)
        same = text.encode(encoding) == body
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{body[error.start]:02x} is not {encoding}; save the file in the encoding it declares"
        raise UnreadableSource(path, line, reason) from error
    except (LookupError, ValueError) as error:
        raise UnreadableSource(path, 0, f"cannot be decoded as {encoding}: {error}") from error
    if not same:
        raise UnreadableSource(path, 0, f"decoded as {encoding} and encoded again it would not be the same bytes")
    return SourceFile(path, text, encoding, bom)


def _read_regular_file(place: Path) -> bytes:
    # Without this a link to a device, or a pipe, would be read for ever.
    if not stat.S_ISREG(place.stat().st_mode):
        raise OSError("not a regular file")
    return place.read_bytes()


def _file_contains(place: Path, needles: Sequence[bytes]) -> bool:
    try:
        status = place.lstat()
        if not stat.S_ISREG(status.st_mode):
            return False
        with place.open("rb") as file:
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


def _shortest(needles: Sequence[str]) -> tuple[bytes, ...]:
    """Give the needles that hold no other one: whatever contains a longer one contains the shorter."""
    wanted = {needle.encode("utf-8", "surrogateescape") for needle in needles}
    return tuple(sorted(needle for needle in wanted if not any(other in needle for other in wanted - {needle})))


# A plain folder.

_FILLED_BY_TOOLS = frozenset(
    (
        *(".git", ".hg", ".svn", ".unmix", ".venv", "venv", "node_modules", ".tox", ".nox", ".eggs"),
        *("__pycache__", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
    )
)


def _paths_on_disk(root: Path) -> list[str]:
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


def _matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    expression = re.compile("|".join(f"(?:{_expression(pattern)})" for pattern in patterns), re.DOTALL)
    return lambda path: expression.fullmatch(path) is not None


def _expression(pattern: str) -> str:
    """Give the regular expression for a pattern; it also matches what lies below what it matches.

    third_party/**   →  third_party/.*(?:/.*)?
    **/gen_*.py      →  (?:.*/)?gen_[^/]*\\.py(?:/.*)?
    """
    tokens = re.findall(r"\*\*/|\*+|.", pattern.removeprefix("./").rstrip("/"), re.DOTALL)
    return "".join(_WILDCARDS.get(token) or re.escape(token) for token in tokens) + "(?:/.*)?"


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


# Git.


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    output: bytes
    complaints: str


def _paths_by_git(root: Path) -> tuple[list[str], tuple[str, ...]] | None:
    """List the paths git knows below `root`, and those of them that `git grep` does not search; None without git."""
    if _work_tree(root) is None:
        return None
    # All three at once: the second looks at every tracked file, the third at every folder.
    with ThreadPoolExecutor(3) as threads:
        indexed, deleted, other = threads.map(
            lambda arguments: _run_git(root, "ls-files", "-z", *arguments),
            [("--stage", "-v"), ("--deleted",), ("--others", "--exclude-standard")],
        )
    if not (indexed and deleted and other) or indexed.status or deleted.status or other.status:
        return None
    tracked, assumed = _indexed(root, os.fsdecode(indexed.output))
    tracked.difference_update(os.fsdecode(deleted.output).split("\0"))
    untracked = [
        path
        for path in os.fsdecode(other.output).split("\0")[:-1]
        # A path with a slash at its end is a repository of its own.
        if not path.endswith("/") and _FILLED_BY_TOOLS.isdisjoint(path.split("/")[:-1])
    ]
    for path in untracked:
        # A tracked file in whose place there is a folder now is not deleted in git's eyes.
        tracked.difference_update(_folders_above(path))
    if not tracked and not untracked and _is_ignored(root):
        return None
    return [*tracked, *untracked], (*untracked, *(assumed & tracked))


def _indexed(root: Path, entries: str) -> tuple[set[str], set[str]]:
    """Give the files of the index, and those of them that git assumes to be as they were.

    H 100644 6f1b… 0<tab>app/db.py     a file (h: assumed unchanged, S or s: not checked out, M: in conflict)
    H 160000 6f1b… 0<tab>vendored      a submodule
    """
    start = entries.find("\t") + 1
    listed = entries.split("\0")[:-1]
    tracked = {entry[start:] for entry in listed if entry.startswith("H 1") and not entry.startswith("H 16")}
    assumed = {
        entry[start:]
        for entry in listed
        if entry[0] in "hSs" and entry[2:4] != "16" and os.path.lexists(os.path.join(root, entry[start:]))
    }
    in_conflict = {entry[start:] for entry in listed if entry[0] == "M"}
    return tracked | assumed | in_conflict, assumed


def _folders_above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _is_ignored(root: Path) -> bool:
    answer = _run_git(root, "check-ignore", "--quiet", ".")
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
    command = ("-c", "grep.fullName=false", "-c", "submodule.recurse=false", "grep", "-lzaF", "--no-color", "-f", "-")
    found: list[str] = []
    many = len(unindexed) > _MANY
    for extra in [(), ("--untracked",)] if many else [()]:
        answer = _run_git(root, *command, *extra, patterns=b"\n".join(needles) + b"\n")
        if answer is None or answer.status > 1 or "error:" in answer.complaints:
            return None
        found += os.fsdecode(answer.output).split("\0")
    return found, () if many else unindexed


_ENDS_OF_PATTERNS = frozenset(b"\0\r\n")
_MANY = 1000  # From here on a second git process is faster than opening the files one by one.


def _work_tree(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if os.path.lexists(folder / ".git")), None)


def _run_git(root: Path, *arguments: str, patterns: bytes = b"") -> _Answer | None:
    """Run git in `root`, with `patterns` as its input; None when there is no git to run."""
    try:
        # Takes 70 ms to import, and fails without a git executable.
        from git import Git
        from git.exc import GitCommandNotFound
    except ImportError:
        return None
    with tempfile.TemporaryFile() as file:
        file.write(patterns)
        file.seek(0)
        try:
            status, output, complaints = Git(root).execute(
                [str(Git.GIT_PYTHON_GIT_EXECUTABLE or "git"), *arguments],
                istream=file,
                env=_environment(root),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        except (GitCommandNotFound, OSError):
            return None
    return _Answer(status, output, complaints)


def _environment(root: Path) -> dict[str, str]:
    """Give what keeps git in the repository of `root` when a git hook, which names its own, started this process."""
    top = _work_tree(root)
    if top is None or not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} & os.environ.keys():
        return {}
    folder = top / ".git"
    if folder.is_file():
        # A linked work tree or a submodule: `gitdir: ../.git/worktrees/x`
        folder = top / os.fsdecode(folder.read_bytes()).removeprefix("gitdir:").strip()
    return {"GIT_DIR": str(folder), "GIT_WORK_TREE": str(top), "GIT_INDEX_FILE": str(folder / "index")}

"""A tree of files: which exist, which can matter, and what their text is.

Takes a folder (a git work tree or a plain one) or a commit, gives paths and texts; changes nothing on disk.
"""

from __future__ import annotations

import codecs
import os
import re
import tokenize
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from unmix.disk import Disk, folders_above, open_disk
from unmix.errors import UnreadableSource, UsageError
from unmix.repository import run_git, work_tree
from unmix.revision import Blobs, Revision, read_revision
from unmix.search_cache import SearchCache


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
    _overlay: Mapping[str, bytes] = field(repr=False)  # files whose bytes are not those of the store
    _gone: frozenset[str] = field(repr=False)  # files of the store that count as deleted
    _stored: Stored = field(repr=False)
    _texts: dict[str, SourceFile] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files."""
        stored = self._stored.paths
        new = [path for path in self._overlay if not self._stored.has(path)]
        if not new and not self._gone:
            return stored
        return tuple(sorted([*(path for path in stored if path not in self._gone), *new]))

    @property
    def overlaid(self) -> frozenset[str]:
        """The files whose bytes are given by with_changes or memory_workspace rather than by the disk."""
        return frozenset(self._overlay)

    def exists(self, path: str) -> bool:
        """Say whether `path` is a file of this workspace."""
        return path in self._overlay or (path not in self._gone and self._stored.has(path))

    def is_dir(self, path: str) -> bool:
        """Say whether a file of this workspace lies below the folder `path`."""
        if path in ("", "."):
            return bool(self.paths)
        prefix = path.rstrip("/") + "/"
        if any(other.startswith(prefix) for other in self._overlay):
            return True
        # Those that are deleted, or excluded, are no files.
        return any(self.exists(other) for other in self._stored.below(prefix))

    def is_symlink(self, path: str) -> bool:
        """Say whether `path`, or a folder on the way to it, is a symbolic link."""
        store = self._stored.store
        return store is not None and any(store.is_symlink(place) for place in (path, *folders_above(path)))

    def read_bytes(self, path: str) -> bytes:
        """Give the bytes of the file `path`. Raises UnreadableSource when it is missing or cannot be read."""
        if path in self._overlay:
            return self._overlay[path]
        store = self._stored.store
        if store is None or not self.exists(path):
            raise UnreadableSource(path, 0, "no such file in the workspace")
        try:
            return store.read(path)
        except OSError as error:
            raise UnreadableSource(path, 0, (error.strerror or str(error)).lower()) from error

    def read(self, path: str) -> SourceFile:
        """Give the decoded file `path`, once read always the same one. Raises UnreadableSource."""
        if path not in self._texts:
            self._texts[path] = self.glance(path)
        return self._texts[path]

    def glance(self, path: str) -> SourceFile:
        """Give the decoded file `path` without keeping it: for files that will hardly be read again."""
        if path in self._texts:
            return self._texts[path]
        decode = decode_python if path.endswith(_PYTHON_SUFFIXES) else decode_text
        return decode(path, self.read_bytes(path))

    def containing(self, needles: Sequence[str]) -> tuple[str, ...]:
        """List the paths whose bytes contain one of the `needles`, which are looked for in UTF-8.

        A file in UTF-16 is therefore never among them, and a name beyond ASCII is not found in a Latin-1 file.
        Symbolic links are left out: what they point to is listed under its own path. A file that cannot be opened
        may contain anything, and is listed.
        """
        wanted = _shortest(needles)
        found = {path for path, data in self._overlay.items() if any(needle in data for needle in wanted)}
        if wanted and self._stored.store is not None:
            stored = self._stored.store.containing(wanted)
            found.update(path for path in stored if path not in self._overlay and self.exists(path))
        return tuple(sorted(found))

    def with_changes(self, changes: Mapping[str, bytes | None]) -> Workspace:
        """Give this workspace as if the files had these bytes, or were deleted where they are None; writes nothing."""
        overlay = {path: data for path, data in {**self._overlay, **changes}.items() if data is not None}
        gone = {path for path, data in changes.items() if data is None} | (self._gone - changes.keys())
        workspace = Workspace(self.root, overlay, frozenset(gone), self._stored)
        workspace._texts.update({path: file for path, file in self._texts.items() if path not in changes})
        return workspace


def open_workspace(root: Path, exclude: Sequence[str] = (), cache: SearchCache | None = None) -> Workspace:
    """Open the folder `root`, without the files that a pattern of `exclude` matches.

    With a `cache`, contents that were searched for the same texts are not searched again.

    In a git work tree its files are the tracked and the untracked ones, but neither deleted nor ignored ones, nor
    those of submodules. Elsewhere, also where git is missing or refuses to serve, they are all files below `root`.
    Folders that tools fill (virtual environments, node_modules, caches) count only if git tracks them.

    A pattern is matched against the whole path, or a folder on the way to it: `*` and `?` stay within one name,
    `**` is any number of folders. Raises UsageError when `root` is no folder.
    """
    root = root.resolve()
    if not root.is_dir():
        raise UsageError(f"{root}: not a folder; name the folder of the project")
    return _over(open_disk(root, cache), exclude)


def open_revision(root: Path, revision: str, exclude: Sequence[str] = (), blobs: Blobs | None = None) -> Workspace:
    """Open the folder `root` as it was in a commit of its git repository; nothing is checked out.

    Revisions that share `blobs` read what they have in common once. Raises UsageError when there is no such revision.
    """
    return _over(read_revision(root.resolve(), revision, blobs), exclude)


def memory_workspace(files: Mapping[str, bytes]) -> Workspace:
    """Give a workspace of just these files, none of them on disk."""
    return Workspace(Path("<memory>"), dict(files), frozenset(), Stored(None))


class Stored:
    """The files of a store that no pattern excludes: what all workspaces over it have in common."""

    def __init__(self, store: Disk | Revision | None, exclude: Sequence[str] = ()) -> None:
        self.store = store
        self._excluded = _matcher(exclude) if exclude else None

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths, sorted."""
        if self.store is None:
            return ()
        excluded = self._excluded
        paths = self.store.paths if excluded is None else [path for path in self.store.paths if not excluded(path)]
        return tuple(sorted(paths))

    def has(self, path: str) -> bool:
        """Say whether `path` is one of the files."""
        return self.store is not None and self.store.has(path) and not (self._excluded and self._excluded(path))

    def below(self, folder: str) -> Iterator[str]:
        """Give the files of a folder (with `/`), and perhaps some that are deleted."""
        if isinstance(self.store, Disk) and self.store.lacks(folder):
            return
        first = bisect_left(self._listed, folder)
        while first < len(self._listed) and self._listed[first].startswith(folder):
            yield self._listed[first]
            first += 1

    @cached_property
    def _listed(self) -> Sequence[str]:
        return sorted(self.store.listed) if isinstance(self.store, Disk) else self.paths


def _over(store: Disk | Revision, exclude: Sequence[str]) -> Workspace:
    return Workspace(store.root, {}, frozenset(), Stored(store, exclude))


def dirty_paths(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """List those of `paths` that git does not track, or that differ from the last commit, on disk or in the index.

    None of them could be had back from git. Outside git that is none of them.
    """
    root = root.resolve()
    top = work_tree(root)
    if top is None:
        return ()
    # Optional locks: a plain `git status` would write the index it has refreshed.
    command = ("--no-optional-locks", "status", "-z", "--porcelain", "--no-renames", "--untracked-files=all")
    answer = run_git(root, *command, "--ignore-submodules=all", "--", ".")
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


def _shortest(needles: Sequence[str]) -> tuple[bytes, ...]:
    """Give the needles that hold no other one: whatever contains a longer one contains the shorter."""
    wanted = {needle.encode("utf-8", "surrogateescape") for needle in needles}
    return tuple(sorted(needle for needle in wanted if not any(other in needle for other in wanted - {needle})))


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

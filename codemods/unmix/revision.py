"""The files of a folder as they were in a commit, read from git's objects.

Takes a folder and the name of a revision, gives paths and bytes; nothing is checked out, nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from sys import intern

from unmix.errors import UsageError
from unmix.repository import run_git, work_tree


@dataclass(slots=True, eq=False)
class Blobs:
    """The contents that git keeps, by their id; what was read for one revision is known for the next."""

    root: Path
    _kept: dict[str, bytes] = field(default_factory=dict)
    _size: int = 0
    # By needle: the blobs that were searched for it, and those of them that contain it.
    _searched: dict[bytes, set[str]] = field(default_factory=dict)
    _hits: dict[bytes, set[str]] = field(default_factory=dict)

    def read(self, blob: str) -> bytes:
        """Give the bytes of one blob. Raises OSError when git cannot give it."""
        if blob not in self._kept:
            for _, data in self._read_many([blob]):
                self._keep(blob, data)
        return self._kept[blob]

    def containing(self, blobs: Iterable[str], needles: Sequence[bytes]) -> set[str]:
        """Give those of the blobs that contain one of the needles."""
        wanted = set(blobs)
        new = set()
        for needle in needles:
            self._hits.setdefault(needle, set())
            new |= wanted - self._searched.setdefault(needle, set())
        for blob, data in self._read_many(sorted(new)):
            for needle in needles:
                if needle in data:
                    self._hits[needle].add(blob)
                    self._keep(blob, data)
        for needle in needles:
            self._searched[needle].update(new)
        return wanted & set().union(*(self._hits[needle] for needle in needles))

    def _read_many(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Read blobs in batches, so that memory holds a batch and no more."""
        rest = iter(blobs)
        while batch := list(islice(rest, _BATCH)):
            answer = run_git(self.root, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in batch).encode())
            if answer is None or answer.status:
                raise OSError("git cannot give its objects" + (f": {answer.complaints.strip()}" if answer else ""))
            start = 0
            for blob in batch:
                # 6f1b… blob 120<newline>the 120 bytes<newline>, or 6f1b… missing
                end = answer.output.index(b"\n", start)
                size = answer.output[start:end].rpartition(b" ")[2]
                if size == b"missing":
                    raise OSError(f"git has no object {blob}")
                yield blob, answer.output[end + 1 : end + 1 + int(size)]
                start = end + 1 + int(size) + 1

    def _keep(self, blob: str, data: bytes) -> None:
        if blob in self._kept:
            return
        self._kept[blob] = data
        self._size += len(data)
        while self._size > _MOST_KEPT and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._size -= len(self._kept.pop(oldest))


_BATCH = 500
_MOST_KEPT = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """One commit's files below a folder; `commit` is its full id."""

    root: Path
    commit: str
    paths: tuple[str, ...]
    _entries: Mapping[str, tuple[str, str]]  # mode and blob
    _blobs: Blobs
    # What git found, by needles; None where other revisions share the blobs, each of which is searched once for all.
    _searches: dict[tuple[bytes, ...], list[str]] | None = None

    def read(self, path: str) -> bytes:
        """Give the bytes of a file. Raises OSError."""
        mode, blob = self._entries[path]
        if mode == _LINK:
            raise OSError("not a regular file")
        return self._blobs.read(blob)

    def has(self, path: str) -> bool:
        """Say whether `path` is one of the files."""
        return path in self._entries

    def is_symlink(self, path: str) -> bool:
        """Say whether `path` is a symbolic link."""
        return self._entries.get(path, ("", ""))[0] == _LINK

    def containing(self, needles: tuple[bytes, ...]) -> list[str]:
        """List the files that contain one of the `needles`; no symbolic links."""
        if self._searches is not None and needles not in self._searches:
            wider = self._wider_search(needles)
            found = _grep(self.root, self.commit, needles) if wider is None else self._search(wider, needles)
            self._searches[needles] = self._search(self.paths, needles) if found is None else found
        return self._search(self.paths, needles) if self._searches is None else self._searches[needles]

    def _wider_search(self, needles: tuple[bytes, ...]) -> list[str] | None:
        for searched, paths in (self._searches or {}).items():
            if all(any(other in needle for other in searched) for needle in needles):
                return paths
        return None

    def _search(self, paths: Iterable[str], needles: tuple[bytes, ...]) -> list[str]:
        files = {path: self._entries[path][1] for path in paths if self._entries[path][0] != _LINK}
        found = self._blobs.containing(files.values(), needles)
        return [path for path, blob in files.items() if blob in found]


def read_revision(root: Path, revision: str, blobs: Blobs | None = None) -> Revision:
    """List the files of `root` in a commit. Raises UsageError when git does not know it."""
    commit = find_commit(root, revision)
    answer = run_git(root, "ls-tree", "-r", "-z", commit)
    if answer is None or answer.status:
        raise UsageError(f"{revision}: git cannot list its files: {answer.complaints.strip() if answer else 'no git'}")
    entries = {}
    # 100644 blob 6f1b…<tab>app/db.py
    for entry in os.fsdecode(answer.output).split("\0")[:-1]:
        facts, _, path = entry.partition("\t")
        mode, kind, blob = facts.split(" ")
        if kind == "blob":
            entries[path] = intern(mode), blob
    searches: dict[tuple[bytes, ...], list[str]] | None = {} if blobs is None else None
    return Revision(root, commit, tuple(entries), entries, blobs or Blobs(root), searches)


def find_commit(root: Path, revision: str) -> str:
    """Give the full id of the commit that `revision` names. Raises UsageError when there is none."""
    answer = run_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if answer is None or work_tree(root) is None:
        raise UsageError(f"{revision}: this folder is in no git repository, so it has no revisions")
    if answer.status:
        shallow = run_git(root, "rev-parse", "--is-shallow-repository")
        cut = shallow is not None and shallow.output.strip() == b"true"
        remedy = "this clone is shallow: fetch more of its history" if cut else "name a commit, a branch or a tag"
        raise UsageError(f"{revision}: git knows no such revision here; {remedy}")
    return answer.output.decode().split()[-1]


_LINK = "120000"


def _grep(root: Path, commit: str, needles: Sequence[bytes]) -> list[str] | None:
    """Let git search a commit: give the paths it found; None when it cannot."""
    if any(not needle or b"\n" in needle or b"\r" in needle or b"\0" in needle for needle in needles):
        return None
    command = ("-c", "grep.fullName=false", "-c", "submodule.recurse=false", "grep", "-lzaF", "--no-color", "-f", "-")
    answer = run_git(root, *command, commit, given=b"\n".join(needles) + b"\n")
    if answer is None or answer.status > 1 or "error:" in answer.complaints:
        return None
    # 6f1b…:app/db.py<nul>
    return [found[len(commit) + 1 :] for found in os.fsdecode(answer.output).split("\0")[:-1]]

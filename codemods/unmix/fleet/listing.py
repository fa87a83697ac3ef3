"""Read the list of a fleet: one repository a line, a folder or a URL.

Takes a text, gives Repositories, or every mistake at once. Opens nothing, asks no server; what git could take for an
option or for a command is refused here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from unmix.errors import UsageError


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository: `place` is a folder, or a URL for git; `ref` a branch, a tag or a commit, empty for HEAD.

    `name` is what people are shown, and by what the repository is known again: the place without a password, and `ref`.
    """

    name: str
    place: str
    ref: str
    is_url: bool

    @property
    def leaf(self) -> str:
        """Its last name, fit for a file's name."""
        last = re.split(r"[/:]", self.place.rstrip("/"))[-1].removesuffix(".git")
        return re.sub(r"[^\w.-]", "_", last).strip(".")[:80] or "repository"

    @property
    def label(self) -> str:
        """A name for its files that no other repository has."""
        return f"{self.leaf}-{hashlib.sha256(self.name.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def read_list(text: str, folder: Path, where: str) -> tuple[Repository, ...]:
    """Give the repositories of a list, each once; relative folders are below `folder`. Raises UsageError.

    app                                       a folder
    https://example.org/team/app.git          a URL, its default branch
    git@example.org:team/app.git#release-2    with a branch, a tag or a commit
    # a comment
    """
    found: dict[str, Repository] = {}
    mistakes = []
    for number, line in enumerate(text.splitlines(), start=1):
        written = re.sub(r"(^|\s)#.*", "", line).strip()
        if not written:
            continue
        mistake = "\n".join(_mistakes(written))
        if mistake:
            mistakes.append(f"{where}:{number}: {mistake}")
            continue
        repository = _read(written, folder)
        found.setdefault(repository.name, repository)
    if mistakes:
        raise UsageError("\n".join(mistakes))
    if not found:
        raise UsageError(f"{where}: names no repository; write one folder or URL a line")
    return tuple(found.values())


_URL = re.compile(r"(?:https?|ssh|git|file)://[^/]|file:///", re.IGNORECASE)
_SHORT = re.compile(r"[\w.-]+@[\w.-]+:[^:]")  # git@example.org:team/app.git
_REF = re.compile(r"[\w][\w./@+-]*")


def _mistakes(written: str) -> Iterator[str]:
    place, _, ref = written.partition("#")
    if not written.isprintable():
        yield "holds a character that cannot be seen; write it anew"
    elif written.startswith("-"):
        yield f"{written} would be an option to git; write ./{written} if it is a folder"
    elif _is_url(place):
        if ref and (not _REF.fullmatch(ref) or ".." in ref or ref.endswith((".lock", "/"))):
            yield f"{ref} is no name of a branch, a tag or a commit"
        if any(part.startswith("-") for part in _host_and_path(place)):
            yield f"{place} would be an option to ssh or git; no host and no path begins with -"
    elif "::" in place or re.match(r"[\w+.-]+://", place):
        yield f"{place}: git would run a program of that name; URLs begin with https, http, ssh, git or file"
    elif re.match(r"[\w.-]+:", place):
        yield f"{place}: write user@host:path or ssh://host/path for a URL, ./{place} for a folder"


def _is_url(place: str) -> bool:
    return bool(_URL.match(place) or _SHORT.match(place))


def _host_and_path(place: str) -> list[str]:
    if _SHORT.match(place):
        host, _, path = place.partition(":")
        return [host, host.partition("@")[2], path]
    parts = urlsplit(place)
    return [parts.netloc, parts.netloc.rpartition("@")[2], parts.path.removeprefix("/")]


def _read(written: str, folder: Path) -> Repository:
    if not _is_url(written):
        place = str((folder / Path(written).expanduser()).resolve())
        return Repository(place, place, "", False)
    place, mark, ref = written.partition("#")
    # https://user:password@example.org/
    shown = re.sub(r"(//[^/@:]*):[^/@]*@", r"\1@", place)
    return Repository(shown + mark + ref, place, ref, True)

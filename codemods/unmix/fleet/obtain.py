"""Have a repository at hand: a folder where it stands, a URL as a clone of one commit.

Takes a Repository and the work folder, gives a folder with git's objects and the commit in question; a clone has no
files checked out, so that neither hooks nor filters of it can run. Nothing of the repository is executed.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from unmix.errors import UnmixError, UsageError
from unmix.fleet.listing import Repository
from unmix.repository import run_git, work_tree


class Unreachable(UnmixError):
    """The repository could not be had this time; the next time it may."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a repository is; without a commit it is a plain folder."""

    root: Path
    commit: str


_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "protocol.ext.allow": "never",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}


@contextmanager
def harmless_git() -> Iterator[None]:
    """Have git, when this process starts it, ask nobody anything and run nothing of a repository."""
    before = dict(os.environ)
    # A git hook that starts unmix names a repository of its own.
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"):
        os.environ.pop(name, None)
    first = int(before.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(_SETTINGS.items(), start=first):
        os.environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    os.environ |= {"GIT_CONFIG_COUNT": str(first + len(_SETTINGS)), **_VARIABLES}
    os.environ.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def obtain(repository: Repository, work: Path, *, history: bool = False, commit: str = "") -> Place:
    """Have the repository at hand, at `commit` if one is named; with `history` its past and tags, too.

    Raises UsageError, or Unreachable where it may work the next time.
    """
    if not repository.is_url:
        return _stand_in(repository, commit)
    folder = work / "clones" / repository.label / repository.leaf
    with _alone(folder.parent):
        if not folder.is_dir():
            folder.mkdir()
        _git(repository, folder, "init", "--quiet", "--template=")
        # For whoever pushes the branch; without a password, which would lie about in a file.
        _git(repository, folder, "config", "remote.origin.url", repository.name.partition("#")[0])
        wanting = history and _is_shallow(folder)
        if commit and _has(folder, commit) and not wanting:
            return Place(folder, commit)
        past = ("--tags", *(("--unshallow",) if wanting else ())) if history else ("--depth=1", "--no-tags")
        named = commit or repository.ref or "HEAD"
        _git(repository, folder, "fetch", "--quiet", "--no-recurse-submodules", *past, "--", repository.place, named)
        found = _git(repository, folder, "rev-parse", "--verify", "FETCH_HEAD^{commit}").decode().strip()
        # What no ref names is taken away by the next `git gc`.
        _git(repository, folder, "update-ref", "refs/unmix/base", found)
        # So that record.py and people find it: nothing is checked out.
        _git(repository, folder, "update-ref", "--no-deref", "HEAD", found)
    return Place(folder, found)


def look_up(repository: Repository, work: Path) -> str:
    """Give the commit a repository is at, without fetching it; empty where it is in no commit."""
    if not repository.is_url:
        return _stand_in(repository, "").commit
    if re.fullmatch(r"[0-9a-f]{40}", repository.ref):
        return repository.ref
    work.mkdir(parents=True, exist_ok=True)
    ref = repository.ref or "HEAD"
    listed = _git(repository, work, "ls-remote", "--", repository.place, ref, f"{ref}^{{}}").decode("utf-8", "replace")
    refs = {name: commit for commit, _, name in (line.partition("\t") for line in listed.splitlines())}
    # The pattern `main` also finds refs/heads/old/main.
    names = (f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}", f"refs/heads/{ref}", ref)
    return next((refs[name] for name in names if name in refs), "")


def _stand_in(repository: Repository, commit: str) -> Place:
    root = Path(repository.place)
    if not root.is_dir():
        raise UsageError("no such folder")
    if work_tree(root) is None:
        return Place(root, "")
    named = commit or "HEAD"
    found = _git(repository, root, "rev-parse", "--verify", "--end-of-options", f"{named}^{{commit}}")
    return Place(root, found.decode().strip())


def _has(folder: Path, commit: str) -> bool:
    answer = run_git(folder, "cat-file", "-e", f"{commit}^{{commit}}")
    return answer is not None and answer.status == 0


def _is_shallow(folder: Path) -> bool:
    answer = run_git(folder, "rev-parse", "--is-shallow-repository")
    return answer is not None and answer.output.strip() == b"true"


def _git(repository: Repository, folder: Path, *arguments: str) -> bytes:
    answer = run_git(folder, *arguments)
    if answer is None:
        raise UsageError("there is no git here to ask; install it")
    if answer.status:
        told = answer.complaints.replace(repository.place, repository.name).strip().splitlines() or ["no reason given"]
        reason = next((line for line in told if line.startswith(("fatal:", "error:"))), told[-1])
        text = f"git {arguments[0]}: {reason}"
        raise (Unreachable if arguments[0] in ("fetch", "ls-remote") else UsageError)(text)
    return answer.output


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into a clone."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

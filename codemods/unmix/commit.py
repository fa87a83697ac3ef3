"""Commit what a phase wrote, and nothing else.

Takes the root of a project, paths and a message; writes git's objects and refs. No hook runs: they may be the
project's own code. What is staged or edited in other files stays as it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from git import Git, Repo
from git.exc import GitCommandError, GitError

from unmix.change import FileChange
from unmix.errors import UsageError, WriteFailed
from unmix.reference import Relocation

_LISTED = 30


@dataclass(frozen=True, slots=True)
class Committer:
    """A work tree whose state allows commits; made by open_committer."""

    root: Path
    branch: str | None

    def commit(self, changes: Sequence[FileChange], message: str) -> str:
        """Commit exactly these files, on `branch` if it is given, and give the new commit's abbreviated name.

        Raises WriteFailed, with HEAD, branches and index as they were.
        """
        with Repo(self.root, search_parent_directories=True) as repo:
            new = [change.path for change in changes if change.before is None]
            paths = [change.path for change in changes]
            with _naming(self.root):
                old_head = _head(repo)
                moved = self.branch is not None and old_head != f"refs/heads/{self.branch}"
                try:
                    if moved:
                        repo.git.branch("--no-track", self.branch)
                        repo.git.symbolic_ref("HEAD", f"refs/heads/{self.branch}")
                    if new:
                        _git(self.root, new, "add", "--force", "--intent-to-add")
                    _git(self.root, paths, "commit", "--quiet", "--only", f"--message={message}")
                except BaseException:
                    if new:
                        _git(self.root, new, "reset", "--quiet")
                    if moved:
                        repo.git.symbolic_ref("HEAD", old_head)
                        repo.git.branch("-D", self.branch)
                    raise
                return str(repo.git.rev_parse("--short", "HEAD"))


def open_committer(root: Path, branch: str | None) -> Committer:
    """Look whether a commit can be made. Raises UsageError with what is in the way, before anything is written."""
    try:
        with Repo(root, search_parent_directories=True) as repo:
            if repo.bare or not repo.head.is_valid():
                raise UsageError(f"{root}: has no commit yet; make the first one, or leave --commit out")
            busy = [
                name
                for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
                if Path(repo.git_dir, name).exists()
            ]
            if busy:
                raise UsageError(f"{root}: git is in the middle of something ({busy[0]}); finish it first")
            for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
                repo.git.var(who)
            if branch is not None:
                repo.git.check_ref_format("--branch", branch)
                if branch in [head.name for head in repo.heads]:
                    raise UsageError(f"{branch}: a branch of this name exists already; name another with --branch")
    except GitCommandError as error:
        told = str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
        raise UsageError(f"{root}: git cannot commit here: {told.splitlines()[-1] if told else error}") from error
    except (GitError, OSError) as error:
        raise UsageError(f"{root}: no git work tree ({type(error).__name__}); leave --commit out") from error
    return Committer(root, branch)


def write_message(phase: str, relocations: Sequence[Relocation], changes: Sequence[FileChange]) -> str:
    """Write the message of a phase's commit: a subject, then what moved where."""
    modules = ", ".join(relocation.module for relocation in relocations) or "calls"
    subjects = {
        "add": f"Split {modules}, leave a shim",
        "rewrite": f"Use the parts of {modules}",
        "retire": f"Retire the shim of {modules}",
    }
    lines = [subjects.get(phase, f"Migrate {modules}"), "", f"Made by `unmix migrate --phase {phase}`.", ""]
    for relocation in relocations:
        for part in relocation.parts:
            names = sorted(name for name, home in relocation.homes.items() if home.module == part)
            lines.append(f"{relocation.module} -> {part}: {', '.join(names) or 'nothing'}")
    paths = [change.path for change in changes]
    more = [f"and {len(paths) - _LISTED} more"] if len(paths) > _LISTED else []
    lines += ["", f"{len(paths)} files:", *(f"  {path}" for path in [*paths[:_LISTED], *more])]
    text = "\n".join(lines)
    return "".join(c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _head(repo: Repo) -> str:
    """Give what HEAD stands for: a branch, or a commit when it is detached."""
    return str(repo.head.reference.path) if not repo.head.is_detached else str(repo.head.commit.hexsha)


def _git(root: Path, paths: Sequence[str], *arguments: str) -> None:
    """Run git on exactly these paths, however many they are, and whatever their names."""
    with tempfile.NamedTemporaryFile() as file:
        # Not patterns: a file may be called `*.py`.
        file.write(b"".join(b":(literal)%s\0" % os.fsencode(path) for path in paths))
        file.flush()
        named = (f"--pathspec-from-file={file.name}", "--pathspec-file-nul")
        Git(root).execute(["git", "-c", f"core.hooksPath={os.devnull}", *arguments, *named])


@contextmanager
def _naming(root: Path) -> Iterator[None]:
    try:
        yield
    except GitCommandError as error:
        told = str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
        raise WriteFailed(f"{root}: git could not commit: {told or error}") from error

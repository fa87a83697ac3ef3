"""Ask git: run it in the repository that a folder belongs to.

Takes a folder and the words of a git command, gives what git answers; knows no command by itself.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What git wrote, and how it exited."""

    status: int
    output: bytes
    complaints: str


def work_tree(root: Path) -> Path | None:
    """Give the top of the git work tree that holds the folder `root`; None outside git."""
    return next((folder for folder in (root, *root.parents) if os.path.lexists(folder / ".git")), None)


def run_git(root: Path, *arguments: str, given: bytes = b"") -> Answer | None:
    """Run git in `root`, with `given` as its input; None when there is no git to run."""
    return answer_of(start_git(root, *arguments), given)


def start_git(root: Path, *arguments: str) -> subprocess.Popen[bytes] | None:
    """Start git in `root`; None when there is no git to start."""
    try:
        # Not through GitPython: importing it takes as long as searching thousands of files.
        return subprocess.Popen(
            ["git", *arguments],
            cwd=root,
            env={**os.environ, **git_environment(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError:
        return None


def answer_of(running: subprocess.Popen[bytes] | None, given: bytes = b"") -> Answer | None:
    """Wait for a git that was started, and give what it answers."""
    if running is None:
        return None
    output, complaints = running.communicate(given)
    return Answer(running.returncode, output, os.fsdecode(complaints))


def git_environment(root: Path) -> dict[str, str]:
    """Give the variables with which git answers as it is read here, in the repository of `root`.

    A git hook, which names a repository of its own, may have started this process.
    """
    plain = {"LANGUAGE": "C", "LC_ALL": "C"}
    top = work_tree(root)
    if top is None or not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} & os.environ.keys():
        return plain
    folder = top / ".git"
    if folder.is_file():
        # A linked work tree or a submodule: `gitdir: ../.git/worktrees/x`
        folder = top / os.fsdecode(folder.read_bytes()).removeprefix("gitdir:").strip()
    return {**plain, "GIT_DIR": str(folder), "GIT_WORK_TREE": str(top), "GIT_INDEX_FILE": str(folder / "index")}

"""Find out what changed files were before a migration: from the journal, else from git.

Takes a project root and the paths of its old modules, gives bytes; reads only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from unmix.errors import WriteFailed
from unmix.journal import contents_before, is_finished, journal_folder, project_of, read_steps

# How far back a migration that has been committed is looked for.
_COMMITS = 200


def find_before(root: Path, paths: Sequence[str], is_whole: Callable[[str, bytes], bool]) -> Mapping[str, bytes | None]:
    """Give the bytes that each file of the last migration had before it (None: there was no such file).

    `is_whole` says of an old module's path and bytes that it was not split yet. Gives nothing where nobody knows.
    """
    root = root.resolve()
    return _from_journal(root) or _from_git(root, paths, is_whole)


def _from_journal(root: Path) -> Mapping[str, bytes | None]:
    try:
        steps = read_steps(journal_folder(root))
    except WriteFailed:
        return {}
    own = [step for step in steps if step.run == steps[-1].run and step.project == project_of(root)]
    if not own or not all(map(is_finished, own)):
        return {}
    return contents_before(own)


def _from_git(root: Path, paths: Sequence[str], is_whole: Callable[[str, bytes], bool]) -> Mapping[str, bytes | None]:
    """Compare the tree with its last commit if an old module is whole there, else the commit that split it."""
    try:
        from git import Repo
        from git.exc import GitError
    except ImportError:
        return {}
    try:
        with Repo(root, search_parent_directories=True) as repo:
            if repo.bare or repo.working_tree_dir is None or not repo.head.is_valid():
                return {}
            prefix = Path(os.path.relpath(root, os.path.realpath(repo.working_tree_dir))).as_posix()
            prefix = "" if prefix == "." else prefix + "/"
            for path in paths:
                changed = None
                for commit in repo.iter_commits("HEAD", paths=[prefix + path], max_count=_COMMITS):
                    content = _blob(commit, prefix + path)
                    if content is not None and is_whole(path, content):
                        # The next commit that touched the old module (or what is on disk) has split it.
                        return _differing(commit, changed, prefix, root)
                    changed = commit
    except (GitError, ValueError, OSError):
        return {}
    return {}


def _differing(whole: object, split: object, prefix: str, root: Path) -> Mapping[str, bytes | None]:
    from git import Commit

    assert isinstance(whole, Commit)
    if isinstance(split, Commit):
        whole = split.parents[0] if split.parents else whole
        diffs = whole.diff(split, paths=prefix or None, no_renames=True)
    else:
        diffs = whole.diff(None, paths=prefix or None, no_renames=True)
    found: dict[str, bytes | None] = {}
    for diff in diffs:
        path = diff.a_path or diff.b_path or ""
        if path.startswith(prefix):
            found[path.removeprefix(prefix)] = _blob(whole, path)
    return found


def _blob(commit: object, path: str) -> bytes | None:
    from git import Blob, Commit

    assert isinstance(commit, Commit)
    try:
        item = commit.tree / path
    except KeyError:
        return None
    return bytes(item.data_stream.read()) if isinstance(item, Blob) else None

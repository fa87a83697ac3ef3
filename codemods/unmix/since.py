"""What a tree had at a revision already, so that only what came since is told.

Takes the findings of a tree and the name of a revision, gives those of them that were there then, without line numbers:
moved lines and renamed files are nothing new. Reads git's objects, checks nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from unmix.baseline import count_keys
from unmix.errors import MigrationFileError, UsageError
from unmix.finding import Finding
from unmix.instance import Instance, Key, list_instances
from unmix.migration import Migration
from unmix.repository import run_git
from unmix.revision import find_commit
from unmix.workspace import Workspace, open_revision


def known_since(
    instances: Iterable[Instance],
    revision: str,
    migration: Migration,
    find: Callable[[Collection[str], Workspace], Iterable[Finding]],
) -> dict[Key, int]:
    """Give the instances that the files with findings had where this branch left `revision`, at their paths of today.

    `find` gives the findings of some files of a tree. Raises UsageError when git does not know the revision.
    """
    paths = {instance.finding.path for instance in instances}
    base = _fork(migration.root, revision)
    then = open_revision(migration.root, base, migration.exclude)
    if not paths:
        return {}
    renamed = _renames(migration.root, base)
    today = {renamed.get(path, path): path for path in sorted(paths)}
    try:
        findings = sorted(find([path for path in today if then.exists(path)], then))
    except MigrationFileError:
        # The old module was not there yet, so nothing could refer to it.
        return {}
    known = count_keys(list_instances(findings, then))
    return {key._replace(path=today.get(key.path, key.path)): count for key, count in known.items()}


def _fork(root: Path, revision: str) -> str:
    """Give the commit where HEAD left `revision`: what others did there since is not this branch's doing."""
    commit = find_commit(root, revision)
    answer = run_git(root, "merge-base", commit, "HEAD")
    return answer.output.decode().strip() if answer is not None and answer.status == 0 else commit


def _renames(root: Path, base: str) -> Mapping[str, str]:
    """Give the path at `base` of each file that was renamed since, by its path of today."""
    command = ("-c", "core.quotePath=false", "diff", "-z", "--name-status", "--diff-filter=R", "-M", "--relative")
    answer = run_git(root, *command, "--no-ext-diff", "--no-textconv", base, "--")
    if answer is None or answer.status:
        raise UsageError(f"{base}: git cannot compare it with the files here: {answer.complaints if answer else ''}")
    words = os.fsdecode(answer.output).split("\0")[:-1]
    # R087<nul>before<nul>after<nul>
    return dict(zip(words[2::3], words[1::3], strict=True))

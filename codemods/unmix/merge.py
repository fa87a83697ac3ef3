"""Merge three versions of a file, by git's own merge.

Takes bytes, gives bytes; writes only temporary files.
"""

from __future__ import annotations

import tempfile
from pathlib import Path


def merge_three(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Give `ours` with what changed from `base` to `theirs`; None where both changed the same lines, or without git."""
    try:
        from git import Git
        from git.exc import GitCommandNotFound
    except ImportError:
        return None
    try:
        with tempfile.TemporaryDirectory() as folder:
            places = [Path(folder, name) for name in ("ours", "base", "theirs")]
            for place, content in zip(places, (ours, base, theirs), strict=True):
                place.write_bytes(content)
            status, output, _ = Git(folder).execute(
                ["git", "merge-file", "-p", "-q", *map(str, places)],
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
    except (GitCommandNotFound, OSError):
        return None
    # The status is the number of conflicts, or more than 127 for what cannot be merged at all.
    return bytes(output) if status == 0 else None

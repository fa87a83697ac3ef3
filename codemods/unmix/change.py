"""A change: one file's bytes before and after.

Plain data that plan.py makes, review/ shows and apply.py carries out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileChange:
    """What becomes of the file at `path`, relative to the project root with `/`; None stands for "no file"."""

    path: str
    before: bytes | None
    after: bytes | None

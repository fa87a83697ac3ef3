"""What to execute to see that a migration works: plain data between a language engine and verify.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the program that an engine writes.

    `root` is where the project is, as seen from the folder of the program; `before` are the bytes of changed files as
    they were before the migration (None: not there), as far as they are known;
    `strict` when shim warnings inside the project are failures, but not in the files `allowed`;
    `smoke` are commands to run besides, or alone with `only_smoke`; `seconds` is the time limit of each step.
    """

    root: str
    before: Mapping[str, bytes | None] = field(default_factory=dict)
    strict: bool = True
    allowed: frozenset[str] = frozenset()
    smoke: tuple[str, ...] = ()
    only_smoke: bool = False
    seconds: float = 60


@dataclass(frozen=True, slots=True)
class Program:
    """A standalone program that loads what was moved; run with `--json` it prints one JSON object for each result.

    The objects have `kind`, `what`, `path`, `line`, `outcome`, `detail`, `seconds`.
    `language` says which interpreter runs it, `suffix` is that of its file; `says` is what it will execute.
    """

    language: str
    suffix: str
    text: str
    says: tuple[str, ...]

"""What a language must be able to do for unmix: find out what a module holds, split it, and survey call sites.

The only Protocol of the project; python/ implements it, plan.py and check.py speak to nothing else.
An engine is made for one migration. It reads files through the workspace it is given, and writes none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from unmix.finding import Finding
from unmix.migration import Mistake, Split
from unmix.outline import ModuleOutline
from unmix.reference import Relocation, Survey
from unmix.verification import Program, Request
from unmix.workspace import SourceFile, Workspace


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Files to write, by path, with their whole text (None: to delete), and what a person must know of them."""

    files: Mapping[str, SourceFile | None]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingShim:
    """What stands at the old path of a module that was split, be it generated or made by hand.

    `parts` are the paths of the parts; `remove_in` and `line` say until when it stands, and where that is written;
    `offers` are the names that can be reached through it (None: any); `findings` say what is wrong with its text.
    """

    module: str
    path: str
    parts: tuple[str, ...]
    remove_in: str
    line: int
    offers: frozenset[str] | None
    findings: tuple[Finding, ...] = ()


class Engine(Protocol):
    """One language."""

    def owns(self, module: str) -> bool:
        """Say whether `module`, as written in a migration file, is a module of this language."""

    def reads(self, path: str) -> bool:
        """Say whether the file at `path` is for this language to survey."""

    def mistakes(self, workspace: Workspace) -> tuple[Mistake, ...]:
        """List what in the migration file does not fit this tree: module not found, unknown name, part that exists."""

    def describe(self, path: str, workspace: Workspace) -> ModuleOutline:
        """Say what the module at `path` defines, imports and exports, and what needs what. Raises UnreadableSource."""

    def is_split(self, split: Split, workspace: Workspace) -> bool:
        """Say whether the `add` phase was done: the old module is a shim, or gone while its parts are there."""

    def split(self, split: Split, workspace: Workspace) -> NewFiles:
        """Work out the parts and the shim. Raises UnsafeSplit, nothing half done."""

    def relocations(self, splits: Sequence[Split], workspace: Workspace) -> tuple[Relocation, ...]:
        """Say where the names of the old modules live: read from the shims or parts, or as asked for while whole."""

    def candidates(self, relocations: Sequence[Relocation], workspace: Workspace, *, by_name: bool) -> tuple[str, ...]:
        """List the files that can refer to an old module; with `by_name` also those that only use a moved name."""

    def survey(self, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Survey:
        """Find every reference in a file, the edits that move them, the findings. Raises UnreadableSource."""

    def settle(self, relocations: Sequence[Relocation], before: Workspace, after: Workspace) -> NewFiles:
        """Give the files that must change besides, so that modules loaded as a side effect of others still are."""

    def tidy(
        self, path: str, relocations: Sequence[Relocation], before: Workspace, after: Workspace
    ) -> SourceFile | None:
        """Give a changed file as the project's own settings want it, with what it needs beside; None where it is so."""

    def shims(self, splits: Sequence[Split], workspace: Workspace) -> tuple[StandingShim, ...]:
        """Read the shims that stand; UNM006 where one is not as generated, UNM008 where a name leads nowhere."""

    def exported(self, path: str, data: bytes) -> frozenset[str] | None:
        """Give the public names of an old module as it once was; None when these bytes are a shim, or unreadable."""

    def retire(self, relocations: Sequence[Relocation], workspace: Workspace) -> NewFiles:
        """Take away the shims, and all that was added for their sake. Raises UnsafeSplit where somebody added to it."""

    def verification(self, relocations: Sequence[Relocation], workspace: Workspace, request: Request) -> Program | None:
        """Write the program that really loads what was moved; None where this language has none."""

    def unsound(self, path: str, workspace: Workspace, before: Workspace | None) -> tuple[Finding, ...]:
        """Say, by other means than those that write files, what in this one would fail as soon as it is loaded.

        `before` is the tree before it was edited: what is as it was there need not be read twice.
        """

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
from unmix.workspace import SourceFile, Workspace


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Files to write, by path, with their whole text, and what a person must know of them."""

    files: Mapping[str, SourceFile]
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

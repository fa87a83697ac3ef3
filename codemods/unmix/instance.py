"""An instance: a finding as it stands in a tree, told apart from others without its line number.

Takes findings and the workspace they are of, gives each its source line and a fingerprint; decides nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.workspace import Workspace


class Key(NamedTuple):
    """What stays of a finding when lines above it come or go, or its line is indented."""

    path: str
    code: str
    old: str
    source: str


@dataclass(frozen=True, slots=True)
class Instance:
    """A finding with its source line; `number` counts, from 1, the instances of one tree that have the same key."""

    finding: Finding
    source: str
    number: int

    @property
    def key(self) -> Key:
        """What tells it from others; a finding of no old name is told by its message."""
        finding = self.finding
        return Key(finding.path, finding.code, finding.old or finding.message, " ".join(self.source.split()))

    @property
    def fingerprint(self) -> str:
        """A text that no other instance of the tree has, and that stays when lines move."""
        return hashlib.sha256("\0".join((*self.key, str(self.number))).encode("utf-8", "surrogatepass")).hexdigest()


def list_instances(findings: Iterable[Finding], workspace: Workspace) -> list[Instance]:
    """Give each finding as an instance, in their order."""
    lines = _Lines(workspace)
    numbers: Counter[Key] = Counter()
    instances = []
    for finding in findings:
        key = Instance(finding, source := lines.at(finding), 1).key
        numbers[key] += 1
        instances.append(Instance(finding, source, numbers[key]))
    return instances


class _Lines:
    """The lines of the file that was asked about last: findings come file by file."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.path = ""
        self.lines: list[str] = []

    def at(self, finding: Finding) -> str:
        if finding.path != self.path:
            self.path, self.lines = finding.path, list(self.read(finding.path))
        return self.lines[finding.line - 1].strip() if 0 < finding.line <= len(self.lines) else ""

    def read(self, path: str) -> Iterator[str]:
        try:
            text = self.workspace.glance(path).text
        except UnreadableSource:
            return iter(())
        return iter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))

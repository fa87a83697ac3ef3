"""What a migration file asks for, as plain data; migration_file.py reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in the migration file, at its 1-based line; `message` reads `what; remedy`."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """A new module and the names it takes; with `rest` it also takes whatever no other part names."""

    module: str
    names: tuple[str, ...]
    rest: bool
    line: int
    name_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """One old module and the parts it becomes, in the order of the file."""

    module: str
    parts: tuple[Part, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Replace:
    """Calls that match the pattern `call` become `with_`; both are kept as text, for the language engine to parse."""

    call: str
    with_: str
    line: int


@dataclass(frozen=True, slots=True)
class ShimSettings:
    """What the shim's warning says: the version it appeared in, and the version or date that removes it."""

    since: str = ""
    remove_in: str = ""


@dataclass(frozen=True, slots=True)
class Migration:
    """A whole migration file; `root` is its folder, and every path in it is relative to that, with `/`."""

    path: Path
    root: Path
    source_roots: tuple[str, ...] | None
    splits: tuple[Split, ...]
    replaces: tuple[Replace, ...]
    shim: ShimSettings
    smoke: tuple[str, ...]
    exclude: tuple[str, ...]

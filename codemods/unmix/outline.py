"""An outline: what one module holds, and what each definition in it needs, as plain data of any language.

Engines make it; the commands that show or propose a split read it. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from unmix.reference import Home


@dataclass(frozen=True, slots=True)
class Need:
    """One place in a definition that needs `name`, which its own module defines or imports.

    `at_import` while the module is loaded, else only when a function runs; `called` when the value may be called there.
    `scope` is the dotted name of the functions and classes around the place.
    """

    name: str
    line: int
    column: int
    scope: str
    at_import: bool
    called: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """One top-level statement with the names it binds; without names it only does something.

    `kind` is function, async function, class, value or statement; `rebinds` are the module's names that it assigns
    again when it runs; `line` to `end_line` are its lines with the comments that lead it.
    """

    names: tuple[str, ...]
    kind: str
    line: int
    end_line: int
    needs: tuple[Need, ...]
    rebinds: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """What to call it: its first name, or its line."""
        return self.names[0] if self.names else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class ModuleOutline:
    """One module, `module` as a migration file would name it. `imports` says where each name it imports comes from.

    `exported` gives the entries of its export list with their lines, or is None where it has none;
    `functions` are the dotted names of its plain functions, `asynchronous` those of its async ones.
    """

    module: str
    path: str
    definitions: tuple[Definition, ...]
    imports: Mapping[str, Home] = field(default_factory=dict)
    exported: Mapping[str, int] | None = None
    functions: frozenset[str] = frozenset()
    asynchronous: frozenset[str] = frozenset()

    @property
    def homes(self) -> dict[str, tuple[Definition, ...]]:
        """The definitions that bind each name, in the order of the file."""
        found: dict[str, list[Definition]] = {}
        for definition in self.definitions:
            for name in definition.names:
                found.setdefault(name, []).append(definition)
        return {name: tuple(definitions) for name, definitions in found.items()}

"""What is known of a module that is to be split: its units, what each binds, and what each needs at import and later.

Plain data about top-level statements, with spans into the text; outlining.py makes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from unmix.python.exports import ExportList
from unmix.python.imports import ImportStatement
from unmix.python.positions import Span
from unmix.python.scopes import When


class Role(str, Enum):
    """What a unit is for."""

    DOCSTRING = "docstring"
    FUTURE = "future import"
    IMPORT = "import"
    EXPORTS = "export list"
    DEFINITION = "definition"
    STATEMENT = "statement"
    MAIN = "main guard"


@dataclass(frozen=True, slots=True)
class Body:
    """Where an import may be put into a function: in place of `span`, written between `before` and `after`."""

    span: Span
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Need:
    """One place in a unit that needs the module-level name `name`.

    `called` when the value may be called at that place, `base` when a class is derived from it there;
    `attributes` are the names behind it (`a.b.c`: b, c); `frozen` when an f-string shows the expression itself;
    `fills` when the value is changed in place (`TABLE[k] = v`, `HOOKS.append(f)`, `@show.register`);
    `acted_on` when something is done with the value for its effect: `@app.get("/")`, `app.include(api)`, `setup(app)`;
    `looked_into` when what it holds by then is read: `len(TABLE)`, `TABLE.items()`, `app.include(api)` of `api`;
    `field` when it is in the annotation of a class's field;
    `body` is the function in which it is first read, None at module and class level and in lambdas there.
    """

    name: str
    span: Span
    line: int
    when: When
    called: bool
    base: bool
    attributes: tuple[str, ...]
    body: Body | None
    quoted: bool
    frozen: bool
    fills: bool
    acted_on: bool
    looked_into: bool
    field: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """An `if TYPE_CHECKING:` block; its statements are units of their own below this header."""

    header: Span
    body_end: int


@dataclass(frozen=True, slots=True)
class RelativeImport:
    """The dots and module of a relative import somewhere in a unit."""

    span: Span
    level: int
    module: str


@dataclass(frozen=True)
class Unit:
    """One top-level statement with its decorators, the lines that lead to it, and its trailing comment.

    `extent` is the text it owns; extents of all units follow each other without a gap. A `loop` (or `with`) does
    something, and what it binds on the way is seldom what it is for. One that `chooses` only imports, and reads a
    definition of the module first: it stands where that is, or after an import of it.
    """

    index: int
    extent: Span
    span: Span
    line: int
    role: Role
    binds: tuple[str, ...]
    needs: tuple[Need, ...]
    rebinds: frozenset[str]
    imports: tuple[ImportStatement, ...]
    relative: tuple[RelativeImport, ...]
    name_uses: tuple[tuple[Span, str], ...]
    doctest_names: frozenset[str]
    pickled_as: frozenset[str]
    unresolved: frozenset[str]
    exports: ExportList | None
    subject: str
    guard: Guard | None
    compound: bool
    chooses: bool
    loop: bool
    type_only: bool
    makes_names: bool
    surely_binds: frozenset[str]
    eager_class: bool

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(need.name for need in self.needs)

    @property
    def label(self) -> str:
        """What to call the unit in a message."""
        return self.binds[0] if self.binds else f"the statement on line {self.line}"


@dataclass(frozen=True)
class Outline:
    """One module, unit by unit; `assigned` are the names that it binds in another way than by importing them."""

    path: str
    text: str
    newline: str
    header: Span
    footer: Span
    units: tuple[Unit, ...]
    names: frozenset[str]
    rebound: dict[str, tuple[int, ...]]
    assigned: frozenset[str]
    all_names: frozenset[str]
    has_relative_imports: bool
    docstring: str

    @cached_property
    def definitions(self) -> dict[str, tuple[int, ...]]:
        """Each name that the module itself defines (rather than imports), with the units that bind it."""
        found: dict[str, list[int]] = {}
        for unit in self.units:
            if unit.role is not Role.IMPORT:
                for name in unit.binds:
                    found.setdefault(name, []).append(unit.index)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def chosen(self) -> frozenset[str]:
        """The names that are imported as another definition says, and no more: `if PY3: import queue`."""
        definitions = self.definitions.items()
        return frozenset(name for name, units in definitions if all(self.units[index].chooses for index in units))

    @cached_property
    def perhaps_unbound(self) -> frozenset[str]:
        """The names that some way through the module leaves without a value: to import them by name may fail."""
        surely = frozenset().union(*(unit.surely_binds for unit in self.units))
        return frozenset(self.definitions) - surely

    @cached_property
    def for_types_only(self) -> frozenset[str]:
        """The names that only `if TYPE_CHECKING:` blocks define."""
        return frozenset(
            name for name, indices in self.definitions.items() if all(self.units[index].type_only for index in indices)
        )

    @cached_property
    def type_checking(self) -> str:
        """The condition under which this module imports for type checkers."""
        guard = next((unit.guard for unit in self.units if unit.guard is not None), None)
        header = self.text[slice(*guard.header)] if guard is not None else ""
        found = re.search(r"^[ \t]*if[ \t]+([\w.]+)[ \t]*:", header, re.MULTILINE)
        return found[1] if found else "TYPE_CHECKING"

    @cached_property
    def imports(self) -> dict[str, tuple[int, ...]]:
        """Each name that the module imports, with the import units that bind it."""
        found: dict[str, list[int]] = {}
        for unit in self.units:
            if unit.role is Role.IMPORT:
                for name in unit.binds:
                    found.setdefault(name, []).append(unit.index)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names that a part can be asked to take: not those that are imported and nothing else."""
        return frozenset(self.definitions) | frozenset(self.rebound) | (self.assigned & self.imports.keys())

    @cached_property
    def exported(self) -> tuple[str, ...] | None:
        """The strings of `__all__` in order; None when the module has none."""
        lists = [unit.exports for unit in self.units if unit.exports is not None]
        return tuple(entry.name for exports in lists for entry in exports.entries) if lists else None

    @cached_property
    def has_exports(self) -> bool:
        return any(unit.role is Role.EXPORTS for unit in self.units)

    @cached_property
    def star_units(self) -> tuple[int, ...]:
        """The units that hold a star import."""
        return tuple(unit.index for unit in self.units if any(statement.star for statement in unit.imports))

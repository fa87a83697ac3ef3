"""A reference: one place that reaches a name through an old module, and what every old name became.

Plain data that language engines make and every command reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from unmix.edit import Edit
from unmix.finding import Finding

_MESSAGES = {"UNM001": "import of {}", "UNM002": "use of {}", "UNM003": "string names {}"}


class Kind(str, Enum):
    """How a reference reaches its name."""

    IMPORT = "import"
    REEXPORT = "re-export"
    ATTRIBUTE = "attribute"
    CALL = "call"
    EXPORT_LIST = "export list"
    PATCH_TARGET = "patch target"
    DOTTED_STRING = "dotted string"
    TYPE_ONLY = "type-only"
    STUB = "stub"
    NOTEBOOK = "notebook"
    DOCUMENTATION = "documentation"
    CONFIG = "config"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One place that reaches `name` (empty: the module itself) through the old module `module`.

    `code` is the finding that it is as long as it stands there.

    `start` and `end` are characters of the decoded text (half-open, 0-based), `line` and `column` are 1-based,
    `scope` is the dotted name of the enclosing function or class, `new` says where the name lives now.
    """

    path: str
    line: int
    column: int
    start: int
    end: int
    kind: Kind
    code: str
    module: str
    name: str
    new: str
    scope: str = ""

    @property
    def finding(self) -> Finding:
        """The finding that this reference is as long as it is not rewritten."""
        message = _MESSAGES[self.code].format(self.old) + (f"; it is now {self.new}" if self.new else "")
        hint = "run `unmix migrate`, or write the new place by hand"
        # What a document says misleads people, but breaks nothing.
        code = "UNM010" if self.kind is Kind.DOCUMENTATION else self.code
        return Finding(self.path, self.line, self.column, code, message, self.old, self.new, hint)

    @property
    def old(self) -> str:
        """The dotted name that the place reaches; a script and its export: `src/old.js#name`."""
        return _qualified(self.module, self.name)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an old name lives now: `name` of `module`, or the module object itself when `name` is empty."""

    module: str
    name: str

    def __str__(self) -> str:
        return _qualified(self.module, self.name)


@dataclass(frozen=True, slots=True)
class Relocation:
    """What became of one old module: the table that the shim shows and that every rewrite follows.

    `homes` maps each name of the old module's namespace to where it lives now;
    `holders` maps it to the parts whose own namespace has it, the home first: a patch of the old name must reach them;
    `rebound` are the names that are assigned again after the module's import;
    `stars` are the parts whose star imports bring further names, that no text shows;
    `exported` is the old `__all__`, or None where it had none; `main` is the part that runs as a script, if one does.
    """

    module: str
    path: str
    parts: tuple[str, ...]
    homes: Mapping[str, Home]
    holders: Mapping[str, tuple[str, ...]]
    rebound: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()
    exported: tuple[str, ...] | None = None
    main: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """All that a language engine found in one file: its references, the edits that move them, the findings."""

    path: str
    references: tuple[Reference, ...] = ()
    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def _qualified(module: str, name: str) -> str:
    separator = "#" if "/" in module or module.endswith(_SCRIPTS) else "."
    return f"{module}{separator}{name}" if name else module


# Modules of these languages are named by their paths.
_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")

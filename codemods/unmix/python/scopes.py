"""Resolve names: the scopes of a file, what each binds, and which binding a use of a name reaches.

Follows the language reference's "Naming and binding" (4.2), with comprehensions and PEP 695 type parameters as scopes
of their own. It knows nothing of modules or of unmix's job; scoping.py reads the scopes of a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum

import libcst as cst

from unmix.python.syntax import SyntaxTree, dotted_name


class When(IntEnum):
    """When the code of a use runs: while its module is imported, later (in a body), or never (annotations)."""

    IMPORT = 0
    LATER = 1
    TYPING = 2


class How(str, Enum):
    """The kind of statement that binds a name."""

    IMPORT = "import"
    DEFINITION = "definition"
    ASSIGNMENT = "assignment"
    PARAMETER = "parameter"
    DELETION = "deletion"


@dataclass(eq=False, slots=True)
class Scope:
    """One scope; `kind` is module, class, function, comprehension or type."""

    kind: str
    parent: Scope | None
    node: cst.CSTNode
    name: str = ""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """The dotted name of the functions and classes around, as in a traceback."""
        above = self.parent.path if self.parent else ""
        return f"{above}.{self.name}" if above and self.name else above or self.name


@dataclass(eq=False, slots=True)
class Binding:
    """One place that binds `name` in `scope`. `node` is the import alias, def, class, or target that does it.

    `origin` is the scope the statement stands in (under `global` it is not `scope`), `site` the import it belongs to.
    """

    name: str
    scope: Scope
    node: cst.CSTNode
    how: How
    when: When
    origin: Scope
    site: ImportSite | None = None
    order: int = 0


@dataclass(eq=False, slots=True)
class Use:
    """One place that reads, writes or deletes a name through a Name node.

    `outer` is the longest attribute chain that begins with it (`a.b.c` for `a`), or the Name itself;
    `field` when it stands in the annotation of a class's field, which dataclasses and others evaluate.
    """

    name: str
    node: cst.Name
    outer: cst.BaseExpression
    scope: Scope
    when: When
    quoted: bool = False
    order: int = 0
    field: bool = False

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names after the first in the chain."""
        return tuple((dotted_name(self.outer) or self.name).split(".")[1:])


@dataclass(eq=False, slots=True)
class ImportSite:
    """An import statement and where it stands; `type_only` when it is below `if TYPE_CHECKING:`."""

    node: cst.Import | cst.ImportFrom
    scope: Scope
    when: When
    type_only: bool


class Scopes:
    """All scopes, uses, imports and string literals of one file; `texts` are the pieces of its f-strings."""

    def __init__(self, tree: SyntaxTree, *, future_annotations: bool) -> None:
        self.tree = tree
        self.module = Scope("module", None, tree.module)
        self.scopes: list[Scope] = [self.module]
        self.uses: list[Use] = []
        self.imports: list[ImportSite] = []
        self.strings: list[cst.SimpleString] = []
        self.texts: list[cst.FormattedStringText] = []
        self.future_annotations = future_annotations

    def resolve(self, use: Use) -> Scope | None:
        """Give the scope whose binding `use` reaches; None for builtins and undefined names."""
        return self.lookup(use.name, use.scope, use.order)

    def lookup(self, name: str, scope: Scope, order: int | None = None) -> Scope | None:
        """Give the scope in which `name`, written in `scope`, is bound; None when it is bound nowhere.

        A class body looks outside until it has bound the name itself: of `class A: x = x` the second is a global.
        `order` is that of the use, in the order of evaluation.
        """
        here: Scope | None = scope
        own = True
        while here is not None:
            if name in here.globals:
                return self.module if name in self.module.bindings else None
            if name in here.bindings and (own or here.kind != "class"):
                bound_later = here.kind == "class" and all(
                    order is not None and order <= binding.order for binding in here.bindings[name]
                )
                if not bound_later:
                    return here
            # A class body is seen by its own statements and by comprehension-free type scopes only.
            own = own and here.kind == "type"
            here = here.parent
        return None

    def bindings_reached(self, use: Use) -> list[Binding]:
        """Give every binding that `use` may reach, in the order of the file."""
        scope = self.resolve(use)
        return scope.bindings[use.name] if scope is not None else []

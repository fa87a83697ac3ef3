"""Generate whole trees: a mixed module, modules that use it in every style, and names to split it by.

Gives hypothesis strategies of Tree. Every tree has a `main.py` that prints what its modules find; nothing in a tree
depends on the time, on addresses or on hashes, so two trees that mean the same print the same.
"""

# ruff: noqa: E501  (lines of generated code stay whole)

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from unmix.migration import Migration, Part, ShimSettings, Split

# What is drawn only when it is asked for: a split cannot keep these as they are, or does not yet (see test_properties).
HAZARDS = frozenset(
    {
        "registry filled elsewhere",
        "attribute of the same name",
        "star import in the mixed module",
        "read between two bindings",
        "module handed on",
    }
)


@dataclass(frozen=True)
class Tree:
    """A generated project: its files, the module to split, and the names of each part."""

    files: Mapping[str, bytes]
    old: str
    old_path: str
    parts: Mapping[str, tuple[str, ...]]

    @property
    def migration(self) -> Migration:
        parts = tuple(
            Part(module, tuple(name for name in names if name != "*"), "*" in names, 1, ())
            for module, names in self.parts.items()
        )
        root = Path("<memory>")
        split = Split(self.old, parts, 1)
        return Migration(root / "unmix.toml", root, None, (split,), (), ShimSettings(), (), ())

    def __repr__(self) -> str:
        """Show the tree as text that test_properties.tree() reads."""
        shown = [f"old = {self.old}"]
        shown += [f"part {part} = {' '.join(names)}" for part, names in self.parts.items()]
        for path, data in self.files.items():
            if data:
                shown += [f"--- {path}", data.decode().replace("\r\n", "\n").rstrip("\n")]
        return "\n" + "\n".join(shown) + "\n"


def read_tree(text: str) -> Tree:
    """Read a tree from text: `old = m`, `part p = names`, and files below `--- path`; missing packages are added."""
    head, *rest = re.split(r"^--- ", text, flags=re.MULTILINE)
    (old,) = re.findall(r"^old = (\S+)$", head, re.MULTILINE)
    parts = {part: tuple(names.split()) for part, names in re.findall(r"^part (\S+) = (.*)$", head, re.MULTILINE)}
    files: dict[str, bytes] = {}
    for item in rest:
        path, _, code = item.partition("\n")
        files[path.strip()] = code.encode()
    for module in (old, *parts):
        pieces = module.split(".")[:-1]
        for length in range(1, len(pieces) + 1):
            files.setdefault("/".join(pieces[:length]) + "/__init__.py", b"")
    path = old.replace(".", "/")
    return Tree(files, old, f"{path}.py" if f"{path}.py" in files else f"{path}/__init__.py", parts)


@dataclass
class Name:
    """A name of the mixed module: how to get an int out of it, and what must be bound before that works.

    In `use` stands `@` for the name and `#` for an int; `deep` when using it may use others in turn.
    """

    name: str
    use: str
    deep: bool
    item: int
    constant: bool = False
    pure: bool = True
    later: set[str] = field(default_factory=set)


Draw = Callable[..., Any]

_CONSTANTS = "RATE LIMIT offset DEPTH scale SEED width FACTOR margin CEILING step BASE".split()
_FUNCTIONS = "parse build load measure fold trace _mix render _inner settle spread collect".split()
_CLASSES = "Shape Store _Node Frame Point Token Scope Ledger".split()
_TABLES = "TABLE registry _cache ROUTES hooks".split()
_BOUND_IN_BODIES = ("y", "x")


class _Mixed:
    """The text of the mixed module, item by item."""

    def __init__(self, draw: Draw, old: str, allowed: frozenset[str]) -> None:
        self.draw = draw
        self.old = old
        self.allowed = allowed
        self.names: dict[str, Name] = {}
        self.groups: list[set[str]] = []
        self.needs_now: dict[str, set[str]] = {}
        self.blocks: list[list[str]] = []
        self.notes = 0
        self.pools = {
            "constant": list(_CONSTANTS),
            "function": list(_FUNCTIONS),
            "class": list(_CLASSES),
            "table": list(_TABLES),
        }
        self.now: set[str] = set()
        self.later: set[str] = set()
        self.future: list[str] = []
        self.imports: list[str] = []
        self.local: list[str] = []

    # -- small choices ----------------------------------------------------------------------------------------------

    def chance(self, of: int = 2) -> bool:
        return bool(self.draw(st.integers(0, of - 1)) == of - 1)

    def pick(self, options: list[Any]) -> Any:
        return options[self.draw(st.integers(0, len(options) - 1))]

    def note(self) -> str:
        self.notes += 1
        return f"# note {self.notes} of the mixed module"

    def behind(self) -> str:
        return f"  {self.note()}" if self.chance(4) else ""

    def take(self, kind: str) -> str | None:
        return self.pools[kind].pop(0) if self.pools[kind] else None

    # -- expressions ------------------------------------------------------------------------------------------------

    def needs_of(self, name: str) -> set[str]:
        """Give all that using `name` may use in turn."""
        found: set[str] = set()
        todo = [name]
        while todo:
            here = todo.pop()
            if here in found:
                continue
            found.add(here)
            if here in self.names:
                todo += self.names[here].later | self.needs_now.get(here, set())
        return found

    def at_once(self) -> list[str]:
        """Give the names that can be used while the module is imported, here."""
        return [
            name
            for name, entry in self.names.items()
            if entry.pure and all(need in self.names and self.names[need].pure for need in self.needs_of(name))
        ]

    def use(self, name: str, number: str, *, quoted: bool = False) -> str:
        return self.names[name].use.replace("@", name).replace("#", number)

    def value_now(self) -> str:
        """Write an int that is worked out while the module is imported."""
        names = self.at_once()
        if not names or self.chance(4):
            return str(self.draw(st.integers(1, 9)))
        name = self.pick(names)
        self.now.add(name)
        return self.wrapped(self.use(name, "1"), inside=False)

    def value_later(self) -> str:
        """Write an int that is worked out in a body with a parameter `n`."""
        names = [*self.names, *self.future]
        if not names or self.chance(6):
            return f"n + {self.draw(st.integers(1, 9))}"
        name = self.pick(names)
        self.later.add(name)
        if name in self.future:
            # Defined further down, and only then known: see constant().
            return self.wrapped(name, inside=True)
        text = self.use(name, "n - 1")
        if self.names[name].deep:
            text = f"({text} if n > 0 else {self.draw(st.integers(1, 9))})"
        return self.wrapped(text, inside=True)

    def wrapped(self, text: str, *, inside: bool) -> str:
        forms = [
            "{0}",
            "{0}",
            "{0}",
            "sum([{0} for x in range(2)])",
            "(lambda: {0})()",
            "max({0}, *(0, 1))",
            "({0} or 0)",
            "int(f'{{{0}}}')",
            "{{'k': {0}}}['k']",
            "next(x + {0} for x in (1, 2))",
            "(lambda x=1: x + {0})()",
        ]
        if inside:
            forms += ["(y := {0})"]
        return self.pick(forms).format(text)

    # -- items ------------------------------------------------------------------------------------------------------

    def add(self, names: list[str], use: str, lines: list[str], **about: Any) -> None:
        """End an item: what its lines need is what was drawn since the last one ended."""
        pure = about.pop("pure", True)
        for name in names:
            entry = Name(name, use, about.get("deep", True), len(self.blocks), about.get("constant", False), pure)
            entry.later = set(self.later)
            self.names[name] = entry
            self.needs_now.setdefault(name, set()).update(self.now)
            if name in self.future:
                self.future.remove(name)
        self.groups.append(set(names))
        self.now, self.later = set(), set()
        self.put(lines)

    def put(self, lines: list[str]) -> None:
        """Add lines, sometimes below comments and banners."""
        lead = self.draw(st.integers(0, 7))
        above: list[str] = [""] * self.draw(st.integers(0, 2))
        if lead == 1:
            above += [self.note()]
        elif lead == 2:
            above += ["# " + "-" * 20, self.note(), "# " + "-" * 20, ""]
        elif lead == 3:
            above += [self.note(), "", self.note()]
        elif lead == 4:
            above += [self.note(), ""]
        self.blocks.append(above + lines)

    def constant(self) -> None:
        name = self.future[0] if self.future and self.chance() else self.take("constant")
        if name is None:
            return
        if name in self.future and self.chance(3):
            form = 0
        form = self.draw(st.integers(0, 15)) if name not in self.future else 0
        if form in (2, 3, 9) and (second := self.take("constant")) is not None:
            value = self.value_now()
            text = {
                2: f"{name}, {second} = {value}, 2",
                3: f"{name} = {second} = {value}",
                9: f"{name} = {value}; {second} = 7",
            }[form]
            self.add([name, second], "@", [text + self.behind()], deep=False, constant=True)
            return
        value = self.value_now()
        if form == 1:
            lines = [f"{name}: int = {value}{self.behind()}"]
        elif form == 4:
            lines = [f"if {value}:", f"    {name} = 1{self.behind()}", "else:", f"    {self.note()}", f"    {name} = 2"]
        elif form == 5:
            lines = ["try:", f"    {name} = {value}", "except ValueError:", f"    {name} = 0{self.behind()}"]
        elif form == 6:
            lines = [f"{name} = (", f"    {value}  {self.note()}", f"    + 1{self.behind()}", ")"]
        elif form == 7:
            lines = [f"{name} = {value}", f"{name} += {self.value_now()}{self.behind()}"]
        elif form == 8:
            lines = [f"for {name} in range(3):", f"    {self.note()}", "    pass"]
        elif form == 10:
            later = self.value_later_in_lambda()
            self.add([name], "@(#)", [f"{name} = lambda n: {later}{self.behind()}"])
            return
        elif form == 11:
            lines = [f"({name} := {value})"]
        elif form == 12:
            lines = [f'{name}: "int" = {value}{self.behind()}']
        elif form == 13:
            lines = ["while True:", f"    {name} = {value}", "    break"]
        else:
            lines = [f"{name} = {value}{self.behind()}"]
        self.add([name], "@", lines, deep=False, constant=True)

    def value_later_in_lambda(self) -> str:
        return self.value_later().replace("(y := ", "(")

    def table(self) -> None:
        name = self.take("table")
        if name is None:
            return
        items = [self.value_now() for _ in range(self.draw(st.integers(0, 2)))]
        form = self.draw(st.integers(0, 2))
        if form == 0:
            self.add([name], "len(@)", [f"{name} = [{', '.join(items)}]{self.behind()}"], deep=False)
            kind = "append"
        elif form == 1:
            body = [f'    "k{index}": {item},{self.behind()}' for index, item in enumerate(items)]
            self.add([name], "sum(@.values())", [f"{name} = {{", *body, "}"], deep=False)
            kind = "item"
        else:
            self.add([name], "sum(@)", [f"{name}: list = [{', '.join(items)}]"], deep=False)
            kind = "append"
        if self.chance():
            value = self.value_now()
            lines = [f'{name}["late"] = {value}' if kind == "item" else f"{name}.append({value}){self.behind()}"]
            self.now -= {name}
            self.groups[-1] |= set() if "registry filled elsewhere" in self.allowed else {name}
            self.needs_now[name] |= self.now
            self.now = set()
            self.put(lines)

    def annotation(self) -> str:
        classes = [name for name in self.names if name in _CLASSES]
        if not classes or self.chance(2):
            return self.pick(["int", "'int'", "object"])
        name = self.pick(classes)
        if self.future_annotations or self.chance():
            return f"'{name}'" if not self.future_annotations or self.chance(3) else f"{name} | None"
        self.now.add(name)
        return str(name)

    def signature(self) -> tuple[str, str]:
        """Give parameters and result of a function of `n`."""
        extra = self.draw(st.integers(0, 5))
        params = "n"
        if extra == 1:
            params = f"n: {self.annotation()}"
        elif extra == 2:
            params = f"n, plus={self.value_now()}"
        elif extra == 3:
            params = "n, *args, **options"
        elif extra == 4:
            params = f"n: int, *, plus: {self.annotation()} = {self.value_now()}"
        result = f" -> {self.annotation()}" if self.chance(3) else ""
        return params, result

    def body(self, indent: str) -> list[str]:
        lines = []
        if self.chance(4):
            lines.append('"""Say what it does."""')
        if self.chance(3):
            lines.append(self.note())
        form = self.draw(st.integers(0, 9))
        if form == 1:
            lines += [f"total = {self.value_later()}{self.behind()}", f"return total + {self.value_later()}"]
        elif form == 2:
            lines += [
                "total = 1",
                "def deeper(m):",
                "    nonlocal total",
                f"    total += m{self.behind()}",
                f"    return total + {self.value_later()}",
                "return deeper(2)",
            ]
        elif form == 3:
            shadowed = self.pick([*self.names, "total"])
            lines += [f"{shadowed} = n", f"return {shadowed} + 1"]
        elif form == 4:
            lines += [
                "try:",
                f"    return {self.value_later()}",
                "except KeyError:",
                f"    {self.note()}",
                "    return 0",
            ]
        elif form == 5:
            lines += [f"if n > 5: return {self.value_later()}", f"return {self.value_later()}  # type: ignore"]
        elif form == 6:
            lines += ["import json as codec", f"return int(codec.dumps({self.value_later()}))"]
        elif form == 7:
            lines += [
                "class Local:",
                f"    size = {self.value_later()}{self.behind()}",
                f"return Local.size + {self.value_later()}",
            ]
        elif form == 8:
            lines += ["return sum([", f"    {self.value_later()},  {self.note()}", "    1,", "])"]
        else:
            lines.append(f"return {self.value_later()}{self.behind()}")
        return [indent + line for line in lines]

    def function(self) -> None:
        name = self.take("function")
        if name is None:
            return
        form = self.draw(st.integers(0, 11))
        if form == 1:
            text = f"def {name}(n): return {self.value_later()}{self.behind()}"
            self.add([name], "@(#)", [text])
            return
        if form == 2:
            self.needs("typing", "overload")
            lines = [
                "@overload",
                f"def {name}(n: int) -> int: ...",
                "@overload",
                f"def {name}(n: str) -> str: ...  {self.note()}",
            ]
            lines += [f"def {name}(n):", *self.body("    ")]
            self.add([name], "@(#)", lines)
            return
        if form == 3:
            self.needs("sys", "")
            lines = ["if sys.version_info >= (3, 0):", f"    def {name}(n):", *self.body("        ")]
            lines += ["else:", f"    def {name}(n):  {self.note()}", "        return 0"]
            self.add([name], "@(#)", lines)
            return
        if form == 4 and (state := self.take("constant")) is not None:
            lines = [f"{state} = 0", *[""] * self.draw(st.integers(0, 2)), f"def {name}(n):"]
            lines += [f"    global {state}{self.behind()}", f"    {state} += n", f"    return {state}"]
            self.add([state], "@", lines, deep=False, pure=False)
            self.names[name] = Name(name, "@(#)", True, len(self.blocks), pure=False, later={state})
            self.groups[-1].add(name)
            return
        if form == 5:
            self.needs("functools", "")
            decorators = ["@functools.lru_cache(maxsize=None)"]
        elif form == 6 and (decorator := self.decorator()):
            decorators = [f"@{decorator}{self.behind()}"]
        elif form == 7:
            self.add(
                [name],
                "@(lambda n: n)(#)",
                [
                    f"def {name}(inner):",
                    f"    def around(n):{self.behind()}",
                    f"        return inner(n) + {self.value_later()}",
                    "    return around",
                ],
            )
            return
        elif form == 8:
            lines = [f"def {name}(n):", f"    yield {self.value_later()}", f"    yield from [{self.value_later()}]"]
            self.add([name], "sum(@(#))", lines)
            return
        else:
            decorators = []
        params, result = self.signature()
        lines = [*decorators, f"def {name}({params}){result}:{self.behind()}", *self.body("    ")]
        self.add([name], "@(#)", lines)

    def decorator(self) -> str:
        """Give a decorator of functions of `n` that this module defines already, if there is one."""
        names = [name for name in self.at_once() if self.names[name].use == "@(lambda n: n)(#)"]
        if not names:
            return ""
        name = self.pick(names)
        self.now.add(name)
        return str(name)

    def class_(self) -> None:
        name = self.take("class")
        if name is None:
            return
        form = self.draw(st.integers(0, 8))
        bases = [other for other in self.at_once() if self.names[other].use == "@(#).go(#)"]
        base = self.pick(bases) if bases and self.chance() else ""
        if base:
            self.now.add(base)
        if form == 1:
            self.needs("dataclasses", "dataclass")
            lines = ["@dataclass", f"class {name}({base}):" if base else f"class {name}:"]
            lines += [
                f"    m: int = {self.value_now()}{self.behind()}",
                f"    size: {self.annotation()} = {self.value_now()}",
            ]
        elif form == 2:
            self.add(
                [name],
                'len(@("a").args)',
                [f"class {name}(ValueError):", f'    """Goes wrong."""{self.behind()}'],
                deep=False,
            )
            return
        elif form == 3:
            self.needs("enum", "")
            lines = [
                f"class {name}(enum.IntEnum):",
                f"    LOW = {self.value_now()}",
                f"    HIGH = LOW + 100{self.behind()}",
            ]
            self.add([name], "int(@.HIGH)", lines, deep=False)
            return
        elif form == 4:
            self.needs("typing", "NamedTuple")
            lines = [f"class {name}(NamedTuple):", "    a: int", f"    b: int = {self.value_now()}"]
            self.add([name], "@(1).b", lines, deep=False)
            return
        elif form == 5:
            later = re.sub(r"\bn\b", "1", self.value_later())
            lines = [
                f"class {name}:",
                "    kinds = []",
                "    def __init_subclass__(cls, **rest):",
                f"        cls.size = {later}",
                "    def __init__(self, m=0): self.m = m",
            ]
        else:
            lines = [
                f"class {name}({base}):" if base else f"class {name}:",
                "    def __init__(self, m=0):",
                "        self.m = m",
            ]
            if self.chance():
                lines += [f"    size = {self.value_now()}{self.behind()}"]
            if self.chance(3):
                shadowed = self.pick([*self.names, "other"])
                if shadowed not in self.now:
                    lines += [f"    {shadowed} = 1", f"    twice = {shadowed} * 2"]
            if "attribute of the same name" in self.allowed and self.at_once() and self.chance():
                same = self.pick(self.at_once())
                self.now.add(same)
                lines += [f"    {same} = {same}{self.behind()}"]
        lines += ["", f"    {self.note()}"] if self.chance() else []
        lines += [f"    def go(self, n):{self.behind()}", *self.body("        ")]
        if self.chance(3):
            lines += [
                "    @property",
                f"    def wide(self) -> {self.annotation()}:",
                "        n = 0",
                f"        return {self.value_later()}",
            ]
        if self.chance(4):
            lines += ["    @staticmethod", f"    def make(n={self.value_now()}):", f"        return {name}(n)"]
        self.add([name], "@(#).go(#)", lines)

    def registry(self) -> None:
        """A table, a decorator that fills it, and functions that are decorated."""
        table, register, first = self.take("table"), self.take("function"), self.take("function")
        if table is None or register is None or first is None:
            return
        self.add([table], "len(@)", [f"{table} = {{}}{self.behind()}"], deep=False)
        self.later.add(table)
        lines = [f"def {register}(inner):", f"    {table}[inner.__name__] = inner", "    return inner"]
        self.add([register], "len(@.__name__)", lines, pure=False)
        together = {table, register, first}
        for name in [first, self.take("function")]:
            if name is not None:
                self.now.add(register)
                by_statement = self.chance()
                lines = [] if by_statement else [f"@{register}{self.behind()}"]
                lines += [f"def {name}(n):", *self.body("    ")]
                lines += [f"{register}({name})"] if by_statement else []
                self.add([name], "@(#)", lines)
                together.add(name)
        if "registry filled elsewhere" not in self.allowed:
            self.groups.append(together)

    def statement(self) -> None:
        form = self.draw(st.integers(0, 4))
        if form == 1 and self.at_once():
            self.put([f"assert {self.value_now()} != -1{self.behind()}"])
        elif form == 2:
            self.needs("atexit", "")
            self.put([f"atexit.register(int, {self.value_now()})"])
        elif form == 3:
            self.put(["if not __name__:", f"    {self.note()}", "    raise RuntimeError"])
        elif form == 4:
            self.put(["for _number in range(2):", f"    assert {self.value_now()} != -1", "del _number"])
        else:
            self.put([self.note()])
        self.now = set()

    def logger(self) -> None:
        if "log" not in self.names:
            self.needs("logging", "")
            self.add(["log"], "len(@.name)", [f"log = logging.getLogger(__name__){self.behind()}"], deep=False)

    def needs(self, module: str, name: str) -> None:
        line = f"from {module} import {name}" if name else f"import {module}"
        if line not in self.imports:
            self.imports.append(line)

    # -- the whole --------------------------------------------------------------------------------------------------

    def write(self) -> str:
        self.future_annotations = self.chance(3)
        if self.chance(3):
            self.future = [name for name in (self.take("constant"), self.take("constant")) if name]
        promised = list(self.future)
        makers = [
            self.constant,
            self.function,
            self.class_,
            self.function,
            self.constant,
            self.table,
            self.statement,
            self.registry,
            self.logger,
        ]
        for _ in range(self.draw(st.integers(2, 9))):
            self.pick(makers)()
        while self.future:
            value, name = self.value_now(), self.future[0]
            self.add([name], "@", [f"{name} = {value}{self.behind()}"], deep=False, constant=True)
        self.promised = promised
        head: list[str] = []
        if self.chance(3):
            head += [self.note()]
        if self.chance():
            head += ['"""The mixed module, as it grew."""', ""]
        if self.future_annotations:
            head += ["from __future__ import annotations" + self.behind(), ""]
        imports = self.draw(st.permutations(self.imports)) if self.imports else []
        head += [line + self.behind() for line in imports]
        if self.chance(4):
            head += [
                "try:",
                "    import tomllib_of_tomorrow as toml",
                f"except ImportError:{self.behind()}",
                "    toml = None",
            ]
            self.put([f"HAS_TOML = toml is not None{self.behind()}"])
            self.groups.append({"HAS_TOML"})
            self.names["HAS_TOML"] = Name("HAS_TOML", "int(@)", False, len(self.blocks) - 1)
        if "star import in the mixed module" in self.allowed and self.chance(3):
            head += [f"from pkg.helper import *{self.behind()}"]
            self.groups.append({"with_star"})
            self.names["with_star"] = Name("with_star", "@(#)", False, len(self.blocks))
            self.names["GIVEN"] = Name("GIVEN", "@", False, -1)
            self.put(["def with_star(n):", f"    return GIVEN + n{self.behind()}"])
        if "read between two bindings" in self.allowed and self.chance(3) and (name := self.take("constant")):
            self.put([f"{name} = 1"])
            self.put([f"before_{name} = {name} + 1{self.behind()}"])
            self.put([f"{name} = 2"])
            for one in (name, f"before_{name}"):
                self.groups.append({one})
                self.names[one] = Name(one, "@", False, len(self.blocks))
        if self.chance(4):
            head += [
                "from typing import TYPE_CHECKING",
                "if TYPE_CHECKING:",
                f"    {self.note()}",
                "    from decimal import Decimal",
            ]
            self.put(["def exact(n: 'Decimal') -> 'Decimal':", f"    return n{self.behind()}"])
            self.groups.append({"exact"})
            self.names["exact"] = Name("exact", "@(#)", False, len(self.blocks) - 1)
        exported = None
        if self.chance(4) and self.names:
            exported = [name for name in self.names if not name.startswith("_") and self.chance(2)]
            if exported:
                layout = self.draw(st.integers(0, 2))
                if layout == 0:
                    head += [f"__all__ = [{', '.join(repr(name) for name in exported)}]{self.behind()}"]
                elif layout == 1:
                    head += ["__all__ = (", *[f'    "{name}",{self.behind()}' for name in exported], ")"]
                else:
                    self.put([f"__all__ = {exported!r}"])
            else:
                exported = None
        self.exported = exported
        tail = []
        if self.chance(5) and self.names:
            tail = ["", "", 'if __name__ == "__main__":', f"    print({self.use(self.pick(list(self.names)), '1')})"]
        if self.chance(4):
            tail += ["", self.note()]
        return "\n".join(head + [line for block in self.blocks for line in block] + tail) + "\n"


# -- callers ------------------------------------------------------------------------------------------------------------


class _Caller:
    """One module that uses the mixed one; `package` is where it stands, empty for the root."""

    def __init__(self, draw: Draw, mixed: _Mixed, old: str, package: str, reexported: dict[str, str]) -> None:
        self.draw = draw
        self.mixed = mixed
        self.old = old
        self.package = package
        self.reexported = reexported
        self.notes = 0
        self.chance, self.pick = mixed.chance, mixed.pick

    def note(self) -> str:
        self.notes += 1
        return f"# note {self.notes} of a caller"

    def behind(self) -> str:
        return f"  {self.note()}" if self.chance(4) else ""

    def spelled(self, module: str) -> str:
        """Name a module absolutely or relatively."""
        if self.package and module.startswith("pkg") and self.chance():
            if module == self.package:
                return "."
            if module.startswith(self.package + "."):
                return module[len(self.package) :]
            if self.package.startswith("pkg.") and self.package.count(".") == 1:
                return ".." + module[len("pkg.") :] if module != "pkg" else ".."
        return module

    def write(self) -> str:
        names = list(self.mixed.names)
        wanted = sorted({self.pick(names) for _ in range(self.draw(st.integers(1, 4)))}, key=names.index)
        style = self.pick(
            "names names dotted alias package getattr star try typed reexport writes patch whole class_body rebind import_module "
            "one_line twice global_import variable optional program".split()
        )
        leaf = self.old.rpartition(".")[2]
        parent = self.old.rpartition(".")[0]
        above: list[str] = []
        lines: list[str] = []
        inside: list[str] = []
        extra: list[str] = []
        reach: dict[str, str] = {}
        if (style == "package" and not parent) or (style == "reexport" and not self.reexported):
            style = "alias"
        if style in ("names", "try", "typed", "class_body", "one_line", "twice", "global_import", "rebind"):
            module = self.spelled(self.old)
            aliased = [(name, self.pick([name, name, f"{name}_too", f"_{name}"])) for name in wanted]
            reach = dict(aliased)
            said = [name if name == bound and not self.chance(5) else f"{name} as {bound}" for name, bound in aliased]
            form = self.draw(st.integers(0, 3))
            if form == 0 or style in ("one_line", "twice"):
                lines = [f"from {module} import {', '.join(said)}{self.behind()}"]
            elif form == 1:
                lines = [f"from {module} import ({self.behind()}", *[f"    {one},{self.behind()}" for one in said], ")"]
            elif form == 2:
                lines = [
                    f"from {module} import {said[0]}{self.behind()}",
                    *[f"from {module} import {one}" for one in said[1:]],
                ]
            else:
                lines = [f"from {module} import (", f"    {self.note()}", f"    {', '.join(said)}{self.behind()}", ")"]
            if style == "one_line":
                lines = [f"import os, sys; {lines[0].split('  #')[0]}; here = 1{self.behind()}"]
            elif style == "twice":
                lines = [lines[0], "import os", lines[0].split("  #")[0]]
            elif style == "try":
                handler = [f"    {bound} = None{self.behind()}" for bound in reach.values()]
                if self.chance():
                    lines = ["try:", *["    " + line for line in lines], "except ImportError:", *handler]
                else:
                    lines = [
                        "try:",
                        "    import no_such_module",
                        f"except ImportError:{self.behind()}",
                        *["    " + line for line in lines],
                    ]
            elif style == "typed":
                quoted = "'" if self.chance() else '"'
                extra = (
                    [f"def typed(x: {quoted}{one}{quoted}) -> {quoted}list[{one}]{quoted}:", "    return x"]
                    if (one := next((reach[name] for name in wanted if name in _CLASSES), ""))
                    else []
                )
                above = ["from typing import TYPE_CHECKING", "if TYPE_CHECKING:", *["    " + line for line in lines]]
                inside, lines = lines, []
            elif style == "class_body":
                lines = ["class Names:", *["    " + line for line in lines]]
                # A function in a class body is bound to instances, not to the class.
                reach = {name: f"Names.{bound}" for name, bound in reach.items() if not bound.startswith("__")}
            elif style == "global_import":
                inside = ["global " + ", ".join(reach.values()), *lines]
                lines = []
            elif style == "rebind":
                numbers = [name for name in wanted if self.mixed.names[name].use == "@"]
                extra = [f"{reach[name]} = {reach[name]} + 1000{self.behind()}" for name in numbers]
        elif style == "dotted":
            lines = [f"import {self.old}{self.behind()}" if self.chance() else f"import os, {self.old}, sys"]
            reach = {name: f"{self.old}.{name}" for name in wanted}
        elif style == "star":
            lines = [f"from {self.spelled(self.old)} import *{self.behind()}"]
            visible = self.mixed.exported or [name for name in names if not name.startswith("_")]
            reach = {name: name for name in wanted if name in visible}
        elif style == "reexport":
            items = [self.pick(list(self.reexported.items())) for _ in range(2)]
            if self.chance():
                lines = [
                    f"from {self.spelled('pkg')} import {', '.join(dict.fromkeys(bound for _, bound in items))}{self.behind()}"
                ]
                reach = dict(items)
            else:
                lines = ["import pkg"]
                reach = {name: f"pkg.{bound}" for name, bound in items}
        elif style == "import_module":
            above = ["import importlib"]
            lines = [f'm = importlib.import_module("{self.old}"){self.behind()}']
            reach = {name: f"m.{name}" for name in wanted}
        elif style == "program":
            reach = {name: name for name in wanted}
            code = f"from {self.old} import {', '.join(wanted)}\nfound = [{', '.join(self.uses(reach))}]"
            lines = [f"CODE = {code!r}"] if self.chance() else []
            inside = ["found = {}", f"exec({'CODE' if lines else repr(code)}, found){self.behind()}"]
            reach = {}
        else:
            bound = self.pick(["m", leaf, "old_one"])
            if style == "package" or (parent and self.chance(3)):
                lines = [
                    f"from {self.spelled(parent)} import {leaf}"
                    + (f" as {bound}" if bound != leaf or self.chance(4) else "")
                ]
            else:
                lines = [f"import {self.old} as {bound}{self.behind()}"]
                if not parent and bound == leaf and self.chance():
                    lines = [f"import {self.old}"]
            reach = {name: f"{bound}.{name}" for name in wanted}
            if style == "getattr":
                reach = {name: f'getattr({bound}, "{name}")' if self.chance() else reach[name] for name in wanted}
                if self.chance(3):
                    extra = [f"def has(): return [hasattr({bound}, 'no_such'), hasattr({bound}, {wanted[0]!r})]"]
            elif style == "variable":
                held = [f"held = {bound}{self.behind()}"]
                if self.chance():
                    extra = held
                else:
                    inside = held
                reach = {name: f"{self.pick(['held', bound])}.{name}" for name in wanted}
            elif style == "optional":
                lines = ["try:", *["    " + line for line in lines], "except ImportError:", f"    {bound} = None"]
                inside = [self.pick([f"if {bound} is None: return []", f"assert {bound}", f"if not {bound}: pass"])]
            elif style == "whole":
                extra = [
                    f"NAMES = sorted(name for name in {wanted!r} if name in vars({bound}) and name in dir({bound}))"
                ]
        if not inside and style not in ("star", "class_body", "rebind") and not extra and lines and self.chance(4):
            inside, lines = lines, []
        seen = self.uses(reach)
        body: list[str] = list(inside)
        constants = [
            name for name in wanted if self.mixed.names[name].constant and name in reach and "." in reach[name]
        ]
        if style in ("writes", "whole") and constants:
            place = reach[constants[0]]
            owner, _, attribute = place.rpartition(".")
            form = self.draw(st.integers(0, 4))
            change = [
                f"{place} = 41",
                f"{place} += 1",
                f'setattr({owner}, "{attribute}", 42)',
                f"{place} = 40{self.behind()}",
                f"del {place}",
            ][form]
            middle = [change, f"seen.append(getattr({owner}, '{attribute}', 'gone'))"]
            if form != 4:
                middle += [f"seen.append({one})" for one in self.uses(self.all_of(owner))]
            body += ["seen = []", f"kept = {place}", *middle, f"{place} = kept", f"return [*seen, {', '.join(seen)}]"]
        elif style == "patch" and constants:
            place = reach[constants[0]]
            owner, _, attribute = place.rpartition(".")
            above.append("from unittest import mock")
            change = self.pick(
                [
                    f'mock.patch("{self.old}.{attribute}", 43)',
                    f'mock.patch.object({owner}, "{attribute}", 44)',
                    f'mock.patch.multiple("{self.old}", {attribute}=45)',
                ]
            )
            body += [f"with {change}:{self.behind()}", f"    seen = [{', '.join(self.uses(self.all_of(owner)))}]"]
            body += [f"return [*seen, {', '.join(seen)}]"]
        elif style == "program":
            body += ["return found['found']"]
        else:
            body += [f"return [{', '.join(seen)}]{self.behind()}"]
        shadows = self.shadows(list(reach.values()) or ["nothing"], leaf) if self.chance() else []
        head = [self.note()] if self.chance(3) else []
        if self.chance(3):
            head += ['"""A caller."""']
        if self.chance(4):
            head += ["from __future__ import annotations"]
        text = [*head, *above, *lines, *extra, "", "", *shadows, "def report():", *["    " + line for line in body]]
        if "NAMES" in "".join(extra):
            text += ["", "", "FOUND = NAMES"]
        return "\n".join(text) + "\n"

    def all_of(self, owner: str) -> dict[str, str]:
        return {name: f"{owner}.{name}" for name, entry in self.mixed.names.items() if entry.use in ("@(#)", "@")}

    def uses(self, reach: Mapping[str, str]) -> list[str]:
        """Give int expressions for the names that can be reached."""
        found = []
        for name, spelled in reach.items():
            use = self.mixed.names[name].use
            if spelled.startswith("Names.") and use.startswith("@(") and self.mixed.names[name].item < 0:
                continue
            found.append(use.replace("@", spelled, 1).replace("#", "2"))
        return found

    def shadows(self, bound: list[str], leaf: str) -> list[str]:
        """Give code in which the names mean something else."""
        local = self.pick(bound).rpartition(".")[2].strip("\"')") if self.chance() else leaf
        root = self.pick(bound).partition(".")[0] if self.chance() else local
        name = self.pick([local, root])
        if not name.isidentifier():
            name = leaf
        form = self.draw(st.integers(0, 6))
        return [
            [f"def other({name}):", f"    return {name}.upper({name})", "", ""],
            ["class Other:", f"    {name} = 5{self.behind()}", f"    twice = {name} * 2", "", ""],
            ["def other():", f"    {name} = 'text'{self.behind()}", f"    return {name}.upper()", "", ""],
            [f"numbers = [{name} + 1 for {name} in range(2)]{self.behind()}", "", ""],
            [f"other = lambda {name}=2: {name} + 1", "", ""],
            ["def other(items):", f"    for {name} in items:", f"        yield {name}", f"    del {name}", "", ""],
            [
                "def other():",
                "    try:",
                "        pass",
                f"    except KeyError as {name}:",
                f"        return {name}.args",
                "",
                "",
            ],
        ][form]


# -- trees --------------------------------------------------------------------------------------------------------------


@st.composite
def trees(draw: Draw, allowed: frozenset[str] = frozenset()) -> Tree:
    """Give a tree to split, with hazards only if they are `allowed`."""
    old = draw(st.sampled_from(["pkg.mixed", "pkg.mixed", "pkg.core.mixed", "mixed", "pkg.whole"]))
    old_path = "pkg/whole/__init__.py" if old == "pkg.whole" else old.replace(".", "/") + ".py"
    mixed = _Mixed(draw, old, allowed)
    text = mixed.write()
    if not mixed.names:
        text += "RATE = 1\n"
        mixed.names["RATE"] = Name("RATE", "@", False, 0, constant=True)
        mixed.groups.append({"RATE"})
    files = {"pkg/__init__.py": "", "pkg/core/__init__.py": "", "pkg/parts/__init__.py": "", old_path: text}
    parts = _parts(draw, mixed, old)
    names = [name for name in mixed.names if name not in {part.rpartition(".")[2] for part in parts}]
    reexported: dict[str, str] = {}
    if old.startswith("pkg.") and names and draw(st.integers(0, 2)) == 2:
        chosen = sorted({mixed.pick(names) for _ in range(2)})
        reexported = {name: draw(st.sampled_from([name, f"{name}_again"])) for name in chosen}
        said = ", ".join(name if name == bound else f"{name} as {bound}" for name, bound in reexported.items())
        spelled = "." + old[len("pkg.") :] if mixed.chance() else old
        files["pkg/__init__.py"] = f"# note of the package\nfrom {spelled} import {said}  # noqa: F401\n"
        if mixed.chance():
            files["pkg/__init__.py"] += f"\n__all__ = {sorted(reexported.values())!r}\n"
    main = ["import sys", "", "sys.path.insert(0, '')", ""]
    for index in range(draw(st.integers(1, 4))):
        package = draw(st.sampled_from(["", "pkg", "pkg.core"]))
        module = f"{package}.use_{index}".lstrip(".")
        files[module.replace(".", "/") + ".py"] = _Caller(draw, mixed, old, package, reexported).write()
        main += [
            f"import {module} as use_{index}",
            f"print({index}, use_{index}.report(), getattr(use_{index}, 'FOUND', ''))",
        ]
    files["pkg/helper.py"] = "GIVEN = 4\n"
    if "module handed on" in allowed and old.startswith("pkg.") and mixed.chance(3):
        parent, _, leaf = old.rpartition(".")
        bound = mixed.pick([leaf, "_handed"])
        said = f"{leaf} as {bound}" if bound != leaf else leaf
        files["pkg/api/__init__.py"] = f"from {parent} import {said}\n\n__all__ = ['{bound}']\n"
        name = mixed.pick(names or ["__name__"])
        use = mixed.names[name].use.replace("@", f"{bound}.{name}").replace("#", "2") if names else "1"
        files["use_api.py"] = f"from pkg.api import *\n\n\ndef report():\n    return [{use}]\n"
        main += ["import use_api", "print(use_api.report())"]
    files["bystander.py"] = "def mix(mixed):  # not the module\n    return mixed\n"
    files["main.py"] = "\n".join(main) + "\n"
    written = {path: _encode(draw, text, path == old_path) for path, text in files.items()}
    return Tree(written, old, old_path, parts)


def _encode(draw: Draw, text: str, mixed: bool) -> bytes:
    variant = draw(st.integers(0, 5)) if mixed else 0
    if variant == 3:
        text = text.replace("    ", "\t")
    elif variant == 4:
        text = text.replace("\n", "\r\n")
    elif variant == 5:
        text = text.rstrip("\n")
    return text.encode()


def _parts(draw: Draw, mixed: _Mixed, old: str) -> dict[str, tuple[str, ...]]:
    """Divide the names: what must stay together does, and mostly each part needs only those before it at import time."""
    groups: list[set[str]] = []
    for group in mixed.groups:
        joined = set(group)
        for other in [other for other in groups if other & joined]:
            joined |= other
            groups.remove(other)
        groups.append(joined)
    count = draw(st.integers(2, 3))
    layered = draw(st.integers(0, 5)) > 0
    rank: dict[str, int] = {}
    if layered:
        groups.sort(key=lambda group: max((mixed.names[n].item for n in group if n in mixed.names), default=0))
    for group in groups:
        least = 0
        if layered:
            needs = {need for name in group for near in mixed.needs_now.get(name, ()) for need in mixed.needs_of(near)}
            least = max((rank.get(need, 0) for need in needs), default=0)
        place = draw(st.integers(least, count - 1))
        for name in group:
            rank[name] = place
    parent = old.rpartition(".")[0]
    above = draw(st.sampled_from([parent, parent, "pkg.parts", "pkg.core"])) if old != "mixed" else ""
    if old == "pkg.whole":
        above = draw(st.sampled_from(["pkg", "pkg.whole"]))
    taken = [name for name in mixed.names if name.islower() and not name.startswith("_") and name in _FUNCTIONS]
    leaves = ["alpha", "beta", "gamma"]
    if taken and draw(st.integers(0, 5)) == 5:
        leaves[0] = taken[0]
    leaves = draw(st.permutations(leaves))
    parts: dict[str, list[str]] = {f"{above}.{leaf}".lstrip("."): [] for leaf in leaves[:count]}
    modules = list(parts)
    for name, place in rank.items():
        if name.startswith("__"):
            continue
        parts[modules[place]].append(name)
    rest = draw(st.integers(0, count - 1))
    parts[modules[rest]] = ["*"]
    return {module: tuple(names) for module, names in parts.items() if names}

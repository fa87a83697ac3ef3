"""Write the parts of a module: every character of the old text that still has a reason to be, in its old order.

Takes an Outline and its Partition, gives each part's text; decides nothing and reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from unmix.edit import Edit, apply_edits
from unmix.python.imports import ImportStatement
from unmix.python.modules import is_dunder, relative_to, resolve_relative
from unmix.python.outline import Guard, Need, Outline, Role, Unit
from unmix.python.partition import Partition, Reach
from unmix.python.scopes import When

_BANNER = re.compile(r"#[ \t]*[-=*#~_+]{3,}")
_FILE_COMMENT = re.compile(r"#\s*(ruff|flake8|mypy|pylint|isort|fmt|yapf|pyright)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OldModule:
    """What the text alone does not say of the module that is split: its dotted name and its package."""

    name: str
    package: str


def write_parts(outline: Outline, partition: Partition, old: OldModule) -> dict[str, str]:
    """Give the text of every part, by its dotted name."""
    return {part: _PartWriter(outline, partition, old, part).write() for part in partition.parts}


class _PartWriter:
    """The text of one part, piece by piece in the order of the old module."""

    def __init__(self, outline: Outline, partition: Partition, old: OldModule, part: str) -> None:
        self.outline = outline
        self.partition = partition
        self.old = old
        self.part = part
        self.package = part.rpartition(".")[0]
        self.newline = outline.newline
        self.crossings = [crossing for crossing in partition.crossings if crossing.part == part]
        self.aliases = self.name_late_homes()
        self.units = [outline.units[index] for index in partition.units[part]]

    def write(self) -> str:
        """Write the part: what leads the old module, then each unit with what stood above it."""
        outline = self.outline
        pieces = [outline.text[slice(*outline.header)]]
        if not any(unit.role is Role.DOCSTRING for unit in self.units) and outline.docstring:
            pieces += (self.docstring(), self.file_comments(pieces[0]))
        behind = self.place_for_imports()
        host = self.host_of_types(behind)
        guard: Guard | None = None
        before = 0
        imported = False
        for unit in self.units:
            if unit.role is Role.EXPORTS and not self.has_exports(unit):
                continue
            if not imported and behind is None and unit.role not in (Role.DOCSTRING, Role.FUTURE):
                pieces.append(self.cross_imports(pieces, with_types=True))
                imported = True
                if pieces[-1] and unit.role is Role.DEFINITION and not _blank_lines_at_start(self.text_of(unit)):
                    pieces.append(self.newline * (2 if unit.compound else 1))
            text = self.unit_text(unit)
            gap = self.blank_lines_skipped(before, unit.index)
            before = unit.index + 1
            if unit.guard is not None and unit.guard != guard:
                pieces.append(self.padded(outline.text[slice(*unit.guard.header)], gap, pieces))
                text = _without_blank_lines(text)
            elif unit.guard is None:
                text = self.padded(text, gap, pieces)
            guard = unit.guard
            banner = self.banner_left_behind(unit)
            if banner and banner not in "".join(pieces):
                pieces.append(self.newline * max(1, _blank_lines_at_start(text)) + banner)
            pieces.append(text if text.endswith(("\n", "\r")) else text + self.newline)
            if unit.role is Role.DOCSTRING:
                pieces.append(self.file_comments("".join(pieces)))
            if unit.index == behind:
                pieces.append(self.cross_imports(pieces, with_types=host is None))
            if unit is host:
                types = self.type_imports(self.indent_of(unit))
                if types and not self.is_first_party(self.outline.text[slice(*unit.extent)]):
                    pieces.append(self.newline)
                pieces += [line + self.newline for line in types]
        if self.part == self.partition.default:
            pieces.append(outline.text[slice(*outline.footer)])
        for part, name in self.partition.fillers.get(self.part, ()):
            pieces.append(f"{self.newline}{self.load(part)}  # noqa: E402, F401  (it fills `{name}`){self.newline}")
        if any(crossing.reach is Reach.ASKED for crossing in self.crossings):
            pieces.append(self.answers())
        text = "".join(pieces)
        return text if outline.text.endswith(("\n", "\r")) else text.removesuffix(self.newline)

    # -- layout -----------------------------------------------------------------------------------------------------

    def text_of(self, unit: Unit) -> str:
        """Give a unit's own text in the old module, the header of its `TYPE_CHECKING` block included."""
        return self.outline.text[slice(*_extent(unit))]

    def padded(self, text: str, gap: int, pieces: list[str]) -> str:
        """Lead `text` with as many blank lines as stood before what was left out just above it, none in a new file."""
        written = "".join(pieces)
        if not written:
            return text.lstrip("\r\n")
        return self.newline * max(0, gap - _blank_lines_at_start(text)) + text if written.strip() else text

    def blank_lines_skipped(self, start: int, end: int) -> int:
        """Give the largest number of blank lines that led a unit between `start` and `end` (half-open)."""
        units = self.outline.units[start:end]
        return max((_blank_lines_at_start(self.text_of(unit)) for unit in units), default=0)

    def banner_left_behind(self, unit: Unit) -> str:
        """Give the banner of the section a definition stands in, when that went with another part's definition.

        # ----------------
        # Retry utilities        THIS stands in every part that has something of the section
        # ----------------
        """
        if unit.role is not Role.DEFINITION or unit.guard is not None:
            return ""
        for other in reversed(self.outline.units[: unit.index + 1]):
            banner = _banner(self.text_of(other))
            if banner:
                return "" if other in self.units else banner
        return ""

    def file_comments(self, written: str) -> str:
        """Give the comments that speak of the whole file to a tool (`# ruff: noqa`) and that this part lacks."""
        leads = "".join(_lead(self.text_of(unit)) for unit in self.outline.units[:3])
        own = "".join(self.text_of(unit) for unit in self.units)
        lines = [line.strip() for line in leads.splitlines() if _FILE_COMMENT.match(line)]
        return "".join(line + self.newline for line in lines if line not in own and line not in written)

    def docstring(self) -> str:
        """Say what the part holds; the old docstring, which speaks of the whole, stays in the default part."""
        own = [unit for unit in self.units if unit.role is Role.DEFINITION and not unit.loop]
        names = [name for unit in own for name in unit.binds if not name.startswith("_")]
        names = list(dict.fromkeys(names)) or list(dict.fromkeys(name for unit in own for name in unit.binds))
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        title = self.part.rpartition(".")[2].strip("_").replace("_", " ").capitalize()
        return f'"""{title}: {shown}."""{self.newline}' if shown else f'"""{title}."""{self.newline}'

    def place_for_imports(self) -> int | None:
        """Find the unit behind which the imports from other parts go: the last plain import before any definition."""
        place = None
        taken = {crossing.name for crossing in self.crossings if crossing.reach is Reach.TOP}
        has_types = any(crossing.reach is Reach.TYPING for crossing in self.crossings)
        for unit in self.units:
            # `__version__ = "1"` may well stand above the imports.
            says = not unit.compound and all(map(is_dunder, unit.binds)) and taken.isdisjoint(unit.needed)
            if unit.role in (Role.STATEMENT, Role.MAIN) or (unit.role is Role.DEFINITION and not says):
                break
            # `TYPE_CHECKING = False` stands for an import, and need not be above others.
            if unit.role is Role.IMPORT and unit.guard is None and not unit.compound and (unit.imports or has_types):
                place = unit.index
        return place

    def host_of_types(self, behind: int | None) -> Unit | None:
        """Find the last import of an `if TYPE_CHECKING:` block that follows the imports: more may stand there."""
        condition = self.outline.type_checking
        following = [unit for unit in self.units if behind is not None and unit.index > behind]
        guard = following[0].guard if following else None
        if guard is None or not self.is_imported_above(condition.partition(".")[0]):
            return None
        if self.outline.text[slice(*guard.header)].strip() != f"if {condition}:":
            return None
        imports = takewhile(lambda unit: unit.guard == guard and unit.role is Role.IMPORT, following)
        host = next(reversed([*imports]), None)
        return host if host is not None and self.indent_of(host) else None

    def indent_of(self, unit: Unit) -> str:
        """Give the blanks before the first line of a unit that holds any text."""
        found = re.search(r"^([ \t]*)\S", self.outline.text[slice(*unit.extent)], re.MULTILINE)
        return found[1] if found else ""

    def cross_imports(self, above: list[str], *, with_types: bool) -> str:
        """Write the imports from other parts, those for type checkers last, if they are not to stand elsewhere."""
        lines: list[str] = []
        for home in self.partition.parts:
            names = [crossing for crossing in self.crossings if crossing.home == home and crossing.reach is Reach.TOP]
            plain = [crossing.name for crossing in names if not crossing.late and not crossing.comment]
            if any(crossing.late for crossing in names):
                lines.append(self.import_home(home))
            filled = [name for filler, name in self.partition.filled.get(self.part, ()) if filler == home]
            if filled and not names:
                lines.append(f"{self.load(home)}  # noqa: F401  (it fills `{filled[0]}`)")
            if plain:
                lines.append(self.import_names(home, plain, ""))
            for comment in dict.fromkeys(crossing.comment for crossing in names if crossing.comment):
                wanted = [crossing.name for crossing in names if crossing.comment == comment]
                first, line_break, rest = self.import_names(home, wanted, "").partition(self.newline)
                lines.append(f"{first}  # noqa: F401  ({comment}){line_break}{rest}")
        types = self.type_imports(_indent_unit(self.outline)) if with_types else []
        if types:
            condition = self.outline.type_checking
            if not self.is_imported_above(condition.partition(".")[0]):
                condition = "TYPE_CHECKING"
                lines.append("from typing import TYPE_CHECKING")
            lines += ["", f"if {condition}:"] if lines else [f"if {condition}:"]
            lines += types
        if not lines:
            return ""
        written = "".join(above)
        same_block = bool(self.outline.has_relative_imports) or not written.strip()
        text = "".join(line + self.newline for line in lines)
        last = written.rstrip("\r\n").rpartition("\n")[2].lstrip()
        is_import = last.startswith(("import ", "from ")) or last == ")"
        first_party = self.is_first_party(last) or last == ")"
        gap = "" if (is_import and first_party and same_block) or not written.strip() else self.newline
        return gap + text

    def type_imports(self, indent: str) -> list[str]:
        """Write what only type checkers need from other parts, as lines of a block."""
        typing = {
            home: [c.name for c in self.crossings if c.home == home and c.reach is Reach.TYPING]
            for home in self.partition.parts
        }
        return [indent + self.import_names(home, names, indent) for home, names in typing.items() if names]

    def is_first_party(self, statement: str) -> bool:
        """Say whether an import brings something of the old module's own top package."""
        return statement.lstrip().startswith(("from .", f"from {self.old.name.partition('.')[0]}"))

    def is_imported_above(self, name: str) -> bool:
        """Say whether a name is imported before the imports from other parts."""
        place = self.place_for_imports()
        above = (unit for unit in self.units if place is not None and unit.index <= place)
        return any(unit.role is Role.IMPORT and name in unit.binds for unit in above)

    def answers(self) -> str:
        """Write the module `__getattr__` that gives names which a circle of imports forbids to import."""
        asked = [crossing for crossing in self.crossings if crossing.reach is Reach.ASKED]
        lines = ["", "", "def __getattr__(name):"]
        for crossing in asked:
            lines += [
                f'    if name == "{crossing.name}":  # {crossing.comment}',
                f"        {self.import_names(crossing.home, [crossing.name], '        ')}",
                "",
                f"        return {crossing.name}",
            ]
        lines += ['    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")', ""]
        return self.newline.join(lines)

    # -- one unit ---------------------------------------------------------------------------------------------------

    def unit_text(self, unit: Unit) -> str:
        start, end = unit.extent
        edits: list[Edit] = []
        if unit.role is Role.IMPORT:
            edits += self.import_edits(unit)
        elif unit.role is Role.EXPORTS and unit.exports is not None:
            exported = {name for name in self.outline.exported or () if self.exports(name)}
            edits.append(Edit(*unit.exports.inner, unit.exports.write(exported)))
        edits += self.late_reads(unit)
        edits += self.body_imports(unit)
        edits += self.logger_names(unit)
        if unit.role is not Role.IMPORT or unit.compound:
            edits += self.anchored(unit)
        return apply_edits(self.outline.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in edits])

    def exports(self, name: str) -> bool:
        """Say whether this part's `__all__` names `name`: it defines it, or is the first to import it."""
        home = self.partition.homes.get(name) or self.partition.asked.get(name)
        if home is not None:
            return home == self.part
        holders = [
            part
            for part in self.partition.parts
            for (holder, _), names in self.partition.import_names.items()
            if holder == part and name in names
        ]
        return (holders[0] if holders else self.partition.default) == self.part

    def has_exports(self, unit: Unit) -> bool:
        """Say whether an export statement has a place here: the first always (an empty list still hides names)."""
        first = next(other for other in self.outline.units if other.role is Role.EXPORTS)
        entries = unit.exports.entries if unit.exports else ()
        return unit is first or any(self.exports(entry.name) for entry in entries)

    def import_edits(self, unit: Unit) -> list[Edit]:
        wanted = self.partition.import_names.get((self.part, unit.index), frozenset())
        if unit.compound:
            return []
        edits = []
        several = len(unit.imports) > 1
        for statement in unit.imports:
            names = [name for name in statement.names if name.bound in wanted or several]
            module = self.anchor(statement.level, statement.module)
            if len(names) == len(statement.names) or statement.star:
                if statement.level:
                    edits.append(Edit(*unit.relative[unit.imports.index(statement)].span, module))
            else:
                edits.append(Edit(*statement.span, statement.write(module, names)))
        return edits

    def anchored(self, unit: Unit) -> list[Edit]:
        """Re-anchor relative imports inside a unit where the part lives in another package."""
        if self.package == self.old.package:
            return []
        return [Edit(*found.span, self.anchor(found.level, found.module)) for found in unit.relative]

    def anchor(self, level: int, module: str) -> str:
        if level == 0:
            return module
        if self.package == self.old.package:
            return "." * level + module
        absolute = resolve_relative(self.old.package, level, module)
        return relative_to(self.package, 1, absolute) if absolute else "." * level + module

    def logger_names(self, unit: Unit) -> list[Edit]:
        """Keep the logger's name: `getLogger(__name__)` → `getLogger("app.db.old")`, since configuration names it."""
        return [Edit(*span, f'"{self.old.name}"') for span, purpose in unit.name_uses if purpose == "getLogger"]

    # -- names of other parts ---------------------------------------------------------------------------------------

    def name_late_homes(self) -> dict[str, str]:
        """Give each part whose names are read late an alias that no name of the old module hides."""
        aliases: dict[str, str] = {}
        for crossing in self.crossings:
            if crossing.late and crossing.home not in aliases:
                leaf = crossing.home.rpartition(".")[2]
                taken = self.outline.all_names | set(aliases.values())
                # Without `__all__` a star import of this part would bring every name that has no underscore.
                alias = leaf if self.outline.has_exports else "_" + leaf
                while alias in taken:
                    alias = "_" + alias
                aliases[crossing.home] = alias
        return aliases

    def late_reads(self, unit: Unit) -> list[Edit]:
        """Read rebound names where they are rebound.

        return counter  →  return retry_utils.counter
        """
        late = {crossing.name: crossing for crossing in self.crossings if crossing.late}
        return [
            Edit(need.span[0], need.span[0], f"{self.aliases[late[need.name].home]}.")
            for need in unit.needs
            # What a function imports for itself, its annotations do not see.
            if need.name in late and (need.when is not When.TYPING or late[need.name].reach is Reach.TOP)
        ]

    def body_imports(self, unit: Unit) -> list[Edit]:
        """Import inside each function what the parts need of each other in a circle."""
        crossings = {crossing.name: crossing for crossing in self.crossings if crossing.reach is Reach.BODY}
        bodies: dict[tuple[int, int], list[Need]] = {}
        for need in unit.needs:
            if need.name in crossings and need.body is not None and need.when is not When.TYPING:
                bodies.setdefault(need.body.span, []).append(need)
        edits = []
        for span, needs in bodies.items():
            body = needs[0].body
            assert body is not None
            lines = []
            for home in self.partition.parts:
                names = sorted({need.name for need in needs if crossings[need.name].home == home})
                if any(crossings[name].late for name in names):
                    lines.append(self.import_home(home))
                plain = [name for name in names if not crossings[name].late]
                if plain:
                    lines.append(self.import_names(home, plain, body.before))
            text = "".join(body.before + line + self.newline for line in lines)
            if body.after != self.newline:
                text = "".join(body.before + line for line in lines) + body.after
            edits.append(Edit(*span, text))
        return edits

    def import_names(self, home: str, names: Iterable[str], indent: str) -> str:
        """Write `from home import names`, one name a line where they do not fit on one."""
        ordered = sorted(set(names), key=_import_order)
        head = f"from {self.spell(home)} import "
        line = head + ", ".join(ordered)
        if len(indent) + len(line) <= 88:
            return line
        inner = "".join(f"{indent}{_indent_unit(self.outline)}{name},{self.newline}" for name in ordered)
        return f"{head}({self.newline}{inner}{indent})"

    def load(self, part: str) -> str:
        """Write the import of a part for what it does when it is imported."""
        package, _, leaf = part.rpartition(".")
        return f"from {self.spell(package)} import {leaf} as _{leaf}" if package else f"import {leaf} as _{leaf}"

    def import_home(self, home: str) -> str:
        """Write the import of a part as a module, under its alias."""
        leaf, alias = home.rpartition(".")[2], self.aliases[home]
        renamed = f" as {alias}" if alias != leaf else ""
        package = home.rpartition(".")[0]
        return f"from {self.spell(package)} import {leaf}{renamed}" if package else f"import {leaf}{renamed}"

    def spell(self, module: str) -> str:
        """Name a module as the old module would: relatively if it does so at all."""
        if not self.outline.has_relative_imports or not self.package:
            return module
        return relative_to(self.package, 1, module)


def held_names(outline: Outline, partition: Partition) -> Mapping[str, tuple[str, ...]]:
    """Give, for every name of the old module, the parts whose own namespace has it, its home first."""
    held: dict[str, list[str]] = {}
    for name, home in partition.homes.items():
        if name == "__all__" or name in outline.for_types_only:
            continue
        if name in outline.names or name in outline.rebound:
            held[name] = [home]
    for name in partition.asked.keys() & outline.imports.keys():
        # `try: import orjson` with `except ImportError: orjson = None`: each part that uses it has its own.
        held.setdefault(name, [partition.asked[name]])
    for part in partition.parts:
        for (holder, index), names in partition.import_names.items():
            if holder == part and not outline.units[index].type_only:
                for name in names & outline.names:
                    parts = held.setdefault(name, [])
                    if part not in parts:
                        parts.append(part)
    for crossing in partition.crossings:
        if crossing.reach is Reach.TOP and not crossing.late and crossing.name in held:
            held[crossing.name].append(crossing.part)
    return {name: tuple(dict.fromkeys(parts)) for name, parts in held.items()}


def origin_of(outline: Outline, name: str, package: str) -> tuple[ImportStatement, str, str] | None:
    """Say where an imported name really comes from: its statement, module and name there (empty: the module itself).

    None when several statements import it, or a `try` or `if` decides which one.
    """
    units = outline.imports.get(name, ())
    if len(units) != 1 or name in outline.definitions or outline.units[units[0]].compound:
        return None
    found = [
        (statement, imported)
        for statement in outline.units[units[0]].imports
        for imported in statement.names
        if imported.bound == name
    ]
    if len(found) != 1:
        return None
    statement, imported = found[0]
    if not statement.is_from:
        return statement, imported.name if imported.asname else name, ""
    module = resolve_relative(package, statement.level, statement.module)
    return (statement, module, imported.name) if module else None


def _lead(text: str) -> str:
    """Give the blank lines and comments that lead a unit."""
    found = re.match(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*", text)
    return found.group() if found else ""


def _banner(text: str) -> str:
    """Give the last comment of a unit's lead that stands alone and is drawn with a line."""
    paragraphs = re.split(r"(?<=\n)(?:[ \t\f]*\r?\n)+", _lead(text))
    alone = [paragraph for paragraph in paragraphs[:-1] if _BANNER.search(paragraph)]
    return alone[-1] if alone else ""


def _extent(unit: Unit) -> tuple[int, int]:
    return (unit.guard.header[0], unit.extent[1]) if unit.guard is not None else unit.extent


def _blank_lines_at_start(text: str) -> int:
    found = re.match(r"(?:[ \t\f]*(?:\r\n|\r|\n))*", text)
    return len(re.findall(r"\r\n|\r|\n", found.group())) if found else 0


def _without_blank_lines(text: str) -> str:
    return re.sub(r"\A(?:[ \t\f]*(?:\r\n|\r|\n))+", "", text)


def _indent_unit(outline: Outline) -> str:
    found = re.search(r"^([ \t]+)\S", outline.text, re.MULTILINE)
    return "\t" if found and found.group(1).startswith("\t") else "    "


def _import_order(name: str) -> tuple[int, str]:
    """Sort as isort does by default: CONSTANTS, then Classes, then functions."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name

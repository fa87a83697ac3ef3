"""Write the parts of a module: every character of the old text that still has a reason to be, in its old order.

Takes an Outline and its Partition, gives each part's text; decides nothing and reads no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from unmix.edit import Edit, apply_edits
from unmix.python.modules import is_dunder, relative_to, resolve_relative
from unmix.python.outline import Guard, Outline, Role, Unit
from unmix.python.part_imports import PartImports, indent_unit
from unmix.python.part_layout import (
    banner_left_behind,
    blank_lines_at_start,
    blank_lines_skipped,
    docstring_of,
    file_comments,
    indent_of,
    padded,
    text_of,
    without_blank_lines,
)
from unmix.python.partition import Partition, Reach


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
        self.imports = PartImports(outline, partition, part)
        self.units = [outline.units[index] for index in partition.units[part]]

    def write(self) -> str:
        """Write the part: what leads the old module, then each unit with what stood above it."""
        outline = self.outline
        pieces = [outline.text[slice(*outline.header)]]
        if not any(unit.role is Role.DOCSTRING for unit in self.units) and outline.docstring:
            pieces += (docstring_of(self.part, self.units, self.newline), file_comments(outline, self.units, pieces[0]))
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
                if pieces[-1] and unit.role is Role.DEFINITION and not blank_lines_at_start(text_of(outline, unit)):
                    pieces.append(self.newline * (2 if unit.compound else 1))
            text = self.unit_text(unit)
            gap = blank_lines_skipped(outline, before, unit.index)
            before = unit.index + 1
            if unit.guard is not None and unit.guard != guard:
                pieces.append(padded(outline.text[slice(*unit.guard.header)], gap, pieces, self.newline))
                text = without_blank_lines(text)
            elif unit.guard is None:
                text = padded(text, gap, pieces, self.newline)
            guard = unit.guard
            banner = banner_left_behind(outline, self.units, unit)
            if banner and banner not in "".join(pieces):
                pieces.append(self.newline * max(1, blank_lines_at_start(text)) + banner)
            pieces.append(text if text.endswith(("\n", "\r")) else text + self.newline)
            if unit.role is Role.DOCSTRING:
                pieces.append(file_comments(outline, self.units, "".join(pieces)))
            if unit.index == behind:
                pieces.append(self.cross_imports(pieces, with_types=host is None))
            if unit is host:
                types = self.imports.type_imports(indent_of(outline, unit))
                if types and not self.is_first_party(self.outline.text[slice(*unit.extent)]):
                    pieces.append(self.newline)
                pieces += [line + self.newline for line in types]
        if self.part == self.partition.default:
            pieces.append(outline.text[slice(*outline.footer)])
        pieces += [f"{self.newline}{line}{self.newline}" for line in self.imports.fillers()]
        if any(crossing.reach is Reach.ASKED for crossing in self.imports.crossings):
            pieces.append(self.imports.answers())
        text = "".join(pieces)
        return text if outline.text.endswith(("\n", "\r")) else text.removesuffix(self.newline)

    def place_for_imports(self) -> int | None:
        """Find the unit behind which the imports from other parts go: the last plain import before any definition."""
        place = None
        taken = {crossing.name for crossing in self.imports.crossings if crossing.reach is Reach.TOP}
        has_types = any(crossing.reach is Reach.TYPING for crossing in self.imports.crossings)
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
        return host if host is not None and indent_of(self.outline, host) else None

    def cross_imports(self, above: list[str], *, with_types: bool) -> str:
        """Write the imports from other parts, those for type checkers last, if they are not to stand elsewhere."""
        lines = self.imports.top_imports()
        types = self.imports.type_imports(indent_unit(self.outline)) if with_types else []
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

    def is_first_party(self, statement: str) -> bool:
        """Say whether an import brings something of the old module's own top package."""
        return statement.lstrip().startswith(("from .", f"from {self.old.name.partition('.')[0]}"))

    def is_imported_above(self, name: str) -> bool:
        """Say whether a name is imported before the imports from other parts."""
        place = self.place_for_imports()
        above = (unit for unit in self.units if place is not None and unit.index <= place)
        return any(unit.role is Role.IMPORT and name in unit.binds for unit in above)

    def unit_text(self, unit: Unit) -> str:
        start, end = unit.extent
        edits: list[Edit] = []
        if unit.role is Role.IMPORT:
            edits += self.import_edits(unit)
        elif unit.role is Role.EXPORTS and unit.exports is not None:
            exported = {name for name in self.outline.exported or () if self.exports(name)}
            edits.append(Edit(*unit.exports.inner, unit.exports.write(exported)))
        edits += self.imports.late_reads(unit)
        edits += self.imports.body_imports(unit)
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

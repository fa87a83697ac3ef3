"""Write what a part needs from other parts: imports at its top, in functions, for type checkers, or on request.

Takes an Outline, its Partition and a part, gives lines of text and edits; decides nothing, and places none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from unmix.edit import Edit
from unmix.python.modules import relative_to
from unmix.python.outline import Need, Outline, Unit
from unmix.python.partition import Partition, Reach
from unmix.python.scopes import When


class PartImports:
    """What one part imports from others."""

    def __init__(self, outline: Outline, partition: Partition, part: str) -> None:
        self.outline = outline
        self.partition = partition
        self.part = part
        self.package = part.rpartition(".")[0]
        self.newline = outline.newline
        self.crossings = [crossing for crossing in partition.crossings if crossing.part == part]
        self.aliases = self._name_late_homes()

    def _name_late_homes(self) -> dict[str, str]:
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

    def top_imports(self) -> list[str]:
        """Write what this part needs from others when it is imported, a line or several in brackets for each."""
        lines: list[str] = []
        for home in self.partition.parts:
            names = [crossing for crossing in self.crossings if crossing.home == home and crossing.reach is Reach.TOP]
            plain = [crossing.name for crossing in names if not crossing.late and not crossing.comment]
            if any(crossing.late for crossing in names):
                lines.append(self._import_home(home))
            filled = [name for filler, name in self.partition.filled.get(self.part, ()) if filler == home]
            if filled and not names:
                lines.append(f"{self._load(home)}  # noqa: F401  (it fills `{filled[0]}`)")
            if plain:
                lines.append(self._import_names(home, plain, ""))
            for comment in dict.fromkeys(crossing.comment for crossing in names if crossing.comment):
                wanted = [crossing.name for crossing in names if crossing.comment == comment]
                first, line_break, rest = self._import_names(home, wanted, "").partition(self.newline)
                lines.append(f"{first}  # noqa: F401  ({comment}){line_break}{rest}")
        return lines

    def type_imports(self, indent: str) -> list[str]:
        """Write what only type checkers need from other parts, as lines of a block."""
        typing = {
            home: [c.name for c in self.crossings if c.home == home and c.reach is Reach.TYPING]
            for home in self.partition.parts
        }
        return [indent + self._import_names(home, names, indent) for home, names in typing.items() if names]

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
                    lines.append(self._import_home(home))
                plain = [name for name in names if not crossings[name].late]
                if plain:
                    lines.append(self._import_names(home, plain, body.before))
            text = "".join(body.before + line + self.newline for line in lines)
            if body.after != self.newline:
                text = "".join(body.before + line for line in lines) + body.after
            edits.append(Edit(*span, text))
        return edits

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

    def answers(self) -> str:
        """Write the module `__getattr__` that gives names which a circle of imports forbids to import."""
        asked = [crossing for crossing in self.crossings if crossing.reach is Reach.ASKED]
        lines = ["", "", "def __getattr__(name):"]
        for crossing in asked:
            lines += [
                f'    if name == "{crossing.name}":  # {crossing.comment}',
                f"        {self._import_names(crossing.home, [crossing.name], '        ')}",
                "",
                f"        return {crossing.name}",
            ]
        lines += ['    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")', ""]
        return self.newline.join(lines)

    def fillers(self) -> list[str]:
        """Write the imports of parts that fill what this part holds, for its last lines."""
        filled = self.partition.fillers.get(self.part, ())
        return [f"{self._load(part)}  # noqa: E402, F401  (it fills `{name}`)" for part, name in filled]

    def _import_names(self, home: str, names: Iterable[str], indent: str) -> str:
        """Write `from home import names`, one name a line where they do not fit on one."""
        ordered = sorted(set(names), key=_import_order)
        head = f"from {self._spell(home)} import "
        line = head + ", ".join(ordered)
        if len(indent) + len(line) <= 88:
            return line
        inner = "".join(f"{indent}{indent_unit(self.outline)}{name},{self.newline}" for name in ordered)
        return f"{head}({self.newline}{inner}{indent})"

    def _load(self, part: str) -> str:
        """Write the import of a part for what it does when it is imported."""
        package, _, leaf = part.rpartition(".")
        return f"from {self._spell(package)} import {leaf} as _{leaf}" if package else f"import {leaf} as _{leaf}"

    def _import_home(self, home: str) -> str:
        """Write the import of a part as a module, under its alias."""
        leaf, alias = home.rpartition(".")[2], self.aliases[home]
        renamed = f" as {alias}" if alias != leaf else ""
        package = home.rpartition(".")[0]
        return f"from {self._spell(package)} import {leaf}{renamed}" if package else f"import {leaf}{renamed}"

    def _spell(self, module: str) -> str:
        """Name a module as the old module would: relatively if it does so at all."""
        if not self.outline.has_relative_imports or not self.package:
            return module
        return relative_to(self.package, 1, module)


def indent_unit(outline: Outline) -> str:
    """Give one step of indentation as the old module has it."""
    found = re.search(r"^([ \t]+)\S", outline.text, re.MULTILINE)
    return "\t" if found and found.group(1).startswith("\t") else "    "


def _import_order(name: str) -> tuple[int, str]:
    """Sort as isort does by default: CONSTANTS, then Classes, then functions."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name

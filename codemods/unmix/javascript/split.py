"""Write the parts of a module: every character of the old text that still has a reason to be, in its old order.

Takes an Outline and its Partition, gives each part's text; decides nothing and reads no file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from unmix.edit import Edit, apply_edits
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.entries import keep_entries
from unmix.javascript.outline import Outline, Role, Unit
from unmix.javascript.partition import Crossing, Partition
from unmix.javascript.scopes import When
from unmix.javascript.style import Style, read_style

_BANNER = re.compile(r"(?://|/\*+|\*)[ \t]*[-=*#~_+─━═]{3,}")
_WORDS = re.compile(r"[^A-Za-z0-9$]+")


# Gives the specifier of a file (the first) in another file.
Specify = Callable[[str, str], str]


def write_parts(outline: Outline, partition: Partition, specify: Specify) -> dict[str, str]:
    """Give the text of every part, by its path."""
    return {part: _PartWriter(outline, partition, specify, part).write() for part in partition.parts}


class _PartWriter:
    """The text of one part, piece by piece in the order of the old module."""

    def __init__(self, outline: Outline, partition: Partition, specify: Specify, part: str) -> None:
        self.outline = outline
        self.partition = partition
        self.specify = specify
        self.part = part
        self.style: Style = read_style(outline)
        self.newline = outline.newline
        self.crossings = [crossing for crossing in partition.crossings if crossing.part == part]
        self.exposed = dict(partition.exposed[part])
        self.aliases = self.name_homes()
        self.entries: dict[int, list[Unit]] = {}
        for unit in outline.units:
            if unit.owner >= 0:
                self.entries.setdefault(unit.owner, []).append(unit)
        self.units = [unit for unit in outline.leads if self.stands_here(unit)]
        self.listed = self.exports_listed()
        self.prefixed = self.exports_in_front()

    def write(self) -> str:
        """Write the part: what leads the old module, then each unit with what stood above it."""
        outline = self.outline
        pieces = [_without_hashbang(outline.text[slice(*outline.header)])]
        behind = self.place_for_imports()
        imported = False
        before = 0
        last: Unit | None = None
        for unit in self.units:
            if not imported and behind is None and unit.role not in (Role.DIRECTIVE, Role.INTRO):
                pieces.append(self.imports_of_parts(pieces, unit))
                imported = True
            text = self.unit_text(unit)
            gap = self.blank_lines_skipped(before, unit.index)
            before = unit.index + 1
            text = self.padded(text, gap, pieces)
            banner = self.banner_left_behind(unit)
            if banner and banner not in "".join(pieces):
                pieces.append(self.newline * max(1, _blank_lines_at_start(text)) + banner)
            pieces.append(self.apart(text, last, pieces))
            last = unit
            if unit.index == behind:
                pieces.append(self.imports_of_parts(pieces, None))
                imported = True
        if not imported:
            pieces.append(self.imports_of_parts(pieces, None))
        pieces += self.exports_added()
        if self.part == self.partition.default and outline.text[slice(*outline.footer)].strip():
            pieces.append(outline.text[slice(*outline.footer)])
        pieces += self.requires_at_end()
        text = "".join(pieces).rstrip("\r\n\t ") + self.newline
        return text if outline.text.endswith(("\n", "\r")) else text.removesuffix(self.newline)

    # -- layout -----------------------------------------------------------------------------------------------------

    def stands_here(self, unit: Unit) -> bool:
        if unit.role is Role.LIST:
            entries = self.entries.get(unit.index, [])
            return not entries or any(self.partition.holds(entry, self.part) for entry in entries)
        return self.partition.holds(unit, self.part)

    def text_of(self, unit: Unit) -> str:
        return self.outline.text[slice(*unit.extent)]

    def padded(self, text: str, gap: int, pieces: list[str]) -> str:
        """Lead `text` with as many blank lines as stood before what was left out just above it, none in a new file."""
        written = "".join(pieces)
        if not written.strip():
            return text.lstrip("\r\n")
        return self.newline * max(0, gap - _blank_lines_at_start(text) - _ends_blank(written)) + text

    def apart(self, text: str, last: Unit | None, pieces: list[str]) -> str:
        """Keep a statement from being read as the end of the one that now stands above it.

        const a = 1⏎[b].forEach(c)  →  const a = 1⏎;[b].forEach(c)
        """
        if not text.endswith(("\n", "\r")):
            text += self.newline
        lead = re.match(r"(?:\s|/\*.*?\*/|//[^\r\n]*)*", text, re.DOTALL)
        at = lead.end() if lead else 0
        if last is None or text[at : at + 1] not in tuple("([`/+-") or last.role in (Role.INTRO,):
            return text
        above = self.outline.text[slice(*last.span)].rstrip()
        if above.endswith(";") or last.hoisted or last.type_only or re.match(r"(export\s+)?(class|enum)\b", above):
            return text
        return text[:at] + ";" + text[at:]

    def blank_lines_skipped(self, start: int, end: int) -> int:
        """Give the largest number of blank lines that led a statement between `start` and `end` (half-open)."""
        units = (unit for unit in self.outline.units[start:end] if unit.owner < 0)
        return max((_blank_lines_at_start(self.text_of(unit)) for unit in units), default=0)

    def banner_left_behind(self, unit: Unit) -> str:
        """Give the banner of the section a definition stands in, when that went with another part's definition."""
        if unit.role not in (Role.DEFINITION, Role.LIST, Role.STATEMENT):
            return ""
        for other in reversed([each for each in self.outline.leads if each.index <= unit.index]):
            banner = _banner(self.text_of(other))
            if banner:
                return "" if other in self.units else banner
        return ""

    # -- one unit ---------------------------------------------------------------------------------------------------

    def unit_text(self, unit: Unit) -> str:
        start, end = unit.extent
        if unit.index in self.listed_as_assignments:
            return self.assignments(unit)
        edits = list(self.edits_of(unit))
        if unit.role is Role.LIST:
            edits += self.list_edits(unit)
        unique = sorted({(edit.start - start, edit.end - start, edit.text) for edit in edits})
        return apply_edits(self.outline.text[start:end], [Edit(*edit) for edit in unique])

    def edits_of(self, unit: Unit) -> Iterator[Edit]:
        """Give what changes inside a statement or entry, apart from its list."""
        if unit.role is Role.IMPORT and unit.source is not None and unit.owner < 0:
            wanted = self.partition.import_names.get((self.part, unit.index), frozenset())
            if wanted:
                yield from unit.source.keep(self.outline.text, wanted)
        yield from self.late_reads(unit)
        yield from self.anchored(unit)
        if unit.index in self.prefixed:
            yield Edit(unit.keyword, unit.keyword, "export ")

    def list_edits(self, unit: Unit) -> list[Edit]:
        entries = self.entries.get(unit.index, [])
        kept = [number for number, entry in enumerate(entries) if self.partition.holds(entry, self.part)]
        edits: list[Edit] = []
        if not entries or unit.inner is None:
            return edits
        if len(kept) < len(entries):
            edits += keep_entries(self.outline.text, unit.inner, [entry.span for entry in entries], kept)
        for number in kept:
            entry = entries[number]
            edits += self.edits_of(entry)
            if entry.role is Role.IMPORT and entry.source is not None:
                wanted = self.partition.import_names.get((self.part, entry.index), frozenset())
                edits += entry.source.keep(self.outline.text, wanted)
        if unit.index == self.listed:
            edits += self.members_added(unit, entries, kept)
        return edits

    def late_reads(self, unit: Unit) -> Iterator[Edit]:
        """Read names of another part where they live.

        return counter  →  return retryUtils.counter        exports.a()  →  retryUtils.a()
        """
        late = {crossing.name: crossing for crossing in self.crossings if crossing.late}
        for need in unit.needs:
            crossing = late.get(need.name)
            if crossing is None or need.when is When.TYPING or need.span[0] == need.span[1]:
                continue
            alias = self.aliases[crossing.home]
            if "." in need.name:
                yield Edit(*need.span, alias)
                continue
            read = alias if crossing.exported == WHOLE else f"{alias}.{crossing.exported}"
            if need.callee and self.asks_this(need.name):
                read = f"(0, {read})"
            name = need.name
            yield Edit(*need.span, f"{name}: {read}" if need.shorthand else read)

    def asks_this(self, name: str) -> bool:
        """Say whether a function would see that it is called as a method."""
        units = (self.outline.units[index] for index in self.outline.definitions.get(name, ()))
        return any(re.search(r"\bthis\b", self.outline.text[slice(*unit.span)]) for unit in units)

    def anchored(self, unit: Unit) -> Iterator[Edit]:
        """Write specifiers and places anew where the part lives in another folder."""
        old, new = posixpath.dirname(self.outline.path), posixpath.dirname(self.part)
        if old == new:
            return
        for specifier in unit.specifiers:
            yield Edit(*specifier.span, _relative(posixpath.join(old, specifier.text), new, specifier.text))
        for span, name in unit.places:
            if name == "__dirname":
                way = self.style.string(posixpath.relpath(old or ".", new or "."))
                yield Edit(*span, f"require({self.style.string('path')}).join(__dirname, {way})")

    # -- what parts take from each other ----------------------------------------------------------------------------

    def name_homes(self) -> dict[str, str]:
        """Give each part whose names are read late a variable that no name of the old module hides."""
        aliases: dict[str, str] = {}
        for crossing in self.crossings:
            if crossing.late and crossing.home not in aliases:
                if crossing.at_end and self.is_whole(crossing.home):
                    # It replaces its exports object, so an early look at it would be the last.
                    aliases[crossing.home] = f"require({self.style.string(self.specify(crossing.home, self.part))})"
                    continue
                alias = _variable(crossing.home)
                taken = self.outline.all_names | set(aliases.values())
                while alias in taken:
                    alias += "_"
                aliases[crossing.home] = alias
        return aliases

    def is_whole(self, part: str) -> bool:
        """Say whether a part exports one value rather than a list of names."""
        return self.partition.homes.get(WHOLE) == part

    def place_for_imports(self) -> int | None:
        """Find the unit behind which the imports from other parts go: the last import before any definition."""
        place = None
        for unit in self.units:
            imports = unit.role is Role.IMPORT or (
                unit.role is Role.LIST
                and all(
                    entry.role is Role.IMPORT
                    for entry in self.entries.get(unit.index, ())
                    if self.partition.holds(entry, self.part)
                )
                and bool(self.entries.get(unit.index))
            )
            if imports:
                place = unit.index
            elif unit.role not in (Role.DIRECTIVE, Role.INTRO, Role.MARK):
                break
        return place

    def imports_of_parts(self, above: list[str], following: Unit | None) -> str:
        """Write the imports from other parts."""
        lines: list[str] = []
        for home in self.partition.parts:
            own = [crossing for crossing in self.crossings if crossing.home == home and not crossing.at_end]
            if own:
                lines += self.esm_imports(home, own) if self.outline.esm else self.requires(home, own)
        if not lines:
            return ""
        written = "".join(above)
        text = "".join(line + self.newline for line in lines)
        is_import = re.search(
            r"(?:^|[\r\n])(?:import\b[^\r\n]*|\} from [^\r\n]*|.*\brequire\([^\r\n]*)[\r\n]*$", written
        )
        gap = "" if is_import or not written.strip() or _ends_blank(written) else self.newline
        below = ""
        if following is not None and not _blank_lines_at_start(self.text_of(following)):
            below = self.newline
        return gap + text + below

    def esm_imports(self, home: str, crossings: list[Crossing]) -> Iterator[str]:
        source = self.style.string(self.specify(home, self.part)) + self.style.end
        for types, keyword in ((False, "import"), (True, "import type")):
            group = [crossing for crossing in crossings if crossing.types is types]
            default = next((crossing.name for crossing in group if crossing.exported == "default"), "")
            names = [
                crossing.name if crossing.name == crossing.exported else f"{crossing.exported} as {crossing.name}"
                for crossing in group
                if crossing.exported != "default"
            ]
            if default and types:
                yield f"{keyword} {default} from {source}"
                default = ""
            if names or default:
                listed = self.style.names(names, len(keyword) + len(source) + 7) if names else ""
                yield f"{keyword} {', '.join(filter(None, (default, listed)))} from {source}"

    def requires(self, home: str, crossings: list[Crossing]) -> Iterator[str]:
        source = f"require({self.style.string(self.specify(home, self.part))}){self.style.end}"
        if any(crossing.late for crossing in crossings):
            yield f"{self.style.keyword} {self.aliases[home]} = {source}"
        names = [
            crossing.name if crossing.name == crossing.exported else f"{crossing.exported}: {crossing.name}"
            for crossing in crossings
            if not crossing.late
        ]
        whole = [crossing.name for crossing in crossings if not crossing.late and crossing.exported == WHOLE]
        names = [name for name in names if not name.startswith(WHOLE)]
        for name in whole:
            yield f"{self.style.keyword} {name} = {source}"
        if names:
            keyword = self.style.keyword
            yield f"{keyword} {self.style.names(names, len(keyword) + len(source) + 4)} = {source}"

    def requires_at_end(self) -> Iterator[str]:
        ends = [crossing for crossing in self.crossings if crossing.at_end and not self.is_whole(crossing.home)]
        homes = dict.fromkeys(crossing.home for crossing in ends)
        for number, home in enumerate(home for home in self.partition.parts if home in homes):
            source = f"require({self.style.string(self.specify(home, self.part))}){self.style.end}"
            lead = f"{self.newline}// Behind the exports: the two modules need each other.{self.newline}"
            yield f"{lead if not number else ''}{self.style.keyword} {self.aliases[home]} = {source}{self.newline}"

    # -- what other parts take from this one ------------------------------------------------------------------------

    def exports_listed(self) -> int:
        """Find the list that can take what other parts need of this one; -1 when there is none."""
        for unit in self.units:
            if unit.role is Role.LIST and self.is_export_list(unit):
                return unit.index
        return -1

    def is_export_list(self, unit: Unit) -> bool:
        text = self.outline.text[slice(*unit.span)]
        own = any(export.local for entry in self.entries.get(unit.index, ()) for export in entry.exports)
        return own and bool(re.match(r"export\s*\{|(?:exports\s*=\s*)?module\.exports\s*=", text))

    @property
    def listed_as_assignments(self) -> frozenset[int]:
        """The `module.exports = {…}` that must not replace the object which another part holds already."""
        if self.part not in self.partition.circular or self.outline.esm:
            return frozenset()
        return frozenset(unit.index for unit in self.units if unit.role is Role.LIST and self.is_object(unit))

    def is_object(self, unit: Unit) -> bool:
        return bool(re.match(r"(?:exports\s*=\s*)?module\.exports\s*=", self.outline.text[slice(*unit.span)]))

    def assignments(self, unit: Unit) -> str:
        """Write a list so that the exports object stays the same.

        module.exports = { a, b: c };  →  exports.a = a;⏎exports.b = c;
        """
        text, end = self.outline.text, self.style.end
        own = [entry for entry in self.entries[unit.index] if self.partition.holds(entry, self.part)]
        lead = text[unit.extent[0] : unit.span[0]]
        pairs = [(export.name, export.local) for entry in own for export in entry.exports]
        pairs += [(exported, name) for name, exported in self.exposed.items()]
        plain = all(local and local not in self.outline.rebound for _, local in pairs)
        if plain and not _has_comments(text[slice(*(unit.inner or unit.span))]):
            return lead + "".join(f"exports{_member(name)} = {local}{end}{self.newline}" for name, local in pairs)
        start, stop = unit.extent
        edits = [*self.edits_of(unit), *self.list_edits(unit)]
        body = apply_edits(text[start:stop], [Edit(e.start - start, e.end - start, e.text) for e in edits])
        changed = re.sub(r"(?:exports\s*=\s*)?module\.exports\s*=\s*\{", "Object.assign(exports, {", body, count=1)
        head, brace, tail = changed.rpartition("}")
        return head + brace + ")" + tail

    def exports_in_front(self) -> frozenset[int]:
        """Find the declarations that get `export` in front of them."""
        if not self.outline.esm:
            return frozenset()
        found = set()
        for name, exported in self.exposed.items():
            units = [self.outline.units[index] for index in self.outline.definitions[name]]
            fits = all(unit.keyword >= 0 and unit.owner < 0 and unit.binds == (name,) for unit in units)
            if fits and name == exported and self.listed < 0:
                found |= {unit.index for unit in units}
        return frozenset(found)

    def members_added(self, unit: Unit, entries: list[Unit], kept: list[int]) -> Iterator[Edit]:
        """Put the names that other parts need into a list that is there.

        export { a };  →  export { a, helper };
        """
        if unit.inner is None:
            return
        added = [
            self.getter(name, exported)
            if name in self.outline.rebound and not self.outline.esm
            else _pair(name, exported, esm=self.outline.esm, types=name in self.outline.types)
            for name, exported in self.exposed.items()
        ]
        if not added:
            return
        text = self.outline.text
        last = entries[kept[-1]]
        line = re.search(r"[\r\n]([ \t]*)$", text[: last.span[0]])
        lead = f"{self.newline}{line[1]}" if line else " "
        yield Edit(last.span[1], last.span[1], "".join(f",{lead}{name}" for name in added))

    def getter(self, name: str, exported: str) -> str:
        """Write a member that gives what a name is at the time: `get count() { return count; }`."""
        return f"get {exported}() {{ return {name}{self.style.end} }}"

    def exports_added(self) -> Iterator[str]:
        """Export at the end what other parts need and no list here can take."""
        if self.listed >= 0 or self.listed_as_assignments:
            return
        done = {name for index in self.prefixed for name in self.outline.units[index].binds}
        left = {name: exported for name, exported in self.exposed.items() if name not in done}
        if not left:
            return
        end = self.style.end
        if self.outline.esm:
            for types, keyword in ((False, "export"), (True, "export type")):
                names = [
                    _pair(name, exported, esm=True, types=False)
                    for name, exported in left.items()
                    if (name in self.outline.types) is types
                ]
                if names:
                    yield f"{self.newline}{keyword} {self.style.names(names, 8)}{end}{self.newline}"
            return
        whole = self.is_whole(self.part)
        holder = "module.exports" if whole or self.replaces_exports() else "exports"
        yield self.newline
        for name, exported in left.items():
            if name in self.outline.rebound:
                getter = f"{{ enumerable: true, get: function () {{ return {name}{end} }} }}"
                yield f"Object.defineProperty({holder}, {self.style.string(exported)}, {getter}){end}{self.newline}"
            elif whole:
                # Whoever lists the properties of that value sees what was there before.
                value = f"{{ value: {name} }}"
                yield f"Object.defineProperty({holder}, {self.style.string(exported)}, {value}){end}{self.newline}"
            else:
                yield f"{holder}{_member(exported)} = {name}{end}{self.newline}"

    def replaces_exports(self) -> bool:
        return any(unit.role is Role.LIST and self.is_object(unit) for unit in self.units)


def _pair(name: str, exported: str, *, esm: bool, types: bool) -> str:
    kind = "type " if types else ""
    if name == exported:
        return kind + name
    return f"{kind}{name} as {exported}" if esm else f"{exported}: {name}"


def _member(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else f"[{name!r}]"


def _variable(path: str) -> str:
    """Give a variable's name for a module: `lib/retry-utils.js` → retryUtils."""
    stem = posixpath.basename(path).partition(".")[0]
    if stem == "index":
        stem = posixpath.basename(posixpath.dirname(path)) or stem
    first, *rest = [word for word in _WORDS.split(stem) if word] or ["part"]
    name = first + "".join(word[:1].upper() + word[1:] for word in rest)
    return name if re.match(r"[A-Za-z_$]", name) else f"_{name}"


def _relative(place: str, folder: str, written: str) -> str:
    path = posixpath.relpath(place or ".", folder or ".")
    path = path if path.startswith("..") else "./" + path if path != "." else "."
    return path + "/" if written.endswith("/") and not path.endswith("/") else path


def _without_hashbang(text: str) -> str:
    return re.sub(r"\A#![^\r\n]*(?:\r\n|\r|\n)", "", text)


def _banner(text: str) -> str:
    """Give the last comment of a unit's lead that stands alone and is drawn with a line."""
    lead = re.match(r"(?:\s|/\*.*?\*/|//[^\r\n]*)*", text, re.DOTALL)
    paragraphs = re.split(r"(?<=\n)(?:[ \t\f]*\r?\n)+", lead.group() if lead else "")
    alone = [paragraph for paragraph in paragraphs[:-1] if _BANNER.search(paragraph)]
    return alone[-1] if alone else ""


def _has_comments(text: str) -> bool:
    return "//" in text or "/*" in text


def _blank_lines_at_start(text: str) -> int:
    found = re.match(r"(?:[ \t\f]*(?:\r\n|\r|\n))*", text)
    return len(re.findall(r"\r\n|\r|\n", found.group())) if found else 0


def _ends_blank(text: str) -> bool:
    return bool(re.search(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)$", text))

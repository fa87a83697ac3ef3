"""Measure the impact of a module: every name it holds, and every place that uses it.

Takes a module of the tree, whole or split, with or without a migration file; gives an Impact. It asks the engines the
same questions as `check` and `migrate` do, about a migration that moves nothing, and follows re-exports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from unmix.engine import Engine
from unmix.errors import MigrationFileError, UnreadableSource, UsageError
from unmix.finding import Finding
from unmix.migration import Migration, Part, Split
from unmix.one_by_one import ForEach, Progress, nobody, one_by_one
from unmix.outline import Definition, ModuleOutline, Need
from unmix.reference import Kind, Reference, Relocation
from unmix.surveying import survey_files, unreadable
from unmix.workspace import Workspace

OpenEngines = Callable[[Migration], Sequence[Engine]]

# How many re-exports are followed, one of another.
_LONGEST_CHAIN = 5


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One place that uses a name. `kind` is that of a reference, or `use` for a name that was imported before.

    `flow` is async or plain, as the innermost function around it is, and empty outside of functions; `via` is the
    module it was taken from, where that is another one that re-exports it.
    """

    path: str
    line: int
    column: int
    kind: str
    scope: str
    flow: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class NameImpact:
    """One name of the module: what it is, whom it is for, who uses it in the module and outside.

    `reasons` say why it is public, or internal: exported, documented, used outside, `_name`.
    """

    name: str
    kind: str
    line: int
    public: bool
    reasons: tuple[str, ...]
    outside: tuple[Place, ...]
    inside: tuple[Place, ...]

    @property
    def unused(self) -> bool:
        """Nobody uses it, in the module or outside; to stand in an export list is no use."""
        return not self.outside and all(place.kind == Kind.EXPORT_LIST.value for place in self.inside)


@dataclass(frozen=True, slots=True)
class Impact:
    """All that hangs on one module.

    `whole` are the places that take the module as a whole; `findings` what cannot be followed from there, or cannot be
    read; `split` says that the module is a shim already, whose names live elsewhere.
    """

    module: str
    path: str
    outline: ModuleOutline
    names: tuple[NameImpact, ...]
    whole: tuple[Place, ...]
    findings: tuple[Finding, ...]
    surveyed: int
    split: bool
    smoke: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The files outside that use the module."""
        places = [*self.whole, *(place for name in self.names for place in name.outside)]
        return tuple(sorted({place.path for place in places}))


def measure_impact(
    module: str,
    settings: Migration,
    workspace: Workspace,
    open_engines: OpenEngines,
    progress: Progress = nobody,
    for_each: ForEach = one_by_one,
) -> Impact:
    """Give the impact of `module`; `for_each` is how questions are asked of many files.

    Raises UsageError when it is no module of this tree, UnreadableSource.
    """
    engine, relocation = find_module(module, settings, workspace, open_engines)
    module = relocation.module
    split = _stays(module)
    outline = engine.describe(relocation.path, workspace)
    survey = _Survey(workspace, progress, for_each)
    survey.ask(engine, (relocation,))
    survey.follow(settings, open_engines)
    names = _names(relocation, outline)
    return Impact(
        module=module,
        path=relocation.path,
        outline=outline,
        names=tuple(_impact_of(name, outline, relocation, survey) for name in names),
        whole=tuple(sorted(survey.places.pop("", ()))),
        findings=tuple(sorted(survey.findings)),
        surveyed=survey.surveyed,
        split=engine.is_split(split, workspace),
        smoke=settings.smoke,
    )


def find_module(
    module: str, settings: Migration, workspace: Workspace, open_engines: OpenEngines
) -> tuple[Engine, Relocation]:
    """Give the engine that reads `module`, and a relocation of it that moves nothing. Raises UsageError.

    A module may be named by its file, too.
    """
    if workspace.exists(module):
        readers = (engine for engine in open_engines(replace(settings, splits=(), replaces=())) if engine.reads(module))
        name = next((engine.describe(module, workspace).module for engine in readers), module)
    else:
        name = module
    split = _stays(name)
    migration = replace(settings, splits=(split,), replaces=())
    engine = next((engine for engine in open_engines(migration) if engine.owns(name)), None)
    if engine is None:
        raise UsageError(f"{module}: no engine of this version reads it; name a module as an import would")
    try:
        (relocation,) = engine.relocations((split,), workspace)
    except MigrationFileError as error:
        # There is no migration file that has this line.
        complaint = str(error).removeprefix(f"{migration.path}:{split.line}: ")
        raise UsageError(f"{module}: {complaint}") from error
    return engine, relocation


def _stays(module: str) -> Split:
    """Give the split of a module into itself: its references are those of any split, and its names stay."""
    return Split(module, (Part(module, (), True, 1, ()),), 1)


def _names(relocation: Relocation, outline: ModuleOutline) -> list[str]:
    own = [name for definition in outline.definitions for name in definition.names]
    own += [name for name, home in relocation.homes.items() if home.module in relocation.parts]
    # What it only imports is its own to a reader as soon as it exports it.
    own += list(outline.exported or ())
    kept = outline.imports.keys() - (outline.exported or {}).keys()
    return [name for name in dict.fromkeys(own) if name not in kept]


class _Survey:
    """The places found so far, by name; the empty name is the module itself."""

    def __init__(self, workspace: Workspace, progress: Progress, for_each: ForEach) -> None:
        self.workspace = workspace
        self.progress = progress
        self.for_each = for_each
        self.places: dict[str, set[Place]] = {}
        self.findings: set[Finding] = set()
        self.surveyed = 0
        self.outlines: dict[str, ModuleOutline | None] = {}
        # (module, name) that re-exports a name → that name, as the module in question calls it.
        self.exporters: dict[tuple[str, str], str] = {}

    def follow(self, settings: Migration, open_engines: OpenEngines) -> None:
        """Ask about the modules that re-export a name, too, and about those that re-export it from there."""
        asked: set[str] = set()
        for _ in range(_LONGEST_CHAIN):
            modules = sorted({module for module, _ in self.exporters} - asked)
            if not modules:
                return
            asked.update(modules)
            splits = tuple(_stays(module) for module in modules)
            for engine in open_engines(replace(settings, splits=splits, replaces=())):
                own = [split for split in splits if engine.owns(split.module)]
                if own:
                    self.ask(engine, engine.relocations(own, self.workspace), via=True)

    def ask(self, engine: Engine, relocations: Sequence[Relocation], *, via: bool = False) -> None:
        """Survey every file that can refer to one of the modules."""
        paths = [path for path in engine.candidates(relocations, self.workspace, by_name=False) if engine.reads(path)]
        self.surveyed += len(paths)
        own = {relocation.path for relocation in relocations}
        for path, survey in survey_files(engine, paths, relocations, self.workspace, self.progress, self.for_each):
            if isinstance(survey, UnreadableSource):
                if not via:
                    self.findings.add(unreadable(survey))
                continue
            if not via:
                self.findings.update(survey.findings)
            if path in own and not via:
                continue
            references = [r for r in survey.references if not via or (r.module, r.name) in self.exporters]
            if references:
                self.add(path, references, engine, via=via)

    def add(self, path: str, references: Sequence[Reference], engine: Engine, *, via: bool) -> None:
        """Add a file's references, and what it does with the names it has imported."""
        outline = self.outline(path, engine)
        taken: dict[str, str] = {}
        for reference in references:
            name = self.exporters[reference.module, reference.name] if via else reference.name
            source = reference.module if via else ""
            place = Place(
                path, reference.line, reference.column, reference.kind.value, reference.scope,
                _flow(reference.scope, outline), source,
            )  # fmt: skip
            self.places.setdefault(name, set()).add(place)
            if outline is None or not name or reference.kind not in (Kind.IMPORT, Kind.REEXPORT, Kind.TYPE_ONLY):
                continue
            for local, home in outline.imports.items():
                if (home.module, home.name) == (reference.module, reference.name):
                    taken[local] = name
                    if reference.kind is Kind.REEXPORT:
                        self.exporters[outline.module, local] = name
        if outline is not None:
            for local, place in _uses(outline, taken.keys()):
                self.places.setdefault(taken[local], set()).add(place)

    def outline(self, path: str, engine: Engine) -> ModuleOutline | None:
        """Give what a file holds; None for files that are no modules, such as documents."""
        if path not in self.outlines:
            try:
                self.outlines[path] = engine.describe(path, self.workspace)
            except UnreadableSource:
                self.outlines[path] = None
        return self.outlines[path]


def _uses(outline: ModuleOutline, names: Iterable[str]) -> Iterator[tuple[str, Place]]:
    """Give each place of a module that uses one of its own or imported `names`, and those in its export list."""
    wanted = set(names)
    for definition in outline.definitions:
        for need in definition.needs:
            if need.name in wanted:
                yield need.name, _place(need, outline)
    for name, line in (outline.exported or {}).items():
        if name in wanted:
            yield name, Place(outline.path, line, 1, Kind.EXPORT_LIST.value, "", "")


def _place(need: Need, outline: ModuleOutline) -> Place:
    kind = Kind.CALL.value if need.called else "use"
    return Place(outline.path, need.line, need.column, kind, need.scope, _flow(need.scope, outline))


def _flow(scope: str, outline: ModuleOutline | None) -> str:
    """Say whether code in `scope` runs in an async function or in a plain one."""
    if outline is None or not scope:
        return ""
    if scope in outline.asynchronous:
        return "async"
    return "plain" if scope in outline.functions else ""


def _impact_of(name: str, outline: ModuleOutline, relocation: Relocation, survey: _Survey) -> NameImpact:
    outside = tuple(sorted(survey.places.get(name, ())))
    inside = tuple(sorted({place for _, place in _uses(outline, (name,)) if place.scope.partition(".")[0] != name}))
    definition: Definition | None = next(iter(outline.homes.get(name, ())), None)
    public, reasons = _audience(name, outline.exported, outside, moved=relocation.exported)
    kind = definition.kind if definition is not None else "imported" if name in outline.imports else "elsewhere"
    return NameImpact(name, kind, definition.line if definition else 0, public, reasons, outside, inside)


def _audience(
    name: str, exported: Mapping[str, int] | None, outside: Sequence[Place], *, moved: Sequence[str] | None
) -> tuple[bool, tuple[str, ...]]:
    """Say whether a name is public, and why one may think so or not."""
    listed = exported if exported is not None else moved
    reasons = []
    if listed is not None:
        reasons.append("exported" if name in listed else "not in the export list")
    elif name.startswith("_"):
        reasons.append("its name begins with _")
    else:
        reasons.append("no export list, and its name does not begin with _")
    if any(place.kind == Kind.DOCUMENTATION.value for place in outside):
        reasons.append("documented")
    if outside:
        reasons.append("used outside")
    public = name in listed if listed is not None else not name.startswith("_")
    return public or "documented" in reasons, tuple(reasons)

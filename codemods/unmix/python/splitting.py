"""Split one module: its parts, its shim, the stub beside it, the settings that must know of the shim.

Takes a split and the tree, gives the files to write with what a person must know of them. Raises UnsafeSplit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from unmix.engine import NewFiles
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.migration import Split
from unmix.python.memory import Memory
from unmix.python.modules import ModuleFinder, ModuleName, is_python, resolve_relative
from unmix.python.relocating import home_of_import
from unmix.reference import Home
from unmix.workspace import SourceFile, Workspace
from unmix_shims.python import PythonShim, render_shim

if TYPE_CHECKING:
    from unmix.python.context import SourceModule
    from unmix.python.index import ModuleIndex
    from unmix.python.outline import Outline, Unit
    from unmix.python.partition import Partition


def split_module(memory: Memory, split: Split, workspace: Workspace) -> NewFiles:
    """Work out the parts and the shim of a module that find_mistakes() has found nothing wrong with."""
    from unmix.python.holders import held_names
    from unmix.python.import_order import with_imports_in_order
    from unmix.python.partitioning import partition_module
    from unmix.python.shipped_modules import ship_parts
    from unmix.python.split import OldModule, write_parts
    from unmix.python.stubs import split_stub
    from unmix.python.warning_filters import admit_shims

    finder = memory.finder(workspace)
    path = finder.path_of(split.module)
    assert path is not None, "mistakes() has looked"
    file = workspace.read(path)
    here = finder.name_of(path)
    outline = memory.outline(path, workspace)
    partition = partition_module(outline, split, _patched_names(memory, split.module, outline, workspace))
    texts = {
        finder.path_for(part, path): text
        for part, text in write_parts(outline, partition, OldModule(split.module, here.package)).items()
    }
    stars = _star_origins(memory, outline, here, workspace)
    held = {**_held_by_stars(partition, stars), **held_names(outline, partition)}
    homes = {}
    for name, parts in held.items():
        origin = home_of_import(outline, name, here.package) if name not in partition.homes else None
        homes[name] = str(origin or Home(stars[name][1] if name in stars else parts[0], name))
    homes |= {name: f"__future__.{name}" for name in _features(outline) & held.keys()}
    header = outline.text[slice(*outline.header)]
    shim = PythonShim(
        module=split.module,
        parts=partition.parts,
        moved={name: held[name] for name in _in_order(outline, held)},
        exported=outline.exported,
        homes={name: homes[name] for name in _in_order(outline, held)},
        functions=_functions(memory.module(path, workspace), partition.homes),
        typed=_typed_homes(outline, partition, here.package),
        rebound=frozenset(outline.rebound) & held.keys(),
        stars=_open_parts(outline, partition, here.package, memory.index(workspace)),
        main=partition.main,
        since=memory.migration.shim.since,
        remove_in=memory.migration.shim.remove_in,
        preamble="".join(line + "\n" for line in header.splitlines() if line.startswith("#")),
        docstring=outline.docstring,
        package=here.is_package,
    )
    texts[path] = render_shim(shim).replace("\n", outline.newline)
    files = {place: SourceFile(place, text, file.encoding, file.bom) for place, text in texts.items()}
    stub = path.removesuffix(".py") + ".pyi"
    if workspace.exists(stub):
        old = OldModule(split.module, here.package)
        typed = workspace.read(stub)
        functions = _functions(memory.module(stub, workspace), partition.homes)
        for module, text in split_stub(memory.outline(stub, workspace), split, partition.homes, functions, old).items():
            place = stub if module == split.module else finder.path_for(module, path) + "i"
            files[place] = SourceFile(place, text, typed.encoding, typed.bom)
    after = workspace.with_changes({place: new.encode(new.text) for place, new in files.items()})
    files = {
        place: new if place == path else with_imports_in_order(new, workspace, after) for place, new in files.items()
    }
    places = {part.module: finder.path_for(part.module, path) for part in split.parts}
    shipped = ship_parts(split.module, path, places, workspace)
    after = workspace.with_changes({place: new.encode(new.text) for place, new in shipped.items()})
    settings = {**shipped, **admit_shims((split.module,), after)}
    return NewFiles({**files, **settings}, _noted(outline, partition, split.module, path, finder))


def _star_origins(
    memory: Memory, outline: Outline, here: ModuleName, workspace: Workspace
) -> dict[str, tuple[int, str]]:
    """Give the names that a module has by star imports from this tree: the unit, and the module they come from."""
    index = memory.index(workspace)
    found: dict[str, tuple[int, str]] = {}
    for number in outline.star_units:
        for statement in outline.units[number].imports:
            module = resolve_relative(here.package, statement.level, statement.module)
            for name in sorted(index.star_names(module)) if statement.star and module else ():
                if name not in outline.names:
                    found[name] = number, index.origin(module or "", name)[0]
    return found


def _open_parts(outline: Outline, partition: Partition, package: str, index: ModuleIndex) -> tuple[str, ...]:
    """Give the parts with star imports that may bring names which no text of this tree shows."""
    from unmix.python.relocating import open_star_units

    opened = open_star_units(outline, package, index)
    return tuple(part for part in partition.parts if any((part, number) in partition.import_names for number in opened))


def _patched_names(memory: Memory, old: str, outline: Outline, workspace: Workspace) -> frozenset[str]:
    """Give the names of a module that others assign to or patch: its parts must look those up in one place."""
    from unmix.python.callsites import find_call_sites
    from unmix.python.constants import find_constants
    from unmix.python.hidden_modules import is_hidden
    from unmix.python.strings import find_strings
    from unmix.python.suspects import code_may_refer, may_patch

    found = set()
    aliases = memory.aliases((old,), workspace)
    paths = {alias.path: old for alias in aliases}
    users = {user for alias in aliases for user in alias.users}
    hidden = (old,) if is_hidden(old, memory.finder(workspace)) else ()
    leaves = {path.rpartition(".")[2] for path in (old, *paths)}
    for path in sorted({*workspace.containing((old.rpartition(".")[2],)), *users}):
        if not is_python(path):
            continue
        try:
            text = workspace.glance(path).text
            # Those that patch nothing are parsed when they are surveyed, which several processes may do.
            if not may_patch(text, outline.names, leaves) or (
                path not in users and not code_may_refer(text, (old,), ())
            ):
                continue
            module = memory.module_in_question(path, workspace)
        except UnreadableSource:
            continue
        sites = find_call_sites(module.tree, module.scopes, module.here, (old,), paths, hidden)
        for site in sites.uses:
            if site.writes or site.guessed:
                found |= {site.name, *site.others}
        for constant in find_constants(module.scopes, {old: old, **paths}):
            found |= {use.name for use in constant.uses if use.patches and not use.rest}
        for use in find_strings(module.scopes, (old,), paths):
            if use.patches and not use.rest:
                found |= {use.name, *use.asked} - {""}
    return frozenset(found)


def _held_by_stars(partition: Partition, stars: Mapping[str, tuple[int, str]]) -> dict[str, tuple[str, ...]]:
    """Give the names that parts have by star imports, with the parts."""
    held = {}
    for name, (number, _) in stars.items():
        parts = tuple(part for part in partition.parts if (part, number) in partition.import_names)
        if parts:
            held[name] = parts
    return held


def _in_order(outline: Outline, held: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Order names as the old module binds them, imports after its own definitions."""
    from unmix.python.outline import Role

    order: dict[str, None] = {}
    for wanted in (True, False):
        for unit in outline.units:
            if (unit.role is not Role.IMPORT) is wanted:
                order.update(dict.fromkeys(unit.binds))
    order.update(dict.fromkeys(held))
    return [name for name in order if name in held]


def _functions(module: SourceModule, homes: Mapping[str, str]) -> frozenset[str]:
    """Give the public names that are bound by `def` alone."""
    import libcst as cst

    bindings = module.scopes.module.bindings
    return frozenset(
        name
        for name in homes
        if not name.startswith("_")
        and name in bindings
        and all(isinstance(binding.node, cst.FunctionDef) for binding in bindings[name])
    )


def _features(outline: Outline) -> frozenset[str]:
    """Give the names that are bound by `from __future__ import …` alone."""
    from unmix.python.outline import Role

    features = {name for unit in outline.units if unit.role is Role.FUTURE for name in unit.binds}
    return frozenset(features - {n for unit in outline.units if unit.role is not Role.FUTURE for n in unit.binds})


def _typed_homes(outline: Outline, partition: Partition, package: str) -> dict[str, str]:
    """Say where the names are that only type checkers saw in the old module."""
    homes = {
        name: f"{partition.homes[name]}.{name}" for name in sorted(outline.for_types_only & partition.homes.keys())
    }
    for name, units in outline.imports.items():
        origin = home_of_import(outline, name, package) if all(outline.units[u].type_only for u in units) else None
        if origin is not None:
            homes[name] = str(origin)
    return homes


def _noted(outline: Outline, partition: Partition, old: str, path: str, finder: ModuleFinder) -> tuple[Finding, ...]:
    """Note what a part has otherwise: its own name and file, examples in docstrings and types that lack a name."""
    found = []
    places = {part: finder.path_for(part, path) for part in partition.parts}
    for unit in outline.units:
        for span, purpose in unit.name_uses:
            if purpose not in ("getLogger", "main"):
                line = outline.text.count("\n", 0, span[0]) + 1
                part = next(part for part in partition.parts if unit.index in partition.units[part])
                name = outline.text[slice(*span)]
                what = f'"{old}"' if name == "__name__" else f"the path of {path}"
                found.append(
                    Finding(
                        places[part],
                        1,
                        1,
                        "UNM010",
                        f"`{name}` (line {line} of {path}) was {what}, and is {part}'s now",
                        old,
                        part,
                        "write the value that is meant, where it matters",
                    )
                )
        for part in partition.parts:
            for name in _missing_in_examples(unit, part, partition):
                home = partition.homes[name]
                why = f"the examples of `{unit.label}` use `{name}` of {home}, which is not imported here"
                found.append(Finding(places[part], 1, 1, "UNM010", why, old, part, "import it in the examples"))
            for name in _unseen_types(outline, unit, part, partition):
                home = partition.homes[name]
                why = f"a field of `{unit.label}` has the type `{name}` of {home}, which only type checkers see here"
                hint = (
                    f"nothing, if nobody evaluates it, as pydantic does; else move `{unit.label}` and `{name}` together"
                )
                found.append(Finding(places[part], 1, 1, "UNM010", why, old, part, hint))
    return tuple(found)


def _unseen_types(outline: Outline, unit: Unit, part: str, partition: Partition) -> list[str]:
    """Give the types of a unit's fields that its part has for type checkers only, since the parts need each other."""
    from unmix.python.partition import Reach

    if unit.index not in partition.units[part]:
        return []
    unseen = {c.name for c in partition.crossings if c.part == part and c.reach is Reach.TYPING}
    return sorted({need.name for need in unit.needs if need.field} & unseen - outline.for_types_only)


def _missing_in_examples(unit: Unit, part: str, partition: Partition) -> list[str]:
    """Give the names that the examples of a unit use and that its part cannot have, or has only as `home.name`."""
    from unmix.python.partition import Reach

    if unit.index not in partition.units[part]:
        return []
    imported = {c.name for c in partition.crossings if c.part == part and c.reach is Reach.TOP and not c.late}
    names = unit.doctest_names & partition.homes.keys() - imported
    return sorted(name for name in names if partition.homes[name] != part)

"""Compare the migration file with the tree: modules that are not there, names that are not in them, parts that clash.

Takes the migration and a tree, gives Mistakes; changes nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from unmix.asked import names_left_out, patterns, unknown_names
from unmix.errors import BadPattern, UnreadableSource
from unmix.migration import Mistake, Split
from unmix.python.memory import Memory
from unmix.python.modules import ModuleFinder, is_dunder
from unmix.workspace import Workspace

if TYPE_CHECKING:
    from unmix.python.outline import Outline


def find_mistakes(memory: Memory, workspace: Workspace, is_split: Callable[[Split], bool]) -> tuple[Mistake, ...]:
    """List what in the migration file does not fit this tree; `is_split` says which splits were carried out."""
    finder = memory.finder(workspace)
    found: list[Mistake] = []
    for split in memory.own_splits():
        path = finder.path_of(split.module)
        if path is None:
            if not is_split(split):
                found.append(Mistake(split.line, explain_missing(split.module, finder)))
            continue
        if is_split(split):
            continue
        for part in split.parts:
            if (existing := finder.path_of(part.module)) is not None:
                message = f"part {part.module} exists already ({existing}); choose another name, or move it away"
                found.append(Mistake(part.line, message))
            found += _parent_mistakes(part.module, part.line, path, finder)
        outline = memory.outline(path, workspace)
        for part in split.parts:
            package, _, leaf = part.module.rpartition(".")
            hides = leaf in outline.names if package == split.module else _binds(package, leaf, finder)
            if hides:
                message = f"part {part.module} would hide the name `{leaf}` of {package}; choose another name"
                found.append(Mistake(part.line, message))
        found += _name_mistakes(split, outline)
    return tuple(sorted({*found, *_pattern_mistakes(memory, workspace)}))


def explain_missing(module: str, finder: ModuleFinder) -> str:
    """Say that a module is not in a tree, and which one may be meant."""
    known = {}
    for path in finder.workspace.paths:
        if path.endswith(".py"):
            known[finder.name_of(path).dotted] = path
    close = difflib.get_close_matches(module, known, 1, 0.6)
    if not close:
        leaf = module.rpartition(".")[2]
        close = [name for name in sorted(known) if name.rpartition(".")[2] == leaf][:1]
    remedy = f'; did you mean "{close[0]}"?' if close else "; name it as an import would, or say source_roots"
    return f"module {module} is not in this tree{remedy}"


def _name_mistakes(split: Split, outline: Outline) -> list[Mistake]:
    defined = (name for name in (*outline.definitions, *outline.rebound) if name not in outline.chosen)
    needed = (name for name in defined if not is_dunder(name))
    return [*unknown_names(split, outline.own_names, outline.imports), *names_left_out(split, tuple(needed))]


def _pattern_mistakes(memory: Memory, workspace: Workspace) -> list[Mistake]:
    replaces = patterns(memory.migration, of_scripts=False)
    if not replaces:
        return []
    from unmix.python.replace import read_replacement

    found = []
    finder = memory.finder(workspace)
    index = memory.index(workspace)
    planned = {part.module for split in memory.own_splits() for part in split.parts}
    for asked in replaces:
        try:
            replacement = read_replacement(asked.call, asked.with_, asked.line)
        except BadPattern as error:
            found.append(Mistake(asked.line, str(error)))
            continue
        for dotted in filter(None, (replacement.callee, replacement.new)):
            module, _, name = dotted.rpartition(".")
            if module not in planned and finder.path_of(module) is None:
                if finder.path_of(module.partition(".")[0]) is not None:
                    found.append(Mistake(asked.line, explain_missing(module, finder)))
            elif module not in planned and index.defines(module, name) is False:
                found.append(Mistake(asked.line, f"{module} has no name `{name}`"))
    return found


def _parent_mistakes(part: str, line: int, old_path: str, finder: ModuleFinder) -> list[Mistake]:
    package = part.rpartition(".")[0]
    if not package or not old_path.rpartition("/")[0]:
        return []
    path = finder.path_for(part, old_path)
    folder = path.rpartition("/")[0]
    if not finder.workspace.is_dir(folder):
        return [Mistake(line, f"part {part} would stand in {folder}/, which does not exist; create that package first")]
    return []


def _binds(package: str, name: str, finder: ModuleFinder) -> bool:
    """Say whether a package has a name of its own that a new module of that name would take the place of."""
    path = finder.path_of(package) if package else None
    if path is None:
        return False
    try:
        text = finder.workspace.read(path).text
    except UnreadableSource:
        return False
    if not re.search(rf"\b{re.escape(name)}\b|\bimport[ \t(]+\*", text):
        return False
    from unmix.python.index import ModuleIndex

    return ModuleIndex(finder).defines(package, name) is True

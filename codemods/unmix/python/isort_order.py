"""Write a block of imports as isort does: its own library does it.

Takes a source, a block of it and the project's settings, gives the block's lines in isort's order, or None when isort
refuses. isort sees no file of the project; what it would look up there is looked up in the workspace and told to it.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from unmix.python.import_blocks import Block, Source
from unmix.python.import_settings import ImportSettings
from unmix.python.isort_settings import make_isort_config
from unmix.workspace import Workspace


def order_by_isort(source: Source, block: Block, settings: ImportSettings) -> str | None:
    """Give the lines of a block as isort would write them; None when it would not."""
    import isort
    from isort.exceptions import ISortError

    text = "".join(source.lines[block.start : block.body_end])
    if not text.endswith("\n"):
        text += source.newline
    # isort takes the comment that a text begins with for one about the whole file.
    head = f"pass{source.newline}" * 3
    names = [name for node in block.nodes for name in _modules_of(node) if not name.startswith(".")]
    try:
        config = make_isort_config(settings.options)
        config = make_isort_config({**settings.options, **_placed(names, config, settings)})
        extension = "pyi" if settings.path.endswith(".pyi") else "py"
        result = isort.code(head + text, extension=extension, config=config)
    except (ISortError, ValueError, TypeError, LookupError):
        return None
    if not result.startswith(head):
        return None
    lines = result[len(head) :].splitlines(keepends=True)
    while lines and not lines[0].strip():
        del lines[0]
    return "".join(lines).rstrip() + source.newline


def _modules_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return ["." * node.level + (node.module or "")]


def _placed(names: Iterable[str], config: Any, settings: ImportSettings) -> dict[str, frozenset[str]]:
    """Give the settings that tell isort which modules it would find in the project's folders, and which not.

    Only those are named that no setting says anything of; a name stands for the modules below it, too.
    """
    import isort

    unknown = {name for name in names if isort.place_module_with_reason(name, config=config)[1].startswith("Default")}
    own = {name for name in unknown if any(_holds_module(name, root, settings.workspace) for root in settings.roots)}
    placed = {"known_first_party": config.known_first_party | own}
    if config.default_section == "THIRDPARTY":
        placed["known_third_party"] = config.known_third_party | (unknown - own)
    return placed


def _holds_module(name: str, root: str, workspace: Workspace) -> bool:
    top, _, rest = name.partition(".")
    path = root + top
    if rest and workspace.is_dir(path) and not workspace.exists(f"{path}/__init__.py"):
        files = _files_in(path, workspace)
        if not any(file.endswith((".py", ".pyi", ".pyx", ".pxd")) for file in files):
            return _holds_module(rest, path + "/", workspace)
    own = (root.rstrip("/") or workspace.root.name).rpartition("/")[2]
    return workspace.exists(path + ".py") or workspace.is_dir(path) or top == own


def _files_in(folder: str, workspace: Workspace) -> list[str]:
    paths = workspace.paths
    # "0" comes right after "/".
    inside = paths[bisect_left(paths, folder + "/") : bisect_left(paths, folder + "0")]
    return [path for path in inside if "/" not in path[len(folder) + 1 :]]

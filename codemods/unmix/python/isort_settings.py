"""Read what a project tells isort.

Takes a workspace and the path of a file, gives isort's nearest settings and the options among them that are about
blocks of imports, typed as isort wants them. It sorts nothing, does not know of ruff, and lets isort look nothing up.
"""

from __future__ import annotations

import configparser
from bisect import bisect_left
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from unmix.errors import UnreadableSource
from unmix.python.setting_files import as_list, expand_folders, find_table, folder_below, folders_above, read_toml
from unmix.workspace import Workspace

_ISORT_FILES = {
    ".isort.cfg": ("settings", "isort"),
    "pyproject.toml": (),
    "setup.cfg": ("isort", "tool:isort"),
    "tox.ini": ("isort", "tool:isort"),
}

# What is said of files rather than of blocks, or of where isort is to look.
_NOT_FOR_BLOCKS = frozenset(
    (
        *("add_imports", "append_only", "atomic", "conda_env", "directory", "extend_skip_glob", "filter_files"),
        *("float_to_top", "follow_links", "force_adds", "formatter", "line_ending", "lines_before_imports"),
        *("only_modified", "overwrite_in_place", "quiet", "remove_imports", "skip_gitignore", "sort_reexports"),
        *("color_output", "format_error", "format_success", "src_paths", "verbose", "virtual_env"),
        *("skip", "extend_skip", "skip_glob", "blocked_extensions", "supported_extensions", "source"),
    )
)

_BOOLEANS = {
    **dict.fromkeys(("y", "yes", "t", "on", "1", "true"), True),
    **dict.fromkeys(("n", "no", "f", "off", "0", "false"), False),
}


def find_isort_table(workspace: Workspace, path: str) -> tuple[str, dict[str, Any]] | None:
    """Give the nearest settings of isort, and the folder they are in."""
    for folder in folders_above(path):
        for name, sections in _ISORT_FILES.items():
            if not workspace.exists(folder + name):
                continue
            table: dict[str, Any] = {}
            if not sections:
                table = dict(find_table(read_toml(workspace, folder + name), "tool", "isort"))
            else:
                parser = configparser.ConfigParser(strict=False, interpolation=None)
                try:
                    parser.read_string(workspace.read(folder + name).text)
                except (configparser.Error, UnreadableSource):
                    continue
                for section in sections:
                    table |= dict(parser.items(section)) if parser.has_section(section) else {}
            if table:
                return folder, table
    return None


def read_isort_options(
    workspace: Workspace, path: str, folder: str, table: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """Read what isort is told of the blocks of a file, and the folders whose modules are first party.

    None when isort is to leave the file alone, or would not take the settings.
    """
    from isort import Config
    from isort.exceptions import ISortError
    from isort.profiles import profiles

    if _is_skipped_by_isort(table, path[len(folder) :]) or table.get("profile", "black") not in profiles:
        return None
    sample = Config(src_paths=(), directory="/", quiet=True)
    try:
        options = {
            key: _isort_value(key, value, getattr(sample, key, ""), workspace, folder)
            for key, value in table.items()
            if key not in _NOT_FOR_BLOCKS
        }
        make_isort_config(options)
    except (ISortError, ValueError, TypeError, LookupError):
        return None
    roots = [folder_below(folder, root) for root in as_list(table.get("src_paths", ("src", ".")))]
    return options, expand_folders(workspace, tuple(roots))


def make_isort_config(options: Mapping[str, Any]) -> Any:
    """Make a configuration of isort's from options and nothing else."""
    import isort

    # Nothing is left for isort to look up: neither a file of settings nor folders of modules.
    return isort.Config(**options, src_paths=(), directory="/", quiet=True)


def _is_skipped_by_isort(table: Mapping[str, Any], path: str) -> bool:
    names = {*as_list(table.get("skip", ())), *as_list(table.get("extend_skip", ()))}
    globs = [*as_list(table.get("skip_glob", ())), *as_list(table.get("extend_skip_glob", ()))]
    return (
        any(name in path.split("/") or path == name.removeprefix("./") for name in names)
        or any(path.startswith(name.strip("/") + "/") for name in names if name.strip("/"))
        or any(fnmatchcase(place, glob) for glob in globs for place in (path, "/" + path))
    )


def _isort_value(key: str, value: object, sample: object, workspace: Workspace, folder: str) -> object:
    """Give a setting the type that isort wants, as its own reader does."""
    from isort.wrap_modes import WrapModes, from_string

    if isinstance(sample, WrapModes):
        return from_string(str(value))
    if key.startswith("known_") or isinstance(sample, frozenset):
        names: list[str] = []
        for item in as_list(value):
            # A pattern that ends in a slash means the folders below it.
            names += _folders_in(folder_below(folder, item), workspace) if item.endswith("/") else [item]
        return frozenset(names)
    if isinstance(sample, tuple):
        return tuple(as_list(value))
    if isinstance(sample, bool):
        return value if isinstance(value, bool) else _BOOLEANS[str(value).lower()]
    if key == "force_grid_wrap" and not str(value).isdigit():
        return 0 if str(value).lower().strip() == "false" else 2
    if isinstance(sample, int):
        return int(str(value))
    return str(value).strip("'\"") if key == "comment_prefix" else str(value)


def _folders_in(folder: str, workspace: Workspace) -> list[str]:
    paths = workspace.paths
    inside = paths[bisect_left(paths, folder) : bisect_left(paths, folder[:-1] + "0")] if folder else paths
    return sorted({path[len(folder) :].partition("/")[0] for path in inside if "/" in path[len(folder) :]})

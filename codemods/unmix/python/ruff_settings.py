"""Read what a project tells ruff of the order of imports.

Takes a workspace and the path of a file, gives ruff's nearest settings, whether they have rule I001 checked in the
file, and the options of that rule. It sorts nothing and does not know of isort.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from unmix.python.setting_files import as_list, expand_folders, find_table, folder_below, folders_above, read_toml
from unmix.workspace import Workspace

_SELECTIONS = frozenset(("select", "extend-select", "ignore", "extend-ignore"))
_LINT = (*sorted(_SELECTIONS), "per-file-ignores", "extend-per-file-ignores", "isort", "exclude-lint")
_SECTIONS = ("future", "standard-library", "third-party", "first-party", "local-folder")


_RUFF_OPTIONS: Mapping[str, object] = {
    **dict.fromkeys(
        (
            *("combine_as_imports", "force_single_line", "force_sort_within_sections", "force_wrap_aliases"),
            *("case_sensitive", "from_first", "length_sort", "length_sort_straight", "no_sections"),
        ),
        False,
    ),
    **dict.fromkeys(("detect_same_package", "order_by_type", "split_on_trailing_comma"), True),
    **{
        key: list[str]()
        for key in (
            *("classes", "constants", "forced_separate", "force_to_top", "no_lines_before", "single_line_exclusions"),
            *("known_first_party", "known_third_party", "known_local_folder", "extra_standard_library", "variables"),
        )
    },
    "default_section": "third-party",
    "import_heading": {},
    "lines_after_imports": -1,
    "lines_between_types": 0,
    "relative_imports_order": "furthest-to-closest",
    "section_order": list(_SECTIONS),
    "sections": {},
}


def find_ruff_table(workspace: Workspace, path: str) -> tuple[str, dict[str, Any]] | None:
    """Give the nearest settings of ruff, with those they extend, and the folder they are in."""
    for folder in folders_above(path):
        for name in (".ruff.toml", "ruff.toml", "pyproject.toml"):
            if workspace.exists(folder + name):
                document = read_toml(workspace, folder + name)
                if name != "pyproject.toml" or "ruff" in find_table(document, "tool"):
                    return folder, _extended(workspace, folder + name, 0)
    return None


def says_select(table: Mapping[str, Any]) -> bool:
    """Say whether settings select I001 in so many words, not only because ruff does so by itself."""
    lint = find_table(table, "lint")
    return any(_specificity(lint.get(key, ())) is not None for key in ("select", "extend-select"))


def selects_order(table: Mapping[str, Any], folder: str, path: str) -> bool:
    """Say whether ruff checks the order of imports in a file: the more specific selector wins, `ignore` a draw."""
    lint = find_table(table, "lint")
    local = path[len(folder) :]
    excluded = [
        pattern
        for patterns in (table.get("exclude"), table.get("extend-exclude"), lint.get("exclude"))
        for pattern in as_list(patterns or ())
    ]
    places = [local, *(place.rstrip("/") for place in folders_above(local) if place)]
    if any(_fits(pattern, place) for pattern in excluded for place in places):
        return False
    for key in ("per-file-ignores", "extend-per-file-ignores"):
        for pattern, codes in find_table(lint, key).items():
            fits = _fits(pattern.removeprefix("!"), local) is not pattern.startswith("!")
            if fits and _specificity(codes) is not None:
                return False
    # Without a word about it, ruff selects I001 by itself.
    chosen = 0 if "select" not in lint else _specificity(lint["select"])
    more = _specificity(lint.get("extend-select", ()))
    chosen = more if chosen is None else max(chosen, -1 if more is None else more)
    ignored = _specificity([*as_list(lint.get("ignore", ())), *as_list(lint.get("extend-ignore", ()))])
    return chosen is not None and (ignored is None or chosen > ignored)


def read_ruff_options(
    workspace: Workspace, folder: str, table: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """Read what ruff is told of the order of imports, and the folders whose modules are first party.

    None when a setting is not of its type.
    """
    said = {key.replace("-", "_"): value for key, value in find_table(table, "lint", "isort").items()}
    options: dict[str, Any] = {}
    for key, default in _RUFF_OPTIONS.items():
        options[key] = said.get(key, default)
        if type(options[key]) is not type(default):
            return None
    own = [(pattern, section) for section, patterns in options["sections"].items() for pattern in patterns]
    options["known"] = tuple(own) + tuple(
        (pattern, section)
        for key, section in (
            ("known_first_party", "first-party"),
            ("known_third_party", "third-party"),
            ("known_local_folder", "local-folder"),
            ("extra_standard_library", "standard-library"),
        )
        for pattern in options[key]
    )
    if options["default_section"] not in options["section_order"]:
        options["section_order"] = [*options["section_order"], options["default_section"]]
    for key, default in (("line-length", 88), ("indent-width", 4)):
        value = table.get(key, table.get("tab-size", default) if key == "indent-width" else default)
        options[key.replace("-", "_")] = value if isinstance(value, int) else default
    options["minor"] = _python_version(workspace, folder, table)
    roots = [folder_below(folder, root) for root in as_list(table.get("src", [".", "src"]))]
    return options, expand_folders(workspace, tuple(roots))


def _extended(workspace: Workspace, path: str, depth: int) -> dict[str, Any]:
    """Read a file of ruff's settings over the one that it says it extends."""
    document = read_toml(workspace, path)
    own = dict(find_table(document, "tool", "ruff") if path.endswith("pyproject.toml") else document)
    # Until version 0.1 the settings of the linter stood among the others.
    lint = {key: own[key] for key in _LINT if key in own} | dict(find_table(own, "lint"))
    base = own.get("extend")
    if isinstance(base, str) and depth < 5:
        above = folder_below(path.rpartition("/")[0] + "/" if "/" in path else "", base).rstrip("/")
        if workspace.exists(above):
            extended = _extended(workspace, above, depth + 1)
            inherited = dict(find_table(extended, "lint"))
            if "select" in lint:
                inherited = {key: value for key, value in inherited.items() if key not in _SELECTIONS}
            for key in _SELECTIONS & inherited.keys() & lint.keys() - {"select"}:
                if isinstance(inherited[key], list) and isinstance(lint[key], list):
                    lint[key] = [*inherited[key], *lint[key]]
            lint = inherited | lint
            own = extended | own
    own["lint"] = lint
    return own


def _specificity(codes: object) -> int | None:
    """Give how closely selectors name I001: 0 for `ALL`, up to 4 for itself; None when they do not."""
    named = [0 if code == "ALL" else len(code) for code in as_list(codes) if code == "ALL" or _starts_order(code)]
    return max(named, default=None)


def _starts_order(code: str) -> bool:
    return bool(code) and ("I001".startswith(code) or code == "unsorted-imports")


def _fits(pattern: str, path: str) -> bool:
    """Say whether a pattern of ruff's matches a path from the folder of the settings, or the last name of it."""
    spellings = [pattern.removeprefix("./").rstrip("/")]
    while any("{" in spelling and "}" in spelling for spelling in spellings):
        opened = [re.fullmatch(r"(.*?)\{([^{}]*)\}(.*)", spelling, re.DOTALL) for spelling in spellings]
        if None in opened:
            break
        spellings = [f"{m[1]}{choice}{m[3]}" for m in opened if m is not None for choice in m[2].split(",")]
    spellings += [spelling.replace("**/", "") for spelling in spellings]
    return any(fnmatchcase(place, s) for s in spellings for place in (path, path.rpartition("/")[2]))


def _python_version(workspace: Workspace, folder: str, table: Mapping[str, Any]) -> int:
    """Give the minor version of the oldest Python 3 that the project is for, as far as ruff knows."""
    match = re.fullmatch(r"py3(\d+)", str(table.get("target-version", "")))
    if match is None and workspace.exists(folder + "pyproject.toml"):
        required = find_table(read_toml(workspace, folder + "pyproject.toml"), "project").get("requires-python", "")
        match = re.search(r"(?:>=|==|~=)\s*3\.(\d+)", str(required))
    return int(match[1]) if match else 10

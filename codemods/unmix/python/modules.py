"""Module names and file paths: which file a dotted name means, and what a relative import names.

Takes a workspace's paths, gives dotted names and back; opens no file but pyproject.toml, for the source roots it names.
"""

from __future__ import annotations

from dataclasses import dataclass

from unmix.python.setting_files import read_toml
from unmix.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ModuleName:
    """A file's dotted name, and whether it is a package's `__init__`."""

    dotted: str
    is_package: bool

    @property
    def package(self) -> str:
        """The package that relative imports in this file start from; empty for a top-level module."""
        return self.dotted if self.is_package else self.dotted.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class ModuleFinder:
    """Names and paths of one tree, given its source roots (each empty or ending in `/`, the longest first)."""

    roots: tuple[str, ...]
    workspace: Workspace

    def name_of(self, path: str) -> ModuleName:
        """Give the dotted name under which the file at `path` is imported (its best guess outside every root)."""
        root = next((root for root in self.roots if path.startswith(root)), "")
        stem = path[len(root) :].rpartition(".")[0]
        if stem == "__init__":
            return ModuleName("", True)
        if stem.endswith("/__init__"):
            return ModuleName(stem[: -len("/__init__")].replace("/", "."), True)
        return ModuleName(stem.replace("/", "."), False)

    def path_of(self, module: str) -> str | None:
        """Give the file that `module` is imported from, be it a package's `__init__.py`; None when it is not here."""
        stem = module.replace(".", "/")
        for root in self.roots:
            for ending in ("/__init__.py", ".py"):
                if self.workspace.exists(root + stem + ending):
                    return root + stem + ending
        return None

    def path_for(self, module: str, beside: str) -> str:
        """Give the path at which a new `module` is to be written, under the same root as the file `beside`."""
        root = next((root for root in self.roots if beside.startswith(root)), "")
        return root + module.replace(".", "/") + ".py"


def find_modules(workspace: Workspace, source_roots: tuple[str, ...] | None, wanted: tuple[str, ...]) -> ModuleFinder:
    """Find the source roots of a tree: as said, or src/, what pyproject.toml names, `.`, and where `wanted` stand.

    `wanted` are the dotted names of the old modules; in a tree of several projects their files say where roots are.
    """
    if source_roots is not None:
        roots = {_folder(root) for root in source_roots}
    else:
        roots = {"", *_roots_in_pyproject(workspace)}
        if workspace.is_dir("src"):
            roots.add("src/")
        finder = ModuleFinder(_longest_first(roots), workspace)
        for module in wanted:
            if finder.path_of(module) is None:
                roots |= _roots_that_hold(module, workspace)
    return ModuleFinder(_longest_first(roots), workspace)


def resolve_relative(package: str, level: int, module: str) -> str | None:
    """Give the absolute name that `from {dots}{module} import` means in `package`; None when it climbs too high."""
    if level == 0:
        return module
    pieces = package.split(".") if package else []
    if level - 1 > len(pieces):
        return None
    base = pieces[: len(pieces) - (level - 1)]
    return ".".join([*base, *([module] if module else [])])


def relative_to(package: str, level: int, module: str) -> str:
    """Write `module` as an import in `package` would, with at least `level` dots, absolute where dots cannot reach it.

    Level 0 gives the absolute name.
    """
    pieces = package.split(".") if package else []
    if level:
        for dots in range(level, len(pieces) + 1):
            base = ".".join(pieces[: len(pieces) - (dots - 1)])
            if module == base:
                return "." * dots
            if module.startswith(base + "."):
                return "." * dots + module[len(base) + 1 :]
    return module


def names_below(package: str, module: str) -> tuple[str, ...]:
    """Give the names of a module within a package, without a dot and with it; none where the package has it not.

    app.db.old in app   →   db.old, .db.old
    """
    below = module.removeprefix(f"{package}.")
    return (below, f".{below}") if package and below != module else ()


def _folder(root: str) -> str:
    cleaned = root.strip("/").removeprefix("./").strip("/")
    return "" if cleaned in ("", ".") else cleaned + "/"


def _longest_first(roots: set[str]) -> tuple[str, ...]:
    return tuple(sorted(roots, key=lambda root: (-len(root), root)))


def _roots_that_hold(module: str, workspace: Workspace) -> set[str]:
    """Give the folders below which `module` exists without standing in a package itself."""
    stem = module.replace(".", "/")
    found = set()
    for path in workspace.paths:
        for ending in (f"/{stem}.py", f"/{stem}/__init__.py"):
            if path.endswith(ending):
                root = path[: -len(ending) + 1]
                if not workspace.exists(root + "__init__.py"):
                    found.add(root)
    return found


def _roots_in_pyproject(workspace: Workspace) -> set[str]:
    """Read the source roots that build tools and pytest are told of."""
    tool = read_toml(workspace, "pyproject.toml").get("tool", {})
    said: list[object] = []
    match tool:
        case {"setuptools": {"packages": {"find": {"where": list(where)}}}}:
            said += where
    match tool:
        case {"setuptools": {"package-dir": {"": str(folder)}}}:
            said.append(folder)
    match tool:
        case {"hatch": {"build": {"targets": {"wheel": {"packages": list(packages)}}}}}:
            said += [package.rpartition("/")[0] for package in packages if isinstance(package, str)]
    match tool:
        case {"poetry": {"packages": list(packages)}}:
            said += [package.get("from", "") for package in packages if isinstance(package, dict)]
    match tool:
        case {"pytest": {"ini_options": {"pythonpath": list(folders)}} | {"pythonpath": list(folders)}}:
            said += folders
    match tool:
        case {"pytest": {"ini_options": {"pythonpath": str(listed)}}}:
            said += listed.split()
    return {_folder(root) for root in said if isinstance(root, str) and ".." not in root and not root.startswith("/")}


def is_dunder(name: str) -> bool:
    """Say whether a name is one of Python's own: `__all__`, `__getattr__`."""
    return name.startswith("__") and name.endswith("__")


def is_python(path: str) -> bool:
    """Say whether a file is Python by its name: a module, a stub or a script for Windows."""
    return path.endswith(_SUFFIXES)


_SUFFIXES = (".py", ".pyi", ".pyw")

"""Which file a specifier means, and how to write the specifier of another file in the same style.

Takes a workspace's paths and the settings that change what specifiers mean (tsconfig.json, jsconfig.json,
package.json), gives paths; opens no source file.

The rules are those of Node, TypeScript and the bundlers together, since one project often is read by all of them: a
specifier means a file if any of them would find it. Where they disagree, a file comes before a folder, and what runs
comes before what only declares.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from unmix.errors import UnreadableSource
from unmix.javascript.jsonc import read_jsonc
from unmix.workspace import Workspace

# What may be written for what is there: TypeScript lets `./a.js` mean `a.ts`.
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".jsx"),
    ".jsx": (".tsx", ".ts"),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
}
_WRITTEN_AS = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}
_APPENDED_IN_SCRIPT = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".json", ".vue", ".svelte")
_APPENDED_IN_TYPED = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue", ".svelte")
_DECLARATIONS = {".js": ".d.ts", ".jsx": ".d.ts", ".mjs": ".d.mts", ".cjs": ".d.cts", "": ".d.ts"}
_SUFFIXES = frozenset((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"))
# What is found without being written, by any of the tools.
_IMPLIED = frozenset((".js", ".jsx", ".ts", ".tsx"))
_SETTINGS = re.compile(r"[tj]sconfig(?:\.[\w.-]+)?\.json")
_READS_SCRIPTS = re.compile(r'"(?:allow|check)Js"\s*:\s*true')
_CHECKED = re.compile(r"^\s*//\s*@ts-check\b", re.MULTILINE)
_BUILT = frozenset(("dist", "lib", "build", "out", "esm", "cjs"))


@dataclass(frozen=True, slots=True)
class Alias:
    """A pattern of specifiers and the paths it stands for, both cut at their `*` (an exact one has no `star`)."""

    before: str
    after: str
    star: bool
    targets: tuple[tuple[str, str], ...]

    def match(self, specifier: str) -> str | None:
        """Give what the `*` stands for in `specifier`, "" for an exact alias; None when it does not match."""
        if not self.star:
            return "" if specifier == self.before else None
        long_enough = len(specifier) >= len(self.before) + len(self.after)
        if long_enough and specifier.startswith(self.before) and specifier.endswith(self.after):
            return specifier[len(self.before) : len(specifier) - len(self.after)]
        return None


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with a package.json: its `name`, `type` and the other fields that say what specifiers mean."""

    folder: str
    fields: Mapping[str, Any]

    @property
    def name(self) -> str:
        name = self.fields.get("name")
        return name if isinstance(name, str) else ""


@dataclass(slots=True)
class ModuleFinder:
    """Specifiers and paths of one tree."""

    workspace: Workspace
    _packages: dict[str, Package | None] = field(default_factory=dict)
    _aliases: dict[str, tuple[Alias, ...]] = field(default_factory=dict)
    _by_name: dict[str, tuple[Package, ...]] | None = None
    _resolved: dict[tuple[str, str, bool], str | None] = field(default_factory=dict)

    def resolve(self, specifier: str, here: str) -> str | None:
        """Give the file that `specifier` means in the file `here`; None when it is not a file of this tree."""
        # What follows `?` is for a bundler.
        bare = specifier.partition("?")[0]
        key = bare, posixpath.dirname(here), _is_typed(here)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(bare, here)
        return self._resolved[key]

    def exact_aliases(self, path: str) -> frozenset[str]:
        """Give the specifiers without a `*` that settings have for the file at `path`: they need not look like it."""
        found = set()
        for name, packages in self._named_packages().items():
            for package in packages:
                inside = posixpath.join(package.folder, "package.json")
                if path in (self.resolve(name, inside), self.resolve(name, path)):
                    found.add(name)
                for alias in _read_targets(package.fields.get("exports"), package.folder):
                    if not alias.star and self.resolve(name + alias.before[1:], inside) == path:
                        found.add(name + alias.before[1:])
        for settings in self.workspace.paths:
            if settings.rpartition("/")[2] in ("tsconfig.json", "jsconfig.json", "package.json"):
                for alias in self._aliases_for(settings):
                    if not alias.star and self.resolve(alias.before, settings) == path:
                        found.add(alias.before)
        return frozenset(found)

    def is_relative(self, specifier: str) -> bool:
        """Say whether a specifier names a file by its place."""
        return specifier in (".", "..") or specifier.startswith(("./", "../"))

    def is_package(self, specifier: str, here: str) -> bool:
        """Say whether a specifier begins with the name of a package of this tree."""
        return not self.is_relative(specifier) and self._package_named(_cut_name(specifier)[0], here) is not None

    def place_of(self, specifier: str, here: str) -> str | None:
        """Give the path that a relative specifier spells, be a file there or not; None outside the tree."""
        return _join(posixpath.dirname(here), specifier)

    def specifier_for(self, path: str, here: str, like: str) -> str | None:
        """Give the specifier that means the file `path` in the file `here`, in the style of `like`.

        None when there is none that reaches it: a package that does not export it.
        """
        if path == here:
            return None
        bare, question, query = like.partition("?")
        written = _written_suffix(bare)
        for candidate in self._candidates(path, here, bare, written):
            if self.resolve(candidate, here) == path:
                return candidate + question + query
        return None

    def package_of(self, path: str) -> Package | None:
        """Give the nearest package around a file; None when there is none."""
        for folder in _folders(path):
            package = self._package(folder)
            if package is not None:
                return package
        return None

    def declared(self, specifier: str, here: str) -> tuple[str, ...]:
        """Give the files that a package names for the types of a specifier, beside what runs; they may be missing."""
        if specifier.startswith("#"):
            package, subpath, field_name = self.package_of(here), specifier, "imports"
        else:
            name, inner = _cut_name(specifier)
            package, subpath, field_name = self._package_named(name, here), "./" + inner if inner else ".", "exports"
        if package is None:
            return ()
        found = []
        for alias in _read_targets(package.fields.get(field_name), package.folder, _type_leaves):
            star = alias.match(subpath)
            found += [] if star is None else [_tidy(before + star + after) for before, after in alias.targets]
        if subpath == ".":
            written = (package.fields.get(key) for key in ("types", "typings"))
            found += [_join(package.folder, path) for path in written if isinstance(path, str)]
        return tuple(path for path in found if path is not None)

    def targets(self, specifier: str, here: str) -> tuple[str | None, ...]:
        """Give the file for each condition of a package's `exports` that runs; None for one that is not in the tree."""
        name, inner = _cut_name(specifier)
        package = None if self.is_relative(specifier) else self._package_named(name, here)
        if package is None:
            return ()
        declared = self.declared(specifier, here)
        places = [place for place in self._exported(package, "./" + inner if inner else ".") if place not in declared]
        typed = _is_typed(here)
        return tuple(
            self._file(place, typed=typed, folder=False) or self._source_of(place, package, typed=typed)
            for place in places
        )

    def is_commonjs(self, path: str) -> bool | None:
        """Say whether Node takes the file for CommonJS by its name and its package; None when it looks at the text."""
        suffix = posixpath.splitext(path)[1]
        if suffix in (".mjs", ".mts"):
            return False
        if suffix in (".cjs", ".cts"):
            return True
        package = self.package_of(path)
        kind = package.fields.get("type") if package else None
        return False if kind == "module" else True if kind == "commonjs" else None

    def is_assembly(self, path: str) -> bool:
        """Say whether the file is AssemblyScript, whose names are those of another language."""
        for folder in _folders(path):
            config = self._json(posixpath.join(folder, "tsconfig.json"))
            if isinstance(config, dict):
                return any(written.startswith("assemblyscript/") for written in _texts(config.get("extends")))
        return False

    # -- from specifiers to files -----------------------------------------------------------------------------------

    def is_typed_script(self, path: str) -> bool:
        """Say whether TypeScript reads the comments of a script: its settings above the file let it read JavaScript."""
        if _is_typed(path):
            return False
        if _CHECKED.search(self.workspace.read(path).text):
            return True
        above = {*_folders(path)}
        for settings in self.workspace.paths:
            folder, name = posixpath.split(settings)
            if folder not in above or not _SETTINGS.fullmatch(name):
                continue
            if name.startswith("js") or _READS_SCRIPTS.search(self.workspace.read(settings).text):
                return True
        return False

    def _resolve(self, specifier: str, here: str) -> str | None:
        typed = _is_typed(here)
        if self.is_relative(specifier):
            return self._file(self.place_of(specifier, here), typed=typed, folder=_only_folder(specifier))
        if not specifier or ":" in specifier.split("/")[0]:
            return None
        for alias in self._aliases_for(here):
            star = alias.match(specifier)
            if star is not None:
                for before, after in alias.targets:
                    found = self._file(_tidy(before + star + after), typed=typed, folder=False)
                    if found is not None:
                        return found
        if specifier.startswith("/"):
            return self._file(_tidy(specifier[1:]), typed=typed, folder=False)
        return self._of_package(specifier, here, typed=typed)

    def _file(self, base: str | None, *, typed: bool, folder: bool) -> str | None:
        """Give the file for a path as written: itself, with another suffix, or what stands for the folder."""
        if base is None:
            return None
        exists = self.workspace.exists
        if not folder and base:
            stem, suffix = posixpath.splitext(base)
            others = [stem + other for other in _WRITTEN_FOR.get(suffix, ())]
            direct = [*others, base] if typed else [base, *others]
            appended = [base + other for other in (_APPENDED_IN_TYPED if typed else _APPENDED_IN_SCRIPT)]
            declared = [stem + _DECLARATIONS[suffix]] if suffix in _WRITTEN_FOR else []
            for path in (*direct, *appended, *declared, base + ".d.ts"):
                if exists(path):
                    return path
        if not self.workspace.is_dir(base):
            return None
        package = self._package(base)
        if package is not None:
            for key in ("module", "main", "types"):
                main = package.fields.get(key)
                place = _join(base, main) if isinstance(main, str) else None
                if place is not None and place != base:
                    found = self._file(place, typed=typed, folder=False)
                    if found is not None:
                        return found
        index = posixpath.join(base, "index")
        for suffix in (*(_APPENDED_IN_TYPED if typed else _APPENDED_IN_SCRIPT), ".d.ts"):
            if exists(index + suffix):
                return index + suffix
        return None

    def _of_package(self, specifier: str, here: str, *, typed: bool) -> str | None:
        """Resolve `name/inner/path` of a package of this tree."""
        name, inner = _cut_name(specifier)
        package = self._package_named(name, here)
        if package is None:
            return None
        place: str | None
        for place in self._exported(package, "./" + inner if inner else "."):
            found = self._file(place, typed=typed, folder=False) or self._source_of(place, package, typed=typed)
            if found is not None:
                return found
        if "exports" in package.fields and inner:
            return None
        place = _join(package.folder, inner)
        found = self._file(place, typed=typed, folder=not inner)
        return found or (self._file(_join(package.folder, "src"), typed=typed, folder=True) if not inner else None)

    def _exported(self, package: Package, subpath: str) -> Iterator[str]:
        for alias in _read_targets(package.fields.get("exports"), package.folder):
            star = alias.match(subpath)
            if star is not None:
                for before, after in alias.targets:
                    yield _tidy(before + star + after) or ""

    def _source_of(self, place: str, package: Package, *, typed: bool) -> str | None:
        """Give the source of a file that is built and therefore not in the tree: `dist/a.js` → `src/a.ts`."""
        inner = place[len(package.folder) :].lstrip("/").split("/")
        while inner and inner[0] in _BUILT:
            inner = inner[1:]
            found = self._file(_join(package.folder, "/".join(["src", *inner])), typed=typed, folder=False)
            if found is not None:
                return found
        return None

    # -- settings ---------------------------------------------------------------------------------------------------

    def _package(self, folder: str) -> Package | None:
        if folder not in self._packages:
            fields = self._json(posixpath.join(folder, "package.json"))
            self._packages[folder] = Package(folder, fields) if isinstance(fields, dict) else None
        return self._packages[folder]

    def _named_packages(self) -> dict[str, tuple[Package, ...]]:
        if self._by_name is None:
            found: dict[str, list[Package]] = {}
            for path in self.workspace.paths:
                if path == "package.json" or path.endswith("/package.json"):
                    package = self._package(posixpath.dirname(path))
                    if package is not None and package.name:
                        found.setdefault(package.name, []).append(package)
            self._by_name = {name: tuple(packages) for name, packages in found.items()}
        return self._by_name

    def _package_named(self, name: str, here: str) -> Package | None:
        """Give the package of this tree that `name` means in the file `here`: of several the nearest."""
        packages = [package for package in self._named_packages().get(name, ()) if _is_in_reach(package, here)]
        if len(packages) > 1:
            packages.sort(key=lambda each: (-len(posixpath.commonpath(("/" + each.folder, "/" + here))), each.folder))
        return packages[0] if packages and not self._is_from_elsewhere(packages[0], here) else None

    def _is_from_elsewhere(self, package: Package, here: str) -> bool:
        """Say whether the file's own package asks for another major version than the one in this tree."""
        for folder in _folders(here):
            own = self._package(folder)
            asked = None if own is None or own is package else _asked_version(own, package.name)
            if asked is not None:
                numbers = re.findall(r"(?:^|\|\|)\s*[~^=v]*(\d+)(?:\.\d+)*(?:-[\w.]+)?\s*(?=$|\|\|)", asked)
                have = re.match(r"[1-9]\d*(?=\.)", str(package.fields.get("version", "")))
                return bool(numbers) and have is not None and have[0] not in numbers
        return False

    def _json(self, path: str) -> Any:
        if not self.workspace.exists(path):
            return None
        try:
            return read_jsonc(self.workspace.read(path).text)
        except UnreadableSource:
            return None

    def _aliases_for(self, here: str) -> tuple[Alias, ...]:
        folder = posixpath.dirname(here)
        if folder not in self._aliases:
            found: list[Alias] = []
            for above in _folders(here):
                for name in ("tsconfig.json", "jsconfig.json"):
                    path = posixpath.join(above, name)
                    if self.workspace.exists(path):
                        found += self._configured(path, set())
                package = self._package(above)
                if package is not None:
                    found += _read_targets(package.fields.get("imports"), above)
                    # What most bundlers are told to do where no tsconfig says it.
                    for sign in ("@/", "~/"):
                        sources = ((posixpath.join(above, "src", ""), ""), (posixpath.join(above, ""), ""))
                        found.append(Alias(sign, "", True, sources))
            self._aliases[folder] = tuple(found)
        return self._aliases[folder]

    def _configured(self, path: str, seen: set[str]) -> list[Alias]:
        """Give the aliases of a tsconfig.json, of what it extends and of what it refers to."""
        if path in seen:
            return []
        seen.add(path)
        config = self._json(path)
        if not isinstance(config, dict):
            return []
        options = config.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        folder = posixpath.dirname(path)
        base_url = options.get("baseUrl")
        base = _join(folder, base_url) if isinstance(base_url, str) else folder
        found: list[Alias] = []
        paths = options.get("paths")
        if isinstance(paths, dict):
            # TypeScript takes the pattern with the longest beginning.
            for pattern in sorted(paths, key=lambda key: (-len(key.partition("*")[0]), key)):
                targets = [target for target in _texts(paths[pattern]) if base is not None]
                found.append(_alias(pattern, [posixpath.join(base or "", target) for target in targets]))
        if isinstance(base_url, str) and base is not None:
            found.append(Alias("", "", True, ((posixpath.join(base, ""), ""),)))
        extended = _texts(config.get("extends"))
        references = config.get("references")
        for reference in references if isinstance(references, list) else []:
            if isinstance(reference, dict):
                extended += _texts(reference.get("path"))
        for other in extended:
            place = self._config_at(other, path)
            if place is not None:
                found += self._configured(place, seen)
        return found

    def _config_at(self, written: str, here: str) -> str | None:
        place: str | None
        if self.is_relative(written) or written.startswith("/"):
            place = _join(posixpath.dirname(here), written)
        else:
            name, inner = _cut_name(written)
            package = self._package_named(name, here)
            place = _join(package.folder, inner) if package else None
        if place is None:
            return None
        for path in (place, place + ".json", posixpath.join(place, "tsconfig.json")):
            if self.workspace.exists(path):
                return path
        return None

    # -- from files to specifiers -----------------------------------------------------------------------------------

    def _candidates(self, path: str, here: str, like: str, suffix: str) -> Iterator[str]:
        relative = posixpath.relpath(path, posixpath.dirname(here) or ".")
        relative = relative if relative.startswith("../") else "./" + relative
        if self.is_relative(like):
            yield from _spelled(relative, suffix)
            return
        for alias in self._aliases_for(here):
            if self._is_style_of(alias, like, here):
                for before, after in alias.targets:
                    start = _start(before)
                    if not path.startswith(start):
                        continue
                    for spelled in _spelled(path[len(start) :], suffix):
                        if not after or spelled.endswith(after):
                            yield alias.before + spelled[: len(spelled) - len(after)] + alias.after
        if like.startswith("/"):
            yield from _spelled("/" + path, suffix)
        package = self._package_named(_cut_name(like)[0], here)
        if package is not None and package is not self.package_of(here):
            # Somebody else's package is reached by what it exports, or not at all.
            yield from self._through_exports(path, package, suffix)
            yield from self._through_dependency(path, here)
            return
        if package is not None:
            yield from self._through_exports(path, package, suffix)
        yield from _spelled(relative, suffix or self._usual_suffix(here))

    def _is_style_of(self, alias: Alias, like: str, here: str) -> bool:
        """Say whether other files are named by `alias` where `like` names one.

        `@core/*` is for `@core/a`, and for `@core` alone. A `baseUrl` matches all, and is for what it leads to:
        compilers know it, and what runs the code may not.
        """
        if not alias.star or alias.match(like) is None:
            return alias.star and alias.before == like + "/"
        found = self.resolve(like, here) if not alias.before else None
        return found is None or any(
            self._file(_tidy(before + like + after), typed=_is_typed(here), folder=False) == found
            for before, after in alias.targets
        )

    def _usual_suffix(self, here: str) -> str:
        """Give the suffix to write where nothing shows the style: Node needs one, compilers of CommonJS dislike it."""
        return "" if _is_typed(here) and self.is_commonjs(here) is not False else ".js"

    def _through_dependency(self, path: str, here: str) -> Iterator[str]:
        """The main module of another package, where the package around `here` depends on that."""
        home, own = self.package_of(path), self.package_of(here)
        if home is None or own is None or not home.name:
            return
        if _asked_version(own, home.name) is not None:
            yield home.name

    def _through_exports(self, path: str, package: Package, suffix: str) -> Iterator[str]:
        inner = path[len(package.folder) :].lstrip("/") if path.startswith(package.folder) else None
        if inner is None:
            return
        if "exports" not in package.fields:
            yield from _spelled(posixpath.join(package.name, inner), suffix)
            return
        for alias in _read_targets(package.fields["exports"], package.folder):
            for before, after in alias.targets:
                stem, last = posixpath.splitext(path)
                for spelled in (path, stem + _WRITTEN_AS.get(last, last), stem):
                    start = _start(before)
                    if not alias.star and spelled == _tidy(before):
                        yield package.name + alias.before[1:]
                    elif alias.star and spelled.startswith(start) and spelled.endswith(after):
                        star = spelled[len(start) : len(spelled) - len(after)]
                        yield package.name + alias.before[1:] + star + alias.after


def declaration_of(path: str) -> str | None:
    """Give the path of the declarations beside a script; None for TypeScript, which needs none."""
    stem, suffix = posixpath.splitext(path)
    return stem + _DECLARATIONS[suffix] if suffix and suffix in _DECLARATIONS else None


def stem_of(path: str) -> str:
    """Give what every mention of a module has in it: its file's name without suffix, its folder's for an index.

    A module at `index.js` of the root has no such name: "".
    """
    stem = posixpath.splitext(posixpath.basename(path))[0].removesuffix(".d")
    if stem == "index":
        return posixpath.basename(posixpath.dirname(path))
    return stem


def _spelled(path: str, suffix: str) -> Iterator[str]:
    """Give the ways to write `path`, the best first: without its suffix if none was written, else with one."""
    stem, last = posixpath.splitext(path)
    if last not in _SUFFIXES:
        yield path
        return
    if not suffix and last in _IMPLIED:
        yield stem
    if suffix in _WRITTEN_AS and last in _WRITTEN_AS:
        yield path
    elif suffix:
        yield stem + _WRITTEN_AS.get(last, last)
    yield path
    yield stem


def _written_suffix(specifier: str) -> str:
    suffix = posixpath.splitext(specifier)[1]
    return suffix if suffix in _SUFFIXES else ""


def _is_typed(path: str) -> bool:
    return path.endswith((".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".astro"))


def _only_folder(specifier: str) -> bool:
    return specifier.endswith("/") or specifier.rpartition("/")[2] in (".", "..")


def _folders(path: str) -> Iterator[str]:
    """Give the folders around a path, the nearest first, the root as ""."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _cut_name(specifier: str) -> tuple[str, str]:
    """Cut a specifier into the name of a package and what follows: `@a/b/c/d` → `@a/b`, `c/d`."""
    parts = specifier.split("/")
    length = 2 if specifier.startswith("@") else 1
    return "/".join(parts[:length]), "/".join(parts[length:])


def _is_in_reach(package: Package, here: str) -> bool:
    """Say whether a file finds a package: one in `node_modules` is only there for the files around that folder."""
    around, inside, _ = ("/" + package.folder).rpartition("/node_modules/")
    return not inside or ("/" + here).startswith(around + "/")


def _asked_version(package: Package, name: str) -> str | None:
    """Give the version of a dependency that a package asks for; None when it asks for none."""
    for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        asked = package.fields.get(key)
        if isinstance(asked, dict) and name in asked:
            return str(asked[name])
    return None


def _join(folder: str, written: str) -> str | None:
    return _tidy(posixpath.join(folder, written))


def _tidy(path: str) -> str | None:
    """Give a path without dots; None when it leaves the tree."""
    path = posixpath.normpath(path.lstrip("/")) if path.strip("/") else ""
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def _start(before: str) -> str:
    """Give what paths begin with that an alias stands for."""
    place = _tidy(before) or ""
    return place + "/" if place and before.endswith("/") else place


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _alias(pattern: str, targets: list[str]) -> Alias:
    before, star, after = pattern.partition("*")
    cut = [(head, tail) for head, _, tail in (target.partition("*") for target in targets)]
    return Alias(before, after, bool(star), tuple(cut))


def _read_targets(value: object, folder: str, leaves: Callable[[object], Iterator[str]] | None = None) -> list[Alias]:
    """Read `imports` or `exports` of a package.json: every pattern with all that its conditions may lead to."""
    if value is None:
        return []
    table = value if isinstance(value, dict) and all(key.startswith((".", "#")) for key in value) else {".": value}
    return [
        _alias(pattern, [posixpath.join(folder, each) for each in (leaves or _leaves)(target) if each.startswith("./")])
        for pattern, target in sorted(table.items(), key=lambda item: -len(item[0].partition("*")[0]))
    ]


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        # What only declares comes last.
        for condition in sorted(value, key=lambda key: key == "types"):
            yield from _leaves(value[condition])


def _type_leaves(value: object) -> Iterator[str]:
    """Give the targets that stand under a condition for types."""
    for item in value if isinstance(value, list) else ():
        yield from _type_leaves(item)
    for condition, target in value.items() if isinstance(value, dict) else ():
        yield from _leaves(target) if condition.partition("@")[0] == "types" else _type_leaves(target)

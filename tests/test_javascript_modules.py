"""Which file a specifier means, and back: the rules of Node, TypeScript and bundlers on trees in memory."""

from __future__ import annotations

import json

import pytest

from unmix.javascript.modules import ModuleFinder
from unmix.workspace import memory_workspace


def finder(*paths: str, **settings: object) -> ModuleFinder:
    files = dict.fromkeys(paths, b"")
    for name, value in settings.items():
        path = name.replace("__", "/") + ".json"
        files[path] = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return ModuleFinder(memory_workspace(files))


@pytest.mark.parametrize(
    ("files", "here", "specifier", "path"),
    [
        (["src/db.js", "src/db/index.js"], "src/a.js", "./db", "src/db.js"),  # a file comes before a folder
        (["src/db.js", "src/db/index.js"], "src/a.js", "./db/", "src/db/index.js"),
        (["src/db/index.js", "src/db/a.js"], "src/db/a.js", ".", "src/db/index.js"),
        (["src/db/index.ts", "src/db/x/a.ts"], "src/db/x/a.ts", "..", "src/db/index.ts"),
        (["src/db.ts"], "src/a.ts", "./db.js", "src/db.ts"),
        (["src/db.tsx"], "src/a.ts", "./db.js", "src/db.tsx"),
        (["src/db.mts"], "src/a.ts", "./db.mjs", "src/db.mts"),
        (["src/db.ts", "src/db.js"], "src/a.ts", "./db", "src/db.ts"),
        (["src/db.ts", "src/db.js"], "src/a.js", "./db", "src/db.js"),
        (["src/db.d.ts", "src/db.js"], "src/a.ts", "./db.js", "src/db.js"),  # what runs comes first
        (["src/db.js"], "src/a.js", "./db.js?raw", "src/db.js"),
        (["src/db.test.js"], "src/a.js", "./db.test", "src/db.test.js"),
        (["src/db.js"], "src/a.js", "db", None),
        (["db.js"], "a.js", "../db.js", None),
        (["src/db.js"], "src/a.js", "node:db", None),
    ],
)
def test_specifier_means_file(files: list[str], here: str, specifier: str, path: str | None) -> None:
    assert finder(*files).resolve(specifier, here) == path


PATHS = {"compilerOptions": {"baseUrl": ".", "paths": {"@app/*": ["src/*"], "@db": ["src/db/index.ts"]}}}


@pytest.mark.parametrize("specifier", ["@app/db/old", "src/db/old", "@app/db/old.js", "./old"])
def test_paths_of_tsconfig(specifier: str) -> None:
    tree = finder("src/db/old.ts", "src/db/index.ts", "src/db/part.ts", tsconfig=PATHS)
    assert tree.resolve(specifier, "src/db/a.ts") == "src/db/old.ts"
    assert tree.specifier_for("src/db/part.ts", "src/db/a.ts", specifier) == specifier.replace("old", "part")


@pytest.mark.parametrize(
    ("paths", "specifier"),
    [
        ({"@db": ["src/db/index.ts"]}, "../src/db/part"),  # `src/db/part`, by baseUrl, is for compilers alone
        ({"@db": ["src/db/index.ts"], "@db/*": ["src/db/*"]}, "@db/part"),
        ({"@db": ["src/db/index.ts"], "@*": ["src/*"]}, "@db/part"),
    ],
)
def test_the_alias_of_an_index_alone(paths: dict[str, list[str]], specifier: str) -> None:
    settings = {"compilerOptions": {"baseUrl": ".", "paths": paths}}
    tree = finder("src/db/index.ts", "src/db/part.ts", tsconfig=settings)
    assert tree.resolve("@db", "app/a.ts") == "src/db/index.ts"
    assert tree.specifier_for("src/db/part.ts", "app/a.ts", "@db") == specifier


def test_paths_are_inherited_and_comments_are_no_obstacle() -> None:
    tree = finder(
        "packages/a/src/old.ts",
        "packages/a/src/x/use.ts",
        packages__a__tsconfig='{ // ours\n "extends": "../../tsconfig.base.json", /* and */ "files": ["src/**/*"], }',
        **{"tsconfig.base": {"compilerOptions": {"paths": {"#a/*": ["./packages/a/src/*"]}}}},
    )
    assert tree.resolve("#a/old", "packages/a/src/x/use.ts") == "packages/a/src/old.ts"


def test_imports_of_package_json() -> None:
    package = {"imports": {"#db/*": {"types": "./types/*.d.ts", "default": "./src/db/*"}, "#one": "./src/db/old.js"}}
    tree = finder("src/db/old.js", "src/db/part.js", "src/a.js", package=package)
    assert tree.resolve("#db/old.js", "src/a.js") == "src/db/old.js"
    assert tree.resolve("#one", "src/a.js") == "src/db/old.js"
    assert tree.specifier_for("src/db/part.js", "src/a.js", "#db/old.js") == "#db/part.js"
    assert tree.specifier_for("src/db/part.js", "src/a.js", "#one") == "./db/part.js"


def test_packages_of_a_workspace() -> None:
    tree = finder(
        "packages/core/src/old.ts",
        "packages/core/src/part.ts",
        "packages/core/src/index.ts",
        "packages/app/a.ts",
        packages__core__package={
            "name": "@org/core",
            "exports": {".": "./dist/index.js", "./old": "./src/old.ts", "./x/*": "./src/*.ts"},
        },
        packages__app__package={"name": "app"},
    )
    assert tree.resolve("@org/core", "packages/app/a.ts") == "packages/core/src/index.ts"  # dist is built from it
    assert tree.resolve("@org/core/old", "packages/app/a.ts") == "packages/core/src/old.ts"
    assert tree.resolve("@org/core/x/old", "packages/app/a.ts") == "packages/core/src/old.ts"
    assert tree.resolve("@org/core/src/old", "packages/app/a.ts") is None  # not exported
    assert tree.specifier_for("packages/core/src/part.ts", "packages/app/a.ts", "@org/core/old") == "@org/core/x/part"


def test_a_part_that_its_package_does_not_export_cannot_be_reached() -> None:
    tree = finder(
        "packages/core/old.js",
        "packages/core/part.js",
        "packages/app/a.js",
        packages__core__package={"name": "core", "exports": {"./old": "./old.js"}},
    )
    assert tree.specifier_for("packages/core/part.js", "packages/app/a.js", "core/old") is None


@pytest.mark.parametrize(
    ("part", "here", "like", "written"),
    [
        ("src/part.js", "src/a.js", "./old.js", "./part.js"),
        ("src/part.js", "src/a.js", "./old", "./part"),
        ("src/part.js", "a.js", "./src/old", "./src/part"),
        ("src/x/part.js", "src/y/a.js", "../old", "../x/part"),
        ("src/part.ts", "src/a.ts", "./old.js", "./part.js"),
        ("src/part.ts", "src/a.ts", "./old.ts", "./part.ts"),
        ("src/part.ts", "src/a.ts", "./old", "./part"),
        ("src/part.cjs", "src/a.cjs", "./old", "./part.cjs"),  # nobody appends .cjs
        ("src/part.js", "src/db/a.js", "..", "../part"),
        ("src/part.js", "src/a.js", "./old.js?raw", "./part.js?raw"),
    ],
)
def test_specifier_in_the_style_of_the_old_one(part: str, here: str, like: str, written: str) -> None:
    assert finder(part, here).specifier_for(part, here, like) == written


@pytest.mark.parametrize(
    ("path", "package", "answer"),
    [("a.mjs", {}, False), ("a.cts", {}, True), ("a.js", {}, None), ("a.js", {"type": "module"}, False)],
)
def test_what_node_takes_a_file_for(path: str, package: object, answer: bool | None) -> None:
    assert finder(path, package=package).is_commonjs(path) is answer


def test_a_package_in_node_modules_is_there_for_the_files_around_it_alone() -> None:
    tree = finder(
        "a/node_modules/lib/index.js",
        "b/use.js",
        "a/use.js",
        a__node_modules__lib__package={"name": "lib", "main": "index.js"},
    )
    assert tree.resolve("lib", "a/use.js") == "a/node_modules/lib/index.js"
    assert tree.resolve("lib", "b/use.js") is None


def test_of_packages_with_one_name_the_nearest_is_meant() -> None:
    tree = finder(
        "packages/lib/index.js",
        "fixtures/app/lib/index.js",
        packages__lib__package={"name": "lib"},
        fixtures__app__lib__package={"name": "lib"},
    )
    assert tree.resolve("lib", "packages/other/use.js") == "packages/lib/index.js"
    assert tree.resolve("lib", "fixtures/app/src/use.js") == "fixtures/app/lib/index.js"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        *(("^7.5.1", False), ("7.8.1", False), ("^6 || ^7", False), ("~7.1", False)),
        *(("^9.0.0", True), ("^7 || ^9", True), (">=7", True), ("workspace:*", True), ("*", True), ("latest", True)),
    ],
)
def test_another_major_version_of_a_package_is_another_package(asked: str, found: bool) -> None:
    tree = finder(
        "packages/lib/index.js",
        packages__lib__package={"name": "lib", "version": "9.0.0-beta.0"},
        app__package={"name": "app", "dependencies": {"lib": asked}},
    )
    assert (tree.resolve("lib", "app/src/use.js") is not None) == found

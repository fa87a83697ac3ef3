"""Names that nothing defines: what `check` says of a script, and what it must not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from unmix.check import check_tree
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.plan import make_plan
from unmix.workspace import memory_workspace

SPLIT = Split("src/old.ts", (Part("src/alpha.ts", ("first",), False, 1, ()), Part("src/beta.ts", (), True, 1, ())), 1)
MODULE = {"src/old.ts": "export const first = 1\nexport const second = 2\n"}


def check(files: dict[str, str]) -> list[str]:
    """Migrate a tree and give what `check` says afterwards, as `path: code`."""
    migration = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), (), ShimSettings(), (), ())
    workspace = memory_workspace({name: text.encode("latin-1") for name, text in {**MODULE, **files}.items()})
    plan = make_plan(migration, workspace, (JavaScriptEngine(migration),))
    after = workspace.with_changes({change.path: change.after for change in plan.changes})
    return [f"{each.path}: {each.code}" for each in check_tree(migration, after, (JavaScriptEngine(migration),))]


USER = {"test/user.js": 'import { first } from "../dist/old.mjs"\nfirst()\n'}


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        (".gitignore", "node_modules\ndist\n"),
        (".gitignore", "/dist/\n"),
        (".gitignore", "# built\r\ndist/\r\n"),
        (".gitignore", "di*\n"),
        (".gitignore", "# gebaut für alle\ndist\n"),
    ],
)
def test_what_a_build_makes_is_not_missing(path: str, rules: str) -> None:
    assert check({**USER, path: rules}) == []


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("readme.txt", "dist\n"),
        (".gitignore", "node_modules\n"),
        (".gitignore", "/test/dist\n"),
        ("src/.gitignore", "dist\n"),
    ],
)
def test_a_file_that_nothing_makes_is_missing(path: str, rules: str) -> None:
    assert check({**USER, path: rules}) == ["test/user.js: UNM004"]


def test_source_maps_are_not_read() -> None:
    assert check({"lib/old.js.map": '{"sources": ["../src/old.ts"]}\n'}) == []


BUNDLED = "var other = require('./other')\n{guard}(module.exports = {{ first, ...other }})\n"


@pytest.mark.parametrize(("guard", "codes"), [("0 && ", []), ("", ["dist/built.cjs: UNM005"])])
def test_what_only_nodes_parser_reads_is_no_export(guard: str, codes: list[str]) -> None:
    assert check({"dist/built.cjs": BUNDLED.format(guard=guard), "dist/other.cjs": ""}) == codes


@pytest.mark.parametrize(
    ("body", "codes"),
    [("this.first = 1", []), ("this.first == 1", ["app.cjs: UNM004"]), ("", ["app.cjs: UNM004"])],
)
def test_what_a_function_sets_on_the_exports_is_not_missing(body: str, codes: list[str]) -> None:
    state = f"exports.open = function () {{ {body} }}\n"
    user = "const state = require('./state.cjs')\nstate.open()\nconsole.log(state.first)\n"
    user += "console.log(require('./src/old.ts').second)\n"
    assert check({"state.cjs": state, "app.cjs": user}) == codes


COMPARISONS = "async () => { expect<Partial<first>[]>(await db.select<Partial<first>[]>(1)) }\n"  # to the grammar
LOADED = "import { data } from './posts.data.mjs'\nprint(data, second)\n"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"interface first {{ a: 1 }}\n{COMPARISONS}", []),
        (LOADED, []),
        (LOADED.replace("posts.data", "posts"), ["docs/user.ts: UNM004"]),
    ],
)
def test_what_tools_know_better_is_not_missing(text: str, codes: list[str]) -> None:
    loader = "export default { load() {} }\n"
    files = {"docs/posts.data.mts": loader, "docs/posts.mts": loader}
    files["src/old.ts"] = MODULE["src/old.ts"] + "export const data = 3\n"
    assert check({**files, "docs/user.ts": "import { second } from '../src/old'\n" + text}) == codes


@pytest.mark.parametrize(
    ("exports", "codes"),
    [
        ('{"types": "./b.d.ts", "import": "./wrapper.mjs", "require": "./built.js"}', []),
        ('{"import": "./wrapper.mjs", "require": "./other.cjs"}', ["app/user.ts: UNM004"]),
        ('{"import": "./wrapper.mjs", "require": "./engine.cjs"}', []),
        ('"./wrapper.mjs"', ["app/user.ts: UNM004"]),
    ],
)
def test_a_package_may_give_a_name_on_another_condition(exports: str, codes: list[str]) -> None:
    files = {
        "engine/package.json": f'{{"name": "engine", "exports": {exports}}}',
        "engine/wrapper.mjs": "export const other = 1\n",
        "engine/other.cjs": "exports.other = 1\n",
        "engine/engine.cjs": "exports.first = 1\n",
        "app/package.json": '{"name": "app", "dependencies": {"engine": "*"}}',
        "app/user.ts": 'import { first } from "engine"\nimport { second } from "../src/old"\nfirst(second)\n',
    }
    assert check(files) == codes

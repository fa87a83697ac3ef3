"""What `check` says of scripts: names that are gone, in every way to take them, and no word about anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from unmix.check import check_tree
from unmix.finding import Finding
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Part, Replace, ShimSettings, Split
from unmix.plan import make_plan
from unmix.workspace import Workspace, memory_workspace

SPLIT = Split("src/old.js", (Part("src/alpha.js", ("first",), False, 1, ()), Part("src/beta.js", (), True, 1, ())), 1)
WHOLE = {"src/old.js": "export const first = 1\nexport const second = 2\nexport const third = 3\n"}
# As after the migration, and the old module gone.
PARTS = {"src/alpha.js": "export const first = 1\n", "src/beta.js": "export const second = 2\nexport const third = 3\n"}


def engine(*replaces: Replace) -> tuple[Migration, tuple[JavaScriptEngine]]:
    migration = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), replaces, ShimSettings(), (), ())
    return migration, (JavaScriptEngine(migration),)


def tree(files: dict[str, str]) -> Workspace:
    return memory_workspace({path: text.encode() for path, text in files.items()})


def check(files: dict[str, str]) -> tuple[Finding, ...]:
    migration, engines = engine()
    return check_tree(migration, tree(files), engines)


def codes(files: dict[str, str]) -> list[tuple[str, int, str]]:
    return [(finding.path, finding.line, finding.code) for finding in check(files)]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("import { gone } from './x.js'\nexport { second }\n", 2, "UNM005"),  # SyntaxError as soon as it is loaded
        ("export { second as default }\n", 1, "UNM005"),
        ("import { second } from './alpha.js'\n", 1, "UNM004"),  # in another part
        ("import { nothing } from './beta.js'\n", 1, "UNM004"),
        ("import x from './beta.js'\n", 1, "UNM004"),  # has no default
        ("export { second } from './alpha.js'\n", 1, "UNM005"),
        ("import * as alpha from './alpha.js'\nalpha.second()\n", 2, "UNM004"),
        ("import { second } from './barrel.js'\n", 1, "UNM004"),  # the barrel exports alpha alone
        ("export { second as bee } from './barrel.js'\n", 1, "UNM005"),
        ("const { second } = await import('./alpha.js')\n", 1, "UNM004"),
        ("const { first, second } = require('./alpha.js')\n", 1, "UNM004"),
        ("require('./alpha.js').second()\n", 1, "UNM004"),
        ("const alpha = require('./alpha.js')\nexports.x = () => alpha.second()\n", 2, "UNM004"),
        ("import fs from 'fs'\nexport const f = () => second(fs)\n", 2, "UNM004"),  # its import is gone
        ("module.exports = { second }\n", 1, "UNM005"),
        ("exports.second = second\n", 1, "UNM005"),
        ("import { second } from './betta.js'\n", 1, "UNM004"),  # a slip of the pen
        ("import { second } from './old.js'\n", 1, "UNM001"),
        ("jest.mock('./old.js')\n", 1, "UNM003"),
    ],
)
def test_what_is_gone_is_named(text: str, line: int, code: str) -> None:
    files = {**PARTS, "src/barrel.js": "export * from './alpha.js'\n", "src/use.js": text}
    assert codes(files) == [("src/use.js", line, code)]


@pytest.mark.parametrize(
    "text",
    [
        "import { first } from './alpha.js'\nimport { second, third as d } from './beta.js'\n"
        "export { first, second, d }\n",
        "import * as alpha from './alpha.js'\nalpha.first()\n",
        "import { second } from 'elsewhere'\nsecond()\n",
        "import { second } from './generated/client.js'\nsecond()\n",  # made when the project is built
        "import { second } from './made.js'\nsecond()\n",  # its exports cannot be known
        "import x from './common.cjs'\nx.second()\n",
        "export function f(second) { return second }\n",
        "const second = 1\nexport { second }\n",
        "export const o = { second: 1 }, p = o.second, q = 'second'\n",
        "/* global second */\nexport const f = () => second()\n",
        "export const f = () => typeof second === 'undefined' ? 0 : second\n",
        "var x = second\n",  # a script of a page: another script may declare it
        "import { second } from './barrel.js'\nsecond()\n",
        "import { first as second } from './alpha.js'\nsecond()\n",
        "import text from './alpha.js?raw'\ntext.trim()\n",
    ],
)
def test_what_is_there_or_cannot_be_known_is_no_finding(text: str) -> None:
    files = {
        **PARTS,
        "src/barrel.js": "export * from './alpha.js'\nexport * from './beta.js'\n",
        "src/made.js": "Object.assign(exports, require('x'))\n",
        "src/common.cjs": "module.exports = { second: 1 }\n",
        "src/use.js": text,
    }
    assert codes(files) == []


# Names that others make global, each found missing by mistake in a repository once.
GLOBAL = {
    "test/setup.js": "globalThis.second = () => 1\n",
    "setup.ts": "(global as any).second ??= 1\n",
    "polyfill.js": "Object.assign(window, { third: 1, second: 2 })\n",
    "types.d.ts": "declare function second(): void\n",
    "src/env.ts": "export {}\ndeclare global {\n  var second: number\n}\n",
    "webpack.config.js": "module.exports = { plugins: [new DefinePlugin({ second: '1' })] }\n",
    ".eslintrc.json": '{"globals": {"second": "readonly"}}',
    "tsconfig.json": '{"extends": "assemblyscript/std/assembly.json"}',
}


@pytest.mark.parametrize("path", GLOBAL)
def test_names_that_something_makes_global_are_not_missed(path: str) -> None:
    use = "import x from 'y'\nexport const f = () => second(x)\n"
    assert codes({**PARTS, "src/use.ts": use}) == [("src/use.ts", 2, "UNM004")]
    assert codes({**PARTS, "src/use.ts": use, path: GLOBAL[path]}) == []


def test_a_declaration_file_that_is_a_module_makes_nothing_global() -> None:
    use = "import x from 'y'\nexport const f = () => second(x)\n"
    files = {**PARTS, "src/use.ts": use, "types.d.ts": "export declare function second(): void\n"}
    assert codes(files) == [("src/use.ts", 2, "UNM004")]


@pytest.mark.parametrize(
    "text",
    [
        "exports.a = 1\nthis.second = 2\n",
        "exports.a = 1\nObject.defineProperty(this, 'second', {})\n",
        "exports.a = 1\nObject.defineProperty(module, 'exports', { value: { second: 1 } })\n",
        "exports.a = 1\nextend(module)\n",
        "exports.a = 1\ndefine({ second: 1 })\n",
        "var app = exports = module.exports = {}\napp.second = 1\n",
        "const app = (module.exports = { a: 1 })\nextend(app)\n",
        "(module.exports = {}).second = 1\n",
        "export default f\nexport { f as 'module.exports' }\n",
    ],
)
def test_exports_that_are_set_in_other_ways_are_there(text: str) -> None:
    assert codes({**PARTS, "src/made.js": text, "src/use.js": "require('./made.js').second()\n"}) == []


def test_what_a_file_sets_or_mocks_itself_is_there() -> None:
    files = {
        **PARTS,
        "src/a.js": "const beta = require('./alpha.js')\nbeta.second = 1\nbeta.second()\n",
        "src/b.js": "require('./alpha.js').second = 1\nrequire('./alpha.js').second()\n",
        "src/c.js": "jest.mock('./alpha.js', () => ({ second: 1 }))\nrequire('./alpha.js').second()\n",
        "src/barrel.js": "export * from './alpha.js'\n",
        "src/d.js": "vi.mock('./alpha.js', () => ({ second: 1 }))\nimport { second } from './barrel.js'\nsecond()\n",
    }
    assert codes(files) == []


def test_globals_may_be_exported_where_that_is_an_assignment() -> None:
    files = {"src/alpha.js": "export const URL = 1\n", "src/beta.js": "export const b = 1\n"}
    files["src/use.js"] = "exports.URL = URL\n"
    assert codes(files) == []
    files["src/use.js"] = "export { URL }\n"  # SyntaxError
    assert codes(files) == [("src/use.js", 1, "UNM005")]


def test_types_are_looked_for_where_the_package_declares_them() -> None:
    files = {
        "package.json": '{"name": "me", "exports": {".": {"types": "./types.d.ts", "default": "./src/alpha.js"}}}',
        "types.d.ts": "export type second = 1\nexport type third = 1\n",
        **PARTS,
        "src/use.ts": "import { second, third } from 'me'\nlet a: second\n",
    }
    assert codes(files) == []
    files["src/use.ts"] += "third()\n"
    assert codes(files) == [("src/use.ts", 1, "UNM004")]
    files["types.d.ts"] = "declare module 'me' {\n  import a from 'b'\n  export type second = 1\n}\n"
    files["src/use.ts"] = "import type { second } from 'me'\n"
    assert codes(files) == []


def test_a_package_may_be_built_as_commonjs_and_have_a_default() -> None:
    files = {
        "package.json": '{"name": "me", "main": "./lib/beta.js"}',
        **PARTS,
        "src/use.js": "import me from 'me/src/beta.js'\nme.second\n",
    }
    assert codes(files) == []
    files["src/use.js"] = "import me from './beta.js'\nme.second\n"
    assert codes(files) == [("src/use.js", 1, "UNM004")]


def test_a_declaration_file_exports_all_it_declares_unless_it_says_what() -> None:
    files = {
        **PARTS,
        "src/made.d.ts": "export type Other = 1\ntype second = 1\n",
        "src/use.ts": "import type { second } from './made'\n",
    }
    assert codes(files) == []
    files["src/made.d.ts"] += "export {}\n"
    assert codes(files) == [("src/use.ts", 1, "UNM004")]


def test_declarations_of_svelte_are_declarations() -> None:
    text = (
        "<script>\nimport x from 'y'\n$: second = x\nlet b = second + third\n</script>\n{#snippet third()}{/snippet}\n"
    )
    assert codes({**PARTS, "src/Page.svelte": text}) == []


def test_words_that_the_grammar_takes_for_names_are_none() -> None:
    text = "import x from 'y'\nasync function f() {\n  for await (let [second, third] of x) second(third)\n}\n"
    files = {"src/alpha.js": "export { a as await }\nlet a\n", "src/beta.js": PARTS["src/beta.js"]}
    text += "const r = async () => await (async () => {})()\n"
    assert codes({**files, "src/use.js": text}) == []


def test_a_part_that_is_gone_is_named() -> None:
    files = {
        "src/alpha.js": PARTS["src/alpha.js"],
        "src/use.js": "import { second } from './beta.js'\nvi.mock('./beta.js')\n",
    }
    assert [finding[1:] for finding in codes(files)] == [(1, "UNM004"), (2, "UNM004")]


def test_names_that_a_tool_brings_are_not_missed() -> None:
    files = {
        **PARTS,
        "package.json": '{"devDependencies": {"nuxt": "^3"}}',
        "src/use.js": "import x from 'y'\nexport default () => second(x)\n",
    }
    assert codes(files) == []


def test_what_tests_and_examples_show_need_not_run_unless_it_is_part_of_the_program() -> None:
    shown = "import x from 'y'\nexport default () => second(x)\n"
    files = {**PARTS, "test/shown.js": shown, "test/real.js": shown.replace("'y'", "'../src/alpha.js'")}
    # The default is no export of the part, and the name is declared nowhere.
    assert codes(files) == [("test/real.js", 1, "UNM004"), ("test/real.js", 2, "UNM004")]


def test_types_that_comments_define_are_exported() -> None:
    part = PARTS["src/alpha.js"] + "/** @typedef {{ n: number }} Shape */\n"
    files = {**PARTS, "src/alpha.js": part, "src/use.ts": "import type { Shape } from './alpha.js'\nlet a: Shape\n"}
    assert codes(files) == []


def test_a_type_that_nothing_declares_is_left_to_the_compiler() -> None:
    files = {**PARTS, "src/use.ts": "import x from 'y'\nexport const f = (a: second) => a as typeof second\n"}
    assert codes(files) == []


FLOW = "// @flow\nimport { second } from './old.js'\nfunction f(x: ?{| +y: second |}): %checks { return !!x }\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FLOW, ["UNM009"]),
        (FLOW.replace("old", "other"), []),
        (FLOW.replace("old", "other") + "x = { 'old': 1 }\n", []),
        (FLOW.replace("old", "other") + "x = { './old': 1 }\n", ["UNM009"]),
    ],
)
def test_files_that_cannot_be_parsed_are_named_if_they_load_the_module(text: str, expected: list[str]) -> None:
    assert [code for _, _, code in codes({**WHOLE, "src/flow.js": text})] == expected


def test_texts_that_name_the_file_are_warnings() -> None:
    files = {
        **PARTS,
        "README.md": "See `src/old.js`, or [it](./src/old.js).\nNot other/old.js, bold.js, nor the old way.\n",
        "package.json": '{"main": "./src/old.js", "name": "old"}',
        "docs/guide.md": "[it](../src/old.js)\n",
    }
    assert codes(files) == [
        ("README.md", 1, "UNM010"),
        ("README.md", 1, "UNM010"),
        ("docs/guide.md", 1, "UNM010"),
        ("package.json", 1, "UNM010"),
    ]


def test_comments_that_name_the_file_are_warnings() -> None:
    text = (
        "// See ./old.js and\n/* not older.js,\n * but src/old.js */\n"
        "/** @type {import('./old.js').X} */\nexport default 1\n"
    )
    files = {**WHOLE, "src/use.js": text, "src/Page.vue": "<script src='./old.js'></script>\n"}
    assert codes(files) == [
        ("src/Page.vue", 1, "UNM010"),
        ("src/use.js", 1, "UNM010"),
        ("src/use.js", 3, "UNM010"),
        ("src/use.js", 4, "UNM010"),
        ("src/use.js", 4, "UNM010"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import(`./${name}.js`) // old\n",
        "const all = import.meta.glob('./*.js') // old\n",
        "new Worker(new URL('./old.js', import.meta.url))\n",
        "require.resolve('./old')\n",
        "/// <reference path='./old.js' />\n",
        "/** @jest-environment ./old.js */\n",
        "import text from '!!raw-loader!./old.js'\n",
        "import { first as f } from 'a-loader?b!c-loader!./old'\n",
        "const load = () => import(/* webpackMode: 'lazy' */ '!!raw-loader!./old.js')\n",
        "jest.mock('-!./old.js')\n",
    ],
)
def test_paths_of_the_file_are_warnings_and_stay(text: str) -> None:
    files = {**WHOLE, "src/use.js": text}
    migration, engines = engine()
    plan = make_plan(migration, tree(files), engines)
    assert [(finding.path, finding.code) for finding in plan.findings] == [("src/use.js", "UNM010")]
    assert "src/use.js" not in {change.path for change in plan.changes}


def test_files_that_are_no_text_are_nothing_to_say_of() -> None:
    files = {path: text.encode() for path, text in WHOLE.items()}
    workspace = memory_workspace({**files, "a.wasm": b"old\xb9\x00", "b.txt": b"old m\xf6bel"})
    migration, engines = engine()
    assert check_tree(migration, workspace, engines) == ()
    assert make_plan(migration, workspace, engines).findings == ()


def test_texts_in_another_encoding_that_name_the_file_are_errors() -> None:
    files = {path: text.encode() for path, text in WHOLE.items()}
    workspace = memory_workspace({**files, "b.txt": b"src/old.js m\xf6bel"})
    migration, engines = engine()
    assert [finding.code for finding in check_tree(migration, workspace, engines)] == ["UNM009"]


def test_ignored_references_stay() -> None:
    text = "import { first } from './old.js' // unmix: ignore[UNM001]\n"
    files = {**WHOLE, "src/use.js": text}
    migration, engines = engine()
    plan = make_plan(migration, tree(files), engines)
    assert plan.findings == ()
    assert "src/use.js" not in {change.path for change in plan.changes}

"""What a split of one script writes, and what it refuses: one small module for each corner."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from splitting import add, split_with_findings
from tool import run
from trees import plant
from unmix.errors import UnsafeSplit
from unmix_shims.javascript import read_shim

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")


def split(old: str, text: str, into: dict[str, list[str]], **others: str) -> dict[str, str]:
    files = {old: text.encode(), **{path: content.encode() for path, content in others.items()}}
    return {path: content.decode() for path, content in add(files, old, into).items()}


def refusal(old: str, text: str, into: dict[str, list[str]]) -> str:
    with pytest.raises(UnsafeSplit) as refused:
        split(old, text, into)
    return str(refused.value)


def printed(root: Path, program: str, name: str = "program.mjs") -> object:
    (root / name).write_text(program)
    result = run(root, "node", "--no-deprecation", name)
    assert result.code == 0, result.errors
    return json.loads(result.output)


# --- what each part gets ---------------------------------------------------------------------------------------------


def test_a_part_gets_exactly_the_imports_it_uses_with_their_comments() -> None:
    new = split(
        "src/old.js",
        """\
import fs, { readFile as read, /* kept */ writeFile } from "fs"; // files
import * as path from "path";
import "./effect.js";

export const load = () => read(path.sep); // loads
export const save = () => writeFile(fs);
""",
        {"src/load.js": ["load"], "src/save.js": ["save"]},
    )
    assert (
        new["src/load.js"]
        == """\
import { readFile as read } from "fs"; // files
import * as path from "path";
import "./effect.js";

export const load = () => read(path.sep); // loads
"""
    )
    assert (
        new["src/save.js"]
        == """\
import fs, { /* kept */ writeFile } from "fs"; // files
import "./effect.js";

export const save = () => writeFile(fs);
"""
    )


def test_style_is_that_of_the_old_module() -> None:
    new = split(
        "old.js",
        "const a = require('a'),\r\n\tb = require('b')\r\n\r\nfunction one () {\r\n\treturn a(two())\r\n}\r\n\r\n"
        "function two () {\r\n\treturn b\r\n}\r\n\r\nmodule.exports = { one, two }\r\n",
        {"one.js": ["one"], "two.js": ["two"]},
    )
    assert new["one.js"] == (
        "const a = require('a')\r\nconst { two } = require('./two')\r\n\r\n"
        "function one () {\r\n\treturn a(two())\r\n}\r\n\r\nmodule.exports = { one }\r\n"
    )
    assert new["two.js"].startswith("const b = require('b')\r\n\r\nfunction two () {\r\n")
    assert "\n" not in new["old.js"].replace("\r\n", "")


def test_a_private_helper_goes_with_its_only_users_and_is_exported_only_where_parts_share_it() -> None:
    new = split(
        "old.mjs",
        """\
const shared = (x) => x;
const mine = (x) => shared(x);
export const a = () => mine(1);
export const b = () => shared(2);
""",
        {"a.mjs": ["a"], "b.mjs": ["*"]},
    )
    assert (
        new["a.mjs"]
        == """\
import { shared } from "./b.mjs";

const mine = (x) => shared(x);
export const a = () => mine(1);
"""
    )
    assert new["b.mjs"].startswith("export const shared = (x) => x;\n")
    assert "shared" not in new["old.mjs"]


def test_a_private_helper_goes_where_no_circle_arises() -> None:
    new = split(
        "old.mjs",
        """\
export const start = make("a");
function make(x) { return { x, limit: LIMIT }; }
const LIMIT = 3;
export const other = () => [start, make("b")];
""",
        {"one.mjs": ["start"], "two.mjs": ["*"]},
    )
    assert "LIMIT = 3" in new["one.mjs"]
    assert 'from "./one.mjs"' in new["two.mjs"]
    assert "import" not in new["one.mjs"]


def test_types_are_imported_as_types_and_react_where_there_is_jsx() -> None:
    new = split(
        "old.tsx",
        """\
import React from "react";
import type { Props } from "./props";

export interface Item { props: Props }
export const enum Kind { A }
export class Store { items: Item[] = []; }
export function View(item: Item) { return <b>{item.props.name}</b>; }
export function count(store: Store, kind = Kind.A): number { return store.items.length; }
""",
        {"view.tsx": ["View"], "count.tsx": ["count"], "store.tsx": ["*"]},
    )
    assert new["view.tsx"].startswith('import React from "react";\nimport type { Item } from "./store";\n')
    assert 'import { Kind } from "./store";\nimport type { Store } from "./store";\n' in new["count.tsx"]
    assert "react" not in new["count.tsx"]
    assert "export type {\n  /** @deprecated use ./store" in new["old.tsx"]


def test_a_type_that_the_grammar_takes_for_a_value_is_imported() -> None:
    new = split(
        "old.ts",
        "export interface Row { a: number }\nexport const all = (db: any) => db.sql<Row>`select`;\n",
        {"row.ts": ["Row"], "all.ts": ["all"]},
    )
    assert new["all.ts"].startswith('import type { Row } from "./row";\n')


def test_directives_go_to_every_part_and_what_starts_a_program_stays() -> None:
    new = split(
        "cli.js",
        "#!/usr/bin/env node\n// Copyright: us\n\n/** All of it. */\n\n'use client'\n\n"
        "export const a = 1\nexport const b = 2\n",
        {"a.js": ["a"], "b.js": ["b", "*"]},
    )
    assert new["a.js"] == "// Copyright: us\n\n'use client'\n\nexport const a = 1\n"
    assert new["b.js"] == "// Copyright: us\n\n/** All of it. */\n\n'use client'\n\nexport const b = 2\n"
    assert new["cli.js"].startswith("#!/usr/bin/env node\n// Copyright: us\n\n'use client'\n")


def test_a_statement_without_semicolon_above_does_not_swallow_the_next() -> None:
    new = split(
        "old.mjs",
        "export const list = []\nexport function between() {}\n[1, 2].forEach((x) => list.push(x))\n",
        {"a.mjs": ["between"], "b.mjs": ["*"]},
    )
    assert new["b.mjs"] == "export const list = []\n;[1, 2].forEach((x) => list.push(x))\n"


def test_specifiers_are_anchored_where_the_part_lives() -> None:
    new = split(
        "src/old.js",
        """\
const util = require("./util");
exports.near = () => util(__dirname, require.resolve("../data.json"));
/** @type {import("./types").T} */
exports.far = () => require("./lazy/late");
""",
        {"src/deep/near.js": ["near"], "far.js": ["far"]},
    )
    assert 'const util = require("../util");' in new["src/deep/near.js"]
    assert 'util(require("path").join(__dirname, ".."), require.resolve("../../data.json"))' in new["src/deep/near.js"]
    assert 'import("./src/types").T' in new["far.js"]
    assert 'require("./src/lazy/late")' in new["far.js"]


def test_declarations_beside_a_script_are_split_with_it() -> None:
    text = "export const a = 1;\nexport function b() {}\n"
    typed = "import type { X } from './x';\nexport declare const a: X;\nexport declare function b(): Shape;\n"
    new = split(
        "lib/old.js",
        text,
        {"lib/a.js": ["a"], "lib/b.js": ["*"]},
        **{"lib/old.d.ts": typed + "export interface Shape { a: typeof a }\n"},
    )
    assert new["lib/a.d.ts"] == "import type { X } from './x';\nexport declare const a: X;\n"
    assert "import type { a } from './a" in new["lib/b.d.ts"]
    assert "interface Shape" in new["lib/b.d.ts"]
    shim = read_shim(new["lib/old.d.ts"], "lib/old.d.ts")
    assert shim is not None
    assert shim.types == {"Shape"}
    assert new["lib/old.d.ts"].count("@deprecated") == 3
    assert "emitWarning" not in new["lib/old.d.ts"]


def test_declarations_name_the_parts_that_have_some() -> None:
    new = split(
        "old.js",
        "export const a = 1;\nexport const own = 2;\n",
        {"a.js": ["a"], "b.js": ["*"]},
        **{"old.d.ts": "export function a(n: number): string;\nexport function a(): number;\n"},
    )
    assert "b.d.ts" not in new
    shim = read_shim(new["old.d.ts"], "old.d.ts")
    assert shim is not None
    assert (shim.parts, shim.types) == ({"a.js": "./a.js"}, frozenset())


def test_declarations_of_one_value_are_kept_and_named() -> None:
    files = {
        "old.cjs": b"module.exports = { a() {}, b() {} };\n",
        "old.d.cts": b"declare const all: { a(): void; b(): void };\nexport = all;\n",
    }
    new, findings = split_with_findings(files, "old.cjs", {"a.cjs": ["a"], "b.cjs": ["*"]})
    assert sorted(new) == ["a.cjs", "b.cjs", "old.cjs"]
    assert [(finding.path, finding.code) for finding in findings] == [("old.d.cts", "UNM010")]
    assert "the declarations of old.cjs cannot be split: old.d.cts:2: `export =`" in findings[0].message


# --- what Node makes of it -------------------------------------------------------------------------------------------


@needs_node
@pytest.mark.parametrize("first", ["./old.js", "./one.js", "./two.js"])
@pytest.mark.parametrize(
    "exports", ["module.exports = { even, odd, LIMIT };", "exports.even = even; exports.odd = odd;"]
)
def test_commonjs_parts_may_need_each_other_later(first: str, exports: str, tmp_path: Path) -> None:
    new = split(
        "old.js",
        f"""\
const LIMIT = 1000;
function even(n) {{ return n === 0 ? true : n > LIMIT ? null : odd(n - 1); }}
function odd(n) {{ return n === 0 ? false : even(n - 1); }}
const known = [true];
{exports}
exports.known = module.exports.known = known;
""",
        {"one.js": ["even"], "two.js": ["odd", "*"]},
    )
    root = plant(tmp_path / "root", {path: text.encode() for path, text in new.items()})
    program = f'require("{first}");\nconst old = require("./old.js");\n'
    program += "console.log(JSON.stringify([old.even(4), old.odd(4), old.even(2000), old.known]));"
    assert printed(root, program, "program.cjs") == [True, False, None, [True]]


@needs_node
def test_a_rebound_name_stays_live_across_parts(tmp_path: Path) -> None:
    for suffix, export in ((".mjs", "export { bump, read };"), (".cjs", "module.exports = { bump, read };")):
        new = split(
            f"old{suffix}",
            f"let count = 0;\nfunction bump() {{ count++; }}\nfunction read() {{ return count; }}\n{export}\n",
            {f"one{suffix}": ["bump"], f"two{suffix}": ["read"]},
        )
        root = plant(tmp_path / suffix[1:], {path: text.encode() for path, text in new.items()})
        load = "import * as old from './old.mjs';" if suffix == ".mjs" else "const old = require('./old.cjs');"
        program = f"{load}\nold.bump(); old.bump(); console.log(old.read());"
        assert printed(root, program, f"program{suffix}") == 2


CIRCLE = """\
exports.far = (n) => (n ? exports.near(n - 1) : "far");
exports.near = (n) => (n ? "near " + exports.size : "near");
exports.size = 3;
exports.turn = (n) => (n ? exports.far(n - 1) : "turn");
exports.told = exports.far(1);
"""


@needs_node
@pytest.mark.parametrize("first", ["one.cjs", "two.cjs", "three.cjs", "old.cjs"])
def test_parts_of_a_circle_are_whole_whichever_is_loaded_first(tmp_path: Path, first: str) -> None:
    into = {"one.cjs": ["size", "turn"], "two.cjs": ["near"], "three.cjs": ["far", "told"]}
    files = split("old.cjs", CIRCLE, into)
    # Two needs one only later, and three needs two at once: loaded first, two has to be whole before it loads one.
    assert files["two.cjs"].index("exports.near") < files["two.cjs"].index("require(")
    root = plant(tmp_path, {path: text.encode() for path, text in files.items()})
    program = f"""
        require("./{first}");
        const [{{ turn }}, {{ near }}, {{ told }}] = ["./one.cjs", "./two.cjs", "./three.cjs"].map(require);
        console.log(JSON.stringify([turn(2), near(1), told]));
    """
    assert printed(root, program, "program.cjs") == ["near", "near 3", "near"]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_circle_at_load_time_is_refused_with_its_path_and_a_way_out() -> None:
    said = refusal(
        "draw/old.mjs",
        """\
export class Shape { static known = () => KINDS; }
export class Circle extends Shape {}
export const KINDS = [Circle];
export const first = KINDS[0];
""",
        {"draw/base.mjs": ["Shape", "KINDS"], "draw/kinds.mjs": ["Circle", "*"]},
    )
    assert "the parts need each other while they are loaded: draw/kinds.mjs → draw/base.mjs → draw/kinds.mjs" in said
    assert "draw/base.mjs needs `Circle` of draw/kinds.mjs: line 3, in `KINDS`" in said
    assert re.search(r"move together: name `\w+`, `\w+` in the same part", said)


@pytest.mark.parametrize(
    ("text", "into", "says"),
    [
        (
            "export let n = 0;\nexport function add() {\n  n += 1;\n}\n",
            {"a.mjs": ["n"], "b.mjs": ["add"]},
            "`n` would go to a.mjs, but `add` in b.mjs assigns it (line 3), and nobody can assign to an imported name",
        ),
        (
            "export const { a, b } = make();\nfunction make() { return {}; }\n",
            {"a.mjs": ["a"], "b.mjs": ["b"]},
            "`a`, `b` cannot be parted, one statement (or one series of definitions) binds them",
        ),
        (
            "let level = 1;\nexport const low = level;\nlevel = 2;\nexport const high = level;\n",
            {"a.mjs": ["low"], "b.mjs": ["*"]},
            "`low` reads `level` between two of its assignments",
        ),
        (
            "export const here = import.meta.url;\nexport const a = 1;\n",
            {"deep/a.mjs": ["here"], "b.mjs": ["*"]},
            "`here` asks where its file is (`import.meta`), and deep/a.mjs is in another folder",
        ),
        (
            "exports.a = function () { return this.b(); };\nexports.b = () => 1;\n",
            {"a.cjs": ["a"], "b.cjs": ["b"]},
            "`a` (a.cjs) asks `this` for `b`, which would go to b.cjs",
        ),
        (
            "const L = 9;\nfunction a(n) { return n > L ? 0 : b(n + 1); }\nfunction b(n) { return a(n); }\n"
            "const known = b(1);\nmodule.exports = { a, b, known };\n",
            {"a.cjs": ["a"], "b.cjs": ["b", "known"]},
            "b.cjs needs `a` of a.cjs: line 4, in `known`, which calls `b`",
        ),
        (
            "exports.a = 1;\nexports.b = 2;\nif (require.main === module) console.log(1);\n",
            {"a.cjs": ["a"], "b.cjs": ["b"]},
            "old.cjs:3: `module` is asked here, as by what starts a program, and each part would get its own; move",
        ),
        (
            "import { argv } from 'process';\nexport const a = 1;\nexport const b = 2;\n"
            "if (import.meta.url.endsWith(argv[1])) console.log(a);\n",
            {"a.mjs": ["a"], "b.mjs": ["b"]},
            "old.mjs:4: `import.meta` is compared with what was started",
        ),
        (
            "exports.a = 1;\nexports.b = 2;\nObject.assign(exports, require('./more'));\n",
            {"a.cjs": ["a"], "b.cjs": ["b"]},
            "the exports are handed on as an object here",
        ),
        (
            "const a = 1;\nfunction b() { return a; }\nmodule.exports = Object.freeze({ get: () => a, b });\n",
            {"a.cjs": ["b"], "b.cjs": ["a", "*"]},
            "a.cjs needs `a` of b.cjs, which exports one value",
        ),
        (
            "function a() {}\nfunction b() {}\nexport = { a, b };\n",
            {"a.cts": ["a"], "b.cts": ["*"]},
            "old.cts:3: `export =` gives one value away, and a TypeScript shim gives names; write the exports as plain",
        ),
    ],
)
def test_what_cannot_be_divided_is_refused(text: str, into: dict[str, list[str]], says: str) -> None:
    suffix = next(iter(into))[-4:]
    assert says in refusal(f"old{suffix}", text, into)

"""The JavaScript shims keep their promises: Node itself loads them, from both of its module systems."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tool import Result, run
from trees import plant
from unmix_shims.javascript import COMMONJS, DECLARATIONS, ESM, JavaScriptShim, read_shim, render_shim

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")

MODULE = JavaScriptShim(
    module="shop/legacy.mjs",
    style=ESM,
    parts={"shop/pricing.mjs": "./pricing.mjs", "shop/storage.mjs": "./storage.mjs"},
    homes={
        "counter": "shop/pricing.mjs",
        "bump": "shop/pricing.mjs",
        "default": "shop/pricing.mjs",
        "save": "shop/storage.mjs",
    },
    stars=("./other.mjs",),
    since="2.4",
    remove_in="3.0",
    preamble="// Copyright The Shop.\n",
)

COMMON = JavaScriptShim(
    module="shop/legacy.cjs",
    style=COMMONJS,
    parts={"shop/pricing.cjs": "./pricing.cjs", "shop/storage.cjs": "./storage.cjs"},
    homes={
        "RATE": "shop/pricing.cjs",
        "total": "shop/pricing.cjs",
        "tax": "shop/pricing.cjs",
        "delete": "shop/storage.cjs",
        "save": "shop/storage.cjs",
        "saved": "shop/storage.cjs",
    },
    remove_in="3.0",
    preamble="'use strict';\n",
)

FILES = {
    "shop/legacy.mjs": render_shim(MODULE).encode(),
    "shop/pricing.mjs": b"""\
        globalThis.loaded = [...(globalThis.loaded ?? []), "pricing"];
        export let counter = 0;
        export function bump() { counter++; }
        export default class Price {}
        """,
    "shop/storage.mjs": b"""\
        globalThis.loaded = [...(globalThis.loaded ?? []), "storage"];
        export const save = (x) => x;
        """,
    "shop/other.mjs": b"export const other = 'other';\n",
    "shop/legacy.cjs": render_shim(COMMON).encode(),
    "shop/pricing.cjs": b"""\
        exports.RATE = 0.2;
        exports.tax = function tax(x) { return x * exports.RATE; };
        exports.total = (x) => x + exports.tax(x);
        """,
    "shop/storage.cjs": b"""\
        const saved = [];
        exports.saved = saved;
        exports.delete = () => saved.pop();
        exports.save = function (x) { saved.push(x); return this.saved.length; };
        exports.circle = require("./circle.cjs").seen;
        """,
    "shop/circle.cjs": b"const legacy = require('./legacy.cjs');\nexports.seen = typeof legacy.total;\n",
    "package.json": b"{}",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return plant(tmp_path / "root", FILES)


def node(root: Path, program: str, *options: str, name: str = "program.mjs") -> Result:
    (root / name).write_text(program)
    return run(root, "node", *options, name, variables={"NODE_OPTIONS": "", "NO_COLOR": "1"})


def printed(root: Path, program: str, *options: str, name: str = "program.mjs") -> object:
    result = node(root, program, *options, name=name)
    assert result.code == 0, result.errors
    return json.loads(result.output)


# --- what is written can be read back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shim",
    [
        MODULE,
        COMMON,
        replace(COMMON, whole="shop/pricing.cjs", es_module=True),
        replace(MODULE, module="shop/legacy.ts", types=frozenset({"save"}), quote="'", semicolons=False, preamble=""),
        replace(MODULE, module="shop/legacy.d.ts", style=DECLARATIONS, stars=()),
        replace(MODULE, homes={"save": "shop/storage.mjs"}, since="", remove_in=""),
    ],
)
def test_a_shim_is_read_back_as_it_was_written(shim: JavaScriptShim) -> None:
    text = render_shim(shim)
    assert read_shim(text, shim.module) == shim
    assert read_shim("\ufeff" + text.replace("\n", "\r\n"), shim.module) == shim


@given(
    homes=st.dictionaries(
        st.from_regex(r"[a-zA-Z_$][a-zA-Z0-9_$]{0,8}", fullmatch=True).filter(lambda name: name != "__proto__"),
        st.sampled_from(["a/x.js", "b.js"]),
        min_size=1,
    ),
    style=st.sampled_from([ESM, COMMONJS]),
    since=st.sampled_from(["", "1", "2.0-beta.1"]),
    until=st.sampled_from(["", "3.0", "2030-01-31"]),
)
def test_any_table_is_read_back(homes: dict[str, str], style: str, since: str, until: str) -> None:
    parts = {"a/x.js": "./x.js", "b.js": "../b.js"}
    shim = JavaScriptShim("a/old.js", style, parts, homes, since=since, remove_in=until)
    back = read_shim(render_shim(shim), "a/old.js")
    assert back is not None
    assert (dict(back.homes), dict(back.parts), back.style) == (homes, parts, style)
    assert render_shim(back) == render_shim(shim)


@pytest.mark.parametrize("text", ["", "export {} from './a.js'\n", "// unmix shim 1: nonsense\n"])
def test_other_text_is_no_shim(text: str) -> None:
    assert read_shim(text, "a.js") is None


# --- ES modules ------------------------------------------------------------------------------------------------------


@needs_node
def test_an_es_module_gives_what_it_gave_and_stays_live(shop: Path) -> None:
    assert printed(
        shop,
        """
        import Price, * as old from "./shop/legacy.mjs";
        import { counter, bump, save } from "./shop/legacy.mjs";
        import * as pricing from "./shop/pricing.mjs";
        bump();
        console.log(JSON.stringify([
            Object.keys(old), counter, old.counter, Price === pricing.default, save(7), globalThis.loaded,
        ]));
        """,
    ) == [["bump", "counter", "default", "other", "save"], 1, 1, True, 7, ["pricing", "storage"]]


@needs_node
def test_an_es_module_warns_once_a_process(shop: Path) -> None:
    result = node(shop, 'await import("./shop/legacy.mjs"); await import("./shop/legacy.mjs?again");')
    assert result.errors.count("DeprecationWarning") == 1
    assert (
        "[UNMIX_LEGACY] DeprecationWarning: shop/legacy.mjs is deprecated since 2.4 and will be removed in 3.0: "
        "use shop/pricing.mjs and shop/storage.mjs"
    ) in result.errors


@needs_node
def test_an_es_module_loads_where_there_is_no_process(shop: Path) -> None:
    assert (
        printed(
            shop,
            """
        const { log } = console;
        delete globalThis.process;
        const { save } = await import("./shop/legacy.mjs");
        log(save(1));
        """,
        )
        == 1
    )


@needs_node
def test_a_part_without_exports_is_still_loaded(shop: Path) -> None:
    (shop / "shop/legacy.mjs").write_text(render_shim(replace(MODULE, homes={"save": "shop/storage.mjs"})))
    program = 'await import("./shop/legacy.mjs"); console.log(JSON.stringify(globalThis.loaded));'
    assert printed(shop, program) == ["pricing", "storage"]


# --- CommonJS --------------------------------------------------------------------------------------------------------


@needs_node
def test_a_commonjs_module_gives_what_it_gave(shop: Path) -> None:
    assert printed(
        shop,
        """
        const old = require("./shop/legacy.cjs");
        const { total, ...rest } = old;
        console.log(JSON.stringify([
            Object.keys(old), "tax" in old, "other" in old, total(10), Object.keys(rest), old.save(1), old.delete(),
            old.total === require("./shop/pricing.cjs").total, { ...old }.RATE, old.other === undefined,
            Object.getOwnPropertyDescriptor(old, "RATE"), require("./shop/storage.cjs").circle,
        ]));
        """,
        name="program.cjs",
    ) == [
        ["RATE", "total", "tax", "delete", "save", "saved"],
        True,
        False,
        12,
        ["RATE", "tax", "delete", "save", "saved"],
        1,
        1,
        True,
        0.2,
        True,
        {"value": 0.2, "writable": True, "enumerable": True, "configurable": True},
        "function",
    ]


@needs_node
def test_es_modules_import_the_names_of_a_commonjs_module(shop: Path) -> None:
    program = """
        import old, { total, save, delete as remove } from "./shop/legacy.cjs";
        console.log(JSON.stringify([total(10), old.save(5), remove(), typeof save]));
        """
    assert printed(shop, program) == [12, 1, 5, "function"]
    result = node(shop, program)
    assert result.errors.count("(at an import of an ES module)") == 1
    assert "save of shop/legacy.cjs is deprecated" in result.errors


@needs_node
def test_writes_reach_the_code_of_the_parts(shop: Path) -> None:
    assert printed(
        shop,
        """
        const old = require("./shop/legacy.cjs");
        const { total } = old;
        const seen = [];
        old.RATE = 1; seen.push(total(10));
        Object.defineProperty(old, "tax", { value: () => 5, writable: true, configurable: true }); seen.push(total(10));
        Object.defineProperty(old, "tax", { get: () => () => 7 }); seen.push(total(10));
        delete old.RATE; seen.push("RATE" in require("./shop/pricing.cjs"));
        old.fresh = 1; seen.push(old.fresh);
        console.log(JSON.stringify(seen));
        """,
        name="program.cjs",
    ) == [20, 15, 17, False, 1]


@needs_node
def test_a_commonjs_module_warns_once_for_each_place_that_reads_it(shop: Path) -> None:
    result = node(
        shop,
        """\
const old = require("./shop/legacy.cjs");
for (let i = 0; i < 3; i++) old.tax(1);
old.tax(1); old.total(2);
old.missing; "tax" in old; Object.keys(old);
""",
        name="program.cjs",
    )
    warnings = [line for line in result.errors.splitlines() if "program.cjs" in line]
    place = shop.resolve() / "program.cjs"
    said = "of shop/legacy.cjs is deprecated and will be removed in 3.0: use ./pricing.cjs"
    assert [line.partition("DeprecationWarning: ")[2] for line in warnings] == [
        f"tax {said} (at {place}:2)",
        f"tax {said} (at {place}:3)",
        f"total {said} (at {place}:3)",
    ]
    assert all("[UNMIX_LEGACY]" in line for line in warnings)


@needs_node
def test_requiring_is_quiet_and_a_read_raises_where_warnings_are_errors(shop: Path) -> None:
    assert node(shop, 'require("./shop/legacy.cjs");', "--throw-deprecation", name="program.cjs").errors.count(
        "Warn"
    ) == (
        1  # circle.cjs reads a name while the parts are loaded
    )
    assert node(shop, 'require("./shop/legacy.cjs").tax(1);', "--throw-deprecation", name="program.cjs").code == 1


@needs_node
def test_a_module_that_is_a_function_stays_one(shop: Path) -> None:
    plant(
        shop,
        {
            "app.cjs": render_shim(
                JavaScriptShim(
                    "app.cjs",
                    COMMONJS,
                    {"create.cjs": "./create.cjs", "router.cjs": "./router.cjs"},
                    {"Router": "router.cjs"},
                    whole="create.cjs",
                )
            ).encode(),
            "create.cjs": b"module.exports = function create(x) { return x + 1; };\nmodule.exports.version = 3;\n",
            "router.cjs": b"exports.Router = class Router {};\n",
        },
    )
    assert printed(
        shop,
        """
        const app = require("./app.cjs");
        console.log(JSON.stringify([typeof app, app(1), app.version, app.name, new app.Router().constructor.name]));
        """,
        name="program.cjs",
    ) == ["function", 2, 3, "create", "Router"]

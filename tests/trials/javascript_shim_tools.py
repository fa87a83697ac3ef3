"""See what other tools make of the JavaScript shims: type checkers, bundlers, libraries that stub.

    python tests/trials/javascript_shim_tools.py

Installs TypeScript, esbuild, rollup, webpack, sinon and Jest by npm in a temporary folder, and prints one line a
promise; exits 1 when one is not kept. It is no part of the test suite, since it needs a registry and a minute.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from unmix_shims.javascript import COMMONJS, ESM, JavaScriptShim, render_shim

PACKAGES = "typescript@5 esbuild rollup @rollup/plugin-commonjs webpack webpack-cli sinon jest".split()

MODULE = JavaScriptShim(
    "old.mjs",
    ESM,
    {"used.mjs": "./used.mjs", "unused.mjs": "./unused.mjs"},
    {"used": "used.mjs", "default": "used.mjs", "unused": "unused.mjs"},
)
COMMON = JavaScriptShim(
    "old.cjs",
    COMMONJS,
    {"a.cjs": "./a.cjs", "b.cjs": "./b.cjs"},
    {"RATE": "a.cjs", "tax": "a.cjs", "total": "a.cjs", "save": "b.cjs"},
)
TYPED = JavaScriptShim(
    "typed.ts", ESM, {"one.ts": "./one", "two.ts": "./two"}, {"a": "one.ts", "T": "one.ts", "default": "two.ts"},
    frozenset({"T"}),
)  # fmt: skip

FILES = {
    "old.mjs": render_shim(MODULE),
    "used.mjs": "export const used = () => 'USED_TEXT';\nexport default 1;\n",
    "unused.mjs": "export const unused = () => 'UNUSED_TEXT';\n",
    "entry.mjs": "import { used } from './old.mjs';\nconsole.log(used());\n",
    "old.cjs": render_shim(COMMON),
    "a.cjs": "exports.RATE = 1;\nexports.tax = (x) => x * exports.RATE;\nexports.total = (x) => x + exports.tax(x);\n",
    "b.cjs": "exports.save = () => 'SAVED';\n",
    "common.cjs": "const { total } = require('./old.cjs');\nconsole.log(total(1), require('./old.cjs').save());\n",
    "stub.cjs": """\
const sinon = require("sinon"), assert = require("assert"), old = require("./old.cjs");
const { total } = old;
const stub = sinon.stub(old, "tax").returns(5);
assert.equal(total(1), 6); assert.equal(stub.callCount, 1);
stub.restore(); assert.equal(total(1), 2);
sinon.replace(old, "tax", () => 7); assert.equal(total(1), 8); sinon.restore(); assert.equal(total(1), 2);
""",
    "old.test.cjs": """\
const old = require("./old.cjs");
test("a spy takes effect and is taken back", () => {
  const spy = jest.spyOn(old, "tax").mockReturnValue(5);
  expect(old.total(1)).toBe(6);
  expect(spy).toHaveBeenCalledTimes(1);
  spy.mockRestore();
  expect(old.total(1)).toBe(2);
  const replaced = jest.replaceProperty(old, "RATE", 3);
  expect(old.total(1)).toBe(4);
  replaced.restore();
  expect(old.total(1)).toBe(2);
});
""",
    "jest.config.cjs": "module.exports = { testMatch: ['**/*.test.cjs'] };\n",
    "typed.ts": render_shim(TYPED),
    "one.ts": "export function a(x: number): number { return x }\nexport interface T { x: number }\n",
    "two.ts": "export default class B {}\n",
    "use.ts": "import B, { a, T } from './typed';\nconst t: T = { x: a(1) };\nnew B(); t;\n",
    "service.cjs": (Path(__file__).parent / "language_service.cjs").read_text(),
}


def main() -> int:
    """Install the tools, and try each promise."""
    folder = Path(tempfile.mkdtemp(prefix="unmix-tools-"))
    try:
        for path, text in FILES.items():
            (folder / path).write_text(text)
        (folder / "package.json").write_text("{}")
        run(folder, "npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES)
        results = {promise.__doc__ or "": attempt(promise, folder) for promise in PROMISES}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for promise, problem in results.items():
        print(f"{'kept' if not problem else 'BROKEN'}: {promise}{': ' + problem if problem else ''}")
    return 1 if any(results.values()) else 0


def attempt(promise: Callable[[Path], None], folder: Path) -> str:
    """Give what is wrong with a promise, or nothing."""
    try:
        promise(folder)
    except (AssertionError, subprocess.CalledProcessError) as error:
        return str(getattr(error, "stderr", "") or getattr(error, "output", "") or error)[-800:]
    return ""


def struck_through(folder: Path) -> None:
    """TypeScript strikes every name through, with isolatedModules, and finds no error"""
    assert run(folder, "node", "service.cjs", "use.ts").split() == ["a", "T", "a", "B"]


def shaken_by_esbuild(folder: Path) -> None:
    """esbuild leaves out what nobody uses"""
    run(folder, "npx", "esbuild", "entry.mjs", "--bundle", "--outfile=esbuild.js", "--log-level=warning")
    assert_shaken(folder, "esbuild.js")


def shaken_by_rollup(folder: Path) -> None:
    """rollup leaves out what nobody uses"""
    run(folder, "npx", "rollup", "entry.mjs", "--file", "rollup.js", "--format", "iife", "--silent")
    assert_shaken(folder, "rollup.js")


def shaken_by_webpack(folder: Path) -> None:
    """webpack leaves out what nobody uses"""
    run(folder, "npx", "webpack", "--mode", "production", "--entry", "./entry.mjs", "-o", "webpack")
    assert_shaken(folder, "webpack/main.js")


def common_in_bundles(folder: Path) -> None:
    """esbuild, webpack and rollup bundle a CommonJS shim that works"""
    run(folder, "npx", "esbuild", "common.cjs", "--bundle", "--outfile=c1.cjs", "--log-level=warning")
    run(folder, "npx", "webpack", "--mode", "production", "--entry", "./common.cjs", "-o", "c2")
    run(
        folder, "npx", "rollup", "common.cjs", "--file", "c3.cjs", "--format", "cjs", "--silent",
        "-p", "@rollup/plugin-commonjs",
    )  # fmt: skip
    for bundle in ("c1.cjs", "c2/main.js", "c3.cjs"):
        assert run(folder, "node", "--no-deprecation", bundle) == "2 SAVED\n", bundle


def stubbed_by_sinon(folder: Path) -> None:
    """stubs of sinon through the shim take effect in the parts"""
    run(folder, "node", "--no-deprecation", "stub.cjs")


def spied_by_jest(folder: Path) -> None:
    """spies of Jest through the shim take effect in the parts"""
    run(folder, "npx", "jest", "--silent")


PROMISES = (
    struck_through,
    shaken_by_esbuild,
    shaken_by_rollup,
    shaken_by_webpack,
    common_in_bundles,
    stubbed_by_sinon,
    spied_by_jest,
)


def assert_shaken(folder: Path, bundle: str) -> None:
    text = (folder / bundle).read_text()
    assert "USED_TEXT" in text
    assert "UNUSED_TEXT" not in text
    assert run(folder, "node", "--no-deprecation", bundle) == "USED_TEXT\n"


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "NODE_OPTIONS": "", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())

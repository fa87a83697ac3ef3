"""The program that lets Node load what a migration moved, with Node itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tool import run
from trees import picture, plant
from unmix.javascript.verification import write_program
from unmix.reference import Home, Relocation
from unmix.verification import Request
from unmix.workspace import open_workspace

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")

ESM: dict[str, bytes | str] = {
    "package.json": b'{"type": "module"}',
    "src/wrapper.js": b'export { create } from "./client.js"\nexport { retry } from "./retry.js"\n',
    "src/client.js": b'import { retry } from "./retry.js"\nexport const create = (raw) => ({ raw, retry })\n',
    "src/retry.js": b"export function retry(act) {\n  return act()\n}\n",
    "src/db.js": b'import { retry } from "./retry.js"\nexport const query = () => retry(() => 1)\nexport { retry }\n',
    "src/server.js": b'import { create } from "./client.js"\nimport http from "http"\nhttp.createServer().listen(0)\n',
}

COMMONJS: dict[str, bytes | str] = {
    "src/wrapper.js": b'module.exports = { ...require("./client"), ...require("./retry") }\n',
    "src/client.js": b"exports.create = (raw) => ({ raw })\n",
    "src/retry.js": b"function retry(act) { return act() }\nmodule.exports = { retry }\n",
    "src/db.js": b'const { retry } = require("./retry")\nexports.query = () => retry(() => 1)\n',
}

RELOCATION = Relocation(
    "src/wrapper.js",
    "src/wrapper.js",
    ("src/client.js", "src/retry.js"),
    {"create": Home("src/client.js", "create"), "retry": Home("src/retry.js", "retry")},
    {},
)


def verify(root: Path, *arguments: str, code: int = 0, smoke: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    request = Request(root=str(root), smoke=smoke, seconds=20)
    program = write_program([RELOCATION], open_workspace(root), request)
    script = plant(root.parent, {f"verify{program.suffix}": program.text.encode()}) / f"verify{program.suffix}"
    result = run(root.parent, "node", str(script), "--json", *arguments)
    assert result.code == code, result
    script.unlink()
    return [json.loads(line) for line in result.output.splitlines()]


def failed(found: list[dict[str, Any]]) -> dict[str, str]:
    return {one["path"]: one["detail"] for one in found if one["outcome"] == "failed"}


@pytest.mark.parametrize("tree", [ESM, COMMONJS])
def test_everything_is_loaded(tree: dict[str, bytes | str], tmp_path: Path) -> None:
    root = plant(tmp_path / "root", tree)
    before = picture(root)
    found = verify(root, smoke=("node -p 1+1",))
    assert failed(found) == {}
    loaded = {one["path"] for one in found if one["outcome"] == "ok" and one["kind"] == "module"}
    assert loaded == {"src/client.js", "src/db.js", "src/retry.js", "src/wrapper.js"}
    assert [one["output"] for one in found if one["kind"] == "smoke"] == ["2\n"]
    assert [one["path"] for one in found if one["outcome"] == "skipped"] == ["src/server.js"] * ("type" in str(tree))
    assert picture(root) == before


def test_only_names_that_code_takes_from_the_module_itself_are_asked_for(tmp_path: Path) -> None:
    uses = b"""// const { gone } = require("./retry")
/*
const { gone } = require("./retry") */
const { name } = require("./retry").retry
const { length } = require("./retry") ["retry"]
"""
    assert failed(verify(plant(tmp_path / "root", {**COMMONJS, "src/db.js": uses}))) == {}


@pytest.mark.parametrize(
    ("tree", "path", "content", "says"),
    [
        # The two incidents: an export of what is not imported any more, and a use that was left.
        (ESM, "src/db.js", b'import { create } from "./client.js"\nexport { retry }\n', "'retry' is not defined"),
        (ESM, "src/db.js", b'import { gone } from "./client.js"\n', "does not provide an export named 'gone'"),
        (ESM, "src/wrapper.js", b'export { create } from "./client.js"\n', "retry|is not exported there"),
        (ESM, "src/retry.js", b"export function retry( {\n", "SyntaxError"),
        (COMMONJS, "src/db.js", b'const { gone } = require("./retry")\n', "does not export gone"),
        (
            COMMONJS,
            "src/db.js",
            b'const retry = require("./nowhere")\n// ./retry\nexports.r = retry(".retry")\n',
            "Cannot",
        ),
        (COMMONJS, "src/retry.js", b"process.abort()\n", "ended the process"),
    ],
)
def test_what_does_not_load_is_found(
    tree: dict[str, bytes | str], path: str, content: bytes, says: str, tmp_path: Path
) -> None:
    root = plant(tmp_path / "root", {**tree, path: content})
    details = failed(verify(root, code=1))
    assert any(word in details[path] for word in says.split("|"))


def test_a_package_that_is_not_installed_is_no_failure(tmp_path: Path) -> None:
    needy = b'import left from "left-pad-of-nowhere"\nimport { retry } from "./retry.js"\nexport { left, retry }\n'
    found = verify(plant(tmp_path / "root", {**ESM, "src/db.js": needy}))
    assert [one["detail"] for one in found if one["path"] == "src/db.js"] == [
        "needs left-pad-of-nowhere, which is not installed here"
    ]


def test_what_failed_before_in_the_same_way_is_no_failure(tmp_path: Path) -> None:
    broken = b'import { create } from "./client.js"\nthrow new Error("needs a database")\nexport { create }\n'
    common = b'// ./src/client.js\nthrow new Error("needs a database")\n'
    root = plant(tmp_path / "root", {**ESM, "src/db.js": broken, "a.cjs": common, "b.cjs": common})
    before = {
        "src/db.js": broken.replace(b"client", b"wrapper"),
        "a.cjs": common.replace(b"client", b"wrapper"),
        "b.cjs": b"exports.works = 1\n",  # did not fail before
        "src/client.js": None,
        "src/wrapper.js": b"export const create = 1\n",
    }
    request = Request(root=str(root), before=before, seconds=20)
    program = write_program([RELOCATION], open_workspace(root), request)
    script = plant(tmp_path, {"verify.mjs": program.text.encode()}) / "verify.mjs"
    found = [json.loads(line) for line in run(tmp_path, "node", str(script), "--json").output.splitlines()]
    outcomes = {one["path"]: one["outcome"] for one in found if one["kind"] == "module"}
    assert (outcomes["src/db.js"], outcomes["a.cjs"], outcomes["b.cjs"]) == ("as before", "as before", "failed")
    assert outcomes["src/client.js"] == "ok"


TYPED: dict[str, bytes | str] = {
    "package.json": b'{"type": "module"}',
    "tsconfig.json": b'{"compilerOptions": {"strict": true, "module": "nodenext", "target": "es2022", "types": []}}',
    "src/client.ts": b"export const create = (raw: number) => raw\n",
    "src/retry.ts": b"export const retry = (act: () => void) => act()\nconst wrong: string = 1\n",
    "src/use.ts": b'import { retry } from "./client.js"\nretry(() => {})\n',
}


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typescript")
    command = ("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "typescript@5")
    try:
        done = subprocess.run(command, cwd=plant(folder, {"package.json": b"{}"}), capture_output=True, timeout=90)
    except (OSError, subprocess.TimeoutExpired):
        pytest.skip("npm cannot install TypeScript here")
    if done.returncode:
        pytest.skip("npm cannot install TypeScript here")
    return folder / "node_modules"


def test_types_are_checked_by_the_typescript_of_the_project(typescript: Path, tmp_path: Path) -> None:
    root = plant(tmp_path / "root", TYPED)
    relocation = Relocation("src/old.ts", "src/old.ts", ("src/client.ts", "src/retry.ts"), {}, {})
    before = {
        "src/retry.ts": TYPED["src/retry.ts"],
        "src/use.ts": b'import { retry } from "./retry.js"\nretry(() => {})\n',
    }
    request = Request(root=str(root), before={**before, "src/client.ts": None}, seconds=60)
    program = write_program([relocation], open_workspace(root), request)
    assert "    the types of tsconfig.json, by the project's own TypeScript" in program.says
    script = plant(tmp_path, {"verify.mjs": program.text.encode()}) / "verify.mjs"

    def types() -> list[tuple[str, int, str]]:
        found = [json.loads(line) for line in run(tmp_path, "node", str(script), "--json").output.splitlines()]
        return [(one["path"], one["line"], one["outcome"]) for one in found if one["kind"] == "types"]

    assert types() == [("tsconfig.json", 0, "skipped")]
    (root / "node_modules").symlink_to(typescript)
    assert sorted(types()) == [("src/retry.ts", 2, "as before"), ("src/use.ts", 1, "failed")]

"""The program that lets Node load what a migration moved, with Node itself."""

from __future__ import annotations

import json
import shutil
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

"""TypeScript's own language service shows every name of a shim as deprecated."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tool import run
from trees import plant
from unmix_shims.javascript import ESM, JavaScriptShim, render_shim

SERVICE = Path(__file__).parent / "trials" / "language_service.cjs"

SHIM = JavaScriptShim(
    "typed.ts",
    ESM,
    {"one.ts": "./one", "two.ts": "./two"},
    {"a": "one.ts", "T": "one.ts", "default": "two.ts"},
    frozenset({"T"}),
    remove_in="3.0",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not on this machine")
    root = plant(
        tmp_path / "root",
        {
            "package.json": b"{}",
            "typed.ts": render_shim(SHIM).encode(),
            "one.ts": b"export function a(x: number): number { return x }\nexport interface T { x: number }\n",
            "two.ts": b"export default class B {}\n",
            "use.ts": b"import B, { a, T } from './typed';\nconst t: T = { x: a(1) };\nnew B(); t;\n",
            "service.cjs": SERVICE.read_bytes(),
        },
    )
    command = ("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "typescript@5")
    try:
        installed = subprocess.run(command, cwd=root, capture_output=True, timeout=90, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        installed = False
    if not installed:
        pytest.skip("npm cannot install TypeScript here")
    return root


def test_every_name_is_struck_through_and_nothing_is_wrong(root: Path) -> None:
    shown = run(root, "node", "service.cjs", "use.ts")
    assert shown.code == 0, shown.errors
    assert shown.output.decode().split("\n") == ["a", "T", "a", "B", ""]

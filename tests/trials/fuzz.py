"""Mutate real files at random, plant references in them, and migrate: nothing may crash, and no line may be lost.

    python tests/trials/fuzz.py --seconds 300            another seed each time; a failure prints the seed
    python tests/trials/fuzz.py --seed 1234 --inputs 1   the same input again
    python tests/trials/fuzz.py --only .js .ts           only files whose names end so

The files are those of the standard library, of this repository (documents, settings, notebooks, scripts) and small
ones written here. Every input is a tree with an old module, a file that uses it, and what the mutation made of it.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sys
import sysconfig
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from unmix.engine import Engine
from unmix.errors import UnmixError
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.plan import make_plan
from unmix.python.engine import PythonEngine
from unmix.workspace import memory_workspace

OLD = b'''"""Prices and labels."""

import json

RATE = 2
seen = 0


def price(count):
    global seen
    seen += 1
    return count * RATE


def label(count):
    return json.dumps(count)
'''
SPLIT = Split("shop.old", (Part("shop.money", ("label",), False, 1, (1,)), Part("shop.tax", (), True, 1, ())), 1)
MIGRATION = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), (), ShimSettings(), (), ())

PLANTED = (
    "from shop.old import price, label\n",
    "from shop.old import (price,  # why\n    label as l)\n",
    "import shop.old as m; m.price(1)\n",
    "import shop.old\nshop.old.seen\n",
    "from shop import old\nold.label(old.RATE)\n",
    "from shop.old import *\n",
    "patch('shop.old.price')\n",
    "`shop.old.label` and shop.old\n",
    "```python\nfrom shop.old import price\n```\n",
    'key = "shop.old:label"\n',
    "- shop.old.price\n",
    "print 'shop.old'; exec 'a' in b\n",
)
OLD_SCRIPT = b"""// Prices and labels.
import { dumps } from "./json.js";

export const RATE = 2;
export let seen = 0;

export function price(count) {
  seen += 1;
  return count * RATE;
}

export function label(count) {
  return dumps(count);
}
"""
SCRIPT_SPLIT = Split(
    "shop/old.js", (Part("shop/money.js", ("label",), False, 1, (1,)), Part("shop/tax.js", (), True, 1, ())), 1
)
SCRIPT_MIGRATION = Migration(Path("unmix.toml"), Path(), None, (SCRIPT_SPLIT,), (), ShimSettings(), (), ())

PLANTED_SCRIPT = (
    'import { price, label } from "../shop/old.js";\n',
    "import { price as p, // why\n  label } from '../shop/old.js'\n",
    'import * as m from "../shop/old.js"; m.price(1);\n',
    'export { label } from "../shop/old.js";\n',
    'const { price } = require("../shop/old.js");\n',
    'const old = require("../shop/old"); old.label(old.RATE);\n',
    'const { seen } = await import("../shop/old.js");\n',
    'jest.mock("../shop/old.js");\n',
    'export * from "../shop/old.js";\n',
)
TOKENS = (*"()[]{}:;,.'\"\\#`\t\n\r\f\0 \ufeffé\x85", "\r\n", '"""', "'''", "def ", "class ", "if x:\n", "import ")
SMALL = (
    ("a.toml", b'[tool]\nentry = "shop.old:price"\nlist = ["shop.old.label"]\n'),
    ("a.ini", b"[a]\nb = shop.old.price\n    shop.old.label\n"),
    ("a.yaml", b"a:\n  - shop.old.price\n  - {b: 'shop.old.label'}\n"),
    ("a.json", b'{"a": ["shop.old.price", {"b": "shop.old"}]}\n'),
    ("a.md", b"# T\n\n```python\nfrom shop.old import price\n```\n\n| a | `shop.old.label` |\n"),
    ("a.rst", b"T\n=\n\n.. automodule:: shop.old\n\n>>> from shop.old import price\n>>> price(1)\n2\n"),
    (
        "a.ipynb",
        b'{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["from shop.old import price\\n",'
        b' "%time price(1)"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
    ),
    ("a.py", b"from shop.old import label, price\n\n\ndef f(old):\n    return old.price + price(1)\n"),
    ("a.pyi", b"from shop.old import price as price\n"),
    (
        "a.js",
        b'import { label, price } from "../shop/old.js";\n\nexport const f = (old) => old.price + price(label(1));\n',
    ),
    ("b.cjs", b'const old = require("../shop/old.js");\n\nmodule.exports = { total: () => old.price(1) };\n'),
    (
        "a.ts",
        b'import { price } from "../shop/old.js";\n\nexport const f = (x: number): number => price(x) as number;\n',
    ),
    ("a.jsx", b'import { label } from "../shop/old.js";\n\nexport default () => <p title={label(1)}>{label(2)}</p>;\n'),
    ("a.vue", b'<template><p/></template>\n<script>\nimport { label } from "../shop/old.js";\nlabel(1);\n</script>\n'),
    ("b.py", b"import shop.old\nprint shop.old.price(1), `shop`\nexec 'x'\n"),
)

LIMIT = 60  # Seconds for one input: far more than any needs, also on a busy machine.


def read_corpus() -> list[tuple[str, bytes]]:
    """Give names and contents to start from."""
    library = Path(sysconfig.get_paths()["stdlib"])
    root = Path(__file__).parents[2]
    files = [*library.glob("*.py"), *library.glob("[a-l]*/*.py"), *root.glob("*.md"), *root.glob("*.toml")]
    files += [file for file in root.glob("fixtures/*/*/before/**/*") if file.is_file()]
    small = [file for file in sorted(files) if file.stat().st_size < 30_000]
    return [*SMALL * 20, *((file.name, file.read_bytes()) for file in small)]


def mutate(content: bytes, dice: random.Random, references: Sequence[str] = PLANTED) -> bytes:
    """Plant some references, then damage some places."""
    lines = content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    for _ in range(dice.randrange(3)):
        at = dice.randrange(len(lines) + 1)
        indent = re.match(r"[ \t]*", lines[at])[0] if at < len(lines) else ""  # type: ignore[index]
        lines.insert(at, indent + dice.choice(references))
    text = "".join(lines)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 5, 20))):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 1, 1, 5, 40)))
        new = dice.choice((dice.choice(TOKENS), "", text[start : start + 30]))
        text = text[:start] + new + text[end:]
    data = text.encode("utf-8", "surrogateescape")
    if dice.random() < 0.1:
        data = data.replace(b"\n", b"\r\n")
    return data


def is_script(name: str) -> bool:
    """Say whether a file is one of JavaScript's."""
    return name.endswith((".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte"))


def engines(migration: Migration) -> tuple[Engine, ...]:
    return (JavaScriptEngine(migration) if migration is SCRIPT_MIGRATION else PythonEngine(migration),)


def try_input(name: str, content: bytes) -> str:
    """Migrate one tree; say `refused`, `untouched` or `rewritten`. Raises AssertionError, or whatever is a defect."""
    path = f"app/{name}"
    if is_script(name):
        migration, tree = (
            SCRIPT_MIGRATION,
            {"shop/json.js": b"export const dumps = String;\n", "shop/old.js": OLD_SCRIPT},
        )
    else:
        migration, tree = MIGRATION, {"shop/__init__.py": b"", "shop/old.py": OLD}
    ours = {path, *tree, *(part.module.replace("shop.", "shop/") for part in migration.splits[0].parts)}
    ours |= {f"{place}.py" for place in ours if "." not in place}
    workspace = memory_workspace({**tree, path: content})
    try:
        plan = make_plan(migration, workspace, engines(migration))
    except UnmixError as error:
        if "defect" in str(error):
            raise
        return "refused"
    changed = {change.path: change for change in plan.changes}
    assert set(changed) <= ours, set(changed)
    if path not in changed:
        return "untouched"
    after = changed[path].after
    assert after is not None, "a file was deleted"
    lost = unrelated(content) - unrelated(after)
    assert not lost, f"lines lost: {list(lost)[:3]}"
    migrated = workspace.with_changes({place: change.after for place, change in changed.items()})
    again = make_plan(migration, migrated, engines(migration))
    assert not [change for change in again.changes if change.path == path], "a second run changes it again"
    return "rewritten"


def unrelated(content: bytes) -> Counter[bytes]:
    """Count the lines that name nothing of the migration: whatever happens, they stay."""
    ours = re.compile(rb"old|price|label|RATE|seen|json|shop|import")
    lines = re.split(rb"\r\n|\r|\n", content)
    return Counter(line for line in lines if re.search(rb"\w", line) and not ours.search(line))


def run_input(corpus: Sequence[tuple[str, bytes]], seed: int) -> str:
    """Make the input of a seed and try it, within the time limit."""
    dice = random.Random(seed)
    name, content = dice.choice(corpus)
    previous: Callable[..., object] = signal.signal(signal.SIGALRM, _too_slow)  # type: ignore[assignment]
    signal.alarm(LIMIT)
    try:
        return try_input(name, mutate(content, dice, PLANTED_SCRIPT if is_script(name) else PLANTED))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def _too_slow(*_: object) -> NoReturn:
    raise TimeoutError("takes too long")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--inputs", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--only", nargs="+", default=[""], metavar="ENDING", help="only files whose names end so")
    arguments = parser.parse_args()
    corpus = [(name, content) for name, content in read_corpus() if name.endswith(tuple(arguments.only))]
    found: Counter[str] = Counter()
    end = time.monotonic() + arguments.seconds
    for number in range(arguments.inputs):
        if time.monotonic() > end:
            break
        seed = arguments.seed + number
        try:
            found[run_input(corpus, seed)] += 1
        except Exception:
            found["FAILED"] += 1
            print(f"seed {seed}:", file=sys.stderr)
            traceback.print_exc(limit=-4)
    print(f"{found.total()} inputs: " + ", ".join(f"{number} {outcome}" for outcome, number in found.most_common()))
    return int("FAILED" in found)


if __name__ == "__main__":
    sys.exit(main())

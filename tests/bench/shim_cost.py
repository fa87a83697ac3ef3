"""Measure what the Python shim costs, as ratios in one run, and write the table of docs/shim.md.

    python tests/bench/shim_cost.py [--rounds N] [--write]

Against attributes of the part itself, a module that imports all names again, and a PEP 562 `__getattr__` that warns.
Each round is a fresh process for each kind, in turn; `importlib` and `warnings` are loaded before, and the parts, too,
but for `import of all and first access`: PEP 562 loads them on the first use, the shim when it is imported itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(ROOT / "shims")]

from promises import LEGACY, environment, find_interpreters, plant_trees  # noqa: E402

DOCUMENT = ROOT / "docs" / "shim.md"
BEGIN, END = "<!-- cost: begin -->\n", "<!-- cost: end -->\n"
KINDS = {"part": "shop.pricing", "re-export": "shop.again", "PEP 562": "shop.asked", "shim": "shop.legacy"}

CHILD = """
import importlib, json, sys, time, timeit, warnings
name, loaded = sys.argv[1:]
if loaded:
    import shop.pricing, shop.storage
start = time.perf_counter_ns()
module = importlib.import_module(name)
imported = time.perf_counter_ns()
module.tax
used = time.perf_counter_ns()
read = "for _ in range(1000): module.tax"
later = loaded and min(timeit.repeat(read, globals={"module": module}, number=1, repeat=30)) * 1e6
times = {"import": imported - start, "first access": used - imported, "later access": later}
print(json.dumps(times if loaded else {"import of all and first access": used - start}))
"""

ASKED = """
import importlib, warnings

__all__ = {exported}
MOVED = {homes}

def __getattr__(name):
    if name in MOVED:
        warnings.warn(f"{{__name__}}.{{name}} moved to {{MOVED[name]}}.{{name}}", DeprecationWarning, stacklevel=2)
        return getattr(importlib.import_module(MOVED[name]), name)
    raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")

def __dir__():
    return [*globals(), *MOVED]
"""


def main() -> int:
    """Measure, print the table, write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write", action="store_true", help="write the table into docs/shim.md")
    arguments = parser.parse_args()
    found = find_interpreters()
    with tempfile.TemporaryDirectory() as folder:
        tree = plant_trees(Path(folder)) / "after"
        homes = {name: home.rpartition(".")[0] for name, home in LEGACY.homes.items() if home.startswith("shop.")}
        lines = [f"from {home} import {name}\n" for name, home in homes.items()]
        (tree / "shop/again.py").write_text("".join(lines))
        (tree / "shop/asked.py").write_text(ASKED.format(exported=list(LEGACY.exported or ()), homes=homes))
        rows = [
            "| Python | measured | re-export ÷ part | PEP 562 ÷ part | shim ÷ part | shim ÷ PEP 562 |",
            "|---|---|---|---|---|---|",
        ]
        for version in (min(found), max(found)):
            rows += _rows(".".join(map(str, version)), _measure(found[version], tree, arguments.rounds))
    table = "\n".join(rows) + "\n"
    print(table)
    if arguments.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        DOCUMENT.write_text(text[:start] + table + text[end:], encoding="utf-8")
    return 0


def _measure(interpreter: str, tree: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Give the fewest nanoseconds of each measure, for each kind."""
    seen: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for _ in range(rounds + 1):  # the first compiles
        for kind, module in KINDS.items():
            times = {}
            for loaded in ("yes", ""):
                command = [interpreter, "-W", "ignore", "-c", CHILD, module, loaded]
                run = subprocess.run(command, env=environment(tree), capture_output=True, text=True, check=True)
                times |= json.loads(run.stdout)
            seen[kind].append(times)
    return {
        kind: {measure: min(each[measure] for each in all_of[1:]) for measure in all_of[0]}
        for kind, all_of in seen.items()
    }


def _rows(version: str, measured: dict[str, dict[str, float]]) -> list[str]:
    rows = []
    for measure in measured["shim"]:
        part, again, asked, shim = (measured[kind][measure] for kind in KINDS)
        # The part is loaded before: its import costs nothing to compare with.
        to_part = (
            ("", "", "") if measure.startswith("import") else (f"{each / part:.1f}" for each in (again, asked, shim))
        )
        rows.append(f"| {version} | {measure} | {' | '.join(to_part)} | {shim / asked:.2f} |")
    return rows


if __name__ == "__main__":
    sys.exit(main())

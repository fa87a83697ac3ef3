"""Try every promise of the Python shim on every interpreter of this machine, and write the table of docs/shim.md.

    python tests/trials/shim_promises.py [--pyodide FOLDER] [--write]

FOLDER is the npm package `pyodide` (`npm install pyodide`): CPython for WebAssembly, newer than what may be installed.
Exits 1 when a promise is broken. `n/a` marks what cannot run there: processes and threads do not exist in WebAssembly.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(ROOT / "shims")]

from promises import Promise, find_interpreters, plant_trees, read_promises, run_promise  # noqa: E402

DOCUMENT = ROOT / "docs" / "shim.md"
BEGIN, END = "<!-- promises: begin -->\n", "<!-- promises: end -->\n"
NEEDS = ("subprocess", "threading", "multiprocessing", "asyncio.run", "pool")


def main() -> int:
    """Try, print the table, write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyodide", type=Path, help="the folder of the npm package")
    parser.add_argument("--write", action="store_true", help="write the table into docs/shim.md")
    arguments = parser.parse_args()
    promises = [*read_promises("as_before.txt"), *read_promises("with_warnings.txt")]
    with tempfile.TemporaryDirectory() as folder:
        trees = plant_trees(Path(folder))
        columns = {".".join(map(str, v)): _try(promises, path, trees) for v, path in find_interpreters().items()}
        if arguments.pyodide:
            version, results = _try_in_wasm(promises, arguments.pyodide, trees)
            columns[f"{version} (WebAssembly)"] = results
    broken = {
        f"{title} ({column})": said for column, all_of in columns.items() for title, said in all_of.items() if said
    }
    for title, said in broken.items():
        print(f"== {title}\n{said}", file=sys.stderr)
    table = _table(promises, columns)
    print(table)
    if arguments.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        DOCUMENT.write_text(text[:start] + table + text[end:], encoding="utf-8")
    return 1 if broken else 0


def _try(promises: list[Promise], interpreter: str, trees: Path) -> dict[str, str | None]:
    """Say for each promise what went wrong: nothing when it is kept."""

    def keep(promise: Promise) -> str:
        with tempfile.TemporaryDirectory() as folder:
            run = run_promise(promise, interpreter, trees, "after", Path(folder))
            return (run.stdout + run.stderr or "failed") if run.returncode else ""

    with ThreadPoolExecutor(2) as pool:
        return dict(zip((promise.title for promise in promises), pool.map(keep, promises), strict=True))


def _try_in_wasm(promises: list[Promise], pyodide: Path, trees: Path) -> tuple[str, dict[str, str | None]]:
    able = [promise for promise in promises if not any(word in promise.script for word in NEEDS)]
    programs = [{"title": p.title, "options": p.options, "script": p.script} for p in able]
    run = subprocess.run(
        ["node", str(HERE / "wasm_python.mjs"), str(pyodide.resolve()), str(trees)],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    return answer["version"], {promise.title: answer["results"].get(promise.title) for promise in promises}


def _table(promises: list[Promise], columns: dict[str, dict[str, str | None]]) -> str:
    rows = [f"| promise | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for promise in promises:
        marks = (
            "n/a" if all_of[promise.title] is None else "no" if all_of[promise.title] else "yes"
            for all_of in columns.values()
        )
        rows.append(f"| {promise.title} | {' | '.join(marks)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())

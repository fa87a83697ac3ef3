"""Read every Python file of the standard library and of installed packages, and look that nothing changes by it.

    python tests/trials/round_trip.py                    the standard library and the packages installed here
    python tests/trials/round_trip.py --every 40         one file of forty

For each file: decoding and encoding give the same bytes; the parser's tree renders to the same text, or to one in which
every place is found; a migration that has nothing to do with the file plans no change; and one that has, since an
import is put at the end of the file, changes that line and no other byte. Exit code 1 if any file fails.

A file that LibCST cannot read must be rewritten as Python 2, or be left alone and named in a finding.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import sysconfig
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import unmix
from unmix.errors import UnreadableSource
from unmix.large_trees import bear_large_trees
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.plan import Plan, make_plan
from unmix.python.engine import PythonEngine
from unmix.python.syntax import parse
from unmix.workspace import SourceFile, decode_python, memory_workspace

PACKAGES = tuple("libcst click rich networkx git hypothesis tomlkit pygments isort _pytest pip".split())

# The migration is done: the shim is gone, and the parts tell where each name lives.
SPLIT = Split("nowhere.old", (Part("nowhere.a", ("unmix_a",), False, 1, (1,)), Part("nowhere.b", (), True, 1, ())), 1)
PARTS = {"nowhere/a.py": b"unmix_a = 1\n", "nowhere/b.py": b"unmix_b = 1\n"}
MIGRATION = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), (), ShimSettings(), (), ())
PATH = "nowhere/file.py"


def find_files(every: int) -> Iterator[Path]:
    """Give the files to try, the standard library first."""
    library = Path(sysconfig.get_paths()["stdlib"])
    installed = Path(sysconfig.get_paths()["purelib"])
    folders = [library, *(installed / name for name in PACKAGES), Path(unmix.__file__).parent]
    files = [
        file
        for folder in folders
        for file in sorted(folder.rglob("*.py"))
        if folder is not library or "site-packages" not in file.parts
    ]
    return iter(files[::every])


def try_file(file: Path) -> str:
    """Say how the round trip of one file ended: `same`, `refused …`, or what went wrong."""
    data = file.read_bytes()
    try:
        source = decode_python(PATH, data)
    except UnreadableSource:
        return refused(data)
    if source.encode(source.text) != data:
        return "WRONG: not the same bytes again"
    if plan_with(data).changes:
        return "WRONG: a plan for nothing changes something"
    try:
        tree = parse(PATH, source.text)
        same = tree.module.code == source.text
        if not same:
            tree.span(tree.module)  # refuses what cannot be found again
    except UnreadableSource:
        return refused(data)
    outcome = planted(source)
    return outcome if same else f"{outcome}, though LibCST renders another text"


def planted(source: SourceFile) -> str:
    """Put an import of the old module at the end of a file, and look that it alone is rewritten."""
    before, after = (with_import(source, module) for module in ("nowhere.old", "nowhere.a"))
    changed = {change.path: change.after for change in plan_with(before).changes}
    return "same" if changed == {PATH: after} else f"WRONG: planned {sorted(changed)}"


def with_import(source: SourceFile, module: str) -> bytes:
    line_end = "\r\n" if "\r\n" in source.text else "\n"
    text = source.text if source.text.endswith(("\n", "\r")) or not source.text else source.text + line_end
    return source.encode(f"{text}from {module} import unmix_a  # kept{line_end}")


def plan_with(data: bytes) -> Plan:
    """Plan the migration of a tree that holds the parts and a file with these bytes."""
    return make_plan(MIGRATION, memory_workspace({PATH: data, **PARTS}), (PythonEngine(MIGRATION),))


def refused(data: bytes) -> str:
    """Look that a file which LibCST cannot read is rewritten as Python 2, or is named and left as it is."""
    before, after = (data + f"\nfrom {module} import unmix_a\n".encode() for module in ("nowhere.old", "nowhere.a"))
    plan = plan_with(before)
    if {change.path: change.after for change in plan.changes} == {PATH: after}:
        return "same, as Python 2"
    if plan.changes or [finding.code for finding in plan.findings] != ["UNM009"]:
        return f"WRONG: {len(plan.changes)} changes, {plan.findings}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "named, since Python cannot read them either"
    return "named, since LibCST cannot read them"


def try_safely(file: Path) -> str:
    """Try a file; what is raised is an outcome."""
    try:
        return try_file(file)
    except Exception as error:  # What this is about: none may happen.
        return f"WRONG: {type(error).__name__}: {error}"


def count(files: Sequence[Path], outcomes: Iterable[str]) -> Counter[str]:
    """Count how files ended, and say on standard error which of them went wrong."""
    found: Counter[str] = Counter()
    for file, outcome in zip(files, outcomes, strict=True):
        if outcome.startswith("WRONG"):
            print(f"{file}: {outcome}", file=sys.stderr, flush=True)
        found[outcome.partition(":")[0]] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    bear_large_trees()
    started = time.monotonic()
    files = list(find_files(arguments.every))
    with ProcessPoolExecutor(arguments.processes) as pool:
        found = count(files, pool.map(try_safely, files, chunksize=8))
    outcomes = ", ".join(f"{number} {outcome}" for outcome, number in found.most_common())
    print(f"{found.total()} files in {time.monotonic() - started:.0f} s: {outcomes}")
    return int("WRONG" in found)


if __name__ == "__main__":
    sys.exit(main())

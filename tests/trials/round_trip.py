"""Read every Python file of the standard library and of installed packages, and look that nothing changes by it.

    python tests/trials/round_trip.py                    the standard library and the packages installed here
    python tests/trials/round_trip.py --every 40         one file of forty

For each file: decoding and encoding give the same bytes; the parser's tree renders to the same text; a migration that
has nothing to do with the file finds nothing in it and plans no change. Exit code 1 if any file fails.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import unmix
from unmix.edit import apply_edits
from unmix.errors import UnreadableSource
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.plan import make_plan
from unmix.python.engine import PythonEngine
from unmix.python.syntax import parse
from unmix.reference import Home, Relocation
from unmix.workspace import decode_python, memory_workspace

PACKAGES = tuple("libcst click rich networkx git hypothesis tomlkit pygments isort _pytest pip".split())

SPLIT = Split("nowhere.old", (Part("nowhere.a", ("a",), False, 1, (1,)), Part("nowhere.b", (), True, 1, ())), 1)
RELOCATION = Relocation(
    "nowhere.old",
    "nowhere/old.py",
    ("nowhere.a", "nowhere.b"),
    {"unmix_a": Home("nowhere.a", "unmix_a"), "unmix_b": Home("nowhere.b", "unmix_b")},
    {"unmix_a": ("nowhere.a",), "unmix_b": ("nowhere.b",)},
)


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
    """Say how the round trip of one file ended: `same`, `cannot be read: …`, or what went wrong."""
    data = file.read_bytes()
    path = "nowhere/file.py"
    try:
        source = decode_python(path, data)
    except UnreadableSource as error:
        return f"cannot be read: {error.reason}"
    if source.encode(source.text) != data:
        return "WRONG: not the same bytes again"
    try:
        tree = parse(path, source.text)
        if tree.module.code != source.text and source.text.isascii() and "\r" not in source.text:
            return "WRONG: rendered to another text"
        start, end = tree.span(tree.module)
        if not 0 <= start <= end <= len(source.text):
            return "WRONG: a span outside the text"
    except UnreadableSource as error:
        return f"cannot be read: {error.reason}"
    migration = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), (), ShimSettings(), (), ())
    workspace = memory_workspace({path: data, "nowhere/a.py": b"unmix_a = 1\n", "nowhere/b.py": b"unmix_b = 1\n"})
    engine = PythonEngine(migration)
    survey = engine.survey(path, (RELOCATION,), workspace)
    if survey.references or survey.edits or apply_edits(source.text, survey.edits) != source.text:
        return f"WRONG: found {survey}"
    if make_plan(migration, workspace, (engine,)).changes:
        return "WRONG: a plan for nothing changes something"
    return "same"


def count(files: Sequence[Path]) -> Counter[str]:
    """Try files, and say on standard error which of them went wrong."""
    found: Counter[str] = Counter()
    for file in files:
        try:
            outcome = try_file(file)
        except Exception as error:  # What this is about: none may happen.
            outcome = f"WRONG: {type(error).__name__}: {error}"
        if outcome.startswith("WRONG"):
            print(f"{file}: {outcome}", file=sys.stderr, flush=True)
        found[outcome.partition(":")[0]] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1)
    found = count(list(find_files(parser.parse_args().every)))
    print(", ".join(f"{number} {outcome}" for outcome, number in found.most_common()))
    return int("WRONG" in found)


if __name__ == "__main__":
    sys.exit(main())

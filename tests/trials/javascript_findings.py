"""Look for false findings: check every script of a repository as if each of its modules had been split.

    python tests/trials/javascript_findings.py FOLDER…

In a real migration the checks for names that are gone (UNM004, UNM005) look at what concerns one old module. Here every
module counts as a part and every exported name as one that moved, so each file is looked at whole. Nothing has been
taken away, so what is found is broken already, or found by mistake: a person has to read it. Prints one line a
repository, then the findings. It is no part of the test suite: it needs repositories, and minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.embedded import COMPONENT_SUFFIXES
from unmix.javascript.engine import JavaScriptEngine
from unmix.javascript.missing import find_missing_names
from unmix.javascript.syntax import SCRIPT_SUFFIXES
from unmix.migration import Migration, ShimSettings
from unmix.reference import Relocation
from unmix.workspace import open_workspace


def main() -> None:
    for folder in sys.argv[1:]:
        scripts, read, found = look(Path(folder))
        print(f"{Path(folder).name}: {scripts} scripts, {read} read, {len(found)} findings", flush=True)
        for finding in found:
            print(f"    {finding}", flush=True)


def look(root: Path) -> tuple[int, int, list[Finding]]:
    """Give how many scripts a repository has, how many could be read, and what is found in them."""
    workspace = open_workspace(root)
    engine = JavaScriptEngine(Migration(root / "unmix.toml", root, None, (), (), ShimSettings(), (), ()))
    paths = [path for path in workspace.paths if path.endswith((*SCRIPT_SUFFIXES, *COMPONENT_SUFFIXES))]

    def modules() -> Iterator[SourceModule]:
        for path in paths:
            with suppress(UnreadableSource):
                yield engine.module(path, workspace)

    index = engine.index(workspace)
    exported = (index.exports_of(path) for path in paths)
    watched = frozenset(name for known in exported if known is not None for name in known.names) - {"default"}
    everything = Relocation("", "", tuple(paths), {}, {})
    context = Context((everything,), (), index, watched)
    read, found = 0, []
    for module in modules():
        read += 1
        # A specifier that nearly names a module: of thousands, one is always near.
        found += [each for each in find_missing_names(module, context) if "is not there" not in each.message]
    return len(paths), read, found


if __name__ == "__main__":
    main()

"""Measure a migration of real projects beside rope moving the same definitions to the same modules, in one run.

    python tests/bench/projects.py [--runs 3] [--write docs/speed.md] [PROJECT==VERSION:ROOT:MODULE ...]

The parts are those that `unmix init` proposes. rope moves one definition after the other, and writes no shim; what it
refuses is left. Sources come from the package index, by pip.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import tomlkit
from compare import Tool, commit, environment, install_peers, machine, restore, take_turns

PROJECTS = (
    "click==8.5.1:src:click.utils",
    "jinja2==3.1.6:src:jinja2.utils",
    "requests==2.34.2:src:requests.utils",
    "boltons==26.2.0:.:boltons.iterutils",
    "werkzeug==3.1.3:src:werkzeug.http",
)
MOVE = """
import json, sys
from rope.base.project import Project
from rope.refactor.move import create_move
asked = json.loads(sys.argv[1])
roots = [] if asked["root"] == "." else [asked["root"]]
project = Project(".", ropefolder=None, source_folders=roots, save_objectdb=False)
old = project.get_resource(asked["old"])
parts = {part: old.parent.create_file(part + ".py") for part in asked["parts"]}
import re
left = 0
for name, part in asked["names"]:
    found = re.search(rf"^(?:(?:class|(?:async )?def)\\s+)?(?P<name>{name})\\b", old.read(), re.MULTILINE)
    try:
        project.do(create_move(project, old, found.start("name")).get_changes(parts[part]))
    except Exception:
        left += 1
print(f"{left} of {len(asked['names'])} were left", file=sys.stderr)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("projects", nargs="*", default=PROJECTS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="a virtual environment that has the peers, or is made there")
    parser.add_argument("--write", type=Path, help="a Markdown file whose table is replaced")
    options = parser.parse_args()
    lines = [
        "| | files changed | `unmix migrate`: s | rope: s | ratio | processor: s | rope | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        peers = install_peers(options.peers or Path(folder, "peers"))
        for project in options.projects:
            lines.append(compare(project, options.runs, Path(folder), peers))
            print(lines[-1], flush=True)
    text = "\n".join([machine(), "", *lines, ""])
    if options.write:
        inside = re.compile(r"(<!-- measured: projects -->\n).*?(<!-- end -->)", re.DOTALL)
        before = options.write.read_text()
        options.write.write_text(inside.sub(lambda match: f"{match[1]}\n{text}\n{match[2]}", before))


def compare(project: str, runs: int, folder: Path, peers: Path) -> str:
    version, root, module = project.split(":")
    tree = unpack(version, folder)
    unmix = [sys.executable, "-m", "unmix"]
    subprocess.run([*unmix, "init", module], cwd=tree, env=environment(), check=True, capture_output=True)
    commit(tree)
    asked = json.dumps(moves(tree, root, module))
    tools = [
        Tool("unmix", [*unmix, "migrate"], (0, 1)),
        Tool("rope", [peers / "python", "-c", MOVE, asked]),
    ]
    subprocess.run([*unmix, "migrate"], cwd=tree, env=environment(), check=False, capture_output=True)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=tree, check=True, capture_output=True, text=True)
    restore(tree)
    (_, ours), (_, theirs) = take_turns(tools, runs, tree, restore)
    columns = [f"{module} ({version.replace('==', ' ')})", str(len(status.stdout.splitlines()))]
    for measure in (lambda run: run.seconds, lambda run: run.processor):
        own, other = (statistics.median(measure(run) for run in found) for found in (ours, theirs))
        columns += [f"{own:.2f}", f"{other:.2f}", f"{other / own:.1f}"]
    return f"| {' | '.join(columns)} |"


def unpack(version: str, folder: Path) -> Path:
    """Give the source tree of a release, committed to a repository of its own."""
    place = folder / version.partition("==")[0]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", str(place)]
    subprocess.run([*pip, version], check=True)
    archive = next(place.glob("*.tar.gz"))
    with tarfile.open(archive) as packed:
        packed.extractall(place, filter="data")
    tree = next(child for child in place.iterdir() if child.is_dir())
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    (tree / ".git" / "info" / "exclude").write_text("__pycache__/\n")
    commit(tree)
    return tree


def moves(tree: Path, root: str, module: str) -> dict[str, Any]:
    """Give what rope is to move, as the migration file says it."""
    old = Path(root, *module.split(".")).with_suffix(".py")
    into = tomlkit.parse((tree / "unmix.toml").read_text()).unwrap()["split"][0]["into"]
    named = {name: part for part, names in into.items() for name in names}
    rest = named.pop("*", next(iter(into)))
    names = []
    for node in ast.parse((tree / old).read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    last = {part: part.rpartition(".")[2] for part in into}
    return {
        "root": root,
        "old": old.as_posix(),
        "parts": list(last.values()),
        "names": [(name, last[named.get(name, rest)]) for name in names if not name.startswith("__")],
    }


if __name__ == "__main__":
    main()

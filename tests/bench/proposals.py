"""Measure `unmix init`: glue two modules of a real package together, propose a split, compare with the truth.

    python tests/bench/proposals.py [PACKAGE …]            by default those of the table
    python tests/bench/proposals.py --shuffled …           their definitions mixed, so that order says nothing
    python tests/bench/proposals.py --without callers …    leave one sign out

The table gives the adjusted Rand index (1: the very modules that were glued; 0: as good as chance), the mean over the
pairs of each package, beside those of community detection on the bare need graph, and of chance.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import itertools
import pickle
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import networkx as nx

from unmix.errors import UnmixError
from unmix.migration import Migration, ShimSettings
from unmix.migration_file import FILE_NAME
from unmix.outline import ModuleOutline
from unmix.proposal.atoms import Atom, find_atoms
from unmix.proposal.concerns import Weights
from unmix.proposal.propose import group_atoms
from unmix.python.engine import PythonEngine
from unmix.workspace import memory_workspace

PAIRS = 6
SMALLEST, LARGEST = 5, 60

# Weights were chosen on these; the table is about the others.
TUNED_ON = ("click", "rich", "packaging", "pytest", "hypothesis", "libcst", "email", "asyncio", "unittest", "isort")
MEASURED = (
    *("networkx", "mypy", "pygments", "tomlkit", "git", "jinja2", "coverage", "pip", "setuptools", "_pytest"),
    *("importlinter", "grimp", "fissix", "logging", "xml", "http", "distutils", "multiprocessing", "concurrent"),
    *("playwright", "markdown_it", "typer", "xdist", "pluggy", "moreorless", "volatile", "bowler", "gitdb", "lib2to3"),
    *("json", "sqlite3", "wsgiref", "ctypes", "urllib", "tkinter", "idlelib", "importlib", "encodings", "dbm"),
)


@dataclass(frozen=True)
class Glued:
    """Two modules in one, with whose each name was."""

    package: str
    pair: tuple[str, str]
    text: str
    outline: ModuleOutline
    callers: dict[str, frozenset[str]]
    truth: dict[str, int]


def main() -> None:
    options = _options()
    scores: dict[str, dict[str, list[float]]] = {}
    counts: dict[str, int] = {}
    weights = Weights()
    for sign in options.without:
        weights = replace(weights, **{sign: 0.0})
    for package in options.packages or MEASURED:
        for case in cases(package, shuffled=options.shuffled, cache=options.cache):
            counts[package] = counts.get(package, 0) + 1
            for method, score in judge(case, weights).items():
                scores.setdefault(package, {}).setdefault(method, []).append(score)
    _print_table(scores, counts)


def judge(case: Glued, weights: Weights) -> dict[str, float]:
    """Give the adjusted Rand index of the proposal and of each baseline."""
    atoms = find_atoms(case.outline)
    truth = [_majority(atom, case.truth) for atom in atoms]
    found = {"unmix": group_atoms(case.outline, case.text, atoms, case.callers, weights)}
    graph = need_graph(atoms)
    found["Louvain"] = _labels(nx.community.louvain_communities(graph, seed=0), len(atoms))
    found["greedy modularity"] = _labels(nx.community.greedy_modularity_communities(graph), len(atoms))
    found["label propagation"] = _labels(nx.community.label_propagation_communities(graph), len(atoms))
    leiden = _leiden(graph)
    if leiden is not None:
        found["Leiden"] = leiden
    dice = random.Random(0)
    found["random"] = [dice.randrange(2) for _ in atoms]
    return {method: adjusted_rand_index(truth, labels) for method, labels in found.items()}


def need_graph(atoms: Sequence[Atom]) -> nx.Graph:
    home = {name: index for index, atom in enumerate(atoms) for name in atom.names}
    graph = nx.Graph()
    graph.add_nodes_from(range(len(atoms)))
    for index, atom in enumerate(atoms):
        for definition in atom.definitions:
            graph.add_edges_from((index, home[n.name]) for n in definition.needs if home.get(n.name, index) != index)
    return graph


def adjusted_rand_index(left: Sequence[int], right: Sequence[int]) -> float:
    """Give Hubert and Arabie's index: agreement on pairs, corrected for chance."""
    table: dict[tuple[int, int], int] = {}
    for pair in zip(left, right, strict=True):
        table[pair] = table.get(pair, 0) + 1
    rows = [sum(n for (a, _), n in table.items() if a == row) for row in set(left)]
    columns = [sum(n for (_, b), n in table.items() if b == column) for column in set(right)]
    both = sum(n * (n - 1) / 2 for n in table.values())
    by_rows, by_columns = (sum(n * (n - 1) / 2 for n in sums) for sums in (rows, columns))
    pairs = len(left) * (len(left) - 1) / 2
    expected = by_rows * by_columns / pairs if pairs else 0.0
    most = (by_rows + by_columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


# Gluing.


def cases(package: str, *, shuffled: bool, cache: Path | None) -> Iterator[Glued]:
    """Give up to PAIRS glued pairs of a package's modules, always the same ones."""
    place = cache / f"{package}{'-shuffled' if shuffled else ''}.pickle" if cache else None
    if place and place.exists():
        yield from pickle.loads(place.read_bytes())
        return
    made = list(_make_cases(package, shuffled=shuffled))
    if place:
        place.write_bytes(pickle.dumps(made))
    yield from made


def _make_cases(package: str, *, shuffled: bool) -> Iterator[Glued]:
    root = _folder(package)
    if root is None:
        return
    sources = {}
    for path in sorted(root.rglob("*.py")):
        if "test" in path.as_posix().removeprefix(root.as_posix()) or len(sources) > 400:
            continue
        try:
            text = path.read_bytes().decode("utf-8")
            sources[_dotted(package, root, path)] = (text, ast.parse(text))
        except (UnicodeDecodeError, SyntaxError, ValueError):
            continue
    used = _users(sources)
    fit = [module for module in sources if SMALLEST <= len(_names(sources[module][1])) <= LARGEST]
    pairs = [
        (a, b)
        for a, b in itertools.combinations(fit, 2)
        if not _names(sources[a][1]) & _names(sources[b][1])
        and max(len(_names(sources[a][1])), len(_names(sources[b][1])))
        <= 4 * min(len(_names(sources[a][1])), len(_names(sources[b][1])))
    ]
    random.Random(package).shuffle(pairs)
    made = 0
    for a, b in pairs:
        if made == PAIRS:
            return
        text = glue(sources, a, b, dice=random.Random(f"{a} {b}") if shuffled else None)
        try:
            workspace = memory_workspace({"glued.py": text.encode()})
            root_path = Path("/")
            settings = Migration(root_path / FILE_NAME, root_path, None, (), (), ShimSettings(), (), ())
            outline = PythonEngine(settings).describe("glued.py", workspace)
        except UnmixError:
            continue
        truth = dict.fromkeys(_names(sources[a][1]), 0) | dict.fromkeys(_names(sources[b][1]), 1)
        callers = {
            name: frozenset((used.get((a, name), set()) | used.get((b, name), set())) - {a, b}) for name in truth
        }
        made += 1
        yield Glued(package, (a, b), text, outline, callers, truth)


def glue(sources: Mapping[str, tuple[str, ast.Module]], a: str, b: str, *, dice: random.Random | None) -> str:
    """Write two modules as one: the imports first, then the definitions of both."""
    imports: dict[str, None] = {}
    pieces: list[list[str]] = []
    for module, other in ((a, b), (b, a)):
        text, tree = sources[module]
        lines = text.split("\n")
        own: list[str] = []
        end = 0
        for index, statement in enumerate(tree.body):
            start = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))]) - 1
            lead, code = lines[end:start], "\n".join(lines[start : statement.end_lineno])
            end = statement.end_lineno or start
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                if not (isinstance(statement, ast.ImportFrom) and _resolved(module, statement, sources) == other):
                    imports[code] = None
            elif index == 0 and isinstance(statement, ast.Expr):
                continue
            else:
                own.append("\n".join([*(line for line in lead if line.strip()), code]))
        pieces.append(own)
    mixed = [piece for own in pieces for piece in own]
    if dice is not None:
        # Each module keeps its own order, so that what is needed at import time still stands above.
        turns = [0] * len(pieces[0]) + [1] * len(pieces[1])
        dice.shuffle(turns)
        rest = [iter(pieces[0]), iter(pieces[1])]
        mixed = [next(rest[turn]) for turn in turns]
    ordered = sorted(imports, key=lambda code: "__future__" not in code)
    return "\n".join(ordered) + "\n\n\n" + "\n\n\n".join(mixed) + "\n"


def _folder(package: str) -> Path | None:
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None


def _dotted(package: str, root: Path, path: Path) -> str:
    pieces = path.relative_to(root).with_suffix("").parts
    return ".".join([package, *(pieces[:-1] if pieces[-1] == "__init__" else pieces)])


def _names(tree: ast.Module) -> set[str]:
    found = set()
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(statement.name)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found |= {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return {name for name in found if not (name.startswith("__") and name.endswith("__"))}


def _resolved(module: str, statement: ast.ImportFrom, sources: Mapping[str, object]) -> str:
    if not statement.level:
        return statement.module or ""
    package = module.split(".")[: len(module.split(".")) - statement.level]
    return ".".join([*package, *([statement.module] if statement.module else [])])


def _users(sources: Mapping[str, tuple[str, ast.Module]]) -> dict[tuple[str, str], set[str]]:
    """Give the modules that import, or reach as an attribute, each name of each module."""
    found: dict[tuple[str, str], set[str]] = {}
    for user, (_, tree) in sources.items():
        modules: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = _resolved(user, node, sources)
                for alias in node.names:
                    if f"{module}.{alias.name}" in sources:
                        modules[alias.asname or alias.name] = f"{module}.{alias.name}"
                    else:
                        found.setdefault((module, alias.name), set()).add(user)
            elif isinstance(node, ast.Import):
                modules.update({alias.asname: alias.name for alias in node.names if alias.asname in sources})
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                found.setdefault((modules[node.value.id], node.attr), set()).add(user)
    return found


def _majority(atom: Atom, truth: Mapping[str, int]) -> int:
    sides = [truth[name] for name in atom.names if name in truth]
    return round(sum(sides) / len(sides)) if sides else 0


def _labels(communities: Sequence[set[int]], number: int) -> list[int]:
    label = {node: index for index, community in enumerate(communities) for node in community}
    return [label[node] for node in range(number)]


def _leiden(graph: nx.Graph) -> list[int] | None:
    try:
        import igraph
        import leidenalg
    except ImportError:
        return None
    made = igraph.Graph(n=graph.number_of_nodes(), edges=list(graph.edges))
    return list(leidenalg.find_partition(made, leidenalg.ModularityVertexPartition, seed=0).membership)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*")
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--cache", type=Path, help="a folder to keep what was glued in, for the next run")
    return parser.parse_args()


def _print_table(scores: Mapping[str, Mapping[str, Sequence[float]]], counts: Mapping[str, int]) -> None:
    methods = list(next(iter(scores.values()), {}))
    print("| package | pairs | " + " | ".join(methods) + " |")
    print("|---|--:|" + "--:|" * len(methods))
    for package, by_method in scores.items():
        row = [f"{sum(by_method[m]) / len(by_method[m]):.2f}" for m in methods]
        print(f"| {package} | {counts[package]} | " + " | ".join(row) + " |")
    means = []
    for method in methods:
        values = [sum(v[method]) / len(v[method]) for v in scores.values()]
        means.append(f"**{sum(values) / len(values):.2f}**")
    print(f"| mean of {len(scores)} packages | {sum(counts.values())} | " + " | ".join(means) + " |")


if __name__ == "__main__":
    main()

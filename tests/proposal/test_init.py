"""What `unmix init` promises: a proposal that can be carried out, that says why, and that overwrites nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from generated import Tree, trees
from tool import unmix
from trees import picture, plant
from unmix.commands.init import propose
from unmix.commands.opening import open_engines
from unmix.impact.measure import measure_impact
from unmix.migration import Migration, ShimSettings
from unmix.migration_file import FILE_NAME, read_migration
from unmix.proposal.atoms import find_atoms
from unmix.proposal.group import link_groups, refine, score
from unmix.workspace import memory_workspace

SHOP = b'''"""Prices and parcels."""

import decimal
import json

_rates = {}


def set_rate(country, rate):
    _rates[country] = decimal.Decimal(rate)


def tax(price, country):
    return price * _rates[country]


def price_with_tax(price, country):
    return price + tax(price, country)


class Parcel:
    """A parcel on its way."""

    def __init__(self, number):
        self.number = number


class HeavyParcel(Parcel):
    """A parcel that two carry."""


def load_parcel(text):
    return Parcel(json.loads(text)["number"])


def track_parcel(parcel):
    return f"parcel {parcel.number}"
'''

FILES: dict[str, bytes | str] = {
    "shop/__init__.py": b"",
    "shop/mixed.py": SHOP,
    "shop/till.py": b"from shop.mixed import price_with_tax, set_rate\n\nset_rate('at', '0.2')\nprice_with_tax\n",
    "shop/truck.py": b"from shop import mixed\n\nprint(mixed.track_parcel(mixed.load_parcel('{}')))\n",
}


def proposed(root: Path) -> dict[str, set[str]]:
    migration, mistakes = read_migration(root / FILE_NAME)
    assert mistakes == ()
    (split,) = migration.splits
    return {part.module: set(part.names) for part in split.parts}


def test_two_concerns_are_told_apart_named_and_explained(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)
    result = unmix(root, "init", "shop.mixed")
    assert (result.code, result.output) == (0, b""), result.errors
    parcels = {"Parcel", "HeavyParcel", "load_parcel", "track_parcel"}
    assert proposed(root) == {
        "shop.tax": {"_rates", "set_rate", "tax", "price_with_tax"},
        "shop.parcel": parcels,
    }
    text = (root / FILE_NAME).read_text()
    assert "# 1 file uses only these, in shop/\n" in text
    assert "# only these use `decimal`\n" in text
    assert '"HeavyParcel",  # class, not used outside\n' in text
    assert "2 parts: 0." in text


def test_the_proposal_can_be_migrated_and_undone(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)
    before = picture(root)
    assert unmix(root, "init", "shop/mixed.py").code == 0
    assert unmix(root, "diff", "--exit-code").code == 1
    assert unmix(root, "migrate").code == 0
    assert unmix(root, "check").code == 0
    assert unmix(root, "undo").code == 0
    after = picture(root)
    assert {path: after.get(path) for path in before} == before


@pytest.mark.parametrize("existing", ["unmix.toml", "pyproject.toml"])
def test_nothing_is_overwritten(tmp_path: Path, existing: str) -> None:
    text = b"[tool.unmix]\n" if existing == "pyproject.toml" else b"# mine\n"
    root = plant(tmp_path / "root", {**FILES, existing: text})
    before = picture(root)
    result = unmix(root, "init", "shop.mixed")
    assert (result.code, result.output) == (2, b"")
    assert "is there already" in result.errors
    assert picture(root) == before
    shown = unmix(root, "init", "shop.mixed", "--print")
    assert shown.code == 0
    assert shown.text.startswith("# A proposal of `unmix init`")
    assert picture(root) == before


def test_a_number_of_parts_can_be_asked_for(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", FILES)
    assert unmix(root, "init", "shop.mixed", "--parts", "3").code == 0
    assert len(proposed(root)) == 3


def test_names_of_parts_hide_nothing(tmp_path: Path) -> None:
    # "decimal" is a library, "parcel" is there, and of a package's own names none may be a part.
    files = {**FILES, "shop/parcel.py": b"", "shop/__init__.py": SHOP.replace(b"tax", b"decimal")}
    root = plant(tmp_path / "root", files)
    for module in ("shop", "shop.mixed"):
        result = unmix(root, "init", module)
        assert result.code == 0, result.errors
        for part in proposed(root):
            package, _, leaf = part.rpartition(".")
            assert package == "shop"
            assert leaf not in sys.stdlib_module_names
            assert not (root / "shop" / f"{leaf}.py").exists()
        assert unmix(root, "diff").code == 0
        (root / FILE_NAME).unlink()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"def alone():\n    return 1\n", "one concern"),
        (b"", "one concern"),
        (b"def f():\n    global g\n    g = 1\n\ng = 0\n", "one concern"),
        (b"__all__ = [n for n in ('f', 'g')]\n\ndef f(): ...\n\ndef g(): ...\n", "__all__"),
        (b"def f(): ...\n\ndef g(): ...\n\nglobals()['h'] = f\n", "names are made at run time"),
        (b"def f(:\n", "m.py:1"),
    ],
)
def test_what_cannot_be_split_is_refused_and_nothing_written(tmp_path: Path, source: bytes, reason: str) -> None:
    root = plant(tmp_path / "root", {"m.py": source})
    result = unmix(root, "init", "m")
    assert (result.code, result.output) == (2, b"")
    assert reason in result.errors
    assert not (root / FILE_NAME).exists()


def atoms_of(source: bytes) -> list[set[str]]:
    workspace = memory_workspace({"m.py": source})
    (engine,) = [engine for engine in open_engines(EMPTY) if engine.reads("m.py")]
    return [set(atom.names) for atom in find_atoms(engine.describe("m.py", workspace))]


EMPTY = Migration(Path("/m/unmix.toml"), Path("/m"), None, (), (), ShimSettings(), (), ())


def test_what_no_split_may_part_stays_together() -> None:
    assert atoms_of(b"def f():\n    global g\n    g = 1\n\ng = 0\n\ndef h(): ...\n") == [{"f", "g"}, {"h"}]
    assert atoms_of(b"a, b = 1, 2\nc = 3\n") == [{"a", "b"}, {"c"}]
    assert atoms_of(b"try:\n    x = 1\nexcept E:\n    x = 2\n\ndef x(): ...\n\ny = 1\n") == [{"x"}, {"y"}]
    assert atoms_of(b"x = 1\ny = x\nx = y + 1\nz = 2\n") == [{"x", "y"}, {"z"}]


@given(trees())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
def test_a_proposal_for_any_module_can_be_carried_out(tree: Tree) -> None:
    workspace = memory_workspace(tree.files)
    settings_ = tree.migration
    impact = measure_impact(tree.old, settings_, workspace, open_engines)
    assume(len(find_atoms(impact.outline)) > 1)
    text = propose(impact, settings_, workspace, None)
    # propose() has split it in memory; every name is in exactly one part.
    own = {n for d in impact.outline.definitions for n in d.names if not (n.startswith("__") and n.endswith("__"))}
    listed = [line.split('"')[1] for line in text.splitlines() if line.startswith('    "') and '"*"' not in line]
    assert sorted(listed) == sorted(own)


# --- grouping --------------------------------------------------------------------------------------------------------

TWO_CLIQUES = {(0, 1): 1.0, (0, 2): 1.0, (1, 2): 1.0, (3, 4): 1.0, (3, 5): 1.0, (4, 5): 1.0, (2, 3): 0.5}


def test_groups_are_those_that_are_joined_most() -> None:
    labels = link_groups(TWO_CLIQUES, 6, 2)
    assert labels[:3] == [labels[0]] * 3
    assert labels[3:] == [labels[3]] * 3
    assert labels[0] != labels[3]


def test_moves_never_lower_the_score_and_never_empty_a_group() -> None:
    start = [0, 1, 0, 1, 0, 1]
    moved = refine(TWO_CLIQUES, start)
    assert score(TWO_CLIQUES, moved) > score(TWO_CLIQUES, start)
    assert set(refine(TWO_CLIQUES, [0, 0, 0, 0, 0, 1])) == {0, 1}


def test_what_nothing_joins_is_grouped_all_the_same() -> None:
    assert sorted(link_groups({}, 4, 2)) in ([0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1])
    assert score({}, [0, 1]) == 0


# --- JavaScript ------------------------------------------------------------------------------------------------------


def test_a_module_of_javascript_is_taken_apart_too() -> None:
    before = Path(__file__).parent.parent.parent / "fixtures/javascript/incident/before"
    result = unmix(before, "init", "src/db/prismaRetryWrapper.js", "--print")
    assert result.code == 0, result.errors
    client = result.text.partition('"src/db/retryableClient.js" = [')[2].partition("]")[0]
    assert '"RetryableClient",' in client
    assert '"createRetryablePrismaClient",' in client
    assert "withPrismaRetry" not in client

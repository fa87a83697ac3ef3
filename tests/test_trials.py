"""A small part of each trial of tests/trials/, so that none rots; the commands themselves do the work."""

from __future__ import annotations

import pytest

from trials import faults, fuzz, round_trip

QUICK = [name for name in faults.TRIALS if "command" not in name and "odd" not in name and "each write" not in name]


@pytest.mark.parametrize("name", QUICK)
def test_no_fault_loses_anything(name: str) -> None:
    counts = faults.count(faults.TRIALS[name], 6)
    assert set(counts) <= set(faults.OUTCOMES) - {faults.LOST}, counts


@pytest.mark.parametrize("make", [faults.in_odd_paths, faults.beside_a_submodule, faults.in_a_sparse_checkout])
def test_odd_trees_are_migrated_and_put_back(make: faults.Tree, tmp_path: faults.Path) -> None:
    assert make(tmp_path / "tree") == faults.NEW


def test_mutated_files_are_migrated_or_left() -> None:
    corpus = fuzz.read_corpus()
    outcomes = {fuzz.run_input(corpus, seed) for seed in range(40, 65)}
    assert "rewritten" in outcomes


def test_files_of_the_standard_library_come_back_as_they_were() -> None:
    files = list(round_trip.find_files(300))
    found = round_trip.count(files, map(round_trip.try_safely, files))
    assert "WRONG" not in found
    assert found["same"] > 8

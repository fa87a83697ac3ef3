from __future__ import annotations

import shutil
import subprocess
from itertools import count
from pathlib import Path

import pytest

from example import (
    BEFORE,
    CHANGES,
    PLACES,
    disk_full,
    files,
    planted,
    without_journal,
)
from faults import Fault, armed
from trees import picture, plant
from unmix.apply import apply_changes
from unmix.change import FileChange
from unmix.errors import WriteFailed
from unmix.undo import undo_last, undo_phase


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return planted(tmp_path / "project")


def test_undo_brings_everything_back_and_says_what(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES)
    assert undo_last(root) == PLACES
    assert picture(root) == before
    assert undo_last(root) == ()
    assert picture(root) == before


def test_undo_refuses_edited_files_and_touches_nothing(root: Path) -> None:
    apply_changes(root, CHANGES)
    (root / "run.sh").write_bytes(b"edited\n")
    (root / "app/parts/__init__.py").unlink()
    (root / "app/parts/__init__.py").symlink_to("deep/new.py")
    after = picture(root)
    with pytest.raises(WriteFailed, match=r"^app/parts/__init__\.py, run\.sh: edited since"):
        undo_last(root)
    assert picture(root) == after


def test_undo_takes_what_was_put_back_by_hand(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES)
    shutil.rmtree(root / "app/parts")
    (root / "app/gone.py").write_bytes(b"gone\n")
    assert undo_last(root) == ("app/mixed.py", "run.sh")
    assert picture(root) == before


def test_undo_does_not_write_behind_a_folder_that_became_a_link(root: Path) -> None:
    apply_changes(root, CHANGES)
    (root / "app").rename(root.parent / "elsewhere")
    (root / "app").symlink_to("../elsewhere")
    outside = picture(root.parent / "elsewhere")
    with pytest.raises(WriteFailed, match=r"app/gone\.py, .*: edited since"):
        undo_last(root)
    assert picture(root.parent / "elsewhere") == outside


def test_undo_leaves_new_folders_that_hold_something_of_others(root: Path) -> None:
    apply_changes(root, CHANGES)
    plant(root, {"app/parts/mine.txt": b"mine"})
    undo_last(root)
    assert files(root) == {**BEFORE, "app/parts/mine.txt": b"mine"}


def test_undo_takes_compiled_files_away_with_a_new_folder(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES)
    plant(root, {"app/parts/__pycache__/new.pyc": b"compiled"})
    undo_last(root)
    assert picture(root) == before


def test_undo_brings_back_a_folder_that_git_took_away(root: Path) -> None:
    plant(root, {"alone/a.py": b"a"})
    before = picture(root)
    apply_changes(root, [FileChange("alone/a.py", b"a", None)])
    (root / "alone").rmdir()
    undo_last(root)
    assert picture(root) == before


def test_phases_of_one_run_are_undone_together(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES, run="one")
    apply_changes(
        root, [FileChange("run.sh", b"#!/bin/sh\necho new\n", b"newer"), FileChange("x", None, b"")], run="one"
    )
    assert undo_last(root) == (*PLACES, "x")
    assert picture(root) == before


def test_one_phase_can_be_undone_alone(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES, run="one")
    between = without_journal(root)
    apply_changes(root, [FileChange("run.sh", b"#!/bin/sh\necho new\n", b"newer")], run="one")
    assert undo_phase(root) == ("run.sh",)
    assert without_journal(root) == between
    undo_last(root)
    assert picture(root) == before


def test_only_the_last_run_is_undone(root: Path) -> None:
    apply_changes(root, CHANGES)
    between = without_journal(root)
    apply_changes(root, [FileChange("x.py", None, b"x")])
    assert undo_last(root) == ("x.py",)
    assert without_journal(root) == between
    assert undo_last(root) == ()


def test_a_failed_run_does_not_forget_the_last_one(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES)
    with armed(Fault(8, disk_full)), pytest.raises(WriteFailed):
        apply_changes(root, [FileChange("x.py", None, b"x")])
    undo_last(root)
    assert picture(root) == before


def test_undo_belongs_to_the_project_that_was_migrated(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    planted(tmp_path / "one")
    planted(tmp_path / "two")
    apply_changes(tmp_path / "one", CHANGES)
    with pytest.raises(WriteFailed, match="the last run was in the project one; undo it there"):
        undo_last(tmp_path / "two")
    assert len(undo_last(tmp_path / "one")) == 5


@pytest.mark.parametrize("journal", [b"", b"nonsense\n", b'{"version": 1}\n', b'{"version": 99}\n'])
def test_a_journal_that_cannot_be_understood(root: Path, journal: bytes) -> None:
    plant(root, {".unmix/0001/journal.jsonl": journal})
    before = picture(root)
    with pytest.raises(WriteFailed, match=r"cannot be read|another version"):
        undo_last(root)
    assert picture(root) == before


def test_a_journal_made_up_by_a_stranger_does_not_reach_out_of_the_root(root: Path) -> None:
    plant(root.parent, {"secret.py": b"secret\n"})
    entry = '{"place": "../secret.py", "temporary": "x", "before": "absent", "after": "%s"}'
    state = "file 3dcd9cb7c68b2eb2b1fc6a6d1d3e1b3b"
    header = '{"version": 1, "project": ".", "run": "x", "created": [".."]}'
    plant(root, {".unmix/0001/journal.jsonl": f"{header}\n{entry % state}\n".encode(), ".unmix/0001/done": b""})
    with pytest.raises(WriteFailed, match="edited since"):
        undo_last(root)
    assert (root.parent / "secret.py").read_bytes() == b"secret\n"


def test_an_undo_that_fails_can_be_called_again(tmp_path: Path) -> None:
    told: list[str] = []
    for number in count():
        root = planted(tmp_path / str(number))
        before = picture(root)
        apply_changes(root, CHANGES)
        with armed(Fault(number, disk_full, lasting=True)) as fault:
            try:
                undo_last(root)
            except WriteFailed as error:
                told.append(str(error))
        undo_last(root)
        assert picture(root) == before
        if not fault.struck:
            break
    assert len(told) > 8
    assert all("run `unmix undo` again" in text or "/.unmix" in text for text in told)

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
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


def test_runs_are_undone_one_after_the_other(root: Path) -> None:
    before = picture(root)
    apply_changes(root, CHANGES)
    between = without_journal(root)
    apply_changes(root, [FileChange("x.py", None, b"x")])
    assert undo_last(root) == ("x.py",)
    assert without_journal(root) == between
    assert undo_last(root) == PLACES
    assert picture(root) == before
    assert undo_last(root) == ()


def test_so_many_runs_and_no_more_are_kept(root: Path) -> None:
    for number in range(25):
        apply_changes(root, [FileChange(f"{number}.py", None, b"")], run=f"run {number // 2}")
        apply_changes(root, [FileChange(f"{number}.txt", None, b"")], run=f"run {number // 2}")
    undone = []
    while again := undo_last(root):
        undone += again
    assert len(undone) == 50
    for number in range(25):
        apply_changes(root, [FileChange(f"{number}.py", None, b"")])
    while again := undo_last(root):
        undone += again
    assert len(undone) == 70
    assert sorted(path.name for path in root.glob("*.py")) == ["0.py", "1.py", "2.py", "3.py", "4.py"]


LONG = b"".join(b"line %d\n" % number for number in range(30))


def long_with(line: int, text: bytes, content: bytes = LONG) -> bytes:
    return content.replace(b"line %d\n" % line, text)


def test_edits_on_other_lines_can_be_kept(root: Path) -> None:
    plant(root, {"long.py": LONG})
    (root / "long.py").chmod(0o640)
    before = picture(root)
    apply_changes(root, [*CHANGES, FileChange("long.py", LONG, long_with(3, b"new\r\nnewer\n"))])
    (root / "long.py").write_bytes(long_with(20, b"mine", long_with(3, b"new\r\nnewer\n")))
    after = picture(root)
    with pytest.raises(WriteFailed, match=r"^long\.py: edited since; .*`unmix undo --merge`"):
        undo_last(root)
    assert picture(root) == after
    assert undo_last(root, merge=True) == (*PLACES[:4], "long.py", *PLACES[4:])
    assert picture(root) == {**before, "long.py": (0o640, long_with(20, b"mine"))}


@pytest.mark.parametrize(
    "edit",
    [
        ("long.py", long_with(3, b"mine\n")),
        ("long.py", None),
        ("app/parts/deep/new.py", b"new and mine"),
        ("app/gone.py", b"mine\n"),
    ],
)
def test_edits_that_would_be_lost_are_named_and_nothing_is_touched(edit: tuple[str, bytes | None], root: Path) -> None:
    plant(root, {"long.py": LONG})
    apply_changes(root, [*CHANGES, FileChange("long.py", LONG, long_with(3, b"new\n"))])
    path, content = edit
    if content is None:
        (root / path).unlink()
    else:
        (root / path).write_bytes(content)
    after = picture(root)
    for merge in (False, True):
        with pytest.raises(WriteFailed, match=f"^{path}: edited since"):
            undo_last(root, merge=merge)
    assert picture(root) == after


def test_a_merging_undo_that_is_cut_short_can_be_called_again(tmp_path: Path) -> None:
    for number in count():
        root = plant(planted(tmp_path / str(number)), {"long.py": LONG})
        before = picture(root)
        apply_changes(root, [*CHANGES, FileChange("long.py", LONG, long_with(3, b"new\n"))])
        (root / "long.py").write_bytes(long_with(20, b"mine\n", long_with(3, b"new\n")))
        with armed(Fault(number, disk_full, lasting=True)) as fault, suppress(WriteFailed):
            undo_last(root, merge=True)
        undo_last(root, merge=True)
        assert picture(root) == {**before, "long.py": (0o644, long_with(20, b"mine\n"))}
        if not fault.struck:
            break
    assert number > 10


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

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from example import (
    AFTER,
    CHANGES,
    disk_full,
    environment,
    files,
    interrupt,
    kill,
    planted,
    program,
    python,
    without_journal,
)
from faults import Fault, armed
from trees import picture, plant
from unmix.apply import apply_changes
from unmix.change import FileChange
from unmix.errors import WriteFailed
from unmix.undo import undo_last


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return planted(tmp_path / "project")


@pytest.mark.parametrize("strike", [disk_full, interrupt])
def test_a_fault_at_each_write_leaves_the_old_tree_or_the_new_one(tmp_path: Path, strike: Callable[[], None]) -> None:
    told: list[str] = []
    for number in count():
        root = planted(tmp_path / str(number))
        before = picture(root)
        with armed(Fault(number, strike)) as fault:
            try:
                apply_changes(root, CHANGES)
            except WriteFailed as error:
                told.append(str(error))
                assert picture(root) == before, (number, fault.events[-1])
            except KeyboardInterrupt:
                # Before the journal stands or after the files do: there is nothing to put back.
                assert strike is interrupt
        assert without_journal(root) == before or files(root) == {p: c for p, c in AFTER.items() if c}
        undo_last(root)
        assert picture(root) == before
        if not fault.struck:
            break
    assert len(told) > 15
    assert all("everything is as it was before" in text or "/.unmix" in text for text in told)


def test_faults_that_last_can_be_undone(tmp_path: Path) -> None:
    told = 0
    for number in count():
        root = planted(tmp_path / str(number))
        before = picture(root)
        with armed(Fault(number, disk_full, lasting=True)) as fault:
            try:
                apply_changes(root, CHANGES)
            except WriteFailed as error:
                told += "run `unmix undo`" in str(error)
        undo_last(root)
        assert picture(root) == before, number
        if not fault.struck:
            break
    assert told > 10


def killed_at_each_write(folder: Path, act: Callable[[Path], object]) -> int:
    """Run `act` again and again, each time killed one write later; then undo must bring the old tree."""
    for number in count():
        root = planted(folder / str(number))
        before = picture(root)
        if act is undo_last:
            apply_changes(root, CHANGES)
        child = os.fork()
        if not child:
            with armed(Fault(number, kill)):
                act(root)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        undo_last(root)
        assert picture(root) == before, number
        if not os.WIFSIGNALED(status):
            return number
    raise AssertionError


def test_a_kill_at_each_write_of_apply_can_be_undone(tmp_path: Path) -> None:
    result = program("print(killed_at_each_write(root, lambda root: apply_changes(root, CHANGES)))", tmp_path)
    assert result.stderr == ""
    assert int(result.stdout) > 20


def test_a_kill_at_each_write_of_undo_can_be_undone(tmp_path: Path) -> None:
    result = program("print(killed_at_each_write(root, undo_last))", tmp_path)
    assert result.stderr == ""
    assert int(result.stdout) > 10


def test_a_file_edited_while_others_are_written_is_left_alone(root: Path) -> None:
    before = picture(root)

    def edit() -> None:
        (root / "run.sh").write_bytes(b"edited\n")

    with armed(Fault(0, lambda: None)) as fault:
        apply_changes(root, CHANGES)
    undo_last(root)
    # The first rename is the journal's, the second a file's.
    renames = [number for number, event in enumerate(fault.events) if event == "os.rename"]
    with armed(Fault(renames[1], edit)), pytest.raises(WriteFailed, match=r"run\.sh: changed since it was read"):
        apply_changes(root, CHANGES)
    assert picture(root) == {**before, "run.sh": (0o754, b"edited\n")}


KILLED = """
with armed(Fault(18, kill)):
    apply_changes(root, CHANGES)
"""


def test_after_a_kill_the_next_run_asks_for_undo(root: Path) -> None:
    before = picture(root)
    assert program(KILLED, root).returncode == -signal.SIGKILL
    assert without_journal(root) != before
    assert (root / "app/parts").is_dir()
    with pytest.raises(WriteFailed, match="an earlier run was interrupted here; run `unmix undo` first"):
        apply_changes(root, [FileChange("x.py", None, b"x")])
    undo_last(root)
    assert picture(root) == before
    apply_changes(root, CHANGES)


def test_the_second_of_two_runs_is_refused(root: Path) -> None:
    code = """
def wait():
    print("inside", flush=True)
    sys.stdin.readline()
with armed(Fault(12, wait)):
    apply_changes(root, CHANGES)
print("done")
"""
    with subprocess.Popen(
        python(code, root),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "inside\n"
        for act in (lambda: apply_changes(root, CHANGES), lambda: undo_last(root)):
            with pytest.raises(WriteFailed, match=f"process {first.pid} is writing here; wait until it has ended"):
                act()
        assert first.communicate("\n")[0] == "done\n"
    assert len(undo_last(root)) == 5


def test_the_lock_of_a_dead_run_is_taken_over(root: Path) -> None:
    plant(root, {".unmix/lock": b"1\n"})
    apply_changes(root, CHANGES)
    assert len(undo_last(root)) == 5

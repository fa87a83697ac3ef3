from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from example import (
    AFTER,
    BEFORE,
    CHANGES,
    files,
    planted,
    program,
)
from trees import picture, plant
from unmix.apply import apply_changes
from unmix.change import FileChange
from unmix.errors import WriteFailed
from unmix.undo import undo_last


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return planted(tmp_path / "project")


# --- what is written -------------------------------------------------------------------------------------------------


def test_every_file_has_its_new_bytes(root: Path) -> None:
    apply_changes(root, CHANGES)
    assert files(root) == {path: content for path, content in AFTER.items() if content}
    assert (root / "app/parts/__init__.py").read_bytes() == b""
    assert not (root / "app/gone.py").exists()


def test_nothing_is_left_beside_the_files(root: Path) -> None:
    apply_changes(root, CHANGES)
    assert not [path for path in picture(root) if ".unmix-" in path]


def test_mode_bits_stay(root: Path) -> None:
    (root / "app/mixed.py").chmod(0o444)
    apply_changes(root, CHANGES)
    assert stat.S_IMODE((root / "run.sh").stat().st_mode) == 0o754
    assert stat.S_IMODE((root / "app/mixed.py").stat().st_mode) == 0o444


def test_new_files_get_what_the_umask_gives(root: Path) -> None:
    umask = os.umask(0o027)
    try:
        apply_changes(root, CHANGES)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((root / "app/parts/__init__.py").stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_leaves_files_with_their_owner(root: Path) -> None:
    os.chown(root / "run.sh", 1234, 2345)
    (root / "run.sh").chmod(0o4754)
    apply_changes(root, CHANGES)
    status = (root / "run.sh").stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o4754)


def test_unchanged_files_keep_their_time(root: Path) -> None:
    os.utime(root / "app/other.py", ns=(1, 1))
    apply_changes(root, CHANGES)
    assert (root / "app/other.py").stat().st_mtime_ns == 1


def test_no_change_leaves_no_trace(root: Path) -> None:
    before = picture(root)
    apply_changes(root, [])
    apply_changes(root, [FileChange("app/other.py", b"other\n", b"other\n")])
    assert picture(root) == before


def test_a_name_that_is_not_utf8(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    apply_changes(root, [FileChange(name, None, b"x")])
    assert (root / name).read_bytes() == b"x"
    assert undo_last(root) == (name,)


def test_in_git_the_journal_is_inside_git(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    apply_changes(root, CHANGES)
    assert (root / ".git/unmix/0001/done").exists()
    assert not (root / ".unmix").exists()
    undo_last(root)
    assert not (root / ".git/unmix").exists()


def test_in_a_linked_work_tree_too(root: Path, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    git("worktree", "add", str(tmp_path / "linked"))
    apply_changes(tmp_path / "linked", CHANGES)
    assert (root / ".git/worktrees/linked/unmix/0001/done").exists()
    undo_last(tmp_path / "linked")
    assert picture(tmp_path / "linked")["app/mixed.py"][1] == BEFORE["app/mixed.py"]


# --- symbolic links --------------------------------------------------------------------------------------------------


def test_a_link_stays_and_the_file_behind_it_is_written(root: Path) -> None:
    plant(root, {"link.py": "app/other.py"})
    apply_changes(root, [FileChange("link.py", b"other\n", b"new\n")])
    assert os.readlink(root / "link.py") == "app/other.py"
    assert (root / "app/other.py").read_bytes() == b"new\n"


def test_a_link_and_its_file_may_both_be_listed(root: Path) -> None:
    plant(root, {"link.py": "app/other.py"})
    same = [FileChange(path, b"other\n", b"new\n") for path in ("link.py", "app/other.py")]
    apply_changes(root, same)
    assert (root / "app/other.py").read_bytes() == b"new\n"


def test_a_link_and_its_file_cannot_say_different_things(root: Path) -> None:
    plant(root, {"link.py": "app/other.py"})
    changes = [FileChange("link.py", b"other\n", b"new\n"), FileChange("app/other.py", b"other\n", b"newer\n")]
    refused(root, changes, "leads to the same file as link.py")


def test_a_deleted_link_comes_back_as_a_link(root: Path) -> None:
    plant(root, {"link.py": "app/other.py"})
    before = picture(root)
    apply_changes(root, [FileChange("link.py", b"other\n", None)])
    assert not os.path.lexists(root / "link.py")
    assert (root / "app/other.py").read_bytes() == b"other\n"
    assert undo_last(root) == ("link.py",)
    assert picture(root) == before


def test_a_linked_folder_inside_the_root(root: Path) -> None:
    plant(root, {"linked": "app"})
    apply_changes(root, [FileChange("linked/other.py", b"other\n", b"new\n"), FileChange("linked/a/b.py", None, b"b")])
    assert (root / "app/other.py").read_bytes() == b"new\n"
    assert (root / "app/a/b.py").read_bytes() == b"b"
    undo_last(root)
    assert files(root) == {**BEFORE, "linked": "app"}


def test_a_root_behind_a_link(root: Path) -> None:
    root.with_name("other_way").symlink_to(root)
    apply_changes(root.with_name("other_way"), CHANGES)
    assert len(undo_last(root)) == 5


# --- what is refused -------------------------------------------------------------------------------------------------


def refused(root: Path, changes: list[FileChange], reason: str) -> None:
    before, outside = picture(root), picture(root.parent)
    with pytest.raises(WriteFailed, match=reason):
        apply_changes(root, changes)
    assert picture(root) == before
    assert picture(root.parent) == outside


@pytest.mark.parametrize("path", ["../x.py", "/x.py", "app/../../x.py", "", "app//x.py", "./x.py", "app/\0.py", "app/"])
def test_a_path_that_is_not_below_the_root(root: Path, path: str) -> None:
    refused(root, [FileChange(path, None, b"x")], "not a path below the project root")


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", ".GIT/config", "vendor/.git/config", ".unmix/0001/done"])
def test_a_path_of_git_or_of_the_journal(root: Path, path: str) -> None:
    refused(root, [FileChange(path, None, b"x")], "belongs to git or to the journal")


def test_a_file_link_out_of_the_root(root: Path) -> None:
    plant(root.parent, {"secret.py": b"secret\n"})
    plant(root, {"link.py": "../secret.py"})
    refused(root, [FileChange("link.py", b"secret\n", b"x")], "leads out of the project root")
    refused(root, [FileChange("link.py", b"secret\n", None)], "leads out of the project root")


def test_a_folder_link_out_of_the_root(root: Path) -> None:
    plant(root.parent, {"elsewhere/a.py": b"a\n"})
    plant(root, {"linked": "../elsewhere"})
    refused(root, [FileChange("linked/a.py", b"a\n", b"x")], "leads out of the project root")
    refused(root, [FileChange("linked/deep/new.py", None, b"x")], "leads out of the project root")


def test_a_dangling_link_is_no_free_name(root: Path) -> None:
    plant(root, {"link.py": "nowhere.py"})
    refused(root, [FileChange("link.py", None, b"x")], "changed since it was read")


def test_a_journal_folder_that_leads_elsewhere(root: Path) -> None:
    plant(root.parent, {"elsewhere/a.py": b"a\n"})
    plant(root, {".unmix": "../elsewhere"})
    refused(root, CHANGES, "a symbolic link")


def test_files_changed_since_they_were_read_are_all_named(root: Path) -> None:
    plant(root, {"app/gone.py": b"edited\n", "app/parts/__init__.py": b"made since\n"})
    (root / "run.sh").unlink()
    refused(root, CHANGES, r"^app/gone\.py, app/parts/__init__\.py, run\.sh: changed since it was read; run again$")


@pytest.mark.parametrize("other", ["App/Mixed.py", "app/mixed.PY"])
def test_two_changes_where_case_does_not_count(root: Path, other: str) -> None:
    refused(root, [*CHANGES, FileChange(other, None, b"x")], "where case does not count")


def test_two_spellings_of_one_letter(root: Path) -> None:
    refused(
        root,
        [FileChange("caf\xe9.py", None, b"x"), FileChange("cafe\u0301.py", None, b"x")],
        "where case does not count",
    )


@pytest.mark.parametrize("path", ["APP/x.py", "app/Other.py"])
def test_a_new_file_beside_one_of_other_case(root: Path, path: str) -> None:
    if (root / "APP").exists():
        pytest.skip("case does not count on this file system")
    refused(root, [FileChange(path, None, b"x")], "where case does not count")


def test_a_file_cannot_be_a_folder_too(root: Path) -> None:
    refused(root, [FileChange("a", None, b"x"), FileChange("A/b.py", None, b"x")], "cannot be a file and a folder")


def test_a_parent_that_is_a_file(root: Path) -> None:
    refused(root, [*CHANGES, FileChange("app/other.py.d", None, b"x"), FileChange("run.sh/x", None, b"x")], "run.sh")
    refused(root, [FileChange("run.sh/x.py", None, b"x")], "run.sh is a file, not a folder")


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="No such file"):
        apply_changes(tmp_path / "nowhere", [FileChange("x.py", None, b"x")])
    assert not (tmp_path / "nowhere").exists()


# --- file systems that refuse, really --------------------------------------------------------------------------------


def bound_by_modes() -> tuple[str, ...]:
    """What to put in front of a command so that mode bits bind it, also when root runs the tests."""
    if os.geteuid() != 0:
        return ()
    prefix = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    if not shutil.which("setpriv") or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the tests run as root, whom mode bits do not bind, and nothing can change that here")
    return prefix


def test_a_read_only_folder(root: Path) -> None:
    prefix = bound_by_modes()
    plant(root, {"app/locked/a.py": b"a\n", "z.py": b"z\n"})
    (root / "app/locked").chmod(0o555)
    before = picture(root)
    code = """
paths = ("app/other.py", b"other\\n"), ("app/locked/a.py", b"a\\n"), ("z.py", b"z\\n")
apply_changes(root, [FileChange(path, content, b"new") for path, content in paths])
"""
    result = program(code, root, prefix=prefix)
    (root / "app/locked").chmod(0o755)
    before["app/locked"] = (0o755, None)
    assert "app/locked/a.py: Permission denied; make its folder writable and run again" in result.stderr
    assert picture(root) == before


def test_a_file_that_grows_past_the_limit(root: Path) -> None:
    before = picture(root)
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
apply_changes(root, [*CHANGES, FileChange("z.py", None, b"z" * 200_000)])
"""
    assert "z.py: File too large" in program(code, root).stderr
    assert picture(root) == before


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"'
    prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(disk))
    if not shutil.which("unshare") or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a small file system here")
    code = """
planted(root)
before = picture(root)
try:
    apply_changes(root, [*CHANGES, FileChange("z.py", None, b"z" * 200_000), FileChange("zz.py", None, b"z" * 100_000)])
except WriteFailed as error:
    print(error)
assert picture(root) == before
apply_changes(root, CHANGES)
undo_last(root)
assert picture(root) == before
"""
    result = program(code, disk, prefix=prefix)
    assert result.stderr == ""
    assert "zz.py: No space left on device; free some space and run again (everything is as it was" in result.stdout

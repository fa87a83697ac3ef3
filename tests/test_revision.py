"""A commit's files, read from git's objects: the same as those of a checkout of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tool import committed
from trees import plant
from unmix.errors import UnreadableSource, UsageError
from unmix.revision import Blobs, read_revision
from unmix.workspace import open_revision, open_workspace

FILES: dict[str, bytes | str] = {
    "app/old.py": b"# caf\xe9\r\nold = 1\r\n",
    "app/empty.py": b"",
    "app/user.py": b"from app.old import old\n",
    "docs/a b\n\xe9.md": b"old and new",
    "top.py": b"import app.old\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    committed(plant(tmp_path / "tree", FILES))
    os.symlink("app/old.py", tmp_path / "tree" / "link.py")
    return committed(tmp_path / "tree")


def test_is_what_a_checkout_would_be(root: Path) -> None:
    disk, revision = open_workspace(root), open_revision(root, "HEAD")
    assert revision.paths == disk.paths
    assert all(revision.read_bytes(path) == disk.read_bytes(path) for path in disk.paths if path != "link.py")
    for needles in (("old",), ("caf", "and new"), ("nowhere",), ()):
        assert revision.containing(needles) == disk.containing(needles)
    assert revision.is_symlink("link.py")
    assert not revision.is_symlink("top.py")


def test_does_not_see_what_came_later(root: Path) -> None:
    plant(root, {"later.py": b"old", "top.py": b"changed"})
    revision = open_revision(root, "HEAD")
    assert not revision.exists("later.py")
    assert revision.read("top.py").text == "import app.old\n"
    assert open_revision(root, "HEAD~1").paths == tuple(sorted(path for path in revision.paths if path != "link.py"))


def test_lists_the_folder_it_is_opened_at(root: Path) -> None:
    assert open_revision(root / "app", "HEAD", ["emp*"]).paths == ("old.py", "user.py")


def test_can_be_overlaid(root: Path) -> None:
    changed = open_revision(root, "HEAD").with_changes({"top.py": b"nothing", "new.py": b"old", "app/user.py": None})
    assert changed.containing(("old",)) == ("app/old.py", "docs/a b\n\xe9.md", "new.py")


def test_contents_are_read_once_for_all_revisions(root: Path) -> None:
    blobs = Blobs(root)
    first = read_revision(root, "HEAD~1", blobs)
    assert len(first.containing((b"old",))) == 4
    (root / ".git" / "objects").rename(root / ".git" / "kept-elsewhere")
    try:
        assert len(first.containing((b"old",))) == 4
        assert first.read("top.py") == b"import app.old\n"
        with pytest.raises(OSError, match="git"):
            first.containing((b"new",))
    finally:
        (root / ".git" / "kept-elsewhere").rename(root / ".git" / "objects")


def test_what_is_no_revision_is_refused(root: Path, tmp_path: Path) -> None:
    for name in ("nowhere", "--all", "HEAD:top.py"):
        with pytest.raises(UsageError, match="knows no such revision"):
            open_revision(root, name)
    with pytest.raises(UsageError, match="no git repository"):
        open_revision(tmp_path, "HEAD")
    with pytest.raises(UnreadableSource):
        open_revision(root, "HEAD").read_bytes("link.py")

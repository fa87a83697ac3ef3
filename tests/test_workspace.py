"""Workspaces over real folders and real git repositories: what is listed, how it is decoded, what is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unmix.errors import UnreadableSource, UsageError
from unmix.workspace import Workspace, decode_python, decode_text, dirty_paths, memory_workspace, open_workspace

BOM = b"\xef\xbb\xbf"


def plant(root: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit_all(folder: Path) -> Path:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "all")
    return folder


@pytest.fixture(autouse=True)
def _own_git_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the settings, and the repository, of whoever runs the tests out of them."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path_factory.mktemp("settings") / "gitconfig"))


@pytest.fixture(params=["git", "plain"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An empty folder, once in git and once not."""
    if request.param == "git":
        git(tmp_path, "init", "--quiet")
    return tmp_path


# Decoding.


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        ("x = 'é'\n".encode(), "x = 'é'\n", "utf-8"),
        (BOM + b"x = 1\n", "x = 1\n", "utf-8"),
        (BOM + b"# coding: utf-8\n", "# coding: utf-8\n", "utf-8"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n", "iso-8859-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'", None, "cp1252"),
        (b"# Ren\xe9 -*- coding: latin-1 -*-\n", "# René -*- coding: latin-1 -*-\n", "iso-8859-1"),
        (b"# Ren\xe9\n# coding: latin-1\n", "# René\n# coding: latin-1\n", "iso-8859-1"),
        (b"# coding: latin-1\rx = '\xe9'\r", "# coding: latin-1\rx = 'é'\r", "iso-8859-1"),
        (b"\x0c# coding: latin-1\n'\xe9'", "\x0c# coding: latin-1\n'é'", "iso-8859-1"),
        (b"a = 1\r\nb = 2\nc = 3\rd\x0c\n\x0b\x1c", "a = 1\r\nb = 2\nc = 3\rd\x0c\n\x0b\x1c", "utf-8"),
        (b"x = 1\n# coding: latin-1\n", "x = 1\n# coding: latin-1\n", "utf-8"),
        (b"# 1\n# 2\n# coding: latin-1\n", "# 1\n# 2\n# coding: latin-1\n", "utf-8"),
    ],
)
def test_python_source_is_decoded_as_python_would(data: bytes, text: str | None, encoding: str) -> None:
    file = decode_python("a.py", data)
    if text is not None:
        assert file.text == text
    assert file.encoding == encoding
    assert file.bom == (BOM if data.startswith(BOM) else b"")
    assert file.encode(file.text) == data


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"a = 1\nb = '\xe9'\n", 2, "byte 0xe9 is not utf-8"),
        (BOM + b"a = 1\n\nb = '\xff'\n", 3, "byte 0xff is not utf-8"),
        (b"# coding: ascii\n'\xe9'\n", 2, "byte 0xe9 is not ascii"),
        (b"# coding: no-such\n", 1, "unknown encoding: no-such"),
        (b"#!/bin/x\n# coding: no-such\n", 2, "unknown encoding: no-such"),
        (BOM + b"# coding: latin-1\n", 1, "declared as iso-8859-1, but its byte order mark says utf-8"),
        (b"# coding: unicode_escape\nx = '\\d'", 1, "unicode_escape is no encoding for source files"),
        (b"# coding: rot13\n", 0, "cannot be decoded as rot13"),
        (b"# coding: hex\n", 0, "cannot be decoded as hex"),
        (b"# coding: utf-7\n+AGE-\n", 0, "would not be the same bytes"),
    ],
)
def test_python_source_that_cannot_be_decoded(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        decode_python("a.py", data)
    assert (caught.value.path, caught.value.line) == ("a.py", line)
    assert reason in caught.value.reason


def test_other_files_are_utf8_whatever_they_say() -> None:
    assert decode_text("a.md", b"<!-- coding: latin-1 -->\r\n\xc3\xa9").text == "<!-- coding: latin-1 -->\r\né"
    file = decode_text("a.json", BOM + b"{}")
    assert (file.text, file.bom, file.encode("[]")) == ("{}", BOM, BOM + b"[]")
    with pytest.raises(UnreadableSource, match=r"a\.md:2: byte 0xe9 is not utf-8"):
        decode_text("a.md", b"\n\xe9")


def test_text_that_the_encoding_lacks_is_refused() -> None:
    file = decode_python("a.py", b"# coding: latin-1\n")
    with pytest.raises(UnicodeEncodeError):
        file.encode("# coding: latin-1\nx = '€'\n")


_COOKIES = st.sampled_from(
    [
        "utf-8",
        "latin-1",
        "cp1252",
        "shift_jis",
        "utf-16",
        "utf-7",
        "iso2022_jp",
        "idna",
        "punycode",
        "undefined",
        "hz",
        "x",
    ]
)


@settings(max_examples=500, deadline=None)
@given(
    bom=st.sampled_from([b"", BOM]),
    cookie=st.one_of(st.just(b""), _COOKIES.map(lambda name: f"# coding: {name}\n".encode())),
    rest=st.binary(max_size=40),
)
def test_what_is_decoded_gives_the_same_bytes(bom: bytes, cookie: bytes, rest: bytes) -> None:
    data = bom + cookie + rest
    for decode in (decode_python, decode_text):
        try:
            file = decode("a.py", data)
        except UnreadableSource:
            continue
        assert file.encode(file.text) == data


# Listing.


def test_every_file_is_listed_once_and_sorted(tree: Path) -> None:
    plant(tree, {"b.py": b"", "a/c.py": b"", "a/b/d.txt": b"", "a.py": b"", ".hidden": b""})
    workspace = open_workspace(tree)
    assert workspace.paths == (".hidden", "a.py", "a/b/d.txt", "a/c.py", "b.py")
    assert workspace.root == tree.resolve()
    assert workspace.exists("a/c.py")
    assert not workspace.exists("a")
    assert not workspace.exists("c.py")
    assert [workspace.is_dir(path) for path in ("a", "a/", "a/b", "", ".", "a.py", "c", "a/b/d")] == [True] * 5 + [
        False
    ] * 3


def test_folders_that_tools_fill_are_left_out(tree: Path) -> None:
    skipped = (".venv", "venv", "node_modules", "__pycache__", ".tox", ".mypy_cache", "a/node_modules")
    plant(tree, {f"{folder}/x.py": b"import old" for folder in skipped})
    plant(tree, {"kept/x.py": b"import old"})
    workspace = open_workspace(tree)
    assert workspace.paths == ("kept/x.py",)
    assert workspace.containing(["old"]) == ("kept/x.py",)


def test_tracked_files_in_such_folders_are_listed(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"venv/x.py": b"old"}))
    assert open_workspace(tmp_path).containing(["old"]) == ("venv/x.py",)


def test_virtual_environment_under_another_name(tmp_path: Path) -> None:
    plant(tmp_path, {"env311/pyvenv.cfg": b"", "env311/lib/x.py": b"", "a.py": b""})
    assert open_workspace(tmp_path).paths == ("a.py",)


def test_ignored_untracked_and_deleted_files(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"tracked.py": b"old", "gone.py": b"old", "d/gone.py": b"old", "forced.log": b"old"}))
    plant(tmp_path, {".gitignore": b"*.log\nbuild/\n", "new.py": b"old", "a.log": b"old", "build/x.py": b"old"})
    (tmp_path / "gone.py").unlink()
    shutil.rmtree(tmp_path / "d")
    workspace = open_workspace(tmp_path)
    assert workspace.paths == (".gitignore", "forced.log", "new.py", "tracked.py")
    # An ignore rule that matches a tracked file makes `git grep --untracked` pass over it.
    assert workspace.containing(["old"]) == ("forced.log", "new.py", "tracked.py")


def test_file_that_became_a_folder(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"a/b": b""}))
    (tmp_path / "a" / "b").unlink()
    plant(tmp_path, {"a/b/c.py": b""})
    assert open_workspace(tmp_path).paths == ("a/b/c.py",)


def test_only_what_lies_below_a_subfolder_counts(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"top.py": b"old", "in/a.py": b"old", "in/d/b.py": b"old", "in/é.py": b"old"}))
    plant(tmp_path, {"in/new.py": b"old", "new.py": b"old"})
    workspace = open_workspace(tmp_path / "in")
    assert workspace.paths == ("a.py", "d/b.py", "new.py", "é.py")
    assert workspace.containing(["old"]) == workspace.paths
    assert workspace.read_bytes("d/b.py") == b"old"


def test_settings_of_the_user_do_not_matter(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"in/a.py": b"old.x", "in/b.py": b"oldyx"}))
    for setting in ("grep.fullName=true", "grep.patternType=perl", "color.ui=always", "submodule.recurse=true"):
        git(tmp_path, "config", *setting.split("="))
    assert open_workspace(tmp_path / "in").containing(["old.x"]) == ("a.py",)


def test_submodules_and_nested_repositories_are_not_files(tmp_path: Path) -> None:
    inner = commit_all(plant(tmp_path / "inner", {"x.py": b"old"}))
    outer = commit_all(plant(tmp_path / "outer", {"a.py": b"old"}))
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "vendored")
    commit_all(outer)
    commit_all(plant(outer / "nested", {"y.py": b"old"}))
    workspace = open_workspace(outer)
    assert workspace.paths == (".gitmodules", "a.py")
    assert workspace.containing(["old"]) == ("a.py",)
    assert open_workspace(outer / "vendored").paths == ("x.py",)


def test_conflicts_are_listed_once(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"a.py": b"old 1\n"}))
    git(tmp_path, "checkout", "--quiet", "-b", "other")
    commit_all(plant(tmp_path, {"a.py": b"old 2\n"}))
    git(tmp_path, "checkout", "--quiet", "-")
    commit_all(plant(tmp_path, {"a.py": b"old 3\n"}))
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "merge", "--quiet", "other")
    workspace = open_workspace(tmp_path)
    assert workspace.paths == ("a.py",)
    assert workspace.containing(["<<<<"]) == ("a.py",)


def test_files_that_git_does_not_look_at(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"assumed.py": b"", "sparse.py": b"old", "absent.py": b"old"}))
    git(tmp_path, "update-index", "--assume-unchanged", "assumed.py")
    git(tmp_path, "update-index", "--skip-worktree", "sparse.py", "absent.py")
    plant(tmp_path, {"assumed.py": b"old"})
    (tmp_path / "absent.py").unlink()
    workspace = open_workspace(tmp_path)
    assert workspace.paths == ("assumed.py", "sparse.py")
    # git grep reads the committed text of what is assumed to be unchanged.
    assert workspace.containing(["old"]) == ("assumed.py", "sparse.py")


@pytest.mark.parametrize("name", ["a b.py", " a.py", "a\nb.py", "a\tb.py", 'a"b.py', "a\\b.py", "é.py", "?.py", "-f"])
def test_odd_names(tree: Path, name: str) -> None:
    plant(tree, {name: b"old", f"d {name}/x.py": b"old"})
    for _ in range(2):  # Untracked, then, in git, tracked.
        workspace = open_workspace(tree)
        assert workspace.paths == tuple(sorted([name, f"d {name}/x.py"]))
        assert workspace.containing(["old"]) == workspace.paths
        assert workspace.read(name).text == "old"
        if (tree / ".git").exists():
            commit_all(tree)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(tree: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    plant(tree, {name: b"old"})
    if (tree / ".git").exists():
        commit_all(tree)
    workspace = open_workspace(tree)
    assert workspace.paths == (name,) == workspace.containing(["old"])
    assert os.fsencode(workspace.read(name).path) == b"caf\xe9.py"


def test_links_are_listed_and_never_followed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = plant(tmp_path_factory.mktemp("outside"), {"x.py": b"old", "d/y.py": b"old"})
    plant(tree, {"a.py": b"old", "pkg/b.py": b"old"})
    (tree / "inside.py").symlink_to("a.py")
    (tree / "outside.py").symlink_to(outside / "x.py")
    (tree / "broken.py").symlink_to("nowhere.py")
    (tree / "folder").symlink_to(outside / "d")
    (tree / "loop").symlink_to(".")
    for _ in range(2):
        workspace = open_workspace(tree)
        links = ("broken.py", "folder", "inside.py", "loop", "outside.py")
        assert workspace.paths == tuple(sorted([*links, "a.py", "pkg/b.py"]))
        assert tuple(path for path in workspace.paths if workspace.is_symlink(path)) == links
        assert workspace.is_symlink("folder/new.py")
        assert not workspace.is_symlink("pkg/new.py")
        assert workspace.containing(["old"]) == ("a.py", "pkg/b.py")
        assert workspace.read("inside.py").text == "old"
        for path in ("broken.py", "folder"):
            with pytest.raises(UnreadableSource):
                workspace.read(path)
        if (tree / ".git").exists():
            commit_all(tree)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_pipes_are_not_files(tree: Path) -> None:
    os.mkfifo(tree / "pipe.py")
    (tree / "link.py").symlink_to("pipe.py")
    workspace = open_workspace(tree)
    assert workspace.paths == ("link.py",)
    with pytest.raises(UnreadableSource, match=r"link\.py: not a regular file"):
        workspace.read("link.py")


def test_exclude(tree: Path) -> None:
    names = ["third_party/a.py", "third_party/b/c.py", "x/third_party/a.py", "gen_a.py", "x/y/gen_b.py", "x/[id].py"]
    plant(tree, dict.fromkeys(names, b"old"))
    for patterns, left in [
        ((), names),
        (("third_party/**",), names[2:]),
        (("third_party",), names[2:]),
        (("./third_party/",), names[2:]),
        (("**/third_party/**",), names[3:]),
        (("**/gen_*.py", "third_party"), ["x/third_party/a.py", "x/[id].py"]),
        (("gen_*.py",), [*names[:3], *names[4:]]),
        (("*/a.py",), names[1:]),
        (("**/?.py",), names[3:]),
        (("x/**/gen_b.py", "x/[id].py"), names[:4]),
        (("**",), []),
    ]:
        workspace = open_workspace(tree, patterns)
        assert workspace.paths == tuple(sorted(left))
        assert workspace.containing(["old"]) == workspace.paths


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        open_workspace(tmp_path / "missing")


# Where git does not serve.


def test_no_git_executable(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"a.py": b"old", ".gitignore": b"b.py\n"}))
    plant(tmp_path, {"b.py": b"old"})
    # In an interpreter of its own: gitpython looks for git when it is imported.
    script = (
        "import pathlib, unmix.workspace as w; root = pathlib.Path('.'); tree = w.open_workspace(root); "
        "print(tree.paths, tree.containing(['old']), w.dirty_paths(root, tree.paths))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "('.gitignore', 'a.py', 'b.py') ('a.py', 'b.py') ()\n"
    assert result.stderr == ""


def test_git_disappears_while_we_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = open_workspace(commit_all(plant(tmp_path, {"a.py": b"old", "b.py": b""})))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert workspace.containing(["old"]) == ("a.py",)
    assert open_workspace(tmp_path).paths == ("a.py", "b.py")


def test_repository_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_all(plant(tmp_path, {"a.py": b"old", ".gitignore": b"b.py"}))
    plant(tmp_path, {"b.py": b"old"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert open_workspace(tmp_path).paths == (".gitignore", "a.py", "b.py")
    assert dirty_paths(tmp_path, ["a.py"]) == ()


def test_folder_that_git_ignores_is_a_plain_one(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {".gitignore": b"/build\n"}))
    plant(tmp_path, {"build/project/a.py": b"old"})
    workspace = open_workspace(tmp_path / "build" / "project")
    assert workspace.paths == ("a.py",) == workspace.containing(["old"])


def test_empty_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    workspace = open_workspace(tmp_path)
    assert (workspace.paths, workspace.containing(["a"]), workspace.is_dir("")) == ((), (), False)


def test_dot_git_that_is_none(tmp_path: Path) -> None:
    plant(tmp_path, {".git": b"rubbish", "a.py": b""})
    assert open_workspace(tmp_path).exists("a.py")


def test_inside_a_git_hook_of_another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooked = commit_all(plant(tmp_path / "hooked", {"h.py": b"old"}))
    other = commit_all(plant(tmp_path / "other", {"in/a.py": b"old", ".gitignore": b"b.py"}))
    plant(other, {"in/b.py": b"old"})
    linked = tmp_path / "linked"
    git(other, "worktree", "add", "--quiet", str(linked))
    monkeypatch.setenv("GIT_DIR", str(hooked / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(hooked / ".git" / "index"))
    for root in (other / "in", linked / "in"):
        workspace = open_workspace(root)
        assert workspace.paths == ("a.py",) == workspace.containing(["old"])
        assert dirty_paths(root, ["a.py"]) == ()
        plant(root, {"a.py": b"changed"})
        assert dirty_paths(root, ["a.py"]) == ("a.py",)


def test_nothing_is_written(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {"a.py": b"old", "b.py": b""}))
    os.utime(tmp_path / "a.py", (1, 1))  # Makes git want to refresh its index.
    before = {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")}
    workspace = open_workspace(tmp_path)
    workspace.with_changes({"a.py": None, "c.py": b"old"}).containing(["old"])
    assert dirty_paths(tmp_path, workspace.paths) == ()
    assert {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")} == before


# Searching.


def test_containing(tree: Path) -> None:
    plant(
        tree,
        {
            "empty.py": b"",
            "dotted.py": b"import app.db.old",
            "other.py": b"import app_db_old",
            "binary.bin": b"\0\1\2old\0",
            "latin.py": b"# coding: latin-1\n'\xe9' + old",
            "accent.py": "é_modul".encode(),
            "large.py": b"x" * 3_000_000 + b"needle",
            "utf16.txt": "old".encode("utf-16"),
            "crlf.py": b"a\r\nold\r\n",
        },
    )
    for _ in range(2):
        workspace = open_workspace(tree)
        assert workspace.containing([]) == ()
        assert workspace.containing(["nowhere"]) == ()
        assert workspace.containing(["old"]) == ("binary.bin", "crlf.py", "dotted.py", "latin.py", "other.py")
        assert workspace.containing(["app.db"]) == ("dotted.py",)
        assert workspace.containing(["APP.DB"]) == ()
        assert workspace.containing(["é_"]) == ("accent.py",)
        assert workspace.containing(["-needle", "needle", "app.db", "db.old"]) == ("dotted.py", "large.py")
        assert workspace.containing(["a\r\nold", "\\"]) == ("crlf.py",)
        assert workspace.containing(["x\nx", "db\n"]) == ()
        assert workspace.containing(["\0\1"]) == ("binary.bin",)
        assert workspace.containing([""]) == workspace.paths
        if (tree / ".git").exists():
            commit_all(tree)


def test_very_many_needles_and_untracked_files(tmp_path: Path) -> None:
    commit_all(plant(tmp_path, {f"t{number}.py": b"name_%d_" % number for number in range(5)}))
    plant(tmp_path, {f"u/{number}.py": b"name_%d_" % number for number in range(1500)})
    workspace = open_workspace(tmp_path)
    needles = [f"name_{number}_" for number in range(0, 40_000, 1000)] + ["y" * 1000 + str(n) for n in range(300)]
    assert workspace.containing(needles) == ("t0.py", "u/0.py", "u/1000.py")


def test_file_that_vanishes_or_changes_after_opening(tree: Path) -> None:
    workspace = open_workspace(plant(tree, {"a.py": b"old", "b.py": b"old"}))
    (tree / "a.py").unlink()
    assert workspace.containing(["old"]) == ("b.py",)
    with pytest.raises(UnreadableSource, match=r"a\.py: no such file"):
        workspace.read_bytes("a.py")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read_is_listed(tree: Path) -> None:
    plant(tree, {"a.py": b"x", "b.py": b"x"})
    if (tree / ".git").exists():
        commit_all(tree)
    (tree / "a.py").chmod(0)
    workspace = open_workspace(tree)
    assert workspace.containing(["old"]) == ("a.py",)
    with pytest.raises(UnreadableSource, match="permission denied"):
        workspace.read("a.py")


# Reading.


def test_reading(tree: Path) -> None:
    plant(tree, {"a.py": b"# coding: latin-1\r\n'\xe9'", "a.pyi": BOM + b"x: int", "a.md": b"# coding: latin-1"})
    workspace = open_workspace(tree)
    assert workspace.read("a.py").encoding == "iso-8859-1"
    assert workspace.read("a.py") is workspace.read("a.py")
    assert workspace.read("a.pyi").bom == BOM
    assert workspace.read("a.md").encoding == "utf-8"
    for path in ("missing.py", "../a.py", "/etc/hostname", ".git/config", "."):
        with pytest.raises(UnreadableSource, match="no such file in the workspace"):
            workspace.read_bytes(path)


# What would be.


@pytest.fixture(params=["git", "plain", "memory"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """Three files, `a.py` and `d/b.py` with `old` in them, `c.py` without."""
    files = {"a.py": b"old", "d/b.py": b"old", "c.py": b"new"}
    if request.param == "memory":
        return memory_workspace(files)
    plant(tmp_path, files)
    return open_workspace(commit_all(tmp_path) if request.param == "git" else tmp_path)


def test_changes_are_seen_everywhere_and_written_nowhere(opened: Workspace) -> None:
    assert opened.containing(["old"]) == ("a.py", "d/b.py")
    changed = opened.with_changes({"a.py": b"moved", "d/b.py": None, "c.py": b"old", "e/f.py": b"old, too"})
    assert changed.paths == ("a.py", "c.py", "e/f.py")
    assert changed.containing(["old"]) == ("c.py", "e/f.py")
    assert changed.containing(["moved"]) == ("a.py",)
    assert changed.read("a.py").text == "moved"
    assert [changed.is_dir(path) for path in ("d", "e")] == [False, True]
    assert not changed.exists("d/b.py")
    with pytest.raises(UnreadableSource):
        changed.read("d/b.py")
    again = changed.with_changes({"d/b.py": b"old", "e/f.py": None, "never.py": None})
    assert again.paths == ("a.py", "c.py", "d/b.py")
    assert again.containing(["old"]) == ("c.py", "d/b.py")
    assert opened.paths == ("a.py", "c.py", "d/b.py")
    assert opened.read("a.py").text == "old"
    assert opened.containing(["old"]) == ("a.py", "d/b.py")
    if opened.root.is_absolute():
        assert (opened.root / "a.py").read_bytes() == b"old"
        assert not (opened.root / "e").exists()


def test_changes_keep_what_was_read(opened: Workspace) -> None:
    before = opened.read("a.py"), opened.read("c.py")
    changed = opened.with_changes({"c.py": b"old"})
    assert changed.read("a.py") is before[0]
    assert changed.read("c.py").text == "old"
    assert opened.read("c.py") is before[1]


# Uncommitted changes.


def test_dirty_paths(tmp_path: Path) -> None:
    names = ["same.py", "edited.py", "staged.py", "deleted.py", "removed.py", "touched.py", "renamed.py", "a b\né.py"]
    commit_all(plant(tmp_path, {f"in/{name}": f"{name}\n".encode() for name in names}))
    plant(
        tmp_path, {f"in/{name}": b"changed" for name in ("edited.py", "staged.py", "a b\né.py", "new.py", "added.py")}
    )
    git(tmp_path, "add", "in/staged.py", "in/added.py")
    git(tmp_path, "rm", "--quiet", "in/removed.py")
    git(tmp_path, "mv", "in/renamed.py", "in/moved.py")
    (tmp_path / "in" / "deleted.py").unlink()
    os.utime(tmp_path / "in" / "touched.py", (1, 1))
    asked = [*names, "new.py", "added.py", "moved.py", "missing.py"]
    dirty = {*names, "new.py", "added.py", "moved.py"} - {"same.py", "touched.py"}
    assert dirty_paths(tmp_path / "in", asked) == tuple(name for name in asked if name in dirty)
    assert dirty_paths(tmp_path, [f"in/{name}" for name in asked]) == tuple(
        f"in/{name}" for name in asked if name in dirty
    )
    assert dirty_paths(tmp_path, []) == ()


def test_nothing_is_dirty_outside_git_and_all_is_before_the_first_commit(tmp_path: Path) -> None:
    plant(tmp_path, {"a.py": b"", "b.py": b""})
    assert dirty_paths(tmp_path, ["a.py"]) == ()
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "a.py")
    assert dirty_paths(tmp_path, ["a.py", "b.py", "c.py"]) == ("a.py", "b.py")

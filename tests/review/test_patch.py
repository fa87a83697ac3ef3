from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unmix.change import FileChange
from unmix.review.hunks import find_hunks
from unmix.review.patch import render_patch

Tree = dict[str, bytes]


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    # What this machine's people have configured for git must not decide.
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    result = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, env=environment, check=False
    )
    assert result.returncode == 0, result.stderr + stdin
    return result.stdout


def tree(folder: Path) -> Tree:
    files = (
        Path(top, name) for top, folders, names in os.walk(folder) if ".git" not in Path(top).parts for name in names
    )
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def changes_between(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    return [FileChange(path, before.get(path), after.get(path)) for path in sorted({*before, *after})]


def assert_git_agrees(before: Tree, after: Tree) -> None:
    """In a real repository `git apply` of the patch gives `after`, and `git apply -R` gives `before` again."""
    patch = render_patch(changes_between(before, after))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        for path, content in before.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        if before == after:
            assert patch == b""
            return
        git(folder, "apply", "--whitespace=nowarn", stdin=patch)
        assert tree(folder) == after
        git(folder, "apply", "-R", "--whitespace=nowarn", stdin=patch)
        assert tree(folder) == before


# --- what git makes of it --------------------------------------------------------------------------------------------

# Few different lines, so that some are common; all that str.splitlines, but not git, takes for the end of a line.
LINES = st.sampled_from(
    [
        *(
            b"",
            b"a",
            b"b",
            b" a",
            b"-a",
            b"+",
            b"a\r",
            b"\r",
            b"a\rb",
            b"\x0c",
            b"\x85",
            b"\x1c\x1d",
            b"caf\xe9",
            b"\0",
        ),
        *("\u2028".encode(), b"--- a/x", b"@@ -1 +1 @@", b"diff --git a/x b/x", b"\\ No newline at end of file"),
    ]
)
CONTENTS = st.builds(
    lambda lines, end: b"\n".join(lines) + end, st.lists(LINES, max_size=25), st.sampled_from([b"\n", b""])
)
ANY_CONTENTS = CONTENTS | st.binary(max_size=40) | st.just(b"")
NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]) | st.sampled_from("ab \"\\\t\n\r\x07\x0b\x7f'é"),
    min_size=1,
    max_size=8,
)


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes | None, bytes | None]:
    """A file before and after: now and then unrelated, mostly with a few lines changed."""
    before = draw(ANY_CONTENTS)
    if draw(st.booleans()):
        return before, draw(ANY_CONTENTS)
    lines = before.split(b"\n")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines)))
        lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINES, max_size=2))
    after = b"\n".join(lines)
    return draw(st.sampled_from([(before, after), (None, after), (before, None)]))


@settings(max_examples=250, deadline=None)
@given(st.lists(edited(), min_size=1, max_size=25))
def test_git_apply_gives_the_same_bytes(files: Sequence[tuple[bytes | None, bytes | None]]) -> None:
    before = {f"f{number}": old for number, (old, _) in enumerate(files) if old is not None}
    after = {f"f{number}": new for number, (_, new) in enumerate(files) if new is not None}
    assert_git_agrees(before, after)


@settings(max_examples=100, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=10, unique=True))
def test_git_apply_finds_every_name(names: Sequence[str]) -> None:
    # A folder for each, so that no name is another's folder or twin.
    paths = [f"{number}/{name}x" for number, name in enumerate(names)]
    kinds = [(b"a\n", b"b\n"), (None, b"b\n"), (b"a\n", None), (b"", None), (None, b"")]
    pairs = [(path, *kinds[number % len(kinds)]) for number, path in enumerate(paths)]
    assert_git_agrees(
        {path: old for path, old, _ in pairs if old is not None},
        {path: new for path, _, new in pairs if new is not None},
    )


def test_a_name_that_is_not_utf8() -> None:
    name = os.fsdecode(b"caf\xe9 x.py")
    assert b'"a/caf\\351 x.py"' in render_patch([FileChange(name, b"a", b"b")])
    assert_git_agrees({name: b"a"}, {name: b"b"})


def test_our_patch_is_gits_own(tmp_path: Path) -> None:
    before = {
        "a b.py": b"".join(b"%d\n" % number for number in range(40)),
        "caf\xe9.py": b"one\r\ntwo\r\n",
        "end.py": b"no newline",
        "gone.py": b"gone\n",
        "same.py": b"same\n",
    }
    after = {
        "a b.py": before["a b.py"].replace(b"\n7\n", b"\nseven\n").replace(b"\n30\n31\n", b"\n"),
        "caf\xe9.py": b"one\r\n2\r\n",
        "end.py": b"newline\n",
        "new.py": b"new\n",
        "same.py": b"same\n",
    }
    git(tmp_path, "init", "-q")
    for path, content in before.items():
        (tmp_path / path).write_bytes(content)
    git(tmp_path, "add", "-A")
    (tmp_path / "gone.py").unlink()
    for path, content in after.items():
        (tmp_path / path).write_bytes(content)
    git(tmp_path, "add", "-N", "new.py")
    expected = git(tmp_path, "diff", "--no-renames", "--no-color")
    lines = [line for line in expected.splitlines(keepends=True) if not line.startswith(b"index ")]
    # Git also says behind `@@` in which function a hunk is: here nothing looks like one.
    assert render_patch(changes_between(before, after)) == b"".join(lines)


# --- single corners --------------------------------------------------------------------------------------------------


def test_what_stays_is_left_out() -> None:
    assert render_patch([FileChange("a", b"x", b"x"), FileChange("b", None, None)]) == b""


def test_files_keep_their_order() -> None:
    patch = render_patch([FileChange(name, None, b"") for name in "cab"])
    assert [line[-1:] for line in patch.splitlines() if line.startswith(b"diff")] == [b"c", b"a", b"b"]


@pytest.mark.parametrize(
    ("before", "after", "header"),
    [
        (b"", b"a\n", "@@ -0,0 +1 @@"),
        (b"a\n", b"", "@@ -1 +0,0 @@"),
        (b"a\nb\n", b"a\n", "@@ -1,2 +1 @@"),
        (b"a\n" * 9, b"a\n" * 9 + b"b\nb\n", "@@ -7,3 +7,5 @@"),
    ],
)
def test_the_header_of_a_hunk(before: bytes, after: bytes, header: str) -> None:
    assert [hunk.header for hunk in find_hunks(before, after)] == [header]


def test_changes_seven_lines_apart_are_two_hunks() -> None:
    def hunks(apart: int) -> int:
        middle = b"".join(b"%d\n" % number for number in range(apart))
        return len(find_hunks(b"a\n" + middle + b"b\n", b"A\n" + middle + b"B\n"))

    assert (hunks(6), hunks(7)) == (1, 2)


def test_a_moved_stretch_keeps_the_longer_side() -> None:
    (hunk,) = find_hunks(b"m\na\nb\nc\n", b"a\nb\nc\nm\n")
    assert hunk.lines == (b"-m\n", b" a\n", b" b\n", b" c\n", b"+m\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x\n" * 30_000, b"y\n" + b"x\n" * 20_000 + b"z\n"),
        (
            b"".join(b"%d\n\n" % number for number in range(50_000)),
            b"".join(b"%d\n\n" % number for number in range(50_000) if number % 1000),
        ),
        (
            b"".join(b"%d\n" % (number % 997) for number in range(50_000)),
            b"".join(b"%d\n" % (number % 991) for number in range(50_000)),
        ),
    ],
    ids=["one line repeated", "blank lines between", "nothing to hold on to"],
)
def test_big_files_take_a_moment(before: bytes, after: bytes) -> None:
    start = time.process_time()
    hunks = find_hunks(before, after)
    assert time.process_time() - start < 10
    assert sum(line[:1] != b"-" for hunk in hunks for line in hunk.lines) == sum(hunk.after_count for hunk in hunks)
    assert_git_agrees({"big": before}, {"big": after})

"""`migrate --interactive`: whatever is declined, what is there afterwards works."""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tool import Result, committed, run, unmix
from trees import picture, plant
from unmix.change import FileChange
from unmix.review.hunks import find_hunks
from unmix.review.selection import group_hunks, take_hunks

GAP = b"\n".join(b"# %d" % number for number in range(12)) + b"\n"
OLD = b"def wrap(client):\n    return [client]\n\n\ndef retry(call):\n    return call()\n"
TREE: dict[str, bytes] = {
    "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
    "app/__init__.py": b"",
    "app/old.py": OLD,
    # Two imports that have nothing to do with each other.
    "app/free.py": b"from app.old import retry\n"
    + GAP
    + b"from app.old import wrap\n\n\ndef go():\n    return retry(lambda: wrap(1))\n",
    # An import and the uses of what it binds.
    "app/knot.py": b"from app import old\n" + GAP + b"\n\ndef go():\n    return old.retry(lambda: old.wrap(1))\n",
    "app/chain.py": b"import app.old\n" + GAP + b"\n\ndef go():\n    return app.old.retry(lambda: app.old.wrap(1))\n",
    "README.md": b"Use `app.old.wrap`.\n" + GAP + b"Use `app.old.retry`.\n",
    "run.py": (
        b"from app import chain, free, knot\n\nassert chain.go() == free.go() == knot.go() == [1]\nprint('works')\n"
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return committed(plant(tmp_path / "tree", TREE))


def answer(root: Path, monkeypatch: pytest.MonkeyPatch, answers: str, *arguments: str) -> Result:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{letter}\n" for letter in answers)))
    return unmix(root, "migrate", "--interactive", *arguments)


def works(root: Path) -> bool:
    return run(root, sys.executable, "run.py").output == b"works\n"


def test_all_is_what_migrate_does(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = committed(plant(tmp_path / "plain", TREE))
    assert unmix(plain, "migrate").code == 0
    for letters in ("a", "yyyyyyyyy"):
        other = committed(plant(tmp_path / letters, TREE))
        assert answer(other, monkeypatch, letters).code == 0
        left = {path: entry for path, entry in picture(other).items() if not path.startswith(".unmix")}
        assert left == {path: entry for path, entry in picture(plain).items() if not path.startswith(".unmix")}


def test_declining_the_split_writes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = picture(root)
    for letter in "nq":
        result = answer(root, monkeypatch, letter)
        assert (result.code, picture(root)) == (0, before)
        assert "Nothing is written" in result.errors
        assert "+++ b/app/one.py" in result.text


def test_a_declined_call_site_works_through_the_shim(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = answer(root, monkeypatch, "ynnnnnnn")
    assert "call sites" not in result.errors
    assert "the shim answers" in result.errors
    assert result.code == 1  # errors are left, and named
    assert "app/knot.py:1:17: UNM001" in result.errors
    changed = {path for path, content in TREE.items() if (root / path).read_bytes() != content}
    assert changed == {"app/old.py"}
    assert works(root)
    assert answer(root, monkeypatch, "a").code == 0
    assert unmix(root, "check").code == 0
    assert works(root)


def test_hunks_that_need_each_other_are_asked_as_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = answer(root, monkeypatch, "yyyyyyyy")
    # README 2, chain 1, free 2, knot 1
    assert result.errors.count("Rewrite this") == 4
    assert result.errors.count("Rewrite these 2 hunks, which go together,") == 2


def test_one_hunk_of_a_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(root, monkeypatch, "yyn" + "n" + "yn" + "n")
    assert (root / "README.md").read_bytes() == TREE["README.md"].replace(b"app.old.wrap", b"app.one.wrap")
    assert (root / "app/free.py").read_bytes() == TREE["app/free.py"].replace(
        b"app.old import retry", b"app.two import retry"
    )
    assert works(root)


def test_of_a_file_all_or_nothing_more(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(root, monkeypatch, "y" + "f" + "n" + "d" + "y")
    assert b"old" not in (root / "README.md").read_bytes()
    assert (root / "app/free.py").read_bytes() == TREE["app/free.py"]
    assert b"old" not in (root / "app/knot.py").read_bytes()
    assert works(root)


def test_quitting_keeps_what_was_taken(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(root, monkeypatch, "yyq")
    assert b"app.one.wrap" in (root / "README.md").read_bytes()
    assert (root / "app/knot.py").read_bytes() == TREE["app/knot.py"]
    assert works(root)


def test_without_an_answer_nothing_is_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = picture(root)
    result = answer(root, monkeypatch, "yy")
    assert (result.code, picture(root)) == (2, before)
    assert "nothing is written" in result.errors


def test_help_is_given(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it keeps working through the shim" in answer(root, monkeypatch, "y?q").errors


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_answered_works(root: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    letters = random.Random(seed).choices("yn", k=12)
    answer(root, monkeypatch, "y" + "".join(letters))
    assert works(root)


@given(
    st.lists(st.sampled_from(["a", "b", "c", "", "\r", "d\x0c"]), max_size=25),
    st.lists(st.sampled_from(["a", "b", "x", "", "\r"]), max_size=25),
    st.booleans(),
    st.integers(0, 255),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_some_hunks_of_any_text(old: list[str], new: list[str], ended: bool, choice: int) -> None:
    before, after = ("\n".join(lines).encode() + b"\n" * ended for lines in (old, new))
    hunks = find_hunks(before, after)
    assert take_hunks(before, hunks) == after
    assert take_hunks(before, ()) == before
    some = [hunk for hunk in hunks if choice >> hunks.index(hunk) % 8 & 1]
    rest = [hunk for hunk in hunks if hunk not in some]
    # What was left is what is left to do.
    left = find_hunks(take_hunks(before, some), after)
    assert sum(len(hunk.lines) for hunk in left) <= sum(len(hunk.lines) for hunk in rest) + 6 * len(rest)
    assert group_hunks(FileChange("a.txt", before, after)) == tuple((hunk,) for hunk in hunks)
    assert sum(map(len, group_hunks(FileChange("a.ts", before, after)))) == len(hunks)

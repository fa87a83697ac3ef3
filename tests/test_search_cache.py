"""What is found with a cache is what is found without one, whatever happened to the tree or to the cache in between."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tool import committed, git, unmix
from trees import plant
from unmix.search_cache import SearchCache
from unmix.workspace import open_workspace

NEEDLES = ("old_module", "with_retry")
TEXTS = (b"old_module", b"with_retry", b"nothing at all", b"OLD_module", b"", b"\xff\x00 old_module", b"a\r\nb\r\n")
PATHS = ("a.py", "b.py", "pkg/c.py", "pkg/d.txt", "ignored/e.py", "ü n.py")

change = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(PATHS), st.sampled_from(TEXTS)),
    st.tuples(st.just("remove"), st.sampled_from(PATHS)),
    st.tuples(st.just("rename"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
    st.sampled_from(
        [
            ("git", "add", "-A"),
            ("git", "commit", "-qam", "change"),
            ("git", "checkout", "-q", "."),
            ("git", "checkout", "-q", "-B", "other", "HEAD~1"),
            ("git", "stash", "-q", "-u"),
            ("git", "stash", "pop", "-q"),
            ("git", "update-index", "--assume-unchanged", "a.py"),
            ("git", "update-index", "--skip-worktree", "b.py"),
            ("git", "rm", "-q", "--cached", "-r", "--ignore-unmatch", "pkg"),
            ("check",),
        ]
    ),
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {path: TEXTS[number] for number, path in enumerate(PATHS)}
    root = plant(tmp_path / "tree", {**files, ".gitignore": b"ignored\n"})
    committed(root)
    return root


def found(root: Path, cache: Path | None) -> tuple[str, ...]:
    return open_workspace(root, (), SearchCache(cache) if cache else None).containing(NEEDLES)


def carry_out(root: Path, what: Sequence[object]) -> None:
    kind, *rest = what
    if kind == "git":
        identity = ("-c", "user.name=n", "-c", "user.email=e", "-c", "gc.auto=0")
        subprocess.run(["git", *identity, *map(str, rest)], cwd=root, capture_output=True, check=False)
    elif kind == "write":
        place = root / str(rest[0])
        place.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(rest[1], bytes)
        place.write_bytes(rest[1])
    elif kind == "remove":
        (root / str(rest[0])).unlink(missing_ok=True)
    elif kind == "rename" and (root / str(rest[0])).exists() and (root / str(rest[1])).parent.exists():
        (root / str(rest[0])).replace(root / str(rest[1]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(change, min_size=1, max_size=10))
def test_the_same_is_found_after_any_change(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Sequence[object]]
) -> None:
    folder = tmp_path_factory.mktemp("case")
    files = {path: TEXTS[number] for number, path in enumerate(PATHS)}
    root = plant(folder / "tree", {**files, ".gitignore": b"ignored\n"})
    committed(root)
    cache = folder / "cache"
    assert found(root, cache) == found(root, None)
    for what in changes:
        carry_out(root, what)
        assert found(root, cache) == found(root, None), what


def test_what_a_filter_writes_is_searched_each_time(tree: Path, tmp_path: Path) -> None:
    (tree / ".gitattributes").write_text("a.py filter=swap\n")
    git(tree, "config", "filter.swap.smudge", "sed s/nothing/old_module/")
    git(tree, "config", "filter.swap.clean", "sed s/old_module/nothing/")
    (tree / "a.py").write_bytes(b"nothing at all\n")
    committed(tree)
    assert "a.py" not in found(tree, tmp_path / "cache")
    (tree / "a.py").unlink()
    git(tree, "checkout", "-q", "a.py")
    assert (tree / "a.py").read_bytes() == b"old_module at all\n"
    assert git(tree, "status", "--porcelain", "a.py") == b""
    assert "a.py" in found(tree, tmp_path / "cache")


@pytest.mark.parametrize("harm", ["cut", "other version", "no text", "folder", "unwritable"])
def test_a_broken_cache_counts_as_empty(tree: Path, tmp_path: Path, harm: str) -> None:
    cache = tmp_path / "cache"
    assert found(tree, cache) == found(tree, None)
    (file,) = cache.iterdir()
    if harm == "cut":
        file.write_text(file.read_text()[:-7])
    elif harm == "other version":
        file.write_text(file.read_text().replace("unmix ", "unmix 9", 1))
    elif harm == "no text":
        file.write_bytes(b"\xff\x00")
    elif harm == "folder":
        file.unlink()
        file.mkdir()
    else:
        file.unlink()
        cache.rmdir()
        cache.write_text("a file where the folder was")
    (tree / "b.py").write_bytes(b"old_module, since")
    assert found(tree, cache) == found(tree, None)


def test_only_contents_without_the_texts_are_kept(tree: Path, tmp_path: Path) -> None:
    hits = found(tree, tmp_path / "cache")
    known = SearchCache(tmp_path / "cache").read([needle.encode() for needle in NEEDLES])
    entries = git(tree, "ls-files", "-z", "--stage").decode().split("\0")[:-1]
    kept = {entry.partition("\t")[2] for entry in entries if entry.split()[1] in known}
    assert kept == {".gitignore", "pkg/c.py", "pkg/d.txt"}
    assert kept.isdisjoint(hits)


def test_check_with_a_cache_says_the_same(tree: Path, tmp_path: Path) -> None:
    (tree / "unmix.toml").write_text('[[split]]\nmodule = "old_module"\n[split.into]\nfirst = ["f"]\nsecond = ["*"]\n')
    (tree / "old_module.py").write_text("def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    (tree / "a.py").write_text("from old_module import f\n")
    for name, text in (("b.py", "import old_module\n"), ("pkg/c.py", "x = 1\n"), ("pkg/d.txt", ""), ("ü n.py", "")):
        (tree / name).write_text(text)
    committed(tree)
    for _ in range(2):
        plain, cached = unmix(tree, "check"), unmix(tree, "check", "--cache", str(tmp_path / "cache"))
        assert cached == plain
        assert plain.code == 1
        (tree / "b.py").write_text("x = 2\n")

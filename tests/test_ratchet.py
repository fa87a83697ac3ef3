"""`check --since` and `check --baseline`: what is known passes, what is new fails, whatever moves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tool import Result, committed, git, unmix
from trees import plant

OLD = b"def wrap(client):\n    return client\n\n\ndef retry(call):\n    return call()\n"
TREE: dict[str, bytes] = {
    "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
    "app/__init__.py": b"",
    "app/old.py": OLD,
    "app/user.py": b"from app.old import retry\n\n\ndef go():\n    return retry(print)\n",
    "app/other.py": b"import app.old\n\nx = app.old.wrap(1)\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return committed(plant(tmp_path / "tree", TREE))


def found(root: Path, *arguments: str) -> tuple[int, list[tuple[str, int, str]]]:
    result = unmix(root, "check", "--format", "json", *arguments)
    rows = json.loads(result.output)["findings"]
    return result.code, [(row["path"], row["line"], row["code"]) for row in rows]


# --- since -----------------------------------------------------------------------------------------------------------


def test_nothing_is_new_since_now(root: Path) -> None:
    assert found(root)[0] == 1
    assert found(root, "--since", "HEAD") == (0, [])
    result = unmix(root, "check", "--since", "HEAD")
    assert result.text == "Nothing new is found; 3 known.\n"
    assert "not told" in result.errors


def test_moved_lines_and_renamed_files_are_nothing_new(root: Path) -> None:
    moved = b"import os\n\n\n" + TREE["app/other.py"].replace(b"x = app", b"if os:\n    x = app")
    plant(root, {"app/other.py": moved})
    git(root, "mv", "app/user.py", "app/renamed.py")
    plant(root, {"app/renamed.py": b"'''Doc.'''\n\n" + TREE["app/user.py"]})
    assert found(root, "--since", "HEAD") == (0, [])


def test_a_new_reference_is_told_alone(root: Path) -> None:
    # The same name in the same file, and a line like one that is there: still one more.
    plant(root, {"app/other.py": TREE["app/other.py"] + b"x = app.old.wrap(1)\ny = app.old.retry(x)\n"})
    plant(root, {"app/untracked.py": b"from app.old import wrap\n"})
    assert found(root, "--since", "HEAD") == (
        1,
        [("app/other.py", 4, "UNM002"), ("app/other.py", 5, "UNM002"), ("app/untracked.py", 1, "UNM001")],
    )


def test_what_breaks_in_a_file_nobody_touched_is_new(root: Path) -> None:
    unmix(root, "migrate")
    committed(root)
    assert found(root) == (0, [])
    plant(root, {"app/two.py": b"def again(call):\n    return call()\n"})
    assert ("app/user.py", 1, "UNM004") in found(root, "--since", "HEAD")[1]


def test_a_shim_that_was_past_its_date_already_is_nothing_new(root: Path) -> None:
    plant(root, {"unmix.toml": TREE["unmix.toml"] + b'[shim]\nremove_in = "2020-01-01"\n'})
    unmix(root, "migrate", "--allow-dirty")
    assert found(root) == (1, [("app/old.py", 13, "UNM007")])
    committed(root)
    assert found(root, "--since", "HEAD") == (0, [])
    assert found(root, "--since", "HEAD~1")[0] == 1


def test_it_is_the_fork_that_counts(root: Path) -> None:
    git(root, "branch", "-q", "-M", "main")
    git(root, "checkout", "-q", "-b", "topic")
    plant(root, {"app/new.py": b"from app.old import wrap\n"})
    committed(root)
    git(root, "checkout", "-q", "main")
    plant(root, {"app/other.py": b""})
    committed(root)
    git(root, "checkout", "-q", "topic")
    # What main mended meanwhile, this branch has not added.
    assert found(root, "--since", "main") == (1, [("app/new.py", 1, "UNM001")])


def test_a_folder_of_a_repository(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {}) / "service"
    plant(root, TREE)
    committed(root.parent)
    git(root, "mv", "app/user.py", "app/renamed.py")
    plant(root, {"app/renamed.py": TREE["app/user.py"] + b"\n\nretry2 = retry\nfrom app.old import wrap\n"})
    assert found(root, "--since", "HEAD") == (1, [("app/renamed.py", 9, "UNM001")])


def test_before_there_was_an_old_module_nothing_was_known(tmp_path: Path) -> None:
    root = committed(plant(tmp_path / "tree", {"README": b""}))
    committed(plant(root, TREE))
    assert len(found(root, "--since", "HEAD~1")[1]) == 3


def test_revisions_that_are_not_here(root: Path, tmp_path: Path) -> None:
    result = unmix(root, "check", "--since", "nowhere")
    assert (result.code, "knows no such revision" in result.errors) == (2, True)
    committed(plant(root, {"more.txt": b""}))
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    first = git(root, "rev-list", "--max-parents=0", "HEAD").decode().strip()
    result = unmix(tmp_path / "shallow", "check", "--since", first)
    assert (result.code, "this clone is shallow" in result.errors) == (2, True)


def test_reports_in_the_tree_are_no_references(root: Path) -> None:
    before = found(root)
    forms = ("text", "json", "sarif", "gitlab", "junit")
    unmix(root, "check", *(word for form in forms[1:] for word in ("--format", f"{form}={form}.{form}")))
    baseline(root, "--update-baseline")
    kept = {path: path.read_bytes() for path in root.iterdir() if path.is_file() and path.name != "unmix.toml"}
    assert len(kept) == 5
    assert found(root) == before
    unmix(root, "migrate", "--allow-dirty")
    assert {path: path.read_bytes() for path in kept} == kept


# --- baseline --------------------------------------------------------------------------------------------------------


@pytest.fixture
def based(root: Path) -> Path:
    result = baseline(root, "--update-baseline")
    assert (result.code, "made, with 3 findings" in result.errors) == (0, True)
    return root


def baseline(root: Path, *arguments: str) -> Result:
    return unmix(root, "check", "--baseline", "known.json", *arguments)


def test_known_ones_pass(based: Path) -> None:
    assert baseline(based).code == 0
    moved = TREE["app/user.py"].replace(b"from", b"#\n\n\nfrom")
    plant(based, {"app/user.py": moved})
    result = baseline(based, "--strict")
    assert (result.code, result.text) == (0, "Nothing new is found; 3 known.\n")


def test_a_new_one_fails_also_where_another_was_mended(based: Path) -> None:
    swapped = TREE["app/other.py"].replace(b"x = app.old.wrap(1)", b"y = app.old.wrap(2)")
    plant(based, {"app/other.py": swapped})
    result = baseline(based)
    assert result.code == 1
    assert result.text.startswith("app/other.py:3:5: UNM002")
    assert "1 error" in result.text
    assert "stale: app/other.py: UNM002 app.old.wrap: x = app.old.wrap(1)" in result.errors


def test_stale_entries_are_all_listed_and_taken_out_on_demand(based: Path) -> None:
    before = (based / "known.json").read_bytes()
    (based / "app/user.py").unlink()
    plant(based, {"app/other.py": b""})
    result = baseline(based)
    assert (result.code, result.errors.count(": stale: ")) == (0, 3)
    assert baseline(based, "--strict").code == 1
    assert (based / "known.json").read_bytes() == before
    assert "3 findings taken out, 0 left" in baseline(based, "--update-baseline").errors
    assert baseline(based, "--strict").code == 0
    plant(based, TREE)
    assert baseline(based).code == 1


def test_updating_never_takes_new_ones_in(based: Path) -> None:
    (based / "app/user.py").unlink()
    plant(based, {"app/new.py": b"from app.old import wrap\n"})
    assert baseline(based, "--update-baseline").code == 1
    assert len(json.loads((based / "known.json").read_text())["findings"]) == 2
    assert baseline(based).code == 1


def test_alike_ones_are_counted(root: Path) -> None:
    twice = TREE["app/other.py"] + b"x = app.old.wrap(1)\n"
    plant(root, {"app/other.py": twice})
    baseline(root, "--update-baseline")
    entries = json.loads((root / "known.json").read_text())["findings"]
    assert [entry.get("count", 1) for entry in entries] == [1, 2, 1]
    assert all("line" not in entry for entry in entries)
    plant(root, {"app/other.py": twice + b"x = app.old.wrap(1)\n"})
    assert "1 error, 0 warnings." in baseline(root).text
    plant(root, {"app/other.py": TREE["app/other.py"]})
    assert baseline(root).errors.count(": stale: ") == 1
    baseline(root, "--update-baseline")
    assert "count" not in (root / "known.json").read_text()


def test_both_at_once(based: Path) -> None:
    plant(based, {"app/new.py": b"from app.old import wrap\n"})
    committed(based)
    assert (baseline(based).code, baseline(based, "--since", "HEAD").code) == (1, 0)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"unmix baseline": 1, "findings": [{}]}', b'{"unmix baseline": 9}', b"\xff"]
)
def test_files_that_are_no_baseline_are_refused(root: Path, content: bytes) -> None:
    (root / "known.json").write_bytes(content)
    for more in ((), ("--update-baseline",)):
        result = baseline(root, *more)
        assert (result.code, result.errors.startswith("known.json: ")) == (2, True)
        assert (root / "known.json").read_bytes() == content


def test_a_baseline_that_is_not_there_is_refused(root: Path) -> None:
    assert "make it with --update-baseline" in baseline(root).errors
    result = unmix(root, "check", "--update-baseline")
    assert (result.code, "--baseline FILE" in result.errors) == (2, True)

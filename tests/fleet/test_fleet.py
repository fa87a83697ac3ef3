"""`unmix fleet` over real repositories: the same as `unmix` in each, a library's users, what runs and what does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fleets import IDENTITY, LIBRARY, TOML, USER, fleet, repository, rows_of, user
from tool import git, unmix
from trees import picture, plant

OWN: dict[str, bytes | str] = {
    "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
    "README.md": b"`app.old.wrap` wraps.\n",
    "app/__init__.py": b"",
    "app/old.py": b"def wrap(client):\n    return client\n\n\ndef retry(call):\n    return call()\n",
    "app/user.py": b"from app.old import retry\n\n\ndef go():\n    return retry(print)\n",
    "app/other.py": b"import app.old\n\nx = app.old.wrap(1)\ny = app.old.gone\n",
    "app/ignoring.py": b"import app.old  # unmix: ignore[UNM001]\n\nx = 1  # unmix: ignore[UNM002]\n",
    "bin/run": b"#!/usr/bin/env python\n",
    "bin/run.py": b"#!/usr/bin/env python\nfrom app.old import wrap\n",
}


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


def found(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [tuple(row[key] for key in ("path", "line", "column", "code", "message", "old", "new")) for row in rows]


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_finds_what_check_finds_in_each(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    clean = repository(tmp_path / "clean", {**OWN, **dict.fromkeys(("app/user.py", "app/other.py"), b"")})
    alone = json.loads(unmix(own, "check", "--format", "json").output)["findings"]
    # What is not committed is not looked at.
    plant(own, {"app/more.py": b"import app.old\n"})
    for shard in ("2", "200"):
        result, rows = fleet(tmp_path, "check", [own, clean], "--shard", shard, "--fresh")
        assert found(rows["own"]["findings"]) == found(alone)
        assert len(alone) >= 6
        assert (rows["own"]["state"], result.code) == ("left", 1)
        assert rows["own"]["errors"] + rows["own"]["warnings"] == len(alone)


def test_long_code_is_read_as_the_command_reads_it(tmp_path: Path) -> None:
    long = b"from app.old import retry\n\nwords = (\n" + b"    'word'\n" * 1200 + b")\n"
    own = repository(tmp_path / "own", {**OWN, "app/long.py": long})
    alone = json.loads(unmix(own, "diff", "--format", "json").output)
    _, rows = fleet(tmp_path, "diff", [own])
    assert "app/long.py" in {change["path"] for change in alone["files"]}
    assert found(rows["own"]["findings"]) == found(alone["findings"])


def test_a_folder_inside_a_repository(tmp_path: Path) -> None:
    top = repository(tmp_path / "top", {f"inner/{path}": content for path, content in OWN.items()})
    alone = json.loads(unmix(top / "inner", "check", "--format", "json").output)["findings"]
    result, rows = fleet(tmp_path, "check", [top / "inner"])
    assert found(rows["inner"]["findings"]) == found(alone)
    result, rows = fleet(tmp_path, "migrate", [top / "inner"], "--commit", "--branch", "b")
    assert result.code == 1  # app.old.gone is nowhere
    changed = git(top, "diff", "--name-status", "HEAD", "b").decode().split()
    assert changed[:4] == ["M", "inner/README.md", "M", "inner/app/old.py"]


def test_a_plain_folder_is_read_as_it_stands(tmp_path: Path) -> None:
    plain = plant(tmp_path / "plain", OWN)
    result, rows = fleet(tmp_path, "check", [plain])
    assert (result.code, rows["plain"]["state"], rows["plain"]["commit"]) == (1, "left", "")
    result, rows = fleet(tmp_path, "migrate", [plain], "--commit")
    assert (result.code, rows["plain"]["state"]) == (2, "failed")
    assert "no git repository" in rows["plain"]["reason"]


def test_a_folder_is_a_list_of_one(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    result = unmix(own, "fleet", "check", ".")
    assert result.code == 1
    assert "UNM001" in result.text
    # The work folder is no part of the repository that it was put into.
    assert git(own, "status", "--porcelain") == b""


def test_what_cannot_be_done_is_told_and_the_rest_is_done(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    without = repository(tmp_path / "without", {"a.py": b""})
    unsafe = repository(tmp_path / "unsafe", {**OWN, "unmix.toml": b'[[split]]\nmodule = "app.nope"\n'})
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    result, rows = fleet(tmp_path, "check", [own, without, unsafe, empty, "missing", "file:///nonexistent/gone"])
    assert result.code == 2
    assert {name: row["state"] for name, row in rows.items()} == {
        **dict.fromkeys(("without", "unsafe", "empty", "missing", "gone"), "failed"),
        "own": "left",
    }
    assert "-c FILE" in rows["without"]["reason"]
    assert "unmix.toml:1: " in rows["unsafe"]["reason"]
    assert rows["missing"]["reason"] == "no such folder"
    assert "fatal:" in rows["gone"]["reason"]


def test_warnings_are_something_left_for_the_strict(tmp_path: Path) -> None:
    warned = repository(tmp_path / "warned", {**OWN, "app/user.py": b"", "app/other.py": b"", "bin/run.py": b""})
    assert fleet(tmp_path, "check", [warned])[0].code == 0
    result, rows = fleet(tmp_path, "check", [warned], "--strict")
    assert (result.code, rows["warned"]["state"]) == (1, "left")


# --- users of a library ----------------------------------------------------------------------------------------------


def run_user(project: Path, library: Path, *flags: str) -> str:
    program = f"import sys; sys.path[:0] = {[str(project), str(library / 'src')]}; from shop.go import go; print(go())"
    ran = subprocess.run([sys.executable, *flags, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_users_of_a_library_follow_it_whatever_state_it_is_in(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", LIBRARY)
    shop = repository(
        tmp_path / "shop", {**user("shop"), "src/there.py": b"", "README.md": b"See corp.db.old.retry.\n"}
    )
    other = repository(tmp_path / "other", {"other.py": b"def retry(): ...\n"})
    before = run_user(shop, library)
    arguments = ("-c", str(library / "unmix.toml"))
    result, rows = fleet(tmp_path, "check", [shop, other], *arguments)
    assert (result.code, rows["other"]["state"]) == (1, "clean")
    assert {finding["path"] for finding in rows["shop"]["findings"]} == {"README.md", "shop/go.py"}
    patches = set()
    for state in ("whole", "shim", "retired"):
        result, rows = fleet(tmp_path, "diff", [shop, other], *arguments, "-o", state)
        assert result.code == 1
        (patch,) = (tmp_path / state).iterdir()
        patches.add(patch.read_bytes())
        assert unmix(library, "migrate", *(("--phase", "retire") if state == "shim" else ())).code == 0
        git(library, "add", "--all")
        git(library, "commit", "-q", "--allow-empty", "-m", state)
    assert len(patches) == 1
    git(shop, "apply", str(patch))
    assert run_user(shop, library, "-W", "error") == before
    git(shop, "commit", "-qam", "applied")
    result, rows = fleet(tmp_path, "check", [shop, other], *arguments)
    assert (result.code, rows["shop"]["state"], rows["shop"]["findings"]) == (0, "clean", [])


def test_calls_go_to_what_replaces_them_in_the_library(tmp_path: Path) -> None:
    replace = b'\n[[replace]]\ncall = "corp.db.client.make()"\nwith = "corp.db.pool.connect()"\n'
    pool = {"src/corp/db/pool.py": b"from corp.db.client import Client\n\n\ndef connect():\n    return Client()\n"}
    library = repository(tmp_path / "library", {**LIBRARY, "unmix.toml": TOML + replace, **pool})
    shop = repository(tmp_path / "shop", {"shop.py": b"from corp.db.old import make\n\nclient = make()\n"})
    result, _ = fleet(tmp_path, "diff", [shop], "-c", str(library / "unmix.toml"), "-o", "patches")
    (patch,) = (tmp_path / "patches").iterdir()
    git(shop, "apply", str(patch))
    assert result.code == 1
    assert (shop / "shop.py").read_bytes() == b"from corp.db.pool import connect\n\nclient = connect()\n"


def test_the_rest_of_the_library_is_nobodys_business(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", LIBRARY)
    code = (
        b"import corp.db.other\nfrom corp import db\nfrom corp.db import VERSION, other, retry\n"
        b"from corp.db.other import make\n\nprint(corp.db.other.retry, db.other.make, db.VERSION, db.ATTEMPTS)\n"
    )
    shop = repository(tmp_path / "shop", {"shop.py": code})
    for what in ("check", "diff"):
        result, rows = fleet(tmp_path, what, [shop], "-c", str(library / "unmix.toml"))
        assert (result.code, rows["shop"]["findings"]) == (0, [])


def test_a_name_the_library_never_had_is_told(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", LIBRARY)
    assert unmix(library, "migrate").code == 0
    shop = repository(tmp_path / "shop", {"shop.py": b"from corp.db.retry import nothing\n"})
    _result, rows = fleet(tmp_path, "check", [shop], "-c", str(library / "unmix.toml"))
    assert [(finding["path"], finding["code"]) for finding in rows["shop"]["findings"]] == [("shop.py", "UNM004")]


def test_a_module_that_is_nowhere_is_no_mistake_where_nobody_mentions_it(tmp_path: Path) -> None:
    plant(tmp_path / "nowhere", {"unmix.toml": TOML})
    shop = repository(tmp_path / "shop", user("shop"))
    other = repository(tmp_path / "other", {"other.py": b""})
    own = repository(tmp_path / "own", {**LIBRARY, "unmix.toml": b"", "go.py": USER})
    result, rows = fleet(tmp_path, "diff", [shop, other, own], "-c", "nowhere/unmix.toml")
    assert result.code == 2
    assert [rows[name]["state"] for name in ("shop", "other", "own")] == ["failed", "clean", "left"]
    assert "shop/go.py may mean it" in rows["shop"]["reason"]


def test_a_library_that_cannot_be_split_stops_all(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", {**LIBRARY, "src/corp/db/old.py": b"def make(:\n"})
    result, _ = fleet(tmp_path, "check", [library], "-c", str(library / "unmix.toml"))
    assert result.code == 2
    assert "old.py" in result.errors


# --- migrate ---------------------------------------------------------------------------------------------------------


def test_migrate_makes_a_branch_and_leaves_the_work_tree_alone(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    (own / "bin/run.py").chmod(0o755)
    git(own, "commit", "-qam", "mode")
    plant(own, {"app/user.py": b"edited\n", "new.txt": b"untracked"})
    git(own, "add", "new.txt")
    before, status = picture(own), git(own, "status", "--porcelain")
    head, branches = git(own, "rev-parse", "HEAD"), git(own, "branch", "--show-current")
    result, rows = fleet(tmp_path, "migrate", [own], "--commit", "--branch", "team/split")
    # A name that is nowhere is left.
    assert (result.code, rows["own"]["state"], rows["own"]["branch"]) == (1, "left", "team/split")
    assert (picture(own), git(own, "status", "--porcelain")) == (before, status)
    assert (git(own, "rev-parse", "HEAD"), git(own, "branch", "--show-current")) == (head, branches)
    subjects = git(own, "log", "--format=%s", "HEAD..team/split").decode().splitlines()
    assert subjects == ["Use the parts of app.old", "Split app.old, leave a shim"]
    assert git(own, "for-each-ref", "--format=%(refname)", "refs/unmix") == b""
    # The very bytes that migrate writes, and their modes.
    alone = tmp_path / "alone"
    git(tmp_path, "clone", "-q", str(own), str(alone))
    assert unmix(alone, "migrate", "--commit").code == 1
    git(own, "fetch", "-q", str(alone), "HEAD")
    assert git(own, "diff", "FETCH_HEAD", "team/split") == b""


def test_a_branch_that_is_ours_is_taken_and_one_that_is_not_is_left(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    assert fleet(tmp_path, "migrate", [own], "--commit")[1]["own"]["branch"] == "unmix"
    tip = git(own, "rev-parse", "unmix")
    # As after a kill between making the branch and writing it down.
    (tmp_path / "unmix-fleet/state.jsonl").unlink()
    assert fleet(tmp_path, "migrate", [own], "--commit")[1]["own"]["before"] is False
    assert git(own, "rev-parse", "unmix") == tip
    git(own, "branch", "-f", "unmix", "HEAD")
    result, rows = fleet(tmp_path, "migrate", [own], "--commit", "--fresh")
    assert (result.code, rows["own"]["state"]) == (2, "failed")
    assert "--branch" in rows["own"]["reason"]
    assert git(own, "rev-parse", "unmix") == git(own, "rev-parse", "HEAD")


def test_a_clone_gets_its_branch_too(tmp_path: Path) -> None:
    repository(tmp_path / "served/own", OWN)
    url = f"file://{tmp_path}/served/own"
    _result, rows = fleet(tmp_path, "migrate", [url], "--commit")
    (clone,) = (tmp_path / "unmix-fleet/clones").glob("*/own")
    assert git(clone, "rev-parse", "unmix~2").decode().strip() == rows["own"]["commit"]
    assert {path.name for path in clone.iterdir()} == {".git"}
    assert git(clone, "rev-parse", "--is-shallow-repository") == b"true\n"
    git(clone, "push", "-q", "origin", "unmix")
    assert b"refs/heads/unmix" in git(tmp_path / "served/own", "show-ref")


def test_the_history_is_there_for_those_who_ask_for_it(tmp_path: Path) -> None:
    own = repository(tmp_path / "served/own", OWN)
    by_hand = b"from app.two import retry\n\n__all__ = ['retry']\n"
    plant(own, {"app/one.py": b"", "app/two.py": b"def retry(call):\n    return call()\n", "app/old.py": by_hand})
    git(own, "add", "--all")
    git(own, "commit", "-q", "-m", "split by hand, and wrap is lost")
    url = f"file://{own}"
    _, rows = fleet(tmp_path, "check", [url])
    _, more = fleet(tmp_path, "check", [url], "--history")
    assert ("UNM008" in rows["own"]["codes"], "UNM008" in more["own"]["codes"]) == (False, True)
    (clone,) = (tmp_path / "unmix-fleet/clones").glob("*/own")
    assert git(clone, "rev-parse", "--is-shallow-repository") == b"false\n"
    alone = json.loads(unmix(own, "check", "--format", "json").output)["findings"]
    assert found(more["own"]["findings"]) == found(alone)


def test_migrate_has_to_be_meant(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    result, rows = fleet(tmp_path, "migrate", [own])
    assert (result.code, rows) == (2, {})
    assert "--commit" in result.errors
    assert fleet(tmp_path, "migrate", [own], "--commit", "--branch", "a..b")[0].code == 2
    assert git(own, "branch").decode().split() == ["*", git(own, "branch", "--show-current").decode().strip()]


def test_nothing_of_a_repository_is_executed(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", {**OWN, ".gitattributes": b"*.py filter=evil diff=evil\n"})
    mark = tmp_path / "executed"
    script = f"#!/bin/sh\ntouch {mark}\ncat\n"
    (tmp_path / "evil").write_text(script)
    (tmp_path / "evil").chmod(0o755)
    hooks = "post-checkout reference-transaction post-commit pre-commit post-index-change fsmonitor-watchman"
    for hook in hooks.split():
        place = own / ".git/hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(script)
        place.chmod(0o755)
    evil = str(tmp_path / "evil")
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.sshCommand"):
        git(own, "config", key, evil)
    mark.unlink(missing_ok=True)
    _result, rows = fleet(tmp_path, "migrate", [own, f"file://{own}/.git"], "--commit")
    assert {row["branch"] for row in rows.values()} == {"unmix"}
    assert fleet(tmp_path, "check", [own, f"file://{own}/.git"])[0].code == 1
    assert not mark.exists()


# --- what was done before --------------------------------------------------------------------------------------------


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    one, two = repository(tmp_path / "one", OWN), repository(tmp_path / "two", OWN)
    url = f"file://{repository(tmp_path / 'served/three', OWN)}"
    first, rows = fleet(tmp_path, "check", [one, two, url, "missing"])
    assert not any(row["before"] for row in rows.values())
    state = tmp_path / "unmix-fleet/state.jsonl"
    assert len(state.read_bytes().splitlines()) == 4
    git(two, "commit", "-q", "--allow-empty", "-m", "more")
    again, rows = fleet(tmp_path, "check", [one, two, url, "missing"])
    # The one that changed, and the one that failed.
    assert {name: row["before"] for name, row in rows.items()} == {
        "one": True,
        "two": False,
        "three": True,
        "missing": False,
    }
    assert (first.code, again.code, len(state.read_bytes().splitlines())) == (2, 2, 6)
    # Another question, another answer.
    _, rows = fleet(tmp_path, "diff", [one, two, url])
    assert not any(row["before"] for row in rows.values())
    _, rows = fleet(tmp_path, "diff", [one, two, url], "-o", "patches")
    assert all(row["before"] for row in rows.values())
    assert len(list((tmp_path / "patches").iterdir())) == 3


def test_the_state_survives_a_line_that_was_cut_off(tmp_path: Path) -> None:
    own = repository(tmp_path / "own", OWN)
    fleet(tmp_path, "check", [own])
    state = tmp_path / "unmix-fleet/state.jsonl"
    whole = state.read_bytes()
    state.write_bytes(b"not json\n" + whole + whole[: len(whole) // 2])
    assert fleet(tmp_path, "check", [own])[1]["own"]["before"] is True
    other = repository(tmp_path / "other", OWN)
    assert fleet(tmp_path, "check", [own, other])[1]["other"]["before"] is False
    assert state.read_bytes().startswith(b"not json\n" + whole + b"{")
    assert all(row["before"] for row in fleet(tmp_path, "check", [own, other])[1].values())


def test_a_changed_migration_is_another_question(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", LIBRARY)
    shop = repository(tmp_path / "shop", user("shop"))
    arguments = ("-c", str(library / "unmix.toml"))
    fleet(tmp_path, "check", [shop], *arguments)
    assert fleet(tmp_path, "check", [shop], *arguments)[1]["shop"]["before"] is True
    plant(library, {"unmix.toml": TOML.replace(b'"make"', b'"make", "retry"')})
    assert fleet(tmp_path, "check", [shop], *arguments)[1]["shop"]["before"] is False


def test_a_day_of_removal_that_comes_ends_what_was_found_before(tmp_path: Path) -> None:
    toml = b'[shim]\nremove_in = "2999-01-01"\n\n' + bytes(OWN["unmix.toml"])  # type: ignore[arg-type]
    own = repository(tmp_path / "own", {**OWN, "unmix.toml": toml})
    assert unmix(own, "migrate").code == 1
    git(own, "add", "--all")
    git(own, "commit", "-q", "-m", "migrated")
    fleet(tmp_path, "check", [own])
    state = tmp_path / "unmix-fleet/state.jsonl"
    assert fleet(tmp_path, "check", [own])[1]["own"]["before"] is True
    state.write_text(state.read_text().replace('"until": "2999-01-01"', '"until": "2020-01-01"'))
    assert fleet(tmp_path, "check", [own])[1]["own"]["before"] is False


# --- reports ---------------------------------------------------------------------------------------------------------


def test_reports_in_all_formats(tmp_path: Path) -> None:
    own = repository(tmp_path / "<b>own&amp", OWN)
    clean = repository(tmp_path / "clean", {**OWN, **dict.fromkeys(("app/user.py", "app/other.py"), b"")})
    (tmp_path / "list.txt").write_text(f"{own}\n{clean}\nmissing\n")
    formats = ("--format", "table", "--format", "json=fleet.json", "--format", "html=fleet.html")
    result = unmix(tmp_path, "fleet", "check", "list.txt", *formats)
    assert result.code == 2
    lines = result.text.splitlines()
    assert lines[0].split() == ["repository", "commit", "state", "errors", "warnings", "files", "what"]
    assert any(line.startswith("<b>own&amp ") and " left " in line and "UNM001 " in line for line in lines)
    assert any(line.startswith("missing ") and line.endswith("no such folder") for line in lines)
    assert "3 repositories: " in result.text
    document = json.loads((tmp_path / "fleet.json").read_text())
    assert (document["version"], document["action"], document["totals"]["failed"]) == (1, "check", 1)
    assert document["totals"]["errors"] == sum(row["errors"] for row in document["repositories"])
    page = (tmp_path / "fleet.html").read_text()
    assert "&lt;b&gt;own&amp;amp" in page
    assert "<b>own" not in page
    assert "http://" not in page
    assert 'src="' not in page
    assert unmix(tmp_path, "fleet", "check", "list.txt", "--format", "json", "--format", "table").code == 2


def test_rows_come_in_the_order_of_the_list(tmp_path: Path) -> None:
    names = [repository(tmp_path / name, OWN) for name in ("c", "a", "b")]
    result, _ = fleet(tmp_path, "check", names)
    assert list(rows_of(result)) == ["c", "a", "b"]

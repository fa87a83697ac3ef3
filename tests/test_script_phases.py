"""All phases of a migration of scripts, on the incident: added, rewritten, verified, shown, retired, taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tool import committed, git, unmix
from trees import picture, plant

INCIDENT = Path(__file__).parent.parent / "fixtures" / "javascript" / "incident" / "before"
OLD = "src/db/prismaRetryWrapper.js"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return committed(Path(shutil.copytree(INCIDENT, tmp_path / "root")))


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "step")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")
def test_every_phase_is_verified_by_node(root: Path) -> None:
    done = unmix(root, "migrate", "--verify")
    assert done.code == 0, done.errors
    assert f"every old name of {OLD}" in done.errors
    assert "node src/healthcheck.js" in done.errors


def test_the_shim_is_retired_when_nothing_needs_it(root: Path) -> None:
    assert unmix(root, "migrate", "--phase", "add").code == 0
    commit(root)
    refused = unmix(root, "migrate", "--phase", "retire")
    assert refused.code == 2
    assert "src/db/db.js:3" in refused.errors
    assert (root / OLD).exists()
    assert unmix(root, "migrate", "--phase", "rewrite").code == 0
    commit(root)
    before = picture(root)
    assert unmix(root, "migrate", "--phase", "retire").code == 0
    assert not (root / OLD).exists()
    assert unmix(root, "check").code == 0
    assert unmix(root, "undo").code == 0
    assert picture(root) == before


def test_what_only_people_read_needs_no_shim(root: Path) -> None:
    said = '// const { x } = require("./db/prismaRetryWrapper");\n/* see src/db/prismaRetryWrapper.js */\n'
    (root / "src/note.js").write_text(said)
    commit(root)
    done = unmix(root, "migrate")
    assert done.code == 0
    assert "src/note.js:1:27: UNM010" in done.errors
    assert "src/note.js:2:8: UNM010" in done.errors
    commit(root)
    assert unmix(root, "migrate", "--phase", "retire").code == 0


def test_what_a_comment_says_to_a_tool_needs_the_shim(root: Path) -> None:
    (root / "src/note.test.js").write_text("/**\n * @jest-environment ./db/prismaRetryWrapper.js\n */\n")
    commit(root)
    assert unmix(root, "migrate").code == 0
    commit(root)
    refused = unmix(root, "migrate", "--phase", "retire")
    assert refused.code == 2
    assert "src/note.test.js:2:22: UNM010" in refused.errors


def test_the_declarations_of_a_shim_are_no_mention_of_it(tmp_path: Path) -> None:
    files = {
        "lib/old.js": b"exports.a = () => 1;\nexports.b = () => 2;\n",
        "lib/old.d.ts": b"export declare function a(): number;\nexport declare function b(): number;\n",
        "unmix.toml": b'[[split]]\nmodule = "lib/old.js"\n[split.into]\n"lib/a.js" = ["a"]\n"lib/b.js" = ["*"]\n',
    }
    root = committed(plant(tmp_path / "root", files))
    assert unmix(root, "migrate").code == 0
    assert "unmix shim" in (root / "lib/old.d.ts").read_text()
    assert unmix(root, "check").text == "No legacy reference is left.\n"


def test_the_migration_file_is_no_mention_wherever_it_is_named_from(root: Path) -> None:
    done = unmix(root.parent, "diff", "-c", f"{root.name}/unmix.toml")
    assert "UNM010" not in done.errors + done.text


def test_what_was_added_to_a_shim_is_not_thrown_away(root: Path) -> None:
    assert unmix(root, "migrate").code == 0
    shim = root / OLD
    shim.write_text(shim.read_text() + "\nexport const mine = 1;\n")
    commit(root)
    refused = unmix(root, "migrate", "--phase", "retire")
    assert refused.code == 2
    assert "was changed by hand" in refused.errors
    assert shim.exists()


@pytest.mark.parametrize(
    ("path", "old", "new", "code"),
    [
        (OLD, "  withPrismaRetry,\n", "", "UNM006"),
        ("unmix.toml", 'remove_in = "3.0"', 'remove_in = "2020-01-01"', "UNM007"),
        ("src/db/clientWrapper.js", "export class RetryableClient", "class RetryableClient", "UNM008"),
    ],
)
def test_check_says_what_is_wrong_with_a_shim(root: Path, path: str, old: str, new: str, code: str) -> None:
    assert unmix(root, "migrate").code == 0
    place = root / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))
    checked = unmix(root, "check")
    assert checked.code == 1
    assert f"{OLD}:" in checked.text
    assert code in checked.text


def test_a_shim_that_was_edited_is_written_again(root: Path) -> None:
    assert unmix(root, "migrate").code == 0
    shim = root / OLD
    text = shim.read_text()
    shim.write_text(text.replace("  withPrismaRetry,\n", "  withPrismaRetry\n"))
    assert unmix(root, "migrate", "--allow-dirty").code == 0
    assert shim.read_text() == text


def test_inspect_shows_the_fallback_the_helper_and_the_export_list(root: Path) -> None:
    shown = json.loads(unmix(root, "inspect", OLD, "--format", "json").output)
    names = {name["name"]: name for name in shown["names"]}
    assert {name for name in names if names[name]["public"]} == {
        "RetryableClient",
        "createRetryablePrismaClient",
        "defaultRetryConfig",
        "retries",
        "withPrismaRetry",
    }
    places = {
        (place["path"], place["line"], place["kind"], place["scope"])
        for name in ("createRetryablePrismaClient", "withPrismaRetry")
        for place in names[name]["outside"]
    }
    assert ("src/db/db.js", 17, "call", "getPrismaSync") in places
    assert ("src/db/db.js", 23, "call", "executeWithClient") in places
    assert ("src/db/db.js", 32, "export list", "") in places

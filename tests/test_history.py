"""`unmix history`: the same numbers as a checkout of each commit would give, without one."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tool import git, run, unmix
from trees import picture, plant
from unmix.history import GONE, SHIM, WHOLE, Point, forecast_end
from unmix.report.chart import WIDTH, Line, draw_history

MIGRATION = b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n'
OLD = b"def wrap(client):\n    return client\n\n\ndef retry(call):\n    return call()\n"
DAY = 86400


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that comes by an old module, uses it more and more, is migrated, and gets rid of it."""
    root = plant(tmp_path / "tree", {"README.md": b"Hello.\n"})
    git(root, "init", "-q")
    commit(root, 0)
    commit(root, 10, {"app/__init__.py": b"", "app/old.py": OLD})
    for number in range(4):
        user = b"from app.old import retry, wrap\n\nx = %d\n" % number
        commit(root, 20 + number, {f"app/user{number}.py": user, f"app/other{number}.py": b"x = 'old'\n"})
    # A file that takes the module from another one, and names it nowhere.
    commit(root, 30, {"app/services.py": b"from app import old\n"})
    commit(root, 31, {"app/through.py": b"from app import services\n\nservices.old.retry(1)\n"})
    plant(root, {"unmix.toml": MIGRATION})
    assert unmix(root, "migrate", "--phase", "add").code == 0
    commit(root, 40)
    for number in range(4):
        commit(root, 41 + number, {f"app/user{number}.py": b"from app.two import retry\n"})
    commit(root, 50, {"app/through.py": b"", "app/services.py": b""})
    (root / "app/old.py").unlink()
    commit(root, 60)
    return root


def commit(root: Path, day: int, files: dict[str, bytes] | None = None) -> None:
    plant(root, files or {})
    git(root, "add", "--all")
    when = f"{1_700_000_000 + day * DAY} +0000"
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    variables = {"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    result = run(root, "git", *who, "commit", "-q", "--allow-empty", "-m", f"day {day}", variables=variables)
    assert result.code == 0, result.errors


def counted(root: Path, *arguments: str) -> list[tuple[str, int, int]]:
    result = unmix(root, "history", "--format", "json", *arguments)
    assert result.code == 0, result.errors
    return [(row["phase"], row["references"], row["files"]) for row in json.loads(result.output)["points"]]


def test_counts_what_was_there(root: Path) -> None:
    there = picture(root)
    uses = [(WHOLE, 0, 0), *((WHOLE, 2 * n, n) for n in (1, 2, 3, 4)), (WHOLE, 9, 5), (WHOLE, 10, 6)]
    falls = [(SHIM, 10, 6), *((SHIM, 2 * n + 2, n + 2) for n in (3, 2, 1, 0)), (SHIM, 0, 0), (GONE, 0, 0)]
    expected = [("not there yet", 0, 0), *uses, *falls]
    assert counted(root) == expected
    assert picture(root) == there
    # From the cache, without it, and as `check` sees the last ones.
    assert (root / ".git" / "unmix-history.json").exists()
    assert counted(root) == counted(root, "--no-cache") == expected
    assert counted(root, "HEAD~2") == expected[:-2]


def test_is_what_a_checkout_gives(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(root), "clone")
    git(tmp_path / "clone", "checkout", "-q", "HEAD~6")
    rows = json.loads(unmix(tmp_path / "clone", "check", "--format", "json").output)["findings"]
    assert counted(root, "HEAD~6")[-1][1] == sum(row["code"] in ("UNM001", "UNM002", "UNM003") for row in rows) > 0


def test_chooses_evenly_and_both_ends(root: Path) -> None:
    rows = json.loads(unmix(root, "history", "--points", "4", "--format", "json").output)["points"]
    log = git(root, "log", "--reverse", "--format=%H").decode().split()
    assert [log.index(row["commit"]) for row in rows] == [0, 5, 9, 14]


def test_the_cache_belongs_to_the_migration_file(root: Path) -> None:
    before = counted(root)
    plant(root, {"unmix.toml": MIGRATION.replace(b"app.old", b"app.user0")})
    assert counted(root) != before
    plant(root, {"unmix.toml": MIGRATION})
    assert counted(root) == before
    (root / ".git" / "unmix-history.json").write_bytes(b"\xff no json")
    assert counted(root) == before


def test_table(root: Path) -> None:
    text = unmix(root, "history", "HEAD~3").text
    assert re.search(r"^2023-12-15  [0-9a-f]{10} +10 +6  whole +█{20}$", text, re.MULTILINE)
    assert re.search(r"^4 left; at the pace since the peak none is left on 2023-12-2\d\.$", text, re.MULTILINE)
    assert unmix(root, "history").text.endswith("None is left.\n")


def test_pictures(root: Path, tmp_path: Path) -> None:
    assert unmix(root, "history", "HEAD~3", "-o", str(tmp_path / "burn.svg")).code == 0
    picture = ElementTree.parse(tmp_path / "burn.svg")
    words = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "Legacy references to app.old" in words
    assert {"old module there", "split, a shim left"} <= set(words)
    assert any(word.startswith("at this pace none is left on ") for word in words)
    image = pytest.importorskip("PIL.Image", reason="Pillow is not here, and makes the PNG")
    assert unmix(root, "history", "-o", str(tmp_path / "burn.png")).code == 0
    with image.open(tmp_path / "burn.png") as opened:
        assert opened.size == (1920, 960)
        assert len(opened.getcolors(1 << 20)) > 10
    assert unmix(root, "history", "-o", "burn.gif").code == 2


def test_where_there_is_no_history(tmp_path: Path) -> None:
    plant(tmp_path / "plain", {"unmix.toml": MIGRATION})
    result = unmix(tmp_path / "plain", "history")
    assert (result.code, "no git repository" in result.errors) == (2, True)


def test_one_commit_is_a_history(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {"unmix.toml": MIGRATION, "app/old.py": OLD, "app/__init__.py": b""})
    git(root, "init", "-q")
    commit(root, 0)
    assert counted(root, "-o", str(tmp_path / "a.svg")) == [(WHOLE, 0, 0)]


@pytest.mark.parametrize(
    ("counts", "day"),
    [
        ([10, 20, 15, 10, 5], 5),
        ([10, 20, 20, 10, 0], None),
        ([1, 2, 3], None),
        ([5, 5, 5, 5], None),
        ([9, 8], None),
        ([3, 9, 6, 3, 3, 3], 6),
    ],
)
def test_forecast(counts: list[int], day: int | None) -> None:
    points = [Point("", number * DAY, SHIM, {"import": count}, 1) for number, count in enumerate(counts)]
    end = forecast_end(points)
    if day is None:
        assert end is None
    else:
        assert end is not None
        assert abs((end - datetime.fromtimestamp(day * DAY, timezone.utc)).total_seconds()) < DAY


@pytest.mark.parametrize("days", [[190, 101, 102, 103], [101, 102, 103, 1], [101, 190, 102, 103], [103, 103, 103]])
def test_the_picture_stays_in_its_frame_whatever_clocks_said(days: list[int]) -> None:
    points = [Point("", day * DAY, WHOLE, {"import": 9 - number}, 1) for number, day in enumerate(days)]
    (line, *_) = [shape for shape in draw_history(points, None, "old") if isinstance(shape, Line) and shape.width > 1]
    across = [x for x, _ in line.places]
    assert across == sorted(across)
    assert 0 <= across[0] <= across[-1] <= WIDTH

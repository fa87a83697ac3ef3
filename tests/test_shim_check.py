"""What `check` says of the shims themselves: edited by hand, past their date, without a name that was public."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

from tool import Result, committed, git, unmix
from trees import plant
from unmix.deadline import is_reached, project_version
from unmix.python.standing import public_names
from unmix.workspace import memory_workspace

OLD = '''"""Money and taxes."""

import time

RATE = 2


class Money:
    pass


def tax(x):
    return x * RATE


def now():
    return time.time()


def _hidden():
    return 1
'''
SETTINGS = '[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["Money", "tax", "RATE"]\n"app.two" = ["*"]\n'
UNTIL = SETTINGS + '[shim]\nsince = "2.4"\nremove_in = "{}"\n'
SHIM = "app/old.py"


def project(root: Path, settings: str = SETTINGS, **files: str) -> Path:
    tree = {"unmix.toml": settings, "app/__init__.py": "", SHIM: OLD, **files}
    committed(plant(root / "project", {path: text.encode() for path, text in tree.items()}))
    return root / "project"


def split(folder: Path) -> Path:
    assert unmix(folder, "migrate").code == 0
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "split")
    return folder


def found(result: Result) -> list[tuple[str, int, str, str]]:
    findings = json.loads(result.output)["findings"]
    return [(f["path"], f["line"], f["code"], f["message"]) for f in findings]


def check(folder: Path) -> list[tuple[str, int, str, str]]:
    result = unmix(folder, "check", "--format", "json")
    findings = found(result)
    assert result.code == bool(findings), result.errors
    return findings


def test_a_new_shim_is_as_generated_in_date_and_whole(tmp_path: Path) -> None:
    assert check(split(project(tmp_path, UNTIL.format("3.0"), **{"setup.cfg": "[metadata]\nversion = 2.4\n"}))) == []


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("module.__class__ = UnmixShim", "pass"),
        ("# fmt: off\n", ""),
        ("    _unmix_install(globals())\n", "    _unmix_install(globals())\nprint('loaded')\n"),
        ("    import time as time\n", ""),
    ],
)
def test_an_edited_shim_is_found_and_written_again(tmp_path: Path, text: str, by: str) -> None:
    folder = split(project(tmp_path))
    generated = (folder / SHIM).read_text()
    assert text in generated
    (folder / SHIM).write_text(generated.replace(text, by))
    line = generated[: generated.index(text)].count("\n") + 1 + by.startswith("    _unmix")
    assert (SHIM, line, "UNM006") in [finding[:3] for finding in check(folder)]
    git(folder, "commit", "-qam", "edited")
    assert unmix(folder, "migrate").code == 0
    assert (folder / SHIM).read_text() == generated
    assert check(folder) == []


def test_line_ends_are_no_edits(tmp_path: Path) -> None:
    folder = split(project(tmp_path, **{SHIM: OLD.replace("\n", "\r\n")}))
    assert b"\r\n" in (folder / SHIM).read_bytes()
    assert check(folder) == []
    assert unmix(folder, "diff", "--exit-code").code == 0


def test_a_home_edited_by_hand_is_found_by_both(tmp_path: Path) -> None:
    folder = split(project(tmp_path))
    (folder / SHIM).write_text((folder / SHIM).read_text().replace('"app.one.tax"', '"app.two.tax"'))
    assert [finding[2] for finding in check(folder)] == ["UNM008", "UNM006"]


def test_a_later_date_is_written_by_migrate(tmp_path: Path) -> None:
    folder = split(project(tmp_path, UNTIL.format("2020-01-31")))
    (finding,) = check(folder)
    assert finding[2] == "UNM007"
    assert "was to be removed in 2020-01-31, and it is 20" in finding[3]
    assert (folder / SHIM).read_text().splitlines()[finding[1] - 1] == '    "remove_in": "2020-01-31",'
    (folder / "unmix.toml").write_text(UNTIL.format("9999-01-31"))
    git(folder, "commit", "-qam", "later")
    assert [finding[2] for finding in check(folder)] == ["UNM006"]
    assert unmix(folder, "migrate").code == 0
    assert '"remove_in": "9999-01-31"' in (folder / SHIM).read_text()
    assert check(folder) == []


def test_a_version_is_compared_with_that_of_the_project_or_its_newest_tag(tmp_path: Path) -> None:
    folder = split(project(tmp_path, UNTIL.format("3.0")))
    result = unmix(folder, "check")
    assert (result.code, "nothing here says which version this project is at" in result.errors) == (0, True)
    git(folder, "tag", "v2.9.1")
    assert check(folder) == []
    (folder / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "3.0"\n')
    assert [finding[2:] for finding in check(folder)] == [
        ("UNM007", "the shim of app.old was to be removed in 3.0, and this project is at 3.0")
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[project]\nversion = "3.1"\n'},
        {"pyproject.toml": '[tool.poetry]\nversion = "3.1"\n'},
        {"pyproject.toml": '[tool.hatch.version]\npath = "a/v.py"\n', "a/v.py": 'VERSION = "3.1"\n'},
        {
            "pyproject.toml": '[tool.setuptools.dynamic]\nversion = {attr = "app.about.__version__"}\n',
            "src/app/about.py": '__version__ = "3.1"\n',
        },
        {"pyproject.toml": '[tool.setuptools.dynamic]\nversion = {file = "VERSION"}\n', "VERSION": "3.1\n"},
        {"pyproject.toml": "not toml", "setup.cfg": "[metadata]\nversion = attr: app.__version__\n"}
        | {"app/__init__.py": '"""App."""\n__version__: str = "3.1"\n'},
        {"setup.cfg": "[metadata]\nversion = 3.1\n"},
        {"setup.py": 'from setuptools import setup\n\nsetup(name="app", version="3.1")\n'},
        {"src/app/__init__.py": '__version__ = "3.1"\n'},
        {"app/_version.py": 'version = "3.1"\n'},
        {"package.json": '{\n  "name": "app",\n  "version": "3.1"\n}\n'},
    ],
)
def test_version_is_read_where_projects_say_it(files: dict[str, str]) -> None:
    workspace = memory_workspace({path: text.encode() for path, text in files.items()})
    assert project_version(workspace, "app.old") == Version("3.1")


@pytest.mark.parametrize(
    ("remove_in", "version", "reached"),
    [
        ("3.0", "2.9.9", False),
        ("3.0", "3.0rc1", False),
        ("3.0", "3", True),
        ("3.0", "3.0.0.post1", True),
        ("3.0", "10.0", True),
        ("3.0", None, False),
        ("2026-11-25", "99", True),
        ("2026-11-26", "99", False),
        ("2026-11-26", None, False),
    ],
)
def test_time_is_over(remove_in: str, version: str | None, reached: bool) -> None:
    at = None if version is None else Version(version)
    assert is_reached(remove_in, at, date(2026, 11, 25)) is reached


def test_a_name_that_its_part_lost_leads_nowhere(tmp_path: Path) -> None:
    folder = split(project(tmp_path))
    part = folder / "app/one.py"
    part.write_text(part.read_text().replace("class Money", "class Cash"))
    lines = (folder / SHIM).read_text().splitlines()
    row = lines.index('        "Money": "app.one.Money",') + 1
    assert check(folder) == [(SHIM, row, "UNM008", "app.old.Money leads nowhere: app.one has no `Money`")]
    part.unlink()
    assert {finding[3] for finding in check(folder)} == {
        f"app.old.{name} leads nowhere: app.one is gone" for name in ("Money", "tax", "RATE")
    }


def test_a_name_that_was_taken_out_of_the_shim_is_known_from_history(tmp_path: Path) -> None:
    folder = split(project(tmp_path))
    text = (folder / SHIM).read_text()
    without = "".join(line for line in text.splitlines(keepends=True) if '"app.one.Money"' not in line)
    (folder / SHIM).write_text(without.replace("Money as Money, ", ""))
    git(folder, "commit", "-qam", "no money")
    assert check(folder) == [
        (SHIM, 1, "UNM008", "app.old.Money was public before the split, and is gone without a shim")
    ]


def test_a_shim_made_by_hand_has_to_be_whole_too(tmp_path: Path) -> None:
    by_hand = {"app/one.py": "RATE = 2\n\n\ndef tax(x):\n    return x * RATE\n", "app/two.py": "def now(): ...\n"}
    folder = project(tmp_path)
    plant(folder, {path: text.encode() for path, text in by_hand.items()})
    (folder / SHIM).write_text("from app.one import *\nfrom app.two import now\n")
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "split by hand")
    lost = [finding for finding in check(folder) if finding[2] == "UNM008"]
    assert [finding[3].partition(" ")[0] for finding in lost] == ["app.old.Money"]


def test_without_git_the_table_is_all_that_is_known(tmp_path: Path) -> None:
    tree = {"unmix.toml": SETTINGS, "app/__init__.py": "", SHIM: OLD}
    folder = plant(tmp_path / "project", {path: text.encode() for path, text in tree.items()})
    assert unmix(folder, "migrate").code == 0
    assert check(folder) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import time\nA = 1\nB: int = 2\nC: int\n_d = 3\ndef e(): ...\nasync def f(): ...\nclass G: ...\n", "ABefG"),
        ("__all__ = ['a', '_b']\na = _b = c = 1\n", ["a", "_b"]),
        ("__all__ = ['a']\n__all__ += ['b']\na = b = c = 1\n", "ab"),
        ("if True:\n    a = 1\nelse:\n    b = 2\ntry:\n    c = 3\nexcept OSError:\n    pass\n", "abc"),
        ("for a in []:\n    b = a\nwith open('x') as c:\n    d, (e, *f) = c\n", "abcdef"),
        ("from x import a\nb = a\nc = 1\ndel a, c\nif b:\n    d = 1\n    del d\n", "bd"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    A = int\nb = 1\n", "b"),
    ],
)
def test_public_names_are_those_that_a_star_import_means(text: str, names: Sequence[str]) -> None:
    assert public_names("old.py", text.encode()) == frozenset(names)


@pytest.mark.parametrize("data", [b"def broken(:\n", b"\xff\xfe\x00", b"# unmix shim 1: a\n_unmix_shim = {}\n"])
def test_what_cannot_be_read_exports_nothing_that_is_known(data: bytes) -> None:
    assert public_names("old.py", data) in (None, frozenset())

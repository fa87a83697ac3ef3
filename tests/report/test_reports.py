"""What `check` writes for people and for servers: right in each format's own eyes, and deaf to what it quotes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tool import committed, spawn, unmix
from unmix.finding import RULES, Finding
from unmix.instance import Instance, list_instances
from unmix.report.github import render_github, render_summary
from unmix.report.gitlab import render_gitlab
from unmix.report.junit import render_junit
from unmix.report.plain import markdown_code, plain
from unmix.report.sarif import render_sarif
from unmix.report.text import render_text
from unmix.workspace import memory_workspace

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "python"
FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")

# The lines a person has to look at, in the two versions that went into production.
INCIDENTS = {
    "incident_usage_left_behind": [("app/db/db.py", 51), ("app/db/db.py", 80)],
    "incident_import_removed": [("app/db/db.py", 57), ("app/db/db.py", 63), ("app/db/db.py", 79)],
}

HOSTILE = (
    "\x1b[31m::error::x\r\n::set-env name=A::b ##[add-path]/tmp ]]> <script>alert(1)</script> [a](b) | `x` \udcff %0A"
)


@pytest.fixture(scope="module", params=INCIDENTS)
def incident(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = tmp_path_factory.mktemp("incident") / "service"
    shutil.copytree(FIXTURES / request.param / "before", root)
    # The project is a folder of its repository: servers know files from the top of that.
    committed(root.parent)
    return root, request.param


@pytest.mark.parametrize("form", FORMATS)
def test_the_incidents_are_stopped(
    incident: tuple[Path, str], form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    root, name = incident
    result = unmix(root, "check", "--format", form)
    assert result.code == 1
    places = set(_places(form, result.text))
    assert places >= set(INCIDENTS[name])
    summary = (tmp_path / "summary.md").read_text() if form == "github" else ""
    assert all(f"`service/{path}:{line}:" in summary for path, line in places if summary)
    assert "unmix explain" in result.errors


def _places(form: str, text: str) -> list[tuple[str, int]]:
    """Read the places out of a report, paths from the project's root."""
    if form == "json":
        return [(row["path"], row["line"]) for row in json.loads(text)["findings"]]
    if form == "sarif":
        places = [row["locations"][0]["physicalLocation"] for row in json.loads(text)["runs"][0]["results"]]
        return [(_inside(place["artifactLocation"]["uri"]), place["region"]["startLine"]) for place in places]
    if form == "gitlab":
        rows = [row["location"] for row in json.loads(text)]
        return [(_inside(row["path"]), row["lines"]["begin"]) for row in rows]
    if form == "junit":
        cases = ElementTree.fromstring(text).iter("testcase")
        return [(case.get("file", ""), int(case.get("line", ""))) for case in cases]
    if form == "github":
        return [(_inside(m[1]), int(m[2])) for m in re.finditer(r"^::error file=([^,]+),line=(\d+),", text, re.M)]
    return [(m[1], int(m[2])) for m in re.finditer(r"^(\S+?):(\d+):\d+: UNM", text, re.M)]


def _inside(path: str) -> str:
    assert path.startswith("service/")
    return path.removeprefix("service/")


def test_several_at_once(incident: tuple[Path, str], tmp_path: Path) -> None:
    root, _ = incident
    files = {form: tmp_path / form for form in FORMATS[1:]}
    asked = [word for form, file in files.items() for word in ("--format", f"{form}={file}")]
    result = unmix(root, "check", "--format", "text", *asked)
    assert result.text == unmix(root, "check").text
    for form, file in files.items():
        assert file.read_bytes() == unmix(root, "check", "--format", form).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sarif", "junit"], "standard output can take one report only"),
        (["sarif=a", "junit=a"], "can take one report only"),
        (["pdf"], "'pdf' is none of text, json, sarif, github, gitlab, junit"),
        (["sarif="], "names no file"),
        (["sarif=no/such/folder/x"], "no such file or directory"),
    ],
)
def test_what_cannot_be_written_is_refused(incident: tuple[Path, str], words: list[str], said: str) -> None:
    result = unmix(incident[0], "check", *(part for word in words for part in ("--format", word)))
    assert result.code == 2
    assert said in result.errors


# --- formats in their own eyes ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sarif_schema(request: pytest.FixtureRequest) -> Any:
    """The official schema, out of the small package that has it."""
    folder = Path(request.config.cache.mkdir("sarif"))  # type: ignore[union-attr]
    name = "microsoft-jest-sarif-1.0.0-beta.0.tgz"
    if not (folder / name).exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not here, and with it comes SARIF's schema")
        command = [npm, "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"]
        if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
            pytest.skip("npm cannot give SARIF's schema: is there a network?")
    with tarfile.open(folder / name) as archive:
        schema = archive.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert schema is not None
        return json.load(schema)


def test_sarif_is_valid(incident: tuple[Path, str], sarif_schema: Any) -> None:
    log = json.loads(unmix(incident[0], "check", "--format", "sarif").output)
    validator = jsonschema.Draft7Validator(sarif_schema)
    assert [error.message for error in validator.iter_errors(log)] == []
    for hostile in (render_sarif(_hostile(), folder=""), render_sarif([], folder="")):
        assert [error.message for error in validator.iter_errors(json.loads(hostile))] == []
    # The schema is really asked.
    assert list(validator.iter_errors({**log, "version": "2.0"}))


def test_sarif_says_what_code_scanning_needs(incident: tuple[Path, str]) -> None:
    (run,) = json.loads(unmix(incident[0], "check", "--format", "sarif").output)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    prints = [result["partialFingerprints"]["unmixInstance/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints) > 0


def test_junit_is_read_by_its_parser(incident: tuple[Path, str]) -> None:
    suites = junitparser.JUnitXml.fromstring(unmix(incident[0], "check", "--format", "junit").text)
    (suite,) = suites
    assert isinstance(suite, junitparser.TestSuite)
    assert suite.tests == suite.failures == len(list(suite)) > 0
    assert {case.result[0].type for case in suite} <= set(RULES)


def test_junit_has_a_test_where_nothing_is_found() -> None:
    (suite,) = junitparser.JUnitXml.fromstring(render_junit([], strict=False))
    assert (suite.tests, suite.failures, len(list(suite))) == (1, 0, 1)


def test_warnings_fail_only_when_strict() -> None:
    instances = [Instance(Finding("a.py", 1, 1, "UNM010", "m"), "", 1)]
    for strict, failures in ((False, 0), (True, 1)):
        (suite,) = junitparser.JUnitXml.fromstring(render_junit(instances, strict=strict))
        assert (suite.failures, suite.skipped) == (failures, 1 - failures)


def test_gitlab_fingerprints_are_unique_and_stay_when_lines_move() -> None:
    findings = [Finding("a.py", line, 1, "UNM002", "m", "app.old.f") for line in (1, 2, 3)]
    before = list_instances(findings, memory_workspace({"a.py": b"old.f()\nold.f()\nx = old.f\n"}))
    moved = [Finding("a.py", line, 5, "UNM002", "m", "app.old.f") for line in (3, 4, 9)]
    text = b"import os\n\n    old.f()\n    old.f()\n\n\n\n\n    x = old.f\n"
    after = list_instances(moved, memory_workspace({"a.py": text}))
    prints = [[row["fingerprint"] for row in json.loads(render_gitlab(each, folder=""))] for each in (before, after)]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 3


def test_github_shows_ten_of_each_and_lists_the_rest() -> None:
    codes = [("UNM010", 15), ("UNM001", 25)]
    instances = [Instance(Finding("a.py", n, 1, c, "m"), "x", n) for c, many in codes for n in range(1, many + 1)]
    lines = render_github(instances, 0, folder="sub/").splitlines()
    assert sum(line.startswith("::error file=sub/a.py,line=") for line in lines) == 10
    assert sum(line.startswith("::warning file=sub/a.py,line=") for line in lines) == 10
    assert sum(line.startswith("- sub/a.py:") for line in lines) == 20
    assert lines[-1] == "25 errors, 15 warnings."
    assert render_summary(instances, 0, folder="").count("\n- `a.py:") == 40


def test_the_summary_stays_below_what_github_takes() -> None:
    instances = [Instance(Finding(f"{'d/' * 200}{n}.py", n, 1, "UNM001", "m" * 200), "s" * 500, 1) for n in range(2000)]
    summary = render_summary(instances, 0, folder="")
    assert len(summary.encode()) < 1 << 20
    left_out = 2000 - summary.count("**UNM001** ")
    assert f"{left_out} more do not fit here" in summary


# --- hostile text ----------------------------------------------------------------------------------------------------


def _hostile() -> list[Instance]:
    return [Instance(Finding(f"a,b{HOSTILE}.py", 1, 1, "UNM001", HOSTILE, HOSTILE, HOSTILE, HOSTILE), HOSTILE, 1)]


@given(st.text() | st.text(alphabet=" \t:#[%\r\n\x1b\x85\u2028\u202e\ud800a"))
def test_plain_text_steers_nothing(text: str) -> None:
    shown = plain(text)
    assert all(character.isprintable() for character in shown)
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown
    code = markdown_code(text)
    fence = re.match("`+", code)
    assert fence is not None
    assert fence[0] not in code[len(fence[0]) : -len(fence[0])].replace(fence[0] + "`", "")


def test_no_line_of_a_log_is_a_command_of_somebody_else() -> None:
    many = _hostile() * 12
    for log in (render_text(many, 0, colour=False), render_github(many, 0, folder="")):
        lines = log.split("\n")
        commands = [line for line in lines if line.lstrip().startswith("::")]
        assert len(commands) == (10 if "::error file=" in log else 0)
        assert all(re.fullmatch(r"::error file=[^,:]+,line=1,col=1,title=[^,:]+::[^\n]*", line) for line in commands)
        assert "##[" not in log
        assert "\x1b" not in log
        assert "\r" not in log


def test_markup_is_escaped() -> None:
    summary = render_summary(_hostile(), 0, folder="")
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", summary).replace("<br>", "")
    assert not re.search(r"(?<!\\)[<\[|]", outside)
    junit = render_junit(_hostile(), strict=False)
    assert "<script>" not in junit
    (case,) = ElementTree.fromstring(junit).iter("testcase")
    assert "<script>alert(1)</script>" in (case.find("failure").text or "")  # type: ignore[union-attr]
    (row,) = json.loads(render_gitlab(_hostile(), folder=""))
    assert "\x1b" not in row["description"]


def test_a_hostile_repository_steers_no_runner(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "old.py").write_text("def a():\n    pass\n\n\ndef b():\n    pass\n")
    (tmp_path / "unmix.toml").write_text(
        '[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["a"]\n"app.two" = ["*"]\n'
    )
    (tmp_path / "::error::x.py").write_text("from app.old import a  # ##[error]\x1b[2J\n")
    (tmp_path / "setup.cfg").write_text("[x]\n::stop-commands::t = app.old.a\n")
    committed(tmp_path)
    result = spawn(tmp_path, "check", variables={"GITHUB_STEP_SUMMARY": os.devnull})
    assert (result.code, result.text.count("UNM001"), result.text.count("UNM003")) == (1, 1, 1)
    for line in (result.text + result.errors).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "\x1b" not in line

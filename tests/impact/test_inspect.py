"""What `unmix inspect` says of the incident, of modules in no migration at all, and of what it cannot follow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tool import unmix
from trees import picture, plant

INCIDENT = Path(__file__).parent.parent.parent / "fixtures" / "python" / "incident" / "before"
OLD = "app.db.prisma_retry_wrapper"


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("incident") / "root"
    shutil.copytree(INCIDENT, root)
    before = picture(root)
    said = inspect(root, OLD)
    assert picture(root) == before
    return said


def inspect(root: Path, module: str) -> dict[str, Any]:
    result = unmix(root, "inspect", module, "--format", "json")
    assert result.code == 0, result.errors
    said: dict[str, Any] = json.loads(result.text)
    return said


def name(said: dict[str, Any], wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in said["names"] if each["name"] == wanted)
    return found


def places(said: dict[str, Any], wanted: str) -> set[tuple[str, int, str, str, str]]:
    return {(p["path"], p["line"], p["kind"], p["scope"], p["flow"]) for p in name(said, wanted)["outside"]}


def answer(said: dict[str, Any], word: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in said["checklist"] if word in item["question"])
    return found


# --- what was overlooked in the incident -----------------------------------------------------------------------------


def test_the_synchronous_fallback_is_shown(incident: dict[str, Any]) -> None:
    client = places(incident, "create_retryable_prisma_client")
    assert ("app/db/db.py", 53, "call", "get_client_sync", "plain") in client
    assert ("app/db/db.py", 36, "call", "get_client", "async") in client
    item = answer(incident, "synchronous paths")
    assert item["answer"] == "look"
    assert any("get_client_sync" in line for line in item["evidence"])


def test_the_helpers_are_shown(incident: dict[str, Any]) -> None:
    scopes = {scope for path, _, _, scope, _ in places(incident, "with_prisma_retry") if path == "app/db/db.py"}
    assert scopes == {"", "execute_with_client", "query"}
    assert any("execute_with_client" in line for line in answer(incident, "helper functions")["evidence"])


def test_export_lists_are_shown(incident: dict[str, Any]) -> None:
    for wanted in ("with_prisma_retry", "create_retryable_prisma_client"):
        kinds = {(path, kind) for path, _, kind, _, _ in places(incident, wanted)}
        assert ("app/db/db.py", "export list") in kinds
        assert ("app/db/__init__.py", "re-export") in kinds
    assert any("app/db/db.py:82" in line for line in answer(incident, "export statements")["evidence"])


def test_who_takes_a_name_from_a_module_that_re_exports_it_is_shown(incident: dict[str, Any]) -> None:
    via = {(p["path"], p["via"]) for p in name(incident, "create_retryable_prisma_client")["outside"] if p["via"]}
    assert ("app/services/exports.py", "app.db.db") in via


def test_what_no_code_can_tell_is_said_to_be_so(incident: dict[str, Any]) -> None:
    unknown = [item for item in incident["checklist"] if item["answer"] == "cannot be known from code"]
    assert [item["question"].split()[0] for item in unknown] == ["Test", "Deploy"]
    assert "smoke command: python -m app.healthcheck" in unknown[0]["evidence"]
    assert len(incident["checklist"]) == 8


def test_public_and_internal_with_the_reasons(incident: dict[str, Any]) -> None:
    assert name(incident, "with_prisma_retry")["public"]
    assert name(incident, "with_prisma_retry")["reasons"] == ["exported", "used outside"]
    total = name(incident, "retry_total")
    assert (total["public"], total["reasons"]) == (False, ["not in the export list", "used outside"])


def test_text_names_every_place_and_ends_with_the_checklist() -> None:
    result = unmix(INCIDENT, "inspect", OLD)
    assert result.code == 0
    assert "    app/db/db.py:53:19: call in get_client_sync\n" in result.text
    assert "[?] Test an actual call after deployment (not just syntax)\n    cannot be known from code: " in result.text


# --- any module ------------------------------------------------------------------------------------------------------

FILES: dict[str, bytes | str] = {
    "pkg/__init__.py": b"from pkg.tools import used\n",
    "pkg/tools.py": b"def used():\n    return _inner()\n\ndef _inner():\n    return 1\n\ndef unused():\n    return 2\n",
    "pkg/late.py": b"import sys\n\n\ndef get(name):\n    from pkg import tools\n    return getattr(tools, name)\n",
    "main.py": b"import pkg\n\nprint(pkg.used())\n",
    "README.md": b"Call `pkg.tools.used()`.\n",
}


def test_no_migration_file_is_needed(tmp_path: Path) -> None:
    said = inspect(plant(tmp_path / "root", FILES), "pkg.tools")
    assert (said["module"], said["path"], said["is_shim"]) == ("pkg.tools", "pkg/tools.py", False)
    assert [each["name"] for each in said["names"] if each["unused"]] == ["unused"]
    assert {(p["path"], p["via"]) for p in name(said, "used")["outside"]} >= {("main.py", "pkg"), ("README.md", "")}
    assert "documented" in name(said, "used")["reasons"]
    assert not name(said, "_inner")["public"]


def test_what_cannot_be_followed_is_evidence(tmp_path: Path) -> None:
    said = inspect(plant(tmp_path / "root", FILES), "pkg.tools")
    item = answer(said, "Search for all functions")
    assert item["answer"] == "look"
    assert any(line.startswith("pkg/late.py:6:") for line in item["evidence"])


def test_a_file_that_cannot_be_read_is_evidence(tmp_path: Path) -> None:
    said = inspect(plant(tmp_path / "root", {**FILES, "broken.py": b"from pkg.tools import (\n"}), "pkg.tools")
    assert [finding["code"] for finding in said["findings"] if finding["path"] == "broken.py"] == ["UNM009"]


def test_a_module_may_be_named_by_its_file(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", {f"src/{path}": content for path, content in FILES.items()})
    assert inspect(root, "src/pkg/tools.py")["module"] == "pkg.tools"
    assert inspect(root, "src/pkg/__init__.py")["module"] == "pkg"


def test_a_shim_is_inspected_as_one(tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(INCIDENT, root)
    assert unmix(root, "migrate", "--phase", "add").code == 0
    said = inspect(root, OLD)
    assert said["is_shim"]
    assert ("app/db/db.py", 9, "re-export", "", "") in places(said, "create_retryable_prisma_client")


@pytest.mark.parametrize("module", ["pkg.tolls", "pkg/tolls.py", "nowhere", "pkg.txt", "../x.py"])
def test_what_is_no_module_is_refused(tmp_path: Path, module: str) -> None:
    result = unmix(plant(tmp_path / "root", FILES), "inspect", module)
    assert (result.code, result.output) == (2, b"")
    assert result.errors.startswith(f"{module}: ")


def test_html_says_the_same(tmp_path: Path) -> None:
    result = unmix(INCIDENT, "inspect", OLD, "--format", "html", "-o", str(tmp_path / "impact.html"))
    page = (tmp_path / "impact.html").read_text("utf-8")
    assert (result.code, result.output) == (0, b"")
    assert "get_client_sync" in page
    assert "cannot be known from code" in page


# --- JavaScript ------------------------------------------------------------------------------------------------------


def test_the_incident_is_seen_in_javascript_too() -> None:
    said = inspect(INCIDENT.parent.parent.parent / "javascript/incident/before", "src/db/prismaRetryWrapper.js")
    scopes = {(place["path"], place["kind"], place["scope"]) for n in said["names"] for place in n["outside"]}
    assert ("src/db/db.js", "call", "getPrismaSync") in scopes
    assert ("src/db/db.js", "call", "executeWithClient") in scopes
    assert ("src/db/db.js", "export list", "") in scopes

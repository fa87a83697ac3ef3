"""What others run unmix by: the pre-commit hook and the GitHub action do what docs/ci.md says."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tool import ROOTS, Result, committed, git, run
from trees import plant

PROJECT = Path(__file__).parent.parent
ACTION = yaml.safe_load((PROJECT / "action.yml").read_text())
TREE = {
    "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["wrap"]\n"app.two" = ["*"]\n',
    "app/__init__.py": b"",
    "app/old.py": b"def wrap(client):\n    return client\n\n\ndef retry(call):\n    return call()\n",
}
LEGACY = b"from app.old import wrap\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return committed(plant(tmp_path / "tree", TREE))


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with an `unmix` that is this one."""
    folder = tmp_path / "temp" / "unmix" / "bin"
    folder.mkdir(parents=True)
    (folder / "unmix").write_text(
        f'#!/bin/sh\nPYTHONPATH="{os.pathsep.join(ROOTS)}" exec "{sys.executable}" -m unmix "$@"\n'
    )
    (folder / "unmix").chmod(0o755)
    return folder


# --- pre-commit ------------------------------------------------------------------------------------------------------


def pre_commit(folder: Path, *arguments: str, **variables: str) -> Result:
    return run(folder, sys.executable, "-m", "pre_commit", *arguments, variables=variables)


def test_the_manifest_is_valid() -> None:
    result = pre_commit(PROJECT, "validate-manifest", ".pre-commit-hooks.yaml")
    assert result.code == 0, result.text


def test_pre_commit_stops_a_commit(root: Path, programs: Path, tmp_path: Path) -> None:
    # Installing the hook from its repository is `tests/trials/hooks`; here it finds an installed unmix.
    hooks = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    hooks[0]["language"] = "system"
    repository = committed(plant(tmp_path / "hooks", {".pre-commit-hooks.yaml": yaml.safe_dump(hooks).encode()}))
    head = git(repository, "rev-parse", "HEAD").decode().strip()
    config = {"repos": [{"repo": str(repository), "rev": head, "hooks": [{"id": "unmix-check"}]}]}
    committed(plant(root, {".pre-commit-config.yaml": yaml.safe_dump(config).encode()}))
    variables = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    result = pre_commit(root, "run", "--all-files", **variables)
    assert result.code == 0, result.text + result.errors
    assert "Passed" in result.text
    plant(root, {"app/user.py": LEGACY})
    # The file in the index that is legacy is not even one of those that the hook is told of.
    git(root, "add", "app/user.py")
    result = pre_commit(root, "run", "--files", "unmix.toml", **variables)
    assert result.code == 1
    assert "app/user.py:1:21: UNM001" in result.text


# --- the GitHub action -----------------------------------------------------------------------------------------------


def check_schema(name: str, path: Path) -> Result:
    return run(PROJECT, sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", str(path))


def test_the_action_is_valid(tmp_path: Path) -> None:
    result = check_schema("github-actions", PROJECT / "action.yml")
    assert result.code == 0, result.text
    (tmp_path / "action.yml").write_text("name: x\n")
    assert check_schema("github-actions", tmp_path / "action.yml").code == 1


def test_no_input_is_pasted_into_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
    used = set(re.findall(r"inputs\.([\w-]+)", (PROJECT / "action.yml").read_text()))
    assert used == ACTION["inputs"].keys()


def run_step(root: Path, programs: Path, inputs: dict[str, Any], base: str = "") -> Result:
    """Run the last step of the action as GitHub does, with these inputs beside the defaults."""
    step = ACTION["runs"]["steps"][-1]
    values = {f"inputs.{name}": str(given["default"]) for name, given in ACTION["inputs"].items()}
    values |= {f"inputs.{name}": str(value) for name, value in inputs.items()}
    values["github.event.pull_request.base.sha"] = base
    variables = {
        name: re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: values[match[1]], text)
        for name, text in step["env"].items()
    }
    variables |= {"RUNNER_TEMP": str(programs.parent.parent), "GITHUB_STEP_SUMMARY": str(programs / "summary.md")}
    # GitHub's own words for `shell: bash`.
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    return run(root / values["inputs.folder"], *shell, variables=variables)


def test_the_action_annotates(root: Path, programs: Path) -> None:
    assert run_step(root, programs, {}).code == 0
    plant(root, {"app/user.py": LEGACY})
    result = run_step(root, programs, {"sarif": "out.sarif"})
    assert result.code == 1
    assert result.text.startswith("::error file=app/user.py,line=1,col=21,title=UNM001 legacy import::")
    assert "`app/user.py:1:21` **UNM001**" in (programs / "summary.md").read_text()
    assert '"version": "2.1.0"' in (root / "out.sarif").read_text()


def test_the_action_takes_its_inputs_as_they_are(root: Path, programs: Path) -> None:
    folder = root / "a folder; $(touch no)"
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns(".git", "a folder*"))
    plant(folder, {"app/user.py": LEGACY})
    result = run_step(root, programs, {"folder": folder.name, "baseline": "$(touch no) known.json"})
    assert (result.code, "$(touch no) known.json: there is no such file" in result.errors) == (2, True)
    assert not list(root.rglob("no"))
    plant(folder, {"README.md": b"See `app.old.wrap`.\n", "app/user.py": b""})
    codes = [run_step(root, programs, {"folder": folder.name, "strict": strict}).code for strict in ("false", "true")]
    assert codes == [0, 1]


def test_the_action_tells_what_a_pull_request_adds(root: Path, programs: Path, tmp_path: Path) -> None:
    committed(plant(root, {"app/user.py": LEGACY}))
    base = git(root, "rev-parse", "HEAD").decode().strip()
    committed(plant(root, {"app/more.py": LEGACY}))
    git(root, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "checkout")
    result = run_step(tmp_path / "checkout", programs, {"new-only": "true"}, base)
    assert result.code == 1, result.errors
    assert re.findall(r"file=([^,]+)", result.text) == ["app/more.py"]
    assert len(re.findall(r"file=([^,]+)", run_step(tmp_path / "checkout", programs, {}, base).text)) == 2


# --- the documentation -----------------------------------------------------------------------------------------------


def test_the_examples_of_the_documentation_are_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", (PROJECT / "docs" / "ci.md").read_text(), re.MULTILINE | re.DOTALL)
    for name, begin in (("github-workflows", "# .github/workflows"), ("gitlab-ci", "unmix:\n  image")):
        (block,) = [block for block in blocks if block.startswith(begin)]
        (tmp_path / f"{name}.yml").write_text(block)
        result = check_schema(name, tmp_path / f"{name}.yml")
        assert result.code == 0, result.text
    (block,) = [block for block in blocks if "pre-commit-config" in block]
    (tmp_path / ".pre-commit-config.yaml").write_text(block)
    assert pre_commit(tmp_path, "validate-config", ".pre-commit-config.yaml").code == 0

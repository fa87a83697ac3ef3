"""`unmix verify` and `migrate --verify`: really imported, in fresh interpreters, and compared with before."""

from __future__ import annotations

import json
import os
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from test_retire import TREE, commit
from tool import ROOTS, Result, committed, git, run, spawn, unmix
from trees import picture, plant


def migrated(root: Path, more: dict[str, bytes | str] | None = None, *, smoke: str = "") -> Path:
    tree = {**TREE, **(more or {})}
    if smoke:
        tree["unmix.toml"] = bytes(TREE["unmix.toml"]) + f"\n[verify]\nsmoke = [{smoke}]\n".encode()
    committed(plant(root, tree))
    assert unmix(root, "migrate").code == 0
    return root


def results(root: Path, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    verified = unmix(root, "verify", "--format", "json", *arguments)
    assert verified.code == code, verified
    return list(json.loads(verified.output)["results"])


def failed(found: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(one["path"], one["line"], one["what"]) for one in found if one["outcome"] == "failed"]


def test_everything_is_loaded_and_nothing_is_written(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", smoke='"python -m shop.cart"')
    before = picture(root)
    verified = unmix(root, "verify")
    assert verified.code == 0, verified
    assert verified.text.endswith("8 checks passed.\n") or "checks passed" in verified.text
    for told in (
        "import shop.money",
        "import shop.tax",
        "import shop.pricing",
        "import shop.cart",
        "every old name of",
    ):
        assert told in verified.errors
    assert "$ python -m shop.cart" in verified.errors
    found = results(root)
    assert {one["what"] for one in found if one["kind"] == "module"} == {
        *("shop.cart", "shop.money", "shop.pricing", "shop.tax")
    }
    (smoke,) = [one for one in found if one["kind"] == "smoke"]
    assert smoke["output"] == "6 EUR\n"
    assert {one["outcome"] for one in found} == {"ok"}
    assert picture(root) == before


def test_listing_executes_nothing(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", smoke='"touch executed"')
    listed = unmix(root, "verify", "--list")
    assert listed.code == 0
    assert "$ touch executed" in listed.text
    assert not (root / "executed").exists()


BROKEN: dict[str, tuple[dict[str, bytes | str], tuple[str, int, str]]] = {
    "a part lost a name": (
        {"shop/tax.py": b"RATE = 2\n"},
        ("shop/cart.py", 0, "import shop.cart"),
    ),
    "an import in a function": (
        {"shop/late.py": b"def f():\n    from shop.tax import gone\n    return gone\n"},
        ("shop/late.py", 2, "from shop.tax import gone"),
    ),
    "an export of nothing": (
        {"shop/tax.py": b"__all__ = ['gone']\nRATE = 2\n\n\ndef price(count):\n    return count * RATE\n"},
        ("shop/tax.py", 0, "from shop.tax import *"),
    ),
    "a use of the shim": (
        {"shop/late.py": b"from shop.tax import RATE\n\nfrom shop.pricing import price\n"},
        ("shop/late.py", 3, "shop.late"),
    ),
    "a module that exits": (
        {"shop/tax.py": b"import os\n\nos._exit(7)\n"},
        ("shop/tax.py", 0, "shop.tax"),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_work_is_found(case: str, tmp_path: Path) -> None:
    more, expected = BROKEN[case]
    root = plant(migrated(tmp_path / "root"), more)
    assert expected in failed(results(root, code=1))


def test_what_failed_before_in_the_same_way_is_no_failure(tmp_path: Path) -> None:
    more: dict[str, bytes | str] = {
        "shop/needs.py": b"import numpy_that_is_nowhere\nfrom shop.pricing import price\n",
        "shop/broken.py": b"from shop.pricing import price\n\nraise RuntimeError('not configured')\n",
        "shop/script.py": b"from shop.broken import price\n",
    }
    root = migrated(tmp_path / "root", more)
    for state in ("journal", "git", "committed"):
        if state == "git":
            (root / ".git/unmix").rename(tmp_path / "journal")
        if state == "committed":
            commit(root)
        outcomes = {one["path"]: one for one in results(root)}
        assert outcomes["shop/needs.py"]["outcome"] == "skipped", state
        assert "needs numpy_that_is_nowhere" in outcomes["shop/needs.py"]["detail"]
        assert outcomes["shop/broken.py"]["outcome"] == "as before", state


def test_a_package_of_the_same_name_elsewhere_hides_a_test_now_as_before(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", {"checks/test_price.py": b"from shop.pricing import price\n"})
    elsewhere = plant(tmp_path / "elsewhere", {"checks/__init__.py": b""})
    command = (sys.executable, "-m", "unmix", "verify", "--format", "json", "--python", sys.executable)
    verified = run(root, *command, variables={"PYTHONPATH": f"{elsewhere}{os.pathsep}{os.pathsep.join(ROOTS)}"})
    outcomes = {one["path"]: one["outcome"] for one in json.loads(verified.output)["results"]}
    assert (verified.code, outcomes["checks/test_price.py"]) == (0, "as before")


def test_scripts_are_not_run_but_what_they_import_is_looked_up(tmp_path: Path) -> None:
    script = b"from shop.pricing import price\n\nopen('executed', 'w').write(str(price(1)))\n"
    root = migrated(tmp_path / "root", {"scripts/do.py": script, "shop/__main__.py": script})
    results(root)
    assert not (root / "executed").exists()
    (root / "scripts/do.py").write_bytes(b"from shop.tax import gone\n\nprint(gone)\n")
    assert ("scripts/do.py", 1, "from shop.tax import gone") in failed(results(root, code=1))


def test_a_file_beside_a_module_does_not_take_the_place_of_its_folder(tmp_path: Path) -> None:
    more: dict[str, bytes | str] = {
        "examples/stamps/tasks.py": b"from settings import RATE\nfrom shop.pricing import price\n\nRATES = [RATE]\n",
        "examples/stamps/settings.py": b"RATE = 2\n",
        "examples/stamps/examples.py": b"import tasks\n",
    }
    outcomes = {one["path"]: one["outcome"] for one in results(migrated(tmp_path / "root", more))}
    assert outcomes["examples/stamps/tasks.py"] == "ok"


def test_what_an_import_does_besides_is_compared(tmp_path: Path) -> None:
    noisy = bytes(TREE["shop/pricing.py"]) + b"\nprint('loaded')\n"
    root = migrated(tmp_path / "root", {"shop/pricing.py": noisy})
    (effects,) = [one for one in results(root) if one["kind"] == "effects"]
    assert effects["outcome"] == "ok"
    tax = root / "shop/tax.py"
    tax.write_bytes(tax.read_bytes() + b"\nimport wave\nprint('twice')\nopen('trace', 'w').close()\n")
    (effects,) = [one for one in results(root) if one["kind"] == "effects"]
    assert effects["outcome"] == "differs"
    assert all(told in effects["detail"] for told in ("wave", "twice", "writes trace"))


def test_smoke_commands_have_a_time_limit_and_their_output_is_kept(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", smoke='"echo begun; sleep 60 & sleep 60", "echo no; exit 3"')
    found = [one for one in results(root, "--timeout", "3", code=1) if one["kind"] == "smoke"]
    assert [(one["outcome"], one["detail"], one["output"]) for one in found] == [
        ("failed", "took longer than 3 s", "begun\n"),
        ("failed", "exit code 3", "no\n"),
    ]


def test_smoke_sees_uses_of_the_shim_as_errors(tmp_path: Path) -> None:
    code = "import importlib; importlib.import_module('.'.join(('shop', 'pricing'))).price"
    root = migrated(tmp_path / "root", smoke=f'"python -c \\"{code}\\""')
    (smoke,) = [one for one in results(root, code=1) if one["kind"] == "smoke"]
    assert "DeprecationWarning: shop.pricing.price is deprecated" in smoke["output"]


def test_what_the_project_prints_does_not_speak_to_the_terminal(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", smoke="\"printf '\\\\033[31mred\\\\n'; exit 1\"")
    verified = unmix(root, "verify")
    assert verified.code == 1
    assert "\x1b" not in verified.text + verified.errors
    assert "\\x1b[31mred" in verified.text


def test_the_interpreter_is_that_of_the_project(tmp_path: Path) -> None:
    root = migrated(
        tmp_path / "root", {".gitignore": b".venv\n"}, smoke="\"python -c 'import sys; print(sys.prefix)'\""
    )
    venv.create(root / ".venv", with_pip=False)
    (smoke,) = [one for one in results(root) if one["kind"] == "smoke"]
    assert smoke["output"].strip() == str(root / ".venv")
    (smoke,) = [one for one in results(root, "--python", sys.executable) if one["kind"] == "smoke"]
    assert smoke["output"].strip() == sys.prefix
    refused = unmix(root, "verify", "--python", "no-such-python")
    assert (refused.code, refused.output) == (2, b"")


def test_the_script_stands_alone(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", smoke='"python -m shop.cart"')
    assert unmix(root, "verify", "--script", "scripts_verify.py").code == 0
    script = root / "scripts_verify.py"
    assert b"import unmix" not in script.read_bytes()

    def verify(*arguments: str) -> Result:
        return run(root.parent, sys.executable, "-I", str(script), *arguments)

    works = verify()
    assert works.code == 0, works
    assert "Everything that could be loaded works." in works.text
    assert "import shop.tax" in verify("--list").text
    (root / "shop/money.py").write_bytes(b"")
    broken = verify()
    assert broken.code == 1
    assert "cannot import name 'label' from 'shop.money'" in broken.text


# --- migrate, phase by phase -----------------------------------------------------------------------------------------


def test_each_phase_is_verified_and_committed(tmp_path: Path) -> None:
    root = committed(plant(tmp_path / "root", {**TREE, "other.txt": b"1\n", "staged.txt": b"1\n"}))
    git(root, "config", "user.name", "a")
    git(root, "config", "user.email", "a@example.org")
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hook-ran\nexit 1\n")
    hook.chmod(0o755)
    plant(root, {"other.txt": b"2\n", "staged.txt": b"2\n", "new.txt": b"1\n"})
    git(root, "add", "staged.txt")
    migrated = unmix(root, "migrate", "--verify", "--commit", "--branch", "split")
    assert (migrated.code, migrated.output) == (0, b""), migrated.errors
    subjects = git(root, "log", "--format=%s", "-2").decode().splitlines()
    assert subjects == ["Use the parts of shop.pricing", "Split shop.pricing, leave a shim"]
    assert git(root, "log", "--format=", "--name-only", "-2").split() == [
        *(b"shop/cart.py", b"shop/money.py", b"shop/pricing.py", b"shop/tax.py")
    ]
    assert b"shop.pricing -> shop.tax: RATE, price" in git(root, "log", "--format=%b", "-1")
    assert git(root, "status", "--porcelain").split(b"\n")[:-1] == [b" M other.txt", b"M  staged.txt", b"?? new.txt"]
    assert git(root, "symbolic-ref", "HEAD") == b"refs/heads/split\n"
    assert not (root / "hook-ran").exists()


@pytest.mark.parametrize("phase", ["add", "rewrite"])
def test_a_phase_that_fails_its_verification_is_undone(phase: str, tmp_path: Path) -> None:
    # The smoke command passes as long as the phase was not done.
    test = "test ! -e shop/tax.py" if phase == "add" else "! grep -q shop.tax shop/cart.py"
    root = committed(plant(tmp_path / "root", {**TREE}))
    (root / "unmix.toml").write_bytes(bytes(TREE["unmix.toml"]) + f'\n[verify]\nsmoke = ["{test}"]\n'.encode())
    before = picture(root)
    migrated = unmix(root, "migrate", "--verify")
    assert migrated.code == 1
    assert f"Phase {phase} was undone" in migrated.errors
    if phase == "rewrite":
        assert (root / "shop/tax.py").exists()
        assert (root / "shop/cart.py").read_bytes() == TREE["shop/cart.py"]
        assert unmix(root, "undo").code == 0
    assert picture(root) == before


def test_a_smoke_command_that_failed_before_is_no_failure(tmp_path: Path) -> None:
    tree = {**TREE, "unmix.toml": bytes(TREE["unmix.toml"]) + b'\n[verify]\nsmoke = ["exit 3"]\n'}
    root = committed(plant(tmp_path / "root", tree))
    migrated = unmix(root, "migrate", "--verify")
    assert migrated.code == 0, migrated.errors
    assert "exit 3: as before: exit code 3" in migrated.errors


def test_without_verify_nothing_of_the_project_is_executed(tmp_path: Path) -> None:
    trap = b"open('/proc/self/cwd/executed', 'w').close()\n"
    names = ("conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py", "shop/trap.py")
    more: dict[str, bytes | str] = dict.fromkeys(names, trap)
    tree = {**TREE, **more, "shop/cart.py": trap + bytes(TREE["shop/cart.py"])}
    tree["unmix.toml"] = bytes(TREE["unmix.toml"]) + b'\n[verify]\nsmoke = ["touch executed"]\n'
    root = committed(plant(tmp_path / "root", tree))
    for command in ("diff", "migrate", "check", "undo"):
        assert spawn(root, command).code in (0, 1)
    assert spawn(root, "migrate", "--commit", variables=identity()).code == 0
    assert not (root / "executed").exists()


def identity() -> dict[str, str]:
    return {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--branch", "master"), "a branch of this name exists already"),
        (("--branch", "a b"), "git cannot commit here"),
        (("--commit",), "git is in the middle of something"),
        (("--commit", "--allow-dirty"), "a commit would take them along"),
    ],
)
def test_a_commit_that_cannot_be_made_is_told_before_anything_is_written(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in identity().items():
        monkeypatch.setenv(name, value)
    root = committed(plant(tmp_path / "root", TREE))
    git(root, "branch", "-M", "master")
    if "middle" in says:
        (root / ".git/MERGE_HEAD").write_bytes(git(root, "rev-parse", "HEAD"))
    if "along" in says:
        (root / "shop/cart.py").write_bytes(bytes(TREE["shop/cart.py"]) + b"# mine\n")
    before = picture(root)
    refused = unmix(root, "migrate", *arguments)
    assert (refused.code, refused.output) == (2, b"")
    assert says in refused.errors
    assert picture(root) == before
    assert os.listdir(root / ".git").count("unmix") == 0

"""What unmix does with trees, files and arguments that are not as they should be: it says so, and breaks nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tool import ROOTS, Result, committed, git, paths, run, spawn, unmix
from trees import picture, plant

TREE: dict[str, bytes | str] = {
    "shop/__init__.py": b'"""A shop."""\n',
    "shop/pricing.py": b'''"""Prices and labels."""

RATE = 2


def price(count):
    return count * RATE


def label(count):
    return f"{count} EUR"
''',
    "shop/cart.py": b"from shop.pricing import label, price\n\nprint(label(price(3)))\n",
    "unmix.toml": b"""[[split]]
module = "shop.pricing"

[split.into]
"shop.money" = ["label"]
"shop.tax" = ["*"]
""",
}

CART = b"from shop.money import label\nfrom shop.tax import price\n\nprint(label(price(3)))\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return committed(plant(tmp_path / "project", TREE))


def changed(root: Path, files: dict[str, bytes | str]) -> Path:
    """Give the tree with other files, committed."""
    plant(root, files)
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "changed")
    return root


def assert_refused(root: Path, *arguments: str, says: str) -> Result:
    """Run a command that must not start: exit code 2, the reason on standard error, no byte written."""
    seen = picture(root)
    refused = spawn(root, *arguments)
    assert (refused.code, refused.output) == (2, b""), refused
    assert says in refused.errors
    assert "Traceback" not in refused.errors
    assert picture(root) == seen
    return refused


# --- git that is not there -------------------------------------------------------------------------------------------


def test_a_plain_folder(tmp_path: Path) -> None:
    root = plant(tmp_path / "project", TREE)
    assert spawn(root, "check").code == 1
    assert spawn(root, "migrate").code == 0
    assert (root / "shop/cart.py").read_bytes() == CART
    assert spawn(root, "check").output == b"No legacy reference is left.\n"


@pytest.mark.parametrize("in_git", [True, False])
def test_no_git_on_the_path(tmp_path: Path, in_git: bool) -> None:
    root = plant(tmp_path / "project", TREE)
    if in_git:
        committed(root)
    nothing = {"PATH": str(tmp_path / "empty")}
    assert spawn(root, "check", variables=nothing).code == 1
    assert spawn(root, "migrate", variables=nothing).code == 0
    assert (root / "shop/cart.py").read_bytes() == CART
    assert spawn(root, "check", variables=nothing).code == 0


# --- files that are hard to read -------------------------------------------------------------------------------------


def test_an_empty_old_module_has_none_of_the_names(root: Path) -> None:
    changed(root, {"shop/pricing.py": b""})
    assert_refused(root, "migrate", says="unmix.toml:5: shop.pricing has no name `label`")


def test_an_empty_old_module_can_move(root: Path) -> None:
    toml = b'[[split]]\nmodule = "shop.pricing"\n[split.into]\n"shop.tax" = ["*"]\n'
    changed(root, {"shop/pricing.py": b"", "shop/cart.py": b"import shop.pricing\n", "unmix.toml": toml})
    assert spawn(root, "migrate").code == 0
    assert run(root, sys.executable, "-W", "error", "-c", "import shop.cart, shop.tax, shop.pricing").code == 0
    assert "Nothing to change" in spawn(root, "migrate").errors


def test_an_empty_caller(root: Path) -> None:
    changed(root, {"shop/empty.py": b"", "shop/blank.py": b"\n\n"})
    assert spawn(root, "migrate").code == 0
    assert (root / "shop/empty.py").read_bytes() == b""
    assert (root / "shop/blank.py").read_bytes() == b"\n\n"


def test_an_old_module_that_is_not_utf8(root: Path) -> None:
    changed(root, {"shop/pricing.py": b'"""Caf\xe9."""\n\n\ndef label(count):\n    return count\n'})
    assert_refused(root, "migrate", says="shop/pricing.py:1: byte 0xe9 is not utf-8; save the file")


UNREADABLE = [
    pytest.param(b"# caf\xe9\nfrom shop.pricing import label\n", 1, "not utf-8", id="not utf-8"),
    pytest.param(b"from shop.pricing import label\nprint label(2))\n", 2, "parsed", id="neither python 3 nor 2"),
    pytest.param(b"from shop.pricing import label\n\ndef f(:\n", 3, "parsed", id="no python"),
    pytest.param(b"# coding: no-such\nfrom shop.pricing import label\n", 1, "no-such", id="unknown encoding"),
]


@pytest.mark.parametrize(("content", "line", "reason"), UNREADABLE)
def test_a_caller_that_cannot_be_read_is_named_and_the_others_are_migrated(
    root: Path, content: bytes, line: int, reason: str
) -> None:
    changed(root, {"shop/bad.py": content})
    migrated = spawn(root, "migrate")
    assert migrated.code == 1
    (said,) = [words for words in migrated.errors.splitlines() if "UNM009" in words]
    assert said.startswith(f"shop/bad.py:{line}:")
    assert reason in said
    assert (root / "shop/bad.py").read_bytes() == content
    assert (root / "shop/cart.py").read_bytes() == CART
    checked = spawn(root, "check", "--format", "json")
    assert checked.code == 1
    found = json.loads(checked.output)["findings"]
    assert [(one["path"], one["line"], one["code"]) for one in found] == [("shop/bad.py", line, "UNM009")]


def test_what_cannot_be_read_may_import_another_module_of_that_name(root: Path) -> None:
    elsewhere = b"from . import pricing\nfrom .pricing import label\n\npricing.label\na = pricing.\n"
    changed(root, {"samples/completion/imports.py": elsewhere, "samples/completion/__init__.py": b""})
    assert spawn(root, "migrate").code == 0
    assert spawn(root, "check").code == 0
    changed(root, {"shop/bad.py": elsewhere})
    assert spawn(root, "check").code == 1


@pytest.mark.parametrize(
    "content",
    [b"\0\1\0\0pricing\x80", b"caf\xe9 pricing \x80\n", b"GIF89a\x80pricing\xff"],
    ids=["nul", "latin", "picture"],
)
@pytest.mark.parametrize("command", ["migrate", "check"])
def test_a_font_or_an_old_letter_that_holds_the_last_word_is_nobodys_business(
    root: Path, content: bytes, command: str
) -> None:
    changed(root, {"static/face.ttf": content})
    result = unmix(root, command)
    assert "face.ttf" not in result.text + result.errors
    assert result.code == (0 if command == "migrate" else 1)


def test_a_text_that_cannot_be_read_but_says_the_whole_name_is_named(root: Path) -> None:
    changed(root, {"letter.txt": b"caf\xe9: see shop.pricing\n"})
    result = unmix(root, "migrate")
    assert result.code == 1
    assert "letter.txt:1:1: UNM009" in result.errors


def test_a_caller_that_also_reads_a_module_that_cannot_be_read_is_migrated(root: Path) -> None:
    text = b"from shop import other\nfrom shop.pricing import price\n\n\ndef f(count):\n    return other.label(count)\n"
    changed(root, {"shop/other.py": b"# \xff\xfe\n", "shop/cart.py": text + b"\n\nprint(price(3))\n"})
    assert unmix(root, "migrate").code == 0
    assert (root / "shop/cart.py").read_bytes() == text.replace(b"shop.pricing", b"shop.tax") + b"\n\nprint(price(3))\n"


def test_an_unreadable_caller_that_names_nothing_of_ours_is_nobodys_business(root: Path) -> None:
    changed(root, {"shop/bad.py": b"print 'caf\xe9'\n"})
    migrated = spawn(root, "migrate")
    assert (migrated.code, "bad.py" in migrated.errors) == (0, False)


@pytest.mark.parametrize("content", [b"pricing = f(:\n", b"# caf\xe9 pricing\nlabel()\n"], ids=["syntax", "bytes"])
def test_an_unreadable_file_that_only_has_the_last_word_is_nobodys_business(root: Path, content: bytes) -> None:
    changed(root, {"tests/data/broken.py": content})
    migrated = spawn(root, "migrate")
    assert (migrated.code, "broken.py" in migrated.errors) == (0, False)
    assert unmix(root, "check").code == 0


@pytest.mark.parametrize("command", ["diff", "migrate"])
def test_a_syntax_error_in_the_old_module(root: Path, command: str) -> None:
    changed(root, {"shop/pricing.py": b"RATE = 2\n\n\ndef label(:\n    return 1\n"})
    assert_refused(root, command, says="shop/pricing.py:4: cannot be parsed")


# --- the migration file ----------------------------------------------------------------------------------------------


def test_every_mistake_is_told_at_once(root: Path) -> None:
    toml = """[[split]]
module = "shop.pricing"
modul = "x"

[split.into]
"shop.money" = ["labl", "price"]
"shop.tax" = ["*", "price"]
"shop.cart" = ["*"]

[shim]
remove_in = 3
"""
    changed(root, {"unmix.toml": toml.encode()})
    refused = assert_refused(root, "migrate", says="unmix.toml")
    said = re.findall(r"unmix\.toml:(\d+): (.*)", refused.errors)
    for line, what in [
        ("3", 'unknown key "modul"; did you mean "module"?'),
        ("6", 'shop.pricing has no name `labl`; did you mean "label"?'),
        ("7", 'name "price" is given twice'),
        ("8", '"*" is given twice'),
        ("8", "part shop.cart exists already (shop/cart.py)"),
        ("11", '"remove_in" is a number; write a string'),
    ]:
        assert any(line == number and message.startswith(what) for number, message in said), (line, what)
    assert len(said) == 6


def test_a_module_that_is_not_there(root: Path) -> None:
    toml = TREE["unmix.toml"]
    assert isinstance(toml, bytes)
    changed(root, {"unmix.toml": toml.replace(b"shop.pricing", b"shop.pricng")})
    assert_refused(root, "diff", says='module shop.pricng is not in this tree; did you mean "shop.pricing"?')
    assert_refused(root, "migrate", says='did you mean "shop.pricing"?')


def test_check_does_not_praise_what_it_did_not_find(root: Path) -> None:
    toml = TREE["unmix.toml"]
    assert isinstance(toml, bytes)
    changed(root, {"unmix.toml": toml.replace(b"shop.pricing", b"shop.pricng")})
    assert_refused(root, "check", says='did you mean "shop.pricing"?')


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[[split]\n", "unmix.toml:1: not TOML"),
        (b"\xff\xfe", "unmix.toml:1: not UTF-8"),
        (b"", "nothing to do; add a [[split]]"),
    ],
)
def test_a_migration_file_that_is_none(root: Path, content: bytes, says: str) -> None:
    changed(root, {"unmix.toml": content})
    assert_refused(root, "migrate", says=says)


def test_no_migration_file(tmp_path: Path) -> None:
    root = plant(tmp_path / "project", {"a.py": b""})
    assert_refused(root, "migrate", says="unmix.toml: not found in")


def test_a_migration_file_that_is_named_but_not_there(root: Path) -> None:
    assert_refused(root, "check", "-c", "nope.toml", says="nope.toml: no such file")
    assert_refused(root, "check", "-c", "shop", says="shop: is a directory")


@pytest.mark.parametrize("arguments", [(), ("-c", "../unmix.toml")])
def test_the_migration_file_of_a_folder_above(root: Path, arguments: tuple[str, ...]) -> None:
    here = spawn(root, "diff", "--format", "patch")
    assert here.output
    assert spawn(root / "shop", "diff", "--format", "patch", *arguments) == here


# --- files in the way ------------------------------------------------------------------------------------------------


def test_dirty_files_are_not_touched_unless_allowed(root: Path) -> None:
    plant(root, {"shop/cart.py": b"# mine\nfrom shop.pricing import label\n"})
    refused = assert_refused(root, "migrate", says="shop/cart.py: has changes that are not committed")
    assert "--allow-dirty" in refused.errors
    assert spawn(root, "migrate", "--allow-dirty").code == 0
    assert (root / "shop/cart.py").read_bytes() == b"# mine\nfrom shop.money import label\n"


def test_dirty_files_that_need_no_change_are_not_in_the_way(root: Path) -> None:
    plant(root, {"shop/__init__.py": b"# mine\n", "notes.txt": b"mine\n"})
    assert spawn(root, "migrate").code == 0
    assert (root / "shop/__init__.py").read_bytes() == b"# mine\n"


def test_running_twice_changes_nothing_and_says_so(root: Path) -> None:
    assert spawn(root, "migrate").code == 0
    seen = picture(root)
    again = spawn(root, "migrate")
    assert (again.code, again.output, again.errors) == (0, b"", "Nothing to change: the migration is done.\n")
    assert picture(root) == seen
    assert spawn(root, "diff", "--exit-code").code == 0


def test_a_read_only_folder(root: Path) -> None:
    prefix = bound_by_modes()
    (root / "shop").chmod(0o555)
    seen = picture(root)
    refused = spawn(root, "migrate", prefix=prefix)
    assert (refused.code, refused.output) == (2, b"")
    assert "Permission denied; make its folder writable" in refused.errors
    assert picture(root) == seen
    (root / "shop").chmod(0o755)
    assert spawn(root, "migrate").code == 0


def bound_by_modes() -> tuple[str, ...]:
    """What to put in front of a command so that mode bits bind it, also when root runs the tests."""
    if os.geteuid() != 0:
        return ()
    prefix = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    if not shutil.which("setpriv") or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the tests run as root, whom mode bits do not bind, and nothing can change that here")
    return prefix


def test_paths_with_blanks_and_letters_beyond_ascii(root: Path, tmp_path: Path) -> None:
    caller = b"from shop.pricing import label\n"
    odd = ["shop/my folder/a b.py", "shop/caf\xe9.py", 'shop/"quoted".py', "shop/tab\there.py", "shop/back\\slash.py"]
    changed(root, dict.fromkeys(odd, caller))
    patch = tmp_path / "plan of mine.diff"
    assert spawn(root, "diff", "--format", "patch", "-o", str(patch)).code == 0
    copy = plant(tmp_path / "copy", {path: (root / path).read_bytes() for path in tracked(root)})
    git(copy, "init", "-q")
    git(copy, "apply", str(patch))
    assert spawn(root, "migrate").code == 0
    assert {path: (copy / path).read_bytes() for path in odd} == dict.fromkeys(
        odd, caller.replace(b"pricing", b"money")
    )
    git(root, "add", "--all")
    git(copy, "add", "--all")
    assert tracked(copy) == tracked(root)
    assert all((copy / path).read_bytes() == (root / path).read_bytes() for path in tracked(root))


def tracked(root: Path) -> list[str]:
    return git(root, "ls-files", "-z").decode().split("\0")[:-1]


# --- arguments and streams -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("diff", "--format", "pdf"), "'pdf' is not one of"),
        (("check", "--format", "pdf"), "'pdf' is none of"),
        (("migrate", "--phase", "later"), "'later' is not one of"),
        (("frobnicate",), "No such command 'frobnicate'"),
        (("check", "--no-such-option"), "No such option"),
        (("explain", "UNM999"), "UNM999"),
        (("diff", "-o", "no/such/folder/plan.diff"), "make its folder, or name another file"),
    ],
)
def test_arguments_that_are_none(root: Path, arguments: tuple[str, ...], says: str) -> None:
    assert_refused(root, *arguments, says=says)


def test_results_are_on_standard_output_and_messages_on_standard_error(root: Path) -> None:
    changed(root, {"shop/bad.py": b"from shop.pricing import label\nprint label(2\n"})
    patch = spawn(root, "diff", "--format", "patch")
    assert patch.output.startswith(b"diff --git ")
    assert "UNM009" in patch.errors
    assert b"UNM009" not in patch.output
    checked = spawn(root, "check", "--format", "json")
    assert json.loads(checked.output)["counts"]["error"] > 0
    assert "`unmix explain UNM" in checked.errors
    migrated = spawn(root, "migrate")
    assert migrated.output == b""
    assert "a shim stands at shop/pricing.py" in migrated.errors


@pytest.mark.parametrize("arguments", [("diff",), ("check",), ("migrate",), ("--help",)])
def test_no_escape_codes_where_no_terminal_is(root: Path, arguments: tuple[str, ...]) -> None:
    result = spawn(root, *arguments, variables={"TERM": "xterm-256color"})
    assert b"\x1b" not in result.output
    assert "\x1b" not in result.errors


@pytest.mark.parametrize("command", ["diff", "check"])
def test_colours_on_a_terminal_but_not_when_unwanted(root: Path, command: str) -> None:
    assert b"\x1b[" in on_terminal(root, command)
    assert b"\x1b[3" not in on_terminal(root, command, NO_COLOR="1")


def on_terminal(root: Path, command: str, **variables: str) -> bytes:
    """Run a command whose standard output is a terminal; give what it wrote there."""
    pty = pytest.importorskip("pty")
    here, there = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "unmix", command],
        cwd=root,
        env={**environment, **paths(), "TERM": "xterm-256color", **variables},
        stdin=subprocess.DEVNULL,
        stdout=there,
        stderr=subprocess.DEVNULL,
    )
    os.close(there)
    written = b""
    with open(here, "rb", buffering=0) as terminal:
        try:
            while chunk := terminal.read(65536):
                written += chunk
        except OSError:  # the other end is closed
            pass
    assert process.wait(60) in (0, 1)
    return written


def test_help_teaches(tmp_path: Path) -> None:
    shown = spawn(tmp_path, "--help")
    assert (shown.code, shown.errors) == (0, "")
    for word in ["unmix diff", "unmix migrate", "unmix check", "unmix.toml", "[[split]]", "Exit codes: 0"]:
        assert word in shown.text
    for command in ["diff", "migrate", "check", "explain"]:
        told = unmix(tmp_path, command, "-h")
        assert (told.code, told.errors) == (0, "")
        assert f"Usage: unmix {command}" in told.text


def test_the_installed_command_is_the_module(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("unmix")
    if not command.exists():
        pytest.skip("unmix is not installed here")
    assert run(tmp_path, str(command), "--version").output == spawn(tmp_path, "--version").output


def test_the_code_under_test_is_this_checkout(tmp_path: Path) -> None:
    place = run(tmp_path, sys.executable, "-c", "import unmix; print(unmix.__file__)", variables=paths())
    assert any(place.text.startswith(folder) for folder in ROOTS)

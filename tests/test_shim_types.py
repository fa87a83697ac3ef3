"""Type checkers see every name of an old module as what it is, and that its functions are deprecated."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tool import run, unmix
from trees import plant

OLD = """\
from __future__ import annotations

import contextlib
import json
import os.path as p
from decimal import Decimal as D
from typing import TYPE_CHECKING, Iterator, TypeVar, overload

if TYPE_CHECKING:
    from app.types import Row

    Rows = list[Row]

T = TypeVar("T")
LIMIT: int = 3
_secret = "s"


class Money:
    amount: int = 0


def tax(x: int, *, rate: float = 1.0) -> float:
    return x * rate


def same(x: T) -> T:
    return x


@overload
def over(x: int) -> int: ...
@overload
def over(x: str) -> str: ...
def over(x: int | str) -> int | str:
    return x


async def later(x: int) -> str:
    return str(x)


@contextlib.contextmanager
def opened() -> Iterator[int]:
    yield 1


def rows() -> Rows:
    return []


def _hidden(d: D) -> str:
    return json.dumps(p.join(str(d), _secret))
"""

STUB = """\
from decimal import Decimal as D
from typing import TypeVar

T = TypeVar("T")
LIMIT: int
_secret: str

class Money:
    amount: int

def tax(x: int, *, rate: float = ...) -> float: ...
def same(x: T) -> T: ...
def _hidden(d: D) -> str: ...
"""

SETTINGS = """\
[[split]]
module = "app.old"
[split.into]
"app.new" = ["Money", "tax", "same", "T"]
"app.rest" = ["*"]
"""

# An expression, the type that it has through the old module, and whether that use is deprecated.
USES = {
    "m.LIMIT": ("int", False),
    "m._secret": ("str", False),
    "m.Money()": ("app.new.Money", False),
    "m.Money().amount": ("int", False),
    "m.tax(1, rate=2.0)": ("float", True),
    "m.same(D(1))": ("decimal.Decimal", True),
    "m._hidden(D(1))": ("str", False),
}
USES_WITHOUT_STUB = {
    'm.over("x")': ("str", True),
    "m.rows()": ("list[app.types.Row]", True),
    "m.json.dumps(1)": ("str", False),
    "m.p.basename(str(1))": ("str", False),
    "m.D(1)": ("decimal.Decimal", False),
}
CALLER = """\
from __future__ import annotations

from decimal import Decimal as D
from typing import TYPE_CHECKING

import app.old as m
from app.old import LIMIT, Money, _secret, tax

if TYPE_CHECKING:
    {typed}
money: Money = Money()
t: float = tax(LIMIT)
print(_secret)


async def wait() -> None:
    {later}
"""


@pytest.fixture(params=["module", "module_with_stub"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, tuple[str, bool]]]:
    """A package whose module was split, a caller that uses every name of it, and what each use is to be."""
    stubbed = request.param == "module_with_stub"
    files = {"unmix.toml": SETTINGS, "app/__init__.py": "", "app/types.py": "class Row: ...\n", "app/old.py": OLD}
    plant(
        tmp_path, {path: text.encode() for path, text in (files | ({"app/old.pyi": STUB} if stubbed else {})).items()}
    )
    assert unmix(tmp_path, "migrate").code == 0
    uses = USES if stubbed else USES | USES_WITHOUT_STUB
    caller = CALLER.format(
        typed="pass" if stubbed else "from app.old import Row, Rows\n    row: Rows = [Row()]",
        later="pass" if stubbed else "s: str = await m.later(1)\n    with m.opened() as number:\n        number + 1",
    )
    (tmp_path / "caller.py").write_text(caller + "".join(f"reveal_type({use})\n" for use in uses) + 'm.tax("x")\n')
    return tmp_path, uses


def test_mypy_agrees(tree: tuple[Path, dict[str, tuple[str, bool]]]) -> None:
    pytest.importorskip("mypy")
    folder, uses = tree
    options = "--strict --warn-unreachable --enable-error-code=deprecated --no-color-output --cache-dir=.cache"
    result = run(folder, sys.executable, "-m", "mypy", *options.split(), "caller.py", "app")
    said = [
        (file, int(line), re.sub(r"\bbuiltins\.", "", message))
        for file, line, message in re.findall(r"(\S+):(\d+): (?:error|note): (.*)", result.text)
    ]
    assert {file for file, _, _ in said} == {"caller.py"}, result.text
    _compare(
        folder,
        uses,
        {line: message[18:-1] for _, line, message in said if message.startswith("Revealed type is")},
        {line for _, line, message in said if message.endswith("[deprecated]")},
        {line for _, line, message in said if message.endswith("[arg-type]")},
    )


def test_pyright_agrees(tree: tuple[Path, dict[str, tuple[str, bool]]]) -> None:
    pytest.importorskip("pyright")
    if subprocess.run([sys.executable, "-m", "pyright", "--version"], capture_output=True).returncode != 0:
        pytest.skip("pyright does not run here: it needs Node, and once the npm registry")
    folder, uses = tree
    settings = {"typeCheckingMode": "strict", "reportDeprecated": "warning", "reportPrivateUsage": False}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    old = "app/old.pyi" if (folder / "app/old.pyi").exists() else "app/old.py"
    result = run(folder, sys.executable, "-m", "pyright", "--outputjson", "caller.py", old)
    said = [
        (Path(d["file"]).name, d["range"]["start"]["line"] + 1, d.get("rule", ""), d["message"])
        for d in json.loads(result.text)["generalDiagnostics"]
    ]
    assert {file for file, _, _, _ in said} == {"caller.py"}, result.text
    revealed = {line: re.findall(r'is "(.*)"$', text)[0] for _, line, _, text in said if text.startswith("Type of")}
    uses = {use: (re.sub(r"\w+\.", "", kind), told and "over" not in use) for use, (kind, told) in uses.items()}
    _compare(
        folder,
        uses,
        revealed,
        {line for _, line, rule, _ in said if rule == "reportDeprecated"},
        {line for _, line, rule, _ in said if rule == "reportArgumentType"},
    )


def _compare(
    folder: Path,
    uses: dict[str, tuple[str, bool]],
    revealed: dict[int, str],
    deprecated: set[int],
    wrong: set[int],
) -> None:
    lines = (folder / "caller.py").read_text().splitlines()
    at = {use: lines.index(f"reveal_type({use})") + 1 for use in uses}
    assert {use: revealed[line] for use, line in at.items()} == {use: kind for use, (kind, _) in uses.items()}
    assert [use for use, line in at.items() if line in deprecated] == [use for use, (_, told) in uses.items() if told]
    assert lines.index("from app.old import LIMIT, Money, _secret, tax") + 1 in deprecated
    assert wrong == {len(lines)}

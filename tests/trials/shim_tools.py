"""Try the Python shim with tools that look deeply into modules: pickles of functions, frozen programs, fake clocks.

    python tests/trials/shim_tools.py [--keep FOLDER]

Makes a virtual environment, installs the tools from the package index, and runs one program for each, on the package
as it was before the split and on its parts and shims after it. Exits 1 when one fails that passed before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "shims")]

from promises import environment, plant_trees  # noqa: E402

TOOLS = "cloudpickle dill freezegun pyinstaller pytest pytest-mock pytest-xdist pluggy"

PROGRAMS = {
    "cloudpickle: a function that uses the module": """
import cloudpickle, pickle, shop.legacy
def pay(x):
    return shop.legacy.tax(x)
copy = pickle.loads(cloudpickle.dumps(pay))
assert copy(1) == 10 and pickle.loads(cloudpickle.dumps(shop.legacy)) is shop.legacy
assert pickle.loads(cloudpickle.dumps(lambda: shop.legacy.Money(1)))() == shop.legacy.Money(1)
""",
    "dill: functions, classes, the module, a session": """
import dill, shop.legacy
def pay(x):
    return shop.legacy.tax(x)
assert dill.loads(dill.dumps(pay, recurse=True))(1) == 10 and dill.loads(dill.dumps(shop.legacy)) is shop.legacy
assert dill.loads(dill.dumps(shop.legacy.Money(3))) == shop.legacy.Money(3)
m = shop.legacy
dill.dump_module("session.pkl")
dill.load_module("session.pkl")
assert m.tax(1) == 10 and pay(1) == 10
""",
    "freezegun: the clock of the module": """
import freezegun, shop.legacy, time
with freezegun.freeze_time("2030-01-01"):
    assert shop.legacy.now() == time.time() == shop.legacy.later() - 1
assert shop.legacy.time is time and abs(shop.legacy.now() - time.time()) < 60
""",
    "pytest: mocker, monkeypatch, plugins, doctests, several processes": """
import subprocess, sys, shop
with open("conftest.py", "w") as file:
    file.write('pytest_plugins = ["shop.plugin"]')
with open("test_it.py", "w") as file:
    file.write('''
import shop.legacy
def test_spy(mocker):
    spy = mocker.spy(shop.legacy, "tax")
    assert shop.legacy.report(1) == 20 and spy.call_count == 1
def test_patch(mocker):
    mocker.patch("shop.legacy.tax", return_value=1)
    mocker.patch.object(shop.legacy, "CONST", 5)
    assert shop.legacy.report(9) == 6
    mocker.stopall()
    assert shop.legacy.report(9) == 100
def test_plugin(thing, pytestconfig):
    assert thing == "a thing" and pytestconfig.shop_was_here
''')
command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--doctest-modules", "test_it.py"]
command.append(shop.__path__[0] + "/legacy.py")
run = subprocess.run(command, capture_output=True, text=True)
assert "4 passed" in run.stdout, run.stdout
""",
    "PyInstaller: a frozen program": """
import subprocess, sys
with open("main.py", "w") as file:
    file.write("import shop.legacy as m; from shop.kit import report; print(m.tax(1), m.report(1), report())")
with open("module.py", "w") as file:
    file.write("import runpy; runpy.run_module('shop.plain', run_name='__main__')")
build = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=ERROR", "--onedir"]
subprocess.run([*build, "main.py"], check=True, capture_output=True)
run = subprocess.run(["dist/main/main"], capture_output=True, text=True, env={})
assert run.stdout == "10 20 function\\n", run
subprocess.run([*build, "--hidden-import=shop.plain", "module.py"], check=True, capture_output=True)
run = subprocess.run(["dist/module/module"], capture_output=True, text=True, env={})
assert run.stdout == "__main__ 3\\n", run
""",
}


def main() -> int:
    """Run every program on both trees and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder for the virtual environment, to be used again")
    arguments = parser.parse_args()
    broken = 0
    with tempfile.TemporaryDirectory() as temporary:
        home = (arguments.keep or Path(temporary) / "venv").absolute()
        python = home / "bin" / "python"
        if not python.exists():
            venv.create(home, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *TOOLS.split()], check=True)
        trees = plant_trees(Path(temporary) / "trees")
        for title, program in PROGRAMS.items():
            before, after = (_run(python, program, trees / tree, Path(temporary)) for tree in ("before", "after"))
            broken += bool(after and not before)
            print(f"{title}: {'broken before' if before else 'works before'}, {'broken' if after else 'works'} after")
            print(after, end="")
    return 1 if broken else 0


def _run(python: Path, program: str, tree: Path, temporary: Path) -> str:
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        (Path(folder) / "program.py").write_text(program)
        run = subprocess.run(
            [python, "program.py"], cwd=folder, env=environment(tree), capture_output=True, text=True, check=False
        )
    return (run.stderr or "failed\n") if run.returncode else ""


if __name__ == "__main__":
    sys.exit(main())

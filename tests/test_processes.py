"""Surveys shared among processes: the same answers, whatever happens to a process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tool import committed, paths, run
from trees import plant

pytestmark = pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="processes are not forked there")

# Run in a process of its own: the tests' has threads, with which nothing is forked.
PROGRAM = """
import json, os, sys
from pathlib import Path
from unmix import processes
from unmix.errors import UnreadableSource
from unmix.workspace import memory_workspace

HERE = os.getpid()

def ask(path):
    if "dies" in path and os.getpid() != HERE:
        os._exit(7)
    if "bad" in path:
        return UnreadableSource(path, 3, "cannot be parsed")
    if "breaks" in path and os.getpid() != HERE:
        raise ValueError("a defect")
    return f"{path} of {'here' if os.getpid() == HERE else 'elsewhere'}"

processes.WORTH_A_PROCESS = 1
processes._cores = lambda: 3
workspace = memory_workspace({path: b"x" * (len(path) * 7 % 13) for path in sys.argv[1:]})
told = []
answers = list(processes.in_processes(ask, sys.argv[1:], workspace, lambda *seen: told.append(seen)))
for path, answer in answers:
    print(json.dumps([path, str(answer)]))
assert told[-1] == (len(answers), len(answers)), told
assert told == sorted(told), told
"""


COMMAND = """
import sys
from unmix import processes
from unmix.cli import main
processes.WORTH_A_PROCESS = 1
processes._cores = lambda: {cores}
main(prog_name="unmix")
"""


def survey(folder: Path, *names: str) -> dict[str, str]:
    result = run(folder, sys.executable, "-c", PROGRAM, *names, variables=paths())
    assert result.code == 0, result.errors
    found = [json.loads(line) for line in result.text.splitlines()]
    assert [path for path, _ in found] == list(names)
    return dict(found)


def test_files_are_shared_out_and_their_order_is_kept(tmp_path: Path) -> None:
    names = [f"{number:02}.py" for number in range(20)] + ["longer_name.py"]
    found = survey(tmp_path, *names)
    assert {answer.rpartition(" of ")[2] for answer in found.values()} == {"here", "elsewhere"}
    assert all(answer.startswith(f"{path} of ") for path, answer in found.items())


def test_what_cannot_be_read_is_told_from_another_process(tmp_path: Path) -> None:
    names = [f"{number}_bad.py" for number in range(6)]
    assert survey(tmp_path, *names) == {name: f"{name}:3: cannot be parsed" for name in names}


@pytest.mark.parametrize("how", ["dies", "breaks"])
def test_what_a_process_leaves_undone_is_done_here(tmp_path: Path, how: str) -> None:
    names = [f"{number}.py" for number in range(5)] + [f"{number}_{how}.py" for number in range(4)]
    found = survey(tmp_path, *names)
    assert all(answer == f"{path} of here" for path, answer in found.items() if how in path)


def test_a_migration_is_the_same_in_one_process_and_in_several(tmp_path: Path) -> None:
    old = "".join(f"def f{number}(x):\n    return x\n\n\n" for number in range(5))
    user = "from app import old\nfrom app.old import f1, f2 as g\n\n\ndef use(x):\n    return f1(old.f3(g(x)))\n"
    files = {
        "app/__init__.py": "",
        "app/old.py": old,
        "unmix.toml": '[[split]]\nmodule = "app.old"\n[split.into]\n"app.one" = ["f1", "f3"]\n"app.two" = ["*"]\n',
        **{f"app/user{number}.py": user for number in range(9)},
        "app/broken.py": "from app.old import f1\nx = (\n",
    }
    root = committed(plant(tmp_path / "tree", {path: text.encode() for path, text in files.items()}))
    for arguments in (("diff", "--format", "patch"), ("diff", "--format", "json"), ("check",)):
        alone, several = (
            run(root, sys.executable, "-c", COMMAND.format(cores=cores), *arguments, variables=paths())
            for cores in (1, 3)
        )
        assert (several.code, several.output, several.errors) == (alone.code, alone.output, alone.errors)
        assert "app/user8.py" in several.text
        assert "app/broken.py" in several.text + several.errors

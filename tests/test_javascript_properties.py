"""Whole splits of generated JavaScript modules, run by Node: what callers see stays what it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generated_javascript import LIBRARY, Generated, caller, modules
from splitting import add, migrate
from tool import run
from unmix.errors import UnsafeSplit

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")

DRIVER = """\
const results = {};
for (const [name, first, program] of JSON.parse(process.argv[2])) {
  globalThis.effects = 0; globalThis.noted = [];
  try {
    if (first) await import(first);
    const { tell } = await import(program);
    results[name] = { seen: tell(), effects: globalThis.effects, noted: globalThis.noted.sort() };
  } catch (error) {
    results[name] = { error: `${error.name}: ${error.message}` };
  }
}
console.log(JSON.stringify(results));
"""


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated=modules(), choice=st.randoms(use_true_random=False))
def test_a_split_changes_nothing_that_callers_see(
    generated: Generated, choice: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suffix = generated.suffix
    into = dealt(generated, choice)
    files = tree(generated, caller(generated, f"./old{suffix}"))
    try:
        new = add(files, f"old{suffix}", into)
    except UnsafeSplit:
        assume(False)
    states = {"before": (files, ""), "after": ({**files, **new}, "")}
    states |= {f"{part} first": ({**files, **new}, part) for part in into}
    seen = run_states(tmp_path_factory.mktemp("case"), states, suffix)
    before = seen.pop("before")
    assume("error" not in before)
    shown = "\n".join(f"===== {path}\n{content.decode()}" for path, content in new.items() if "old" not in path)
    assert seen == dict.fromkeys(seen, before), f"{generated.text}\n{into}\n{shown}"


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated=modules(), choice=st.randoms(use_true_random=False), style=st.sampled_from(["imported", "object"]))
def test_a_whole_migration_changes_nothing_that_callers_see_and_needs_no_shim(
    generated: Generated, choice: Random, style: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suffix = generated.suffix
    into = dealt(generated, choice)
    files = tree(generated, caller(generated, f"./old{suffix}", style))
    try:
        migrated = {**files, **migrate(files, f"old{suffix}", into)}
    except UnsafeSplit:
        assume(False)
    assert f"./old{suffix}".encode() not in migrated[f"tell{suffix}"]
    retired = {path: content for path, content in migrated.items() if path != f"old{suffix}"}
    states = {"before": (files, ""), "migrated": (migrated, ""), "retired": (retired, "")}
    seen = run_states(tmp_path_factory.mktemp("case"), states, suffix)
    before = seen.pop("before")
    assume("error" not in before)
    shown = "\n".join(f"===== {path}\n{content.decode()}" for path, content in retired.items() if path not in LIBRARY)
    # The program loads the parts that it uses: what the others do while they are loaded may not be done.
    assert {state: told.get("seen") for state, told in seen.items()} == dict.fromkeys(seen, before["seen"]), (
        f"{generated.text}\n{into}\n{shown}"
    )
    assert all(told["effects"] <= before["effects"] for told in seen.values()), shown
    assert all(set(told["noted"]) <= set(before["noted"]) for told in seen.values()), shown


def dealt(generated: Generated, choice: Random) -> dict[str, list[str]]:
    """Deal the names of a module out to parts."""
    suffix = generated.suffix
    into: dict[str, list[str]] = {f"one{suffix}": [], f"two{suffix}": [], f"deep/three{suffix}": ["*"]}
    for name in generated.names:
        into[choice.choice(list(into))].append(name)
    return {part: names for part, names in into.items() if names}


def tree(generated: Generated, program: str) -> dict[str, bytes]:
    files = {path: text.encode() for path, text in LIBRARY.items()}
    files[f"old{generated.suffix}"] = generated.text.encode()
    files[f"tell{generated.suffix}"] = program.encode()
    return files


def run_states(root: Path, states: dict[str, tuple[dict[str, bytes], str]], suffix: str) -> dict[str, dict[str, Any]]:
    """Give what the program of each tree tells, once a module of it (or none) was loaded first."""
    for state, (files, _) in states.items():
        for path, content in files.items():
            place = root / state / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    plan = [
        [state, f"./{state}/{first}" if first else "", f"./{state}/tell{suffix}"]
        for state, (_, first) in states.items()
    ]
    (root / "driver.mjs").write_text(DRIVER)
    result = run(root, "node", "--no-deprecation", "driver.mjs", json.dumps(plan))
    shutil.rmtree(root)
    assert result.code == 0, result.errors
    return json.loads(result.output)  # type: ignore[no-any-return]

"""Whole splits of generated JavaScript modules, run by Node: what callers see stays what it was."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generated_javascript import LIBRARY, Generated, caller, modules
from splitting import add
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
    generated: Generated, choice: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suffix = generated.suffix
    into: dict[str, list[str]] = {f"one{suffix}": [], f"two{suffix}": [], f"deep/three{suffix}": ["*"]}
    for name in generated.names:
        into[choice.choice(list(into))].append(name)  # type: ignore[attr-defined]
    into = {part: names for part, names in into.items() if names}
    files = {path: text.encode() for path, text in LIBRARY.items()}
    files[f"old{suffix}"] = generated.text.encode()
    files[f"tell{suffix}"] = caller(generated, f"./old{suffix}").encode()
    try:
        new = add(files, f"old{suffix}", into)
    except UnsafeSplit:
        assume(False)
    root = tmp_path_factory.mktemp("case")
    states = {"before": (files, ""), "after": ({**files, **new}, "")}
    states |= {f"{part} first": ({**files, **new}, part) for part in into}
    for state, (tree, _) in states.items():
        for path, content in tree.items():
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
    seen = json.loads(result.output)
    before = seen.pop("before")
    assume("error" not in before)
    shown = "\n".join(f"===== {path}\n{content.decode()}" for path, content in new.items() if "old" not in path)
    assert seen == dict.fromkeys(seen, before), f"{generated.text}\n{into}\n{shown}"

"""What becomes of documents and settings that name a script: code blocks, lists of files, and what stays a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from unmix.check import check_tree
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Part, Replace, ShimSettings, Split
from unmix.plan import Phase, make_plan
from unmix.workspace import memory_workspace

SPLIT = Split("src/old.js", (Part("src/alpha.js", ("first",), False, 1, ()), Part("src/beta.js", (), True, 1, ())), 1)
MODULE = {
    "package.json": '{"name": "me", "exports": {"./*": "./src/*.js"}}',
    "src/old.js": "export const first = () => 1\nexport const second = 2\n",
}


def migrate(path: str, text: str, *replaces: Replace) -> tuple[str, list[str]]:
    """Give what a file becomes, and the codes of what is said of it; what `check` says afterwards is the same."""
    migration = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), replaces, ShimSettings(), (), ())
    workspace = memory_workspace({name: each.encode() for name, each in {**MODULE, path: text}.items()})
    plan = make_plan(migration, workspace, (JavaScriptEngine(migration),))
    after = workspace.with_changes({change.path: change.after for change in plan.changes})
    again = make_plan(migration, after, (JavaScriptEngine(migration),))
    assert not again.changes
    left = check_tree(migration, after, (JavaScriptEngine(migration),))
    assert [(each.path, each.code) for each in left] == [(each.path, each.code) for each in plan.findings]
    return after.read(path).text, [finding.code for finding in plan.findings if finding.path == path]


BOTH = "{f}js\nimport {{ first, second }} from {q}\nfirst(second)\n{f}\n"
PARTED = "{f}js\nimport {{ first }} from {a}\nimport {{ second }} from {b}\nfirst(second)\n{f}\n"


@pytest.mark.parametrize("fence", ["```", "~~~~"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_code_in_documents_follows(fence: str, newline: str) -> None:
    head, tail = "# Use ☃\n\n", "\nSee the [guide](https://example.org/src/older.js).\n"
    before = head + BOTH.format(f=fence, q="'./src/old.js'") + BOTH.format(f=fence, q='"me/old"') + tail
    after = head + PARTED.format(f=fence, a="'./src/alpha.js'", b="'./src/beta.js'")
    after += PARTED.format(f=fence, a='"me/alpha"', b='"me/beta"') + tail
    assert migrate("README.md", before.replace("\n", newline)) == (after.replace("\n", newline), [])


def test_code_in_lists_keeps_its_indentation() -> None:
    before = "- Then:\n\n  ```ts\n  import { first, second } from '../src/old'\n  ```\n"
    after = (
        "- Then:\n\n  ```ts\n  import { first } from '../src/alpha'\n  import { second } from '../src/beta'\n  ```\n"
    )
    assert migrate("docs/guide.mdx", before) == (after, [])


def test_replaced_calls_are_replaced_in_documents() -> None:
    before = "```js\nimport { first } from './src/old.js'\nrun(first(db))\n```\n"
    after = "```js\nrun(db)\n```\n"
    assert migrate("README.md", before, Replace("src/alpha.js#first($x)", "$x", 1)) == (after, [])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Look into `src/old.js`.\n", ["UNM010"]),
        ("```js\nimport * as old from './src/old.js'\nuse(old)\n```\n", ["UNM010", "UNM010"]),
        ("```js\n// See src/old.js.\n```\n", ["UNM010"]),
        ("```js\nimport { ... } from './src/old.js'\n```\n", ["UNM010"]),
        ("```sh\nnode src/old.js\n```\n", ["UNM010"]),
        ("```js\nfirst(second)\n```\n", []),
        ("```js\nimport { first } from './old.js'\n```\n", []),
    ],
)
def test_what_names_no_single_part_stays(text: str, codes: list[str]) -> None:
    assert migrate("README.md", text) == (text, codes)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "package.json",
            '{"name": "me", "files": ["src/old.js", "bin"]}\n',
            '{"name": "me", "files": ["src/old.js", "src/alpha.js", "src/beta.js", "bin"]}\n',
        ),
        (
            "package.json",
            '{\n  "files": [\n    "./src/old.js"\n  ],\n  "sideEffects": ["./src/old.js"]\n}\n',
            '{\n  "files": [\n    "./src/old.js",\n    "./src/alpha.js",\n    "./src/beta.js"\n  ],\n'
            '  "sideEffects": ["./src/old.js", "./src/alpha.js", "./src/beta.js"]\n}\n',
        ),
        (
            "src/tsconfig.build.json",
            '{\n  // what is built\n  "files": [\n    "old.js", // first\n  ]\n}\n',
            '{\n  // what is built\n  "files": [\n    "old.js",\n    "alpha.js",\n    "beta.js", // first\n  ]\n}\n',
        ),
        (
            "package.json",
            '{"browser": {"fs": false, "./src/old.js": false, "./index.js": "./browser.js"}}\n',
            '{"browser": {"fs": false, "./src/old.js": false, "./src/alpha.js": false, "./src/beta.js": false, '
            '"./index.js": "./browser.js"}}\n',
        ),
    ],
)
def test_lists_of_files_get_the_parts(path: str, before: str, after: str) -> None:
    assert migrate(path, before) == (after, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"files": ["src/old.js", "bin"]}', '{"files": ["src/alpha.js", "src/beta.js", "bin"]}'),
        ('{"files": ["bin", "./src/old.js"]}', '{"files": ["bin", "./src/alpha.js", "./src/beta.js"]}'),
        ('{"files": ["src", "src/old.js"]}', '{"files": ["src"]}'),
        ('{"files": ["src/old.js","src"]}', '{"files": ["src"]}'),
        ('{"files": [\n  "src/old.js"\n]}', '{"files": [\n  "src/alpha.js",\n  "src/beta.js"\n]}'),
        ('{"files": [\r\n  "src",\r\n  "src/old.js"\r\n]}', '{"files": [\r\n  "src"\r\n]}'),
        ('{"files": [\n  "src/old.js", // old\n  "src"\n]}', '{"files": [\n   // old\n  "src"\n]}'),
        ('{"files": [\n  "src/old.js" ,\n  "src"\n]}', '{"files": [\n  "src"\n]}'),
        (
            '{"browser": {\n\t"./src/old.js": false,\n\t"fs": false\n}}',
            '{"browser": {\n\t"./src/alpha.js": false,\n\t"./src/beta.js": false,\n\t"fs": false\n}}',
        ),
    ],
)
def test_lists_of_files_lose_what_is_retired(before: str, after: str) -> None:
    migration = Migration(Path("unmix.toml"), Path(), None, (SPLIT,), (), ShimSettings(), (), ())
    workspace = memory_workspace({"src/old.js": MODULE["src/old.js"].encode(), "package.json": before.encode()})
    for phases in ((Phase.ADD, Phase.REWRITE), (Phase.RETIRE,)):
        plan = make_plan(migration, workspace, (JavaScriptEngine(migration),), phases)
        assert not plan.findings
        workspace = workspace.with_changes({change.path: change.after for change in plan.changes})
    assert workspace.read("package.json").text == after
    assert not check_tree(migration, workspace, (JavaScriptEngine(migration),))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"files": ["src/old.js", "src"], "main": "src/old.js"}\n'),
        ("package.json", '{"files": ["src/old.js", "src/*.js"]}\n'),
        ("data.json", '{"files": ["src/old.js"]}\n'),
        ("tsconfig.json", '{"exclude": ["src/old.js"]}\n'),
        ("package.json", '{"browser": {"./src/old.js": "./src/other.js"}}\n'),
        ("package.json", '{"browser": {"./src/old.js": {"x": false}}}\n'),
    ],
)
def test_other_lists_stay(path: str, text: str) -> None:
    assert migrate(path, text)[0] == text

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.hostile import PATH, plant_hostile
from tool import paths, run, unmix
from unmix.change import FileChange
from unmix.finding import Finding
from unmix.reference import Home, Relocation
from unmix.review.html import render_html
from unmix.review.hunks import find_hunks
from unmix.review.markdown import LONGEST, render_markdown
from unmix.review.sides import pair_sides
from unmix.review.summary import Review, ReviewedFile, Verdict
from unmix.review.visible import make_visible


class Page(HTMLParser):
    """Every tag of a page, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_hostile(tmp_path_factory.mktemp("hostile"))


def rendered(root: Path, form: str) -> str:
    result = unmix(root, "diff", "--format", form)
    assert result.code == 0, result.errors
    return result.text


# --- json ------------------------------------------------------------------------------------------------------------


def test_json_says_what_moves_where_and_what_is_left(hostile: Path) -> None:
    said: dict[str, Any] = json.loads(rendered(hostile, "json"))
    assert said["version"] == 1
    assert said["verdict"]["state"] == "errors"
    assert said["splits"][0]["module"] == "app.mixed"
    homes = {name["name"]: (name["home"], name["part"]) for name in said["splits"][0]["names"]}
    assert homes["gone"] == ("app.leaving.gone", "app.leaving")
    assert homes["LIMIT"] == ("app.staying.LIMIT", "app.staying")
    assert said["splits"][0]["parts"][0] == {"module": "app.staying", "path": "app/staying.py"}
    files = {file["path"]: file for file in said["files"]}
    assert (files["app/leaving.py"]["status"], files["app/leaving.py"]["role"]) == ("added", "part")
    assert files["app/mixed.py"]["role"] == "shim"
    assert files[PATH]["kinds"] == {"import": 2}
    assert {reference["old"] for reference in said["references"]} >= {"app.mixed.keep", "app.mixed.gone"}
    assert [finding["code"] for finding in said["findings"]] == ["UNM001", "UNM002", "UNM010"]
    assert said["counts"] == {
        "files": len(files),
        "added": 2,
        "rewritten": len(files) - 2,
        "deleted": 0,
        "references": len(said["references"]),
        "surveyed": said["counts"]["surveyed"],
        "error": 2,
        "warning": 1,
    }


def test_a_done_migration_says_so_in_every_format(tmp_path: Path) -> None:
    root = plant_hostile(tmp_path / "root")
    (root / "app/passes_it_on.py").unlink()
    assert unmix(root, "migrate").code == 0
    said = json.loads(rendered(root, "json"))
    assert (said["verdict"]["state"], said["files"]) == ("done", [])
    assert said["splits"][0]["names"], "the table is read back from the shim"
    assert "the migration is done" in rendered(root, "markdown")
    assert "the migration is done" in rendered(root, "html")


def test_an_output_file_is_written_and_nothing_else(hostile: Path, tmp_path: Path) -> None:
    result = unmix(hostile, "diff", "--format", "html", "-o", str(tmp_path / "review.html"))
    assert (result.code, result.output) == (0, b"")
    assert (tmp_path / "review.html").read_bytes().startswith(b"<!doctype html>")


def test_results_of_verify_are_shown_where_there_are_some(hostile: Path, tmp_path: Path) -> None:
    results = tmp_path / "verify.json"
    keys = {"kind": "old", "path": "", "line": 0, "detail": "<b>no</b>", "seconds": 0.1, "output": ""}
    said = [{**keys, "what": "app.mixed.gone", "outcome": "failed"}, {**keys, "what": "app.leaving", "outcome": "ok"}]
    results.write_text(json.dumps({"version": 1, "results": said}))
    shown = {
        form: unmix(hostile, "diff", "--format", form, "--verified", str(results)).text
        for form in ("json", "markdown", "html")
    }
    assert [each["outcome"] for each in json.loads(shown["json"])["verified"]] == ["failed", "ok"]
    assert "- failed: `app.mixed.gone`" in shown["markdown"]
    assert "2 checks ran, 1 failed." in shown["html"]
    assert "&lt;b&gt;no" in shown["html"]
    results.write_text("[]")
    refused = unmix(hostile, "diff", "--format", "json", "--verified", str(results))
    assert (refused.code, refused.output) == (2, b"")


# --- markdown --------------------------------------------------------------------------------------------------------


def test_markdown_quotes_what_it_is_given(hostile: Path) -> None:
    comment = rendered(hostile, "markdown")
    assert comment.startswith("## unmix: `app.mixed`\n")
    assert "| `gone` | `app.leaving.gone` | public |" in comment
    # Tags stand nowhere but in our own markup, or inside of fences.
    outside = re.sub(r"^(`{3,})diff\n.*?^\1$", "", comment, flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"<(\w+)", outside)) == {"details", "summary", "code", "sub"}
    assert "&lt;img src=x onerror=alert(1)&gt;" in outside
    # A fence in the text does not close ours.
    assert "````diff" in comment
    assert "\x1b" not in comment
    assert "\u202e" not in comment


def review_of(files: int, lines: int, findings: int) -> Review:
    text = "".join(f"line {number} of many, and some more\n" for number in range(lines)).encode()
    return Review(
        Verdict("decide", "Can go in."),
        (),
        tuple(
            ReviewedFile(
                FileChange(f"a/file_{number}.py", None, text + b"%d\n" % number), "call site", {"import": 1}, (), 1, 1
            )
            for number in range(files)
        ),
        (),
        tuple(Finding(f"a/{'long' * 60}.py", line, 1, "UNM010", "m" * 900, hint="h" * 900) for line in range(findings)),
        {"import": files},
        files,
    )


@pytest.mark.parametrize(("files", "lines", "findings"), [(2000, 3, 0), (3, 9000, 0), (2000, 40, 2000), (1, 1, 9)])
def test_markdown_fits_into_a_comment_and_says_what_it_left_out(files: int, lines: int, findings: int) -> None:
    review = review_of(files, lines, findings)
    comment = render_markdown(review)
    assert len(comment.encode("utf-16-le")) // 2 <= LONGEST
    shown = comment.count("<details>")
    assert comment.count("</details>") == shown
    if shown < files:
        assert f"the diffs of {files - shown} file" in comment
    if findings > 25:
        assert f"{findings - 25} more" in comment


def test_markdown_uses_the_room_it_has() -> None:
    comment = render_markdown(review_of(2000, 3, 0))
    assert len(comment) > LONGEST * 0.9


# --- html ------------------------------------------------------------------------------------------------------------


def test_html_quotes_what_it_is_given(hostile: Path) -> None:
    text = rendered(hostile, "html")
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("script") == 1
    assert not {"img", "b", "em", "iframe", "link", "object"} & set(tags)
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "\\u202e" in page.text
    assert "\\x1b[31m" in page.text
    assert "\x1b" not in text


def test_html_refers_to_nothing_outside_itself(hostile: Path) -> None:
    page = Page(rendered(hostile, "html"))
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "data", "srcset", "poster"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a" and attributes.get("href")}
    assert {str(link)[1:] for link in links} <= set(map(str, ids))
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_html_shows_where_every_line_of_the_old_module_went(hostile: Path) -> None:
    text = rendered(hostile, "html")
    went = re.findall(r'<tr id="line-(\d+)"( class="[^"]*")?>', text)
    assert [int(number) for number, _ in went] == list(range(1, 17))
    assert ">app.leaving:" in text
    assert ">app.staying:" in text


def test_html_draws_needs_and_the_cut(hostile: Path) -> None:
    page = Page(rendered(hostile, "html"))
    edges = [attributes for tag, attributes in page.tags if tag == "path" and "data-start" in attributes]
    # gone → Gone, Gone → keep, keep → LIMIT: the second crosses the cut, and only when run() runs.
    assert sorted(str(edge["class"]) for edge in edges) == ["edge later", "edge later", "edge later-cut"]
    assert sum(attributes.get("class") == "cut" for tag, attributes in page.tags if tag == "line") == 1


def test_an_empty_review_is_a_page_too() -> None:
    review = Review(Verdict("done", "Nothing to change."), (), (), (), (), {}, 0)
    assert "No file changes." in render_html(review)
    assert "Nothing to change." in render_markdown(review)


# --- side by side ----------------------------------------------------------------------------------------------------

LINES = st.lists(
    st.sampled_from([b"alpha beta\n", b"alpha gamma\n", b"x = f(y)\n", b"x = g(y)\r\n", b"\n"]), max_size=12
)


@given(LINES, LINES)
@settings(deadline=None)
def test_rows_hold_every_line_of_both_sides_in_order(old: list[bytes], new: list[bytes]) -> None:
    before, after = b"".join(old), b"".join(new)
    hunks = find_hunks(before, after)
    rows = [row for hunk in hunks for row in pair_sides(hunk)]
    for side, content in ((0, old), (1, new)):
        numbers = [(row.before, row.after)[side] for row in rows if (row.before, row.after)[side]]
        assert numbers == sorted(set(numbers))
        for row in rows:
            number, pieces = ((row.before, row.left), (row.after, row.right))[side]
            shown = "".join(piece.text for piece in pieces)
            if number:
                assert shown.rstrip("\r").removesuffix("\\r") == content[number - 1].decode().rstrip("\r\n")
            else:
                assert pieces == ()
    changed = sum(line[:1] in b"-+" for hunk in hunks for line in hunk.lines)
    assert sum(bool(row.before) + bool(row.after) for row in rows if row.changed) == changed


def test_what_differs_inside_a_line_is_marked() -> None:
    (hunk,) = find_hunks(b"from app.old import a\n", b"from app.new import a\n")
    (row,) = pair_sides(hunk)
    assert [piece.text for piece in row.left if piece.marked] == ["old"]
    assert [piece.text for piece in row.right if piece.marked] == ["new"]


def test_lines_that_differ_only_in_their_end_show_it() -> None:
    (hunk,) = find_hunks(b"a\r\nb\n", b"a\nb\n")
    rows = list(pair_sides(hunk))
    assert rows[0].changed
    assert "".join(piece.text for row in rows for piece in row.left).startswith("a\\r")


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\x1b", "\x00", "\u2028", "\ud800", "\ufeff"])
def test_what_could_hide_is_made_visible(character: str) -> None:
    assert make_visible(f"a{character}b").isascii()


def test_letters_of_any_language_stay() -> None:
    assert make_visible("größe = 'é'\t日本") == "größe = 'é'\t日本"


def test_a_relocation_without_an_export_list_is_public_by_its_names() -> None:
    from unmix.review.summary import _is_public

    relocation = Relocation("m", "m.py", ("a",), {"f": Home("a", "f"), "_g": Home("a", "_g"), "os": Home("os", "")}, {})
    assert [_is_public(name, relocation) for name in ("f", "_g", "os")] == [True, False, False]


def test_commands_import_nothing_heavy_before_they_run() -> None:
    heavy = "{'jinja2', 'networkx', 'libcst', 'tomlkit', 'git'}"
    modules = "unmix.commands.diff, unmix.commands.init, unmix.commands.inspect"
    result = run(Path(), sys.executable, "-c", f"import {modules}, sys; print(sorted({heavy} & set(sys.modules)))",
                 variables=paths())  # fmt: skip
    assert result.text.strip() == "[]", result.errors
    result = run(Path(), sys.executable, "-c", "import unmix.review.markdown, unmix.review.json, sys; "
                 f"print(sorted({heavy} - {{'tomlkit'}} & set(sys.modules)))", variables=paths())  # fmt: skip
    assert result.text.strip() == "[]", result.errors

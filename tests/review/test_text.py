from __future__ import annotations

import pytest

from unmix.change import FileChange
from unmix.finding import Finding
from unmix.review.text import render_text

CHANGES = [
    FileChange("app/new.py", None, b"new = 1\n"),
    FileChange("app/old.py", b"import a\nold = 1", b"import a\nold = 2\n"),
    FileChange("app/gone.py", b"gone\n", None),
    FileChange("app/same.py", b"same\n", b"same\n"),
]

FINDINGS = [
    Finding("b.py", 2, 1, "UNM010", "computed name", hint="decide it by hand"),
    Finding("a.py", 1, 5, "UNM001", "legacy import of app.old"),
]

TEXT = """\
3 files change: 1 added, 1 rewritten, 1 deleted

--- /dev/null
+++ b/app/new.py
@@ -0,0 +1 @@
+new = 1

--- a/app/old.py
+++ b/app/old.py
@@ -1,2 +1,2 @@
 import a
-old = 1
\\ No newline at end of file
+old = 2

--- a/app/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-gone

2 findings: 1 error, 1 warning
a.py:1:5: UNM001 legacy import of app.old
b.py:2:1: UNM010 computed name
    decide it by hand
"""


def test_changes_and_findings() -> None:
    assert render_text(CHANGES, FINDINGS, colour=False) == TEXT


def test_colour_adds_nothing_but_colour() -> None:
    import click

    coloured = render_text(CHANGES, FINDINGS, colour=True)
    assert "\x1b[32m+new = 1\x1b[0m" in coloured
    assert "\x1b[31m-gone\x1b[0m" in coloured
    assert click.unstyle(coloured) == TEXT


@pytest.mark.parametrize(
    ("changes", "summary"),
    [([], "No file changes."), (CHANGES[:1], "1 file changes: 1 added, 0 rewritten, 0 deleted")],
)
def test_the_summary(changes: list[FileChange], summary: str) -> None:
    assert render_text(changes, [], colour=False).splitlines()[0] == summary


def test_findings_of_one_kind() -> None:
    assert "1 finding: 1 warning\n" in render_text([], FINDINGS[:1], colour=False)
    assert "2 findings: 2 errors\n" in render_text([], FINDINGS[1:] * 2, colour=False)


def test_latin_1_can_be_read() -> None:
    assert "+café" in render_text([FileChange("a", b"", b"caf\xe9\n")], [], colour=False)


def test_a_file_cannot_steer_the_terminal() -> None:
    change = FileChange("a\x1b[2J", None, b"\x1b]0;owned\x07\tx\x9b\xc2\x9b\n")
    text = render_text([change], [Finding("a\r.py", 1, 1, "UNM001", "b\x1b")], colour=False)
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\r"}
    assert "+\\x1b]0;owned\\x07\tx" in text


def test_carriage_returns_are_shown_where_they_differ() -> None:
    assert "\\r" not in render_text([FileChange("a", b"a\r\nb\r\n", b"a\r\nc\r\n")], [], colour=False)
    assert "-a\\r\n+a\n" in render_text([FileChange("a", b"a\r\n", b"a\n")], [], colour=False)

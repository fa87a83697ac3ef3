"""Comments that silence findings, and findings of such comments."""

from __future__ import annotations

from pathlib import Path

from tool import committed, unmix
from trees import plant
from unmix.ignore import read_ignores

TREE: dict[str, bytes | str] = {
    "unmix.toml": b'[[split]]\nmodule = "old"\n[split.into]\n"one" = ["a"]\n"two" = ["*"]\n',
    "old.py": b"def a():\n    return 1\n\n\ndef b():\n    return 2\n",
    "kept.py": b"from old import a  # unmix: ignore[UNM001]\n",
    "needless.py": b"x = 1  # unmix: ignore[UNM001, UNM003]\n",
    "moved.py": b"from old import b\n",
}


def test_codes_are_read_by_line() -> None:
    assert read_ignores("a\nb  # unmix: ignore[UNM001, UNM002]\r\nc // unmix: ignore[UNM003]\n") == {
        2: {"UNM001", "UNM002"},
        3: {"UNM003"},
    }
    assert read_ignores("# unmix: ignore\n# unmix: ignore[]\n") == {}


def test_an_ignored_reference_stays_and_is_not_reported(tmp_path: Path) -> None:
    committed(plant(tmp_path, TREE))
    migrated = unmix(tmp_path, "migrate")
    assert migrated.code == 0, migrated.errors
    assert (tmp_path / "kept.py").read_bytes() == TREE["kept.py"]
    assert (tmp_path / "moved.py").read_bytes() == b"from two import b\n"
    checked = unmix(tmp_path, "check")
    assert checked.code == 0
    assert b"kept.py" not in checked.output


def test_an_ignore_that_silences_nothing_is_a_warning(tmp_path: Path) -> None:
    committed(plant(tmp_path, TREE))
    unmix(tmp_path, "migrate")
    output = unmix(tmp_path, "check").output
    assert output.count(b"needless.py:1:1: UNM011") == 2
    assert unmix(tmp_path, "check", "--strict").code == 1

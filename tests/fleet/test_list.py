"""The list of a fleet: what is a repository, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from unmix.errors import UsageError
from unmix.fleet.listing import read_list


def test_a_list(tmp_path: Path) -> None:
    text = (
        "# all of them\n"
        "app   # the shop\n"
        "./app\n"
        "\n"
        "https://example.org/team/app.git#release-2\n"
        "https://me:secret@example.org/team/other\n"
        "git@example.org:team/third.git\n"
        "file:///srv/git/fourth\n"
    )
    found = read_list(text, tmp_path, "list.txt")
    assert [(each.name, each.ref, each.is_url, each.leaf) for each in found] == [
        (str(tmp_path / "app"), "", False, "app"),
        ("https://example.org/team/app.git#release-2", "release-2", True, "app"),
        ("https://me@example.org/team/other", "", True, "other"),
        ("git@example.org:team/third.git", "", True, "third"),
        ("file:///srv/git/fourth", "", True, "fourth"),
    ]
    assert found[2].place == "https://me:secret@example.org/team/other"
    assert len({each.label for each in found}) == 5


@pytest.mark.parametrize(
    "line",
    [
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=x",
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "transport::address",
        "ssh://-oProxyCommand=x/y",
        "ssh://user@-oProxyCommand=x/y",
        "git@-oProxyCommand:y",
        "git@example.org:--upload-pack=x",
        "https://example.org/--upload-pack=x",
        "https://example.org/app#--upload-pack=x",
        "https://example.org/app#a:refs/heads/b",
        "https://example.org/app#../x",
        "javascript://example.org/x",
        "example.org:app",
        "app\x1b[2J",
        "app\u202e",
    ],
)
def test_what_git_could_run_or_take_for_an_option_is_refused(line: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^list\.txt:2: "):
        read_list(f"app\n{line}\n", tmp_path, "list.txt")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)list\.txt:1: .*list\.txt:3: "):
        read_list("-a\nb\next::c\n", tmp_path, "list.txt")


def test_an_empty_list_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names no repository"):
        read_list("# nothing yet\n", tmp_path, "list.txt")

"""What happens to the processes of a fleet: one hangs, one dies, all are killed; and who is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleets import IDENTITY, LIBRARY, children, command_of, fleet, git_server, repository, rows_of, user, wait_for
from tool import Result, git, paths, unmix

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds processes by /proc")


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """Six repositories below a folder, and a library."""
    repository(tmp_path / "library", LIBRARY)
    for number in range(6):
        repository(tmp_path / "served" / f"shop{number}", user(f"shop{number}"))
    return tmp_path / "served"


def workers() -> list[int]:
    return [child for child in children(os.getpid()) if b"fleet.child" in command_of(child)]


def test_a_repository_that_hangs_is_given_up(tmp_path: Path, served: Path) -> None:
    with git_server(served, lambda number, name: number == 1) as url:
        arguments = ("-c", "library/unmix.toml", "--timeout", "20")
        result, rows = fleet(tmp_path, "check", [f"{url}/shop{number}" for number in range(3)], *arguments)
    assert result.code == 2
    assert [row["state"] for row in rows.values()] == ["failed", "left", "left"]
    assert "hung" in rows["shop0"]["reason"]
    assert workers() == []


def test_a_process_that_dies_is_replaced_and_its_job_done_again(tmp_path: Path, served: Path) -> None:
    def kill_who_asks(number: int, name: str) -> bool:
        if number == 1:
            for child in workers():
                os.kill(child, signal.SIGKILL)
        return number == 1

    with git_server(served, kill_who_asks) as url:
        arguments = ("-c", "library/unmix.toml", "--retries", "1")
        _result, rows = fleet(tmp_path, "check", [f"{url}/shop{number}" for number in range(3)], *arguments)
    assert [row["state"] for row in rows.values()] == ["left", "left", "left"]
    assert len((tmp_path / "unmix-fleet/state.jsonl").read_text().splitlines()) == 3


def test_a_process_that_dies_each_time_is_a_failure_of_one(tmp_path: Path, served: Path) -> None:
    deaths = []

    def kill_who_asks(number: int, name: str) -> bool:
        for child in workers() if number <= 2 else ():
            deaths.append(child)
            os.kill(child, signal.SIGKILL)
        return number <= 2

    with git_server(served, kill_who_asks) as url:
        arguments = ("-c", "library/unmix.toml", "--retries", "1")
        result, rows = fleet(tmp_path, "check", [f"{url}/shop{number}" for number in range(3)], *arguments)
    assert result.code == 2
    assert [row["state"] for row in rows.values()] == ["failed", "left", "left"]
    assert "died 2 times" in rows["shop0"]["reason"]
    assert len(set(deaths)) == 2


def test_a_fleet_that_is_killed_goes_on_where_it_was(tmp_path: Path, served: Path) -> None:
    state = tmp_path / "unmix-fleet/state.jsonl"
    with git_server(served, lambda number, name: number == 4) as url:
        (tmp_path / "list.txt").write_text("".join(f"{url}/shop{number}\n" for number in range(6)))
        words = (
            "fleet",
            "migrate",
            "list.txt",
            "-c",
            "library/unmix.toml",
            "--commit",
            "--jobs",
            "1",
            "--format",
            "json",
        )
        command = [sys.executable, "-m", "unmix", *words]
        running = subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, **paths()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        wait_for(lambda: state.exists() and len(state.read_bytes().splitlines()) == 3)
        below = children(running.pid)
        refused = unmix(tmp_path, *words)
        running.kill()
        running.communicate()
        # Nobody is left behind, although the server has not answered.
        wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in below))
        assert len(below) == 1
        assert refused.code == 2
        assert "is writing here" in refused.errors
        result: Result = unmix(tmp_path, *words)
    rows = rows_of(result)
    assert (result.code, {row["state"] for row in rows.values()}) == (0, {"migrated"})
    assert [row["before"] for row in rows.values()] == [True, True, True, False, False, False]
    done = [json.loads(line)["repository"] for line in state.read_text().splitlines()]
    assert sorted(done) == sorted(f"{url}/shop{number}" for number in range(6))
    for clone in (tmp_path / "unmix-fleet/clones").glob("*/shop*"):
        assert git(clone, "rev-list", "--count", "unmix") == b"2\n"

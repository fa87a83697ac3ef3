"""A fleet on a real scheduler with real workers, on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fleets import IDENTITY, LIBRARY, children, command_of, fleet, git_server, repository, user, wait_for
from tool import git, paths
from trees import plant

distributed = pytest.importorskip("distributed", reason="unmix[fleet] is not installed")


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start one of Dask's programs."""
    with (folder / f"log-{words[0]}-{len(list(folder.glob('log-*')))}").open("wb") as log:
        command = [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]]
        variables = {**os.environ, **paths(), "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}
        running = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
        try:
            yield running
        finally:
            running.kill()
            running.wait()


@contextmanager
def scheduler(folder: Path, *more: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    where = folder / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where), *more)
    with started(folder, "scheduler", *words) as running:
        # It is there before it is written.
        wait_for(lambda: where.exists() and where.read_text().rstrip().endswith("}"))
        yield json.loads(where.read_text())["address"], running


def below(process: int) -> Iterator[bytes]:
    """Give the command of every process that a process has started, and those have, and so on."""
    for child in children(process):
        yield command_of(child)
        yield from below(child)


def worker(folder: Path, address: str) -> contextmanager[subprocess.Popen[bytes]]:
    options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard")
    return started(folder, "worker", address, *options, "--local-directory", str(folder / "dask"))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds processes by /proc")
def test_a_worker_is_killed_and_every_repository_is_done_once(tmp_path: Path) -> None:
    repository(tmp_path / "library", LIBRARY)
    for number in range(10):
        repository(tmp_path / "served" / f"shop{number}", user(f"shop{number}"))
    killed: list[int] = []
    with scheduler(tmp_path) as (address, _), worker(tmp_path, address) as one, worker(tmp_path, address) as two:

        def kill_who_asks(number: int, name: str) -> bool:
            if name != "shop3" or killed:
                return False
            # What /proc tells of children while some of them end is not always all.
            while True:
                for each in (one, two):
                    if any(b"/shop3" in command for command in below(each.pid)):
                        killed.append(each.pid)
                        each.send_signal(signal.SIGKILL)
                        return True

        with git_server(tmp_path / "served", kill_who_asks) as url:
            urls = [f"{url}/shop{number}" for number in range(10)]
            arguments = ("-c", "library/unmix.toml", "--scheduler", address, "--timeout", "100")
            result, rows = fleet(tmp_path, "migrate", urls, "--commit", *arguments)
    assert len(killed) == 1, rows
    assert (result.code, {row["state"] for row in rows.values()}) == (0, {"migrated"})
    assert len(rows) == 10
    done = [json.loads(line)["repository"] for line in (tmp_path / "unmix-fleet/state.jsonl").read_text().splitlines()]
    assert sorted(done) == sorted(urls)
    for clone in (tmp_path / "unmix-fleet/clones").glob("*/shop*"):
        assert git(clone, "rev-list", "--count", "unmix") == b"2\n"


def keys(folder: Path) -> Path:
    """Make keys for one side of TLS, and an authority for them."""
    security = distributed.Security.temporary()
    (folder / "ca.pem").write_text(security.tls_ca_file)
    (folder / "cert.pem").write_text(security.tls_client_cert)
    (folder / "key.pem").write_text(security.tls_client_key)
    return folder


def test_a_scheduler_with_keys_is_spoken_to_by_those_who_have_them(tmp_path: Path) -> None:
    ours, theirs = keys(tmp_path), keys(plant(tmp_path / "other", {}))
    shops = [repository(tmp_path / f"shop{number}", user("shop")) for number in range(3)]
    files = [f"--tls-{what}={ours}/{name}.pem" for what, name in (("ca-file", "ca"), ("cert", "cert"), ("key", "key"))]
    with scheduler(tmp_path, "--protocol", "tls", *files) as (address, _):
        for folder in (ours, theirs):
            options = [f"--tls-{name}={folder}/{name}.pem" for name in ("ca", "cert", "key")]
            result, rows = fleet(tmp_path, "check", shops, "--scheduler", address, *options, "--no-worker-timeout", "2")
            if folder is ours:
                # Without workers it ends, and says so.
                assert (result.code, {row["state"] for row in rows.values()}) == (2, {"failed"})
                assert all("no worker for 2 s" in row["reason"] for row in rows.values())
            else:
                assert (result.code, rows) == (2, {})
                assert "cannot be reached" in result.errors


def test_a_scheduler_that_goes_is_not_waited_for(tmp_path: Path) -> None:
    repository(tmp_path / "library", LIBRARY)
    repository(tmp_path / "served/shop", user("shop"))
    with scheduler(tmp_path) as (address, running), worker(tmp_path, address):

        def kill(number: int, name: str) -> bool:
            running.kill()
            return True

        with git_server(tmp_path / "served", kill) as url:
            options = ("--scheduler", address, "--no-worker-timeout", "2", "-c", "library/unmix.toml")
            result, rows = fleet(tmp_path, "check", [f"{url}/shop"], *options)
    assert (result.code, rows["shop"]["state"]) == (2, "failed")


def test_a_cluster_for_the_time_being_shares_a_large_repository(tmp_path: Path) -> None:
    repository(tmp_path / "library", LIBRARY)
    shop = repository(
        tmp_path / "shop", {f"shop{number}/{path}": c for number in range(5) for path, c in user("x").items()}
    )
    arguments = ("-c", "library/unmix.toml", "--fresh")
    _, here = fleet(tmp_path, "check", [shop], *arguments)
    _result, there = fleet(tmp_path, "check", [shop], *arguments, "--cluster", "1", "--shard", "2")
    assert here["shop"]["findings"] == there["shop"]["findings"]
    assert len(here["shop"]["findings"]) == 25
    # The first part of the work, and three pieces, each written down as it came; then all together.
    assert len((tmp_path / "unmix-fleet/state.jsonl").read_text().splitlines()) == 1 + 3 + 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://192.0.2.1:8786", "without TLS"),
        ("tcp://example.org:8786", "without TLS"),
        ("http://127.0.0.1:8786", "no address"),
        ("inproc://x", "no address"),
        ("tcp://127.0.0.1", "no address"),
        ("tcp://[::1", "no address"),
    ],
)
def test_a_scheduler_that_others_could_be_is_refused(tmp_path: Path, address: str, why: str) -> None:
    shop = repository(tmp_path / "shop", user("shop"))
    result, rows = fleet(tmp_path, "check", [shop], "--scheduler", address)
    assert (result.code, rows) == (2, {})
    assert why in result.errors

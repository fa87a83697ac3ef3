"""Let faults really happen, and count how they end: the old tree, the new tree, or one that undo restores.

    python tests/trials/faults.py                     a few minutes; prints the table
    python tests/trials/faults.py --runs 100 -o docs/safety.md     writes the table into the document

A run that ends in any other way is printed as LOST, and makes this exit 1. tests/test_trials.py runs it with few runs.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from example import AFTER, CHANGES, disk_full, files, interrupt, kill, planted
from faults import Fault, armed
from tool import committed, git, paths, spawn
from trees import picture, plant
from unmix.apply import apply_changes
from unmix.change import FileChange
from unmix.errors import UnmixError
from unmix.undo import undo_last

OLD, NEW, RESTORED, REFUSED, LOST = "old tree", "new tree", "restored by undo", "refused, untouched", "LOST"
OUTCOMES = (OLD, NEW, RESTORED, REFUSED, LOST)

Trial = Callable[[Path, int], Iterator[str]]
Tree = Callable[[Path], str]

MARK = "<!-- made by tests/trials/faults.py: from here -->"


# --- faults in the file layer ---------------------------------------------------------------------------------------


def judge(root: Path, before: dict[str, object], *, told: bool) -> str:
    """Say what a fault left behind, then let undo bring the old tree."""
    now = {path: entry for path, entry in picture(root).items() if not path.startswith(".unmix")}
    found = OLD if now == before else NEW if files(root) == {p: c for p, c in AFTER.items() if c} else RESTORED
    if told and found is RESTORED:
        return LOST  # It was said that everything is as it was.
    undo_last(root)
    return found if picture(root) == before else LOST


def strikes(strike: Callable[[], None], *, lasting: bool = False) -> Trial:
    """Strike at each write in turn, until one run sees no fault."""

    def trial(folder: Path, runs: int) -> Iterator[str]:
        for number in itertools.count():
            root = planted(folder / str(number))
            before = picture(root)
            told = False
            with armed(Fault(number, strike, lasting=lasting)) as fault:
                try:
                    apply_changes(root, CHANGES)
                except UnmixError as error:
                    told = "everything is as it was before" in str(error)
                except KeyboardInterrupt:
                    pass
            yield judge(root, dict(before), told=told)
            if not fault.struck:
                return

    return trial


def killed_at_each_write(folder: Path, runs: int) -> Iterator[str]:
    for number in itertools.count():
        root = planted(folder / str(number))
        before = picture(root)
        status = in_child(lambda root=root, number=number: kill_at(root, number))
        yield judge(root, dict(before), told=False)
        if not os.WIFSIGNALED(status):
            return


def undo_killed_at_each_write(folder: Path, runs: int) -> Iterator[str]:
    for number in itertools.count():
        root = planted(folder / str(number))
        before = picture(root)
        apply_changes(root, CHANGES)
        status = in_child(lambda root=root, number=number: kill_undo_at(root, number))
        yield judge(root, dict(before), told=False)
        if not os.WIFSIGNALED(status):
            return


def kill_at(root: Path, number: int) -> None:
    with armed(Fault(number, kill)):
        apply_changes(root, CHANGES)


def kill_undo_at(root: Path, number: int) -> None:
    with armed(Fault(number, kill)):
        undo_last(root)


def in_child(act: Callable[[], object], delay: float | None = None) -> int:
    """Run `act` in a child; with a `delay` kill it after so many seconds. Give its wait status."""
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(0)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


MANY = 60


def killed_at_random(folder: Path, runs: int) -> Iterator[str]:
    """SIGKILL from outside, at a random moment of a run that writes 60 files."""
    many = {f"app/m{number}.py": b"old\n" * 500 for number in range(MANY)}
    changes = [FileChange(path, content, b"new\n" * 600) for path, content in many.items()]
    changes += [FileChange(f"app/parts/p{number}.py", None, b"part\n") for number in range(MANY)]
    started = time.monotonic()
    root = plant(folder / "timed", many)
    in_child(lambda: apply_changes(root, changes))
    whole = time.monotonic() - started
    for number in range(runs):
        root = plant(folder / str(number), many)
        before = picture(root)
        in_child(lambda root=root: apply_changes(root, changes), delay=random.uniform(0, whole))
        now = {path: entry[1] for path, entry in picture(root).items() if path.endswith(".py") and ".unmix" not in path}
        is_new = now == {change.path: change.after for change in changes}
        is_old = now == dict(many)
        undo_last(root)
        yield LOST if picture(root) != before else OLD if is_old else NEW if is_new else RESTORED
        shutil.rmtree(root)


CALLERS = 8


def migrate_killed_at_random(folder: Path, runs: int) -> Iterator[str]:
    """SIGKILL of the real command `unmix migrate`; its judge is the real command `unmix undo`."""
    template = shop_in_git(folder / "template")
    before = picture(template)
    done = shutil.copytree(template, folder / "done")
    lasting = timed(done, "migrate")
    after = picture(done)
    assert after != before
    for number in range(runs):
        root = shutil.copytree(template, folder / str(number))
        killed(root, "migrate", number, lasting)
        now = picture(root)
        undone = spawn(root, "undo")
        if undone.code or picture(root) != before:
            yield f"{LOST}: {undone.errors[-300:]}"
            continue
        yield OLD if now == before else NEW if now == after else RESTORED
        shutil.rmtree(root)


def undo_killed_at_random(folder: Path, runs: int) -> Iterator[str]:
    """SIGKILL of the real command `unmix undo`, which is then run again."""
    template = shop_in_git(folder / "template")
    before = picture(template)
    assert spawn(template, "migrate").code == 0
    after = picture(template)
    lasting = timed(shutil.copytree(template, folder / "timed"), "undo")
    for number in range(runs):
        root = shutil.copytree(template, folder / str(number))
        killed(root, "undo", number, lasting)
        now = picture(root)
        undone = spawn(root, "undo")
        if undone.code or picture(root) != before:
            yield f"{LOST}: {undone.errors[-300:]}"
            continue
        yield OLD if now == before else NEW if now == after else RESTORED
        shutil.rmtree(root)


def shop_in_git(root: Path) -> Path:
    return committed(plant(root, {**SHOP, **{f"shop/use{n}.py": SHOP["shop/cart.py"] for n in range(CALLERS)}}))


def timed(root: Path, command: str) -> tuple[float, float]:
    """Run a command to its end; give how long it took, and how long of that it wrote."""
    started = time.monotonic()
    process = start(root, command)
    wait_for_lock(process, root, there=True)
    writing = time.monotonic()
    wait_for_lock(process, root, there=False)
    written = time.monotonic()
    assert process.wait() == 0
    return time.monotonic() - started, written - writing


def killed(root: Path, command: str, number: int, lasting: tuple[float, float]) -> None:
    """Kill a command: every fourth at any moment of its life, the others at one of those in which it writes."""
    whole, writing = lasting
    process = start(root, command)
    if number % 4:
        wait_for_lock(process, root, there=True)
    time.sleep(random.uniform(0, writing if number % 4 else whole))
    process.kill()
    process.wait()


def start(root: Path, command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "unmix", command],
        cwd=root,
        env={**os.environ, **paths(), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_lock(process: subprocess.Popen[bytes], root: Path, *, there: bool) -> None:
    """Wait until a command has taken the lock, which it does before the first byte, or until it has let go of it."""
    while process.poll() is None and (root / ".git/unmix/lock").exists() is not there:
        time.sleep(0.0002)


def full_disk(folder: Path, runs: int) -> Iterator[str]:
    """A real file system of a few kilobytes more in each run: the disk fills at another place each time."""
    code = """
import sys; sys.path[:0] = {path!r}
from pathlib import Path
from trials.faults import fill
print(*fill(Path({root!r})))
"""
    for size in range(44, 44 + 8 * min(runs, 25), 8):
        root = folder / f"disk{size}"
        root.mkdir()
        mount = f'mount -t tmpfs -o size={size}k tmpfs "$0" && exec "$@"'
        prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(root))
        filled = code.format(path=sys.path, root=str(root))
        result = subprocess.run([*prefix, sys.executable, "-c", filled], capture_output=True, text=True, check=False)
        if result.returncode:
            if "Operation not permitted" in result.stderr or "unshare" in result.stderr:
                return  # This user cannot mount a file system here.
            yield f"{LOST}: {result.stderr[-300:]}"
            continue
        yield result.stdout.strip()


def fill(disk: Path) -> Iterator[str]:
    """Apply on a small file system; what does not fit must leave the old tree."""
    try:
        root = planted(disk / "project")
    except OSError:
        yield OLD  # Not even the old tree fits.
        return
    before = picture(root)
    told = False
    try:
        apply_changes(root, [*CHANGES, FileChange("z.py", None, b"z" * 100_000)])
    except UnmixError as error:
        told = "everything is as it was before" in str(error) or "/.unmix" in str(error)
    if picture(root) == before:
        yield OLD if told else LOST
        return
    undo_last(root)
    yield NEW if picture(root) == before and not told else LOST


def changed_between(folder: Path, runs: int) -> Iterator[str]:
    """A file is edited, goes, or becomes something else between the plan and the writing."""
    turns: dict[str, Callable[[Path], object]] = {
        "edited": lambda place: place.write_bytes(b"edited\n"),
        "gone": lambda place: place.unlink(),
        "a folder": lambda place: (place.unlink(), place.mkdir()),
        "a link": lambda place: (place.unlink(), place.symlink_to("/etc/passwd")),
        "a pipe": lambda place: (place.unlink(), os.mkfifo(place)),
    }
    for path in ("app/mixed.py", "app/gone.py", "run.sh"):
        for what, turn in turns.items():
            root = planted(folder / f"{path.replace('/', '-')}-{what}")
            turn(root / path)
            before = picture(root)
            try:
                apply_changes(root, CHANGES)
                yield LOST
            except UnmixError:
                yield REFUSED if picture(root) == before else LOST


# --- trees that are not as usual, with the real command ---------------------------------------------------------------

SHOP: dict[str, bytes | str] = {
    "shop/__init__.py": b"",
    "shop/pricing.py": b"def price(count):\n    return count * 2\n\n\ndef label(count):\n    return count\n",
    "shop/cart.py": b"from shop.pricing import label, price\n\nprint(label(price(3)))\n",
    "unmix.toml": b'[[split]]\nmodule = "shop.pricing"\n[split.into]\n"shop.money" = ["label"]\n"shop.tax" = ["*"]\n',
}
CART = b"from shop.money import label\nfrom shop.tax import price\n\nprint(label(price(3)))\n"


def migrates(root: Path, *, code: int = 0) -> str:
    """Migrate a planted shop, look at the result, undo, look again."""
    before = picture(root)
    migrated = spawn(root, "migrate")
    if migrated.code != code:
        return f"{LOST}: exit code {migrated.code}: {migrated.errors[-300:]}"
    if code == 2:
        return REFUSED if picture(root) == before else LOST
    if (root / "shop/cart.py").read_bytes() != CART:
        return f"{LOST}: {(root / 'shop/cart.py').read_bytes()!r}"
    undone = spawn(root, "undo")
    return NEW if undone.code == 0 and picture(root) == before else f"{LOST}: {undone.errors[-300:]}"


def odd_trees(folder: Path, runs: int) -> Iterator[str]:
    for make in (
        in_odd_paths,
        in_a_linked_work_tree,
        in_a_shallow_clone,
        in_a_sparse_checkout,
        beside_a_submodule,
        beside_ignored_files,
        beside_loops_of_links,
        beside_long_and_deep_files,
        with_read_only_files,
    ):
        yield make(folder / make.__name__)


def in_odd_paths(folder: Path) -> str:
    folder.mkdir()
    odd = os.fsdecode(b"a b\nc\xff")
    more: dict[str, bytes | str] = {f"{odd}/{odd}.py": SHOP["shop/cart.py"], "*.py": SHOP["shop/cart.py"]}
    root = committed(plant(folder / "pro ject\n", {**SHOP, **more}))
    outcome = migrates(root)
    spawn(root, "migrate")
    return outcome if (root / odd / f"{odd}.py").read_bytes() == (root / "*.py").read_bytes() == CART else LOST


def in_a_linked_work_tree(folder: Path) -> str:
    folder.mkdir()
    committed(plant(folder / "main", SHOP))
    git(folder / "main", "worktree", "add", "-q", "../linked")
    outside = picture(folder / "main")
    outcome = migrates(folder / "linked")
    return outcome if picture(folder / "main") == outside else LOST


def in_a_shallow_clone(folder: Path) -> str:
    folder.mkdir()
    committed(plant(folder / "main", SHOP))
    git(folder, "clone", "-q", "--depth", "1", f"file://{folder / 'main'}", "clone")
    return migrates(folder / "clone")


def in_a_sparse_checkout(folder: Path) -> str:
    folder.mkdir()
    root = committed(plant(folder / "root", {**SHOP, "far/away.py": SHOP["shop/cart.py"]}))
    git(root, "sparse-checkout", "set", "shop")
    outcome = migrates(root)
    return outcome if not (root / "far").exists() else LOST


def beside_a_submodule(folder: Path) -> str:
    folder.mkdir()
    committed(plant(folder / "other", {"use.py": SHOP["shop/cart.py"]}))
    root = committed(plant(folder / "root", SHOP))
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(folder / "other"), "vendored")
    git(root, "commit", "-qm", "submodule")
    outcome = migrates(root)
    spawn(root, "migrate")
    return outcome if (root / "vendored/use.py").read_bytes() == SHOP["shop/cart.py"] else LOST


def beside_ignored_files(folder: Path) -> str:
    root = committed(plant(folder, {**SHOP, ".gitignore": b"build\n"}))
    plant(root, {"build/use.py": SHOP["shop/cart.py"]})
    outcome = migrates(root)
    spawn(root, "migrate")
    return outcome if (root / "build/use.py").read_bytes() == SHOP["shop/cart.py"] else LOST


def beside_loops_of_links(folder: Path) -> str:
    more: dict[str, bytes | str] = {"shop/loop": "../shop", "a.py": "b.py", "b.py": "a.py", "out.py": "/etc/hostname"}
    outcome = migrates(committed(plant(folder / "git" if folder.mkdir() is None else folder, {**SHOP, **more})))
    plain = migrates(plant(folder / "plain", {**SHOP, **more}))
    return outcome if outcome == plain else f"{LOST}: {plain}"


def beside_long_and_deep_files(folder: Path) -> str:
    line = b"x = [1, 2, 3]\n"
    more: dict[str, bytes | str] = {
        "long.py": b"from shop.pricing import price\n" + line * 20_000,
        "wide.py": b"from shop.pricing import price\nx = [" + b"1, " * 100_000 + b"]\n",
        "deep.py": b"from shop.pricing import price\nx = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\n",
        "deep.json": b'{"shop.pricing": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        "deep.ipynb": b'{"cells": ' + b"[" * 20_000 + b'"shop.pricing"' + b"]" * 20_000 + b"}",
        "deep.yaml": b"a: " + b"[" * 5000 + b"shop.pricing.price" + b"]" * 5000 + b"\n",
        "deep.toml": b"a = " + b"[" * 5000 + b"'shop.pricing.price'" + b"]" * 5000 + b"\n",
        "deep.md": b"> " * 3000 + b"`shop.pricing.price`\n",
    }
    # What cannot be read is named, and the rest is migrated: exit code 1.
    return migrates(committed(plant(folder, {**SHOP, **more})), code=1)


def with_read_only_files(folder: Path) -> str:
    root = committed(plant(folder, SHOP))
    (root / "shop/cart.py").chmod(0o444)
    return migrates(root)


TRIALS: dict[str, Trial] = {
    "disk full at each write": strikes(disk_full),
    "disk full from each write on": strikes(disk_full, lasting=True),
    "interrupted (Ctrl-C) at each write": strikes(interrupt),
    "killed at each write of migrate": killed_at_each_write,
    "killed at each write of undo": undo_killed_at_each_write,
    "SIGKILL at a random moment of writing 120 files": killed_at_random,
    "SIGKILL at a random moment of the command `unmix migrate`": migrate_killed_at_random,
    "SIGKILL at a random moment of the command `unmix undo`": undo_killed_at_random,
    "real file system that fills up": full_disk,
    "file changed, gone or replaced between plan and writing": changed_between,
    "odd trees: names, links, work trees, submodules, long and deep files": odd_trees,
}


def count(trial: Trial, runs: int) -> Counter[str]:
    """Run one trial in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return Counter(trial(Path(folder), runs))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=50, help="how often what is random is tried")
    parser.add_argument("-o", "--output", type=Path, help="write the table into this document, behind its mark")
    parser.add_argument("-k", "--only", default="", help="only trials whose names contain this")
    arguments = parser.parse_args()
    lines = [f"| fault | runs | {' | '.join(OUTCOMES)} |", f"|---|{'---:|' * (len(OUTCOMES) + 1)}"]
    lost = False
    for name, trial in TRIALS.items():
        if arguments.only not in name:
            continue
        counts = count(trial, arguments.runs)
        bad = [outcome for outcome in counts if outcome not in OUTCOMES[:-1]]
        lost = lost or bool(bad)
        for outcome in bad:
            print(f"{name}: {outcome}", file=sys.stderr)
        counts[LOST] += sum(counts[outcome] for outcome in bad if outcome != LOST)
        row = [str(counts[outcome] or "-") for outcome in OUTCOMES]
        lines.append(f"| {name} | {sum(counts[outcome] for outcome in OUTCOMES)} | {' | '.join(row)} |")
        print(lines[-1], flush=True)
    if arguments.output:
        text = arguments.output.read_text(encoding="utf-8")
        head, _, _ = text.partition(MARK)
        arguments.output.write_text("\n".join([head + MARK, "", *lines, ""]), encoding="utf-8")
    return int(lost)


if __name__ == "__main__":
    sys.exit(main())

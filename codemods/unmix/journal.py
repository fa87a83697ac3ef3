"""The journal: all that is needed to put a tree back byte for byte, on disk before the first byte of the tree changes.

Takes entries, gives steps (one for each call of apply_changes); apply.py writes them, undo.py reads them.
A step is a folder `0001`, `0002`, … with `journal.jsonl` (a header, then an entry a line), `before.bin` (the contents
that the entries point into) and, once the tree is written, an empty `done`. Steps with one `run` are undone together.
Behind the old contents stand the new ones of rewritten files, packed as differences from the old, for a merge.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from unmix.durable import ABSENT, Attributes, attributes_of, state_of, sync_folder, write_new_file
from unmix.errors import WriteFailed
from unmix.lock import PREPARING

_VERSION = 2
_READABLE = (1, 2)

# How many runs are kept, to be undone one after the other.
_KEPT = 20

_LONGEST = 1 << 28

# What zlib looks back at, at most.
_WINDOW = 32768


@dataclass(frozen=True, slots=True)
class Entry:
    """One place a step writes, relative to the root; `before` and `after` are states as state_of says them.

    `temporary` is the name, beside the place, under which bytes wait for their turn;
    `offset` and `size` say where the old ones are in `before.bin`, and `packed_…` where the new ones are.
    """

    place: str
    temporary: str
    before: str
    after: str
    mode: int = 0
    uid: int = 0
    gid: int = 0
    offset: int = 0
    size: int = 0
    packed_offset: int = 0
    packed_size: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One call of apply_changes: `created` are the folders it makes, outermost first; `project` says in which root."""

    folder: Path
    project: str
    run: str
    created: tuple[str, ...]
    entries: tuple[Entry, ...]


def journal_folder(root: Path) -> Path:
    """Say where the journal of `root` is: inside git's own folder, which nobody commits, or else in `.unmix`."""
    git = _git_folder(root)
    return git[1] / "unmix" if git else root / ".unmix"


def project_of(root: Path) -> str:
    """Name `root` within its git work tree, in which there may be several projects with one journal."""
    git = _git_folder(root)
    return Path(os.path.relpath(root, git[0])).as_posix() if git else "."


def read_steps(folder: Path) -> tuple[Step, ...]:
    """Read every step, oldest first. Raises WriteFailed when one cannot be understood."""
    if not folder.is_dir():
        return ()
    return tuple(_read_step(step) for step in sorted(folder.iterdir()) if step.name.isdigit())


def write_step(
    folder: Path, project: str, run: str, created: Sequence[str], entries: Sequence[tuple[Entry, bytes, bytes | None]]
) -> Step:
    """Write a step with each entry, the bytes it replaces and the new ones, and return it when it is on the disk."""
    placed: list[Entry] = []
    contents: list[bytes] = []
    offset = 0
    for entry, old, new in entries:
        packed = _pack(old, new) if new is not None and entry.before != ABSENT else b""
        fields = asdict(entry) | {"offset": offset, "size": len(old)}
        fields |= {"packed_offset": offset + len(old), "packed_size": len(packed)}
        placed.append(Entry(**fields))
        contents += (old, packed)
        offset += len(old) + len(packed)
    header = {"version": _VERSION, "project": project, "run": run, "created": list(created)}
    lines = [json.dumps(line) for line in (header, *map(asdict, placed))]

    preparing = folder / PREPARING
    preparing.mkdir()
    write_new_file(preparing / "before.bin", b"".join(contents))
    write_new_file(preparing / "journal.jsonl", "".join(f"{line}\n" for line in lines).encode("ascii"))
    sync_folder(preparing)
    last = max((int(step.name) for step in folder.iterdir() if step.name.isdigit()), default=0)
    step = Step(folder / f"{last + 1:04}", project, run, tuple(created), tuple(placed))
    preparing.rename(step.folder)
    try:
        sync_folder(folder)
    except BaseException:
        discard_step(step)
        raise
    return step


def finish_step(step: Step) -> None:
    """Note that the tree was written to the end."""
    write_new_file(step.folder / "done", b"")
    sync_folder(step.folder)


def is_finished(step: Step) -> bool:
    """Say whether the tree was written to the end."""
    return (step.folder / "done").exists()


def discard_step(step: Step) -> None:
    """Forget a step; killed half-way, it leaves the whole step or none."""
    garbage = step.folder.with_name(PREPARING)
    shutil.rmtree(garbage, ignore_errors=True)
    step.folder.rename(garbage)
    shutil.rmtree(garbage, ignore_errors=True)


def discard_old(steps: Sequence[Step]) -> None:
    """Forget the oldest runs among `steps` where there are too many."""
    runs = list(dict.fromkeys(step.run for step in steps))
    for step in steps:
        if step.run in runs[:-_KEPT]:
            discard_step(step)


def edited_since(root: Path, steps: Sequence[Step]) -> tuple[str, ...]:
    """Name the places that hold something which no step read or wrote, sorted."""
    known = _known_states(steps)
    return tuple(sorted(place for place in known if _foreign(root, place, known[place])))


def contents_before(steps: Sequence[Step]) -> dict[str, bytes | None]:
    """Give the bytes of each place before the first of `steps`; None where there was no file. Raises OSError."""
    return {
        entry.place: None if entry.before == ABSENT else _content(step, entry) for step, entry in _oldest_entries(steps)
    }


def content_after(steps: Sequence[Step], place: str) -> tuple[bytes, bytes] | None:
    """Give what a place held before and after `steps`; None where it was made or taken away, or nobody knows."""
    own = [(step, entry) for step in steps for entry in step.entries if entry.place == place]
    (first, old), (last, new) = own[0], own[-1]
    if not old.before.startswith("file ") or not new.packed_size:
        return None
    return _content(first, old), _unpack(_content(last, new), _read(last, new.packed_offset, new.packed_size))


def put_back(root: Path, steps: Sequence[Step], merged: Mapping[str, bytes] | None = None) -> tuple[str, ...]:
    """Give every place the bytes it had before the first of `steps`, and name those that changed by it, sorted.

    Places edited since get the bytes of `merged` or are left alone, places that are as before keep even their time of
    change. Can be killed and called again. Raises OSError.
    """
    known = _known_states(steps)
    for step in steps:
        for entry in step.entries:
            if _is_real(root, root / entry.place):
                (root / entry.place).with_name(entry.temporary).unlink(missing_ok=True)
    changed: list[str] = []
    for step, entry in _oldest_entries(steps):
        place = root / entry.place
        if merged and entry.place in merged:
            _write_merged(place, entry, merged[entry.place])
            changed.append(entry.place)
        elif not _foreign(root, entry.place, known[entry.place]) and state_of(place) != entry.before:
            _restore(root, step, entry)
            changed.append(entry.place)
    for folder in sorted({(root / place).parent for place in changed}):
        sync_folder(folder)
    for created in sorted({created for step in steps for created in step.created}, reverse=True):
        if _is_real(root, root / created):
            _remove_if_empty(root / created)
    return tuple(sorted(changed))


def is_plain_file(root: Path, place: str) -> bool:
    """Say whether a place holds a file of its own, reached through no symbolic link."""
    return _is_real(root, root / place) and (root / place).is_file() and not (root / place).is_symlink()


def _git_folder(root: Path) -> tuple[Path, Path] | None:
    """The work tree that holds `root` and git's own folder for it; None outside git, or where that is read-only."""
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_file():
            # In linked work trees and submodules `.git` is a file: `gitdir: ../.git/worktrees/name`.
            text = git.read_text(encoding="utf-8", errors="surrogateescape")
            git = folder / text.removeprefix("gitdir:").strip()
        if (git / "HEAD").is_file():
            return (folder, git) if os.access(git, os.W_OK) else None
    return None


def _read_step(folder: Path) -> Step:
    try:
        lines = (folder / "journal.jsonl").read_text(encoding="ascii").splitlines()
        header, *entries = map(json.loads, lines)
        if header["version"] not in _READABLE:
            raise WriteFailed(f"{folder}: written by another version of unmix; undo it with that one")
        created = tuple(header["created"])
        return Step(folder, header["project"], header["run"], created, tuple(Entry(**entry) for entry in entries))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WriteFailed(f"{folder}: cannot be read ({error}); look at it, then remove it") from error


def _oldest_entries(steps: Sequence[Step]) -> Iterable[tuple[Step, Entry]]:
    oldest: dict[str, tuple[Step, Entry]] = {}
    for step in steps:
        for entry in step.entries:
            oldest.setdefault(entry.place, (step, entry))
    return oldest.values()


def _known_states(steps: Sequence[Step]) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for step in steps:
        for entry in step.entries:
            known.setdefault(entry.place, set()).update((entry.before, entry.after))
    return known


def _foreign(root: Path, place: str, known: set[str]) -> bool:
    return not _is_real(root, root / place) or state_of(root / place) not in known


def _is_real(root: Path, place: Path) -> bool:
    # A folder on the way may have become a symbolic link since: what is behind it is not what the step wrote.
    return os.path.realpath(place.parent) == os.fspath(place.parent) and place.is_relative_to(root)


def _restore(root: Path, step: Step, entry: Entry) -> None:
    place = root / entry.place
    temporary = place.with_name(entry.temporary)
    if entry.before == ABSENT:
        place.unlink()
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    content = _content(step, entry)
    if entry.before.startswith("link "):
        temporary.symlink_to(os.fsdecode(content))
    else:
        write_new_file(temporary, content, Attributes(entry.mode, entry.uid, entry.gid))
    temporary.replace(place)


def _write_merged(place: Path, entry: Entry, content: bytes) -> None:
    temporary = place.with_name(entry.temporary)
    write_new_file(temporary, content, attributes_of(place))
    temporary.replace(place)


def _content(step: Step, entry: Entry) -> bytes:
    return _read(step, entry.offset, entry.size)


def _read(step: Step, offset: int, size: int) -> bytes:
    with (step.folder / "before.bin").open("rb") as file:
        file.seek(offset)
        return file.read(size)


def _pack(old: bytes, new: bytes) -> bytes:
    """Compress `new` with the end of `old` as what it may repeat: most lines of a file stay as they are."""
    packer = zlib.compressobj(9, zdict=old[-_WINDOW:]) if old else zlib.compressobj(9)
    return packer.compress(new) + packer.flush()


def _unpack(old: bytes, packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(zdict=old[-_WINDOW:]) if old else zlib.decompressobj()
    # Bounded, as the journal may be one that came with the tree: what is longer merges with nothing.
    return unpacker.decompress(packed, _LONGEST)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        if [path.name for path in folder.iterdir()] == ["__pycache__"]:
            # Compiled files of modules that are gone would leave an importable, empty namespace package.
            shutil.rmtree(folder / "__pycache__")
        folder.rmdir()

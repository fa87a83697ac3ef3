"""Changes → files, all or nothing.

Takes changes that were worked out from the tree, writes the tree and the journal that can put it back; decides nothing
about what the files should say. First everything is checked, then everything is journalled, then every new content is
written beside its place, and only then do the files take their places, one rename each.
"""

from __future__ import annotations

import errno
import os
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from unmix.change import FileChange
from unmix.durable import (
    ABSENT,
    Attributes,
    attributes_of,
    state_of,
    state_of_content,
    state_of_link,
    sync_folder,
    write_new_file,
)
from unmix.errors import WriteFailed
from unmix.journal import (
    Entry,
    Step,
    discard_old,
    discard_step,
    finish_step,
    is_finished,
    journal_folder,
    project_of,
    put_back,
    read_steps,
    write_step,
)
from unmix.lock import one_run

_REMEDIES = {
    errno.ENOSPC: "free some space and run again",
    errno.EDQUOT: "free some space and run again",
    errno.EACCES: "make its folder writable and run again",
    errno.EPERM: "make it and its folder writable and run again",
    errno.EROFS: "mount its file system writable and run again",
}


@dataclass(frozen=True, slots=True)
class _Write:
    """A change and the place, free of symbolic links, where it happens."""

    change: FileChange
    place: Path


def apply_changes(root: Path, changes: Sequence[FileChange], *, run: str = "") -> None:
    """Give every file its new bytes, or leave the whole tree as it was.

    Mode bits and owners stay, a symbolic link to a file stays a link and the file behind it is written, files whose
    bytes do not change are not touched. Calls in a row with the same `run` are undone together by undo_last.
    Raises WriteFailed, with the tree as it was, when a file is not as `before` says, when a path would leave the root,
    when another run is writing, and when the file system refuses; a keyboard interrupt becomes one, too.
    """
    root = root.resolve()
    wanted = [change for change in changes if change.before != change.after]
    _check_names([change.path for change in wanted])
    if not wanted:
        return
    folder = journal_folder(root)
    with one_run(folder):
        earlier = read_steps(folder)
        if earlier and not is_finished(earlier[-1]):
            raise WriteFailed(f"{earlier[-1].project}: an earlier run was interrupted here; run `unmix undo` first")
        writes = _find_places(root, wanted)
        _check_tree(root, writes)
        with _naming(os.fspath(folder)):
            step = _journal(root, folder, run or secrets.token_hex(8), writes)
        try:
            _write_all(root, step, writes)
        except BaseException as error:
            raise _put_back_after(error, root, step) from error
        with suppress(OSError):
            discard_old((*earlier, step))


def _check_names(paths: Sequence[str]) -> None:
    for path in paths:
        if not path or "\0" in path or any(part in ("", ".", "..") for part in path.split("/")):
            raise WriteFailed(f"{path!r}: not a path below the project root; nothing was written")
    seen: dict[str, str] = {}
    for path in sorted(set(paths)):
        clash = seen.setdefault(_folded(path), path)
        if clash != path:
            raise WriteFailed(f"{path}: the same file as {clash} where case does not count; rename one of them")
    for path in paths:
        for end in (at for at, character in enumerate(path) if character == "/"):
            if _folded(path[:end]) in seen:
                raise WriteFailed(f"{path}: {path[:end]} cannot be a file and a folder; rename one of them")


def _find_places(root: Path, changes: Sequence[FileChange]) -> list[_Write]:
    writes: dict[Path, _Write] = {}
    for change in changes:
        write = _Write(change, _find_place(root, change))
        first = writes.setdefault(write.place, write)
        # A link and the file behind it may both be listed, with one and the same new content.
        if (first.change.before, first.change.after) != (change.before, change.after):
            raise WriteFailed(f"{change.path}: leads to the same file as {first.change.path}; exclude one of them")
    return list(writes.values())


def _find_place(root: Path, change: FileChange) -> Path:
    named = root / change.path
    behind = Path(os.path.realpath(named))
    # To delete is to take the name away: of a link, the link.
    place = Path(os.path.realpath(named.parent)) / named.name if change.after is None else behind
    for path in (place, behind):
        if not path.is_relative_to(root) or path == root:
            raise WriteFailed(f"{change.path}: leads out of the project root to {path}; nothing was written")
        if any(part.casefold() in (".git", ".unmix") for part in path.relative_to(root).parts):
            raise WriteFailed(f"{change.path}: belongs to git or to the journal; nothing was written")
    return place


def _check_tree(root: Path, writes: Sequence[_Write]) -> None:
    changed = [write.change.path for write in writes if not _is_as_read(root, write)]
    if changed:
        raise WriteFailed(f"{', '.join(sorted(changed))}: changed since it was read; run again")
    for write in writes:
        if write.change.before is None:
            with _naming(write.change.path):
                _check_new_name(root, write)


def _is_as_read(root: Path, write: _Write) -> bool:
    named = root / write.change.path
    if write.change.before is None:
        return not os.path.lexists(named)
    try:
        return named.is_file() and named.read_bytes() == write.change.before
    except OSError:
        return False


def _check_new_name(root: Path, write: _Write) -> None:
    folder = root
    for part in write.place.relative_to(root).parts:
        if not os.path.lexists(folder):
            return
        if not folder.is_dir():
            raise WriteFailed(f"{write.change.path}: {folder} is a file, not a folder; rename one of them")
        names = os.listdir(folder)
        for name in names:
            if part not in names and _folded(name) == _folded(part):
                raise WriteFailed(
                    f"{write.change.path}: the same as {folder / name} where case does not count; rename one of them"
                )
        folder /= part


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _journal(root: Path, folder: Path, run: str, writes: Sequence[_Write]) -> Step:
    mark = secrets.token_hex(4)
    entries: list[tuple[Entry, bytes, bytes | None]] = []
    created: set[str] = set()
    for number, write in enumerate(writes):
        place, parent = write.place, write.place.parent
        content = write.change.before or b""
        before, attributes = state_of_content(write.change.before), Attributes(0, 0, 0)
        if write.change.before is not None:
            attributes = attributes_of(place)
        if place.is_symlink():
            content = os.fsencode(os.readlink(place))
            before = state_of_link(os.readlink(place))
        entry = Entry(
            place=place.relative_to(root).as_posix(),
            temporary=f".unmix-{mark}-{number}",
            before=before,
            after=state_of_content(write.change.after),
            mode=attributes.mode,
            uid=attributes.uid,
            gid=attributes.gid,
        )
        entries.append((entry, content, write.change.after))
        while not parent.exists():
            created.add(parent.relative_to(root).as_posix())
            parent = parent.parent
    return write_step(folder, project_of(root), run, sorted(created), entries)


def _write_all(root: Path, step: Step, writes: Sequence[_Write]) -> None:
    for created in step.created:
        with _naming(created):
            (root / created).mkdir()
    # What can fill the disk happens before the first file takes its place.
    for entry, write in zip(step.entries, writes, strict=True):
        if write.change.after is not None:
            with _naming(entry.place):
                attributes = None if entry.before == ABSENT else Attributes(entry.mode, entry.uid, entry.gid)
                write_new_file((root / entry.place).with_name(entry.temporary), write.change.after, attributes)
    for entry in step.entries:
        with _naming(entry.place):
            if state_of(root / entry.place) != entry.before:
                raise WriteFailed(f"{entry.place}: changed since it was read; run again")
            if entry.after == ABSENT:
                (root / entry.place).unlink()
            else:
                (root / entry.place).with_name(entry.temporary).replace(root / entry.place)
    folders = {(root / entry.place).parent for entry in step.entries}
    folders |= {(root / created).parent for created in step.created}
    for folder in sorted(folders):
        with _naming(os.fspath(folder)):
            sync_folder(folder)
    with _naming(os.fspath(step.folder)):
        finish_step(step)


def _put_back_after(error: BaseException, root: Path, step: Step) -> WriteFailed:
    match error:
        case WriteFailed():
            reason = str(error)
        case KeyboardInterrupt():
            reason = f"{root}: interrupted; run again"
        case _:
            reason = f"{root}: {type(error).__name__}: {error}; this is a defect of unmix, please report it"
    try:
        put_back(root, (step,))
        discard_step(step)
    except OSError as second:
        return WriteFailed(f"{reason} (not everything could be put back: {second}; run `unmix undo`)")
    return WriteFailed(f"{reason} (everything is as it was before)")


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Turn an OSError into a WriteFailed that names `path`: its own file name may be that of a temporary file."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "mend this and run again")
        raise WriteFailed(f"{path}: {error.strerror or error}; {remedy}") from error

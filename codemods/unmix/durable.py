"""Writing so that a power cut cannot lose it, and telling what is on disk.

Takes places (absolute paths with no symbolic link on the way), raises OSError; decides nothing.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ABSENT = "absent"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What of a file is not its bytes and must stay as it is."""

    mode: int
    uid: int
    gid: int


def state_of(place: Path) -> str:
    """Say what is at `place`: `absent`, `file <hash of bytes>`, `link <where to>`, or `other` (a folder, a pipe)."""
    try:
        status = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    if stat.S_ISREG(status.st_mode):
        return state_of_content(place.read_bytes())
    if stat.S_ISLNK(status.st_mode):
        return state_of_link(os.readlink(place))
    return OTHER


def state_of_content(content: bytes | None) -> str:
    """Say what `state_of` says about a file with these bytes, or about no file."""
    return ABSENT if content is None else f"file {hashlib.sha256(content).hexdigest()}"


def state_of_link(text: str) -> str:
    """Say what `state_of` says about a symbolic link with this text."""
    return f"link {text}"


def attributes_of(place: Path) -> Attributes:
    """Read the mode bits and the owner of the file (or link) at `place`."""
    status = place.lstat()
    return Attributes(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def write_new_file(place: Path, content: bytes, attributes: Attributes | None = None) -> None:
    """Write a file that must not exist yet, and return when it is on the disk; without attributes the umask decides."""
    with place.open("xb") as file:
        file.write(content)
        if attributes is not None:
            _give(file.fileno(), attributes)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems cannot do this for a folder, and say so.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(handle)


def _give(handle: int, attributes: Attributes) -> None:
    status = os.fstat(handle)
    if (status.st_uid, status.st_gid) != (attributes.uid, attributes.gid):
        # Only root may give files away; for anybody else a file they may replace becomes theirs, as with any editor.
        with suppress(PermissionError):
            os.fchown(handle, attributes.uid, attributes.gid)
    # After the owner, because a change of owner takes the set-user-id bit away.
    os.fchmod(handle, attributes.mode)

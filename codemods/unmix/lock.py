"""One run at a time in one tree.

Takes the folder of the journal, gives a context in which no other process is in the same context; POSIX only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from unmix.errors import WriteFailed

# A half-written journal stands here: whoever holds the lock may take it away.
PREPARING = "preparing"


@contextmanager
def one_run(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, which is made for it and goes with it when nothing else is left inside.

    The kernel holds the lock and drops it with its process: the file of a killed run is taken over at once,
    even when its process id has been given to another program since, and two that take over cannot both win.
    The process id in the file is for people. Raises WriteFailed when another run holds the lock.
    """
    lock = folder / "lock"
    handle = _take(lock)
    try:
        shutil.rmtree(folder / PREPARING, ignore_errors=True)
        yield
    finally:
        try:
            # Tidiness only: a lock file that stays behind is not locked any more.
            shutil.rmtree(folder / PREPARING, ignore_errors=True)
            with suppress(OSError):
                lock.unlink()
                folder.rmdir()
        finally:
            os.close(handle)


def _take(lock: Path) -> int:
    while True:
        handle = _open(lock)
        if handle is None:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(handle, lock):
                with suppress(OSError):  # A full disk must not stand in the way of undo.
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
                return handle
        except BlockingIOError:
            process = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            os.close(handle)
            raise WriteFailed(f"{lock}: process {process or '?'} is writing here; wait until it has ended") from None
        except OSError as error:
            os.close(handle)
            raise WriteFailed(f"{lock}: {error.strerror}; its file system must support locks") from error
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # The run that held it has ended and removed it: what is locked has no name any more.


def _open(lock: Path) -> int | None:
    try:
        lock.parent.mkdir(exist_ok=True)
        if lock.parent.is_symlink():
            raise WriteFailed(f"{lock.parent}: a symbolic link; unmix does not write behind it, remove it")
        try:
            return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except FileNotFoundError:
            return None  # A run that ended since took the folder with it.
    except OSError as error:
        with suppress(OSError):
            lock.parent.rmdir()
        raise WriteFailed(f"{lock}: {error.strerror}; make its folder writable and run again") from error


def _is_at(handle: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except FileNotFoundError:
        return False

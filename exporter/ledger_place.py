"""Where the ledger's file lies: making the place, and holding it against other processes.

Every error is an OSError or a LedgerError without the file's name, which the caller adds.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.errors import LedgerError, LedgerInUseError

Identity = tuple[int, int]  # device and inode


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Makes the file if there is none, for its owner only, and holds it for this process.

    The lock is on a file beside it: SQLite's own locks on a file end when any descriptor of it
    is closed. It goes with the process, however that ends.
    """
    if path.exists() and not path.is_file():
        raise LedgerError("is a directory" if path.is_dir() else "is not a regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(_beside(path, ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock)
        # SQLite would open a file that can only be read, and fail at the first commit.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        yield
    finally:
        os.close(lock)


def identity(path: Path) -> Identity | None:
    """Which file the path leads to now; None if to none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def size_bytes(path: Path) -> int:
    """The bytes of the file and of its write-ahead log."""
    return sum(part.stat().st_size for part in (path, _beside(path, "-wal")) if part.exists())


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LedgerInUseError("in use by another process") from error


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)

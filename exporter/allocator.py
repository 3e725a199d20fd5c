"""The C library's allocator: what is freed in large blocks goes back to the system at once.

Each publication replaces chunks of some hundred kilobytes by as many new ones. By default glibc
learns from the first that are freed to keep such blocks for later, between whatever else was
allocated, and the process stays about twice as large as what it shows.
"""

import contextlib
import ctypes
import sys

LARGE = 128 * 1024  # bytes; what glibc begins with, before it learns

_M_MMAP_THRESHOLD = -3  # of malloc.h


def return_large_blocks() -> None:
    """Lets glibc map blocks of 128 KiB and more on their own; does nothing without glibc."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)

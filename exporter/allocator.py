"""Memory of the process: when blocks go back to the system, and how often cycles are looked for."""

import contextlib
import ctypes
import gc
import sys

LARGE = 128 * 1024  # bytes; what glibc begins with, before it learns
YOUNG = 50_000  # objects, where Python's default is 700

_M_MMAP_THRESHOLD = -3  # of malloc.h


def return_large_blocks() -> None:
    """Lets glibc give back blocks of 128 KiB and more when they are freed.

    Each publication replaces chunks of some hundred kilobytes by as many new ones. By default
    glibc learns from the first that are freed to keep such blocks for later, between whatever
    else was allocated, and the process stays about twice as large as what it shows. Without glibc
    this does nothing.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)


def collect_rarely() -> None:
    """Lets the garbage collector look for cycles after many more new objects than by default.

    A reading of a thousand queues makes tens of thousands of tuples and not one cycle; looking
    for cycles took a fifth of its time. What exists already is never looked at again.
    """
    gc.freeze()
    gc.set_threshold(YOUNG)

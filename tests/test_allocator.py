"""What is freed goes back to the system, and cycles are looked for seldom."""

import platform
import subprocess
import sys

import pytest

# Blocks that are freed teach glibc to keep such blocks; the next ones lie between small ones that
# stay, as chunks of a page do. What is printed is what the process grew by, in mebibytes.
CHURN = """
import os
from exporter.allocator import return_large_blocks

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

{prepare}
blocks = [bytes(1_000_000) for _ in range(3)]
del blocks
before = resident()
blocks, stay = [], []
for n in range(60):
    blocks.append(b"x" * 900_000)
    stay.append(b"y" * 30_000)
del blocks
print(round((resident() - before) / 2**20))
"""

COLLECTIONS = """
import gc
from exporter.allocator import collect_rarely

{prepare}
before = sum(generation["collections"] for generation in gc.get_stats())
rows = [(n, [n]) for n in range(20_000)]
print(sum(generation["collections"] for generation in gc.get_stats()) - before)
"""


def printed(program: str, prepare: str) -> int:
    """What a program prints in a process of its own."""
    code = program.format(prepare=prepare)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told this")
def test_large_blocks_go_back_to_the_system_when_they_are_freed() -> None:
    assert printed(CHURN, "") > 40, "without it they are kept, so this test tells nothing"
    assert printed(CHURN, "return_large_blocks()") < 5


def test_rows_of_a_document_do_not_make_the_collector_run() -> None:
    assert printed(COLLECTIONS, "") > 20, "without it it runs, or this test tells nothing"
    assert printed(COLLECTIONS, "collect_rarely()") == 0

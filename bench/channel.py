"""Processes of the benchmark: a module in a process of its own, asked line by line.

A child says first that it is ready, then answers each line `VERB ARGUMENT` with one line of JSON.
It ends when its standard input does, and by itself after a while, so that none is left behind.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.children import WITHOUT

ROOT = Path(__file__).resolve().parent.parent
LIFETIME = 600  # seconds after which a child ends by itself
END_WITHIN = 10.0  # seconds from the end of its input to the end of a child


class BenchError(Exception):
    """Why a measure could not be taken, for the person who asked for it."""


class Child:
    """A running child. `ready` is what it said first."""

    def __init__(self, module: str, process: "subprocess.Popen[str]") -> None:
        self._module = module
        self._process = process
        self.ready = self._answer()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, verb: str, argument: object = "") -> Any:
        """The answer to one line; raises BenchError if the child has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{verb} {argument}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise BenchError(f"{self._module} has ended") from None
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"{self._module} has ended; its own words are above")
        return json.loads(line)


@contextmanager
def child(module: str, *arguments: object, without: str = "") -> Iterator[Child]:
    """Runs `bench.children.MODULE` until the end of the block; ends it by its process id.

    Packages that `without` names are hidden from it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", f"bench.children.{module}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, WITHOUT: without},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Child(module, process)
    finally:
        end(process)


def end(process: "subprocess.Popen[Any]") -> None:
    """Closes the input of a process and waits for its end; insists where it does not come."""
    if process.stdin is not None:
        process.stdin.close()
    else:
        process.terminate()
    try:
        process.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def answer(ready: object, verbs: Mapping[str, Callable[[str], object]]) -> None:
    """The child's side: says `ready`, then answers until its standard input ends."""
    signal.alarm(LIFETIME)
    print(json.dumps(ready), flush=True)
    for line in sys.stdin:
        verb, _, argument = line.strip().partition(" ")
        print(json.dumps(verbs[verb](argument)), flush=True)

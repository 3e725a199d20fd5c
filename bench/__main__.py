"""The command: `python -m bench [--quick] [--only NAME]`."""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import FrameType

from bench import agents, changed, commits, events, ingest, memory, prometheus, scrape, visible
from bench.channel import BenchError
from bench.measures import Row
from bench.plan import QUICK, Plan
from bench.table import markdown

MEASURES: dict[str, Callable[[Plan], Iterator[Row | str]]] = {
    "scrape": scrape.rows,
    "changed": changed.rows,
    "prometheus": prometheus.rows,
    "ingest": ingest.rows,
    "memory": memory.rows,
    "events": events.rows,
    "agents": agents.rows,
    "visible": visible.rows,
    "commits": commits.rows,
}
LONGEST = 1200  # seconds after which the benchmark gives up
PACKAGES = ("prometheus_client", "msgspec", "pydantic", "starlette", "uvicorn", "uvloop", "isal")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints the table. Exit status: 0, or 1 where something could not be measured;
    a target that is missed is told, and is no failure."""
    given = _parser().parse_args(arguments)
    plan = QUICK if given.quick else Plan()
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(LONGEST)
    began = time.monotonic()
    rows: list[Row] = []
    remarks: list[str] = []
    failed = ""
    try:
        for name in given.only or MEASURES:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            for told in MEASURES[name](plan):
                if isinstance(told, Row):
                    rows.append(told)
                else:
                    remarks.append(told)
    except BenchError as error:
        failed = f"bench: {error}"
    remarks.append(f"Took {time.monotonic() - began:.0f} s.")
    print("\n".join([_machine(), "", markdown(rows), "", *remarks]))
    print(failed, file=sys.stderr, end="\n" if failed else "")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and few rounds, to see that it works"
    )
    parser.add_argument(
        "--only", action="append", choices=MEASURES, help="one measure; may be repeated"
    )
    return parser


def _give_up(number: int, frame: FrameType | None) -> None:
    raise BenchError(f"not done in {LONGEST} s")


def _machine() -> str:
    """The machine and the versions, in one paragraph."""
    load = os.getloadavg()[0]
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} processors, {platform.platform()}, Python {platform.python_version()};"
        f" {packages}. Load average at the end: {load:.1f}."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    sys.exit(main())

"""Ledgers that can not be opened, or not be written: gauges go on, and the trouble is told."""

import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e import processes as run
from tests.e2e.counts import counted, true_contacts
from tests.e2e.pairs import log_lines
from tests.e2e.scrapes import scrape
from tests.e2e.test_restarts import document, first_reading, site

pytestmark = pytest.mark.e2e

FAILURES = "contactcenter_exporter_ledger_failures_total"
TODAY = "contactcenter_queue_window_offered_contacts"
WAITING = "contactcenter_queue_waiting_contacts"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[run.Simulator]:
    with site(tmp_path_factory.mktemp("vendor")) as simulator:
        yield simulator


def a_directory(path: Path) -> None:
    path.mkdir()


def another_file(path: Path) -> None:
    path.write_bytes(b"a shopping list\n" * 1000)


def a_damaged_database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)


def contents(path: Path) -> bytes:
    """What is there; of a directory, what is in it."""
    return path.read_bytes() if path.is_file() else repr(list(path.iterdir())).encode()


@pytest.mark.parametrize("spoil", [a_directory, another_file, a_damaged_database])
def test_a_ledger_that_can_not_be_opened_is_left_out_and_left_alone(
    vendor: run.Simulator, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    spoil(ledger)
    before = contents(ledger)
    flags = (f"--ledger.path={ledger}", "--log.format=json")
    with run.exporter(tmp_path, document(vendor.url), *flags) as exporter:
        run.wait_until(lambda: scrape(exporter).family(WAITING), "gauges are served")
        shown = scrape(exporter)
        assert shown.counters() == {}
        assert (shown.value(FAILURES) or 0) >= 1
        assert exporter.status()["ledger"]["state"] == "not opened"
    errors = [line for line in log_lines(exporter.log) if line["level"] == "error"]
    assert [str(ledger) in line["detail"] for line in errors] == [True]
    assert contents(ledger) == before


class Disk:
    """Where a ledger may run out of space."""

    def __init__(self, path: Path, fill: Callable[[int], None], free: Callable[[int], None]):
        """`fill` and `free` take and give space, given the process id of who writes there."""
        self.path = path
        self.fill = fill
        self.free = free


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk, or, for who may not mount one, a limit of the size of files."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield limited(place)
        return
    try:
        yield filled(place)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def filled(place: Path) -> Disk:
    """A disk that somebody else's file fills."""
    filler = place / "filler"

    def write_on() -> None:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def fill(_: int) -> None:
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            write_on()

    return Disk(place, fill, lambda _: filler.unlink())


def limited(place: Path) -> Disk:
    """A place where no file of the exporter may grow over what its log needs."""
    unlimited = resource.RLIM_INFINITY

    def fill(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (16 * 1024, unlimited))

    def free(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))

    return Disk(place, fill, free)


def test_a_full_disk_freezes_counters_until_there_is_space_again(
    tmp_path: Path, disk: Disk
) -> None:
    flags = (f"--ledger.path={disk.path / 'ledger.sqlite'}", "--log.format=json")
    with (
        site(tmp_path) as simulator,
        run.exporter(tmp_path, document(simulator.url), *flags) as exporter,
    ):
        before = first_reading(simulator, exporter)
        disk.fill(exporter.pid)
        for seconds in (300, 600):
            simulator.post("_advance", {"seconds": seconds})
            gauges_go_on_and_a_commit_fails(simulator, exporter)
        frozen = scrape(exporter)
        assert frozen.counters() == before.counters()
        assert frozen.up() == before.up()
        assert exporter.status()["ledger"]["state"] == "failing"
        assert run.answers(f"{exporter.url}-/healthy")

        disk.free(exporter.pid)
        truth = true_contacts(simulator)
        assert truth != counted(before)
        run.wait_until(lambda: counted(scrape(exporter)) == truth, "counters go on", 10)
        assert exporter.status()["ledger"]["state"] == "ok"
        told = [line for line in log_lines(exporter.log) if "ledger" in line["logger"]]
        assert [line["level"] for line in told] == ["error", "info"]


def gauges_go_on_and_a_commit_fails(simulator: run.Simulator, exporter: run.Exporter) -> None:
    """Waits until what is so now is shown, and could not be committed."""
    run.wait_until(lambda: today(exporter) == true_today(simulator), "gauges go on")
    failed = scrape(exporter).value(FAILURES) or 0
    run.wait_until(lambda: (scrape(exporter).value(FAILURES) or 0) > failed, "a commit fails")


def today(exporter: run.Exporter) -> float:
    """The vendor's total of the day over all services, as it is shown."""
    return sum(scrape(exporter).family(TODAY).values())


def true_today(simulator: run.Simulator) -> float:
    """The same, as it is."""
    samples = simulator.get("_truth", feed="service_stats")["samples"]
    return sum(float(one["value"]) for one in samples if one["name"] == TODAY)

"""The commands as processes: exit codes, what they say, and that the demo leaves nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import exporter
from tests.e2e import processes as run
from tests.e2e.pairs import PATHS
from tests.e2e.scrapes import Scrape, labels_of, scrape

pytestmark = pytest.mark.e2e

PROGRAM = (sys.executable, "-m", "exporter")
STREAMS = {"agent_events", "interaction_events"}
NOT_THERE = "http://127.0.0.1:9/"


def ended(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ended by itself, without a traceback."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CCE_")}
    done = subprocess.run(
        [*PROGRAM, *arguments], cwd=cwd, env=clean, capture_output=True, text=True, timeout=30
    )
    assert "Traceback" not in done.stderr
    return done


def test_without_a_configuration_it_points_to_the_demo(tmp_path: Path) -> None:
    for command in ([], ["run"], ["check"]):
        done = ended(tmp_path, *command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "`contact-center-exporter demo` runs without any" in done.stderr


def test_a_bad_configuration_is_named_by_its_path(tmp_path: Path) -> None:
    source = run.source(NOT_THERE, http={"timeout": "soon"}, feeds={"service_stat": {}})
    file = run.configuration(tmp_path, {"sources": {"acme-us": source}})
    done = ended(tmp_path, "--config.file", str(file))
    assert done.returncode == 2
    assert "sources.acme-us.http.timeout" in done.stderr
    assert "sources.acme-us.feeds.service_stat" in done.stderr
    assert "service_stats" in done.stderr, "the nearest known key"


def test_an_unknown_flag_is_wrong_usage(tmp_path: Path) -> None:
    done = ended(tmp_path, "--web.listen-adress=:1")
    assert done.returncode == 2
    assert "--web.listen-adress" in done.stderr


def test_a_port_in_use_ends_it(tmp_path: Path, taken_port: int) -> None:
    file = run.configuration(tmp_path, {"sources": {"acme-us": run.source(NOT_THERE)}})
    address = f"127.0.0.1:{taken_port}"
    for command in (
        ["run", f"--config.file={file}", f"--web.listen-address={address}"],
        ["demo", f"--port={taken_port}"],
    ):
        done = ended(tmp_path, *command)
        assert done.returncode == 1
        assert f"can not listen on {address}: Address already in use" in done.stderr


def test_check_plan_and_metrics_print_and_ask_nobody(tmp_path: Path) -> None:
    with run.simulator(tmp_path) as simulator:
        run.configuration(tmp_path, {"sources": {"acme-us": run.source(simulator.url)}})
        checked = ended(tmp_path, "check")
        planned = ended(tmp_path, "plan")
        asked = simulator.get("_requests")["counts"]
    assert (checked.returncode, planned.returncode, asked) == (0, 0, {})
    assert "client_name: DEMO" in checked.stdout
    assert "sources.acme-us.password" in checked.stderr, "the warning of a plain password"
    for feed in PATHS:
        assert f"  {feed} " in planned.stdout
    reference = ended(tmp_path, "metrics")
    assert reference.returncode == 0
    assert "`contactcenter_queue_waiting_contacts`" in reference.stdout
    document = json.loads(ended(tmp_path, "metrics", "--format", "json").stdout)
    assert len(document["families"]) > 50


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An environment in which the package alone is installed, as a wheel would leave it."""
    place = tmp_path_factory.mktemp("site-packages")
    package = Path(exporter.__file__).parent
    shutil.copytree(package, place / "exporter", ignore=shutil.ignore_patterns("__pycache__"))
    return {"PYTHONPATH": str(place)}


@contextmanager
def demo(cwd: Path, installed: Mapping[str, str]) -> Iterator[tuple[run.Exporter, psutil.Process]]:
    """The demo in an empty directory, its exporter and the process of its simulator."""
    port = run.free_port()
    command = (*PROGRAM, "demo", "--port", str(port), "--speed", "60")
    with run.process(*command, cwd=cwd, environment=installed, name="demo") as running:
        url = f"http://127.0.0.1:{port}/"
        run.wait_until(lambda: run.serves(running, f"{url}-/healthy"), "the demo answers")
        (simulator,) = psutil.Process(running.pid).children()
        yield run.Exporter(url, running.pid, running, cwd / "demo.log"), simulator


def counts_events(seen: Scrape) -> bool:
    """Whether each stream has counted events, and what is made of them."""
    counted = seen.family("contactcenter_feed_events_total")
    feeds = {labels_of(line)["feed"] for line, value in counted.items() if value}
    waits = sum(seen.family("contactcenter_contact_wait_seconds_count").values())
    seconds = sum(seen.family("contactcenter_agent_state_seconds_total").values())
    return feeds == STREAMS and waits > 0 and seconds > 0


def gone(process: psutil.Process) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has, too."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_the_demo_shows_a_contact_center_and_ctrl_c_ends_all_of_it(
    tmp_path: Path, installed: Mapping[str, str]
) -> None:
    with demo(tmp_path, installed) as (shown, simulator):
        wanted = {*PATHS, *STREAMS, "session"}
        run.wait_until(lambda: scrape(shown).up() == wanted, "every feed of the demo is up")
        run.wait_until(lambda: counts_events(scrape(shown)), "both streams tell of events")
        command_line = simulator.cmdline()
        assert "exporter.simulators" in command_line
        assert "demo-password" not in " ".join(command_line)
        said = shown.log.read_text()
        assert f"status page  {shown.url}\n" in said
        assert f"metrics      {shown.url}metrics\n" in said
        assert run.answers(shown.url)
        shown.process.send_signal(signal.SIGINT)
        assert shown.process.wait(10) == 0
        assert gone(simulator)
    assert "Traceback" not in shown.log.read_text()


def test_a_demo_that_is_killed_takes_its_simulator_with_it(
    tmp_path: Path, installed: Mapping[str, str]
) -> None:
    with demo(tmp_path, installed) as (shown, simulator):
        shown.process.kill()
        shown.process.wait()
        run.wait_until(lambda: gone(simulator), "its simulator ends", 10)

"""The simulator as a process on a real socket."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO

import httpx
import pytest

from exporter.simulators.__main__ import main
from tests.simulators.site import CREDENTIALS, TOKEN

STATS = "/realtime/service/stats"
DEADLINE_SECONDS = 20.0
SMALL = ("--services", "6", "--agents", "20", "--campaigns", "3")


class Running:
    """A simulator process and a client of it that is signed in."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "exporter.simulators", "livevox", *SMALL, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.line = _stream(self.process.stdout).readline()
        self.url = self.line.removeprefix("listening on ").strip().rstrip("/")
        self.client = httpx.Client(base_url=self.url, timeout=DEADLINE_SECONDS)

    def log_in(self) -> None:
        """Sign in, and carry the session from now on."""
        answer = self.client.post("/session/login", json=CREDENTIALS, headers=TOKEN)
        self.client.headers["LV-Session"] = answer.json()["sessionId"]

    def fault(self, name: str, **options: object) -> None:
        """Ask for a fault of service/stats."""
        body = {"fault": name, "path": STATS, **options}
        assert self.client.post("/_faults", json=body).status_code == 201

    def wait_for(self, in_flight: int) -> None:
        """Wait until so many requests have no answer yet."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.client.get("/_requests").json()["in_flight"] != in_flight:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def end(self) -> int:
        """End it if it has not ended; returns its exit status."""
        self.client.close()
        _stream(self.process.stdin).close()
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(DEADLINE_SECONDS)
        _stream(self.process.stdout).close()
        return status


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """A simulator for as long as the context lasts."""
    simulator = Running("--exit-with-stdin", *arguments)
    try:
        yield simulator
    finally:
        simulator.end()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    """A paused simulator that somebody is signed in to."""
    with running("--paused") as started:
        started.log_in()
        yield started


def test_it_says_where_it_listens_and_stands_still(simulator: Running) -> None:
    assert simulator.line == f"listening on {simulator.url}/\n"
    clock = simulator.client.get("/_clock").json()
    assert (clock["paused"], clock["now"]) == (True, clock["start"])
    assert abs(clock["start"] / 1000 - time.time()) < DEADLINE_SECONDS
    assert len(simulator.client.post(STATS).json()["stats"]) == 5


def test_a_body_that_is_cut_off(simulator: Running) -> None:
    simulator.fault("cut", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.client.post(STATS)
    assert simulator.client.post(STATS).json()["stats"]


def test_an_answer_that_comes_late(simulator: Running) -> None:
    simulator.fault("slow", seconds=0.3, times=1)
    began = time.monotonic()
    assert simulator.client.post(STATS).json()["stats"]
    assert time.monotonic() - began >= 0.3


def test_an_answer_that_dribbles(simulator: Running) -> None:
    simulator.fault("slow", seconds=0.4, dribble=True, times=1)
    times = []
    with simulator.client.stream("POST", STATS) as answer:
        for _ in answer.iter_raw():
            times.append(time.monotonic())
    assert len(times) > 3
    assert times[-1] - times[0] >= 0.3


@pytest.mark.parametrize("dribble", [False, True])
def test_a_client_that_does_not_wait_for_a_slow_answer_is_forgotten(
    simulator: Running, dribble: bool
) -> None:
    simulator.fault("slow", seconds=60, dribble=dribble, times=1)
    with pytest.raises(httpx.ReadTimeout):
        simulator.client.post(STATS, timeout=0.2)
    simulator.wait_for(in_flight=0)


def test_a_request_that_hangs_until_the_faults_are_lifted(simulator: Running) -> None:
    simulator.fault("hang", times=2)
    with pytest.raises(httpx.ReadTimeout):
        simulator.client.post(STATS, timeout=0.2)
    simulator.wait_for(in_flight=0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(httpx.post, simulator.url + STATS, headers=simulator.client.headers)
        simulator.wait_for(in_flight=1)
        simulator.client.delete("/_faults")
        assert waiting.result(DEADLINE_SECONDS).json()["stats"]
    assert simulator.client.get("/_requests").json()["max_in_flight"] >= 1


def test_anything_but_http_is_refused(simulator: Running) -> None:
    host, port = simulator.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=DEADLINE_SECONDS)
    connection.request(
        "GET", "/realtime", headers={"Upgrade": "websocket", "Connection": "Upgrade"}
    )
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_connections_open(number: signal.Signals) -> None:
    with running() as simulator:
        simulator.log_in()
        simulator.fault("hang")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(simulator.client.post, STATS)
            deadline = time.monotonic() + DEADLINE_SECONDS
            while httpx.get(simulator.url + "/_requests").json()["in_flight"] != 1:
                assert time.monotonic() < deadline
            began = time.monotonic()
            simulator.process.send_signal(number)
            assert simulator.process.wait(DEADLINE_SECONDS) == 0
            assert time.monotonic() - began < 5
            assert isinstance(waiting.exception(DEADLINE_SECONDS), httpx.TransportError)


def test_it_ends_with_its_standard_input() -> None:
    with running() as simulator:
        _stream(simulator.process.stdin).close()
        assert simulator.process.wait(DEADLINE_SECONDS) == 0


def test_time_passes_at_its_speed_from_the_given_start() -> None:
    start = "2026-03-01T12:00:00"
    with running("--speed", "36000", "--start", start, "--password", "another") as simulator:
        answer = simulator.client.post(
            "/session/login", json={**CREDENTIALS, "password": "another"}, headers=TOKEN
        )
        assert answer.status_code == 200
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (clock := simulator.client.get("/_clock").json())["now"] < clock["start"] + 7_200_000:
            assert time.monotonic() < deadline
        assert clock["start"] == 1_772_366_400_000


@pytest.mark.parametrize("platform", ["talkdesk", "tiledesk"])
def test_platforms_to_come(platform: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([platform]) == 2
    assert f"no simulator of {platform} yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["genesys"], "invalid choice: 'genesys'"),
        (["livevox", "--speed", "0"], "greater than 0"),
        (["livevox", "--agents", "-1"], "agents must be at least 0"),
        (["livevox", "--port", "70000"], "--port"),
        (["livevox", "--start", "noon"], "--start"),
    ],
)
def test_a_command_line_that_is_not_understood(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


def test_an_address_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["livevox", "--port", str(port)]) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_it_listens_on_ipv6() -> None:
    with running("--host", "::1") as simulator:
        assert simulator.url.startswith("http://[::1]:")
        assert simulator.client.get("/_clock").status_code == 200


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream

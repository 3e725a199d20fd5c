"""The feeds of a simulator process, over real sockets."""

import json
from collections.abc import Iterator

import httpx
import pytest

from exporter.simulators.__main__ import main
from tests.simulators.feed import BOTH, POLL, STREAM
from tests.simulators.test_serving import Running, running


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    """A paused simulator with little patience that somebody is signed in to."""
    with running(
        "--paused", "--long-poll", "0.2", "--keepalive", "0.1", "--idle-close", "1"
    ) as one:
        one.log_in()
        yield one


def first_event(simulator: Running) -> str:
    """The id of a new event after which a test creates its own."""
    add(simulator, "burst", events=1)
    last = simulator.client.get("/_events?feed=interaction_events").json()["last"]
    listed = simulator.client.get(f"/_events?feed=interaction_events&after={last - 1}").json()
    event_id: str = listed["events"][0]["event"]["eventId"]
    return event_id


def add(simulator: Running, name: str, **options: object) -> None:
    """Ask for a fault of the stream."""
    body = {"fault": name, "path": STREAM, **options}
    assert simulator.client.post("/_faults", json=body).status_code == 201


def pieces(simulator: Running, token: str) -> Iterator[bytes]:
    """What a stream sends after an event, until its end."""
    with simulator.client.stream(
        "POST", STREAM, json={"token": token}, headers={"Accept": BOTH}
    ) as answer:
        yield from answer.iter_bytes()


def test_a_burst_streams_whole_and_the_stream_ends_when_idle(simulator: Running) -> None:
    token = first_event(simulator)
    add(simulator, "burst", events=20_000)
    text = b"".join(pieces(simulator, token)).decode()
    lines = [line for line in text.split("\n") if line]
    events = [line for line in lines if line.startswith("data: ")]
    assert len({json.loads(line.removeprefix("data: "))["eventId"] for line in events}) == 20_000
    assert any(line.startswith(": keepalive") for line in lines)
    assert lines[-1].startswith(":")


def test_a_cut_stream_is_seen_as_one(simulator: Running) -> None:
    token = first_event(simulator)
    add(simulator, "cut_events", every=20, times=1)
    add(simulator, "burst", events=100)
    taken: list[bytes] = []
    with pytest.raises(httpx.RemoteProtocolError):
        taken.extend(pieces(simulator, token))
    got = b"".join(taken)
    assert 10 <= got.count(b"\n\n") <= 30
    assert got.rpartition(b"\n\n")[2].startswith(b"data: {")


def test_a_cut_page_is_seen_as_one_and_comes_again(simulator: Running) -> None:
    token = simulator.client.post(POLL, json={}).json()["token"]
    fault = {"fault": "cut_events", "path": POLL, "every": 20, "times": 1}
    assert simulator.client.post("/_faults", json=fault).status_code == 201
    add(simulator, "burst", events=100)
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.client.post(POLL, json={"token": token})
    assert len(simulator.client.post(POLL, json={"token": token}).json()["events"]) == 100


def test_a_long_poll_waits_as_told(simulator: Running) -> None:
    token = simulator.client.post(POLL, json={}).json()["token"]
    answer = simulator.client.post(POLL, json={"token": token})
    assert answer.json()["events"] == []
    assert 0.2 <= answer.elapsed.total_seconds() < 5


@pytest.mark.parametrize("flag", ["--long-poll", "--keepalive", "--idle-close"])
def test_a_wait_must_be_longer_than_nothing(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["livevox", flag, "0"])
    assert ended.value.code == 2
    assert "must be greater than 0" in capsys.readouterr().err

"""Discovery of agents: who is who, where the feed of agents' events needs to know."""

from typing import Any

import msgspec
import pytest

from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Document, Reading, Request
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import AT, account, canned, feed
from tests.vendors.livevox.events import ON
from tests.vendors.livevox.test_directory import Lists, discovered, services_of


def _with_agents(*agents: object, page: int = 1000) -> Lists:
    """The invented account, with a list of agents of so many a page."""

    def lists(request: Request) -> dict[str, Any]:
        if request.path == "configuration/agents":
            offset = int(dict(request.params)["offset"])
            more = "/more" if offset + page < len(agents) else None
            return {"agent": agents[offset : offset + page], "next": more}
        found: dict[str, Any] = msgspec.json.decode(canned(request))
        return found

    return lists


def _directory(found: Document[Any], before: LiveVoxDirectory | None = None) -> LiveVoxDirectory:
    assert found.learned is not None
    after: LiveVoxDirectory = found.learned(before or LiveVoxDirectory())
    return after


def test_agents_are_listed_where_their_events_are_read() -> None:
    found, asked = discovered(
        _with_agents(
            {"id": 5001, "loginId": "AONE", "firstName": "A", "active": True},
            {"id": "5002", "loginId": "aTwo"},
            {"id": 5003, "loginId": None},
            {"id": 5004, "loginId": " "},
            {"id": 5005.0, "loginId": 77},
        ),
        feeds={"agent_events": ON},
    )
    directory = _directory(found)
    assert directory.agent_logins == {"5001": "AONE", "5002": "aTwo", "5005": "77"}
    assert directory.agent_ids == {"aone": "5001", "atwo": "5002", "77": "5005"}
    assert services_of(found).keys() == {"7001", "7002", "7003", "7004"}
    agents = [request for request in asked if request.path == "configuration/agents"]
    assert [(one.method, dict(one.params)) for one in agents] == [
        ("GET", {"count": "1000", "offset": "0"})
    ]
    assert not found.remark


def test_agents_are_not_listed_where_nobody_needs_them() -> None:
    _, asked = discovered(_with_agents({"id": 1, "loginId": "A"}))
    assert "configuration/agents" not in {request.path for request in asked}


def test_the_list_of_agents_is_read_to_its_end() -> None:
    everybody = [{"id": n, "loginId": f"A{n}"} for n in range(2500)]
    found, asked = discovered(_with_agents(*everybody), feeds={"agent_events": ON})
    assert len(_directory(found).agent_ids) == 2500
    assert sum(request.path == "configuration/agents" for request in asked) == 3


def test_agents_that_can_not_be_read_are_counted_and_the_others_stay() -> None:
    found, _ = discovered(
        _with_agents({"id": None, "loginId": "A"}, 7, {"id": 1, "loginId": {}}, {"id": 2}),
        feeds={"agent_events": ON},
    )
    assert _directory(found).agent_logins == {}
    assert (found.rejected.rows, found.rejected.fields) == (2, {"agent.loginId": 1})


def _failing_agents(error: FeedError) -> Document[Any]:
    of = account(feeds={"agent_events": ON})
    before = LiveVoxDirectory(agent_logins={"1": "KNOWN"}, agent_ids={"known": "1"})
    reading: Reading[LiveVoxDirectory] = feed(of, "directory").read(before, "", AT)
    requests = next(reading)
    while True:
        try:
            if requests[0].path == "configuration/agents":
                requests = reading.throw(error)
            else:
                requests = reading.send([Answer(canned(one), AT) for one in requests])
        except StopIteration as stop:
            found: Document[Any] = stop.value
            return found


def test_a_refused_list_of_agents_does_not_lose_the_services_nor_whom_we_know() -> None:
    found = _failing_agents(FeedError(Reason.REJECTED, "HTTP 403"))
    assert found.remark == "the list of agents was refused"
    directory = _directory(found)
    assert directory.queues.keys() == {"7001", "7002", "7003", "7004"}
    assert (directory.agent_logins, directory.agent_ids) == ({"1": "KNOWN"}, {"known": "1"})


def test_a_failing_list_of_agents_fails_the_feed() -> None:
    with pytest.raises(FeedError):
        _failing_agents(FeedError(Reason.SERVER, "HTTP 500"))

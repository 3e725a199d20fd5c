"""Lists of the simulated LiveVox: call centers, services, agents, campaigns."""

import pytest
from starlette.datastructures import QueryParams

from exporter.simulators.livevox.discovery import page
from tests.simulators.site import START_MS, Site

SEARCH = "/campaign/campaigns/search"
DAY_MS = 86_400_000
MONTH = {"from": START_MS - 30 * DAY_MS, "to": START_MS + DAY_MS}


def test_call_centers_and_their_services(still_site: Site) -> None:
    document = still_site.get("/configuration/callCenters?client=90001")
    assert document["next"] is None
    assert document["callCenter"][0] == {"callCenterId": 31, "name": "Main", "clientId": 90001}
    services = [
        service["serviceId"]
        for center in document["callCenter"]
        for service in still_site.get(
            f"/configuration/services?callCenter={center['callCenterId']}"
        )["service"]
    ]
    assert sorted(services) == list(range(7001, 7013))


def test_agents_at_work_or_not(still_site: Site) -> None:
    agents = still_site.get("/configuration/agents")["agent"]
    assert len(agents) == 60
    assert set(agents[0]) >= {"id", "loginId", "firstName", "lastName", "phone", "active"}
    assert len({agent["loginId"] for agent in agents}) == 60


def test_pages_follow_each_other_until_the_last() -> None:
    site = Site(queues=5, agents=7, call_centers=1)
    site.log_in()
    path: str | None = "/configuration/services?callCenter=31&count=2"
    pages = []
    while path is not None:
        document = site.get(path)
        pages.append([service["serviceId"] for service in document["service"]])
        path = document["next"]
        assert path is None or path.startswith("/configuration/services?callCenter=31&count=2&off")
    assert pages == [[7001, 7002], [7003, 7004], [7005]]
    assert site.get("/configuration/agents?offset=50") == {"agent": [], "next": None}


def test_a_page_has_at_most_a_thousand() -> None:
    items = [{"id": number} for number in range(1003)]
    first = page("agent", items, "/configuration/agents", QueryParams("count=5000"))
    assert len(first["agent"]) == 1000
    assert first["next"] == "/configuration/agents?count=1000&offset=1000"
    last = page("agent", items, "/configuration/agents", QueryParams("count=1000&offset=1000"))
    assert (len(last["agent"]), last["next"]) == (3, None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/configuration/agents?count=0", 400),
        ("/configuration/agents?count=many", 400),
        ("/configuration/agents?offset=-1", 400),
        ("/configuration/services", 400),
        ("/configuration/services?callCenter=99", 404),
        ("/configuration/callCenters?client=1", 403),
    ],
)
def test_lists_that_can_not_be_given(still_site: Site, path: str, status: int) -> None:
    assert set(still_site.get(path, status)) == {"code", "message"}


def test_campaigns_of_the_last_days(still_site: Site) -> None:
    document = still_site.post(f"{SEARCH}?count=1000&offset=0", {"dateRange": MONTH})
    assert document["next"] is None
    rows = document["campaign"]
    assert {row["status"] for row in rows} == {
        "UNASSIGNED", "PREBUILT", "PLAYING", "PAUSED", "COMPLETED",
    }  # fmt: skip
    assert {row["typeId"] for row in rows} == {1, 5}
    assert all(isinstance(row["id"], str) and isinstance(row["serviceId"], int) for row in rows)
    older = still_site.post(SEARCH, {"dateRange": {**MONTH, "from": START_MS - 60 * DAY_MS}})[
        "campaign"
    ]
    assert len(older) == len(rows) + 1
    iso = {"from": "2025-10-14T00:00:00+00:00", "to": "2025-12-01T00:00:00+00:00"}
    assert still_site.post(SEARCH, {"dateRange": iso})["campaign"] == rows


def test_campaigns_by_state_service_and_type(still_site: Site) -> None:
    def found(**more: object) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = still_site.post(SEARCH, {"dateRange": MONTH, **more})[
            "campaign"
        ]
        return rows

    assert {row["status"] for row in found(state=["PLAYING", "PAUSED"])} == {"PLAYING", "PAUSED"}
    nested = found(service={"service": [{"id": 7001}]})
    assert {row["serviceId"] for row in nested} == {7001}
    assert found(service=[{"id": "7001"}]) == nested
    assert {row["typeId"] for row in found(type={"type": [{"id": 5}]})} == {5}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dateRange": {"from": 1}},
        {"dateRange": MONTH, "state": "PLAYING"},
        {"dateRange": MONTH, "state": ["BROKEN"]},
        {"dateRange": MONTH, "service": "7001"},
        {"dateRange": MONTH, "colour": "red"},
    ],
)
def test_searches_that_can_not_be_made(still_site: Site, body: object) -> None:
    assert set(still_site.post(SEARCH, body, 400)) == {"code", "message"}

"""Control paths: time, and what was asked."""

import pytest

from exporter.simulators.people import CALL_SESSION_HOST
from tests.simulators.site import START_MS, Site

STATS = "/realtime/service/stats"


def test_a_paused_day_stands_still_and_answers(site: Site) -> None:
    assert site.post("/_pause")["paused"] is True
    before = site.get("/_truth"), site.post(STATS)
    site.advance(3600)
    assert (site.get("/_truth"), site.post(STATS)) == before
    assert site.post("/_advance", {"seconds": 600})["now"] == START_MS + 600_000
    assert site.post(STATS) != before[1]
    assert site.post("/_resume")["paused"] is False
    site.advance(10)
    assert site.get("/_clock")["now"] == START_MS + 610_000


def test_the_clock_says_when_midnight_is(still_site: Site) -> None:
    assert still_site.get("/_clock") == {
        "now": START_MS,
        "start": START_MS,
        "next_midnight": START_MS + 14 * 3_600_000,
        "speed": 1.0,
        "paused": False,
    }


def test_every_request_of_the_platform_is_counted_and_no_control_request() -> None:
    site = Site(queues=2, agents=2)
    session = site.log_in()
    site.post(STATS)
    site.post(STATS)
    site.client.request("GET", f"/session/validate/{session}")
    site.get("/_truth")
    document = site.get("/_requests")
    assert document == {
        "total": 4,
        "in_flight": 0,
        "max_in_flight": 1,
        "counts": {
            "GET /session/validate/{id}": 1,
            f"POST {STATS}": 2,
            "POST /session/login": 1,
        },
        "changes": [],
    }
    site.client.request("DELETE", "/_requests")
    assert site.get("/_requests")["total"] == 0


def test_requests_that_would_change_something_are_told(site: Site) -> None:
    asked = [
        ("POST", "/configuration/services/7001/pacing"),
        ("PUT", "/campaign/campaigns/5550/state"),
        ("DELETE", "/configuration/agents"),
    ]
    for method, path in asked:
        assert site.client.request(method, path, headers=site.headers).status_code in (404, 405)
    site.client.request("GET", "/nowhere")
    site.client.request("DELETE", f"/session/logout/{site.session}")
    changes = [(change["method"], change["path"]) for change in site.get("/_requests")["changes"]]
    assert changes == asked


def test_secrets_are_what_documents_say_of_people(site: Site) -> None:
    secrets = site.get("/_secrets")
    assert {"demo-password", "demo-token", site.session, CALL_SESSION_HOST} <= set(secrets)
    rows = site.post("/realtime/service/agents/status")["agentDetails"]
    calling = next(row for row in rows if row["phone"])
    assert {calling["phone"], calling["account"], calling["agentName"]} <= set(secrets)
    assert calling["sessionId"].endswith(CALL_SESSION_HOST)
    held: list[dict[str, str]] = []
    while not held:
        site.advance(30)
        held = site.post("/realtime/service/calls/status")["callsDetails"]
    assert {held[0]["name"], held[0]["phone"], held[0]["account"]} <= set(secrets)
    agents = site.get("/configuration/agents")["agent"]
    assert {agent["phone"] for agent in agents} <= set(secrets)


def test_no_secret_is_in_the_truth(still_site: Site) -> None:
    truth = still_site.client.request("GET", "/_truth?agents=named").text
    assert [secret for secret in still_site.get("/_secrets") if secret in truth] == []


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/_advance", {}, "seconds is missing"),
        ("/_advance", {"seconds": "ten"}, "seconds must be a number"),
        ("/_advance", {"seconds": True}, "seconds must be a number"),
        ("/_advance", {"seconds": -1}, "less than 0"),
        ("/_advance", {"seconds": 1, "hours": 1}, "unknown: hours"),
        ("/_advance", [1], "must be a JSON object"),
    ],
)
def test_control_requests_that_are_not_understood(
    still_site: Site, path: str, body: object, reason: str
) -> None:
    answer = still_site.client.request("POST", path, json=body)
    assert (answer.status_code, reason in answer.json()["error"]) == (400, True)


def test_a_control_request_that_is_no_json(still_site: Site) -> None:
    answer = still_site.client.request("POST", "/_advance", content=b"{")
    assert (answer.status_code, "not JSON" in answer.json()["error"]) == (400, True)

"""The JSON types of the simulated LiveVox, odd ones included, and what filters select."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulators.site import START_MS, Site

NONE = type(None)
NUMBER = (int, float)
AVERAGES = (
    "Ready", "NotReady", "Talk", "Wrapup", "PreviewDial", "ManualDial", "Hold", "Transferring",
    "Registering", "Dialing", "Reserved",
)  # fmt: skip
DURATIONS = dict.fromkeys(
    (
        "inboundCalls", "outboundCalls", "readyDuration", "totalNotReadyDuration",
        "notReadyLunchDuration", "notReadyTrainingDuration", "notReadyBreakDuration",
        "notReadyMeetingDuration", "notReadyTechDiffDuration", "notReadyOtherDuration",
        "wrapupDuration", "talkDuration", "rpcComplete", "rpcIncomplete", "wpc", "nonContacts",
    ),
    int,
)  # fmt: skip
TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "service/stats": (
        "stats",
        {
            **dict.fromkeys(
                ("cip", "totalOffered", "totalHandled", "totalAbandoned", "averageSpeedOfAnswer",
                 "averageDurationToAbandon", "averageTalkDuration", "averageWrapupDuration",
                 "averageHandleDuration", "totalCallsAnsweredWithinSLA",
                 "totalCallsAbandonedWithinSLA", "totalCallsInQueue", "callsWithAgent",
                 "totalAgents", "longestCallInQueue", "maxHoldTime", "loaded", "remaining",
                 "playingDialable", "percentComplete"), int),
            **dict.fromkeys(("serviceId", "serviceName", "callCenterId", "callCenterName",
                             "pacingMethod", "throttle", "units"), str),
            "calls": list, "abandonRate": NUMBER, "serviceLevel": NUMBER,
        },
    ),
    "service/agents/status": (
        "agentDetails",
        {
            "serviceId": int, "serviceName": str, "agentLoginId": str, "agentName": str,
            "state": str, "stateId": int, "reasonCode": str, "callType": (str, NONE),
            "stateChangedAfter": int, "inboundCalls": NONE, "outboundCalls": NONE,
            "isAgentMonitored": bool, "transactionId": (int, NONE), "sessionId": (str, NONE),
            "account": (str, NONE), "agentSkill": (str, NONE), "phone": (str, NONE),
            "callCenterId": str, "callCenterName": str,
        },
    ),
    "service/calls/status": (
        "callsDetails",
        dict.fromkeys(("serviceId", "serviceName", "name", "account", "phone", "timeStamp",
                       "agentSkill", "priority"), str),
    ),
    "service/agents/averages": (
        "agentAverages",
        dict.fromkeys(("timeStamp", *(f"average{state}Time" for state in AVERAGES)), str),
    ),
    "service/liveConnects": ("liveConnects", {"total": str, "timeStamp": str}),
    "service/agent/stats": (
        "agentStatistics",
        {"agentName": str, "agentStatus": str, "stateChangedTime": int, **DURATIONS},
    ),
    "service/agent/stats/ex": (
        "agentStatistics", {"services": list, "agentName": str, "agentLoginId": str}
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", TYPES)
def test_every_field_has_the_type_of_the_public_samples(still_site: Site, method: str) -> None:
    array, types = TYPES[method]
    rows = still_site.post(f"/realtime/{method}")[array]
    assert rows
    for row in rows:
        assert set(row) == set(types)
        wrong = {name: row[name] for name, wanted in types.items()
                 if not isinstance(row[name], wanted)}  # fmt: skip
        assert wrong == {}


def test_the_services_of_an_agents_day_have_their_types(still_site: Site) -> None:
    types = {"id": int, "callCenterId": str, **DURATIONS}
    agents = still_site.post("/realtime/service/agent/stats/ex")["agentStatistics"]
    services = [service for agent in agents for service in agent["services"]]
    assert any(len(agent["services"]) > 1 for agent in agents)
    for service in services:
        assert {name: type(value) for name, value in service.items()} == types
        reasons = [v for k, v in service.items() if k.startswith("notReady")]
        assert service["totalNotReadyDuration"] == sum(reasons)


def test_times_have_the_documented_units(site: Site) -> None:
    held = site.post("/realtime/service/calls/status")
    assert held["timeStamp"] == str(START_MS)
    assert all(len(row["timeStamp"]) == 10 for row in held["callsDetails"])
    assert site.post("/realtime/service/agents/status")["timeStamp"] == START_MS
    site.advance(2000)
    averages = site.post("/realtime/service/agents/averages", service_filter(7001))
    times = [row["timeStamp"] for row in averages["agentAverages"]]
    assert times == [str(START_MS + 1_800_000), str(START_MS + 2_000_000)]
    assert averages["timeStamp"] == times[1]
    connects = site.post("/realtime/service/liveConnects", service_filter(7001))["liveConnects"]
    newest = START_MS + 1_800_000
    assert [int(row["timeStamp"]) for row in connects] == [
        newest - 300_000 * ago for ago in (5, 4, 3, 2, 1, 0)
    ]


def test_only_services_with_agents_have_statistics(still_site: Site) -> None:
    rows = still_site.post("/realtime/service/stats")["stats"]
    assert [row["serviceId"] for row in rows] == [str(number) for number in range(7001, 7012)]
    assert "7012" in {
        str(row["serviceId"]) for row in still_site.post("/realtime/campaign/stats")["stats"]
    }


def test_units_follow_the_pacing_method(still_site: Site) -> None:
    rows = still_site.post("/realtime/service/stats")["stats"]
    assert {(row["pacingMethod"], row["units"]) for row in rows} == {
        ("Abandon Rate", "%"),
        ("Agent", "lines"),
    }


def test_a_campaign_that_is_built_lacks_what_is_not_known_yet(still_site: Site) -> None:
    rows = still_site.post("/realtime/campaign/stats")["stats"]
    building = [row for row in rows if "loaded" not in row]
    assert len(building) == 1
    assert set(building[0]) == {
        "campaignId", "serviceId", "uploaded", "remaining", "timezoneBreakdown",
    }  # fmt: skip
    built = [row for row in rows if "loaded" in row]
    assert len(built) == 6
    for row in built:
        assert row["loaded"] - row["completed"] == row["remaining"] < row["uploaded"]
        zones = {zone["timezone"]: zone["count"] for zone in row["timezoneBreakdown"]}
        assert sum(zones.values()) == row["remaining"]
        assert zones["SAFE"] == 0


def test_filters_select_services_and_call_centers(still_site: Site) -> None:
    def asked(kind: str, *ids: object) -> list[str]:
        body = {"filter": {kind: [{"id": one} for one in ids]}}
        return [
            row["serviceId"] for row in still_site.post("/realtime/service/stats", body)["stats"]
        ]

    assert asked("service", "7002", 7003) == ["7002", "7003"]
    assert asked("callCenter", 32) == ["7002", "7005", "7008", "7011"]
    assert asked("service", 999) == []
    assert len(asked("service")) == 11
    both = {"filter": {"service": [{"id": 7001}], "callCenter": [{"id": 32}]}}
    assert len(still_site.post("/realtime/service/stats", both)["stats"]) == 5


def test_nothing_as_a_body_asks_for_everything(still_site: Site) -> None:
    path = "/realtime/service/agent/stats/ex"
    empty = still_site.client.request("POST", path, headers=still_site.headers)
    assert empty.json() == still_site.post(path, {})


def test_campaigns_are_filtered_one_way_at_a_time(still_site: Site) -> None:
    path = "/realtime/campaign/stats"
    everything = still_site.post(path)["stats"]
    one = everything[0]
    by_id = {"filter": {"campaign": [{"id": str(one["campaignId"])}]}}
    assert still_site.post(path, by_id)["stats"] == [one]
    by_service = still_site.post(path, service_filter(one["serviceId"]))["stats"]
    assert {row["serviceId"] for row in by_service} == {one["serviceId"]}
    by_center = still_site.post(path, {"filter": {"callCenter": [{"id": 31}]}})["stats"]
    assert 0 < len(by_center) < len(everything)
    both = {"filter": {"campaign": [{"id": 1}], "service": [{"id": 7001}]}}
    assert still_site.post(path, both, 400)["code"] == 202


def test_agents_who_changed_after_a_moment(still_site: Site) -> None:
    path = "/realtime/service/agents/status"
    moment = START_MS - 60_000
    iso = datetime.fromtimestamp(moment / 1000, UTC).isoformat()
    rows = still_site.post(path, {"stateChangedAfter": moment})["agentDetails"]
    assert 0 < len(rows) < len(still_site.post(path)["agentDetails"])
    assert all(row["stateChangedAfter"] > moment for row in rows)
    assert still_site.post(path, {"stateChangedAfter": iso})["agentDetails"] == rows
    assert still_site.post(path, {"stateChangedAfter": str(moment)})["agentDetails"] == rows


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"filters": {}},
        {"filter": []},
        {"filter": {"agent": [{"id": 1}]}},
        {"filter": {"service": [7001]}},
        {"filter": {"service": {"id": 7001}}},
        {"filter": {"service": [{"id": "seven"}]}},
        {"filter": {"service": [{"id": True}]}},
        {"stateChangedAfter": "yesterday"},
        {"stateChangedAfter": "2025-11-13T02:00:00"},
    ],
)
def test_a_request_that_is_not_understood_is_refused(still_site: Site, body: object) -> None:
    answer = still_site.client.request(
        "POST", "/realtime/service/agents/status", json=body, headers=still_site.headers
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message"}


def test_a_body_that_is_no_json_is_refused(still_site: Site) -> None:
    answer = still_site.client.request(
        "POST", "/realtime/service/stats", content=b"{", headers=still_site.headers
    )
    assert answer.status_code == 400


def test_more_than_150_services_are_too_many_at_once() -> None:
    site = Site(queues=155, agents=160, call_centers=2)
    site.log_in()
    many = {"filter": {"service": [{"id": 7001 + n} for n in range(151)]}}
    for path in ("service/stats", "service/agents/status", "campaign/stats"):
        assert site.post(f"/realtime/{path}", status=400)["code"] == 202
        assert site.post(f"/realtime/{path}", many, 400)["code"] == 202
    many["filter"]["service"].pop()
    assert len(site.post("/realtime/service/stats", many)["stats"]) == 150
    assert site.post("/realtime/service/stats", {"filter": {"callCenter": [{"id": 31}]}})["stats"]


def service_filter(service: int) -> dict[str, object]:
    """A filter of one service."""
    return {"filter": {"service": [{"id": service}]}}

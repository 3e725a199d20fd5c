"""Faults: each does what the package says, to what it was asked for, as often as asked."""

import json

import pytest

from tests.simulators.site import CREDENTIALS, START_MS, TOKEN, Site

STATS = "/realtime/service/stats"
STATUS = "/realtime/service/agents/status"
CENTERS = "/configuration/callCenters"


def test_a_status_with_a_time_to_wait(site: Site) -> None:
    site.fault("status", STATS, status=429, retry_after=30, times=1)
    answer = site.client.request("POST", STATS, headers=site.headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert set(answer.json()) == {"code", "message"}
    assert site.post(STATS)["stats"]
    date = "Thu, 13 Nov 2025 03:00:00 GMT"
    site.fault("status", "*", status=503, retry_after=date)
    answer = site.client.request("GET", CENTERS, headers=site.headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, date)
    site.fault("status", STATS, status=204)
    site.client.request("DELETE", "/_faults")
    site.fault("status", STATS, status=204)
    assert site.client.request("POST", STATS, headers=site.headers).content == b""


def test_faults_are_listed_until_they_are_met_or_lifted(site: Site) -> None:
    site.fault("broken_json", STATS, times=2)
    site.fault("empty_body", STATUS)
    site.client.request("POST", STATS, headers=site.headers)
    assert site.get("/_faults")["faults"] == [
        {"path": STATS, "fault": "broken_json", "times": 1},
        {"path": STATUS, "fault": "empty_body", "times": None},
    ]
    site.client.request("POST", STATS, headers=site.headers)
    assert len(site.get("/_faults")["faults"]) == 1
    assert site.client.request("DELETE", "/_faults").json() == {"faults": []}
    assert site.post(STATUS)["agentDetails"]


def test_bodies_that_can_not_be_read(site: Site) -> None:
    site.fault("broken_json", STATS, times=1)
    answer = site.client.request("POST", STATS, headers=site.headers)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert int(answer.headers["content-length"]) > 100
    site.fault("empty_body", STATS, times=1)
    answer = site.client.request("POST", STATS, headers=site.headers)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("shape", "document"),
    [("list", []), ("string", "maintenance"), ("number", 7), ("null", None),
     ("missing_array", {})],
)  # fmt: skip
def test_documents_of_another_shape(site: Site, shape: str, document: object) -> None:
    site.fault("wrong_document", STATS, shape=shape)
    assert site.post(STATS) == document


def test_document_faults_leave_alone_what_they_do_not_fit(site: Site) -> None:
    site.fault("duplicate_row", "/session/login")
    site.fault("wrong_document", "/session/login", shape="missing_array")
    assert site.log_in()
    site.fault("wrong_document", STATS, shape="list")
    site.fault("duplicate_row", STATS)
    assert site.post(STATS) == []
    site.fault("extra_keys", STATUS)
    assert site.post(STATUS, {"filter": 7}, 400)


def test_wrong_types_in_one_row(site: Site) -> None:
    whole = site.post(STATS)["stats"]
    site.fault("wrong_types", STATS, row=1, fields={"cip": "many", "totalAgents": [1]})
    rows = site.post(STATS)["stats"]
    assert rows[1] == {**whole[1], "cip": "many", "totalAgents": [1]}
    assert rows[:1] + rows[2:] == whole[:1] + whole[2:]


def test_a_row_can_be_named_by_its_key(site: Site) -> None:
    site.fault("wrong_types", STATS, id=7003, fields={"cip": "many"}, times=1)
    assert [row["serviceId"] for row in site.post(STATS)["stats"] if row["cip"] == "many"] == [
        "7003"
    ]
    site.fault("wrong_types", STATS, id=1, fields={"cip": "many"}, times=1)
    assert not [row for row in site.post(STATS)["stats"] if row["cip"] == "many"]
    campaigns = "/realtime/campaign/stats"
    first = site.post(campaigns)["stats"][0]["campaignId"]
    site.fault("bad_key", campaigns, id=str(first))
    assert site.post(campaigns)["stats"][0]["campaignId"] == {"unreadable": True}


def test_rows_that_come_twice(site: Site) -> None:
    whole = site.post(STATUS)["agentDetails"]
    site.fault("duplicate_row", STATUS, row=2)
    assert site.post(STATUS)["agentDetails"] == [*whole, whole[2]]


def test_unknown_keys(site: Site) -> None:
    site.fault("extra_keys", STATS)
    document = site.post(STATS)
    assert "addedLater" in document
    assert all("addedLater" in row for row in document["stats"])


def test_nulls(site: Site) -> None:
    site.fault("null_fields", STATS, fields=["cip"], every_row=True, times=1)
    rows = site.post(STATS)["stats"]
    assert all(row["cip"] is None and row["totalAgents"] for row in rows)
    site.fault("null_fields", STATS, times=1)
    first, second, *_ = site.post(STATS)["stats"]
    assert first.pop("serviceId") == "7001"
    assert set(first.values()) == {None}
    assert second["totalAgents"] > 0


def test_lists_that_do_not_end_or_end_too_early() -> None:
    site = Site(queues=3, agents=5, call_centers=1)
    site.log_in()
    path = "/configuration/agents?count=2"
    site.fault("truncated_list", "/configuration/agents", mode="endless")
    first = site.get(path)
    again = site.get(path + "&offset=900")
    assert first["next"]
    assert (again["agent"], bool(again["next"])) == (first["agent"], True)
    site.client.request("DELETE", "/_faults")
    site.fault("truncated_list", "/configuration/agents", mode="no_next")
    short = site.get(path)
    assert (len(short["agent"]), short["next"]) == (2, None)


def test_sessions_end_and_sign_ins_are_refused(site: Site) -> None:
    site.fault("session_expiry")
    site.post(STATS, status=401)
    site.fault("refuse_login", times=1)
    answer = site.client.request("POST", "/session/login", json=CREDENTIALS, headers=TOKEN)
    assert answer.status_code == 401
    site.log_in()
    assert site.post(STATS)["stats"]


def test_a_service_vanishes_and_comes_back(site: Site) -> None:
    site.advance(600)
    counter = "contactcenter_contacts_offered_total"
    before = site.truth(counter, queue_id="7001")
    site.fault("vanish_service", id=7001)
    site.fault("vanish_service", id="7001")
    site.advance(1200)
    assert "7001" not in {row["serviceId"] for row in site.post(STATS)["stats"]}
    services = site.get("/configuration/services?callCenter=31")["service"]
    assert 7001 not in {service["serviceId"] for service in services}
    assert 7001 not in {r["serviceId"] for r in site.post("/realtime/campaign/stats")["stats"]}
    assert 7001 not in {row["serviceId"] for row in site.post(STATUS)["agentDetails"]}
    assert site.truth("contactcenter_queue_agents_logged_in", queue_id="7001") == []
    assert site.truth(counter, queue_id="7001") == before
    site.fault("restore_service", id=7001)
    assert site.row("7001")
    assert site.truth(counter, queue_id="7001") > before


def test_the_counters_of_a_service_that_vanished_are_kept_for_days() -> None:
    site = Site(queues=2, agents=6, campaigns=1)
    site.advance(3600)
    counted = site.truth("contactcenter_contacts_offered_total", queue_id="7001")
    site.fault("vanish_service", id=7001)
    for _ in range(4):
        site.fault("midnight")
    assert site.truth("contactcenter_contacts_offered_total", queue_id="7001") == counted
    assert counted[0] > 0


def test_services_are_renamed_doubled_and_added(site: Site) -> None:
    site.fault("rename_service", id=7002, name="Billing, new")
    assert site.row("7002")["serviceName"] == "Billing, new"
    assert site.fault("duplicate_name", id=7003)["done"]["of"] == 7001
    assert site.row("7003")["serviceName"] == site.row("7001")["serviceName"]
    site.fault("duplicate_name", id=7003, of=7002)
    assert site.row("7003")["serviceName"] == "Billing, new"
    done = site.fault("new_service", name="Overflow")["done"]
    assert (done["name"], done["agents"]) == ("Overflow", 2)
    assert site.row(str(done["id"]))["totalAgents"] == 2
    assert site.fault("new_service")["done"]["name"] == f"New Service {done['id'] + 1}"
    assert site.fault("rename_service", name="First")["done"]["id"] == 7001


def test_midnight_comes_at_once(small_site: Site) -> None:
    counted = "contactcenter_contacts_handled_total"
    done = small_site.fault("midnight")["done"]
    small_site.log_in()
    assert done["now"] == START_MS + 14 * 3_600_000 + 1000
    assert sum(row["totalHandled"] for row in small_site.post(STATS)["stats"]) < 5
    assert sum(small_site.truth(counted)) > 200


def test_a_total_is_corrected_and_counters_wait_for_it(small_site: Site) -> None:
    counter = "contactcenter_contacts_offered_total"
    small_site.advance(600)
    before, counted = (
        small_site.row("7003")["totalOffered"],
        small_site.truth(counter, queue_id="7003")[0],
    )
    done = small_site.fault("correction", n=3, id=7003)["done"]
    assert done == {"id": 7003, "total": "offered", "now": before - 3}
    assert small_site.row("7003")["totalOffered"] == before - 3
    assert small_site.truth(counter, queue_id="7003") == [counted]
    small_site.advance(3600)
    risen = small_site.row("7003")["totalOffered"] - before
    assert risen > 0
    assert small_site.truth(counter, queue_id="7003") == [counted + risen]
    small_site.fault("midnight")
    small_site.advance(9 * 3600)
    small_site.log_in()
    rose = small_site.row("7003")["totalOffered"]
    small_site.advance(600)
    assert small_site.row("7003")["totalOffered"] > rose > 0
    assert small_site.fault("correction", n=1, total="handled")["done"]["total"] == "handled"


def test_totals_reset_late(site: Site) -> None:
    done = site.fault("reset_lag", seconds=600, ids=[7001, 7002])["done"]
    assert done == {"ids": [7001, 7002]}
    assert len(site.fault("reset_lag", seconds=600)["done"]["ids"]) == 6
    site.fault("midnight")
    site.log_in()
    late = {row["serviceId"]: row["totalOffered"] for row in site.post(STATS)["stats"]}
    lagging = {queue: total for queue, total in late.items() if total > 20}
    assert lagging
    assert set(lagging) <= {"7001", "7002", "7003", "7005", "7007", "7009", "7011"}
    site.advance(600)
    rows = site.post(STATS)["stats"]
    assert all(row["totalOffered"] < 10 for row in rows)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "fault is missing"),
        ({"fault": "rain"}, "there is no fault 'rain'; there are bad_key, broken_json"),
        ({"fault": "cut"}, "path must be * or one of /campaign/campaigns/search"),
        ({"fault": "cut", "path": "/realtime/service/status"}, "path must be *"),
        ({"fault": "cut", "path": "*", "times": 0}, "times must be"),
        ({"fault": "cut", "path": "*", "times": True}, "times must be"),
        ({"fault": "cut", "path": "*", "colour": 1}, "unknown: colour"),
        ({"fault": "status", "path": "*"}, "status is missing"),
        ({"fault": "status", "path": "*", "status": 99}, "from 200 to 599"),
        ({"fault": "slow", "path": "*", "seconds": "1"}, "seconds must be a number"),
        ({"fault": "slow", "path": "*", "seconds": 1, "dribble": 1}, "true or false"),
        ({"fault": "wrong_document", "path": "*", "shape": "cube"}, "shape must be one of list"),
        ({"fault": "wrong_types", "path": "*"}, "fields is missing"),
        ({"fault": "wrong_types", "path": "*", "fields": []}, "fields must be an object"),
        ({"fault": "session_expiry", "times": 1}, "unknown: times"),
        ({"fault": "vanish_service", "id": 1}, "there is no service 1"),
        ({"fault": "vanish_service", "id": "x"}, "there is no service 'x'"),
        ({"fault": "rename_service", "name": ""}, "name must not be empty"),
        ({"fault": "duplicate_name", "of": 7001}, "of must be the id of another service"),
        ({"fault": "correction"}, "n is missing"),
        ({"fault": "correction", "n": 0}, "n must be from 1"),
        ({"fault": "correction", "n": 10**9}, "no service fits"),
        ({"fault": "correction", "n": 1, "total": "lost"}, "total must be one of offered"),
        ({"fault": "reset_lag", "seconds": -1}, "must not be less than 0"),
    ],
)
def test_faults_that_are_not_understood(still_site: Site, body: object, reason: str) -> None:
    answer = still_site.client.request("POST", "/_faults", json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]

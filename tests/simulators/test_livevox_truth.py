"""The truth against the documents, by ways that the truth itself does not go."""

from collections import Counter
from typing import Any

import pytest

from exporter.simulators.livevox.truth import FEEDS
from tests.simulators.site import START_MS, Site

HOUR = 3600


def contacts(site: Site, word: str, query: str = "", **labels: str) -> float:
    """The sum of a counter of contacts."""
    return sum(site.truth(f"contactcenter_contacts_{word}_total", query, **labels))


def test_counters_count_what_the_totals_of_the_day_rose_by(site: Site) -> None:
    before = site.row("7003")
    assert contacts(site, "offered") == 0
    site.advance(HOUR)
    after = site.row("7003")
    for word, name in (
        ("offered", "totalOffered"),
        ("handled", "totalHandled"),
        ("abandoned", "totalAbandoned"),
        ("handled_in_threshold", "totalCallsAnsweredWithinSLA"),
        ("abandoned_in_threshold", "totalCallsAbandonedWithinSLA"),
    ):
        assert contacts(site, word, queue_id="7003") == after[name] - before[name]
    assert after["totalOffered"] > before["totalOffered"]


def test_counters_count_from_any_moment_and_through_midnight(small_site: Site) -> None:
    small_site.advance(HOUR)
    first = contacts(small_site, "handled")
    moment = small_site.get("/_clock")["now"]
    small_site.fault("midnight")
    small_site.advance(9 * HOUR)
    small_site.log_in()
    rows = small_site.post("/realtime/service/stats")["stats"]
    today = sum(row["totalHandled"] for row in rows)
    later = contacts(small_site, "handled", f"since={moment}")
    assert contacts(small_site, "handled") == first + later
    assert later > today > 0


def test_every_queue_has_counters_attended_or_not(still_site: Site) -> None:
    assert still_site.truth("contactcenter_contacts_offered_total", queue_id="7012") == [0]
    assert len(still_site.truth("contactcenter_contacts_offered_total", channel="voice")) == 12


def test_persons_are_counted_once_and_in_each_of_their_queues(still_site: Site) -> None:
    rows = still_site.post("/realtime/service/agents/status")["agentDetails"]
    persons = {row["agentLoginId"] for row in rows}
    assert len(persons) < len(rows)
    assert sum(still_site.truth("contactcenter_agents")) == len(persons)
    assert sum(still_site.truth("contactcenter_queue_agents")) == len(rows)
    in_call = {row["agentLoginId"] for row in rows if row["stateId"] == 4}
    assert still_site.truth("contactcenter_agents", state="busy", reason="in_call") == [
        len(in_call)
    ]
    monitored = {row["agentLoginId"] for row in rows if row["isAgentMonitored"]}
    assert still_site.truth("livevox_agents_monitored") == [len(monitored)]
    types = Counter(row["callType"] for row in rows if row["callType"])
    told = sum(still_site.truth("livevox_agents_on_call"))
    assert told == types.total()
    for word, count in types.items():
        assert still_site.truth("livevox_agents_on_call", call_type=word.lower()) == [count]


def test_every_canonical_state_has_a_line_without_a_reason(still_site: Site) -> None:
    samples = still_site.get("/_truth?feed=agent_status")["samples"]
    plain = [
        sample["labels"]["state"]
        for sample in samples
        if sample["name"] == "contactcenter_agents" and "reason" not in sample["labels"]
    ]
    assert sorted(plain) == [
        "after_contact_work", "available", "away", "busy", "offline", "other",
    ]  # fmt: skip
    assert len(still_site.truth("contactcenter_queue_agents", queue_id="7012")) == 6


def test_not_ready_reasons_are_words(site: Site) -> None:
    site.advance(2 * HOUR)
    rows = site.post("/realtime/service/agents/status")["agentDetails"]
    lunching = {row["agentLoginId"] for row in rows if row["reasonCode"] == "Lunch"}
    assert site.truth("contactcenter_agents", state="away", reason="lunch") == [len(lunching)]
    assert lunching


def test_calls_on_hold_are_0_where_there_are_none(site: Site) -> None:
    while not (rows := site.post("/realtime/service/calls/status")["callsDetails"]):
        site.advance(60)
    site.advance(1)
    document = site.post("/realtime/service/calls/status")
    rows = document["callsDetails"]
    assert sum(site.truth("livevox_queue_calls_on_hold")) == len(rows)
    assert len(site.truth("livevox_queue_longest_hold_seconds")) == 12
    oldest = min(rows, key=lambda row: int(row["timeStamp"]))
    seconds = int(document["timeStamp"]) / 1000 - int(oldest["timeStamp"])
    longest = max(site.truth("livevox_queue_longest_hold_seconds"))
    assert longest == pytest.approx(seconds)
    held = Counter(row["serviceId"] for row in rows)
    for queue_id, count in held.items():
        assert sum(site.truth("livevox_queue_calls_on_hold", queue_id=queue_id)) == count
    quiet = next(str(n) for n in range(7001, 7013) if str(n) not in held)
    assert site.truth("livevox_queue_calls_on_hold", queue_id=quiet) == [0]


def test_queues_now(still_site: Site) -> None:
    row = still_site.row("7001")
    family_of = {
        "totalCallsInQueue": "contactcenter_queue_waiting_contacts",
        "callsWithAgent": "contactcenter_queue_active_contacts",
        "totalAgents": "contactcenter_queue_agents_logged_in",
        "cip": "livevox_queue_calls_in_progress",
        "maxHoldTime": "livevox_queue_max_hold_seconds",
        "loaded": "livevox_queue_records_loaded",
        "remaining": "livevox_queue_records_remaining",
        "playingDialable": "livevox_queue_records_playing_dialable",
        "totalHandled": "contactcenter_queue_window_handled_contacts",
        "averageTalkDuration": "contactcenter_queue_window_talk_seconds",
    }
    for name, family in family_of.items():
        assert (name, still_site.truth(family, queue_id="7001")) == (name, [row[name]])
    assert still_site.truth("livevox_queue_pacing_throttle", queue_id="7001", unit="percent") == [
        0.03
    ]
    ratio = still_site.truth("contactcenter_queue_window_service_level_ratio", queue_id="7001")
    assert ratio == [pytest.approx(row["serviceLevel"] / 100)]
    info = still_site.truth(
        "contactcenter_queue_info", queue_id="7001", group_id="31", group="Main"
    )
    assert info == [1]
    assert still_site.truth("contactcenter_queue_waiting_contacts", queue_id="7012") == []


def test_the_longest_wait_is_in_seconds(site: Site) -> None:
    rows: list[dict[str, Any]] = []
    while not rows:
        site.advance(20)
        stats = site.post("/realtime/service/stats")["stats"]
        rows = [row for row in stats if row["longestCallInQueue"]]
    told = site.truth("contactcenter_queue_longest_wait_seconds", queue_id=rows[0]["serviceId"])
    assert told == [rows[0]["longestCallInQueue"] / 1000]


def test_averages_and_connects_of_one_service(site: Site) -> None:
    site.advance(2000)
    one = {"filter": {"service": [{"id": 7002}]}}
    points = site.post("/realtime/service/agents/averages", one)["agentAverages"]
    newest = max(points, key=lambda point: int(point["timeStamp"]))
    told = site.truth("livevox_queue_window_agent_state_seconds", queue_id="7002", state="talk")
    assert told == [int(newest["averageTalkTime"])]
    connects = site.post("/realtime/service/liveConnects", one)["liveConnects"]
    told = site.truth("livevox_queue_window_right_party_connects", queue_id="7002", window="30m")
    assert told == [sum(int(point["total"]) for point in connects)]
    assert told[0] > 0
    assert site.truth("livevox_queue_window_agent_state_seconds", queue_id="7012") == []


def test_agents_time_by_queue_and_by_agent(still_site: Site) -> None:
    agents = still_site.post("/realtime/service/agent/stats/ex")["agentStatistics"]
    here = [row for agent in agents for row in agent["services"] if row["id"] == 7004]
    labels = {"queue_id": "7004", "window": "today"}
    for family, field, more in (
        ("agent_seconds", "readyDuration", {"state": "ready"}),
        ("agent_seconds", "notReadyBreakDuration", {"state": "not_ready", "reason": "break"}),
        ("calls", "inboundCalls", {"direction": "inbound"}),
        ("call_outcomes", "wpc", {"outcome": "wpc"}),
    ):
        told = still_site.truth(f"livevox_queue_window_{family}", **labels, **more)
        assert told == [sum(row[field] for row in here)]
    first = agents[0]
    mine = {"agent": first["agentLoginId"], "queue_id": str(first["services"][0]["id"])}
    assert still_site.truth("livevox_agent_window_seconds", **mine) == []
    told = still_site.truth("livevox_agent_window_seconds", "agents=named", **mine, state="talk")
    assert told == [first["services"][0]["talkDuration"]]


def test_the_older_method_is_the_whole_source_where_it_is_read_alone(still_site: Site) -> None:
    agents = still_site.post("/realtime/service/agent/stats")["agentStatistics"]
    family = "livevox_source_window_agent_seconds"
    assert still_site.truth(family) == []
    told = still_site.truth(family, "feed=agent_stats", state="talk")
    assert told == [sum(agent["talkDuration"] for agent in agents)]
    now = still_site.get("/_clock")["now"]
    ready = [a["stateChangedTime"] for a in agents if a["agentStatus"] == "Ready"]
    longest = still_site.truth("contactcenter_agents_longest_in_state_seconds", state="available")
    assert longest == [(now - min(ready)) / 1000]


def test_agents_who_share_a_name_are_not_told_apart(still_site: Site) -> None:
    agents = still_site.post("/realtime/service/agent/stats")["agentStatistics"]
    names = Counter(agent["agentName"] for agent in agents)
    assert max(names.values()) == 2
    family = "contactcenter_agent_state_since_timestamp_seconds"
    assert len(still_site.truth(family, "agents=named")) == len(agents) - 2


def test_agents_are_in_one_state_each_when_named(still_site: Site) -> None:
    assert still_site.truth("contactcenter_agent_state") == []
    rows = still_site.post("/realtime/service/agents/status")["agentDetails"]
    persons = {row["agentLoginId"] for row in rows}
    values = still_site.truth("contactcenter_agent_state", "agents=named")
    assert (len(values), sum(values)) == (6 * len(persons), len(persons))


def test_campaigns(still_site: Site) -> None:
    rows = still_site.post("/realtime/campaign/stats")["stats"]
    assert sum(still_site.truth("livevox_campaign_records_uploaded")) == sum(
        r["uploaded"] for r in rows
    )
    assert len(still_site.truth("livevox_campaign_records_loaded")) == len(rows) - 1
    zones = [zone["count"] for row in rows for zone in row["timezoneBreakdown"]]
    assert sorted(still_site.truth("livevox_campaign_timezone_records")) == sorted(zones)
    month = {"dateRange": {"from": START_MS - 30 * 86_400_000, "to": START_MS}}
    found = still_site.post("/campaign/campaigns/search", month)["campaign"]
    assert len(still_site.truth("livevox_campaign_info")) == len(found)
    one = found[-1]
    labels = {"campaign_id": one["id"], "campaign": one["name"], "status": one["status"].lower()}
    assert still_site.truth("livevox_campaign_info", **labels) == [1]


def test_the_password_expires_some_days_after_the_sign_in(site: Site) -> None:
    told = site.truth("livevox_password_expiry_timestamp_seconds")
    assert told == [pytest.approx(START_MS / 1000 + 41 * 86_400)]
    assert Site(queues=1, agents=1).truth("livevox_password_expiry_timestamp_seconds") == []


def test_each_feed_has_its_families_and_no_two_the_same(still_site: Site) -> None:
    everything = still_site.get("/_truth?agents=named")["samples"]
    families = {
        feed: {s["name"] for s in still_site.get(f"/_truth?agents=named&feed={feed}")["samples"]}
        for feed in FEEDS
    }
    names = [name for found in families.values() for name in found]
    assert len(names) == len(set(names))
    alone = {name for name in names if not name.startswith("livevox_source_")}
    assert {sample["name"] for sample in everything} == alone
    series = [(sample["name"], *sorted(sample["labels"].items())) for sample in everything]
    assert len(series) == len(set(series))
    two = still_site.get("/_truth?feed=directory&feed=session")["samples"]
    assert {sample["name"] for sample in two} == families["directory"] | families["session"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("since=yesterday", "since"),
        ("agents=all", "hidden or named"),
        ("feed=nothing", "service_stats"),
        ("fed=session", "fed is not known"),
    ],
)
def test_a_question_that_is_not_understood(still_site: Site, query: str, reason: str) -> None:
    assert reason in still_site.get(f"/_truth?{query}", 400)["error"]


def test_a_moment_that_is_forgotten_is_an_error() -> None:
    site = Site(queues=2, agents=6, campaigns=2)
    moment = site.get("/_clock")["now"] + 1000
    for _ in range(4):
        site.fault("midnight")
    assert "no longer known" in site.get(f"/_truth?since={moment}", 400)["error"]
    assert site.get("/_truth")["samples"]

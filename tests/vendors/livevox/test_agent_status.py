"""agents/status: documents in, lines out."""

import pytest

from exporter import families as c
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.agent_states import state_of
from exporter.vendors.livevox.agent_time import Snapshot, in_state
from exporter.vendors.livevox.directory import Include, LiveVoxDirectory
from tests.vendors.livevox.account import AT, account, document, feed, read, rows, samples


@pytest.mark.parametrize(
    ("state_id", "word", "expected"),
    [
        (2, "", ("available", "")),
        (3, "", ("away", "")),
        (4, "Ready", ("busy", "in_call")),
        (5, "", ("after_contact_work", "")),
        (6, "", ("busy", "transferring")),
        (7, "", ("busy", "manual_dial")),
        (8, "", ("busy", "preview_dial")),
        (9, "", ("busy", "dialing")),
        (11, "", ("busy", "hold")),
        (12, "", ("busy", "reserved")),
        (0, "", ("offline", "")),
        (1, "", ("other", "")),
        (10, "", ("other", "")),
        (13, "", ("other", "")),
        (99, "Not Ready", ("away", "")),
        (None, "In Call", ("busy", "in_call")),
        (None, "Wrap Up", ("after_contact_work", "")),
        (None, "", ("other", "")),
        (2.5, "Meditating", ("other", "")),
    ],
)
def test_a_state_is_known_by_id_else_by_text(
    state_id: float | None, word: str, expected: tuple[str, str]
) -> None:
    assert state_of(state_id, word) == expected


def test_each_person_counts_once_with_the_busiest_state() -> None:
    of = account()
    found = samples(read(feed(of, "agent_status"), of.directory), c.AGENTS)
    assert found == {
        '{state="available"}': 0,
        '{state="busy"}': 0,
        '{state="busy",reason="in_call"}': 1,
        '{state="busy",reason="hold"}': 1,
        '{state="after_contact_work"}': 1,
        '{state="away"}': 0,
        '{state="away",reason="lunch"}': 1,
        '{state="away",reason="tech_difficulties"}': 1,
        '{state="offline"}': 0,
        '{state="other"}': 1,
    }


def test_every_state_has_a_line_when_nobody_is_there() -> None:
    of = account()
    found = read(feed(of, "agent_status"), of.directory, rows("agentDetails"))
    assert set(samples(found, c.AGENTS).values()) == {0}
    assert len(samples(found, c.AGENTS)) == 6


def test_who_serves_two_queues_counts_in_each() -> None:
    of = account()
    found = samples(read(feed(of, "agent_status"), of.directory), c.QUEUE_AGENTS)
    assert found['{queue_id="7001",queue="Collections OB",state="busy"}'] == 1
    assert found['{queue_id="7002",queue="Care \\"IB\\"",state="available"}'] == 1
    assert found['{queue_id="7002",queue="Care \\"IB\\"",state="busy"}'] == 1
    assert sum(int(value) for value in found.values()) == 7


def test_a_queue_without_agents_shows_zeros() -> None:
    of = account()
    directory = LiveVoxDirectory(listed={"7009": "Night"})
    found = read(feed(of, "agent_status"), directory, rows("agentDetails"))
    assert samples(found, c.QUEUE_AGENTS)['{queue_id="7009",queue="Night",state="available"}'] == 0


def test_monitored_agents_and_types_of_calls() -> None:
    of = account()
    found = read(feed(of, "agent_status"), of.directory)
    assert samples(found, f.AGENTS_MONITORED) == {"{}": 1}
    assert samples(found, f.AGENTS_ON_CALL) == {'{call_type="outbound"}': 1}


def test_an_open_vocabulary_ends_in_other() -> None:
    of = account()
    many = [
        {"serviceId": 1, "agentLoginId": f"A{n}", "stateId": 3, "reasonCode": f"Reason {n}"}
        for n in range(250)
    ]
    found = samples(
        read(feed(of, "agent_status"), of.directory, rows("agentDetails", *many)), c.AGENTS
    )
    assert found['{state="away",reason="other"}'] == 50
    assert len(found) == 6 + 201


def test_no_single_agent_is_shown_unless_a_source_asks_for_it() -> None:
    of = account()
    for name in ("agent_status", "agent_stats", "agent_stats_ex"):
        poll = feed(of, name)
        assert not [family.name for family in poll.families if family.per_agent]
        found = read(poll, of.directory)
        shown = {family for block in found.blocks for family, _ in block.columns}
        assert not [family.name for family in shown if family.per_agent]


def test_named_agents_have_a_line_for_each_state() -> None:
    of = account(agents="named")
    found = samples(read(feed(of, "agent_status"), of.directory), c.AGENT_STATE)
    assert found['{agent="ATWO",state="busy"}'] == 1
    assert found['{agent="ATWO",state="available"}'] == 0
    assert len(found) == 6 * 6


def test_hashed_agents_are_twelve_hex_digits_that_depend_on_the_key() -> None:
    names: list[set[str]] = []
    for secret in ("one key", "another key"):
        of = account(agents="hashed", agents_key=secret)
        found = samples(read(feed(of, "agent_status"), of.directory), c.AGENT_STATE)
        names.append({label.split('"')[1] for label in found})
    assert all(len(name) == 12 and int(name, 16) >= 0 for name in names[0])
    assert len(names[0]) == 6
    assert not names[0] & names[1]


def test_the_vendors_own_sample_is_read() -> None:
    of = account()
    status = read(feed(of, "agent_status"), of.directory, lambda _: document("agents_status.seed"))
    assert samples(status, c.AGENTS)['{state="away"}'] == 1
    assert status.told_at == 1401958827.016


def test_the_snapshot_has_each_person_who_is_logged_in_once() -> None:
    of = account()
    agents: list[dict[str, object]] = [
        {"serviceId": 1, "agentLoginId": "A", "stateId": 2},
        {"serviceId": 2, "agentLoginId": "A", "stateId": 4},
        {"serviceId": 1, "agentLoginId": "B", "stateId": 3, "reasonCode": "Tech Difficulties"},
        {"serviceId": 1, "agentLoginId": "C", "stateId": 0},
        {"serviceId": 1, "agentLoginId": "D", "stateId": 13},
        {"serviceId": 1, "agentLoginId": 77, "stateId": 5},
    ]
    found = read(
        feed(of, "agent_status"),
        of.directory,
        rows("agentDetails", *agents, timeStamp=1767625201016),
    )
    assert found.snapshot == Snapshot(
        1767625201016,
        {
            "A": in_state("busy", "in_call"),
            "B": in_state("away", "tech_difficulties"),
            "D": in_state("other"),
            "77": in_state("after_contact_work"),
        },
    )


def test_without_a_timestamp_a_snapshot_is_of_the_answers_time() -> None:
    of = account()
    found = read(feed(of, "agent_status"), of.directory, rows("agentDetails"))
    assert found.snapshot == Snapshot(int(AT * 1000), {})


def test_the_snapshot_of_a_limited_source_has_its_own_agents() -> None:
    of = account()
    limited = LiveVoxDirectory(Include(frozenset({"1"})), {"1": "One"}, loaded=True)
    agents = [
        {"serviceId": 1, "agentLoginId": "A", "stateId": 2},
        {"serviceId": 2, "agentLoginId": "A", "stateId": 4},
        {"serviceId": 2, "agentLoginId": "B", "stateId": 4},
    ]
    found = read(feed(of, "agent_status"), limited, rows("agentDetails", *agents))
    assert found.snapshot == Snapshot(int(AT * 1000), {"A": in_state("available")})

"""agent/stats and agent/stats/ex: documents in, lines out."""

from typing import Any

from exporter import families as c
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import account, document, feed, read, samples


def test_the_vendors_own_sample_is_read() -> None:
    of = account()
    stats = read(
        feed(of, "agent_stats_ex"), of.directory, lambda _: document("agent_stats_ex.seed")
    )
    both = '{queue_id="23068",queue="23068",direction="outbound",window="today"}'
    assert samples(stats, f.QUEUE_CALLS)[both] == 3


def test_totals_of_agents_are_summed_by_queue() -> None:
    of = account()
    directory = LiveVoxDirectory(listed={"7001": "Collections OB", "7002": "Care"})
    found = read(feed(of, "agent_stats_ex"), directory)
    seconds = samples(found, f.QUEUE_AGENT_SECONDS)
    one = '{queue_id="7001",queue="Collections OB",'
    assert seconds[one + 'state="talk",window="today"}'] == 3000.0
    assert seconds[one + 'state="not_ready",reason="break",window="today"}'] == 600.0
    assert len(seconds) == 18
    outcomes = samples(found, f.QUEUE_OUTCOMES)
    assert outcomes[one + 'outcome="wpc",window="today"}'] == 1.0
    assert outcomes[one + 'outcome="rpc_incomplete",window="today"}'] == 8.0


def test_named_agents_have_their_totals() -> None:
    of = account(agents="named")
    found = read(feed(of, "agent_stats_ex"), LiveVoxDirectory())
    calls = samples(found, f.AGENT_CALLS)
    key = '{agent="AONE",queue_id="7002",queue="7002",direction="inbound",window="today"}'
    assert calls[key] == 5.0


def _with_stats(of: Any, directory: LiveVoxDirectory) -> Any:
    return read(feed(of, "agent_stats"), directory)


def test_the_longest_in_a_state_is_told_by_the_older_method() -> None:
    of = account()
    found = samples(_with_stats(of, of.directory), c.AGENTS_LONGEST_IN_STATE)
    assert found == {
        '{state="away"}': 600.0,
        '{state="busy"}': 20.0,
        '{state="available"}': 10.0,
    }


def test_a_name_that_is_not_unique_gives_no_sample_of_one_agent() -> None:
    of = account(agents="named")
    status = read(feed(of, "agent_status"), of.directory)
    assert status.learned is not None
    found = samples(_with_stats(of, status.learned(of.directory)), c.AGENT_STATE_SINCE)
    assert found == {'{agent="ATWO"}': 1767625183.0}


def test_totals_of_the_older_method_are_shown_only_while_the_newer_is_off() -> None:
    assert samples(_with_stats(account(), LiveVoxDirectory()), f.SOURCE_CALLS) == {}
    of = account(feeds={"agent_stats": {"enabled": True}, "agent_stats_ex": {"enabled": False}})
    found = samples(_with_stats(of, of.directory), f.SOURCE_CALLS)
    assert found == {
        '{direction="inbound",window="today"}': 13.0,
        '{direction="outbound",window="today"}': 56.0,
    }


def test_an_agent_in_two_batches_counts_once() -> None:
    of = account(feeds={"agent_stats": {"enabled": True}, "agent_stats_ex": {"enabled": False}})
    services = {str(n): "" for n in range(151)}
    directory = LiveVoxDirectory(listed=services, loaded=True)
    found = samples(_with_stats(of, directory), f.SOURCE_CALLS)
    assert found['{direction="outbound",window="today"}'] == 56.0

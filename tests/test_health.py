"""Which feeds are up, how old their data is, what is logged, and when the source is ready."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checked import BROKEN, REFUSED, TTL, Checked


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Messages with their feeds since the last call."""
    found = [(record.message, vars(record)["feed"]) for record in caplog.records]
    caplog.clear()
    return found


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


# ---- What follows the clock -----------------------------------------------------------------


def test_before_anything_was_read_nothing_is_up_and_nothing_has_an_age() -> None:
    assert Checked().now() == {
        'source_up{source="acme"}': "0.0",
        'feed_up{feed="calls"}': "0.0",
        'feed_up{feed="directory"}': "0.0",
        'feed_up{feed="session"}': "0.0",
        'feed_up{feed="stats"}': "0.0",
    }


def test_a_feed_is_up_for_as_long_as_what_it_told_is_shown() -> None:
    health = Checked()
    health.succeeded("stats", health.clock.now)
    health.pass_time(TTL)
    assert health.now()['feed_up{feed="stats"}'] == "1.0"
    health.pass_time(0.001)
    assert health.now()['feed_up{feed="stats"}'] == "0.0"


def test_time_to_live_counts_from_the_request_and_not_from_the_answer() -> None:
    health = Checked()
    began = health.clock.now
    health.pass_time(9)
    health.succeeded("stats", began)
    health.pass_time(TTL - 9)
    assert health.now()['feed_up{feed="stats"}'] == "1.0"
    health.pass_time(0.001)
    assert health.now()['feed_up{feed="stats"}'] == "0.0"


def test_up_does_not_follow_a_wall_clock_that_is_set() -> None:
    health = Checked()
    health.all_succeed()
    health.wall.now += 86400
    assert health.now()['source_up{source="acme"}'] == "1.0"
    assert health.now()['feed_data_age_seconds{feed="stats"}'] == "0.0"


def test_a_failure_alone_takes_nothing_down_before_its_time() -> None:
    health = Checked()
    health.all_succeed()
    health.failed("stats", BROKEN)
    assert health.now()['feed_up{feed="stats"}'] == "1.0"
    assert health.now()['source_up{source="acme"}'] == "1.0"


def test_a_source_is_up_while_every_feed_is_save_auxiliary_ones() -> None:
    health = Checked()
    for feed in ("session", "stats"):
        health.succeeded(feed, health.clock.now)
    assert health.now()['source_up{source="acme"}'] == "0.0"
    health.succeeded("calls", health.clock.now)
    assert health.now()['source_up{source="acme"}'] == "1.0"


def test_a_lost_session_is_down_and_so_is_its_source_until_the_next_sign_in() -> None:
    health = Checked()
    health.all_succeed()
    health.lost("session")
    assert health.now()['feed_up{feed="session"}'] == "0.0"
    assert health.now()['source_up{source="acme"}'] == "0.0"
    health.succeeded("session", health.clock.now)
    health.pass_time(1e9)
    assert health.now()['feed_up{feed="session"}'] == "1.0"


def test_the_last_success_is_a_time_of_the_wall_clock() -> None:
    health = Checked()
    health.succeeded("stats", health.clock.now)
    health.pass_time(30)
    assert health.now()['feed_last_success_timestamp_seconds{feed="stats"}'] == "1763985600.0"


def test_data_gets_older_from_the_age_it_had() -> None:
    health = Checked()
    health.succeeded("stats", health.clock.now, age=12.5)
    health.succeeded("calls", health.clock.now)
    health.pass_time(10)
    assert health.now()['feed_data_age_seconds{feed="stats"}'] == "22.5"
    assert health.now()['feed_data_age_seconds{feed="calls"}'] == "10.0"


def test_a_sign_in_has_no_data_that_could_be_old() -> None:
    health = Checked()
    health.all_succeed()
    assert 'feed_data_age_seconds{feed="session"}' not in health.now()
    assert 'feed_last_success_timestamp_seconds{feed="session"}' in health.now()


@given(st.floats(-1e9, 1e9), st.floats(-100, 100))
def test_no_age_is_negative(age: float, passed: float) -> None:
    health = Checked()
    health.succeeded("stats", health.clock.now, age=age)
    health.clock.now += passed
    assert float(health.now()['feed_data_age_seconds{feed="stats"}']) >= 0


# ---- Log ------------------------------------------------------------------------------------


def test_a_break_and_a_recovery_are_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    health = Checked()
    health.succeeded("stats", 0.0)
    assert logged(caplog) == []
    for _ in range(3):
        health.failed("stats", BROKEN)
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    extra = vars(line)
    assert {name: extra[name] for name in ("source", "feed", "reason", "detail")} == {
        "source": "acme",
        "feed": "stats",
        "reason": "server",
        "detail": "HTTP 503",
    }
    assert logged(caplog) == [("feed failed", "stats")]
    for _ in range(3):
        health.succeeded("stats", 0.0)
    assert logged(caplog) == [("feed recovered", "stats")]
    health.failed("stats", BROKEN)
    assert logged(caplog) == [("feed failed", "stats")]


def test_feeds_break_and_recover_each_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    health = Checked()
    health.failed("stats", BROKEN)
    health.failed("calls", BROKEN)
    health.succeeded("stats", 0.0)
    assert logged(caplog) == [
        ("feed failed", "stats"),
        ("feed failed", "calls"),
        ("feed recovered", "stats"),
    ]


def test_a_remark_is_logged_once_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    health = Checked()
    for remark in ("cut short", "cut short", "", "", "cut short", "refused"):
        health.remarked("directory", remark)
    assert [vars(record)["detail"] for record in caplog.records] == [
        "cut short",
        "cut short",
        "refused",
    ]
    assert health.feeds["directory"].remark == "refused"


# ---- Readiness ------------------------------------------------------------------------------


def test_it_waits_for_each_feed_until_its_outcome_is_known() -> None:
    health = Checked()
    assert health.untried() == ["session", "stats", "calls", "directory"]
    health.succeeded("session", 0.0)
    health.succeeded("stats", 0.0)
    health.failed("calls", BROKEN)
    assert health.untried() == ["directory"]
    health.succeeded("directory", 0.0)
    assert health.untried() == []


def test_once_a_sign_in_failed_it_waits_for_nothing_even_after_it_worked() -> None:
    health = Checked()
    health.failed("session", REFUSED)
    assert health.untried() == []
    health.succeeded("session", 0.0)
    assert health.untried() == []


def test_a_part_that_failed_is_no_outcome_of_its_feed() -> None:
    health = Checked()
    health.counted("stats", BROKEN)
    assert "stats" in health.untried()

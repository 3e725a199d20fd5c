"""What is counted of feeds: requests, failures, what could not be read."""

import logging
import threading

import pytest

from exporter.errors import Reason
from exporter.feeds import Rejected
from exporter.health import FAMILIES
from exporter.model import catalogue
from tests.checked import BROKEN, REFUSED, Checked


def test_its_families_do_not_clash() -> None:
    assert len(catalogue(FAMILIES)) == len(FAMILIES)


def test_every_feed_starts_with_every_count_at_zero() -> None:
    counts = Checked().counts()
    assert counts['source_info{platform="livevox",environment="na4"}'] == "1.0"
    failures = {name: n for name, n in counts.items() if name.startswith("feed_failures_total")}
    assert len(failures) == 4 * len(Reason)
    assert set(failures.values()) == {"0.0"}
    for feed in ("session", "stats", "calls", "directory"):
        assert counts[f'feed_rejected_rows_total{{feed="{feed}"}}'] == "0.0"
        assert counts[f'exporter_total_corrections_total{{feed="{feed}"}}'] == "0.0"
        assert counts[f'feed_request_duration_seconds_count{{feed="{feed}"}}'] == "0"


def test_counts_are_a_frame_only_when_they_changed() -> None:
    health = Checked()
    assert health.changed_frame() is not None
    assert health.changed_frame() is None
    health.pass_time(10)
    health.requested("stats", "200", 0.1)
    frame = health.changed_frame()
    assert frame is not None
    assert frame.at == health.clock.now
    assert frame.expires == float("inf")
    assert health.changed_frame() is None


def test_requests_are_counted_by_feed_and_code_and_timed() -> None:
    health = Checked()
    for code, seconds in (("200", 0.05), ("200", 0.3), ("503", 7.0), ("none", 60.0)):
        health.requested("stats", code, seconds)
    counts = health.counts()
    assert counts['feed_requests_total{feed="stats",code="200"}'] == "2.0"
    assert counts['feed_requests_total{feed="stats",code="503"}'] == "1.0"
    assert counts['feed_requests_total{feed="stats",code="none"}'] == "1.0"
    duration = "feed_request_duration_seconds"
    buckets = {
        bound: counts[f'{duration}_bucket{{feed="stats",le="{bound}"}}']
        for bound in ("0.05", "0.1", "0.5", "10.0", "30.0", "+Inf")
    }
    assert buckets == {
        "0.05": "1",
        "0.1": "1",
        "0.5": "2",
        "10.0": "3",
        "30.0": "3",
        "+Inf": "4",
    }
    assert counts[f'{duration}_sum{{feed="stats"}}'] == "67.35"


def test_failures_are_counted_by_feed_and_reason() -> None:
    health = Checked()
    health.failed("stats", BROKEN)
    health.failed("stats", BROKEN)
    health.failed("session", REFUSED)
    counts = health.counts()
    assert counts['feed_failures_total{feed="stats",reason="server"}'] == "2.0"
    assert counts['feed_failures_total{feed="session",reason="auth"}'] == "1.0"
    assert counts['feed_failures_total{feed="calls",reason="server"}'] == "0.0"


def test_a_failed_part_is_counted_and_shown_but_breaks_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    health = Checked()
    health.succeeded("stats", health.clock.now)
    health.counted("stats", BROKEN)
    assert health.counts()['feed_failures_total{feed="stats",reason="server"}'] == "1.0"
    error = health.feeds["stats"].last_error
    assert error is not None
    assert (error.reason, error.detail, error.at) == (Reason.SERVER, "HTTP 503", health.wall.now)
    assert health.now()['feed_up{feed="stats"}'] == "1.0"
    assert caplog.records == []


def test_rejected_rows_and_fields_add_up() -> None:
    health = Checked()
    for _ in range(2):
        health.succeeded("stats", 1.0, rejected=Rejected(3, {"service.total": 2, "service.id": 1}))
    counts = health.counts()
    assert counts['feed_rejected_rows_total{feed="stats"}'] == "6.0"
    assert counts['feed_rejected_fields_total{feed="stats",field="service.total"}'] == "4.0"
    assert counts['feed_rejected_fields_total{feed="stats",field="service.id"}'] == "2.0"


def test_corrections_are_counted() -> None:
    health = Checked()
    health.corrected("stats", 3)
    health.corrected("stats", 1)
    assert health.counts()['exporter_total_corrections_total{feed="stats"}'] == "4.0"


def test_no_count_is_lost_and_no_reader_disturbed_when_threads_meet() -> None:
    health = Checked()
    failures: list[BaseException] = []

    def written() -> None:
        for number in range(2000):
            health.requested("stats", str(200 + number % 50), 0.1)

    def read() -> None:
        try:
            for _ in range(200):
                health.now()
                health.counts()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for work in (written, written, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(health.feeds["stats"].requests.values()) == 4000

"""A bug is found in the log with its place, and without anything that it quotes."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from exporter.bugs import AGAIN_AFTER, BugLog
from exporter.errors import FeedError, Reason

PLANTED = "+15550100 Erika Mustermann"


def one_place() -> None:
    raise KeyError(PLANTED)


def another_place() -> None:
    raise ValueError(PLANTED)


def failure(bugs: BugLog, place: Callable[[], Any]) -> FeedError:
    try:
        place()
    except Exception as bug:
        return bugs.failure(bug)
    raise AssertionError("there was no bug")


def test_a_bug_is_a_failure_with_the_reason_bug() -> None:
    error = failure(BugLog(), one_place)
    assert (error.reason, error.detail) == (Reason.BUG, "KeyError")


def test_the_log_names_type_and_place_and_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    failure(BugLog(), one_place)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    extra = vars(record)
    assert extra["exception"] == "KeyError"
    assert "one_place" in extra["where"]
    assert "test_bugs.py" in extra["where"]
    assert not any(PLANTED in str(value) for value in extra.values())


def test_a_place_is_logged_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    clock = [1000.0]
    bugs = BugLog(lambda: clock[0])

    def logged() -> list[str]:
        caplog.clear()
        for place in (one_place, another_place, one_place):
            failure(bugs, place)
        return [vars(record)["exception"] for record in caplog.records]

    assert logged() == ["KeyError", "ValueError"]
    clock[0] += AGAIN_AFTER - 1
    assert logged() == []
    clock[0] += 1
    assert logged() == ["KeyError", "ValueError"]

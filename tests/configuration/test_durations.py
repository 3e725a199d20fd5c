"""Durations: what is read, what is refused, and how they are written."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from exporter.configuration.durations import Interval, duration_text, seconds
from exporter.configuration.source import HttpSettings
from tests.configuration.loading import refusal_of


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("15s", 15),
        ("250ms", 0.25),
        ("5m", 300),
        ("1h30m", 5400),
        ("30d", 2_592_000),
        ("1d1h1m1s1ms", 90_061.001),
        (" 20 ", 20),
        ("0.5", 0.5),
        ("0", 0),
        (7, 7),
        (1.5, 1.5),
    ],
)
def test_a_duration_is_units_in_falling_order_or_seconds(text: object, length: float) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize(
    "garbage",
    [
        *("", " ", "s", "1x", "1m1h", "-1s", "-1", "1.5h", "nan", "inf", "1e3", "٣s", "1 s", "15S"),
        *(-1, -0.5, math.nan, -math.inf, -(10**400), True, None, [], {}),
    ],
)
def test_what_is_no_duration_is_refused_with_examples(garbage: object) -> None:
    with pytest.raises(ValueError, match="must be a duration such as"):
        seconds(garbage)


@pytest.mark.parametrize("long", ["36501d", "9" * 400, math.inf, 10**400, 1e300])
def test_a_duration_of_more_than_a_century_is_refused(long: object) -> None:
    with pytest.raises(ValueError, match="at most 36500d"):
        seconds(long)


@given(st.floats(min_value=0, max_value=36_500 * 86_400, allow_nan=False))
def test_a_written_duration_reads_back_as_the_same_number(length: float) -> None:
    assert seconds(duration_text(length)) == length


@pytest.mark.parametrize(
    ("length", "text"),
    [(0.0, "0s"), (0.25, "250ms"), (5400.0, "1h30m"), (2_592_000.0, "30d"), (0.00005, "0.00005")],
)
def test_a_duration_is_written_as_people_write_it(length: float, text: str) -> None:
    assert duration_text(length) == text


def test_intervals_are_at_least_a_second_and_timeouts_at_most_ten_minutes() -> None:
    assert TypeAdapter(Interval).validate_python("1s") == 1
    assert "at least 1s" in refusal_of(Interval, "999ms")
    for timeout, said in (("0", "more than 0s"), ("601s", "at most 10m")):
        with pytest.raises(ValidationError, match=said):
            HttpSettings.model_validate({"timeout": timeout})
    assert HttpSettings.model_validate({"timeout": "10m"}).timeout == 600

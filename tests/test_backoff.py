"""How long the waits are, whatever the dice say."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.backoff import Patience, delays
from exporter.errors import FeedError, Reason

dice = st.floats(0, 1, exclude_max=True)
seconds = st.floats(0.001, 1e6)

BROKEN = FeedError(Reason.SERVER, "HTTP 500")
REFUSED = FeedError(Reason.AUTH, "HTTP 401")


def patient(luck: float = 0.0) -> Patience:
    return Patience((1.0, 8.0), (60.0, 600.0), lambda: luck)


def test_waits_double_from_the_first_to_the_longest() -> None:
    assert list(islice(delays(1, 10, lambda: 0.0), 6)) == [1, 2, 4, 8, 10, 10]


def test_luck_lengthens_a_wait_up_to_the_next_one() -> None:
    assert list(islice(delays(1, 10, lambda: 0.5), 6)) == [1.5, 3, 6, 9, 10, 10]


@given(seconds, seconds, st.lists(dice, min_size=1, max_size=40))
def test_a_wait_is_never_shorter_than_the_first_nor_longer_than_the_longest(
    first: float, most: float, luck: list[float]
) -> None:
    rolls = iter(luck)
    waits = list(islice(delays(first, most, lambda: next(rolls)), len(luck)))
    assert all(min(first, most) <= wait <= most for wait in waits)
    assert waits == sorted(waits)
    assert all(wait >= min(first * 2**n, most) for n, wait in enumerate(waits))


def test_two_feeds_that_broke_together_do_not_come_back_together() -> None:
    assert patient(0.1).after(BROKEN) != patient(0.9).after(BROKEN)


def test_failures_wait_longer_and_longer_until_something_was_read() -> None:
    patience = patient()
    assert [patience.after(BROKEN) for _ in range(5)] == [1, 2, 4, 8, 8]
    patience.proved()
    assert patience.after(BROKEN) == 1


def test_refused_credentials_wait_minutes_and_are_counted_apart() -> None:
    patience = patient()
    assert patience.after(BROKEN) == 1
    assert [patience.after(REFUSED) for _ in range(6)] == [60, 120, 240, 480, 600, 600]
    assert patience.after(BROKEN) == 2
    patience.proved()
    assert patience.after(REFUSED) == 60


@pytest.mark.parametrize(
    ("asked", "waited"), [(None, 1), (0.0, 1), (0.5, 1), (30.0, 30), (86400.0, 86400)]
)
def test_what_the_vendor_asks_for_is_the_least(asked: float | None, waited: float) -> None:
    assert patient().after(FeedError(Reason.RATE_LIMITED, "HTTP 429", asked)) == waited


def test_a_wish_of_the_vendor_does_not_shorten_a_wait() -> None:
    patience = patient()
    for _ in range(3):
        patience.after(BROKEN)
    assert patience.after(FeedError(Reason.SERVER, "HTTP 503", 2.0)) == 8

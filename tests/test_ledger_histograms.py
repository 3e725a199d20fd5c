"""Histograms in the ledger: what they rise by, restarts, and bounds that the user changed."""

import math
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.accumulator import SeriesKey
from exporter.ledger import Change, Committed, Ledger, Observations
from exporter.ledger_histograms import carried
from exporter.model import Histogram

BOUNDS = (1.0, 5.0)


def key(queue: str) -> SeriesKey:
    return "contactcenter_contact_wait_seconds", (("queue_id", queue),)


def observed(*values: float, bounds: tuple[float, ...] = BOUNDS) -> Observations:
    """What a histogram rises by after these values."""
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[sum(bound < value for bound in bounds)] += 1
    return Observations(bounds, counts, math.fsum(values))


def rise(*values: float, queue: str = "1", bounds: tuple[float, ...] = BOUNDS) -> Change:
    return Change("acme", at=0, observations={key(queue): observed(*values, bounds=bounds)})


def known(*queues: str, bounds: tuple[float, ...] = BOUNDS) -> Change:
    return Change("acme", at=0, known_histograms={key(queue): bounds for queue in queues})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger.open(path, now=0)) as opened:
        yield opened


def test_only_what_is_committed_is_told(ledger: Ledger) -> None:
    ledger.record(rise(0.5, 5))
    ledger.record(rise(9))
    assert ledger.histograms("acme") == {}
    seen = Histogram(BOUNDS, (1, 1, 1), 14.5)
    assert ledger.commit() == {"acme": Committed({}, {key("1"): seen})}
    assert ledger.histograms("acme") == {key("1"): seen}
    assert ledger.histograms("other") == {}


def test_a_commit_tells_the_new_values_of_what_changed_alone(ledger: Ledger) -> None:
    ledger.record(rise(1))
    ledger.record(rise(1, queue="2"))
    ledger.commit()
    ledger.record(rise(2))
    assert ledger.commit() == {"acme": Committed({}, {key("1"): Histogram(BOUNDS, (1, 1, 0), 3)})}


def test_a_snapshot_does_not_change_and_can_not_be_changed(ledger: Ledger) -> None:
    ledger.record(rise(1))
    ledger.commit()
    before = ledger.histograms("acme")
    ledger.record(rise(1))
    ledger.commit()
    assert before == {key("1"): Histogram(BOUNDS, (1, 0, 0), 1)}
    with pytest.raises(TypeError):
        del before[key("1")]  # type: ignore[attr-defined]  # this is what must not work


def test_known_histograms_start_at_0_and_never_start_again(ledger: Ledger) -> None:
    zero = Histogram(BOUNDS, (0, 0, 0), 0)
    ledger.record(known("1", "2"))
    ledger.record(rise(1))
    ledger.record(known("1", "2"))
    ledger.commit()
    counted = {key("1"): Histogram(BOUNDS, (1, 0, 0), 1), key("2"): zero}
    assert ledger.histograms("acme") == counted
    ledger.record(known("1", "2"))
    assert ledger.commit() == {}
    assert ledger.histograms("acme") == counted


def test_many_observations_between_two_commits(ledger: Ledger) -> None:
    for number in range(1000):
        ledger.record(rise(number % 10))
    ledger.commit()
    assert ledger.histograms("acme") == {key("1"): Histogram(BOUNDS, (200, 400, 400), 4500)}


def test_histograms_survive_a_restart_exactly(path: Path, ledger: Ledger) -> None:
    thirds = (1 / 3, 2 / 3, 1e300)
    ledger.record(rise(0.1, 0.2, bounds=thirds))
    ledger.record(known("9"))
    ledger.record(Change("b", at=0, observations={key("1"): observed(2**60)}))
    ledger.close()
    with closing(Ledger.open(path, now=0)) as again:
        assert again.histograms("acme") == {
            key("1"): Histogram(thirds, (2, 0, 0, 0), 0.1 + 0.2),
            key("9"): Histogram(BOUNDS, (0, 0, 0), 0),
        }
        again.record(rise(0.5, bounds=thirds))
        again.commit()
        assert again.histograms("acme")[key("1")].counts == (2, 1, 0, 0)
        assert again.histograms("b") == {key("1"): Histogram(BOUNDS, (0, 0, 1), 2**60)}


def test_a_queue_that_is_forgotten_takes_its_histograms_along(path: Path, ledger: Ledger) -> None:
    ledger.record(rise(1, queue="old"))
    ledger.record(Change("acme", at=50, observations={key("new"): observed(1)}))
    ledger.record(Change("other", at=0, observations={key("old"): observed(1)}))
    ledger.close()
    with closing(Ledger.open(path, retention={"acme": 60}, now=100)) as again:
        assert again.histograms("acme").keys() == {key("new")}
        assert again.histograms("other").keys() == {key("old")}


def test_other_bounds_take_over_the_counts(path: Path, ledger: Ledger) -> None:
    ledger.record(rise(0.5, 3, 3, 7))
    ledger.close()
    with closing(Ledger.open(path, now=0)) as again:
        again.record(known("1", bounds=(1, 2, 6)))
        again.commit()
        # up to 2 there is what was up to 1; up to 6, what was up to 5
        assert again.histograms("acme")[key("1")] == Histogram((1, 2, 6), (1, 0, 2, 1), 13.5)
        again.record(rise(1.5, bounds=(0.5, 2)))
        again.commit()
        assert again.histograms("acme")[key("1")] == Histogram((0.5, 2), (0, 2, 3), 15)


def test_bounds_may_change_between_two_commits(ledger: Ledger) -> None:
    ledger.record(rise(0.5, 3))
    ledger.record(known("1", bounds=(5,)))
    ledger.record(rise(4, 9, bounds=(5, 10)))
    ledger.commit()
    assert ledger.histograms("acme")[key("1")] == Histogram((5, 10), (3, 1, 0), 16.5)


@pytest.mark.parametrize(
    ("bounds", "counts", "total", "refusal"),
    [
        ((1,), (1,), 1, "one count more"),
        ((1,), (1, 1, 1), 1, "one count more"),
        ((1,), (1, -1), 1, "can not rise by"),
        ((1,), (1, 1), -1, "can not rise by"),
        ((1,), (1, 1), math.inf, "can not rise by"),
        ((1,), (1, 1), math.nan, "can not rise by"),
        ((2, 1), (1, 1, 1), 1, "bounds of a histogram rise"),
        ((1, math.inf), (1, 1, 1), 1, "bounds of a histogram rise"),
    ],
)
def test_what_is_no_rise_of_a_histogram_is_refused(
    bounds: tuple[float, ...], counts: tuple[int, ...], total: float, refusal: str
) -> None:
    good = observed(1)
    bad = Observations(bounds, counts, total)
    with pytest.raises(ValueError, match=refusal):
        Change("acme", at=0, observations={key("1"): good, key("2"): good, key("3"): bad})


def test_known_bounds_rise() -> None:
    with pytest.raises(ValueError, match="bounds of a histogram rise"):
        known("1", bounds=(3, 3))


some_bounds = st.lists(st.integers(1, 12), unique=True, max_size=6).map(
    lambda found: tuple(float(bound) for bound in sorted(found))
)
some_values = st.lists(st.integers(0, 14), max_size=8)


def cumulative(histogram: Histogram) -> dict[float, int]:
    """The buckets as they are shown."""
    counts = list(accumulate(histogram.counts))
    return dict(zip((*histogram.bounds, math.inf), counts, strict=True))


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    bounds = draw(some_bounds)
    rise = observed(*draw(some_values), bounds=bounds)
    return Histogram(bounds, tuple(rise.counts), rise.total)


@given(histograms(), some_bounds)
def test_nothing_falls_when_bounds_change(before: Histogram, bounds: tuple[float, ...]) -> None:
    after = carried(before, bounds)
    old, new = cumulative(before), cumulative(after)
    assert after.bounds == bounds
    assert after.total == before.total
    assert min(after.counts) >= 0
    for bound in (*bounds, math.inf):
        lower = [0, *old.values()][bisect_right([*before.bounds, math.inf], bound)]
        assert new[bound] == lower
    assert all(new[bound] == old[bound] for bound in new.keys() & old.keys())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(some_bounds, some_values, st.sampled_from(["", "commit", "restart"]))))
def test_counts_rise_by_what_is_observed_whatever_happens_meanwhile(
    steps: list[tuple[tuple[float, ...], list[int], str]],
) -> None:
    """Bounds change, commits and restarts come: each bucket rises by its own observations."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        ledger = Ledger.open(path, now=0)
        seen: list[int] = []
        shown: dict[float, int] = {}
        for bounds, values, then in steps:
            start = carried(ledger.histograms("acme").get(key("1"), EMPTY), bounds)
            ledger.record(rise(*values, bounds=bounds))
            seen += values
            if then:
                alone = not ledger.commit()["acme"].counters
                after = cumulative(ledger.histograms("acme")[key("1")])
                assert alone
                assert after[math.inf] == len(seen)
                assert all(after[bound] >= shown[bound] for bound in after.keys() & shown.keys())
                if ledger.commits == 1 or len(values) == len(seen):
                    assert after.keys() == cumulative(start).keys()
                shown = after
            if then == "restart":
                ledger.close()
                ledger = Ledger.open(path, now=0)
        ledger.close()
        if steps:
            last = ledger.histograms("acme")[key("1")]
            assert (last.total, sum(last.counts)) == (sum(seen), len(seen))


EMPTY = Histogram((), (0,), 0.0)

"""Which events were counted lately: a window of ids that never forgets too early."""

from hypothesis import given
from hypothesis import strategies as st

from exporter.recent import RecentIds


def _new(recent: RecentIds, *ids: str) -> list[str]:
    return list(recent.new(dict.fromkeys(ids, "event")))


def test_what_was_added_is_not_new() -> None:
    recent = RecentIds(10)
    assert _new(recent, "a", "b") == ["a", "b"]
    recent.add(["a"])
    assert _new(recent, "a", "b") == ["b"]
    recent.add(["b"])
    assert _new(recent, "a", "b") == []


def test_new_events_keep_their_order_and_what_they_say() -> None:
    recent = RecentIds(10, ["b", "d"])
    events = {"d": 4, "c": 3, "b": 2, "e": 5, "a": 1}
    assert list(recent.new(events).items()) == [("c", 3), ("e", 5), ("a", 1)]


def test_asking_adds_nothing() -> None:
    recent = RecentIds(10)
    assert _new(recent, "a") == _new(recent, "a") == ["a"]
    assert len(recent) == 0


def test_a_window_goes_on_with_the_ids_of_the_run_before() -> None:
    before = [f"e{n}" for n in range(50)]
    recent = RecentIds(50, iter(before))
    assert _new(recent, *before, "f0") == ["f0"]
    recent.add(["f0"])
    assert _new(recent, *before[1:], "f0") == []


def test_ids_are_forgotten_at_last() -> None:
    recent = RecentIds(3, ["old"])
    for n in range(10):
        recent.add([f"e{n}"])
    assert _new(recent, "old") == ["old"]


@given(st.integers(1, 20), st.lists(st.integers(1, 30), max_size=40))
def test_the_newest_ids_are_known_and_memory_is_bounded(window: int, batches: list[int]) -> None:
    recent = RecentIds(window)
    told: list[str] = []
    for batch in batches:
        ids = [f"e{len(told) + n}" for n in range(batch)]
        assert _new(recent, *ids) == ids
        recent.add(ids)
        told += ids
        assert _new(recent, *told[-window:]) == []
        assert len(recent) <= 2 * max(window, *batches)

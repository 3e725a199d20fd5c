"""What the ledger tells, and what it keeps and forgets at a restart."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exporter.accumulator import DayState, SeriesKey, Total
from exporter.ledger import Change, Ledger, Observations
from exporter.ledger_pending import FOLD_AT

DAY = 86400.0


def key(queue: str) -> SeriesKey:
    return "contactcenter_contacts_offered_total", (("queue_id", queue), ("channel", "voice"))


EVENTS: SeriesKey = ("livevox_agent_events_total", (("event", "logon"),))


def rise(value: float, queue: str = "7001", source: str = "acme", at: float = 0.0) -> Change:
    return Change(source, at=at, increments={key(queue): value})


def state(highest: float, day: int = 0, *queues: str) -> DayState:
    totals = {key(queue): Total(highest, highest, day) for queue in queues or ("7001",)}
    return DayState(day, 1.5, None, None, totals)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(path, now=0)
    yield opened
    opened.close()


@contextmanager
def reopened(
    path: Path, retention: Mapping[str, float] | None = None, now: float = 0
) -> Iterator[Ledger]:
    with closing(Ledger.open(path, retention=retention, now=now)) as again:
        yield again


def test_only_what_is_committed_is_told(ledger: Ledger) -> None:
    ledger.record(rise(3))
    ledger.record(rise(4))
    assert ledger.counters("acme") == {}
    assert ledger.commit().keys() == {"acme"}
    assert ledger.counters("acme") == {key("7001"): 7}
    assert ledger.counters("other") == {}


def test_a_commit_names_the_sources_whose_counters_changed(ledger: Ledger) -> None:
    assert ledger.commit() == {}
    ledger.record(rise(1, source="a"))
    ledger.record(rise(1, source="b"))
    ledger.record(Change("c", at=0, queues={"7001": "Sales"}))
    ledger.record(Change("d", at=0))
    assert ledger.commit().keys() == {"a", "b"}
    assert ledger.commit() == {}
    assert (ledger.commits, ledger.failures, ledger.failing) == (1, 0, False)


def test_known_label_sets_start_at_0_and_never_start_again(ledger: Ledger) -> None:
    ledger.record(Change("acme", at=0, known=[key("1"), key("2")], increments={key("2"): 5}))
    ledger.commit()
    assert ledger.counters("acme") == {key("1"): 0, key("2"): 5}
    ledger.record(Change("acme", at=0, known=[key("1"), key("2")]))
    assert ledger.commit() == {}
    assert ledger.counters("acme") == {key("1"): 0, key("2"): 5}


def test_a_snapshot_does_not_change_and_can_not_be_changed(ledger: Ledger) -> None:
    ledger.record(rise(1))
    ledger.commit()
    before = ledger.counters("acme")
    ledger.record(rise(1))
    ledger.commit()
    assert before == {key("7001"): 1}
    with pytest.raises(TypeError):
        before[key("7001")] = 9  # type: ignore[index]  # this is what must not work


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_counter_only_rises(value: float) -> None:
    with pytest.raises(ValueError, match="contacts_offered_total can not rise by"):
        rise(value)


def test_a_change_has_a_time() -> None:
    with pytest.raises(ValueError, match="has no time"):
        rise(1, at=float("nan"))


def test_the_newest_day_state_is_told_before_it_is_committed(ledger: Ledger) -> None:
    assert ledger.day_state("acme", "service_stats") is None
    ledger.record(Change("acme", at=0, day=("service_stats", state(3))))
    assert ledger.day_state("acme", "service_stats") == state(3)
    assert ledger.day_state("acme", "live") is None
    ledger.record(Change("acme", at=0, day=("service_stats", state(4))))
    ledger.commit()
    assert ledger.day_state("acme", "service_stats") == state(4)


def test_everything_survives_a_restart(path: Path, ledger: Ledger) -> None:
    odd = ("tiledesk_x_total", (("queue", 'Verkauf "Süd"\n\\'), ("reason", "")))
    first = DayState(2, 1e9 + 0.1, 1e9, "2026-03-10", {key("7001"): Total(0.1 + 0.2, 1 / 3, 2)})
    ledger.record(Change("acme", at=5, increments={odd: 0.1}, day=("live", first)))
    ledger.record(Change("acme", at=5, increments={odd: 0.2, EVENTS: 2.0**60}))
    ledger.record(Change("acme", at=5, known=[key("9")], queues={"7001": "Sälés", "9": ""}))
    ledger.record(rise(1, source="b"))
    ledger.close()
    with reopened(path) as again:
        assert again.counters("acme") == {odd: 0.1 + 0.2, EVENTS: 2.0**60, key("9"): 0}
        assert again.counters("b") == {key("7001"): 1}
        assert again.day_state("acme", "live") == first
        assert again.queue_names("acme") == {"7001": "Sälés", "9": ""}
        assert again.queue_names("b") == {}
        again.record(rise(1, "new"))
        again.commit()
        assert again.counters("acme") == {
            odd: 0.1 + 0.2,
            EVENTS: 2.0**60,
            key("9"): 0,
            key("new"): 1,
        }


def test_a_state_is_written_again_where_it_changed(path: Path, ledger: Ledger) -> None:
    first = state(1, 0, "a", "b")
    second = DayState(
        1, 9, 9, None, {**first.totals, key("b"): Total(5, 4, 1), key("c"): Total(1, 1, 1)}
    )
    for each in (first, second):
        ledger.record(Change("acme", at=0, day=("live", each)))
        ledger.commit()
    ledger.close()
    with reopened(path) as again:
        assert again.day_state("acme", "live") == second
        again.record(rise(2, "c"))
        again.commit()
        assert again.counters("acme") == {key("c"): 2}


def test_more_series_than_one_statement_holds(path: Path, ledger: Ledger) -> None:
    many = {key(str(number)): float(number) for number in range(2345)}
    for _ in range(2):
        ledger.record(Change("acme", at=0, increments=many))
        ledger.commit()
    ledger.close()
    with reopened(path) as again:
        assert again.counters("acme") == {name: 2 * value for name, value in many.items()}


def test_in_memory_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(Ledger.open(None, retention={"acme": 1}, now=0)) as ledger:
        ledger.record(rise(1))
        assert ledger.commit().keys() == {"acme"}
        assert ledger.counters("acme") == {key("7001"): 1}
        assert ledger.size_bytes == 0
    assert list(tmp_path.iterdir()) == []


def test_the_size_is_that_of_the_file_and_its_log(path: Path, ledger: Ledger) -> None:
    ledger.record(rise(1))
    ledger.commit()
    log_file = path.with_name("ledger.sqlite-wal")
    assert ledger.size_bytes == path.stat().st_size + log_file.stat().st_size > 4096
    ledger.close()
    assert not log_file.exists()
    assert ledger.size_bytes == path.stat().st_size


def test_the_last_name_of_a_queue_is_kept(path: Path, ledger: Ledger) -> None:
    ledger.record(Change("acme", at=1, queues={"1": "Sales", "2": "Help"}))
    ledger.record(Change("acme", at=2, queues={"1": "Sales EU"}))
    ledger.record(rise(1, "2", at=500))
    assert ledger.queue_names("acme") == {"1": "Sales EU", "2": "Help"}
    ledger.close()
    with reopened(path) as again:
        assert again.queue_names("acme") == {"1": "Sales EU", "2": "Help"}


def test_queues_gone_for_longer_than_the_retention_are_forgotten(
    path: Path, ledger: Ledger
) -> None:
    for source in ("acme", "kept"):
        both = state(3, 0, "old", "new")
        rises = {key("old"): 3.0, key("new"): 3.0, EVENTS: 1.0}
        names = {"old": "Old", "new": "New"}
        ledger.record(Change(source, at=0, increments=rises, day=("live", both), queues=names))
        ledger.record(Change(source, at=20 * DAY, queues={"new": "New"}))
    ledger.close()
    with reopened(path, {"acme": 30 * DAY}, now=30 * DAY) as again:
        assert key("old") in again.counters("acme")
    with reopened(path, {"acme": 30 * DAY, "unknown": 1}, now=31 * DAY):
        pass
    with reopened(path, now=99 * DAY) as again:
        assert again.counters("acme") == {key("new"): 3, EVENTS: 1}
        assert again.day_state("acme", "live") == state(3, 0, "new")
        assert again.queue_names("acme") == {"new": "New"}
        assert again.counters("kept") == {key("old"): 3, key("new"): 3, EVENTS: 1}
        again.record(rise(1, "old"))
        again.commit()
        assert again.counters("acme")[key("old")] == 1


def test_a_queue_that_counts_is_there_whether_it_is_named_or_not(
    path: Path, ledger: Ledger
) -> None:
    ledger.record(Change("acme", at=0, queues={"1": "Sales"}))
    ledger.record(rise(1, "1", at=20 * DAY))
    ledger.record(rise(1, "2", at=20 * DAY))
    ledger.record(rise(1, "3", at=0))
    ledger.close()
    with reopened(path, {"acme": 30 * DAY}, now=45 * DAY) as again:
        assert again.counters("acme") == {key("1"): 1, key("2"): 1}
        assert again.queue_names("acme") == {"1": "Sales"}


@pytest.mark.parametrize("times", [2, FOLD_AT])
def test_the_last_count_of_a_queue_tells_when_it_was_there(path: Path, times: int) -> None:
    waiting: SeriesKey = ("w_seconds", (("queue_id", "2"),))
    waits = {waiting: Observations((1.0,), (1, 0), 0.5)}
    with closing(Ledger.open(path, now=0)) as ledger:
        for number in range(times):
            at = number / (times - 1) * 20 * DAY
            ledger.record(rise(1, "1", at=at))
            ledger.record(Change("acme", at=at, observations=waits))
    with reopened(path, {"acme": 30 * DAY}, now=45 * DAY) as again:
        assert again.counters("acme") == {key("1"): times}
        assert len(again.histograms("acme")) == 1


def test_a_clock_that_was_set_back_does_not_make_a_queue_older(path: Path, ledger: Ledger) -> None:
    ledger.record(Change("acme", at=20 * DAY, queues={"1": "Sales"}))
    ledger.record(Change("acme", at=0, increments={key("1"): 1}, queues={"1": "Sales EU"}))
    ledger.close()
    with reopened(path, {"acme": 30 * DAY}, now=45 * DAY) as again:
        assert again.queue_names("acme") == {"1": "Sales EU"}

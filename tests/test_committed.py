"""Committed counts as blocks: what a user sees of them, and what stays as it was."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.accumulator import SeriesKey
from exporter.admission import FeedFrames
from exporter.committed import CommittedCounts
from exporter.model import FOREVER, Block, Family, Frame, Histogram, Kind

OFFERED = Family(
    "contactcenter_contacts_offered_total",
    Kind.COUNTER,
    "Test.",
    ("queue_id", "queue", "channel", "direction"),
)
EVENTS = Family("livevox_agent_events_total", Kind.COUNTER, "Test.", ("event",))
WAIT = Family("contactcenter_contact_wait_seconds", Kind.HISTOGRAM, "Test.", ("queue_id", "queue"))
STATE = Family("contactcenter_agents", Kind.GAUGE, "Test.", ("state",))
FAMILIES = {family.name: family for family in (OFFERED, EVENTS, WAIT, STATE)}


def offered(queue: str, channel: str = "voice") -> SeriesKey:
    return OFFERED.name, (("queue_id", queue), ("channel", channel))


def wait(queue: str) -> SeriesKey:
    return WAIT.name, (("queue_id", queue),)


def event(name: str) -> SeriesKey:
    return EVENTS.name, (("event", name),)


def waited(*counts: int) -> Histogram:
    return Histogram((1.0,), counts, 1.5)


@pytest.fixture
def counts() -> CommittedCounts:
    return CommittedCounts(FAMILIES)


def shown(blocks: tuple[Block, ...]) -> dict[tuple[str, ...], object]:
    """What blocks of one family say, by the key of each row."""
    return {
        key: value
        for block in blocks
        for _, column in block.columns
        for key, value in zip(block.keys, column, strict=True)
    }


def test_rows_are_sorted_and_have_the_name_of_their_queue(counts: CommittedCounts) -> None:
    told = counts.update(
        {offered("2"): 5, offered("1", "email"): 3, event("logon"): 2, offered("10"): 0},
        {wait("2"): waited(1, 0), wait("1"): waited(0, 2)},
        {"1": "Sales", "2": "", "9": "Gone"},
    )
    assert told == {
        EVENTS.name: (Block(("event",), (("logon",),), ((EVENTS, [2]),)),),
        OFFERED.name: (
            Block(
                ("queue_id", "queue", "channel"),
                (("1", "Sales", "email"), ("10", "10", "voice"), ("2", "2", "voice")),
                ((OFFERED, [3, 0, 5]),),
            ),
        ),
        WAIT.name: (
            Block(
                ("queue_id", "queue"),
                (("1", "Sales"), ("2", "2")),
                ((WAIT, [waited(0, 2), waited(1, 0)]),),
            ),
        ),
    }


def test_only_families_in_which_something_changed_are_told(counts: CommittedCounts) -> None:
    counts.update({offered("1"): 1, event("logon"): 1}, {wait("1"): waited(1, 0)}, {})
    assert counts.update({}, {}, {}) == {}
    told = counts.update({event("logon"): 2}, {}, {})
    assert {name: shown(blocks) for name, blocks in told.items()} == {EVENTS.name: {("logon",): 2}}
    told = counts.update({}, {wait("1"): waited(1, 1)}, {})
    assert {name: shown(blocks) for name, blocks in told.items()} == {
        WAIT.name: {("1", "1"): waited(1, 1)}
    }


def test_a_value_that_changed_leaves_the_others_and_earlier_blocks_alone(
    counts: CommittedCounts,
) -> None:
    before = counts.update({offered("1"): 1, offered("2"): 2}, {}, {})[OFFERED.name]
    after = counts.update({offered("2"): 7}, {}, {})[OFFERED.name]
    assert shown(before) == {("1", "1", "voice"): 1, ("2", "2", "voice"): 2}
    assert shown(after) == {("1", "1", "voice"): 1, ("2", "2", "voice"): 7}
    assert after[0].keys is before[0].keys


def test_label_texts_are_made_once_for_rows_that_stay(counts: CommittedCounts) -> None:
    """The exposition finds the label texts of the frame before by the keys."""
    shelf = FeedFrames()
    texts = []
    for value in (1.0, 2.0):
        blocks = counts.update({offered("1"): value}, {}, {})[OFFERED.name]
        shelf.parts[""] = shelf.rendered("acme", "", Frame(blocks, 0.0, FOREVER), 10)
        texts.append(shelf.parts[""].texts[blocks[0].labels][0].texts)
        assert b" %.1f\n" % value in shelf.parts[""].chunks[0][1].text
    assert texts[0] is texts[1]


def test_a_new_label_set_comes_in_its_place(counts: CommittedCounts) -> None:
    counts.update({offered("1"): 1, offered("3"): 3}, {}, {"2": "Help"})
    told = counts.update({offered("2"): 2, offered("3"): 4}, {}, {"2": "Help"})[OFFERED.name]
    rows = [(("1", "1", "voice"), 1), (("2", "Help", "voice"), 2), (("3", "3", "voice"), 4)]
    assert list(shown(told).items()) == rows
    told = counts.update({offered("1"): 9}, {}, {"2": "Help"})[OFFERED.name]
    assert list(shown(told).items()) == [(("1", "1", "voice"), 9), *rows[1:]]


def test_a_queue_that_is_renamed_goes_on_with_its_counts(counts: CommittedCounts) -> None:
    names = {"1": "Sales", "2": "Help"}
    counts.update(
        {offered("1"): 1, offered("2"): 2, event("x"): 1}, {wait("1"): waited(1, 0)}, names
    )
    told = counts.update({}, {}, {"1": "Sales EU", "2": "Help"})
    assert {name: shown(blocks) for name, blocks in told.items()} == {
        OFFERED.name: {("1", "Sales EU", "voice"): 1, ("2", "Help", "voice"): 2},
        WAIT.name: {("1", "Sales EU"): waited(1, 0)},
    }
    told = counts.update({offered("2"): 3}, {}, {"1": "Sales EU"})
    assert {name: shown(blocks) for name, blocks in told.items()} == {
        OFFERED.name: {("1", "Sales EU", "voice"): 1, ("2", "2", "voice"): 3},
    }


def test_names_of_other_queues_change_nothing(counts: CommittedCounts) -> None:
    names = {"1": "Sales", "2": ""}
    (before,) = counts.update({offered("1"): 1, offered("2"): 1}, {}, names)[OFFERED.name]
    assert counts.update({}, {}, {"1": "Sales", "9": "New"}) == {}
    assert counts.update({}, {}, {"1": "Sales", "2": "2"}) == {}  # it was shown as 2 already
    names["1"] = "changed where nobody looks"
    (after,) = counts.update({offered("1"): 2}, {}, {"1": "Sales"})[OFFERED.name]
    assert after.keys is before.keys


def test_names_that_the_caller_changes_in_place_are_seen(counts: CommittedCounts) -> None:
    names = {"1": "Sales"}
    counts.update({offered("1"): 1}, {}, names)
    names["1"] = "Sales EU"
    told = counts.update({}, {}, names)
    assert shown(told[OFFERED.name]) == {("1", "Sales EU", "voice"): 1}


def test_labels_may_differ_within_a_family(counts: CommittedCounts) -> None:
    plain: SeriesKey = (OFFERED.name, (("channel", "sms"),))
    before = counts.update({offered("1"): 1, plain: 2}, {}, {})[OFFERED.name]
    assert [(block.labels, block.keys) for block in before] == [
        (("channel",), (("sms",),)),
        (("queue_id", "queue", "channel"), (("1", "1", "voice"),)),
    ]
    after = counts.update({plain: 3}, {}, {})[OFFERED.name]
    assert shown(after) == {("sms",): 3, ("1", "1", "voice"): 1}
    assert after[1] is before[1]


def test_what_this_version_does_not_know_is_left_out(counts: CommittedCounts) -> None:
    odd: dict[SeriesKey, float] = {
        ("contactcenter_gone_total", (("queue_id", "1"),)): 1,
        (OFFERED.name, (("queue_id", "1"), ("skill", "x"))): 1,  # a label it had once
        (OFFERED.name, (("channel", "voice"), ("queue_id", "1"))): 1,  # an order it had once
        (WAIT.name, (("queue_id", "1"),)): 1,  # not a histogram then
    }
    counter: dict[SeriesKey, Histogram] = {event("logon"): waited(1, 0)}
    assert counts.update(odd, counter, {}) == {}
    told = counts.update({**odd, offered("1"): 2}, counter, {"1": "Sales"})
    assert {name: shown(blocks) for name, blocks in told.items()} == {
        OFFERED.name: {("1", "Sales", "voice"): 2}
    }


queue_ids = st.sampled_from(["1", "10", "2", "b"])
changes = st.tuples(
    st.dictionaries(
        st.one_of(
            st.builds(offered, queue_ids, st.sampled_from(["voice", "sms"])),
            st.builds(event, st.sampled_from(["logon", "logoff"])),
        ),
        st.floats(0, 1e6),
    ),
    st.dictionaries(st.builds(wait, queue_ids), st.builds(waited, st.integers(0, 9), st.just(1))),
    st.dictionaries(queue_ids, st.sampled_from(["", "Sales", "Help"])),
)
Changes = tuple[dict[SeriesKey, float], dict[SeriesKey, Histogram], dict[str, str]]


@given(st.lists(changes, max_size=6))
def test_pieces_make_the_same_page_as_everything_at_once(steps: list[Changes]) -> None:
    piecewise = CommittedCounts(FAMILIES)
    page: dict[str, tuple[Block, ...]] = {}
    counters: dict[SeriesKey, float] = {}
    histograms: dict[SeriesKey, Histogram] = {}
    for some_counters, some_histograms, names in steps:
        counters |= some_counters
        histograms |= some_histograms
        told = piecewise.update(some_counters, some_histograms, names)
        whole = CommittedCounts(FAMILIES).update(counters, histograms, names)
        unchanged = {name: blocks for name, blocks in page.items() if name not in told}
        page = {**page, **told}
        assert page == whole
        assert all(blocks == whole[name] for name, blocks in unchanged.items())
        for blocks in page.values():
            assert all(list(block.keys) == sorted(block.keys) for block in blocks)


def test_a_few_of_many_rows_cost_little(counts: CommittedCounts) -> None:
    many = {offered(str(number)): 1.0 for number in range(100_000)}
    began = time.perf_counter()
    counts.update(many, {}, {})
    whole = time.perf_counter() - began
    few = dict.fromkeys(list(many)[:10], 2.0)
    costs = []
    for _ in range(5):
        began = time.perf_counter()
        counts.update(few, {}, {})
        costs.append(time.perf_counter() - began)
    assert min(costs) < whole / 50

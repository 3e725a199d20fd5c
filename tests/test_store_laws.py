"""The store beside a plain model in any order of events, and under many threads."""

import math
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exporter.model import FOREVER, Block, Frame
from exporter.store import Place, Store
from tests.shown import ACTIVE, FEEDS, FIRST, OTHER, SECOND, WAITING, A, B, frame, lines

Labels = tuple[str, ...]
LINE = re.compile(r'(\w+)\{source="(\w+)"((?:,\w+="\w+")*)\} (\S+)')


@dataclass
class Said:
    """What a model's place shows, and what of it is refused."""

    expires: float
    shown: dict[str, dict[Labels, float]]


@dataclass
class Model:
    """The store in plain words: dictionaries, and no care for speed."""

    cap: int
    places: dict[Place, Said] = field(default_factory=dict)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)

    def publish(self, place: Place, new: Frame) -> None:
        siblings = [
            said
            for other, said in self.places.items()
            if other[:2] == place[:2] and other != place and said.expires >= new.at
        ]
        before = self.places.get(place, Said(0.0, {}))
        kept: dict[str, dict[Labels, float]] = {}
        for name, rows in self._said(new.blocks).items():
            theirs = [labels for said in siblings for labels in said.shown.get(name, ())]
            wanted: dict[Labels, float] = {}
            for labels, value in rows:
                if labels not in theirs:
                    wanted.setdefault(labels, value)
            old = [labels for labels in wanted if labels in before.shown.get(name, ())]
            young = [labels for labels in wanted if labels not in old]
            room = max(0, self.cap - len(theirs))
            chosen = wanted if len(wanted) <= room else (old + young)[:room]
            kept[name] = {labels: wanted[labels] for labels in chosen}
            self.dropped[place.source, name] += len(rows) - len(chosen)
        self.places[place] = Said(new.expires, kept)
        # what expired has lost its claim: it was seen to be gone by its sibling
        for other in list(self.places):
            if other[:2] == place[:2] and self.places[other].expires < new.at:
                del self.places[other]

    @staticmethod
    def _said(blocks: Iterable[Block]) -> dict[str, list[tuple[Labels, float]]]:
        rows: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
        for one in blocks:
            for family, column in one.columns:
                found = rows[family.name]
                for key, value in zip(one.keys, column, strict=True):
                    if isinstance(value, float) and not math.isnan(value):
                        named = zip(one.labels, key, strict=True)
                        found.append((tuple(f"{n}={v}" for n, v in named if v), value))
        return rows

    def selection(self, now: float) -> dict[tuple[str, str], dict[Labels, float]]:
        """Label sets by source and family; a family that its owner says nothing of is empty."""
        live = {place: said for place, said in self.places.items() if said.expires >= now}
        owners: dict[tuple[str, str], str] = {}
        for place in sorted(live, key=lambda place: FEEDS.index(place.feed)):
            for name in live[place].shown:
                owners.setdefault((place.source, name), place.feed)
        found: dict[tuple[str, str], dict[Labels, float]] = {}
        for place, said in live.items():
            for name, rows in said.shown.items():
                if owners[place.source, name] == place.feed:
                    found.setdefault((place.source, name), {}).update(rows)
        return found


places = st.sampled_from([FIRST, SECOND, A, B, Place("acme", "parted", "c"), OTHER])
values = st.one_of(
    st.sampled_from([1.0, 2.0, 3.5]), st.none(), st.just(math.nan), st.just(math.inf)
)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    labels = draw(st.sampled_from([("queue",), ("queue", "channel")]))
    key = st.tuples(
        *[st.sampled_from(["", *alphabet]) for alphabet in ("abcde", "vw")][: len(labels)]
    )
    keys = draw(st.lists(key, max_size=6))
    column = st.lists(values, min_size=len(keys), max_size=len(keys))
    families = draw(st.lists(st.sampled_from([WAITING, ACTIVE]), min_size=1, max_size=3))
    return Block(labels, tuple(keys), tuple((family, draw(column)) for family in families))


class StoreMachine(RuleBasedStateMachine):
    """Any order of publications, withdrawals and time, beside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.store = Store(4)
        self.model = Model(4)
        self.last: list[Block] = []
        for source in ("acme", "other"):
            self.store.rank(source, FEEDS)

    @rule(
        place=places,
        made=st.lists(blocks(), max_size=3),
        ttl=st.sampled_from([5.0, 20.0, FOREVER]),
        late=st.sampled_from([0.0, 0.0, 1.0]),
    )
    def publish(self, place: Place, made: Sequence[Block], ttl: float, late: float) -> None:
        self._publish(place, Frame(tuple(made), self.now - late, ttl))
        self.last = list(made)

    @rule(place=places)
    def publish_the_same_again(self, place: Place) -> None:
        self._publish(place, Frame(tuple(self.last), self.now, 20.0))

    def _publish(self, place: Place, new: Frame) -> None:
        self.store.publish(place, new)
        self.model.publish(place, new)

    @rule(seconds=st.sampled_from([0.5, 5.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(place=places)
    def withdraw(self, place: Place) -> None:
        self.store.withdraw(place)
        self.model.places.pop(place, None)

    @rule(parts=st.sets(st.sampled_from("abcd")))
    def retain(self, parts: set[str]) -> None:
        self.store.retain("acme", "parted", parts)
        for place in [A, B, Place("acme", "parted", "c")]:
            if place.part not in parts:
                self.model.places.pop(place, None)

    @rule()
    def ask_for_gzip(self) -> None:
        self.store.gzip_asked(self.now)

    @invariant()
    def what_is_shown_is_what_the_model_shows(self) -> None:
        selection = self.store.selection(self.now)
        found: dict[tuple[str, str], dict[Labels, float]] = defaultdict(dict)
        for line in lines(selection):
            match = LINE.fullmatch(line)
            assert match, line
            name, source, labels, value = match.groups()
            label_set = tuple(labels.replace('"', "").split(",")[1:])
            assert label_set not in found[source, name], "a series comes twice"
            found[source, name][label_set] = float(value)
        expected = self.model.selection(self.now)
        assert found == {key: rows for key, rows in expected.items() if rows}
        assert {(source, family.name): n for (source, family), n in selection.series.items()} == {
            key: len(rows) for key, rows in expected.items()
        }

    @invariant()
    def what_was_dropped_is_counted(self) -> None:
        dropped = {(source, family.name): n for (source, family), n in self.store.dropped.items()}
        assert dropped == {key: n for key, n in self.model.dropped.items() if n}


StoreMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestStoreMachine = StoreMachine.TestCase


def test_readers_never_see_half_a_frame_while_others_publish() -> None:
    store = Store(1000)
    store.rank("acme", FEEDS)
    turns = 60
    wrong: list[str] = []
    done = threading.Event()

    def publish(place: Place) -> None:
        keys = tuple((f"{place.feed}{place.part}-{n}",) for n in range(20))
        for turn in range(turns):
            column = [float(turn)] * len(keys)
            same = Block(("queue",), keys, ((WAITING, column), (ACTIVE, column)))
            store.publish(place, frame(same, at=float(turn)))
            if place is FIRST and turn % 10 == 5:
                store.withdraw(place)

    def read() -> None:
        while not done.is_set() and not wrong:
            store.gzip_asked(float(turns))
            wrong.extend(torn(lines(store.selection(float(turns)))))

    apart = [Place("other", "parted", part) for part in "ab"]
    writers = [threading.Thread(target=publish, args=(place,)) for place in (FIRST, SECOND, *apart)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in readers:
        thread.join(60)
    assert not any(thread.is_alive() for thread in [*readers, *writers])
    assert wrong == []
    last = lines(store.selection(float(turns)))
    assert len(last) == 3 * 40
    assert all(line.endswith(f" {turns - 1}.0") for line in last)


def torn(found: Sequence[str]) -> Iterable[str]:
    """What is wrong with lines of frames of two families, twenty queues and one value each."""
    frames: dict[str, list[str]] = defaultdict(list)
    for line in found:
        series, _, value = line.rpartition(" ")
        frames[series.partition('queue="')[2].partition("-")[0]].append(value)
    if len({line.rpartition(" ")[0] for line in found}) != len(found):
        yield "a series comes twice"
    for feed, said in frames.items():
        if len(said) != 40 or len(set(said)) != 1:
            yield f"a part of a frame of {feed}: {sorted(said)}"
    if {"first", "second"} <= frames.keys():
        yield "a family of two feeds"

"""Events of LiveVox's feeds, and the machines that take them, as an account declares them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from exporter.accounts import Account
from exporter.accumulator import SeriesKey
from exporter.feeds import Answer, Document
from exporter.model import Block, Family
from exporter.recent import RecentIds
from exporter.streams import Machine, Resumed, Step, Stream
from exporter.vendors.livevox.directory import LiveVoxDirectory
from tests.vendors.livevox.account import AT, FIXTURES, account, samples

WINDOW = 1000
NOBODY = LiveVoxDirectory()

Event = dict[str, Any]
LiveVoxMachine = Machine[LiveVoxDirectory]


def stream(name: str, of: Account[Any] | None = None, **changes: Any) -> Stream[LiveVoxDirectory]:
    """A stream of an account on which every feed of events is on."""
    of = of or account(feeds={"agent_events": ON, "interaction_events": ON}, **changes)
    return next(one for one in of.streams if one.name == name)


ON = {"enabled": True}


def resumed(
    ids: Iterable[str] = (),
    cursor: str = "",
    memory: Mapping[str, str] | None = None,
    counted: Iterable[SeriesKey] = (),
) -> Resumed:
    """Where a machine goes on; at the beginning where nothing is said."""
    return Resumed(RecentIds(WINDOW, ids), cursor, memory or {}, counted)


def page(array: str, *events: object, token: object = "next") -> bytes:
    """A page of a long poll."""
    return msgspec.json.encode({array: list(events), "token": token})


def answered(body: bytes, at: float = AT, date: float | None = None) -> Answer:
    """The answer with this body; `at` is the vendor's time."""
    return Answer(body, at, date)


def payloads(events: Iterable[object]) -> list[bytes]:
    """The data of server-sent events."""
    return [msgspec.json.encode(event) for event in events]


def data_of(name: str) -> list[bytes]:
    """The data of the events in a sample of an event stream."""
    lines = (FIXTURES / name).read_bytes().splitlines()
    return [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]


def key(family: Family, **labels: str) -> SeriesKey:
    """A label set; labels that are not named are not there."""
    return family.name, tuple([(name, labels[name]) for name in family.labels if name in labels])


def of_family(step: Step, family: Family) -> dict[tuple[str, ...], float]:
    """What the counters of a family rise by: label values to increment."""
    return {
        tuple([value for _, value in labels]): increment
        for (name, labels), increment in step.increments.items()
        if name == family.name
    }


def observed(step: Step, family: Family) -> dict[tuple[str, ...], tuple[int, float]]:
    """What the histograms of a family rise by: label values to (observations, total)."""
    return {
        tuple([value for _, value in labels]): (sum(seen.counts), seen.total)
        for (name, labels), seen in step.observations.items()
        if name == family.name
    }


def shown(blocks: Sequence[Block], family: Family) -> dict[str, float]:
    """The sample lines of a family: labels to value."""
    return samples(Document(tuple(blocks), 0.0), family)

"""A stream of calls for tests: its events, its families, and the machine that counts them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from exporter.accumulator import SeriesKey
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Rejected, Request
from exporter.model import Block, Family, Kind, Observations, block_of
from exporter.streams import Known, LongPoll, Resumed, Sse, Step, Stream

NOON = 1_763_985_600.0
IDLE = 30.0
ACTIVE = Family("contactcenter_active", Kind.GAUGE, "Calls now.", ("queue_id",))
QUIET = Family("contactcenter_quiet_seconds", Kind.GAUGE, "Time since the newest event.")
CALLS = Family("contactcenter_calls_total", Kind.COUNTER, "Calls.", ("queue_id", "queue", "kind"))
WAITS = Family("contactcenter_waits", Kind.HISTOGRAM, "Waits.", ("queue_id", "queue"))
WAIT_BOUNDS = (10.0, 60.0)
KINDS = ("start", "end")


@dataclass(frozen=True)
class Queues:
    """A directory."""

    queues: Mapping[str, str] = field(default_factory=dict)


def calls_of(queue: str, kind: str) -> SeriesKey:
    """The counter of calls of a queue."""
    return CALLS.name, (("queue_id", queue), ("kind", kind))


def waits_of(queue: str) -> SeriesKey:
    """The histogram of waits of a queue."""
    return WAITS.name, (("queue_id", queue),)


def call(name: str, kind: str = "start", queue: str = "1", **more: Any) -> bytes:
    """The payload of an event; `at` is its time, NOON where it is not said."""
    return json.dumps({"id": name, "kind": kind, "queue": queue, "at": NOON, **more}).encode()


def page_of(token: str, *events: bytes, **more: Any) -> Answer:
    """A page of events at noon."""
    document = {"token": token, "events": [json.loads(event) for event in events], **more}
    return Answer(json.dumps(document).encode(), NOON)


class Calls:
    """A machine: it counts calls and their waits, and knows how many there are by queue."""

    kinds: Sequence[str] = KINDS

    def __init__(self, resumed: Resumed) -> None:
        self.resumed = resumed
        self._active = {queue: int(count) for queue, count in resumed.memory.items()}
        self._newest = 0.0
        self._drift: float | None = None

    def answered(self, answer: Answer, directory: Queues) -> Step:
        """Counts a page; `full` says that there is more."""
        try:
            document = json.loads(answer.body)
        except ValueError:
            raise FeedError(Reason.DECODE, "no JSON") from None
        step = self._counted(document["events"], answer.at)
        return replace(step, cursor=document["token"], full=document.get("full", False))

    def received(self, payloads: Sequence[bytes], at: float, directory: Queues) -> Step:
        """Counts events; what is no JSON is malformed."""
        rows, malformed = [], 0
        for payload in payloads:
            try:
                rows.append(json.loads(payload))
            except ValueError:
                malformed += 1
        step = self._counted(rows, at)
        return replace(step, malformed=malformed, cursor=step.ids[-1] if step.ids else None)

    def _counted(self, rows: Sequence[Mapping[str, Any]], at: float) -> Step:
        new = self.resumed.recent.new({row["id"]: row for row in rows})
        self.resumed.recent.add(list(new))
        events = list(new.values())
        waits: dict[SeriesKey, list[float]] = {}
        for row in events:
            step = 1 if row["kind"] == "start" else -1
            self._active[row["queue"]] = self._active.get(row["queue"], 0) + step
            if "wait" in row:
                waits.setdefault(waits_of(row["queue"]), []).append(row["wait"])
            self._newest = max(self._newest, row["at"])
        unread = Counter(name for row in rows for name in row.get("unread", ()))
        return Step(
            events=Counter(row["kind"] for row in events),
            duplicates=len(rows) - len(new),
            rejected=Rejected(0, unread),
            increments=Counter(calls_of(row["queue"], row["kind"]) for row in events),
            observations={key: Observations.of(WAIT_BOUNDS, each) for key, each in waits.items()},
            ids=list(new),
            memory={row["queue"]: self._remembered(row["queue"]) for row in events},
            lags=[at - row["at"] for row in events],
            newest=max((row["at"] for row in events), default=None),
        )

    def _remembered(self, queue: str) -> str | None:
        return str(self._active[queue]) if self._active[queue] else None

    def corrected(self, snapshot: Mapping[str, int], directory: Queues) -> Step:
        """Takes the snapshot for true."""
        before, self._active = self._active, dict(snapshot)
        either = before.keys() | snapshot.keys()
        self._drift = float(sum(before.get(key, 0) != snapshot.get(key, 0) for key in either))
        return Step(memory={queue: str(count) for queue, count in snapshot.items()})

    def connected(self, at: float) -> None:
        """Nothing depends on it."""

    def restarted(self) -> Step:
        """Forgets all."""
        self._active, self._drift = {}, None
        return Step(cursor="")

    def blocks(self, now: float, directory: Queues) -> Sequence[Block]:
        """The calls, and how long it is quiet; nothing where no call is known.

        A call of the queue "bug" can not be shown.
        """
        if "bug" in self._active:
            raise ZeroDivisionError
        if not self._active:
            return ()
        rows = [((queue,), float(count)) for queue, count in self._active.items()]
        quiet = Block((), ((),), ((QUIET, [now - self._newest]),))
        return (block_of(ACTIVE, ("queue_id",), rows), quiet)

    def drift(self) -> float | None:
        """By how many queues the last snapshot differed."""
        return self._drift

    def known(self, directory: Queues) -> Known:
        """Every kind of every queue."""
        queues = list(directory.queues)
        counters = [calls_of(queue, kind) for queue in queues for kind in KINDS]
        return Known(counters, {waits_of(queue): WAIT_BOUNDS for queue in queues})


def _request(cursor: str, directory: Queues) -> Request:
    return Request("GET", f"/calls?after={cursor}")


def stream(transport: str = "sse", name: str = "calls", corrected_by: str = "stats") -> Stream[Any]:
    """A stream of calls."""
    of = LongPoll if transport == "longpoll" else Sse
    return of(name, _request, Calls, (ACTIVE, CALLS, WAITS), IDLE, corrected_by=corrected_by)

"""Calls that the agent feed announces, read one by one: callData/inCall and callData/postCall.

Experimental, and within a budget of requests. For accounts without the feed of interactions.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from exporter.accumulator import SeriesKey
from exporter.decoding import Fields, identity, text
from exporter.errors import FeedError
from exporter.feeds import Document, Poll, Reading, Request
from exporter.labels import Vocabulary
from exporter.model import Block, Key, block_of
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.contacts import series
from exporter.vendors.livevox.directory import LiveVoxDirectory
from exporter.vendors.livevox.interaction_words import DIRECTIONS

GIVEN_UP_AFTER = 60.0  # seconds after the end of a call in which it can be read
AGAIN_AFTER = 5.0  # seconds after a call was not found
KEPT = 10_000  # calls that are done, by transaction: another agent may tell of them
NOT_FOUND, FORBIDDEN = 404, 403
REFUSED_FOR = 300.0  # seconds until a user who may not read calls is tried again


@dataclass(slots=True)
class _Call:
    """A call that has not been read to its end. Times are the vendor's, Unix seconds."""

    session: str
    transaction: str
    agents: set[str] = field(default_factory=set)
    ended: float | None = None
    not_before: float = 0.0
    asked: bool = False
    queue: str = ""
    direction: str = ""

    def params(self) -> tuple[tuple[str, str], ...]:
        return (("session", self.session), ("transaction", self.transaction))


class CallBook:
    """The calls that agents' events announced; pure, but for what it was told."""

    def __init__(self, label_values: int) -> None:
        self._calls: dict[str, _Call] = {}
        self._of_agent: dict[str, str] = {}
        self._done: dict[str, None] = {}
        self._results = Vocabulary(label_values)
        self._term_codes = Vocabulary(label_values)
        self._counted: Counter[SeriesKey] = Counter()

    def told(self, event: wire.AgentEvent, kind: str, at: float) -> None:
        """Takes an event: in a call, working after one, or without any."""
        agent, transaction = identity(event.agentId), identity(event.transactionId)
        if kind == "in_call" and transaction and text(event.sessionId):
            if transaction not in self._done:
                call = self._calls.setdefault(
                    transaction, _Call(text(event.sessionId), transaction)
                )
                call.agents.add(agent)
                call.ended = None
                self._leave(self._of_agent.pop(agent, ""), agent, at, but=transaction)
                self._of_agent[agent] = transaction
        elif kind in ("wrap_up", "ready", "not_ready", "logoff") and text(event.lineNumber) in (
            "",
            "ACD",
        ):
            self._leave(self._of_agent.pop(agent, ""), agent, at)

    def _leave(self, transaction: str, agent: str, at: float, but: str = "") -> None:
        call = self._calls.get(transaction)
        if call is not None and transaction != but:
            call.agents.discard(agent)
            if not call.agents:
                call.ended = at

    def forgotten(self) -> None:
        """Forgets the calls in progress: events were missed, and nobody may tell of their end."""
        begun = [key for key, call in self._calls.items() if call.ended is None]
        for transaction in begun:
            del self._calls[transaction]
        self._of_agent.clear()

    def due(self, now: float, most: int) -> list[_Call]:
        """What to read next: calls that ended first, as they are lost soonest."""
        waiting = [call for call in self._calls.values() if call.not_before <= now]
        ended = [call for call in waiting if call.ended is not None]
        begun = [call for call in waiting if call.ended is None and not call.asked]
        ended.sort(key=lambda call: call.ended or 0.0)
        return [*ended, *begun][:most]

    def missing(self, call: _Call, now: float) -> None:
        """The call was not found: it is not over yet, or not in progress any more."""
        if call.ended is None:
            call.asked = True
        self.wait(call, now)

    def wait(self, call: _Call, now: float) -> None:
        """Lets the others have their turn before the call is asked for again."""
        call.not_before = now + AGAIN_AFTER

    def unwanted(self, call: _Call) -> None:
        """Forgets a call of a service that the source does not read."""
        self._close(call)

    def begun(self, call: _Call, told: Fields) -> None:
        """Takes what callData/inCall says."""
        call.asked, call.not_before = True, 0.0
        call.queue = told.identity("serviceId")
        outbound = told.flag("callDirectionOutbound")
        call.direction = "" if outbound is None else DIRECTIONS[outbound]

    def completed(self, call: _Call, told: Fields) -> None:
        """Counts a call by what callData/postCall says."""
        queue = told.identity("serviceId") or call.queue
        result = self._results.value(told.identity("lvResult"))
        term_code = self._term_codes.value(told.identity("termCodeName"))
        self._counted[series(f.COMPLETED_CALLS, queue, result, term_code)] += 1
        self._close(call)

    def give_up(self, now: float) -> None:
        """Counts the calls that can not be read any more."""
        for call in list(self._calls.values()):
            if call.ended is not None and now > call.ended + GIVEN_UP_AFTER:
                self._counted[UNREAD] += 1
                self._close(call)

    def _close(self, call: _Call) -> None:
        self._calls.pop(call.transaction, None)  # it may have been forgotten while it was read
        self._done[call.transaction] = None
        if len(self._done) > KEPT:
            del self._done[next(iter(self._done))]

    def take(self) -> Mapping[SeriesKey, float]:
        """What was counted since it was last taken; the unread ones always."""
        taken = {UNREAD: 0.0, **{key: float(count) for key, count in self._counted.items()}}
        self._counted.clear()
        return taken

    def in_progress(self, directory: LiveVoxDirectory) -> Block:
        """The calls that were read while they lasted, by queue; 0 where there is none."""
        counted: Counter[Key] = Counter(
            {(*directory.key(queue), way): 0 for queue in directory.queues for way in DIRECTIONS}
        )
        counted.update(
            (*directory.key(call.queue), call.direction)
            for call in self._calls.values()
            if call.queue and call.ended is None
        )
        values = [(key, float(count)) for key, count in counted.items()]
        return block_of(f.ANNOUNCED_CALLS, f.ANNOUNCED_CALLS.labels, values)


UNREAD: SeriesKey = (f.UNREAD_CALLS.name, ())


def call_data(api: Api, book: CallBook, max_per_minute: int) -> Poll[LiveVoxDirectory]:
    """The calls of the book, read within the budget, spread evenly."""
    each = ceil(max_per_minute / 60)

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        at = now
        book.give_up(now)
        for call in book.due(now, each):
            ended = call.ended is not None
            method = "callData/postCall" if ended else "callData/inCall"
            request = Request("GET", api.path("realtime", method), params=call.params())
            try:
                (answer,) = yield [request]
            except FeedError as error:
                if error.status == FORBIDDEN:
                    # the user may not: to ask for each call tells nothing new
                    raise FeedError(error.reason, error.detail, REFUSED_FOR, FORBIDDEN) from None
                if error.status != NOT_FOUND:
                    book.wait(call, now)
                    raise
                book.missing(call, now)
                continue
            at = answer.at
            book.wait(call, now)
            told = Fields(answer.body)
            if not directory.wants(told.identity("serviceId")):
                book.unwanted(call)
            elif ended:
                book.completed(call, told)
            else:
                book.begun(call, told)
        return Document((book.in_progress(directory),), at, increments=book.take())

    families = (f.ANNOUNCED_CALLS, f.COMPLETED_CALLS, f.UNREAD_CALLS)
    return Poll("call_data", each * 60 / max_per_minute, read, families)

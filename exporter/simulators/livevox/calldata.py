"""callData: the calls that the agent event feed told of, while they last and after they ended."""

import re
from collections import Counter
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from exporter.simulators.events import Event, EventKind
from exporter.simulators.livevox.agentdocs import call_session
from exporter.simulators.livevox.callresults import result_of
from exporter.simulators.livevox.errors import LiveVoxError
from exporter.simulators.livevox.eventcounts import EventCounts
from exporter.simulators.livevox.interactiondocs import ivr_seconds_before
from exporter.simulators.livevox.sessions import CLIENT_ID
from exporter.simulators.localday import local_seconds
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import Outcome
from exporter.simulators.world import Call, Queue

Document = dict[str, Any]

IN_CALL_PATH = "/realtime/callData/inCall"
POST_CALL_PATH = "/realtime/callData/postCall"
DEFAULT_KEPT = 20_000
_NO_BALANCE_EVERY = 6
_TRANSACTION = re.compile(r"[0-9]{1,18}")

TERM_CODES: dict[Outcome, str] = {
    Outcome.RIGHT_PARTY_COMPLETE: "RPC - Payment",
    Outcome.RIGHT_PARTY_INCOMPLETE: "RPC - No Payment",
    Outcome.WRONG_PARTY: "Wrong Party",
}
"""termCodeName of a call that has ended; an agent who reached nobody gives none."""


class Completed(NamedTuple):
    """What completed calls are counted by, in the platform's words; `term_code` may be empty."""

    queue: Queue
    result: str
    term_code: str


class CallData:
    """The calls in progress and those of today that have ended, of the ones announced.

    Every agent event that carries a call's ids announces it. Of the calls that have ended the
    newest are known, as many as `kept` says. A call of a service that vanished can not be read.
    """

    def __init__(self, scenario: Scenario, kept: int = DEFAULT_KEPT) -> None:
        self._scenario = scenario
        self._kept = kept
        self._open: dict[int, Call] = {}
        self._announced_at: dict[int, int] = {}
        self._ended: dict[int, Call] = {}
        self._completed: EventCounts[Completed] = EventCounts(scenario)
        scenario.log.subscribe(self._hear)

    def announce(self, call: Call) -> None:
        """Know a call from now on: an event carries its ids."""
        if call.ended is None:
            self._open[call.id] = call
            self._announced_at[call.id] = self._scenario.tick
        else:
            self._keep(call)

    def complete(self, call: Call) -> None:
        """Count a call whose agent wraps up, which is the event that tells of its end."""
        words = Completed(call.queue, result_of(call)[1] or "", _term_code(call) or "")
        self._completed.add(words)

    def in_call(self, query: QueryParams) -> Document:
        """callData/inCall; raises LiveVoxError when no such call is in progress."""
        call = self._find(query, self._open)
        first_name, last_name = call.customer.name.split(" ", 1)
        document: Document = {
            "consumer": {"firstName": first_name, "lastName": last_name},
            "serviceId": call.queue.id,
            "callCenterId": call.queue.call_center.id,
            "account": call.customer.account,
            "zipCode": None,
            "callDirectionOutbound": not call.inbound,
            "callStartTime": self._scenario.ms(call.started - ivr_seconds_before(call)),
        }
        if call.id % _NO_BALANCE_EVERY:
            document["totalDue"] = call.id * 37 % 90_000 / 100
        return document

    def post_call(self, query: QueryParams) -> Document:
        """callData/postCall; raises LiveVoxError when no such call ended today."""
        call = self._find(query, self._ended)
        ended = call.ended or 0
        if ended < self._scenario.tick - local_seconds(self._scenario.tick):
            raise LiveVoxError(404, "The call was not today.")
        return {
            "serviceId": call.queue.id,
            "callEndTime": self._scenario.ms(ended),
            "lvResult": result_of(call)[1],
            "phoneDialed": call.customer.phone,
            "termCodeName": _term_code(call),
        }

    def in_progress(self, since_ms: int) -> Counter[tuple[Queue, str]]:
        """Calls in progress by queue and direction, of those announced after a moment."""
        scenario = self._scenario
        since = scenario.tick_of(since_ms) if since_ms > scenario.start_ms else -1
        return Counter(
            (call.queue, "inbound" if call.inbound else "outbound")
            for call in self._open.values()
            if call.queue.hidden_since is None and self._announced_at[call.id] > since
        )

    def completed(self, since_ms: int) -> dict[Completed, int]:
        """Calls that ended after a moment; raises ValueError when that is no longer known."""
        return self._completed.since(since_ms)

    def _hear(self, event: Event) -> None:
        call = event.call
        if event.kind is EventKind.CALL_END and call is not None and call.id in self._open:
            del self._open[call.id], self._announced_at[call.id]
            self._keep(call)

    def _keep(self, call: Call) -> None:
        self._ended[call.id] = call
        if len(self._ended) > self._kept:
            del self._ended[next(iter(self._ended))]

    def _find(self, query: QueryParams, calls: dict[int, Call]) -> Call:
        session, transaction = query.get("session"), query.get("transaction", "")
        if not session:
            raise LiveVoxError(400, "session is mandatory.")
        if not _TRANSACTION.fullmatch(transaction):
            raise LiveVoxError(400, "transaction is mandatory and must be a whole number.")
        if query.get("client", str(CLIENT_ID)) != str(CLIENT_ID):
            raise LiveVoxError(403, "The user may not see this client.")
        call = calls.get(int(transaction))
        if call is None or call.queue.hidden_since is not None or call_session(call) != session:
            raise LiveVoxError(404, "There is no such call.")
        return call


def _term_code(call: Call) -> str | None:
    return None if call.outcome is None else TERM_CODES.get(call.outcome)

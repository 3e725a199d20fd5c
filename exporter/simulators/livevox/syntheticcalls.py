"""Calls that nobody made: for bursts, and for events with something wrong about them."""

import random
from collections.abc import Iterator, Sequence
from itertools import count

from exporter.simulators.people import Customer
from exporter.simulators.states import CallResult, CallType
from exporter.simulators.world import Agent, Call, Direction, Queue

_FIRST_CALL_ID = 990_000_001
_RESULTS = (
    CallResult.HANDLED,
    CallResult.HANDLED,
    CallResult.HANDLED,
    CallResult.ABANDONED,
    CallResult.NO_ANSWER,
    CallResult.BUSY,
)


class SyntheticCalls:
    """Calls of a seed that have ended, and that no agent of the scenario was kept busy with."""

    def __init__(self, seed: int, customers: Sequence[Customer]) -> None:
        self._rng = random.Random(f"synthetic calls of {seed}")
        self._customers = customers
        self._ids = count(_FIRST_CALL_ID)

    def ended(self, tick: int, queues: Sequence[Queue]) -> Iterator[Call]:
        """Calls that ended at a tick, without end, of each attended queue in turn."""
        attended = [queue for queue in queues if queue.attended and queue.desks]
        while attended:
            for queue in attended:
                yield self._one(tick, queue)

    def _one(self, tick: int, queue: Queue) -> Call:
        rng = self._rng
        inbound = queue.direction is not Direction.OUTBOUND
        result = _RESULTS[int(rng.random() * (4 if inbound else 6))]
        call = Call(
            id=next(self._ids),
            queue=queue,
            type=CallType.INBOUND if inbound else CallType.OUTBOUND,
            customer=self._customers[int(rng.random() * len(self._customers))],
            skill=queue.skills[0],
            started=tick,
            ended=tick,
            result=result,
        )
        if result in (CallResult.HANDLED, CallResult.ABANDONED):
            wait = int(rng.expovariate(1 / queue.threshold))
            if result is CallResult.HANDLED:
                call.talk = 5 + int(rng.expovariate(1 / 120))
                call.answered = tick - call.talk
                call.agent = self._agent(queue)
            call.offered = call.started = tick - call.talk - wait
        return call

    def _agent(self, queue: Queue) -> Agent:
        return queue.desks[int(self._rng.random() * len(queue.desks))].agent

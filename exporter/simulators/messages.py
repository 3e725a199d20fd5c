"""Text messages and e-mails that the queues which place calls send to customers."""

import math
import random
from itertools import count

from exporter.simulators.agenda import Agenda
from exporter.simulators.events import EventLog
from exporter.simulators.localday import load
from exporter.simulators.people import Customer
from exporter.simulators.world import Direction, Message, MessageChannel, Queue

_FIRST_MESSAGE_ID = 55_926_849_001
_RATE = 0.01
_THREADED_SHARE = 0.7


class Messages:
    """Sends messages as a Poisson process whose rate follows the day.

    `rng` is of its own: what is sent changes nothing of who calls.
    """

    def __init__(
        self, rng: random.Random, agenda: Agenda, log: EventLog, customers: tuple[Customer, ...]
    ) -> None:
        self._rng = rng
        self._agenda = agenda
        self._log = log
        self._customers = customers
        self._ids = count(_FIRST_MESSAGE_ID)

    def open(self, queue: Queue) -> None:
        """Let messages be sent for a queue from now on, if it places calls."""
        if queue.direction is not Direction.INBOUND:
            self._plan(queue)

    def _plan(self, queue: Queue) -> None:
        wait = self._rng.expovariate(_RATE * load(self._agenda.tick))
        self._agenda.after(math.ceil(wait), self._send, queue)

    def _send(self, queue: Queue) -> None:
        tick = self._agenda.tick
        message = Message(
            id=next(self._ids),
            queue=queue,
            channel=self._rng.choice(tuple(MessageChannel)),
            customer=self._rng.choice(self._customers),
            sent=tick,
            threaded=self._rng.random() < _THREADED_SHARE,
        )
        self._log.message(tick, message)
        self._plan(queue)

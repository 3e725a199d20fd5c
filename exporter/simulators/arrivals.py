"""When calls come in and when the dialer places them, by the hour and by who is at work."""

import math
import random
from collections.abc import Callable

from exporter.simulators.agenda import Agenda
from exporter.simulators.calls import Calls
from exporter.simulators.campaigns import Campaign, CampaignStatus
from exporter.simulators.localday import load
from exporter.simulators.staffing import STAFF_UNIT
from exporter.simulators.world import Direction, Queue

ANSWERED_SHARE = 0.25
_HANDLING_SECONDS = 175.0
_UNATTENDED_RATE = 0.05
_RECHECK_SECONDS = 60
_LINES_PER_READY_AGENT = 2


class Arrivals:
    """Makes calls happen in each queue, as a Poisson process whose rate follows the day."""

    def __init__(self, rng: random.Random, agenda: Agenda, calls: Calls) -> None:
        self._rng = rng
        self._agenda = agenda
        self._calls = calls

    def open(self, queue: Queue) -> None:
        """Let calls come to a queue from now on, and be placed for it, as its direction says."""
        now = float(self._agenda.tick)
        if queue.attended and queue.direction is not Direction.OUTBOUND:
            self._next_arrival(queue, now)
        if queue.direction is not Direction.INBOUND:
            self._next_attempt(queue, now)

    def _arrive(self, queue: Queue, now: float) -> None:
        self._calls.arrive(queue)
        self._next_arrival(queue, now)

    def _attempt(self, queue: Queue, now: float) -> None:
        campaign = _playing(queue)
        if campaign is not None and _free_lines(queue):
            self._calls.attempt(queue, campaign, self._rng.random() < ANSWERED_SHARE)
        self._next_attempt(queue, now)

    def _next_arrival(self, queue: Queue, now: float) -> None:
        self._plan(queue, now, self._work(queue), self._arrive, self._next_arrival)

    def _next_attempt(self, queue: Queue, now: float) -> None:
        rate = self._work(queue) / ANSWERED_SHARE if queue.attended else _UNATTENDED_RATE
        self._plan(queue, now, rate, self._attempt, self._next_attempt)

    def _work(self, queue: Queue) -> float:
        share = 0.5 if queue.direction is Direction.BLENDED else 1.0
        agents = queue.staff / STAFF_UNIT
        return share * load(self._agenda.tick) * agents / _HANDLING_SECONDS

    def _plan(
        self,
        queue: Queue,
        now: float,
        rate: float,
        happen: Callable[[Queue, float], None],
        recheck: Callable[[Queue, float], None],
    ) -> None:
        when = now + (self._rng.expovariate(rate) if rate > 0 else math.inf)
        if when > now + _RECHECK_SECONDS:
            when, happen = now + _RECHECK_SECONDS, recheck
        self._agenda.at(math.ceil(when), happen, queue, when)


def _free_lines(queue: Queue) -> bool:
    """Whether the dialer may place another call: lines follow the agents who are ready."""
    if not queue.attended:
        return queue.ringing < queue.throttle
    return not queue.waiting and queue.ringing < _LINES_PER_READY_AGENT * len(queue.ready)


def _playing(queue: Queue) -> Campaign | None:
    for campaign in queue.campaigns:
        if campaign.status is CampaignStatus.PLAYING and not campaign.dials_by_hand:
            return campaign
    return None

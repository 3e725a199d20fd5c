"""One seeded contact-center day after another: the truth that every simulator tells.

The same seed, sizes and moment give the same state, however the clock got there: what happens is
planned in whole simulated seconds (ticks) and done in order. At the first look it is 10:00 local
and the day since 08:00 has happened; totals start again at local midnight; at night it is quieter,
never empty.
"""

import random

from exporter.simulators.agenda import Agenda
from exporter.simulators.arrivals import Arrivals
from exporter.simulators.calls import Calls
from exporter.simulators.campaigns import Campaign
from exporter.simulators.clock import SimulatedClock
from exporter.simulators.dayplan import DayPlan
from exporter.simulators.events import EventLog
from exporter.simulators.localday import START_TICK, next_midnight
from exporter.simulators.messages import Messages
from exporter.simulators.people import customers
from exporter.simulators.roster import (
    FIRST_QUEUE_ID,
    Sizes,
    build_agents,
    build_queues,
    new_queue,
    seat,
)
from exporter.simulators.staffing import Staffing
from exporter.simulators.world import Agent, CallCenter, Queue


class Scenario:
    """A contact center that lives by a simulated clock."""

    def __init__(self, clock: SimulatedClock, seed: int = 1, sizes: Sizes | None = None) -> None:
        self.clock = clock
        self.seed = seed
        self.sizes = sizes or Sizes()
        rng = random.Random(seed)
        self.customers = customers(rng)
        self.queues: list[Queue] = build_queues(self.sizes)
        self.agents: list[Agent] = build_agents(self.sizes, self.queues, rng)
        self.log = EventLog()
        self._agenda = Agenda()
        self._staffing = Staffing(rng, self._agenda, self.log)
        calls = Calls(rng, self._agenda, self.log, self._staffing, self.customers)
        self._staffing.switchboard = calls
        self._plan = DayPlan(rng, self._agenda, self.queues, self.agents, self.sizes.campaigns)
        self._arrivals = Arrivals(rng, self._agenda, calls)
        of_messages = random.Random(f"messages of {seed}")
        self._messages = Messages(of_messages, self._agenda, self.log, self.customers)
        self._open()

    def _open(self) -> None:
        self._plan.open()
        for agent in self.agents:
            self._staffing.hire(agent)
        for queue in self.queues:
            self._arrivals.open(queue)
            self._messages.open(queue)
        self._agenda.run_until(START_TICK)
        for queue in self.queues:
            for counted in queue.counts:
                counted.mark_start()

    @property
    def tick(self) -> int:
        """The tick that has been reached."""
        return self._agenda.tick

    @property
    def now_ms(self) -> int:
        """The moment that has been reached, in milliseconds since the Unix epoch."""
        return self.ms(self.tick)

    @property
    def start_ms(self) -> int:
        """The moment of the first look, in milliseconds since the Unix epoch."""
        return self.clock.start_ms

    @property
    def next_midnight_ms(self) -> int:
        """The next local midnight, in milliseconds since the Unix epoch."""
        return self.ms(next_midnight(self.tick))

    @property
    def visible_queues(self) -> list[Queue]:
        """The queues that a reader may see, in order of their ids."""
        return [queue for queue in self.queues if queue.hidden_since is None]

    @property
    def call_centers(self) -> list[CallCenter]:
        """The call centers that have a queue, in order of their ids."""
        found = {queue.call_center.id: queue.call_center for queue in self.queues}
        return [found[center_id] for center_id in sorted(found)]

    @property
    def campaigns(self) -> list[Campaign]:
        """Campaigns of today and of the last weeks, in order of their ids."""
        return self._plan.campaigns

    def ms(self, tick: int) -> int:
        """A tick in milliseconds since the Unix epoch."""
        return self.clock.start_ms + (tick - START_TICK) * 1000

    def tick_of(self, ms: int) -> int:
        """The last tick that is not after a moment."""
        return START_TICK + (ms - self.clock.start_ms) // 1000

    def catch_up(self) -> None:
        """Let everything happen that should have happened by the clock."""
        self._agenda.run_until(self.tick_of(self.clock.now_ms()))

    def queue(self, queue_id: int) -> Queue | None:
        """The queue with an id, hidden or not."""
        return next((queue for queue in self.queues if queue.id == queue_id), None)

    def jump_past_midnight(self) -> None:
        """Move the clock to one second after the next local midnight."""
        self.clock.advance_to(self.ms(next_midnight(self.tick) + 1))
        self.catch_up()

    def add_queue(self, name: str = "") -> Queue:
        """Open another queue, and give it two of the agents who are at work."""
        index = max(queue.id for queue in self.queues) - FIRST_QUEUE_ID + 1
        queue = new_queue(index, self.call_centers[0])
        queue.name = name or f"New Service {queue.id}"
        self.queues.append(queue)
        for agent in [agent for agent in self.agents if agent.logged_in][:2]:
            self._staffing.leave_seats(agent)
            desk = seat(agent, queue)
            self._staffing.take_seats(agent)
            self._staffing.enter_desk(desk)
        self._arrivals.open(queue)
        self._messages.open(queue)
        return queue

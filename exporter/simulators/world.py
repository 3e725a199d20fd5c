"""The things of a contact center: call centers, queues, agents, calls. Data, with no behaviour.

Ticks are whole simulated seconds since the scenario's first second.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from exporter.simulators.campaigns import Campaign
from exporter.simulators.people import Customer
from exporter.simulators.states import AgentState, CallResult, CallType, Outcome
from exporter.simulators.tallies import Contact, Count, QueueDay, Tally, mean


class Direction(StrEnum):
    """Which calls a queue takes."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    BLENDED = "blended"


class Pacing(StrEnum):
    """What limits how many calls a queue places."""

    ABANDON_RATE = "abandon_rate"
    LINES_PER_AGENT = "lines_per_agent"
    CALLS_IN_PROGRESS = "calls_in_progress"


class MessageChannel(StrEnum):
    """How a message is sent."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(slots=True)
class CallCenter:
    """A group of queues."""

    id: int
    name: str


@dataclass(slots=True, eq=False)
class Call:
    """One call; times are ticks, None until that has happened.

    `offered` stays None for calls that agents dial by hand: those wait in no queue. `result`,
    `outcome` and `talk` (seconds, holds included) are known when the call has ended.
    """

    id: int
    queue: "Queue"
    type: CallType
    customer: Customer
    skill: str
    started: int
    campaign: Campaign | None = None
    priority: int = 1
    offered: int | None = None
    answered: int | None = None
    held_since: int | None = None
    ended: int | None = None
    agent: "Agent | None" = None
    outcome: Outcome | None = None
    result: CallResult | None = None
    talk: int = 0

    @property
    def inbound(self) -> bool:
        """Whether the customer called."""
        return self.type is CallType.INBOUND


@dataclass(frozen=True, slots=True)
class Message:
    """One text message or e-mail to a customer; `threaded` is one that belongs to a conversation.

    `sent` is a tick.
    """

    id: int
    queue: "Queue"
    channel: MessageChannel
    customer: Customer
    sent: int
    threaded: bool


@dataclass(slots=True, eq=False)
class Queue:
    """Where calls wait for agents.

    `waiting` are the calls nobody has yet, `connecting` those an agent is reserved for, oldest
    first; `talking` have an agent. `ringing` counts placed calls that nobody has answered.
    `staff` is the number of agents logged in, each divided by his queues, in twelfths.
    """

    id: int
    name: str
    call_center: CallCenter
    direction: Direction
    attended: bool
    threshold: int
    max_wait: int
    pacing: Pacing
    throttle: int
    skills: tuple[str, ...]
    desks: list["Desk"] = field(default_factory=list)
    hidden_since: int | None = None
    reset_lag: int = 0
    day: QueueDay = field(default_factory=QueueDay)
    counts: tuple[Count, ...] = field(default_factory=lambda: tuple(Count() for _ in Contact))
    waiting: dict[int, Call] = field(default_factory=dict)
    connecting: dict[int, Call] = field(default_factory=dict)
    talking: dict[int, Call] = field(default_factory=dict)
    ready: dict[int, "Agent"] = field(default_factory=dict)
    ringing: int = 0
    logged_in: int = 0
    staff: int = 0
    campaigns: list[Campaign] = field(default_factory=list)
    state_seconds: list[int] = field(default_factory=lambda: [0] * len(AgentState))
    state_visits: list[int] = field(default_factory=lambda: [0] * len(AgentState))
    averages_before: tuple[int, tuple[int, ...]] | None = None
    right_party: deque[int] = field(default_factory=deque)

    def count(self, contact: Contact, tick: int) -> None:
        """Count one contact."""
        self.day.counts[contact] += 1
        self.counts[contact].add(tick)

    def in_queue(self) -> int:
        """How many calls wait for an agent, or for the one reserved for them."""
        return len(self.waiting) + len(self.connecting)

    def longest_wait(self, tick: int) -> int:
        """Seconds that the oldest waiting call has waited, 0 when none waits."""
        oldest = (
            call.offered
            for calls in (self.waiting, self.connecting)
            for call in calls.values()
            if call.offered is not None
        )
        return tick - min(oldest, default=tick)

    def in_progress(self) -> int:
        """How many lines are in use: ringing, waiting or talking."""
        return self.ringing + self.in_queue() + len(self.talking)

    def average_in_state(self, state: AgentState) -> int:
        """Seconds that agents stayed in a state each time today, 0 when none did."""
        return mean(self.state_seconds[state], self.state_visits[state])

    def loaded(self) -> int:
        """Records of today's campaigns that are built."""
        return sum(campaign.loaded or 0 for campaign in self.campaigns)

    def remaining(self) -> int:
        """Records of today's campaigns still to dial."""
        return sum(campaign.remaining for campaign in self.campaigns)

    def dialable(self) -> int:
        """Records that may be dialed now."""
        return sum(campaign.dialable for campaign in self.campaigns)

    def complete_percent(self) -> int:
        """How much of today's records is done, in percent; 100 where there are none."""
        loaded = self.loaded()
        return 100 * (loaded - self.remaining()) // loaded if loaded else 100

    def on_hold(self) -> list[Call]:
        """The calls that their agents put on hold."""
        return [call for call in self.talking.values() if call.held_since is not None]


@dataclass(slots=True, eq=False)
class Desk:
    """An agent in one of his queues: as this queue sees him."""

    agent: "Agent"
    queue: Queue
    tally: Tally = field(default_factory=Tally)


@dataclass(slots=True, eq=False)
class Agent:
    """A person who handles calls.

    `tally` is the person's own; each desk has its queue's view. `step` changes with every state,
    so that a plan made for an earlier state is seen to be void.
    """

    id: int
    login: str
    first_name: str
    last_name: str
    team: int
    phone: str
    shift_start: int
    desks: list[Desk] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    call: Call | None = None
    monitored: bool = False
    shift_over: bool = False
    lunch_at: int | None = None
    step: int = 0

    @property
    def name(self) -> str:
        """First and last name, as the platform shows it."""
        return f"{self.first_name} {self.last_name}"

    @property
    def logged_in(self) -> bool:
        """Whether the agent is at work."""
        return self.tally.state is not AgentState.OFFLINE

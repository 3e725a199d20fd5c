"""Who and what a contact center has: call centers, queues, agents and their shifts."""

import random
from dataclasses import dataclass

from exporter.simulators.people import agent_names
from exporter.simulators.world import (
    Agent,
    CallCenter,
    Desk,
    Direction,
    Pacing,
    Queue,
)

FIRST_CALL_CENTER_ID = 31
FIRST_QUEUE_ID = 7001
FIRST_AGENT_ID = 5001
HOUR = 3600
SHIFT_LENGTH = 8 * HOUR
_DAY_SHIFTS = (8, 9)
_SHIFTS = (8, 6, 22, 9, 10, 14, 16)
_CALL_CENTER_NAMES = ("Main", "Tampa", "Manila", "Montréal")
_QUEUES = (
    ("Collections OB", Direction.OUTBOUND),
    ("Billing IN", Direction.INBOUND),
    ("Support IN", Direction.INBOUND),
    ("Retention BL", Direction.BLENDED),
    ("Payments IN", Direction.INBOUND),
    ("Welcome Calls OB", Direction.OUTBOUND),
    ('Crédit "Gold" \\ IN', Direction.INBOUND),
    ("Claims BL", Direction.BLENDED),
    ("Surveys OB", Direction.OUTBOUND),
    ("Technical IN", Direction.INBOUND),
    ("Renewals BL", Direction.BLENDED),
)
_UNATTENDED = "Reminders Unattended"
_SKILLS = ("", "English", "Spanish")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How big a contact center is; `campaigns` is the number a day."""

    queues: int = 12
    call_centers: int = 3
    agents: int = 60
    campaigns: int = 8

    def __post_init__(self) -> None:
        for name, least in (("queues", 1), ("call_centers", 1), ("agents", 0), ("campaigns", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")


def build_queues(sizes: Sizes) -> list[Queue]:
    """The queues, spread over the call centers; the last of four or more is unattended."""
    centers = [
        CallCenter(FIRST_CALL_CENTER_ID + index, _numbered(_CALL_CENTER_NAMES, index))
        for index in range(sizes.call_centers)
    ]
    return [
        new_queue(
            index, centers[index % len(centers)], sizes.queues < 4 or index < sizes.queues - 1
        )
        for index in range(sizes.queues)
    ]


def new_queue(index: int, center: CallCenter, attended: bool = True) -> Queue:
    """The queue of a position; the position decides everything about it."""
    _, direction = _QUEUES[index % len(_QUEUES)]
    name = _numbered([name for name, _ in _QUEUES], index)
    if not attended:
        name, direction = _UNATTENDED, Direction.OUTBOUND
    pacing, throttle = _pacing(index, attended)
    return Queue(
        id=FIRST_QUEUE_ID + index,
        name=name,
        call_center=center,
        direction=direction,
        attended=attended,
        threshold=(20, 30, 20, 15)[index % 4],
        max_wait=30 if direction is Direction.OUTBOUND else 300,
        pacing=pacing,
        throttle=throttle,
        skills=_SKILLS if index % 3 == 1 else ("",),
    )


def build_agents(sizes: Sizes, queues: list[Queue], rng: random.Random) -> list[Agent]:
    """The agents, each with a desk in one to three of the attended queues."""
    attended = [queue for queue in queues if queue.attended]
    agents = []
    for index, (first, last) in enumerate(agent_names(rng, sizes.agents)):
        agent = Agent(
            id=FIRST_AGENT_ID + index,
            login=f"{first[0]}{last[:6]}{index + 1}",
            first_name=first,
            last_name=last,
            team=12 + index // 12,
            phone=f"80855501{index % 100:02d}",
            shift_start=_shift(index, len(attended)) * HOUR,
        )
        home = attended[index % len(attended)]
        others = [queue for queue in attended if queue is not home]
        more = min(len(others), rng.choices((0, 1, 2), (65, 25, 10))[0])
        for queue in (home, *rng.sample(others, more)):
            seat(agent, queue)
        agents.append(agent)
    return agents


def seat(agent: Agent, queue: Queue) -> Desk:
    """Assign an agent to a queue."""
    desk = Desk(agent, queue)
    agent.desks.append(desk)
    queue.desks.append(desk)
    return desk


def _shift(index: int, queues: int) -> int:
    row = index // queues
    if row == 0:
        return _DAY_SHIFTS[index % len(_DAY_SHIFTS)]
    return _SHIFTS[(row - 1 + index) % len(_SHIFTS)]


def _pacing(index: int, attended: bool) -> tuple[Pacing, int]:
    if not attended:
        return Pacing.CALLS_IN_PROGRESS, 750
    return ((Pacing.ABANDON_RATE, 3), (Pacing.LINES_PER_AGENT, 2))[index % 2]


def _numbered(names: tuple[str, ...] | list[str], index: int) -> str:
    turn = index // len(names)
    return names[index % len(names)] + (f" {turn + 1}" if turn else "")

"""One path of an event feed: what its long polls or its streams have in common."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from exporter.simulators.livevox.errors import VALIDATION_CODE, LiveVoxError
from exporter.simulators.livevox.feedrequest import FeedRequest
from exporter.simulators.livevox.feedtrouble import Delivery, FeedTrouble
from exporter.simulators.livevox.interactiondocs import OFFSET
from exporter.simulators.livevox.retained import RETENTION_MS, Kept, Retained
from exporter.simulators.scenario import Scenario

_STEP_SECONDS = 0.1
NOTHING = Delivery([], None)
"""No events."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Real seconds that a feed waits.

    `long_poll`: for an event, before it answers without one. `keepalive`: between the comments of
    a stream without events. `idle`: without events, before it closes a stream.
    """

    long_poll: float = 10.0
    keepalive: float = 10.0
    idle: float = 300.0

    def __post_init__(self) -> None:
        for name in ("long_poll", "keepalive", "idle"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0 seconds")


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader gets who has then read up to a position."""

    position: int
    delivery: Delivery


class FeedPath:
    """A feed as it is read at one path."""

    def __init__(
        self, scenario: Scenario, retained: Retained, trouble: FeedTrouble, patience: Patience
    ) -> None:
        self.retained = retained
        self.trouble = trouble
        self.patience = patience
        self._scenario = scenario

    @property
    def now_ms(self) -> int:
        """Simulated time in milliseconds since the Unix epoch."""
        return self._scenario.now_ms

    async def open(self) -> None:
        """Wait while the connection is half open; raises LiveVoxError for who has no such feed."""
        while "half_open" in self.trouble.in_force:
            await self.rest(_STEP_SECONDS)
        not_enabled = self.trouble.in_force.get("not_enabled")
        if not_enabled is not None and not_enabled.mode == "forbidden":
            raise LiveVoxError(403, "The event feed is not enabled for this client.")

    def refuse_expired(self, request: FeedRequest) -> None:
        """Raise LiveVoxError where a token is to be taken for one that is too old."""
        fault = self.trouble.in_force.get("expired_token")
        if fault is not None and request.token:
            self.trouble.spend(fault)
            raise too_old(self.now_ms - RETENTION_MS - 1000)

    def position_of(self, request: FeedRequest, find: Callable[[str], int]) -> int:
        """The position after which a request is answered; without a token, that of now."""
        if not request.token:
            self.trouble.begin(self.retained.last)
            return self.retained.last
        self.refuse_expired(request)
        return find(request.token)

    def refuse_old(self, at_ms: int) -> None:
        """Raise LiveVoxError for a moment that is no longer kept."""
        if at_ms < self.now_ms - RETENTION_MS:
            raise too_old(at_ms)

    def owed(self, position: int) -> list[Kept]:
        """The event that was overtaken by the one at a position, which a reader had last."""
        overtaken = self.trouble.owed_after(position)
        return [] if overtaken is None else self.retained.after(overtaken - 1, 1)

    def page(
        self,
        position: int,
        request: FeedRequest,
        owed: Sequence[Kept] = (),
        may_cut: bool = True,
    ) -> Page:
        """The next events of those a request wants, as they leave; what is owed comes first."""
        faults = self.trouble.in_force
        if "not_enabled" in faults:
            return Page(self.retained.last, NOTHING)
        if "silence" in faults or "half_open" in faults:
            return Page(position, NOTHING)
        found = request.wanted.of(list(owed))
        read = position
        while len(found) < request.count and read < self.retained.last:
            scanned = self.retained.after(read, request.count - len(found))
            found += request.wanted.of(scanned)
            read = scanned[-1].position
        delivery = self.trouble.deliver(found, position, request.wanted, may_cut)
        return Page(read, delivery)

    async def wait(self, position: int, seconds: float) -> None:
        """Let time pass until there may be something new: a moment, at most so many seconds."""
        step = min(seconds, _STEP_SECONDS)
        if self.retained.last > position:
            await self.rest(step)
            return
        self._scenario.catch_up()
        await self.retained.more(position, step)

    async def rest(self, seconds: float) -> None:
        """Let time pass, and what happens in it happen."""
        self._scenario.catch_up()
        await asyncio.sleep(seconds)


def too_old(at_ms: int) -> LiveVoxError:
    """The refusal of a token of a moment that is no longer kept."""
    return LiveVoxError(
        400,
        f'Time "{printed(at_ms)}" is more than 24 hours old. '
        "This type of data is kept for 24 hours.",
        VALIDATION_CODE,
    )


def unknown_token() -> LiveVoxError:
    """The refusal of a token that was never given."""
    return LiveVoxError(400, "The token is not valid.", VALIDATION_CODE)


def printed(at_ms: int) -> str:
    """A moment as the platform prints it, as in `2026-01-05 10:00:00-0400`."""
    return datetime.fromtimestamp(at_ms // 1000, OFFSET).strftime("%Y-%m-%d %H:%M:%S%z")

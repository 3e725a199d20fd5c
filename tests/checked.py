"""A source whose health is watched, with clocks that a test moves by hand."""

from collections.abc import Iterable

from exporter.errors import FeedError, Reason
from exporter.exposition import Format
from exporter.health import FeedHealth, SourceHealth
from exporter.model import Block
from exporter.page import lines

TTL = 55.0
REFUSED = FeedError(Reason.AUTH, "HTTP 401")
BROKEN = FeedError(Reason.SERVER, "HTTP 503")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Checked(SourceHealth):
    """A source with three feeds of which `directory` is auxiliary, and clocks to move."""

    def __init__(self) -> None:
        self.wall, self.clock = Clock(1_763_985_600.0), Clock(1000.0)
        feeds = [
            FeedHealth("stats", TTL),
            FeedHealth("calls", TTL),
            FeedHealth("directory", 99, True),
        ]
        super().__init__("acme", "livevox", "na4", feeds, self.wall, self.clock)

    def pass_time(self, seconds: float) -> None:
        """Moves both clocks."""
        self.wall.now += seconds
        self.clock.now += seconds

    def all_succeed(self) -> None:
        """Signs in and reads every feed."""
        for feed in self.feeds:
            self.succeeded(feed, self.clock.now)

    def now(self) -> dict[str, str]:
        """What follows the clock: values by name and labels, without `source`."""
        return shown(self.live_blocks())

    def counts(self) -> dict[str, str]:
        """The counts of the last frame that is due; nothing if none is."""
        frame = self.changed_frame()
        return shown(frame.blocks) if frame else {}


def shown(blocks: Iterable[Block]) -> dict[str, str]:
    """Values by name and labels as on the page, without `contactcenter_` and `source`."""
    text = b"".join(lines([("acme", blocks)], Format.TEXT)).decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    pairs = (line.rsplit(" ", 1) for line in samples)
    return {
        name.replace('source="acme",', "").replace("contactcenter_", ""): v for name, v in pairs
    }

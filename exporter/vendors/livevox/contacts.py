"""What CALL_TERMINATION events say of contacts: who was offered, answered in time, gave up."""

from collections.abc import Iterable
from datetime import UTC, datetime

from exporter import families as c
from exporter.accumulator import SeriesKey
from exporter.model import Family
from exporter.vendors.livevox import wire

OUTCOMES = ("handled", "abandoned")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
CONTACTS = (
    c.CONTACTS_OFFERED,
    c.CONTACTS_HANDLED,
    c.CONTACTS_ABANDONED,
    c.CONTACTS_HANDLED_IN_THRESHOLD,
    c.CONTACTS_ABANDONED_IN_THRESHOLD,
)


def series(family: Family, *values: str) -> SeriesKey:
    """A label set by the values of all labels but `queue`; those that are empty are left out."""
    names = [label for label in family.labels if label != "queue"]
    return family.name, tuple(
        [(name, value) for name, value in zip(names, values, strict=True) if value]
    )


class Contacts:
    """What a batch says of the contacts of one queue, channel and direction."""

    __slots__ = (
        "abandon_waits",
        "abandoned",
        "abandoned_in_threshold",
        "answer_waits",
        "counters",
        "handle",
        "handled",
        "handled_in_threshold",
        "handles",
        "offered",
        "wait_abandoned",
        "wait_handled",
    )

    def __init__(self, queue: str, channel: str, direction: str) -> None:
        self.counters = [series(family, queue, channel, direction) for family in CONTACTS]
        self.wait_handled = series(c.CONTACT_WAIT, queue, channel, "handled")
        self.wait_abandoned = series(c.CONTACT_WAIT, queue, channel, "abandoned")
        self.handle = series(c.CONTACT_HANDLE, queue, channel)
        self.begin()

    def begin(self) -> None:
        """Forgets the batch before."""
        self.offered = self.handled = self.abandoned = 0
        self.handled_in_threshold = self.abandoned_in_threshold = 0
        self.answer_waits: list[float] = []
        self.abandon_waits: list[float] = []
        self.handles: list[float] = []

    def add(self, event: wire.InteractionEvent, threshold: float) -> None:
        """Takes one contact that was offered to agents."""
        hold = event.transferHoldDuration
        self.offered += 1
        if event.operatorTransferSuccessful == 1:
            self.handled += 1
            if event.duration is not None:
                self.handles.append(event.duration)
            if hold is not None:
                self.answer_waits.append(hold)
                self.handled_in_threshold += hold <= threshold
        elif event.operatorTransferSuccessful == 0:
            self.abandoned += 1
            if hold is not None:
                self.abandon_waits.append(hold)
                self.abandoned_in_threshold += hold <= threshold

    def add_begun(self, event: wire.InteractionEvent, threshold: float, began: float) -> None:
        """Takes one contact of which the daily totals counted what happened up to `began`.

        When it was offered and answered follows from its end, what it talked and what it waited.
        """
        told = event.timestamp or _NEVER
        ended = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
        answered = ended - (event.duration or 0.0)
        before = self.offered, self.handled, self.handled_in_threshold
        self.add(event, threshold)
        if event.operatorTransferSuccessful == 1 and answered <= began:
            _, self.handled, self.handled_in_threshold = before
        if event.operatorTransferSuccessful != 1:
            answered = ended
        if answered - (event.transferHoldDuration or 0.0) <= began:
            self.offered = before[0]

    def counted(self) -> Iterable[tuple[SeriesKey, int]]:
        """The rises of the counters."""
        counts = (
            self.offered,
            self.handled,
            self.abandoned,
            self.handled_in_threshold,
            self.abandoned_in_threshold,
        )
        return [(key, count) for key, count in zip(self.counters, counts, strict=True) if count]

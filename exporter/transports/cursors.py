"""A cursor that the vendor does not take any more: start again without it, once."""

from collections.abc import Iterator
from contextlib import contextmanager

from exporter.errors import FeedError, Reason
from exporter.streams import StreamPublisher

BAD_REQUEST = 400


@contextmanager
def resuming(publisher: StreamPublisher, cursor: str) -> Iterator[None]:
    """Turns the refusal of a request with a cursor into a stale cursor, which is given up."""
    try:
        yield
    except FeedError as error:
        if cursor and error.status == BAD_REQUEST:
            publisher.expired()
            detail = "the vendor keeps no events since the cursor"
            raise FeedError(Reason.STALE_CURSOR, detail) from None
        raise

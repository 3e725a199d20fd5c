"""The state of streams in the ledger's file: cursors, ids of recent events, memory.

Works on the connection of `LedgerFile`, inside of its transactions.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from exporter import ledger_schema
from exporter.ledger_pending import FeedKey, PendingStream
from exporter.ledger_rows import Execute, put


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a feed goes on from: cursor, ids of the last events counted (oldest first), memory."""

    cursor: str = ""
    ids: tuple[str, ...] = ()
    memory: Mapping[str, str] = field(default_factory=dict)


def forget_others(
    execute: Execute, source: str, feeds: Collection[str], takes_over: Mapping[str, str]
) -> None:
    """Forgets all streams of the source besides these, and the base of the daily totals that one
    of the others had taken over: `takes_over` has, by stream, the feed of the totals."""
    for stream, poll in takes_over.items():
        if stream not in feeds:
            for statement in ledger_schema.FORGET_BASE:
                execute(statement, (source, stream, poll))
    names = json.dumps(sorted(feeds))
    for statement in ledger_schema.FORGET_STREAMS:
        execute(statement, (source, names))


def read(execute: Execute, window: int) -> dict[FeedKey, StreamState]:
    """All streams; of the ids the newest, at most `window`. Raises ValueError."""
    cursors: dict[FeedKey, str] = {}
    for source, feed, cursor in execute("SELECT source, feed, cursor FROM cursors", ()):
        cursors[source, feed] = cursor
    ids: dict[FeedKey, list[str]] = {}
    rows = execute("SELECT source, feed, ids FROM event_ids ORDER BY source, feed, n", ())
    for source, feed, text in rows:
        ids.setdefault((source, feed), []).extend(_ids_of(text))
    memory: dict[FeedKey, dict[str, str]] = {}
    for source, feed, key, value in execute("SELECT source, feed, key, value FROM memory", ()):
        memory.setdefault((source, feed), {})[key] = value
    return {
        feed: StreamState(
            cursors.get(feed, ""),
            tuple(ids.get(feed, [])[-window:]) if window else (),
            memory.get(feed, {}),
        )
        for feed in cursors.keys() | ids.keys() | memory.keys()
    }


def write(execute: Execute, streams: Mapping[FeedKey, PendingStream], window: int) -> None:
    """Applies the changes, and forgets the ids that are beyond the window by now."""
    for feed, stream in streams.items():
        if stream.cursor is not None:
            execute(ledger_schema.PUT_CURSOR, (*feed, stream.cursor, stream.at))
        if stream.ids:
            _append(execute, feed, list(stream.ids), window)
        if stream.restarted:
            execute(ledger_schema.FORGET_MEMORY, feed)
        kept = [(*feed, key, value) for key, value in stream.memory.items() if value is not None]
        put(execute, ledger_schema.PUT_MEMORY, kept)
        if not stream.restarted:
            _drop(execute, feed, [key for key, value in stream.memory.items() if value is None])


def _drop(execute: Execute, feed: FeedKey, keys: list[str]) -> None:
    for start in range(0, len(keys), ledger_schema.ROWS_PER_STATEMENT):
        part = keys[start : start + ledger_schema.ROWS_PER_STATEMENT]
        execute(ledger_schema.DROP_MEMORY.for_rows(len(part)), [*feed, *part])


def _append(execute: Execute, feed: FeedKey, ids: list[str], window: int) -> None:
    ((last,),) = execute(ledger_schema.LAST_EVENT_ID, feed)
    last += len(ids)
    execute(ledger_schema.PUT_EVENT_IDS, (*feed, last, len(ids), _text(ids)))
    execute(ledger_schema.FORGET_EVENT_IDS, (*feed, last - window))


def _text(ids: list[str]) -> str:
    try:
        return msgspec.json.encode(ids).decode()  # in a seventh of the time
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write and UTF-8 can not
        return json.dumps(ids)


def _ids_of(text: str) -> list[str]:
    ids = json.loads(text)
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise ValueError(f"{text[:40]!r} are no ids of events")
    return ids

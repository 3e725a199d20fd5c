"""The machine of agents' events: agentEvent/feed, corrected by agents/status."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, cast

from exporter import families as c
from exporter.accumulator import SeriesKey
from exporter.decoding import Id, identity, text
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Rejected
from exporter.labels import OTHER, Vocabulary, slug
from exporter.model import Block, Family, Key, block_of
from exporter.streams import Known, Resumed, Step
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.agent_memory import remembered, restored
from exporter.vendors.livevox.agent_states import Naming
from exporter.vendors.livevox.agent_time import (
    AFTER_EVENTS,
    AgentTime,
    Snapshot,
    State,
    Told,
    in_state,
    name_and_reason,
)
from exporter.vendors.livevox.agent_words import EFFECTS, STATES, Effect
from exporter.vendors.livevox.directory import LiveVoxDirectory
from exporter.vendors.livevox.interaction_rows import as_told

Event = wire.AgentEvent

_WHOLE_SECOND = 1.0  # a Date header has no fraction
_KEPT_BY_THE_VENDOR = 24 * 3600 * 1000  # milliseconds; no older event can come
_AGENTS_KEPT = 100_000  # as the vendor writes their numbers
_WORDS_KEPT = 1000  # a vendor that makes up words must not fill the memory


class CallAnnouncements(Protocol):
    """Who is told of the calls that agents have."""

    def told(self, event: Event, kind: str, at: float) -> None:
        """Takes an event of an agent; `at` is the vendor's time, Unix seconds."""
        ...

    def forgotten(self) -> None:
        """Notes that events were missed: what was in progress may have ended."""
        ...


class AgentEvents:
    """What agents do, by their events; pure, but for the words and ids it has seen."""

    kinds: Sequence[str] = tuple(EFFECTS)

    def __init__(
        self,
        resumed: Resumed,
        naming: Naming,
        label_values: int,
        calls: CallAnnouncements | None = None,
    ) -> None:
        self._recent = resumed.recent
        self._naming = naming
        self._calls = calls
        self._reasons = Vocabulary(label_values)
        for family, labels in resumed.counted:
            if family == c.AGENT_STATE_SECONDS.name and ("state", "away") in labels:
                self._reasons.value(dict(labels).get("reason"))
        self._time = restored(resumed.memory)
        self._cursor = resumed.cursor
        self._meanings: dict[str | None, tuple[str, State | Effect]] = {}
        self._names: dict[Id, str] = {}
        self._away: dict[str, State] = {}
        self._pending: Snapshot | None = None
        self._drift: float | None = None
        self._joined = False
        self._compared = bool(self._time.agents)  # with a snapshot, in the run before

    def connected(self, at: float) -> None:
        """Nothing: a page says itself where the next one begins."""

    def answered(self, answer: Answer, directory: LiveVoxDirectory) -> Step:
        """A page of agentEvent/feed."""
        found, document = wire.AGENT_EVENTS.decode(answer.body)
        token = document.identity("token")
        if not token:
            raise FeedError(Reason.DECODE, "the page has no token")
        events = _by_id(found.rows)
        new = self._recent.new(events)
        ids = list(new)
        fresh = list(new.values())
        known = self._meanings.get
        meanings = [known(row.eventType) or self._meaning(row.eventType) for row in fresh]
        counted = Counter([kind for kind, _ in meanings])
        full = len(found.rows) + found.rejected.rows >= wire.FULL_PAGE
        times = [(row.timestamp or 0.0) / 1000 for row in fresh]
        until = self._told_until(times, answer, full)
        self._begin(until)
        self._cursor = token
        self._announce(fresh, meanings, directory, answer.at)
        touched = self._time.changed(self._changes(fresh, meanings, directory, _latest(answer)))
        self._time.advance(until)
        touched |= self._correct(directory)
        increments = self._increments()
        for kind, count in counted.items():
            increments[f.AGENT_EVENTS.name, (("event", kind),)] = float(count)
        self._recent.add(ids)  # last: what was not counted must come again
        return Step(
            events=counted,
            duplicates=len(found.rows) - len(new),
            malformed=found.rejected.rows,
            rejected=Rejected(0, found.rejected.fields),
            increments=increments,
            cursor=token,
            ids=ids,
            memory=self._memory(touched),
            lags=[answer.at - time if answer.at > time else 0.0 for time in times],
            newest=max(times, default=None),
            full=full,
        )

    def _begin(self, at: int) -> None:
        """Counts time from now on, where there was no cursor: what was before is not told."""
        if not self._cursor:
            self._time = AgentTime()
            self._time.start(at)
            self._compared = False

    @staticmethod
    def _told_until(times: Sequence[float], answer: Answer, full: bool) -> int:
        """Up to when everything has been told, in milliseconds.

        A page that is not full tells of everything until it was sent; after a full one more may
        come of the time since its last event. Nothing is told of the vendor's future.
        """
        newest = min(round(1000 * max(times, default=0.0)), _latest(answer))
        return newest if full and newest else max(int(_sent(answer) * 1000), newest)

    def received(self, payloads: Sequence[bytes], at: float, directory: LiveVoxDirectory) -> Step:
        """Not offered: agents' events come by long polling alone."""
        raise FeedError(Reason.DECODE, "agents' events are no event stream")

    def _meaning(self, word: str | None) -> tuple[str, State | Effect]:
        """The kind of an event and what it does, by its type."""
        slugged = slug(text(word))
        kind = slugged if slugged in EFFECTS else OTHER
        meaning = kind, EFFECTS[kind]
        if len(self._meanings) < _WORDS_KEPT:
            self._meanings[word] = meaning
        return meaning

    def _changes(
        self,
        events: Sequence[Event],
        meanings: Sequence[tuple[str, State | Effect]],
        directory: LiveVoxDirectory,
        latest: int,
    ) -> Iterator[Told]:
        """The states that events put agents into."""
        limited, names = bool(directory.include), self._names
        for event, (kind, effect) in zip(events, meanings, strict=True):
            if event.lineNumber != "ACD" and not _is_state(event, kind):
                continue
            if effect is Effect.NONE:
                continue
            at = event.timestamp or 0
            if at > latest:
                at = latest
            state = self._other_state(effect, event) if isinstance(effect, Effect) else effect
            if limited and not directory.wants(identity(event.agentServiceId)):
                state = None  # he works for others now
            agent = names.get(event.agentId) or self._name(event.agentId)
            yield agent, at, event.seqNum or 0, state

    def _name(self, told: Id) -> str:
        if len(self._names) >= _AGENTS_KEPT:
            self._names.clear()
        name = self._names[told] = identity(told)
        return name

    def _other_state(self, effect: Effect, event: Event) -> State | None:
        if effect is Effect.GONE:
            return None
        reason = self._reasons.value(text(event.notReadyReasonCode))
        state = self._away.get(reason)
        if state is None:
            state = self._away[reason] = in_state("away", reason)
        return state

    def _announce(
        self,
        events: Sequence[Event],
        meanings: Sequence[tuple[str, State | Effect]],
        directory: LiveVoxDirectory,
        at: float,
    ) -> None:
        """Tells of the calls of the services that are read."""
        if self._calls is not None:
            for event, (kind, _) in zip(events, meanings, strict=True):
                if not directory.include or directory.wants(_service_of(event)):
                    self._calls.told(event, kind, at)

    def corrected(self, snapshot: Snapshot, directory: LiveVoxDirectory) -> Step:
        """Corrects the states by agents/status, as soon as the feed has told of that moment."""
        self._pending = snapshot
        touched = self._correct(directory)
        return Step(increments=self._increments(), memory=self._memory(touched))

    def _correct(self, directory: LiveVoxDirectory) -> set[str]:
        snapshot, time = self._pending, self._time
        if snapshot is None or snapshot.at > time.until or not self._cursor:
            return set()
        self._pending = None
        by_id: dict[str, State] = {}
        unknown = 0
        for login, state in snapshot.agents.items():
            agent = directory.agent_ids.get(login.casefold())
            if agent is None:
                unknown += 1
            else:
                by_id[agent] = state
        self._joined = not unknown
        wrong: dict[str, State | None] = {}
        for agent, history in time.agents.items():
            told = by_id.get(agent)
            # an agent without a login may be one of those in the snapshot without an id
            if history.at(snapshot.at) != told and (told or not unknown):
                wrong[agent] = told
        wrong.update({agent: state for agent, state in by_id.items() if agent not in time.agents})
        self._drift = float(len(wrong)) if self._compared else 0.0
        self._compared = True
        at = snapshot.at
        news = time.changed([(agent, at, AFTER_EVENTS, told) for agent, told in wrong.items()])
        return news.union(time.forget(at - _KEPT_BY_THE_VENDOR))

    def restarted(self) -> Step:
        """Forgets all states: the next snapshot tells them."""
        self._time = AgentTime()
        if self._calls is not None:
            self._calls.forgotten()
        self._cursor = ""
        self._pending = None
        self._joined = False
        self._drift = None
        return Step(cursor="")

    def drift(self) -> float | None:
        """How many agents the last snapshot contradicted; None before the first one."""
        return self._drift

    def _increments(self) -> dict[SeriesKey, float]:
        return {
            (c.AGENT_STATE_SECONDS.name, _labels(state)): time / 1000
            for state, time in self._time.take().items()
        }

    def _memory(self, touched: Iterable[str]) -> Mapping[str, str | None]:
        return remembered(self._time, touched)

    def blocks(self, now: float, directory: LiveVoxDirectory) -> Sequence[Block]:
        """How many agents are in each state, once every agent of a snapshot is known by his id."""
        if not self._joined:
            return ()
        counted: dict[Key, float | None] = {(state, ""): 0.0 for state in c.AGENT_STATES}
        counted.update({name_and_reason(state): float(n) for state, n in self._time.now().items()})
        blocks = [
            block_of(c.AGENTS, c.AGENTS.labels, counted.items()),
            block_of(
                c.AGENTS_LONGEST_IN_STATE, c.AGENTS_LONGEST_IN_STATE.labels, self._longest(now)
            ),
        ]
        return [*blocks, *self._each(directory)] if self._naming.shows else blocks

    def _longest(self, now: float) -> list[tuple[Key, float | None]]:
        """By state; none for a state where it is not known of every agent since when."""
        since: defaultdict[str, list[int | None]] = defaultdict(list)
        for history in self._time.agents.values():
            state = history.state
            if state is not None:
                since[name_and_reason(state)[0]].append(history.since)
        return [
            ((state,), max(0.0, now - min(known) / 1000))
            for state, times in since.items()
            if len(known := [time for time in times if time is not None]) == len(times)
        ]

    def _each(self, directory: LiveVoxDirectory) -> list[Block]:
        states: list[tuple[Key, float | None]] = []
        since: list[tuple[Key, float | None]] = []
        for agent in directory.agent_ids.values():
            history = self._time.agents.get(agent)
            if history is None or history.state is None:
                continue
            now, _ = name_and_reason(history.state)
            label = self._naming.label(directory.agent_logins[agent])
            states += [((label, name), float(name == now)) for name in c.AGENT_STATES]
            if history.since is not None:
                since.append(((label,), history.since / 1000))
        return [
            block_of(c.AGENT_STATE, c.AGENT_STATE.labels, states),
            block_of(c.AGENT_STATE_SINCE, c.AGENT_STATE_SINCE.labels, since),
        ]

    def known(self, directory: LiveVoxDirectory) -> Known:
        """The documented event types, and the states without the reasons for being away."""
        events = [(f.AGENT_EVENTS.name, (("event", kind),)) for kind in EFFECTS]
        return Known([*events, *((c.AGENT_STATE_SECONDS.name, _labels(s)) for s in STATES)])


def families(naming: Naming) -> tuple[Family, ...]:
    """All that the machine can show or count."""
    plain = (c.AGENTS, c.AGENTS_LONGEST_IN_STATE, c.AGENT_STATE_SECONDS, f.AGENT_EVENTS)
    return (*plain, c.AGENT_STATE, c.AGENT_STATE_SINCE) if naming.shows else plain


def machine(
    naming: Naming, label_values: int, calls: CallAnnouncements | None
) -> Callable[[Resumed], AgentEvents]:
    """Makes the machine where a stream goes on."""
    return lambda resumed: AgentEvents(resumed, naming, label_values, calls)


def _sent(answer: Answer) -> float:
    return answer.at if answer.date is None else answer.date


def _latest(answer: Answer) -> int:
    """The last time, in milliseconds, that an event can have: the clock of events may be ahead."""
    return int((_sent(answer) + _WHOLE_SECOND) * 1000)


def _labels(state: State) -> tuple[tuple[str, str], ...]:
    name, reason = name_and_reason(state)
    return (("state", name), ("reason", reason)) if reason else (("state", name),)


def _by_id(events: Sequence[Event]) -> Mapping[str, Event]:
    """The events by id; of several with one id the first."""
    by_id = {event.eventId: event for event in events}
    if (
        len(by_id) == len(events)
        and wire.NO_ID.isdisjoint(by_id)
        and set(map(type, by_id)) <= {str}
    ):
        return cast("dict[str, Event]", by_id)
    first: dict[str, Event] = {}
    for event in events:
        first.setdefault(_id_of(event), event)
    return first


def _id_of(event: Event) -> str:
    """The event's id; of one that lacks it, what LiveVox makes ids from."""
    return as_told(event.eventId) or (
        f"aid={identity(event.agentId)}:time={event.timestamp}:seq={event.seqNum or 0}"
    )


def _service_of(event: Event) -> str:
    """The service of the event's call, else that of the agent."""
    return identity(event.callServiceId) or identity(event.agentServiceId)


def _is_state(event: Event, kind: str) -> bool:
    """Whether the event is of the line that calls are distributed to, or of the agent himself."""
    return kind in ("logon", "logoff") or text(event.lineNumber).upper() in ("", "ACD")

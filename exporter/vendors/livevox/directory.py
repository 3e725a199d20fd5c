"""What is known of an account by id: call centers, services, campaigns; and how it is read."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import msgspec

from exporter.decoding import RowDecoder, identity, text
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Document, Reading, Rejected, Request
from exporter.labels import OTHER, Vocabulary
from exporter.model import Block, Key
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.api import MOST_SERVICES, PAGE, Api, batches, filtered

S = TypeVar("S", bound=msgspec.Struct)

CAMPAIGN_DAYS = 30
MOST_PAGES = 1000
_DAY = 86400.0

CAMPAIGN_TYPES = {
    "1": "outbound",
    "2": "callback",
    "4": "scheduled_callback",
    "5": "manual",
    "6": "sms",
    "7": "hci",
    "8": "10dmt",
    "9": "manual_sms",
    "10": "inbound_sms",
    "11": "email",
    "12": "manual_email",
    "13": "inbound_email",
    "14": "chat",
}


@dataclass(frozen=True, slots=True)
class Include:
    """The services that a source is limited to: named, or of named call centers."""

    services: frozenset[str] = frozenset()
    call_centers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.services or self.call_centers)


@dataclass(frozen=True, slots=True)
class LiveVoxDirectory:
    """Names by id.

    `listed` are the services of the configuration that are included. `learned_by` has, by feed,
    the services that its last document named and the configuration did not. `remembered` are
    names of the run before: they name what is there, and say nothing of what is.
    """

    include: Include = Include()
    listed: Mapping[str, str] = field(default_factory=dict)
    learned_by: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)
    loaded: bool = False
    campaigns: Mapping[str, str] = field(default_factory=dict)  # campaign id → service id
    logins: Mapping[str, frozenset[str]] = field(default_factory=dict)  # agent name → logins
    agent_logins: Mapping[str, str] = field(default_factory=dict)  # agent id → login
    agent_ids: Mapping[str, str] = field(default_factory=dict)  # casefolded login → agent id

    @property
    def queues(self) -> Mapping[str, str]:
        """Every service that is there."""
        learned = {key: name for names in self.learned_by.values() for key, name in names.items()}
        return {**learned, **self.listed} if learned else self.listed

    def key(self, service: str, name: str = "") -> Key:
        """The labels `queue_id`, `queue` of a service; `name` is what the document calls it."""
        known = self.listed.get(service, "")
        for names in self.learned_by.values():
            known = known or names.get(service, "")
        return (service, known or name or self.remembered.get(service) or service)

    def wants(self, service: str, call_center: str = "") -> bool:
        """Whether the source reads this service."""
        if not self.include:
            return True
        return (
            service in self.include.services
            or call_center in self.include.call_centers
            or service in self.listed
        )

    def learning(self, feed: str, names: Mapping[str, str]) -> "LiveVoxDirectory":
        """The directory with the services that a feed's document names and it does not list."""
        news = {service: name for service, name in names.items() if service not in self.listed}
        if news == self.learned_by.get(feed, {}):
            return self
        others = {key: value for key, value in self.learned_by.items() if key != feed}
        return replace(self, learned_by={**others, feed: news} if news else others)

    def bodies(self) -> list[object]:
        """The request bodies that ask for all services of the source, once each."""
        if self.include and not self.loaded:
            named = batches(sorted(self.include.services))
            centers = batches(sorted(self.include.call_centers))
            return [filtered("service", ids) for ids in named] + [
                filtered("callCenter", ids) for ids in centers
            ]
        if not self.include and (not self.loaded or len(self.listed) <= MOST_SERVICES):
            return [{}]
        return [filtered("service", ids) for ids in batches(sorted(self.listed))]


@dataclass
class _Progress:
    """What the lists of one reading of the directory had in common."""

    at: float
    rejected: Rejected = field(default_factory=Rejected)
    truncated: tuple[str, ...] = ()
    refused: int = 0  # call centers whose services may not be read


def _pages(
    what: str,
    page: Callable[[int], Request],
    decoder: RowDecoder[S],
    identify: Callable[[S], str],
    progress: _Progress,
) -> Generator[Sequence[Request], Sequence[Answer], list[S]]:
    """All rows of a list. A page that is full, or names a next one, is followed; a list that
    does not end, or repeats itself, is truncated."""
    found: dict[str, S] = {}
    offset = 0
    for _ in range(MOST_PAGES):
        (answer,) = yield [page(offset)]
        progress.at = answer.at
        rows, document = decoder.decode(answer.body)
        progress.rejected = progress.rejected + rows.rejected
        more = document.identity("next") != ""
        length = len(rows.rows) + rows.rejected.rows
        known = len(found)
        for row in rows.rows:
            found.setdefault(identify(row), row)
        if length == 0 or (not more and length < PAGE):
            break
        if len(found) == known:
            progress.truncated += (what,)
            break
        offset += length
    else:
        progress.truncated += (what,)
    return list(found.values())


def discovery(
    api: Api, statuses: Vocabulary, *, with_agents: bool = False
) -> Callable[[LiveVoxDirectory, str, float], Reading[LiveVoxDirectory]]:
    """The reading of the directory: call centers, their services, the campaigns of 30 days; the
    logins of agents by id where a feed needs them."""

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        progress = _Progress(now)
        services = yield from _services(api, directory.include, progress)
        listed = replace(directory, listed=services)
        remark = ""
        try:
            campaigns = yield from _campaigns(api, now, progress)
        except FeedError as error:
            if error.reason is not Reason.REJECTED:
                raise
            campaigns, remark = [], "the campaign search was refused"
        logins: Mapping[str, str] = directory.agent_logins
        if with_agents:
            try:
                logins = yield from _agents(api, progress)
            except FeedError as error:
                if error.reason is not Reason.REJECTED:
                    raise
                remark = "the list of agents was refused"
        wanted = [row for row in campaigns if listed.wants(identity(row.serviceId))]
        owners = {identity(row.id): identity(row.serviceId) for row in wanted}
        if progress.refused:
            remark = f"the services of {progress.refused} call centers were refused"
        if progress.truncated:
            remark = f"lists cut short: {', '.join(sorted(set(progress.truncated)))}"
        return Document(
            (_campaign_info(listed, wanted, statuses), _truncated(progress)),
            progress.at,
            rejected=progress.rejected,
            learned=lambda now_known: replace(
                now_known,
                listed=services,
                loaded=True,
                campaigns=owners,
                agent_logins=logins,
                agent_ids={login.casefold(): agent for agent, login in logins.items()},
            ),
            remark=remark,
        )

    return read


def _services(
    api: Api, include: Include, progress: _Progress
) -> Generator[Sequence[Request], Sequence[Answer], dict[str, str]]:
    centers = yield from _pages(
        "call centers",
        lambda offset: api.page("configuration", "callCenters", offset),
        wire.CALL_CENTERS,
        lambda row: identity(row.callCenterId),
        progress,
    )
    listed: dict[str, str] = {}
    for center in sorted({identity(row.callCenterId) for row in centers}):
        if include and not include.services and center not in include.call_centers:
            continue
        try:
            rows = yield from _pages(
                "services",
                partial(api.page, "configuration", "services", callCenter=center),
                wire.SERVICES,
                lambda row: identity(row.serviceId),
                progress,
            )
        except FeedError as error:
            if error.reason is not Reason.REJECTED:
                raise
            progress.refused += 1
            continue
        for row in rows:
            service = identity(row.serviceId)
            if not include or service in include.services or center in include.call_centers:
                listed.setdefault(service, text(row.name))
    return listed


def _campaigns(
    api: Api, now: float, progress: _Progress
) -> Generator[Sequence[Request], Sequence[Answer], list[wire.Campaign]]:
    campaigns = yield from _pages(
        "campaigns",
        partial(api.campaign_page, now - CAMPAIGN_DAYS * _DAY, now + _DAY),
        wire.CAMPAIGNS,
        lambda row: identity(row.id),
        progress,
    )
    return campaigns


def _agents(
    api: Api, progress: _Progress
) -> Generator[Sequence[Request], Sequence[Answer], dict[str, str]]:
    rows = yield from _pages(
        "agents",
        lambda offset: api.page("configuration", "agents", offset),
        wire.AGENTS,
        lambda row: identity(row.id),
        progress,
    )
    logins = {identity(row.id): identity(row.loginId) for row in rows}
    return {agent: login for agent, login in logins.items() if login}


def _campaign_info(
    directory: LiveVoxDirectory,
    campaigns: Sequence[wire.Campaign],
    statuses: Vocabulary,
) -> Block:
    keys = sorted(
        (
            identity(row.id),
            text(row.name),
            statuses.value(text(row.status)),
            _campaign_type(identity(row.typeId)),
            *directory.key(identity(row.serviceId)),
        )
        for row in campaigns
    )
    return Block(f.CAMPAIGN_INFO.labels, tuple(keys), ((f.CAMPAIGN_INFO, [1.0] * len(keys)),))


def _campaign_type(type_id: str) -> str:
    return CAMPAIGN_TYPES.get(type_id, OTHER) if type_id else ""


def _truncated(progress: _Progress) -> Block:
    return Block((), ((),), ((f.DIRECTORY_TRUNCATED, [float(bool(progress.truncated))]),))

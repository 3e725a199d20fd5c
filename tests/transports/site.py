"""A vendor with sessions, and a client of the exporter that reads it over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from exporter.accounts import Session, SignIn
from exporter.backoff import Patience
from exporter.errors import FeedError
from exporter.feeds import Answer, Request
from exporter.transports.client import HttpOptions, SourceClient, new_http
from exporter.transports.fair_queue import FairQueue
from tests.transports.vendor import Respond, Seen, Vendor, reply, vendor

STATS = Request("GET", "/stats")
PASSWORD = 'pä"ss\\wörd€ {}%'
NOON = 1_763_985_600.0  # 2025-11-24 12:00:00 UTC
DATE_AT_NOON = "Mon, 24 Nov 2025 12:00:00 GMT"


class HandClock:
    """A clock that passes when a test says so."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Report:
    """What the client told of itself."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.seconds: list[float] = []
        self.failures: list[tuple[str, FeedError]] = []
        self.sign_outs = 0
        self.sessions: list[tuple[Session, float]] = []

    def requested(self, feed: str, code: str, seconds: float) -> None:
        """Takes down a request."""
        self.requests.append((feed, code))
        self.seconds.append(seconds)

    def failed(self, feed: str, error: FeedError) -> None:
        """Takes down a failed sign-in."""
        self.failures.append((feed, error))

    def signed_out(self) -> None:
        """Takes down that there is no session."""
        self.sign_outs += 1

    def signed_in(self, session: Session, began: float) -> None:
        """Takes down a session."""
        self.sessions.append((session, began))


class Gate:
    """The vendor's side of sessions: S1, S2, … for who knows password and token."""

    def __init__(self) -> None:
        self.password = PASSWORD
        self.valid: set[str] = set()
        self.issued = 0

    async def log_in(self, request: Seen, writer: asyncio.StreamWriter) -> None:
        """Answers a sign-in."""
        if json.loads(request.body)["password"] != self.password:
            writer.write(reply(401))
            return
        self.issued += 1
        self.valid.add(f"S{self.issued}")
        writer.write(reply(200, json.dumps({"id": f"S{self.issued}"}).encode()))

    def guarded(self, answer: bytes) -> Respond:
        """An answer for those who have a session."""

        async def respond(request: Seen, writer: asyncio.StreamWriter) -> None:
            known = request.headers.get("x-session") in self.valid
            writer.write(answer if known else reply(401))

        return respond


@dataclass
class Site:
    """The vendor, its gate, and the client that reads it."""

    vendor: Vendor
    gate: Gate
    http: httpx.AsyncClient
    options: HttpOptions
    report: Report
    monotonic: HandClock
    wall: HandClock
    secrets: dict[str, str]
    places: int
    client: SourceClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.client_with(signing_in(self.secrets))

    def client_with(self, sign_in: SignIn) -> SourceClient:
        """A client that signs in that way; its waits are without luck."""
        return SourceClient(
            "acme",
            self.http,
            self.options,
            sign_in,
            FairQueue(self.places),
            self.report,
            Patience((1.0, 8.0), (60.0, 600.0), lambda: 0.0),
            monotonic=self.monotonic,
            wall=self.wall,
        )

    @property
    def logins(self) -> int:
        """How many sign-ins were asked for."""
        return len(self.vendor.asked("/login"))

    def answer(self, answer: bytes | Respond) -> None:
        """How `/stats` is answered from now on."""
        self.vendor.answers["/stats"] = answer

    async def ask(self, feed: str = "stats", request: Request = STATS) -> Answer:
        """One request of a feed, which must come to an end."""
        async with asyncio.timeout(20):
            return await self.client.send(feed, request)

    async def error(self, feed: str = "stats", request: Request = STATS) -> FeedError:
        """The failure of a request that must fail."""
        try:
            await self.ask(feed, request)
        except FeedError as error:
            return error
        raise AssertionError("the request did not fail")


def signing_in(secrets: dict[str, str]) -> SignIn:
    """A sign-in of one request that reads its secrets each time."""

    def sign_in() -> Generator[Request, Answer, Session]:
        body = json.dumps({"user": "exporter", "password": secrets["password"]}).encode()
        headers = (("X-Access", secrets["token"]),)
        answer = yield Request("POST", "/login", body, headers=headers)
        return Session((("X-Session", json.loads(answer.body)["id"]),))

    return sign_in


@asynccontextmanager
async def site(
    within: float = 5.0, largest: int = 1_000_000, places: int = 4, url: str = ""
) -> AsyncIterator[Site]:
    """A site whose `/stats` answers `{"waiting": 3}`. With `url`, the client asks there.

    `within` is the client's time-out in seconds.
    """
    async with vendor() as server:
        gate, report = Gate(), Report()
        secrets = {"password": PASSWORD, "token": "the-token"}
        options = HttpOptions(url or server.url, within, largest=largest)
        monotonic, wall = HandClock(1000.0), HandClock(NOON)
        async with new_http(options, places) as http:
            made = Site(server, gate, http, options, report, monotonic, wall, secrets, places)
            server.answers["/login"] = gate.log_in
            made.answer(gate.guarded(reply(200, b'{"waiting": 3}')))
            yield made

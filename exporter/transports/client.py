"""One HTTP client for each source: its session, its turns, and its errors in our words."""

import asyncio
import email.utils
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx

from exporter import __version__
from exporter.backoff import Patience
from exporter.errors import ConfigError, FeedError, Reason, SignInPending
from exporter.feeds import SESSION, Answer, Request, Session, SignIn
from exporter.transports.fair_queue import FairQueue

LARGEST_ANSWER = 256 * 1024 * 1024  # bytes, decompressed
LONGEST_WAIT = 24 * 3600.0  # seconds; a Retry-After beyond it is taken for a mistake
AGREEING = 2.0  # seconds within which the vendor's Date, whole seconds, agrees with our clock


class ClientReport(Protocol):
    """Who is told what the client sees."""

    def requested(self, feed: str, code: str, seconds: float) -> None:
        """Counts one request."""
        ...

    def failed(self, feed: str, error: FeedError) -> None:
        """Counts a failed sign-in."""
        ...

    def lost(self, feed: str) -> None:
        """Notes that there is no session."""
        ...

    def signed_in(self, session: Session, began: float) -> None:
        """Takes over what a sign-in told."""
        ...


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to reach a vendor. `timeout` is that of a whole request, in seconds."""

    base_url: str
    timeout: float
    proxy: str = ""
    ca_file: str = ""


def new_http(options: HttpOptions, connections: int) -> httpx.AsyncClient:
    """The client of one source; raises ConfigError where the CA file can not be used."""
    try:
        verify = ssl.create_default_context(cafile=options.ca_file or None)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"http.ca_file: {options.ca_file} holds no certificates") from None
    return httpx.AsyncClient(
        base_url=options.base_url,
        timeout=options.timeout,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        proxy=options.proxy or None,
        verify=verify,
        headers={
            "User-Agent": f"contact-center-exporter/{__version__}",
            "Accept": "application/json",
        },
    )


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class SourceClient:
    """Sends the requests of one source's feeds, signed in, in turn."""

    def __init__(
        self,
        source: str,
        http: httpx.AsyncClient,
        options: HttpOptions,
        sign_in: SignIn,
        queue: FairQueue,
        report: ClientReport,
        patience: Patience,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._http = http
        self._timeout = options.timeout
        self._sign_in = sign_in
        self._queue = queue
        self._report = report
        self._patience = patience
        self._monotonic = monotonic
        self._wall = wall
        self._lock = asyncio.Lock()
        self._session: Session | None = None
        self._refused: tuple[float, Reason] | None = None
        self._ahead = 0.0

    def vendor_time(self) -> float:
        """The vendor's time now, Unix seconds: ours, corrected by its last Date header."""
        return self._wall() + self._ahead

    async def send(self, feed: str, request: Request) -> Answer:
        """The answer to a request, with a new session if the one in use had ended.

        Raises FeedError; SignInPending where there is no session and none can be had yet.
        """
        session = await self._signed_in(None)
        reply = await self._exchange(feed, request, session)
        if reply.status == httpx.codes.UNAUTHORIZED:
            session = await self._signed_in(session)
            reply = await self._exchange(feed, request, session)
        return self._answer(reply)

    async def _signed_in(self, ended: Session | None) -> Session:
        """The session; a new one if it is `ended`. One sign-in at a time."""
        async with self._lock:
            if self._session is not None and self._session is not ended:
                return self._session
            self._session = None
            self._report.lost(SESSION)
            if self._refused is not None:
                until, reason = self._refused
                if self._monotonic() < until:
                    wait = until - self._monotonic()
                    raise SignInPending(reason, "waiting to sign in again", wait)
            began = self._monotonic()
            try:
                session = await self._run_sign_in()
            except FeedError as error:
                self._report.failed(SESSION, error)
                wait = self._patience.after(_as_refusal(error))
                self._refused = (self._monotonic() + wait, error.reason)
                raise SignInPending(error.reason, "the sign-in failed", wait) from None
            self._patience.proved()
            self._refused = None
            self._session = session
            self._report.signed_in(session, began)
            return session

    async def _run_sign_in(self) -> Session:
        signing_in = self._sign_in()
        try:
            request = next(signing_in)
            while True:
                reply = await self._exchange(SESSION, request, None)
                request = signing_in.send(self._answer(reply))
        except StopIteration as stop:
            session: Session = stop.value
            return session
        except ConfigError as error:
            raise FeedError(Reason.AUTH, str(error)) from None
        finally:
            signing_in.close()

    async def _exchange(self, feed: str, request: Request, session: Session | None) -> _Reply:
        async with self._queue.turn((self._source, feed)):
            began = self._monotonic()
            code = "none"
            try:
                async with asyncio.timeout(self._timeout):
                    reply = await self._received(request, session)
                code = str(reply.status)
            except (TimeoutError, httpx.TimeoutException):
                raise FeedError(Reason.TIMEOUT, f"no answer in {self._timeout:g} s") from None
            except httpx.DecodingError:
                raise FeedError(Reason.DECODE, "the answer's compression is broken") from None
            except httpx.HTTPError as error:
                raise FeedError(Reason.NETWORK, type(error).__name__) from None
            finally:
                self._report.requested(feed, code, self._monotonic() - began)
        return reply

    async def _received(self, request: Request, session: Session | None) -> _Reply:
        headers = [*request.headers, *(session.headers if session else ())]
        if request.body is not None:
            headers.append(("Content-Type", "application/json"))
        async with self._http.stream(
            request.method,
            request.path,
            content=request.body,
            params=request.params or None,
            headers=headers,
        ) as response:
            pieces, size = [], 0
            async for piece in response.aiter_bytes():
                size += len(piece)
                if size > LARGEST_ANSWER:
                    raise FeedError(Reason.DECODE, f"an answer over {LARGEST_ANSWER} bytes")
                pieces.append(piece)
            return _Reply(response.status_code, response.headers, b"".join(pieces))

    def _answer(self, reply: _Reply) -> Answer:
        now = self._wall()
        at = vendor_date(reply.headers.get("date", ""), now)
        self._ahead = at - now
        reason = reason_of(reply.status)
        if reason is None:
            return Answer(reply.body, at)
        wait = retry_after(reply.headers.get("retry-after", ""), at)
        raise FeedError(reason, f"HTTP {reply.status}", wait)


def _as_refusal(error: FeedError) -> FeedError:
    """A rejected sign-in waits as long as refused credentials, so that nobody is locked out."""
    if error.reason is Reason.REJECTED:
        return FeedError(Reason.AUTH, error.detail, error.retry_after)
    return error


def reason_of(status: int) -> Reason | None:
    """Why an answer with this HTTP status is a failure; None if it is not."""
    if 200 <= status < 300:
        return None
    if status >= 500:
        return Reason.SERVER
    return {401: Reason.AUTH, 429: Reason.RATE_LIMITED}.get(status, Reason.REJECTED)


def retry_after(text: str, now: float) -> float | None:
    """Seconds of a Retry-After header, in either form; None where it says nothing usable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT)
    date = _date(text)
    return None if date is None else min(max(0.0, date - now), LONGEST_WAIT)


def vendor_date(text: str, now: float) -> float:
    """The vendor's clock by its Date header, Unix seconds; ours if it agrees or is not told."""
    date = _date(text)
    return now if date is None or abs(date - now) < AGREEING else date


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None

"""One HTTP client for each source: its session, its turns, and its errors in our words."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx

from exporter import __version__
from exporter.accounts import Session, SignIn
from exporter.backoff import Patience
from exporter.configuration.addresses import is_loopback
from exporter.errors import ConfigError, FeedError, Reason, SignInPending
from exporter.feeds import SESSION, Answer, Request
from exporter.transports.answers import (
    clock_difference,
    http_date,
    reason_of,
    retry_after,
    why_no_answer,
)
from exporter.transports.fair_queue import FairQueue

LARGEST_ANSWER = 256 * 1024 * 1024  # bytes, decompressed
KEPT_ALIVE = 3.0  # seconds; below the 5 s after which many servers close an idle connection


class ClientReport(Protocol):
    """Who is told what the client sees."""

    def requested(self, feed: str, code: str, seconds: float) -> None:
        """Counts one request; `code` is its HTTP status, `none` where there was no answer."""
        ...

    def failed(self, feed: str, error: FeedError) -> None:
        """Counts a failed sign-in."""
        ...

    def signed_out(self) -> None:
        """Notes that there is no session, and that none could be had."""
        ...

    def signed_in(self, session: Session, began: float) -> None:
        """Takes over what a sign-in told; `began` is the monotonic time of its first request."""
        ...


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to reach a vendor.

    `timeout` is that of a whole request, in seconds, of which connecting may take half, and as
    much again a TLS handshake; `largest` the most bytes of an answer.
    """

    base_url: str
    timeout: float
    proxy: str = ""
    ca_file: str = ""
    largest: int = LARGEST_ANSWER


def new_http(options: HttpOptions, connections: int) -> httpx.AsyncClient:
    """The client of one source; raises ConfigError where CA file or proxy can not be used.

    Without a proxy of its own, the usual environment variables name one, save for this machine.
    """
    try:
        verify = ssl.create_default_context(cafile=options.ca_file or None)
    except OSError:
        raise ConfigError(
            f"http.ca_file: {options.ca_file} can not be read, or holds no certificates"
        ) from None
    try:
        return httpx.AsyncClient(
            base_url=options.base_url,
            # a hung handshake is closed by a time-out of its own; a cancelled one is left open
            timeout=httpx.Timeout(options.timeout, connect=options.timeout / 2),
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=KEPT_ALIVE,
            ),
            proxy=options.proxy or None,
            trust_env=not is_loopback(httpx.URL(options.base_url).host),
            verify=verify,
            headers={
                "User-Agent": f"contact-center-exporter/{__version__}",
                "Accept": "application/json",
            },
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        # not quoted: the URL of a proxy may hold a password
        raise ConfigError(
            "the proxy, by http.proxy or the environment, must be an http:// or https:// URL"
        ) from None


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer of any status. `came_at` is our time, Unix seconds, when its headers came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    came_at: float


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
        self._largest = options.largest
        self._sign_in = sign_in
        self._queue = queue
        self._report = report
        self._patience = patience
        self._monotonic = monotonic
        self._wall = wall
        self._lock = asyncio.Lock()
        self._session: Session | None = None
        self._pause: tuple[float, Reason] | None = None  # until when no sign-in is tried, and why
        self._ahead = 0.0

    def vendor_time(self) -> float:
        """The vendor's time now, Unix seconds: ours, corrected by its last Date header."""
        return self._wall() + self._ahead

    async def send(self, feed: str, request: Request) -> Answer:
        """The answer to a request, with a new session if the one in use had ended.

        Raises FeedError; SignInPending where there is no session and none can be had yet.
        """

        async def exchange(session: Session) -> _Reply:
            async with self._queue.turn((self._source, feed)):
                return await self._exchange(feed, request, session, self._timeout)

        return await self._answered(exchange)

    async def hold(self, feed: str, request: Request, within: float) -> Answer:
        """The answer to a request that the vendor may hold for a while, `within` seconds.

        It takes no turn: it would keep the others waiting. Raises FeedError as `send` does.
        """
        return await self._answered(lambda session: self._exchange(feed, request, session, within))

    async def _answered(self, exchange: Callable[[Session], Awaitable[_Reply]]) -> Answer:
        used_before = self._session
        session = await self._signed_in(None)
        reply = await exchange(session)
        if reply.status == httpx.codes.UNAUTHORIZED and session is used_before:
            session = await self._signed_in(session)
            reply = await exchange(session)
        return self._answer(reply)

    @asynccontextmanager
    async def stream(
        self, feed: str, request: Request, media_type: str, silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """An answer without an end: its bytes as they come. It takes no turn.

        Raises FeedError: where there is no such stream, and inside the block where it ends too
        early or says nothing for `silence` seconds.
        """
        limits = httpx.Timeout(self._timeout, connect=self._timeout / 2, read=silence)
        used_before = self._session
        session = await self._signed_in(None)
        response = await self._open_stream(feed, request, session, limits)
        if response.status_code == httpx.codes.UNAUTHORIZED and session is used_before:
            await response.aclose()
            session = await self._signed_in(session)
            response = await self._open_stream(feed, request, session, limits)
        async with aclosing(response):
            self._answer(_Reply(response.status_code, response.headers, b"", self._wall()))
            told = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if told != media_type:
                raise FeedError(Reason.DECODE, f"the answer is no {media_type}")
            with _in_our_words(silence, silence):
                yield response.aiter_bytes()

    async def _open_stream(
        self, feed: str, request: Request, session: Session, limits: httpx.Timeout
    ) -> httpx.Response:
        began, code = self._monotonic(), "none"
        try:
            with _in_our_words(self._timeout, self._timeout / 2):
                async with asyncio.timeout(self._timeout):
                    response = await self._opened(request, session, limits)
                    code = str(response.status_code)
                    return response
        finally:
            self._report.requested(feed, code, self._monotonic() - began)

    async def _signed_in(self, ended: Session | None) -> Session:
        """The session; a new one if it is `ended`. One sign-in at a time."""
        async with self._lock:
            if self._session is None or self._session is ended:
                self._session = None
                self._session = await self._new_session()
            return self._session

    async def _new_session(self) -> Session:
        began = self._monotonic()
        if self._pause is not None and began < self._pause[0]:
            until, reason = self._pause
            raise SignInPending(reason, "waiting to sign in again", until - began)
        try:
            session = await self._run_sign_in()
        except FeedError as failure:
            error = _as_refusal(failure)
            self._report.failed(SESSION, error)
            self._report.signed_out()
            wait = self._patience.after(error)
            self._pause = (self._monotonic() + wait, error.reason)
            raise SignInPending(error.reason, "the sign-in failed", wait) from None
        self._patience.proved()
        self._pause = None
        self._report.signed_in(session, began)
        return session

    async def _run_sign_in(self) -> Session:
        signing_in = self._sign_in()
        try:
            request = next(signing_in)
            while True:
                async with self._queue.turn((self._source, SESSION)):
                    reply = await self._exchange(SESSION, request, None, self._timeout)
                request = signing_in.send(self._answer(reply))
        except StopIteration as stop:
            session: Session = stop.value
            return session
        except ConfigError as error:  # a secret can not be read
            raise FeedError(Reason.AUTH, str(error)) from None
        finally:
            signing_in.close()

    async def _exchange(
        self, feed: str, request: Request, session: Session | None, within: float
    ) -> _Reply:
        began, code = self._monotonic(), "none"
        limits = httpx.Timeout(within, connect=self._timeout / 2)
        try:
            with _in_our_words(within, self._timeout / 2):
                async with (
                    asyncio.timeout(within),
                    aclosing(await self._opened(request, session, limits)) as response,
                ):
                    code = str(response.status_code)
                    return await self._received(response)
        finally:
            self._report.requested(feed, code, self._monotonic() - began)

    async def _opened(
        self, request: Request, session: Session | None, limits: httpx.Timeout
    ) -> httpx.Response:
        """The response, of which the status and headers have come."""
        headers = [*request.headers, *(session.headers if session else ())]
        if request.body is not None:
            headers.append(("Content-Type", "application/json"))
        try:
            built = self._http.build_request(
                request.method,
                request.path,
                content=request.body,
                params=request.params or None,
                headers=headers,
                timeout=limits,
            )
            return await self._http.send(built, stream=True)
        except (UnicodeEncodeError, httpx.InvalidURL, httpx.LocalProtocolError):
            # not quoted: it may be a secret
            detail = "not sent: its headers or its URL hold characters that are not allowed"
            raise FeedError(Reason.REJECTED, detail) from None

    async def _received(self, response: httpx.Response) -> _Reply:
        came_at, status = self._wall(), response.status_code
        if reason_of(status) is not None:
            # its body is for nobody; a broken or endless one must not hide the status
            return _Reply(status, response.headers, b"", came_at)
        pieces, size = [], 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > self._largest:
                raise FeedError(Reason.DECODE, f"an answer over {self._largest} bytes")
            pieces.append(piece)
        return _Reply(status, response.headers, b"".join(pieces), came_at)

    def _answer(self, reply: _Reply) -> Answer:
        """What a reply answers; raises FeedError where its status is a failure."""
        ahead = clock_difference(reply.headers.get("date", ""), reply.came_at)
        if ahead is not None:
            self._ahead = ahead
        at = reply.came_at + self._ahead
        reason = reason_of(reply.status)
        if reason is None:
            date = None if ahead is None else http_date(reply.headers.get("date", ""))
            return Answer(reply.body, at, date)
        wait = retry_after(reply.headers.get("retry-after", ""), at)
        raise FeedError(reason, f"HTTP {reply.status}", wait, reply.status)


def _as_refusal(error: FeedError) -> FeedError:
    """A rejected sign-in is one of refused credentials, and waits as long: nobody is locked out."""
    if error.reason is Reason.REJECTED:
        return FeedError(Reason.AUTH, error.detail, error.retry_after)
    return error


@contextmanager
def _in_our_words(answer: float, connection: float) -> Iterator[None]:
    """Turns the errors of the HTTP client into FeedErrors; both time-outs are in seconds."""
    try:
        yield
    except httpx.ConnectTimeout:
        raise FeedError(Reason.TIMEOUT, f"no connection in {connection:g} s") from None
    except (TimeoutError, httpx.TimeoutException):
        raise FeedError(Reason.TIMEOUT, f"no answer in {answer:g} s") from None
    except httpx.DecodingError:
        raise FeedError(Reason.DECODE, "the answer's compression is broken") from None
    except httpx.HTTPError as error:
        raise FeedError(Reason.NETWORK, why_no_answer(error)) from None

"""A feed by long polls: each answer has a token for the next request."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from exporter.simulators.livevox.eventids import Tokens
from exporter.simulators.livevox.feedpath import NOTHING, FeedPath, Page, unknown_token
from exporter.simulators.livevox.feedrequest import read_request


class LongPoll:
    """Answers long polls; `array` is the name of the events in an answer.

    A page that was cut off is whole when it is asked for again.
    """

    def __init__(self, path: FeedPath, tokens: Tokens, array: str, filtered: bool) -> None:
        self._path = path
        self._tokens = tokens
        self._array = array
        self._filtered = filtered
        self._cut_after: int | None = None

    async def answer(self, request: Request) -> Response:
        """The answer to a request, at once or when its wait is over."""
        await self._path.open()
        count = request.query_params.get("count")
        asked = read_request(await request.body(), count, self._filtered)
        position = self._path.position_of(asked, self._position)
        if not asked.token:
            return self._response(Page(position, NOTHING))
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._path.patience.long_poll
        start = position
        while True:
            await self._path.open()
            page = self._path.page(position, asked, may_cut=start != self._cut_after)
            position = page.position
            rest = ends - loop.time()
            if page.delivery.texts or rest <= 0:
                self._cut_after = None if page.delivery.cut is None else start
                return self._response(page)
            await self._path.wait(position, rest)

    def _position(self, token: str) -> int:
        found = self._tokens.read(token)
        if found is None or found[1] > self._path.retained.last:
            raise unknown_token()
        at_ms, position = found
        self._path.refuse_old(at_ms)
        return position

    def _token(self, position: int) -> str:
        """A token that is valid for as long as the event after it is kept."""
        at_ms = self._path.retained.at_ms(position + 1)
        return self._tokens.text(self._path.now_ms if at_ms is None else at_ms, position)

    def _response(self, page: Page) -> Response:
        texts, cut = page.delivery
        head = f'{{"token":"{self._token(page.position)}","{self._array}":['.encode()
        tail = b"]}"
        if "extra_keys" in self._path.trouble.in_force:
            tail = b'],"addedLater":{"version":2}}'
        if cut is None:
            return Response(head + b",".join(texts) + tail, media_type="application/json")
        broken = texts[cut][: len(texts[cut]) // 2]
        body = head + b",".join([*texts[:cut], broken])
        return _CutResponse(body, media_type="application/json")


class _CutResponse(Response):
    """A body that never comes to its end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        await send({"type": "http.response.body", "body": self.body, "more_body": True})

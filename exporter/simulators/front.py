"""What stands before every simulator: simulated time, the request log, and the faults."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate

from starlette.types import ASGIApp, Receive, Scope, Send

from exporter.simulators.delivery import (
    Answer,
    answer_of,
    answer_while_there,
    body_of,
    deliver,
    stayed,
    stream,
)
from exporter.simulators.faults import DOCUMENT_FAULTS, DONE_BY_FEEDS, Fault, Faults, spoil
from exporter.simulators.requestlog import RequestLog
from exporter.simulators.scenario import Scenario

CONTROL_PREFIX = "/_"


@dataclass(frozen=True, slots=True)
class Manners:
    """What the front must know of a platform.

    `plain_path` takes the version out of a path; `template` replaces what is secret or endless in
    a plain path; `reads` says whether a method and template only read (signing in and out
    included); `error` is an error's document; `row_keys` is what `faults.spoil` asks for.
    `feeds` are the paths whose answers take their time and do the faults of feeds themselves,
    `streams` those of them that answer piece by piece.
    """

    plain_path: Callable[[str], str]
    template: Callable[[str], str]
    reads: Callable[[str, str], bool]
    error: Callable[[int, str], dict[str, object]]
    row_keys: Mapping[str, tuple[str, ...]]
    feeds: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()


class Front:
    """The application around a platform's own: every request passes here."""

    def __init__(
        self,
        app: ASGIApp,
        scenario: Scenario,
        manners: Manners,
        log: RequestLog,
        faults: Faults,
    ) -> None:
        self._app = app
        self._scenario = scenario
        self._manners = manners
        self._log = log
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is none of ours."""
        if scope["type"] != "http":
            return
        self._scenario.catch_up()
        method, path = scope["method"], self._manners.plain_path(scope["path"])
        scope = {**scope, "path": path, "raw_path": path.encode()}
        body = await body_of(receive)
        if path.startswith(CONTROL_PREFIX):
            answer = await answer_of(self._app, scope, body)
            await self._send(answer, [], scope, receive, send)
            return
        template = self._manners.template(path)
        reads = self._manners.reads(method, template)
        with self._log.request(method, template, reads):
            await self._answer(template, body, scope, receive, send)

    async def _answer(
        self, template: str, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        is_feed = template in self._manners.feeds
        faults = self._faults.take(template, DONE_BY_FEEDS if is_feed else frozenset())
        for fault in faults:
            if fault.name == "hang" and not await stayed(receive, self._faults.cleared()):
                return
        refusal = next((one for one in faults if one.name in ("status", "refuse_login")), None)
        answer: Answer | None
        if refusal is not None:
            answer = self._refuse(refusal)
        elif template in self._manners.streams:
            await self._stream(body, faults, scope, receive, send)
            return
        elif is_feed:
            answer = await answer_while_there(self._app, scope, body, receive)
        else:
            answer = await answer_of(self._app, scope, body)
        if answer is not None:
            await self._send(answer, faults, scope, receive, send)

    async def _stream(
        self, body: bytes, faults: list[Fault], scope: Scope, receive: Receive, send: Send
    ) -> None:
        slow = next((fault for fault in faults if fault.name == "slow"), None)
        if slow is not None and not await stayed(receive, asyncio.sleep(slow.seconds)):
            return
        await stream(
            self._app,
            scope,
            body,
            receive,
            send,
            date=self._date(),
            compressed=_accepts_gzip(scope),
        )

    def _refuse(self, fault: Fault) -> Answer:
        document = self._manners.error(fault.status, "This is a simulated fault.")
        body = b"" if fault.status in (204, 304) else json.dumps(document).encode()
        answer = Answer(fault.status, [(b"content-type", b"application/json")], body)
        if fault.retry_after is not None:
            answer.replace_header(b"retry-after", fault.retry_after.encode())
        return answer

    async def _send(
        self, answer: Answer, faults: list[Fault], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._spoil(answer, faults)
        if _accepts_gzip(scope):
            answer.compress()
        answer.replace_header(b"date", self._date())
        slow = next((fault for fault in faults if fault.name == "slow"), None)
        await deliver(
            answer,
            receive,
            send,
            seconds=slow.seconds if slow else 0.0,
            dribble=slow.dribble if slow else False,
            cut=any(fault.name == "cut" for fault in faults),
        )

    def _date(self) -> bytes:
        return formatdate(self._scenario.now_ms / 1000, usegmt=True).encode()

    def _spoil(self, answer: Answer, faults: list[Fault]) -> None:
        wrong = [fault for fault in faults if fault.name in DOCUMENT_FAULTS]
        if wrong and answer.status == 200:
            document = json.loads(answer.body)
            for fault in wrong:
                document = spoil(document, fault, self._manners.row_keys)
            answer.body = json.dumps(document).encode()
        for fault in faults:
            if fault.name == "broken_json":
                answer.body = answer.body[: len(answer.body) * 2 // 3]
            elif fault.name == "empty_body":
                answer.body = b""


def _accepts_gzip(scope: Scope) -> bool:
    accepted = [value for name, value in scope["headers"] if name == b"accept-encoding"]
    codings = [part.split(b";") for value in accepted for part in value.lower().split(b",")]
    return any(
        coding[0].strip() == b"gzip" and b"q=0" not in [item.strip() for item in coding[1:]]
        for coding in codings
    )

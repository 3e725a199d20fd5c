"""The sign-in of LiveVox: one request.

The session is never ended by us: a second sign-in of the same user with the same token is given
the same session, so ending ours could end somebody else's.
"""

from collections.abc import Callable, Generator

import msgspec

from exporter.accounts import Session, SignIn
from exporter.decoding import Fields
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer, Request
from exporter.model import Block
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox.api import Api

Reveal = Callable[[], str]
_DAY = 86400.0


def sign_in(
    api: Api, client_name: str, username: str, password: Reveal, access_token: Reveal
) -> SignIn:
    """Starts sign-ins. Secrets are read at each one, so that they may rotate."""

    def signing_in() -> Generator[Request, Answer, Session]:
        body = {"clientName": client_name, "userName": username, "password": password()}
        answer = yield Request(
            "POST",
            api.path("session", "login"),
            msgspec.json.encode(body),
            headers=(("LV-Access", access_token()),),
        )
        fields = Fields(answer.body)
        session = fields.identity("sessionId")
        if not session or not session.isascii() or not session.isprintable():
            raise FeedError(Reason.DECODE, "the sign-in's answer has no sessionId")
        days = fields.number("daysUntilPasswordExpires")
        expiry = None if days is None else answer.at + days * _DAY
        block = Block((), ((),), ((f.PASSWORD_EXPIRY, [expiry]),))
        return Session((("LV-Session", session),), (block,))

    return signing_in

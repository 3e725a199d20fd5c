"""The sign-in: what is sent, what is made of the answer."""

from collections.abc import Callable

import msgspec
import pytest

from exporter.accounts import Session
from exporter.errors import FeedError, Reason
from exporter.feeds import Answer
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.auth import sign_in
from tests.vendors.livevox.account import AT, document


def _session(body: bytes, password: Callable[[], str] = lambda: "pass") -> Session:
    signing_in = sign_in(Api(), "ACME", "exporter", password, lambda: "token")()
    next(signing_in)
    with pytest.raises(StopIteration) as stop:
        signing_in.send(Answer(body, AT))
    session: Session = stop.value.value
    return session


def test_the_login_is_sent_as_documented() -> None:
    request = next(sign_in(Api(), "ACME", "exporter", lambda: 'p"ss', lambda: "token")())
    assert (request.method, request.path) == ("POST", "session/login")
    assert request.headers == (("LV-Access", "token"),)
    assert msgspec.json.decode(request.body or b"") == {
        "clientName": "ACME",
        "userName": "exporter",
        "password": 'p"ss',
    }


def test_the_session_goes_into_a_header_and_the_days_left_into_a_gauge() -> None:
    session = _session(document("login"))
    assert session.headers == (("LV-Session", "00000000-1111-2222-3333-444444444444"),)
    ((_, column),) = session.blocks[0].columns
    assert list(column) == [AT + 41 * 86400]


@pytest.mark.parametrize("days", [b"", b',"daysUntilPasswordExpires":null', b',"days":"x"'])
def test_days_that_are_not_told_are_no_sample(days: bytes) -> None:
    session = _session(b'{"sessionId":"abc"' + days + b"}")
    ((_, column),) = session.blocks[0].columns
    assert list(column) == [None]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"sessionId":""}', b'{"sessionId":"a\\r\\nb"}', b'{"sessionId":[]}'],
)
def test_an_answer_without_a_usable_session_is_a_failure(body: bytes) -> None:
    signing_in = sign_in(Api(), "ACME", "exporter", lambda: "pass", lambda: "token")()
    next(signing_in)
    with pytest.raises(FeedError) as failure:
        signing_in.send(Answer(body, AT))
    assert failure.value.reason is Reason.DECODE


def test_secrets_are_read_at_each_sign_in() -> None:
    read: list[str] = []

    def password() -> str:
        read.append("again")
        return "pass"

    start = sign_in(Api(), "ACME", "exporter", password, lambda: "token")
    next(start())
    next(start())
    assert len(read) == 2

"""What a status, a Retry-After, a Date and a broken connection mean."""

import email.utils
import ssl
import time
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.errors import Reason
from exporter.transports.answers import (
    LONGEST_WAIT,
    clock_difference,
    http_date,
    reason_of,
    retry_after,
    why_no_answer,
)
from tests.transports.site import DATE_AT_NOON, NOON


@pytest.fixture
def far_away() -> Iterator[None]:
    """This process lives where it is five hours earlier."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "EST5")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        ((200, 201, 202, 204, 299), None),
        ((301, 302, 304, 307, 308), Reason.REJECTED),
        ((401,), Reason.AUTH),
        ((429,), Reason.RATE_LIMITED),
        ((400, 402, 403, 404, 405, 407, 408, 410, 422, 451, 499), Reason.REJECTED),
        ((500, 501, 502, 503, 504, 520, 599), Reason.SERVER),
    ],
)
def test_each_status_has_one_reason(statuses: tuple[int, ...], reason: Reason | None) -> None:
    assert {reason_of(status) for status in statuses} == {reason}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("Mon, 24 Nov 2025 12:02:00 GMT", 120),
        ("Mon Nov 24 12:02:00 2025", 120),
        ("Monday, 24-Nov-25 12:02:00 GMT", 120),
        ("Mon, 24 Nov 2025 12:02:00 -0000", 120),
        ("Mon, 24 Nov 2025 13:02:00 +0100", 120),
        (DATE_AT_NOON, 0),
        ("Mon, 24 Nov 2025 11:00:00 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("86401", LONGEST_WAIT),
        ("9" * 5000, LONGEST_WAIT),
        ("Fri, 24 Nov 2125 12:00:00 GMT", LONGEST_WAIT),
    ],
)
def test_retry_after_in_either_form_is_seconds_from_now(header: str, seconds: float) -> None:
    assert retry_after(header, NOON) == seconds


@pytest.mark.usefixtures("far_away")
def test_a_date_that_does_not_name_its_zone_is_in_gmt_wherever_we_are() -> None:
    assert retry_after("Mon Nov 24 12:02:00 2025", NOON) == 120


@pytest.mark.parametrize(
    "header",
    ["", " ", "-5", "soon", "1.5", "12s", "٣", "²", "1e3", "inf", "nan", "12 13", "Mon, 24 Nov"],
)
def test_a_retry_after_that_says_nothing_usable_is_none(header: str) -> None:
    assert retry_after(header, NOON) is None


@given(st.text(), st.floats(0, 1e11))
def test_no_retry_after_and_no_date_is_too_odd(header: str, now: float) -> None:
    wait = retry_after(header, now)
    assert wait is None or 0 <= wait <= LONGEST_WAIT
    clock_difference(header, now)


@given(st.integers(0, 4_000_000_000), st.integers(0, 86400))
def test_a_retry_after_that_the_vendor_wrote_is_understood(now: int, seconds: int) -> None:
    assert retry_after(email.utils.formatdate(now + seconds, usegmt=True), now) == seconds


@pytest.mark.parametrize(
    ("ours", "difference"),
    [
        (NOON, 0),
        (NOON + 1.9, 0),
        (NOON - 1.9, 0),
        (NOON + 2, -2),
        (NOON - 90, 90),
        (NOON + 3600, -3600),
    ],
)
def test_the_vendors_clock_counts_where_it_differs_by_two_seconds(
    ours: float, difference: float
) -> None:
    assert clock_difference(DATE_AT_NOON, ours) == pytest.approx(difference)


@pytest.mark.parametrize("header", ["", "yesterday", "0", "1763985600"])
def test_without_a_date_the_difference_is_not_known(header: str) -> None:
    assert clock_difference(header, NOON) is None


@pytest.mark.parametrize(
    "header",
    [
        DATE_AT_NOON,
        "Mon Nov 24 12:00:00 2025",
        "Monday, 24-Nov-25 12:00:00 GMT",
        "Mon, 24 Nov 2025 12:00:00 -0000",
        "Mon, 24 Nov 2025 14:00:00 +0200",
    ],
)
@pytest.mark.usefixtures("far_away")
def test_an_http_date_in_any_of_its_forms_is_one_time(header: str) -> None:
    assert http_date(header) == NOON


@pytest.mark.parametrize(
    "header",
    [
        *("", " ", "yesterday", "1763985600", "Mon, 24 Nov", "Mon, 32 Nov 2025 12:00:00 GMT"),
        *("Mon, 24 Nov 99999999 12:00:00 GMT", "Mon, 24 Nov 2025 12:00:00 +999999"),
    ],
)
def test_what_is_no_date_is_none(header: str) -> None:
    assert http_date(header) is None


@given(st.integers(0, 4_000_000_000))
def test_a_date_that_the_vendor_wrote_is_understood_to_the_second(at: int) -> None:
    assert http_date(email.utils.formatdate(at, usegmt=True)) == at


def chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def certificate_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL] as told")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (httpx.ReadError("body of a peer"), "ReadError"),
        (chained(httpx.ConnectError(""), ConnectionRefusedError(111, "x")), "Connection refused"),
        (
            chained(
                httpx.ConnectError(""),
                chained(
                    OSError("All connection attempts failed"),
                    ExceptionGroup("", [ConnectionRefusedError(111, "x"), OSError(101, "y")]),
                ),
            ),
            "Connection refused",
        ),
        (chained(httpx.ConnectError(""), certificate_error()), "self-signed certificate"),
    ],
)
def test_the_system_says_why_there_was_no_answer(error: Exception, why: str) -> None:
    assert why_no_answer(error).endswith(why)
    assert "peer" not in why_no_answer(error)

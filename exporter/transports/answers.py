"""What an HTTP answer says by its status and headers, and what the want of one means: pure."""

import email.utils
import os
import ssl
from datetime import UTC
from socket import gaierror

from exporter.errors import Reason

LONGEST_WAIT = 24 * 3600.0  # seconds; a Retry-After beyond it is taken for a mistake
AGREEING = 2.0  # seconds within which the vendor's Date, whole seconds, agrees with our clock


def reason_of(status: int) -> Reason | None:
    """Why an answer with this HTTP status is a failure; None if it is not.

    A redirect is one: no documented method answers with it, and a session must not follow it.
    """
    if 200 <= status < 300:
        return None
    if status >= 500:
        return Reason.SERVER
    return {401: Reason.AUTH, 429: Reason.RATE_LIMITED}.get(status, Reason.REJECTED)


def retry_after(text: str, now: float) -> float | None:
    """Seconds of a Retry-After header, in either form; None where it says nothing usable.

    `now` is the time, Unix seconds, of the clock that wrote the header.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT)
    date = http_date(text)
    return None if date is None else min(max(0.0, date - now), LONGEST_WAIT)


def clock_difference(date_header: str, now: float) -> float | None:
    """Seconds that the vendor's clock is ahead of ours by its Date header, 0 if they agree.

    None where there is no date; `now` is our time, Unix seconds, when the header came.
    """
    date = http_date(date_header)
    if date is None:
        return None
    return 0.0 if abs(date - now) < AGREEING else date - now


def http_date(text: str) -> float | None:
    """An HTTP date as Unix seconds; None where it is none."""
    try:
        date = email.utils.parsedate_to_datetime(text)
        # an HTTP date is in GMT, also in its old form that does not say so
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def why_no_answer(error: BaseException) -> str:
    """Why there was no whole answer, for people: the system's words, never those of a peer."""
    name = type(error).__name__
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # one for each address that was tried
            cause = cause.exceptions[0]
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"{name}: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"{name}: TLS {cause.reason}"
        if isinstance(cause, gaierror):
            return f"{name}: the name of the host is not known"
        if isinstance(cause, OSError) and cause.errno is not None:
            return f"{name}: {os.strerror(cause.errno)}"
        cause = cause.__cause__ or cause.__context__
    return name

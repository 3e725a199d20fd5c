"""Every error the exporter raises on purpose.

ExporterError
├── ConfigError      the configuration is wrong: exit code 2
├── FamilyError      two metric families contradict each other: a mistake in this program
├── LedgerError      the ledger can not be opened or written
│   └── LedgerInUseError     another process has it open: exit code 1
└── FeedError        a feed could not be read now: counted, waited for, tried again
    └── SignInPending    there is no session, and the sign-in is not due yet: waited for only
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a feed failed: a closed list, used as metric label, log field and alert dimension."""

    NETWORK = "network"
    TIMEOUT = "timeout"
    AUTH = "auth"
    RATE_LIMITED = "rate_limited"
    REJECTED = "rejected"
    SERVER = "server"
    DECODE = "decode"
    STALE_CURSOR = "stale_cursor"
    BUG = "bug"


class ExporterError(Exception):
    """The root of the tree above."""


class ConfigError(ExporterError):
    """The configuration is wrong; the message names the path and never holds a secret."""


class FamilyError(ExporterError):
    """Two families share a name, or a label is not one."""


class LedgerError(ExporterError):
    """The ledger can not be opened or written; the message names the file and the reason."""


class LedgerInUseError(LedgerError):
    """Another process has the ledger open."""


class FeedError(ExporterError):
    """A feed could not be read; `detail` is for people and never holds personal data."""

    def __init__(
        self,
        reason: Reason,
        detail: str,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after  # seconds; a lower bound for the next attempt
        self.status = status  # of the HTTP answer that was the failure


class SignInPending(FeedError):
    """There is no session now. The sign-in itself was counted under the feed `session`."""

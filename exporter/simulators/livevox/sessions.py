"""Signing in: the one account of a simulated site, and its sessions."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from exporter.simulators.livevox.errors import LiveVoxError

SESSION_LIFE_MS = 2 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000
PASSWORD_LIFE_MS = 41 * DAY_MS + DAY_MS // 2
CLIENT_ID = 90001
USER_ID = 771


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in."""

    client_name: str = "DEMO"
    user_name: str = "exporter"
    password: str = "demo-password"  # noqa: S105 - the simulated site's, printed in the manual
    access_token: str = "demo-token"  # noqa: S105 - the same


class Sessions:
    """At most one session, as one user with one token gets; times are milliseconds."""

    def __init__(self, account: Account, now_ms: Callable[[], int], seed: int) -> None:
        self._account = account
        self._now_ms = now_ms
        self._random = random.Random(seed)
        self._password_ends_ms = now_ms() + PASSWORD_LIFE_MS
        self._session_id: str | None = None
        self._used_ms = 0
        self.issued: list[str] = []
        self.password_expiry_told: float | None = None

    def log_in(self, token: str | None, request: dict[str, object]) -> dict[str, object]:
        """Sign in; a second time while the session lives gives the same one."""
        account = self._account
        if token != account.access_token:
            raise LiveVoxError(401, "The access token is missing or not valid.")
        for name in ("clientName", "userName", "password"):
            if not isinstance(request.get(name), str):
                raise LiveVoxError(400, f"{name} is mandatory and must be a string.")
        asked = (request["clientName"], request["userName"], request["password"])
        as_agent = request.get("agent", False) in (True, "true")
        if as_agent or asked != (account.client_name, account.user_name, account.password):
            raise LiveVoxError(401, "The client, user name or password is not valid.")
        now = self._now_ms()
        session_id = self._live_session() or self._open()
        self._used_ms = now
        days = (self._password_ends_ms - now) // DAY_MS
        self.password_expiry_told = now / 1000 + days * 86400
        return {
            "sessionId": session_id,
            "clientId": CLIENT_ID,
            "userId": USER_ID,
            "daysUntilPasswordExpires": days,
        }

    def valid(self, session_id: str) -> bool:
        """Whether a session lives; asking does not prolong it."""
        return session_id == self._live_session()

    def use(self, session_id: str | None) -> None:
        """Prolong a session; raises LiveVoxError when there is none such."""
        if session_id is None or not self.valid(session_id):
            raise LiveVoxError(401, "The session is not valid.")
        self._used_ms = self._now_ms()

    def log_out(self, session_id: str) -> None:
        """End a session; raises LiveVoxError when there is none such."""
        if not self.valid(session_id):
            raise LiveVoxError(404, "There is no such session.")
        self._session_id = None

    def expire(self) -> None:
        """End the session, as if it had not been used for two hours."""
        self._session_id = None

    def _live_session(self) -> str | None:
        if self._now_ms() - self._used_ms > SESSION_LIFE_MS:
            self._session_id = None
        return self._session_id

    def _open(self) -> str:
        self._session_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        self.issued.append(self._session_id)
        return self._session_id

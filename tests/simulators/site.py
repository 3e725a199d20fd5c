"""A simulated LiveVox site in this process, with a clock that a test moves by hand."""

import asyncio
from typing import Any

import httpx

from exporter.simulators import livevox
from exporter.simulators.clock import SimulatedClock
from exporter.simulators.front import Front
from exporter.simulators.roster import Sizes
from exporter.simulators.scenario import Scenario

START_MS = 1_763_000_000_123
CREDENTIALS = {"clientName": "DEMO", "userName": "exporter", "password": "demo-password"}
TOKEN = {"LV-Access": "demo-token"}


class HandClock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def scenario(hand: HandClock | None = None, seed: int = 1, **sizes: int) -> Scenario:
    """A scenario at its first look, small unless sizes are given."""
    clock = SimulatedClock(hand or HandClock(), START_MS)
    return Scenario(clock, seed, Sizes(**sizes))


class Client:
    """Requests to an application in this process, each in a loop of its own."""

    def __init__(self, app: Front) -> None:
        self._app = app

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request and its whole answer."""
        return asyncio.run(self._request(method, path, options))

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://livevox") as client:
            return await client.request(method, path, **options)


class Site:
    """A site, a client that is signed in to it, and the clock of both."""

    def __init__(self, seed: int = 1, **sizes: int) -> None:
        self.hand = HandClock()
        self.scenario = scenario(self.hand, seed, **sizes)
        self.client = Client(livevox.app(self.scenario))
        self.session = ""

    def log_in(self) -> str:
        """Sign in, and use the session from now on."""
        answer = self.client.request("POST", "/session/login", json=CREDENTIALS, headers=TOKEN)
        assert answer.status_code == 200, answer.text
        self.session = answer.json()["sessionId"]
        return self.session

    @property
    def headers(self) -> dict[str, str]:
        """What a signed-in request carries."""
        return {"LV-Session": self.session}

    def post(self, path: str, body: object | None = None, status: int = 200) -> Any:
        """The JSON answer to a POST of a signed-in user."""
        answer = self.client.request("POST", path, json=body or {}, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200) -> Any:
        """The JSON answer to a GET of a signed-in user."""
        answer = self.client.request("GET", path, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def fault(self, name: str, path: str = "", /, **options: object) -> Any:
        """Ask for a fault."""
        body = {"fault": name, **({"path": path} if path else {}), **options}
        return self.post("/_faults", body, 201)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.hand.seconds += seconds

    def truth(self, family: str, query: str = "", **labels: str) -> list[float]:
        """The values of a family's samples that have these labels."""
        samples = self.get(f"/_truth?{query}")["samples"]
        return [
            sample["value"]
            for sample in samples
            if sample["name"] == family and labels.items() <= sample["labels"].items()
        ]

    def row(self, queue_id: str) -> dict[str, Any]:
        """A service's row of service/stats."""
        rows = self.post("/realtime/service/stats")["stats"]
        found: dict[str, Any] = next(row for row in rows if row["serviceId"] == queue_id)
        return found

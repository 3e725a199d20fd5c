"""A LiveVox account made of documents: readings are driven without any I/O."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from exporter.accounts import Account
from exporter.app import account_of
from exporter.exposition import Format
from exporter.feeds import Answer, Document, Feed, Request
from exporter.model import Family, Frame, Kind
from exporter.page import Page
from exporter.settings import load
from exporter.store import Place, Store

FIXTURES = Path(__file__).parents[2] / "fixtures" / "livevox"
AT = 1767625203.0  # the vendor's time in the invented documents

Responder = Callable[[Request], bytes]


def document(name: str) -> bytes:
    """A fixture."""
    return (FIXTURES / f"{name}.json").read_bytes()


def account(**changes: Any) -> Account[Any]:
    """An account with every feed on, and changes to its settings."""
    feeds = ("agent_averages", "live_connects", "agent_stats")
    source = {
        "platform": "livevox",
        "base_url": "http://127.0.0.1:1",
        "client_name": "ACME",
        "username": "exporter",
        "password": "not-a-password",
        "access_token": "not-a-token",
        "feeds": {name: {"enabled": True} for name in feeds},
        **changes,
    }
    settings = load(None, {}, {"sources": {"acme-us": source}})
    return account_of(settings, "acme-us", {})


def feed(of: Account[Any], name: str) -> Feed:
    """A feed of an account."""
    return next(one for one in of.polls if one.name == name)


def canned(request: Request) -> bytes:
    """The fixture that answers a request."""
    parameters = dict(request.params)
    names = {
        "realtime/service/stats": "service_stats",
        "realtime/service/agents/status": "agents_status",
        "realtime/service/calls/status": "calls_status",
        "realtime/service/agents/averages": "agents_averages",
        "realtime/service/liveConnects": "live_connects",
        "realtime/service/agent/stats": "agent_stats",
        "realtime/service/agent/stats/ex": "agent_stats_ex",
        "realtime/campaign/stats": "campaign_stats",
        "configuration/callCenters": "call_centers",
        "configuration/services": f"services.{parameters.get('callCenter')}",
        "campaign/campaigns/search": "campaigns",
    }
    return document(names[request.path])


def read(
    one: Feed,
    directory: Any,
    respond: Responder = canned,
    part: str = "",
    asked: list[Request] | None = None,
) -> Document[Any]:
    """The document of one reading, with `respond` for the vendor."""
    reading = one.read(directory, part, AT)
    try:
        requests: Sequence[Request] = next(reading)
        while True:
            if asked is not None:
                asked += requests
            requests = reading.send([Answer(respond(request), AT) for request in requests])
    except StopIteration as stop:
        result: Document[Any] = stop.value
        return result


def exposition(documents: Mapping[tuple[str, str], Document[Any]]) -> str:
    """The lines of documents by (feed, part), without those that change with time."""
    store = Store(20_000)
    for (name, part), one in documents.items():
        store.publish(Place("acme-us", name, part), Frame(one.blocks, 0.0))
    page = Page(store, lambda form: (), _SERIES, lambda: 0.0)
    text = page.body(Format.TEXT, gzip=False).decode()
    return "".join(line for line in text.splitlines(True) if _SERIES.name not in line)


def samples(one: Document[Any], family: Family) -> dict[str, float]:
    """The sample lines of a family in a document: labels to value."""
    lines = exposition({("feed", ""): one}).splitlines()
    found = [line.removeprefix(family.name) for line in lines if line.startswith(family.name)]
    pairs = [line.rpartition(" ") for line in found if line[0] in "{ "]
    return {_own(labels): float(v) for labels, _, v in pairs}


def rows(array: str, *of: Mapping[str, Any], **rest: Any) -> Responder:
    """A vendor that answers anything with these rows."""
    body = msgspec.json.encode({array: list(of), **rest})
    return lambda request: body


_SERIES = Family("contactcenter_exporter_series", Kind.GAUGE, "Series.", ("family",))


def _own(labels: str) -> str:
    """The labels without the source's."""
    return labels.replace('source="acme-us"', "").replace("{,", "{")

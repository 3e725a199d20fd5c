"""Requests of LiveVox: paths, bodies, filters. They read only."""

from collections.abc import Sequence
from itertools import islice

import msgspec

from exporter.feeds import Request

MOST_SERVICES = 150  # the Reporting API's limit of one request, kept for the realtime methods too
PAGE = 1000  # the most items of a page of a list


class Api:
    """Builds requests; `version` such as v6.0 is put between category and resource."""

    def __init__(self, version: str = "") -> None:
        self._version = f"{version}/" if version else ""

    def path(self, category: str, resource: str) -> str:
        """The path of a resource, relative to the account's base URL."""
        return f"{category}/{self._version}{resource}"

    def realtime(self, method: str, body: object) -> Request:
        """A realtime method with its JSON body."""
        return Request("POST", self.path("realtime", method), msgspec.json.encode(body))

    def each(self, method: str, bodies: Sequence[object]) -> list[Request]:
        """A realtime method once for each body."""
        return [self.realtime(method, body) for body in bodies]

    def page(self, category: str, resource: str, offset: int, **params: str) -> Request:
        """One page of a list, narrowed by query parameters."""
        window = {**params, "count": str(PAGE), "offset": str(offset)}
        return Request("GET", self.path(category, resource), params=tuple(window.items()))

    def campaign_page(self, since: float, until: float, offset: int) -> Request:
        """One page of the campaigns that were uploaded between two Unix times."""
        body = {"dateRange": {"from": int(since * 1000), "to": int(until * 1000)}}
        return Request(
            "POST",
            self.path("campaign", "campaigns/search"),
            msgspec.json.encode(body),
            params=(("count", str(PAGE)), ("offset", str(offset))),
        )


def filtered(kind: str, ids: Sequence[str]) -> object:
    """The body that asks for some services or call centers alone."""
    return {"filter": only(kind, ids)}


def only(kind: str, ids: Sequence[str]) -> object:
    """The filter that lets some services or call centers through alone."""
    return {kind: [{"id": one} for one in ids]}


def batches(ids: Sequence[str]) -> list[list[str]]:
    """The ids in runs that one request may name."""
    rest = iter(ids)
    runs = []
    while run := list(islice(rest, MOST_SERVICES)):
        runs.append(run)
    return runs


def resumed(cursor: str, filtering: object) -> object:
    """The body that asks for the events after a cursor; without one, from now on."""
    body = {"token": cursor} if cursor else {}
    return {**body, "filter": filtering} if filtering else body

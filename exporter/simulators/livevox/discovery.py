"""Lists of call centers, services, agents and campaigns, page by page."""

from typing import Any

from starlette.datastructures import QueryParams

from exporter.simulators.campaigns import Campaign
from exporter.simulators.livevox.errors import LiveVoxError
from exporter.simulators.livevox.selection import read_ids, read_ms
from exporter.simulators.livevox.sessions import CLIENT_ID
from exporter.simulators.livevox.vocabulary import SEARCH_STATES, STATUSES, type_id
from exporter.simulators.scenario import Scenario
from exporter.simulators.world import Agent

Document = dict[str, Any]
MOST_ITEMS = 1000


def page(array: str, items: list[Document], path: str, query: QueryParams) -> Document:
    """Some of a list, by `count` and `offset`, and where the next are: null on the last page."""
    count = min(_whole(query, "count", MOST_ITEMS, 1), MOST_ITEMS)
    offset = _whole(query, "offset", 0, 0)
    following = offset + count
    more = "&".join(f"{k}={v}" for k, v in query.items() if k not in ("count", "offset"))
    link = f"{path}?{more + '&' if more else ''}count={count}&offset={following}"
    return {
        array: items[offset:following],
        "next": link if following < len(items) else None,
    }


def call_centers(scenario: Scenario, query: QueryParams) -> Document:
    """configuration/callCenters."""
    _check_client(query)
    items: list[Document] = [
        {"callCenterId": center.id, "name": center.name, "clientId": CLIENT_ID}
        for center in scenario.call_centers
    ]
    return page("callCenter", items, "/configuration/callCenters", query)


def services(scenario: Scenario, query: QueryParams) -> Document:
    """configuration/services of one call center."""
    center_id = _whole(query, "callCenter", None, 0)
    if center_id not in {center.id for center in scenario.call_centers}:
        raise LiveVoxError(404, f"There is no call center {center_id}.")
    items: list[Document] = [
        {"serviceId": queue.id, "name": queue.name}
        for queue in scenario.visible_queues
        if queue.call_center.id == center_id
    ]
    return page("service", items, "/configuration/services", query)


def agents(scenario: Scenario, query: QueryParams) -> Document:
    """configuration/agents, at work or not."""
    _check_client(query)
    items = [_agent_row(agent) for agent in scenario.agents]
    return page("agent", items, "/configuration/agents", query)


def _agent_row(agent: Agent) -> Document:
    return {
        "id": agent.id,
        "loginId": agent.login,
        "firstName": agent.first_name,
        "lastName": agent.last_name,
        "phone": agent.phone,
        "wrapUpTime": -1,
        "homeAgent": False,
        "active": True,
        "locked": False,
        "clientId": CLIENT_ID,
    }


def search_campaigns(scenario: Scenario, body: Document, query: QueryParams) -> Document:
    """campaign/campaigns/search by date of upload, and if wanted by state and service."""
    _check_client(query)
    for key in body:
        if key not in ("dateRange", "state", "service", "type"):
            raise LiveVoxError(400, f"{key} is not known in a search.")
    earliest, latest = _date_range(body.get("dateRange"))
    states = _states(body.get("state"))
    wanted = _ids(body, "service")
    types = _ids(body, "type")
    visible = {queue.id for queue in scenario.visible_queues}
    items = [
        _campaign_row(scenario, campaign)
        for campaign in scenario.campaigns
        if earliest <= scenario.ms(campaign.uploaded_at) <= latest
        and campaign.queue_id in visible
        and (not states or STATUSES[campaign.status][1] in states)
        and (not wanted or campaign.queue_id in wanted)
        and (not types or type_id(campaign) in types)
    ]
    return page("campaign", items, "/campaign/campaigns/search", query)


def _campaign_row(scenario: Scenario, campaign: Campaign) -> Document:
    return {
        "id": str(campaign.id),
        "name": campaign.name,
        "typeId": type_id(campaign),
        "serviceId": campaign.queue_id,
        "status": STATUSES[campaign.status][0],
        "uploadDate": scenario.ms(campaign.uploaded_at),
    }


def _date_range(value: object) -> tuple[int, int]:
    if not isinstance(value, dict) or "from" not in value or "to" not in value:
        raise LiveVoxError(400, "dateRange with from and to is mandatory.")
    return read_ms(value["from"]), read_ms(value["to"])


def _states(value: object) -> set[str]:
    if value is None:
        return set()
    if not isinstance(value, list):
        raise LiveVoxError(400, "state must be a list.")
    for state in value:
        if state not in SEARCH_STATES:
            raise LiveVoxError(400, f"state {state!r} can not be searched for.")
    return set(value)


def _ids(body: Document, kind: str) -> frozenset[int]:
    """Ids as a list, or as clients send it, as a list inside an object of the same name."""
    value = body.get(kind)
    if isinstance(value, dict):
        value = value.get(kind)
    return frozenset() if value is None else read_ids(kind, value)


def _check_client(query: QueryParams) -> None:
    if query.get("client", str(CLIENT_ID)) != str(CLIENT_ID):
        raise LiveVoxError(403, "The user may not see this client.")


def _whole(query: QueryParams, name: str, default: int | None, least: int) -> int:
    text = query.get(name, "" if default is None else str(default))
    if not text.isdecimal() or int(text) < least:
        raise LiveVoxError(400, f"{name} must be a whole number from {least}.")
    return int(text)

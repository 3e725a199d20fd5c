"""Realtime documents about services, calls and campaigns, with the types of the public samples.

Ids and numbers change their JSON types from method to method: that is how the platform answers.
"""

from bisect import bisect_right
from typing import Any

from exporter.simulators.campaigns import TIME_ZONES, Campaign, CampaignStatus
from exporter.simulators.livevox.selection import Selection
from exporter.simulators.livevox.vocabulary import AVERAGE_FIELDS, PACING
from exporter.simulators.scenario import Scenario
from exporter.simulators.tallies import Contact
from exporter.simulators.world import Call, Queue

Document = dict[str, Any]
INTERVAL_SECONDS = 300
INTERVALS = 6


def service_stats(scenario: Scenario, selection: Selection) -> Document:
    """service/stats: the services that an agent is logged in to."""
    queues = [queue for queue in selection.queues(scenario) if queue.logged_in]
    return {"stats": [_service_row(queue, scenario.tick) for queue in queues]}


def _service_row(queue: Queue, tick: int) -> Document:
    day = queue.day
    method, units = PACING[queue.pacing]
    return {
        "calls": [],
        "serviceId": str(queue.id),
        "serviceName": queue.name,
        "cip": queue.in_progress(),
        "totalOffered": day.total(Contact.OFFERED),
        "totalHandled": day.total(Contact.HANDLED),
        "totalAbandoned": day.total(Contact.ABANDONED),
        "abandonRate": day.abandon_percent,
        "serviceLevel": day.service_level_percent,
        "averageSpeedOfAnswer": day.average_answer,
        "averageDurationToAbandon": day.average_abandon,
        "averageTalkDuration": day.average_talk,
        "averageWrapupDuration": day.average_wrapup,
        "averageHandleDuration": day.average_handle,
        "totalCallsAnsweredWithinSLA": day.total(Contact.HANDLED_IN_THRESHOLD),
        "totalCallsAbandonedWithinSLA": day.total(Contact.ABANDONED_IN_THRESHOLD),
        "pacingMethod": method,
        "throttle": str(queue.throttle),
        "units": units,
        "totalCallsInQueue": queue.in_queue(),
        "callsWithAgent": len(queue.talking),
        "totalAgents": queue.logged_in,
        "longestCallInQueue": queue.longest_wait(tick) * 1000,
        "maxHoldTime": queue.max_wait,
        "loaded": queue.loaded(),
        "remaining": queue.remaining(),
        "playingDialable": queue.dialable(),
        "percentComplete": queue.complete_percent(),
        "callCenterId": str(queue.call_center.id),
        "callCenterName": queue.call_center.name,
    }


def calls_status(scenario: Scenario, selection: Selection) -> Document:
    """calls/status: each call on hold. Its time is in seconds, the answer's in milliseconds."""
    calls = [call for queue in selection.queues(scenario) for call in queue.on_hold()]
    return {
        "callsDetails": [_held_row(scenario, call) for call in calls],
        "timeStamp": str(scenario.now_ms),
    }


def _held_row(scenario: Scenario, call: Call) -> Document:
    return {
        "serviceName": call.queue.name,
        "serviceId": str(call.queue.id),
        "name": call.customer.name,
        "account": call.customer.account,
        "phone": call.customer.phone,
        "timeStamp": str(scenario.ms(call.held_since or 0) // 1000),
        "agentSkill": call.skill,
        "priority": str(call.priority),
    }


def agent_averages(scenario: Scenario, selection: Selection) -> Document:
    """agents/averages: for each service that had agents today, a point of before and one of now.

    No point says which service it is of.
    """
    points = []
    for queue in selection.queues(scenario):
        if not any(desk.tally.present for desk in queue.desks):
            continue
        tick, averages = queue.averages_before or (scenario.tick, ())
        if tick < scenario.tick:
            before = {field: str(averages[state]) for field, state in AVERAGE_FIELDS.items()}
            points.append({**before, "timeStamp": str(scenario.ms(tick))})
        now = {field: str(queue.average_in_state(state)) for field, state in AVERAGE_FIELDS.items()}
        points.append({**now, "timeStamp": str(scenario.now_ms)})
    return {"agentAverages": points, "timeStamp": str(scenario.now_ms)}


def live_connects(scenario: Scenario, selection: Selection) -> Document:
    """liveConnects: for each service the right-party connects of the last six whole intervals.

    A point's time is its interval's end. No point says which service it is of.
    """
    newest = scenario.tick // INTERVAL_SECONDS * INTERVAL_SECONDS
    ends = [newest - INTERVAL_SECONDS * ago for ago in reversed(range(INTERVALS))]
    points = []
    for queue in selection.queues(scenario):
        ticks = list(queue.right_party)
        for end in ends:
            total = bisect_right(ticks, end) - bisect_right(ticks, end - INTERVAL_SECONDS)
            points.append({"total": str(total), "timeStamp": str(scenario.ms(end))})
    return {"liveConnects": points}


def campaign_stats(scenario: Scenario, selection: Selection) -> Document:
    """campaign/stats: campaigns of today that are built or being built."""
    wanted = selection.ids.get("campaign")
    queues = {queue.id for queue in selection.queues(scenario)}
    if wanted is not None:
        queues = {queue.id for queue in scenario.visible_queues}
    return {
        "stats": [
            _campaign_row(campaign)
            for campaign in scenario.campaigns
            if campaign.current
            and campaign.status is not CampaignStatus.UNBUILT
            and campaign.queue_id in queues
            and (wanted is None or campaign.id in wanted)
        ]
    }


def _campaign_row(campaign: Campaign) -> Document:
    row: Document = {
        "timezoneBreakdown": [
            {"timezone": zone, "count": campaign.zones[zone]}
            for zone in TIME_ZONES
            if zone in campaign.zones
        ],
        "campaignId": campaign.id,
        "serviceId": campaign.queue_id,
        "uploaded": campaign.uploaded,
        "remaining": campaign.remaining,
    }
    if campaign.loaded is not None:
        row["loaded"] = campaign.loaded
        row["completed"] = campaign.completed
    return row

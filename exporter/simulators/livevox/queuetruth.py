"""What a perfect exporter shows of queues, calls and campaigns: from the scenario's state."""

from exporter.simulators.campaigns import Campaign, CampaignStatus
from exporter.simulators.livevox.samples import TODAY, Samples, queue_labels
from exporter.simulators.localday import DAY
from exporter.simulators.scenario import Scenario
from exporter.simulators.states import AgentState
from exporter.simulators.tallies import Contact
from exporter.simulators.world import Pacing, Queue

_CONTACTS = {
    Contact.OFFERED: "offered",
    Contact.HANDLED: "handled",
    Contact.ABANDONED: "abandoned",
    Contact.HANDLED_IN_THRESHOLD: "handled_in_threshold",
    Contact.ABANDONED_IN_THRESHOLD: "abandoned_in_threshold",
}
_PACING = {
    Pacing.ABANDON_RATE: ("abandon_rate", "percent", 0.01),
    Pacing.LINES_PER_AGENT: ("agent", "lines", 1.0),
    Pacing.CALLS_IN_PROGRESS: ("max_cip", "calls", 1.0),
}
_AVERAGED = {
    "ready": AgentState.READY,
    "not_ready": AgentState.NOT_READY,
    "talk": AgentState.IN_CALL,
    "wrapup": AgentState.WRAP_UP,
    "preview_dial": AgentState.PREVIEW_DIAL,
    "manual_dial": AgentState.MANUAL_DIAL,
    "hold": AgentState.HOLD,
    "transferring": AgentState.TRANSFERRING,
    "registering": AgentState.REGISTERING,
    "dialing": AgentState.DIALING,
    "reserved": AgentState.RESERVED,
}
_STATUSES = {
    CampaignStatus.UNBUILT: "unassigned",
    CampaignStatus.BUILDING: "prebuilt",
    CampaignStatus.PLAYING: "playing",
    CampaignStatus.PAUSED: "paused",
    CampaignStatus.COMPLETED: "completed",
}
_CONNECTS_WINDOW = 1800
_CONNECTS_STEP = 300
_CAMPAIGN_DAYS = 30


def contact_counters(scenario: Scenario, samples: Samples, since_ms: int) -> None:
    """Counters of contacts since a moment, for every queue; a hidden one's stand still."""
    for queue in scenario.queues:
        labels = {**queue_labels(queue), "channel": "voice"}
        for contact, word in _CONTACTS.items():
            counted = queue.counts[contact]
            if since_ms <= scenario.start_ms:
                value = counted.since_start()
            else:
                value = counted.since(scenario.tick_of(since_ms))
            if queue.hidden_since is not None:
                value = max(0, value - counted.since(queue.hidden_since))
            samples.add(f"contactcenter_contacts_{word}_total", labels, value)


def service_stats(scenario: Scenario, samples: Samples) -> None:
    """Gauges of service/stats: queues that an agent is logged in to."""
    for queue in scenario.visible_queues:
        if queue.logged_in:
            _queue_now(queue, samples, scenario.tick)
            _queue_today(queue, samples)


def _queue_now(queue: Queue, samples: Samples, tick: int) -> None:
    labels = queue_labels(queue)
    center = queue.call_center
    group = {**labels, "group_id": str(center.id), "group": center.name}
    samples.add("contactcenter_queue_info", group, 1)
    now: dict[str, float] = {
        "contactcenter_queue_waiting_contacts": queue.in_queue(),
        "contactcenter_queue_longest_wait_seconds": queue.longest_wait(tick),
        "contactcenter_queue_active_contacts": len(queue.talking),
        "contactcenter_queue_agents_logged_in": queue.logged_in,
        "livevox_queue_calls_in_progress": queue.in_progress(),
        "livevox_queue_max_hold_seconds": queue.max_wait,
        "livevox_queue_records_loaded": queue.loaded(),
        "livevox_queue_records_remaining": queue.remaining(),
        "livevox_queue_records_playing_dialable": queue.dialable(),
        "livevox_queue_complete_ratio": queue.complete_percent() / 100,
    }
    for name, value in now.items():
        samples.add(name, labels, value)
    method, unit, scale = _PACING[queue.pacing]
    samples.add("livevox_queue_pacing_throttle", {**labels, "unit": unit}, queue.throttle * scale)
    samples.add("livevox_queue_pacing_info", {**labels, "method": method}, 1)


def _queue_today(queue: Queue, samples: Samples) -> None:
    labels, day = {**queue_labels(queue), "window": TODAY}, queue.day
    for contact, word in _CONTACTS.items():
        samples.add(f"contactcenter_queue_window_{word}_contacts", labels, day.total(contact))
    window: dict[str, float] = {
        "abandon_ratio": day.abandon_percent / 100,
        "service_level_ratio": day.service_level_percent / 100,
        "answer_seconds": day.average_answer,
        "abandon_seconds": day.average_abandon,
        "talk_seconds": day.average_talk,
        "wrapup_seconds": day.average_wrapup,
        "handle_seconds": day.average_handle,
    }
    for word, value in window.items():
        samples.add(f"contactcenter_queue_window_{word}", labels, value)


def calls_on_hold(scenario: Scenario, samples: Samples) -> None:
    """Gauges of calls/status: every queue of the directory, 0 without a call on hold.

    The platform tells the time of a hold in whole seconds, its own in milliseconds.
    """
    for queue in scenario.visible_queues:
        labels, held = queue_labels(queue), queue.on_hold()
        skills = [call.skill for call in held]
        for skill in sorted(set(skills)) if skills else [""]:
            samples.add(
                "livevox_queue_calls_on_hold", {**labels, "skill": skill}, skills.count(skill)
            )
        since = min(
            (scenario.ms(call.held_since or 0) // 1000 for call in held),
            default=scenario.now_ms / 1000,
        )
        longest = round(scenario.now_ms / 1000 - since, 3)
        samples.add("livevox_queue_longest_hold_seconds", labels, longest)


def agent_averages(scenario: Scenario, samples: Samples) -> None:
    """Gauges of agents/averages: queues that had agents today."""
    for queue in scenario.visible_queues:
        if any(desk.tally.present for desk in queue.desks):
            for word, state in _AVERAGED.items():
                labels = {**queue_labels(queue), "state": word, "window": TODAY}
                samples.add(
                    "livevox_queue_window_agent_state_seconds",
                    labels,
                    queue.average_in_state(state),
                )


def live_connects(scenario: Scenario, samples: Samples) -> None:
    """The right-party connects of the 30 minutes before the last whole five."""
    newest = scenario.tick - scenario.tick % _CONNECTS_STEP
    for queue in scenario.visible_queues:
        connects = sum(newest - _CONNECTS_WINDOW < tick <= newest for tick in queue.right_party)
        samples.add(
            "livevox_queue_window_right_party_connects",
            {**queue_labels(queue), "window": "30m"},
            connects,
        )


def campaign_stats(scenario: Scenario, samples: Samples) -> None:
    """Gauges of campaign/stats: today's campaigns that are built or being built."""
    for campaign, queue in _campaigns(scenario):
        if not campaign.current or campaign.status is CampaignStatus.UNBUILT:
            continue
        labels = {"campaign_id": str(campaign.id), **queue_labels(queue)}
        samples.add("livevox_campaign_records_uploaded", labels, campaign.uploaded)
        samples.add("livevox_campaign_records_remaining", labels, campaign.remaining)
        if campaign.loaded is not None:
            samples.add("livevox_campaign_records_loaded", labels, campaign.loaded)
            samples.add("livevox_campaign_records_completed", labels, campaign.completed)
        for zone, count in campaign.zones.items():
            samples.add("livevox_campaign_timezone_records", {**labels, "timezone": zone}, count)


def directory(scenario: Scenario, samples: Samples) -> None:
    """The campaigns uploaded in the last 30 days."""
    for campaign, queue in _campaigns(scenario):
        if campaign.uploaded_at >= scenario.tick - _CAMPAIGN_DAYS * DAY:
            labels = {
                "campaign_id": str(campaign.id),
                "campaign": campaign.name,
                "status": _STATUSES[campaign.status],
                "type": "manual" if campaign.dials_by_hand else "outbound",
                **queue_labels(queue),
            }
            samples.add("livevox_campaign_info", labels, 1)


def _campaigns(scenario: Scenario) -> list[tuple[Campaign, Queue]]:
    queues = {queue.id: queue for queue in scenario.visible_queues}
    return [
        (campaign, queues[campaign.queue_id])
        for campaign in scenario.campaigns
        if campaign.queue_id in queues
    ]

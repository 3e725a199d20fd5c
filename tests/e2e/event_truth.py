"""What the two event feeds of a simulator have told, beside what an exporter shows of them."""

from collections.abc import Mapping, Sequence

from tests.e2e import processes as run
from tests.e2e.exposed import Exposed, Key

FEEDS = ("agent_events", "interaction_events")
INTERACTION_KINDS = ("call_start", "call_termination", "call_disposition", "attempt", "other")
INTERACTIONS = "livevox_interactions_total"
AGENT_EVENTS = "livevox_agent_events_total"
AGENT_SECONDS = "contactcenter_agent_state_seconds_total"
EVENTS = "contactcenter_feed_events_total"
AGENTS = "contactcenter_agents"
COUNTED: Mapping[str, tuple[str, ...]] = {
    "agent_events": (AGENT_EVENTS, AGENT_SECONDS, f"{AGENTS}{{"),
    "interaction_events": (
        INTERACTIONS,
        "contactcenter_contacts_",
        "contactcenter_contact_wait_seconds",
        "contactcenter_contact_handle_seconds",
        "livevox_ivr_seconds",
    ),
}
"""The beginnings of the lines of what each feed counts and shows."""


def true_events(simulator: run.Simulator, feeds: Sequence[str] = FEEDS) -> dict[Key, float]:
    """What a perfect exporter shows that has read these feeds from the simulation's start on."""
    samples = simulator.get("_truth", feed=list(feeds))["samples"]
    names = tuple(name.removesuffix("{") for feed in feeds for name in COUNTED[feed])
    truth = {
        (one["name"], frozenset(one["labels"].items())): one["value"]
        for one in samples
        if one["name"].startswith(names) and not one["name"].startswith(f"{AGENTS}_")
    }
    if "interaction_events" in feeds:
        kinds = [_of_kind("interaction_events", kind) for kind in INTERACTION_KINDS]
        truth |= dict.fromkeys(kinds, 0)
    for (name, labels), value in list(truth.items()):
        if name in (INTERACTIONS, AGENT_EVENTS):
            feed = "agent_events" if name == AGENT_EVENTS else "interaction_events"
            kind = _of_kind(feed, dict(labels)["event"])
            truth[kind] = truth.get(kind, 0) + value
    return truth


def _of_kind(feed: str, kind: str) -> Key:
    return EVENTS, frozenset({"feed": feed, "kind": kind}.items())


def shown_events(now: Exposed, feeds: Sequence[str] = FEEDS) -> dict[Key, float]:
    """The same of an exporter."""
    names = tuple(name for feed in feeds for name in COUNTED[feed])
    shown = now.by_key(names)
    for (name, labels), value in now.by_key((EVENTS,)).items():
        if dict(labels)["feed"] in feeds:
            shown[name, labels] = value
    return shown


def differences(
    truth: Mapping[Key, float], shown: Mapping[Key, float]
) -> dict[str, tuple[float | None, float | None]]:
    """What is not the same: the truth, and what is shown.

    Counts are whole numbers, and seconds are whole where the simulated day stands on a second, so
    that nothing is rounded.
    """
    return {
        f"{key[0]} {dict(sorted(key[1]))}": (truth.get(key), shown.get(key))
        for key in sorted(truth.keys() | shown.keys(), key=str)
        if truth.get(key) != shown.get(key)
    }

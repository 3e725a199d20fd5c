"""The top row: six numbers of now, each on the colour of its target."""

from grafana_foundation_sdk.builders import stat
from panels import Query, properties, tile
from queries import (
    FEEDS,
    SOURCES,
    abandon_ratio,
    agents,
    longest_wait,
    once,
    service_level,
    waiting,
)
from scales import (
    ABANDONED,
    AVAILABLE,
    DATA_AGE,
    SERVICE_LEVEL,
    SOURCES_DOWN,
    WAIT_SECONDS,
    WAITING,
    WORKING,
)

LIVE_CHANNELS = "E-mail and social messages, which wait for hours by design, are left out."


def tiles() -> list[stat.Panel]:
    """The six, from left to right."""
    return [
        tile(
            "Contacts waiting",
            f"Contacts that wait in the chosen queues now. {LIVE_CHANNELS} Orange from 10, red from"
            " 20, where ContactCenterQueueDepthHigh warns for a single queue.",
            "locale",
            WAITING,
            Query(waiting(""), "red from 20"),
        ),
        tile(
            "Longest wait",
            "How long the contact at the head of the slowest of the chosen queues has waited."
            f" {LIVE_CHANNELS} Orange from 2 minutes, red from 5 (ContactCenterLongestWaitHigh).",
            "dthms",
            WAIT_SECONDS,
            Query(longest_wait(""), "limit 5 min"),
        ),
        service_level_tile(),
        abandon_tile(),
        agents_tile(),
        freshness_tile(),
    ]


def service_level_tile() -> stat.Panel:
    """The service level against its target."""
    return tile(
        "Service level, 30 min",
        "Share of the contacts of the last 30 minutes that were handled within the threshold of"
        " their queue. Formula: service_level_of_offered_less_early_abandons, that is, handled in"
        " threshold / (offered - abandoned in threshold). Red below 70 %, green from 80 %, the"
        " target of ContactCenterServiceLevelLow. Counted by the exporter, through midnights.",
        "percentunit",
        SERVICE_LEVEL,
        Query(service_level("", "30m"), "target 80 %"),
    ).decimals(1)


def abandon_tile() -> stat.Panel:
    """The abandon ratio against the limits of the alerts."""
    return tile(
        "Abandoned, 30 min",
        "Contacts abandoned per contact offered in the last 30 minutes. Orange from 2 %, red from"
        " 3 %, as ContactCenterAbandonRateHigh. A leading indicator, not the legal measure (3 %"
        " over 30 days per campaign).",
        "percentunit",
        ABANDONED,
        Query(abandon_ratio("", "30m"), "limit 3 %"),
    ).decimals(1)


def agents_tile() -> stat.Panel:
    """How many could take a contact, and how many are at work."""
    panel = tile(
        "Agents",
        "Agents of the chosen sources, each person once: available ones could take a contact now,"
        " working ones are available, busy or in after-contact work. The choice of queues does not"
        " change it. Orange where nobody is available, red where nobody works: there"
        " ContactCenterNoAgentsAvailable and ContactCenterNoAgentsWorking warn if somebody waits.",
        "locale",
        AVAILABLE,
        Query(agents("", "available"), "available"),
        Query(agents("", "available|busy|after_contact_work"), "working"),
    )
    return panel.override_by_name("working", properties({"thresholds": WORKING.absolute()}))


def freshness_tile() -> stat.Panel:
    """Whether the rest of the board can be believed."""
    age = f"contactcenter_feed_data_age_seconds{{{FEEDS}}}"
    up = once(f"contactcenter_source_up{{{SOURCES}}}", "source")
    panel = tile(
        "Data age",
        "Age of the oldest data on this board, and sources of which a feed is down. Lists that are"
        " read each few minutes (directory and the like) are left out. Orange from 2 minutes, red"
        " from 15 (ContactCenterDataStale). Grey: the exporter itself does not answer. A feed that"
        " is down longer than its time to live shows nothing: its panels are empty, never old.",
        "s",
        DATA_AGE,
        Query(f"max(min by (source, feed) ({age}))", "oldest"),
        Query(f"sum(1 - {up})", "sources down"),
    ).decimals(0)
    down = {"unit": "locale", "thresholds": SOURCES_DOWN.absolute()}
    return panel.override_by_name("sources down", properties(down))

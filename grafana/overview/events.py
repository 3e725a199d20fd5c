"""The row of what events tell: waits, handle times, and the time of agents."""

from grafana_foundation_sdk.builders import timeseries
from panels import Query, fixed_color, graph, properties, stacked
from queries import QUEUES, SOURCES, average, named, quantile, while_read

from overview.queues import AGENT_STATES, ONE_NAME

ONLY_EVENTS = "Only of sources with a feed of interactions."
ONLY_AGENTS = "Only of sources with a feed of agents' events. The choice of queues changes nothing."


def event_panels() -> list[timeseries.Panel]:
    """The panels, in lines of 24."""
    return [
        wait_graph("median", 0.5, "Half of the contacts waited"),
        wait_graph("90th percentile", 0.9, "Nine of ten contacts waited"),
        handle_graph(),
        occupancy_graph(),
        away_graph(),
        longest_graph(),
    ]


def wait_graph(name: str, share: float, sentence: str) -> timeseries.Panel:
    """How long contacts waited, by queue."""
    waits = f"contactcenter_contact_wait_seconds_bucket{{{QUEUES}}}"
    panel = graph(
        f"Wait by queue, {name}",
        f"{sentence} no longer than this, whether they were answered or gave up: those that ended"
        f" in the step of the graph, 5 minutes at least; from a histogram. {ONLY_EVENTS}"
        f" {ONE_NAME}",
        "dthms",
        Query(quantile(share, waits, "queue"), "{{queue}}"),
    )
    return panel.interval("5m").fill_opacity(0).span(8)


def handle_graph() -> timeseries.Panel:
    """How long answered contacts took, by queue."""
    panel = graph(
        "Handle time by queue, average",
        "How long answered contacts were connected, on average, by the events of those that ended"
        f" in the step of the graph, 5 minutes at least. {ONLY_EVENTS} {ONE_NAME}",
        "dthms",
        Query(
            average("contactcenter_contact_handle_seconds", QUEUES, "queue"),
            "{{queue}}",
        ),
    )
    return panel.interval("5m").fill_opacity(0).span(8)


def occupancy_graph() -> timeseries.Panel:
    """How much of their time agents work, over half an hour."""
    ratios = {
        "of time at work": "occupied_per_staffed",
        "of time logged in": "occupied_per_logged_in",
    }
    panel = graph(
        "Occupancy, 30 min",
        "Share of the agents' time of the 30 minutes before in which they were busy or in"
        " after-contact work: of the time at work (available, busy, after-contact work), and of"
        f" all the time logged in. {ONLY_AGENTS}",
        "percentunit",
        *(
            Query(
                while_read(
                    "max by (source)"
                    f" (source:contactcenter_agent_state_seconds_{ratio}:ratio_rate30m"
                    f"{{{SOURCES}}})",
                    "source",
                ),
                f"{{{{source}}}} {name}",
            )
            for name, ratio in ratios.items()
        ),
    )
    return panel.decimals(0).max(1).fill_opacity(0).span(8)


def away_graph() -> timeseries.Panel:
    """How many agents are away, and why."""
    seconds = f'contactcenter_agent_state_seconds_total{{{SOURCES},state="away"}}'
    away = f"max by (source, reason) (rate({seconds}[$__rate_interval]))"
    panel = graph(
        "Agents away by reason",
        "Agents that were not ready, by the reason they gave, as an average over the step of the"
        f" graph: the seconds away per second. {ONLY_AGENTS}",
        "short",
        Query(named(f"sum by (reason) ({away})", "reason", "none told"), "{{reason}}"),
    )
    return stacked(panel).interval("1m").decimals(1).span(8)


def longest_graph() -> timeseries.Panel:
    """Who has been in a state for longest."""
    longest = f"contactcenter_agents_longest_in_state_seconds{{{SOURCES}}}"
    panel = graph(
        "Longest in state",
        "How long the agent who has been in a state for longest has been in it. A state is missing"
        " until it is known of each of its agents since when. Busy or after-contact work for long:"
        " somebody may need help.",
        "dthms",
        Query(f"max by (state) ({longest})", "{{state}}"),
    )
    for state, color in AGENT_STATES.items():
        panel.override_by_name(state, properties(fixed_color(color)))
    return panel.fill_opacity(0).span(8)

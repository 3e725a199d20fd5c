"""The row of the event feeds: whether they are held, how late they are, what they lost."""

from grafana_foundation_sdk.builders import statetimeline, timeseries
from panels import Query, bars, fixed_color, graph, properties, stacked, timeline, with_limit
from queries import SOURCES, once, quantile
from scales import EVENT_LAG_LIMIT

FEED = "source, feed"


def stream_panels() -> list[timeseries.Panel | statetimeline.Panel]:
    """The panels, in lines of 24."""
    return [
        connected_timeline(),
        lag_graph(),
        lost_graph(),
        again_graph(),
        drift_graph(),
        events_graph(),
        newest_graph(),
    ]


def connected_timeline() -> statetimeline.Panel:
    """Each stream a line, green while it is held."""
    connected = once(f"contactcenter_feed_connected{{{SOURCES}}}", FEED)
    return timeline(
        "Streams",
        "Connected while the platform holds the stream open, or answers long polls. What happens"
        " while it is not is read when it is back, if that is within a day. A gap in the line: the"
        " exporter did not answer.",
        {"1": ("connected", "green"), "0": ("not connected", "red")},
        Query(connected, "{{source}} {{feed}}"),
    )


def lag_graph() -> timeseries.Panel:
    """How late events are."""
    lags = f"contactcenter_feed_event_lag_seconds_bucket{{{SOURCES}}}"
    panel = graph(
        "Event lag",
        "From the platform's timestamp of an event, by the platform's clock, until it was counted:"
        " 99 % and 90 % of the events of the step of the graph were counted within this time. After"
        " an outage it is as high as the outage was long. The dashed line is where"
        " ContactCenterEventLagHigh warns.",
        "s",
        *(
            Query(quantile(share, lags, FEED), f"{{{{source}}}} {{{{feed}}}} {name}")
            for share, name in ((0.99, "p99"), (0.9, "p90"))
        ),
    )
    return with_limit(panel, EVENT_LAG_LIMIT).interval("1m").height(10).fill_opacity(0)


def lost_graph() -> timeseries.Panel:
    """What may be missing from the counts."""
    counted = {
        "gaps": ("contactcenter_feed_gaps_total", "red"),
        "unreadable messages": ("contactcenter_feed_rejected_messages_total", "purple"),
        "calls not read": ("livevox_completed_calls_unread_total", "yellow"),
    }
    zero = f"0 * count(contactcenter_source_info{{{SOURCES}}})"
    panel = graph(
        "Missed",
        "Gaps: times that events may have been missed, because the platform kept none since the"
        " last one. Messages that could not be read, and calls that call data gave up. In the step"
        " of the graph; all 0 is healthy.",
        "short",
        *(
            Query(f"sum(increase({family}{{{SOURCES}}}[$__rate_interval])) or {zero}", name)
            for name, (family, _) in counted.items()
        ),
    )
    for name, (_, color) in counted.items():
        panel.override_by_name(name, properties(fixed_color(color)))
    return bars(stacked(panel)).interval("1m").decimals(1).span(8)


def again_graph() -> timeseries.Panel:
    """What came again, and how often streams were opened."""
    counted = {
        "duplicates": "contactcenter_feed_duplicate_events_total",
        "connections": "contactcenter_feed_connections_total",
    }
    panel = graph(
        "Duplicates and connections",
        "Events that came again and were not counted again, and connections of streams, in the"
        " step of the graph. Some duplicates after each connection are by design: a stream is"
        " resumed a little before its last event.",
        "short",
        *(
            Query(f"sum(increase({family}{{{SOURCES}}}[$__rate_interval]))", name)
            for name, family in counted.items()
        ),
    )
    return bars(panel).interval("1m").decimals(1).span(8)


def drift_graph() -> timeseries.Panel:
    """How far the states were off."""
    panel = graph(
        "State drift",
        "How many agents the last snapshot found in another state than the events had said; it"
        " corrects them. 0 is healthy; ContactCenterAgentStateDrift warns if it stays.",
        "short",
        Query(
            once(f"contactcenter_feed_state_drift{{{SOURCES}}}", FEED),
            "{{source}} {{feed}}",
        ),
    )
    return panel.decimals(0).axis_soft_max(5).span(8)


def events_graph() -> timeseries.Panel:
    """How much comes."""
    events = "contactcenter_feed_events_total"
    documented = f'{events}{{{SOURCES},kind!="other"}}'
    other = f'{events}{{{SOURCES},kind="other"}}'
    panel = graph(
        "Events per minute",
        "Events that were counted, each once, by feed. Undocumented ones are of a kind that is not"
        " known: they are counted, and change no agent's state.",
        "short",
        *(
            Query(
                f"60 * sum by (feed) (max by ({FEED}, kind) (rate({series}[$__rate_interval])))",
                f"{{{{feed}}}}{name}",
            )
            for series, name in ((documented, ""), (other, ", undocumented"))
        ),
    )
    return stacked(panel).interval("1m").decimals(1).span(12)


def newest_graph() -> timeseries.Panel:
    """How long nothing was heard of."""
    newest = f"contactcenter_feed_last_event_timestamp_seconds{{{SOURCES}}}"
    panel = graph(
        "Time since the newest event",
        "Age of the newest event by the platform's timestamp, by Prometheus's clock. It rises in a"
        " quiet night; in the day, with a stream that is connected, ask the platform.",
        "dthms",
        Query(f"clamp_min(time() - max by ({FEED}) ({newest}), 0)", "{{source}} {{feed}}"),
    )
    return panel.fill_opacity(0).span(12)

"""The row of the exporter itself: what it reads, how often, and what fails."""

from grafana_foundation_sdk.builders import statetimeline, timeseries
from panels import Query, bars, fixed_color, graph, properties, stacked, timeline
from queries import SOURCES, once

FEED = "source, feed"
# Warm: the platform or the network. Purple: what it said, and this exporter.
REASON_COLORS = {
    "network": "orange",
    "timeout": "yellow",
    "auth": "dark-red",
    "rate_limited": "light-yellow",
    "rejected": "light-red",
    "server": "red",
    "decode": "purple",
    "stale_cursor": "light-purple",
    "bug": "dark-purple",
}


def exporter_panels() -> list[timeseries.Panel | statetimeline.Panel]:
    """The panels, in lines of 24."""
    return [
        feed_timeline(),
        age_graph(),
        failures_graph(),
        requests_graph(),
        duration_graph(),
        rejected_graph(),
        series_graph(),
        ledger_graph(),
    ]


def feed_timeline() -> statetimeline.Panel:
    """Each feed a line, green while what it told is shown."""
    up = once(f"contactcenter_feed_up{{{SOURCES}}}", FEED)
    return timeline(
        "Feeds",
        "Up while what the feed told is within its time to live, that is, while its series are"
        " shown. Down: they are gone. A gap: the exporter did not answer.",
        {"1": ("up", "green"), "0": ("down", "red")},
        Query(up, "{{source}} {{feed}}"),
    )


def age_graph() -> timeseries.Panel:
    """How old what each feed told is."""
    age = f"contactcenter_feed_data_age_seconds{{{SOURCES}}}"
    return (
        graph(
            "Data age by feed",
            "Age of what each feed told last, by the platform's own time where it gives one. A saw"
            " of the feed's interval is healthy; a line that climbs is a feed that fails.",
            "s",
            Query(f"min by ({FEED}) ({age})", "{{source}} {{feed}}"),
        )
        .height(10)
        .fill_opacity(0)
    )


def failures_graph() -> timeseries.Panel:
    """Failures, by reason."""
    failures = f"contactcenter_feed_failures_total{{{SOURCES}}}"
    panel = graph(
        "Failed reads by reason",
        "Failures to read a feed, refused sign-ins among them (auth), by reason, in the step of the"
        " graph. The platform or the network, where it is not decode or bug.",
        "short",
        Query(f"sum by (reason) (increase({failures}[$__rate_interval]))", "{{reason}}"),
    )
    for reason, color in REASON_COLORS.items():
        panel.override_by_name(reason, properties(fixed_color(color)))
    return bars(stacked(panel)).interval("1m").decimals(1).span(8)


def requests_graph() -> timeseries.Panel:
    """Requests to the platforms."""
    requests = f"contactcenter_feed_requests_total{{{SOURCES}}}"
    panel = graph(
        "Requests per hour",
        "Requests that were answered, by feed, at the rate of the last minutes: what counts against"
        " the limits of the platform's account.",
        "locale",
        Query(
            f"3600 * sum by ({FEED}) (rate({requests}[$__rate_interval]))", "{{source}} {{feed}}"
        ),
    )
    # Over less than some intervals of a feed its rate would be noise.
    return panel.interval("5m").fill_opacity(0).span(8)


def duration_graph() -> timeseries.Panel:
    """How long the platforms take."""
    buckets = f"contactcenter_feed_request_duration_seconds_bucket{{{SOURCES}}}"
    return (
        graph(
            "Request duration, 95th percentile",
            "Time from a request to the end of its answer that 95 % of them stay below, by feed;"
            " estimated from a histogram.",
            "s",
            Query(
                "histogram_quantile(0.95,"
                f" sum by ({FEED}, le) (rate({buckets}[$__rate_interval])))",
                "{{source}} {{feed}}",
            ),
        )
        .interval("1m")
        .span(8)
        .fill_opacity(0)
    )


def rejected_graph() -> timeseries.Panel:
    """What could not be read, and what was dropped."""
    counted = {
        "rows": ("contactcenter_feed_rejected_rows_total", "purple"),
        "fields": ("contactcenter_feed_rejected_fields_total", "light-purple"),
        "series over the limit": ("contactcenter_exporter_dropped_series_total", "red"),
        "totals that fell": ("contactcenter_exporter_total_corrections_total", "yellow"),
    }
    # An open set has no series before the first of its kind: 0 while the exporter answers.
    zero = f"0 * count(contactcenter_source_info{{{SOURCES}}})"
    panel = graph(
        "Rejected, dropped, corrected",
        "Rows and fields that could not be read, label sets above limits.series_per_family, and"
        " daily totals that the platform corrected downwards, in the step of the graph. All 0 is"
        " healthy.",
        "short",
        *(
            Query(f"sum(increase({family}{{{SOURCES}}}[$__rate_interval])) or {zero}", name)
            for name, (family, _) in counted.items()
        ),
    )
    for name, (_, color) in counted.items():
        panel.override_by_name(name, properties(fixed_color(color)))
    return bars(stacked(panel)).interval("1m").decimals(1).span(8)


def series_graph() -> timeseries.Panel:
    """What is exported."""
    series = once(f"contactcenter_exporter_series{{{SOURCES}}}", "source, family")
    panel = graph(
        "Series by source",
        "Label sets that each source shows now; a histogram is one. The limit is per family.",
        "locale",
        Query(f"sum by (source) ({series})", "{{source}}"),
    )
    return panel.decimals(0).span(8)


def ledger_graph() -> timeseries.Panel:
    """The counters' ledger."""
    commits = "contactcenter_exporter_ledger_commits_total"
    failures = "contactcenter_exporter_ledger_failures_total"
    panel = graph(
        "Ledger commits per minute",
        "Commits of every exporter that is scraped, one a second at most while something is"
        " counted, and failed ones: while these are not 0, counters stand still.",
        "short",
        Query(f"60 * sum by (instance) (rate({commits}[$__rate_interval]))", "{{instance}}"),
        Query(f"60 * sum(rate({failures}[$__rate_interval]))", "failed"),
    )
    return panel.override_by_name("failed", properties(fixed_color("red"))).span(8)

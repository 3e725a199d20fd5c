"""The row of what only LiveVox has."""

from grafana_foundation_sdk.builders import bargauge, table, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizTextDisplayOptions
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models.common import BarGaugeDisplayMode, BarGaugeSizing, VizOrientation
from grafana_foundation_sdk.models.dashboard import FieldColorModeId
from panels import DATA_SOURCE, NO_DATA, Query, bars, graph, stacked, targets
from queries import QUEUE, QUEUES, named, once, quantile
from scales import NONE
from tables import Column, objects, sorted_by

from overview.queues import ONE_NAME

OUTCOMES = {
    "rpc_complete": "right party, complete",
    "rpc_incomplete": "right party, incomplete",
    "wpc": "wrong party",
    "non_contacts": "no contact",
}


def livevox_panels() -> list[timeseries.Panel | table.Panel | bargauge.Panel]:
    """The panels, in lines of 24."""
    return [
        holds_graph(),
        longest_hold_graph(),
        in_progress_graph(),
        ivr_graph(),
        interactions_graph(),
        results_graph(),
        pacing_table(),
        outcomes(),
    ]


def by_queue(series: str, how: str = "sum") -> Query:
    """A gauge of a queue, each name a line."""
    return Query(f"{how} by (queue) ({once(series)})", "{{queue}}")


def holds_graph() -> timeseries.Panel:
    """Calls on hold."""
    series = f"livevox_queue_calls_on_hold{{{QUEUES}}}"
    skills = f"sum by (queue) ({once(series, f'{QUEUE}, skill')})"
    panel = graph(
        "Calls on hold",
        f"Calls on hold now, all skills. {ONE_NAME}",
        "short",
        Query(skills, "{{queue}}"),
    )
    return stacked(panel).decimals(0).span(8)


def longest_hold_graph() -> timeseries.Panel:
    """The longest hold of each queue."""
    return graph(
        "Longest hold",
        "How long the call on hold for longest has been, by the time the platform gives with it;"
        " 0 where none is.",
        "dthms",
        by_queue(f"livevox_queue_longest_hold_seconds{{{QUEUES}}}", "max"),
    ).span(8)


def in_progress_graph() -> timeseries.Panel:
    """Calls in progress, dialed ones too."""
    panel = graph(
        "Calls in progress",
        f"Calls of the service in progress now, with an agent or not. {ONE_NAME}",
        "short",
        by_queue(f"livevox_queue_calls_in_progress{{{QUEUES}}}"),
    )
    return stacked(panel).decimals(0).span(8)


def ivr_graph() -> timeseries.Panel:
    """How long callers spent in the IVR."""
    times = f"livevox_ivr_seconds_bucket{{{QUEUES}}}"
    panel = graph(
        "Time in the IVR",
        "How long the ended calls of the chosen queues had been in the IVR, whether an agent"
        " answered or not: the median and the 90th percentile of those that ended in the step of"
        " the graph, 5 minutes at least; from a histogram.",
        "dthms",
        Query(quantile(0.5, times, ""), "median"),
        Query(quantile(0.9, times, ""), "90th percentile"),
    )
    return panel.interval("5m").fill_opacity(0).span(8)


def interactions(by: str, event: str) -> str:
    """Interaction events in the step of the graph, by labels."""
    identity = f"{QUEUE}, channel, event, direction, campaign_type, result"
    series = f'livevox_interactions_total{{{QUEUES},event=~"{event}"}}'
    return f"sum by ({by}) (max by ({identity}) (increase({series}[$__rate_interval])))"


def interactions_graph() -> timeseries.Panel:
    """What was begun on which channel."""
    panel = graph(
        "Interactions by channel",
        "Interactions of the chosen queues in the step of the graph: ended calls by direction, and"
        " attempts to send messages.",
        "locale",
        Query(
            interactions("channel, direction", "call_termination|attempt"),
            "{{channel}} {{direction}}",
        ),
    )
    return bars(stacked(panel)).interval("5m").decimals(0).span(8)


def results_graph() -> timeseries.Panel:
    """How calls ended."""
    by_result = interactions("result", "call_termination|attempt")
    panel = graph(
        "Results, the ten most frequent",
        "Ended calls and attempts of the chosen queues by LiveVox's result, in the step of the"
        " graph: the ten results that were most frequent at each moment.",
        "locale",
        Query(f"topk(10, {named(by_result, 'result', 'none')} > 0)", "{{result}}"),
    )
    return bars(stacked(panel)).interval("5m").decimals(0).span(8)


def records(which: str) -> str:
    """Records of each queue; `which` as in livevox_queue_records_WHICH."""
    return once(f"livevox_queue_records_{which}{{{QUEUES}}}")


def pacing_table() -> table.Panel:
    """How each queue dials, and how far it is."""
    info = f"livevox_queue_pacing_info{{{QUEUES}}}"
    throttle = "livevox_queue_pacing_throttle"
    done = once(f"livevox_queue_complete_ratio{{{QUEUES}}}")
    share = once(f'{throttle}{{{QUEUES},unit="percent"}}')
    limit = once(f'{throttle}{{{QUEUES},unit!="percent"}}', f"{QUEUE}, unit")
    columns = [
        Column("", "short", once(info, f"{QUEUE}, method")),
        Column("Throttle", "locale", limit),
        Column("Throttle share", "percentunit", share, decimals=1),
        Column("Dialable now", "locale", records("playing_dialable")),
        Column("Remaining", "locale", records("remaining")),
        Column("Loaded today", "locale", records("loaded")),
        Column("Done", "percentunit", done, decimals=0, gauge=True),
    ]
    panel = objects(
        "Pacing and records",
        "How calls of each service are paced, the limit of that method (a share where its unit is"
        " percent), and its records of today. Done is 100 % where nothing is loaded.",
        {"queue": "Queue", "source": "Source", "method": "Pacing", "unit": "Unit"},
        columns,
        {"Queue": {"custom.width": 175}, "Source": {"custom.width": 110}},
    )
    return panel.span(18).height(13).sort_by([sorted_by("Remaining", descending=True)])


def outcomes() -> bargauge.Panel:
    """Calls by outcome, as LiveVox counts its day."""
    calls = f'livevox_queue_window_call_outcomes{{{QUEUES},window="today",outcome="%s"}}'
    queries = [Query(f"sum({once(calls % outcome)})", name) for outcome, name in OUTCOMES.items()]
    return (
        bargauge.Panel()
        .title("Call outcomes, LiveVox's today")
        .description(
            "Calls of the chosen queues by outcome, since LiveVox's own midnight: LiveVox's totals,"
            " not the exporter's counts; they fall to 0 at a time that LiveVox does not document."
        )
        .datasource(DATA_SOURCE)
        .span(6)
        .height(13)
        .sizing(BarGaugeSizing.MANUAL)
        .min_viz_height(16)
        .max_viz_height(90)
        .unit("locale")
        .decimals(0)
        .min(0)
        .no_value(NO_DATA)
        .color_scheme(FieldColor().mode(FieldColorModeId.FIXED).fixed_color("blue"))
        .thresholds(NONE.config())
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .show_unfilled(True)
        .text(VizTextDisplayOptions().title_size(14).value_size(22))
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False))
        .targets([*targets(queries, instant=True)])
    )

"""The table of queues, and what happened over time."""

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models.common import BarAlignment
from panels import Query, bars, fixed_color, graph, legend, properties, stacked, with_limit
from queries import (
    QUEUE,
    QUEUES,
    abandon_ratio,
    agents,
    contacts,
    longest_wait,
    once,
    service_level,
    today,
    waiting,
    while_read,
)
from scales import (
    ABANDONED,
    SERVICE_LEVEL,
    SERVICE_LEVEL_TARGET,
    UNKNOWN,
    WAIT_SECONDS,
    WAITING,
    WAITING_LIMIT,
)
from tables import Column, objects, sorted_by

# The canonical order, and a colour for each that means the same on every panel.
AGENT_STATES = {
    "available": "green",
    "busy": "blue",
    "after_contact_work": "purple",
    "away": "orange",
    "offline": UNKNOWN,
    "other": "yellow",
}
ONE_NAME = "Queues of one name, also of several sources, are added up."
THIS_QUEUE = (
    "/d/contact-center-overview?${datasource:queryparam}&${source:queryparam}"
    "&var-queue=${__value.text:percentencode}&${__url_time_range}"
)


def queue_table() -> table.Panel:
    """A row per queue; the ones where most contacts wait come first."""
    idle = f'contactcenter_queue_agents{{{QUEUES},state="available"}}'
    offered = while_read(f"sum by ({QUEUE}) ({contacts('offered', '30m')})", QUEUE)
    columns = [
        Column("Waiting", "locale", waiting(QUEUE), WAITING),
        Column("Longest wait", "dthms", longest_wait(QUEUE), WAIT_SECONDS),
        Column("With an agent", "locale", once(f"contactcenter_queue_active_contacts{{{QUEUES}}}")),
        Column("Agents available", "locale", once(idle)),
        Column("Offered 30m", "locale", offered, decimals=0),
        Column("Abandoned 30m", "percentunit", abandon_ratio(QUEUE, "30m"), ABANDONED, 1),
        Column("In time 30m", "percentunit", service_level(QUEUE, "30m"), SERVICE_LEVEL, 1),
        Column("Platform ASA", "dthms", today("answer_seconds")),
        Column("Platform AHT", "dthms", today("handle_seconds")),
    ]
    link = [{"title": "Only this queue", "url": THIS_QUEUE}]
    panel = objects(
        "Queues",
        "Each queue now, and over the last 30 minutes; a colour says that an alert's limit is near"
        " or passed. An agent of several queues counts in each. Abandoned, and In time (the service"
        " level), are the exporter's own counts, by the formulas of the tiles above. Platform ASA"
        " and AHT, the average speed of answer and handle time, are what the platform itself says"
        " of its own day (window today). A click on a queue shows it alone.",
        {"queue": "Queue", "source": "Source"},
        columns,
        {"Queue": {"custom.width": 180, "links": link}, "Source": {"custom.width": 120}},
    )
    return panel.span(24).height(14).sort_by([sorted_by("Waiting", descending=True)])


def graphs() -> list[timeseries.Panel]:
    """Four graphs, two beside each other."""
    return [waiting_graph(), contacts_graph(), agents_graph(), service_level_graph()]


def waiting_graph() -> timeseries.Panel:
    """Contacts that wait, by queue."""
    panel = graph(
        "Contacts waiting, by queue",
        f"Contacts that wait, each queue a line. {ONE_NAME} The dashed line is where"
        " ContactCenterQueueDepthHigh warns. A gap: nothing was known then.",
        "short",
        Query(waiting("queue"), "{{queue}}"),
    )
    return with_limit(panel, WAITING_LIMIT).decimals(0).legend(legend("max"))


def contacts_graph() -> timeseries.Panel:
    """Contacts offered, handled and abandoned, 5 minutes a bar."""
    panel = graph(
        "Contacts per 5 minutes",
        "Contacts of the chosen queues that were handled or abandoned in the 5 minutes before, and"
        " as a line those that were offered; offered is more where contacts still wait. Counted by"
        " the exporter from the platform's events or daily totals, through midnights and restarts.",
        "locale",
        *(
            Query(f"sum({contacts(what, '5m')})", what)
            for what in ("handled", "abandoned", "offered")
        ),
    )
    line = {"custom.drawStyle": "line", "custom.lineWidth": 2, "custom.fillOpacity": 0}
    steps = {"custom.lineInterpolation": "stepBefore"}
    alone = {"custom.stacking": {"mode": "none", "group": "A"}}
    return (
        bars(stacked(panel))
        .interval("5m")
        .decimals(0)
        .bar_alignment(BarAlignment.BEFORE)
        .bar_width_factor(0.9)
        .override_by_name("handled", properties(fixed_color("green")))
        .override_by_name("abandoned", properties(fixed_color("red")))
        .override_by_name("offered", properties(line | steps | alone | fixed_color("text")))
    )


def agents_graph() -> timeseries.Panel:
    """Agents by state, in the canonical order."""
    panel = graph(
        "Agents by state",
        "Agents of the chosen sources by state, each person once: who works several queues is one"
        " here. The choice of queues does not change it.",
        "short",
        *(Query(agents("", state), state.replace("_", " ")) for state in AGENT_STATES),
    )
    stacked(panel).decimals(0).legend(legend("mean"))
    for state, color in AGENT_STATES.items():
        panel.override_by_name(state.replace("_", " "), properties(fixed_color(color)))
    return panel


def service_level_graph() -> timeseries.Panel:
    """The service level by queue."""
    panel = graph(
        "Service level by queue, 30 min",
        "At each moment the service level of the 30 minutes before: handled in threshold / (offered"
        f" - abandoned in threshold). {ONE_NAME} The dashed line is the target of"
        " ContactCenterServiceLevelLow. A gap: nothing was offered for 30 minutes.",
        "percentunit",
        Query(service_level("queue", "30m"), "{{queue}}"),
    )
    return (
        with_limit(panel, SERVICE_LEVEL_TARGET)
        .decimals(0)
        .max(1)
        .fill_opacity(0)
        .legend(legend("min"))
    )

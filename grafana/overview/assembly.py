"""The dashboard as a whole: variables, annotations, links, and the order of its panels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard as DashboardModel,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    Panel,
    RowPanel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from panels import DATA_SOURCE
from queries import SOURCES

from overview.events import event_panels
from overview.health import exporter_panels
from overview.livevox import livevox_panels
from overview.queues import graphs, queue_table
from overview.streams import stream_panels
from overview.tiles import tiles

AnyPanel: TypeAlias = Builder[Panel]

UID = "contact-center-overview"
TAG = "contact-center"
RUNBOOKS = (
    "https://github.com/contact-center-exporter/contact-center-exporter/blob/main/docs/runbooks"
)


def contact_center_overview() -> DashboardModel:
    """The dashboard as Grafana's model."""
    board = (
        Dashboard("Contact center overview")
        .uid(UID)
        .description("Queues, contacts and agents of hosted contact centers, and their exporter.")
        .tags([TAG, "prometheus"])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .timezone("browser")
        .time("now-1h", "now")
        .refresh("10s")
        .variables([data_source(), *choices()])
        .annotations([firing_alerts(), new_versions()])
        .links(links())
    )
    for panel in (*tiles(), queue_table(), *graphs()):
        board.with_panel(panel)
    for title, panels in rows().items():
        row = Row(title)
        for panel in panels:
            row.with_panel(panel)
        board.with_row(row)
    model = board.build()
    for number, panel in enumerate(every_panel(model), start=1):
        panel.id_val = number
    return model


def rows() -> Mapping[str, Sequence[AnyPanel]]:
    """The panels of each row, all of them closed at first."""
    return {
        "Waits, handle times and agents' time": event_panels(),
        "LiveVox": livevox_panels(),
        "Event feeds": stream_panels(),
        "Exporter": exporter_panels(),
    }


def every_panel(model: DashboardModel) -> Iterator[Panel | RowPanel]:
    """The panels and rows, also those within rows, from top to bottom."""
    for panel in model.panels or []:
        yield panel
        if isinstance(panel, RowPanel):
            yield from panel.panels


def data_source() -> DatasourceVariable:
    """Which Prometheus is asked."""
    return DatasourceVariable("datasource").label("Data Source").type("prometheus")


def choices() -> list[QueryVariable]:
    """The sources, and the queues of the chosen ones."""
    return [
        choice("source", "Source", "label_values(contactcenter_source_info, source)"),
        choice("queue", "Queue", f"label_values(contactcenter_queue_info{{{SOURCES}}}, queue)"),
    ]


def choice(name: str, label: str, query: str) -> QueryVariable:
    """A variable of several values; all of them is one short expression, however many there are."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATA_SOURCE)
        .query({"query": query, "refId": name})
        .definition(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def firing_alerts() -> AnnotationQuery:
    """A mark where an alert begins to fire for a source; one that flaps, once in 15 minutes."""
    # An alert about the exporter itself has no source: the empty alternative lets it through.
    chosen = 'source=~"$source|"'
    alerts = f'ALERTS{{alertname=~"ContactCenter.*",alertstate="firing",{chosen}}}'
    by = "count by (alertname, severity, source)"
    return (
        AnnotationQuery()
        .name("Alerts")
        .datasource(DATA_SOURCE)
        .enable(True)
        .icon_color("orange")
        .expr(f"{by} ({alerts}) unless {by} (max_over_time({alerts}[15m] offset 1m))")
        .step("60s")
        .title_format("{{alertname}}")
        .text_format("{{severity}}, {{source}}")
        .tag_keys("severity")
    )


def new_versions() -> AnnotationQuery:
    """A mark where a version of the exporter is first seen that was not running for a day."""
    versions = "count by (version) (contactcenter_exporter_build_info)"
    before = "count by (version) (max_over_time(contactcenter_exporter_build_info[1d] offset 1m))"
    return (
        AnnotationQuery()
        .name("Exporter version")
        .datasource(DATA_SOURCE)
        .enable(True)
        .icon_color("blue")
        .expr(f"{versions} unless {before}")
        .step("60s")
        .title_format("contact-center-exporter {{version}}")
        .text_format("First seen running")
    )


def links() -> list[DashboardLink]:
    """To the other dashboards of this product, and to the runbooks of its alerts."""
    others = (
        DashboardLink("Contact center")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
    runbooks = (
        DashboardLink("Runbooks")
        .type(DashboardLinkType.LINK)
        .url(RUNBOOKS)
        .icon("doc")
        .tooltip("What each alert means, and what to do")
        .target_blank(True)
    )
    return [others, runbooks]

"""The kinds of panels of our dashboards, with what all of one kind have in common.

The width of a dashboard is 24. Every panel reads the templated data source, and its description
says what its numbers are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueJustifyMode,
    BigValueTextMode,
    DataSourceRef,
    GraphDrawStyle,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
    ValueMap,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.prometheus import QueryEditorMode
from scales import NONE, Scale

DATA_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the name that its series have, which may use labels: {{queue}}."""

    expression: str
    legend: str


def targets(queries: Sequence[Query], *, instant: bool) -> list[prometheus.Dataquery]:
    """The queries as A, B, C …; instant ones show what is now, and nothing once it is gone.

    A range with its last value would go on showing the last known value of a dead exporter.
    """
    built = []
    for letter, query in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", queries, strict=False):
        target = prometheus.Dataquery().ref_id(letter).datasource(DATA_SOURCE)
        target.expr(query.expression).legend_format(query.legend)
        target.editor_mode(QueryEditorMode.CODE)
        built.append(target.instant() if instant else target.range())
    return built


def properties(values: Mapping[str, object]) -> list[DynamicConfigValue]:
    """The properties of an override."""
    return [DynamicConfigValue(name, value) for name, value in values.items()]


def fixed_color(color: str) -> dict[str, object]:
    """An override that gives a series a colour of its own."""
    return {"color": {"mode": "fixed", "fixedColor": color}}


def tile(title: str, description: str, unit: str, scale: Scale, *queries: Query) -> stat.Panel:
    """A number below its target, on the colour of its scale; grey while it is not known."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .span(4)
        .height(4)
        .unit(unit)
        .thresholds(scale.config())
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .no_value(NO_DATA)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False))
        .color_mode(BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(BigValueGraphMode.NONE)
        .justify_mode(BigValueJustifyMode.CENTER)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .wide_layout(False)
        .targets([*targets(queries, instant=True)])
    )


def graph(title: str, description: str, unit: str, *queries: Query) -> timeseries.Panel:
    """Lines over time from 0 up, with their newest values in the legend below."""
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .span(12)
        .height(9)
        .unit(unit)
        .min(0)
        .no_value(NO_DATA)
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
        .thresholds(NONE.config())
        .draw_style(GraphDrawStyle.LINE)
        .line_width(1.5)
        .fill_opacity(8)
        .show_points(VisibilityMode.NEVER)
        .span_nulls(False)
        .legend(legend())
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
        .targets([*targets(queries, instant=False)])
    )


def timeline(
    title: str, description: str, states: Mapping[str, tuple[str, str]], query: Query
) -> statetimeline.Panel:
    """A line for each series, coloured by its state: values to names and colours."""
    results = {
        value: ValueMappingResult(name, color, index=index)
        for index, (value, (name, color)) in enumerate(states.items())
    }
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .span(12)
        .height(10)
        .no_value(NO_DATA)
        .mappings([ValueMap(results)])
        .thresholds(NONE.config())
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .merge_values(True)
        .show_value(VisibilityMode.NEVER)
        .row_height(0.8)
        .line_width(0)
        .fill_opacity(80)
        .legend(legend())
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.NONE))
        .targets([*targets([query], instant=False)])
    )


def legend(*calculations: str) -> VizLegendOptions:
    """Below the graph, or with calculations a table at its right."""
    shown = VizLegendOptions().show_legend(True).calcs(list(calculations))
    if not calculations:
        return shown.display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    return shown.display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.RIGHT)


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """The same with its series on top of each other."""
    return (
        panel.stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
        .line_width(0)
        .fill_opacity(75)
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.NONE))
    )


def bars(panel: timeseries.Panel) -> timeseries.Panel:
    """The same as bars."""
    return panel.draw_style(GraphDrawStyle.BARS).line_width(0).fill_opacity(80).axis_soft_max(1)


def with_limit(panel: timeseries.Panel, scale: Scale) -> timeseries.Panel:
    """The same with the values of a scale as dashed lines."""
    return panel.thresholds(scale.config(calm=True)).thresholds_style(
        GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    )

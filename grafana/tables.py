"""Tables of objects with one query per column: the rows of equal labels become one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import prometheus, table
from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models.common import FieldTextAlignment, TableCellHeight
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, FieldColorModeId
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from panels import DATA_SOURCE, Query, fixed_color, properties, targets
from scales import NONE, Scale

CELLS = "custom.cellOptions"


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a query; without a heading only its labels are shown.

    Rows are told apart by the labels that all queries of a table have.
    """

    heading: str
    unit: str
    expression: str
    scale: Scale = NONE
    decimals: int | None = None
    gauge: bool = False

    def options(self) -> dict[str, object]:
        """How its cells look: coloured where the scale warns, a bar for a gauge."""
        options: dict[str, object] = {"unit": self.unit}
        if self.decimals is not None:
            options["decimals"] = self.decimals
        if self.scale is not NONE:
            options["thresholds"] = self.scale.absolute(calm=True)
            options[CELLS] = {"type": "color-background", "mode": "basic"}
        if self.gauge:
            options |= {"min": 0, "max": 1, CELLS: {"type": "gauge", "mode": "basic"}}
            options |= {"custom.width": 150, **fixed_color("blue")}
        return options


def rows(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    """The queries as tables of what is now."""
    return [
        target.format(PromQueryFormat.TABLE).legend_format("")
        for target in targets(queries, instant=True)
    ]


def objects(
    title: str,
    description: str,
    labels: dict[str, str],
    columns: Sequence[Column],
    label_options: Mapping[str, Mapping[str, object]],
) -> table.Panel:
    """A table with a row per label set; `labels` to their headings, except the queue's id."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(columns)]
    # One query alone would give "Value": every table here has several.
    values = {f"Value #{letter}": c.heading for letter, c in zip(letters, columns, strict=True)}
    headings = labels | values | {"Time": "", "queue_id": ""}
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .no_value("")
        .unit("short")
        .align(FieldTextAlignment.AUTO)
        .min_width(80)
        .cell_height(TableCellHeight.SM)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(NONE.config(calm=True))
        .targets([*rows([Query(column.expression, "") for column in columns])])
        .transformations(
            [
                DataTransformerConfig(id_val="merge", options={}),
                DataTransformerConfig(id_val="organize", options=organized(headings)),
            ]
        )
    )
    for column in columns:
        if column.heading:
            panel.override_by_name(column.heading, properties(column.options()))
    for heading, options in label_options.items():
        panel.override_by_name(heading, properties(options))
    return panel


def organized(headings: Mapping[str, str]) -> dict[str, object]:
    """Options of `organize`: the fields in their order under their headings, or none if ""."""
    hidden = [field for field, heading in headings.items() if not heading]
    return {
        "excludeByName": dict.fromkeys(hidden, True),
        "indexByName": {field: index for index, field in enumerate(headings)},
        "renameByName": {field: heading for field, heading in headings.items() if heading},
    }


def sorted_by(heading: str, *, descending: bool) -> TableSortByFieldState:
    """What a table is sorted by until somebody clicks on another heading."""
    return TableSortByFieldState().display_name(heading).desc(descending)

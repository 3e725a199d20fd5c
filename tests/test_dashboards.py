"""The dashboards: what their files hold. What their queries answer is asked in tests/e2e.

The rules of grafana/dashboard-linter are checked as strictly as it does; where one is broken on
purpose, grafana/dashboards/.lint says so with the reason.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.errors import Reason
from tests.test_rules import ALERTS, CHECKOUT, RULES, RUNBOOK_URL, promtool, unknown_names

GRAFANA = CHECKOUT / "grafana"
BOARD: dict[str, Any] = json.loads(
    (GRAFANA / "dashboards" / "contact-center-overview.json").read_text(encoding="utf-8")
)
TEMPLATED = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {"short", "locale", "percentunit", "s", "dthms"}
ALL = {"${queue:regex}": ".+", "$source": ".+", "$__rate_interval": "20s"}


def build(grafana: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run build.py of a copy of grafana/, or of the original."""
    command = [sys.executable, str(grafana / "build.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def every_panel() -> Iterator[dict[str, Any]]:
    """All panels, also those of collapsed rows, without the rows."""
    for panel in BOARD["panels"]:
        yield from panel["panels"] if panel["type"] == "row" else [panel]


PANELS = {panel["title"]: panel for panel in every_panel()}
each_panel = pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS.keys())
QUERIES = {
    f"{title} {target['refId']}": target
    for title, panel in PANELS.items()
    for target in panel["targets"]
}
VARIABLES = {variable["name"]: variable for variable in BOARD["templating"]["list"]}
ANNOTATIONS = {annotation["name"]: annotation for annotation in BOARD["annotations"]["list"]}
EXPRESSIONS = {name: query["expr"] for name, query in QUERIES.items()} | {
    name: annotation["expr"] for name, annotation in ANNOTATIONS.items()
}
each_expression = pytest.mark.parametrize(
    "expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys()
)


def with_all(expression: str) -> str:
    """The expression with all of everything chosen, as Grafana would send it."""
    for variable, value in ALL.items():
        expression = expression.replace(variable, value)
    return expression


# What build.py does.


def test_the_committed_files_are_what_build_writes() -> None:
    done = build(GRAFANA, "--check")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_difference_is_shown_and_mended(tmp_path: Path) -> None:
    copy = tmp_path / "grafana"
    shutil.copytree(GRAFANA, copy, ignore=shutil.ignore_patterns("__pycache__"))
    file = copy / "dashboards" / "contact-center-overview.json"
    right = file.read_text(encoding="utf-8")
    file.write_text(right.replace('"refresh": "10s"', '"refresh": "1h"'), encoding="utf-8")
    (copy / "dashboards" / "forgotten.json").write_text("{}\n")

    checked = build(copy, "--check")
    assert checked.returncode == 1
    assert '-  "refresh": "1h"' in checked.stdout
    assert '+  "refresh": "10s"' in checked.stdout
    assert "run grafana/build.py" in checked.stderr

    built = build(copy)
    assert built.returncode == 1
    assert "forgotten.json is not written by grafana/build.py" in built.stderr
    assert file.read_text(encoding="utf-8") == right

    (copy / "dashboards" / "forgotten.json").unlink()
    assert build(copy).returncode == 0
    assert build(copy, "--check").returncode == 0


# The rules of dashboard-linter.


def test_exclusions_of_the_linter_have_reasons() -> None:
    document = yaml.safe_load((GRAFANA / "dashboards" / ".lint").read_text(encoding="utf-8"))
    excluded = document["exclusions"]
    assert document.keys() == {"exclusions"}
    assert all(len(rule["reason"].split()) > 5 for rule in excluded.values())
    of_job_and_instance = {
        f"{kind}-{label}-rule" for kind in ("template", "target") for label in ("job", "instance")
    }
    assert excluded.keys() == of_job_and_instance, "every other rule is checked below"


def test_the_data_source_is_a_variable_that_works_wherever_it_is_imported() -> None:
    variable = VARIABLES["datasource"]
    assert variable["type"] == "datasource"
    assert variable["query"] == "prometheus"
    assert variable["label"] == "Data Source"
    assert "__inputs" not in BOARD
    assert "DS_PROMETHEUS" not in json.dumps(BOARD)


@pytest.mark.parametrize("name", ["source", "queue"])
def test_sources_and_queues_are_chosen_from_what_is_there(name: str) -> None:
    variable = VARIABLES[name]
    assert variable["datasource"] == TEMPLATED
    assert variable["multi"]
    assert variable["includeAll"]
    assert variable["allValue"] == ".+"
    assert variable["refresh"] == 2, "when the time range changes"
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
    assert found
    assert found[2] == name
    assert unknown_names(found[1]) == set()
    promtool("--experimental", "promql", "format", with_all(found[1]))


@each_panel
def test_a_panel_says_what_it_is(panel: dict[str, Any]) -> None:
    assert panel["title"].strip()
    assert panel["description"].endswith(".")
    assert len(panel["description"]) > 60
    unit = panel["fieldConfig"]["defaults"].get("unit")
    has_states = bool(panel["fieldConfig"]["defaults"].get("mappings"))
    assert unit in UNITS or (has_states and unit is None)


@each_panel
def test_a_panel_asks_the_chosen_data_source(panel: dict[str, Any]) -> None:
    assert panel["datasource"] == TEMPLATED
    assert panel["targets"]
    assert [target["datasource"] for target in panel["targets"]] == [TEMPLATED] * len(
        panel["targets"]
    )


@each_expression
def test_a_query_parses(expression: str) -> None:
    promtool("--experimental", "promql", "format", with_all(expression))


@each_expression
def test_a_query_asks_only_for_what_there_is(expression: str) -> None:
    assert unknown_names(with_all(expression)) == set()


@each_expression
def test_counters_are_rates_over_the_interval_of_the_graph(expression: str) -> None:
    selector = r"\{(?:[^{}]|\$\{[^}]*\})*\}"
    ranged = re.findall(rf"\b(rate|irate|increase)\(\w+(?:{selector})?(\[[^\]]*\])\)", expression)
    assert {interval for _, interval in ranged} <= {"[$__rate_interval]"}
    counters = re.findall(r"\b\w+(?:_total|_bucket|_sum|_count)\b", expression)
    assert len(counters) == len(ranged)


def test_nobody_edits_a_provisioned_dashboard() -> None:
    assert BOARD["editable"] is False


# What users rely on.


def test_the_head_of_the_dashboard() -> None:
    assert BOARD["uid"] == "contact-center-overview"
    assert BOARD["title"] == "Contact center overview"
    assert "contact-center" in BOARD["tags"]
    assert BOARD["time"] == {"from": "now-1h", "to": "now"}
    assert BOARD["refresh"] == "10s"
    assert BOARD["graphTooltip"] == 1, "a crosshair on all graphs"
    by_tag, runbooks = BOARD["links"]
    assert by_tag["tags"] == ["contact-center"]
    assert by_tag["includeVars"]
    assert by_tag["keepTime"]
    assert runbooks["url"] == RUNBOOK_URL.rstrip("/")


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    rows = [panel for panel in BOARD["panels"] if panel["type"] == "row"]
    ids = [panel["id"] for panel in [*every_panel(), *rows]]
    assert len(ids) == len(PANELS) + len(rows), "no title stands twice"
    assert sorted(ids) == list(range(1, len(ids) + 1))
    assert [row["title"] for row in rows] == [
        "Waits, handle times and agents' time",
        "LiveVox",
        "Event feeds",
        "Exporter",
    ]
    assert all(row["collapsed"] for row in rows)
    for panels in ([p for p in BOARD["panels"] if p not in rows], *(r["panels"] for r in rows)):
        cells = [cell for panel in panels for cell in cells_of(panel["gridPos"])]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) == 23


def cells_of(place: dict[str, int]) -> list[tuple[int, int]]:
    """The cells of the grid that a panel covers."""
    across = range(place["x"], place["x"] + place["w"])
    down = range(place["y"], place["y"] + place["h"])
    return [(x, y) for x in across for y in down]


@each_panel
def test_what_is_now_is_never_the_last_known_value(panel: dict[str, Any]) -> None:
    now = panel["type"] in {"stat", "table", "bargauge"}
    assert {target["instant"] for target in panel["targets"]} == {now}
    assert {target["range"] for target in panel["targets"]} == {not now}


@each_panel
def test_every_series_of_a_graph_has_a_name(panel: dict[str, Any]) -> None:
    if panel["type"] in {"timeseries", "state-timeline"}:
        assert panel["options"]["legend"]["showLegend"]
        for target in panel["targets"]:
            assert target["legendFormat"].strip()
            by_queue = re.match(r"\S+ by \(queue\)", target["expr"])
            assert not by_queue or target["legendFormat"] == "{{queue}}"


@each_panel
def test_the_platforms_own_windows_are_called_the_platforms(panel: dict[str, Any]) -> None:
    if panel["type"] == "table":
        organize = panel["transformations"][1]["options"]["renameByName"]
        headings = {t["refId"]: organize.get(f"Value #{t['refId']}") for t in panel["targets"]}
    else:
        headings = dict.fromkeys((t["refId"] for t in panel["targets"]), panel["title"])
    for target in panel["targets"]:
        if "_window_" in target["expr"]:
            assert 'window="today"' in target["expr"]
            assert re.search("Platform|LiveVox's", headings[target["refId"]])


def test_the_formula_of_the_service_level_is_named() -> None:
    tile = PANELS["Service level, 30 min"]["description"]
    formula = "service_level_of_offered_less_early_abandons"
    assert formula in tile
    assert "handled in threshold / (offered - abandoned in threshold)" in tile
    assert f"{formula}  " in RULES.read_text(encoding="utf-8")


def test_agents_are_stacked_in_the_canonical_order() -> None:
    states = [
        re.findall(r'state=~"(\w+)"', t["expr"]) for t in PANELS["Agents by state"]["targets"]
    ]
    canonical = ["available", "busy", "after_contact_work", "away", "offline", "other"]
    assert states == [[state] for state in canonical]


def steps(panel: dict[str, Any]) -> list[float]:
    """The values at which the colour of a panel changes."""
    return [s["value"] for s in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]]


@pytest.mark.parametrize(
    ("title", "alert"),
    [
        ("Contacts waiting", "ContactCenterQueueDepthHigh"),
        ("Longest wait", "ContactCenterLongestWaitHigh"),
        ("Service level, 30 min", "ContactCenterServiceLevelLow"),
        ("Abandoned, 30 min", "ContactCenterAbandonRateHigh"),
        ("Data age", "ContactCenterDataStale"),
        ("Contacts waiting, by queue", "ContactCenterQueueDepthHigh"),
        ("Service level by queue, 30 min", "ContactCenterServiceLevelLow"),
        ("Event lag", "ContactCenterEventLagHigh"),
    ],
)
def test_a_colour_warns_where_the_alert_does(title: str, alert: str) -> None:
    limits = {
        float(limit)
        for rule in ALERTS
        if rule["alert"] == alert
        for limit in re.findall(r" [<>] ([\d.]+)\s", f"{rule['expr']} ")
    }
    assert limits
    assert limits <= set(steps(PANELS[title]))
    assert alert in PANELS[title]["description"]


@each_panel
def test_what_is_not_known_is_neither_good_nor_bad(panel: dict[str, Any]) -> None:
    config = panel["fieldConfig"]
    overridden = [
        property_["value"]
        for override in config["overrides"]
        for property_ in override["properties"]
        if property_["id"] == "thresholds"
    ]
    for thresholds in [config["defaults"]["thresholds"], *overridden]:
        assert thresholds["steps"][0] in (
            {"color": "#6e7078", "value": None},
            {"color": "transparent", "value": None},
        )


def test_every_reason_of_a_failure_has_its_colour() -> None:
    overrides = PANELS["Failed reads by reason"]["fieldConfig"]["overrides"]
    coloured = [override["matcher"]["options"] for override in overrides]
    assert sorted(coloured) == sorted(Reason)


def test_alerts_that_are_named_exist() -> None:
    named = set(re.findall(r"ContactCenter[A-Z]\w+", json.dumps(BOARD)))
    assert named <= {rule["alert"] for rule in ALERTS}


def test_the_data_age_leaves_out_the_feeds_that_the_state_of_a_source_leaves_out() -> None:
    contract = (CHECKOUT / "METRICS.md").read_text(encoding="utf-8")
    auxiliary = re.search(r"auxiliary ones \((.+?)\) aside", contract)
    assert auxiliary
    left_out = "|".join(auxiliary[1].split(", "))
    assert f'feed!~"session|{left_out}"' in PANELS["Data age"]["targets"][0]["expr"]

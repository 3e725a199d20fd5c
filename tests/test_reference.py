"""METRICS.md and its JSON, from declarations made up here."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from exporter.accounts import Account, Common, Planned, Size, Unexported, Vendor
from exporter.model import Family, Kind
from exporter.reference import as_json, markdown

WAITING = Family(
    "contactcenter_waiting", Kind.GAUGE, "Waiting | now.", ("queue",), ("Acme a/b c", "Beta d")
)
CALLS = Family("contactcenter_calls_total", Kind.COUNTER, "Calls.", ("queue", "channel"))
AGENT = Family("acme_agent_state", Kind.GAUGE, "One agent.", ("agent",), per_agent=True)
MODE = Family("beta_mode_info", Kind.INFO, "The mode.")
BUILD = Family("contactcenter_exporter_build_info", Kind.INFO, "The build.", ("version",))
UP = Family("contactcenter_a_up", Kind.GAUGE, "Up.")
UNEXPORTED = (
    Unexported("a/b", "phone | account", "personal | private"),
    Unexported("a|c", "x", "a secret"),
)


def _no_account(settings: Any, names: Mapping[str, str], values: Common) -> Account[Any]:
    raise NotImplementedError


def _no_plan(settings: Any, size: Size) -> Sequence[Planned]:
    raise NotImplementedError


ACME = Vendor("acme", (WAITING, AGENT, CALLS), _no_account, _no_plan, UNEXPORTED)
BETA = Vendor("beta", (MODE, WAITING), _no_account, _no_plan)

TABLES = """
## Contact centers, on every platform

| family | type | labels | meaning |
|---|---|---|---|
| `contactcenter_calls_total` | counter | `queue`, `channel` | Calls. |
| `contactcenter_waiting` | gauge | `queue` | Waiting \\| now. Source: Acme a/b c; Beta d. |

## Only on acme

| family | type | labels | meaning |
|---|---|---|---|
| `acme_agent_state` * | gauge | `agent` | One agent. |

## Only on beta

| family | type | labels | meaning |
|---|---|---|---|
| `beta_mode_info` | info |  | The mode. |

## The exporter's own health

| family | type | labels | meaning |
|---|---|---|---|
| `contactcenter_a_up` | gauge |  | Up. |
| `contactcenter_exporter_build_info` | info | `version` | The build. |

## Not exported from acme

| method | fields | reason |
|---|---|---|
| a/b | phone \\| account | personal \\| private |
| a\\|c | x | a secret |

Beside these, `process_*`, `python_gc_*` and `python_info` describe the process.
"""


def test_the_markdown_has_each_family_once_in_its_section() -> None:
    text = markdown((BUILD, UP), (ACME, BETA))
    introduction, _, rest = text.partition("\n## ")
    assert introduction.startswith("# Metrics\n")
    assert "Families marked *" in introduction
    assert "so do those of events" in introduction
    assert "\n## " + rest == TABLES


def test_the_order_of_declarations_does_not_matter() -> None:
    turned = Vendor("acme", ACME.families[::-1], _no_account, _no_plan, UNEXPORTED)
    assert markdown((UP, BUILD), (turned, BETA)) == markdown((BUILD, UP), (ACME, BETA))
    assert as_json((UP, BUILD), (turned, BETA)) == as_json((BUILD, UP), (ACME, BETA))


def test_the_json_has_the_same_and_is_sorted() -> None:
    document = json.loads(as_json((BUILD, UP), (ACME, BETA)))
    families = {one["name"]: one for one in document["families"]}
    assert list(families) == sorted(
        family.name for family in (WAITING, CALLS, AGENT, MODE, BUILD, UP)
    )
    assert families["contactcenter_waiting"] == {
        "name": "contactcenter_waiting",
        "type": "gauge",
        "help": "Waiting | now. Source: Acme a/b c; Beta d.",
        "labels": ["queue"],
        "origins": ["Acme a/b c", "Beta d"],
        "per_agent": False,
        "stability": "stable",
    }
    assert families["acme_agent_state"]["per_agent"] is True
    assert document["not_exported"] == [
        {
            "platform": "acme",
            "method": "a/b",
            "fields": "phone | account",
            "reason": "personal | private",
        },
        {"platform": "acme", "method": "a|c", "fields": "x", "reason": "a secret"},
    ]


def test_both_end_with_one_line_end() -> None:
    for text in (markdown((), ()), as_json((), ())):
        assert text.endswith("\n")
        assert not text.endswith("\n\n")

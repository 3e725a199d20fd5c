"""The metric reference: METRICS.md and its JSON, from the declarations themselves."""

import json
from collections.abc import Iterable, Sequence

from exporter.accounts import Vendor
from exporter.model import Family

_INTRODUCTION = """# Metrics

What `/metrics` says. This file is written by `contact-center-exporter metrics`; do not edit it.

Every sample of a source carries `source`, its name in the configuration, which the tables leave
out. A label that a platform can not fill is left out of its lines. Families marked * have series
of single agents and exist only where the source sets `agents:` to `hashed` or `named`.

A gauge says what its feed says now: it vanishes when the object does, and when the feed has told
nothing for its time to live: three intervals and one request time-out of what is polled, the
longest silence of a stream. Counters and histograms never fall. Where a ledger file is configured,
those of contacts, agents and interactions survive a restart, and so do those of events: how many
were counted, came again, could not be read, how late they were, and the gaps between them. The
other ones of the exporter's own health start again at 0. `window` marks what the platform summed or
averaged over a period of its own.
"""
_STABILITY = "stable"


def _sections(
    own: Sequence[Family], vendors: Sequence[Vendor]
) -> Iterable[tuple[str, list[Family]]]:
    platforms = [family for vendor in vendors for family in vendor.families]
    common = {family for family in platforms if family.name.startswith("contactcenter_")}
    yield "Contact centers, on every platform", sorted(common, key=_name)
    for vendor in vendors:
        special = [family for family in vendor.families if family not in common]
        yield f"Only on {vendor.platform}", sorted(special, key=_name)
    yield "The exporter's own health", sorted(own, key=_name)


def _name(family: Family) -> str:
    return family.name


def markdown(own: Sequence[Family], vendors: Sequence[Vendor]) -> str:
    """METRICS.md: tables of families, and the vendors' fields that are not exported."""
    parts = [_INTRODUCTION]
    for title, families in _sections(own, vendors):
        parts.append(f"\n## {title}\n\n| family | type | labels | meaning |\n|---|---|---|---|\n")
        parts += [_row(family) for family in families]
    for vendor in (vendor for vendor in vendors if vendor.unexported):
        parts.append(f"\n## Not exported from {vendor.platform}\n\n")
        parts.append("| method | fields | reason |\n|---|---|---|\n")
        parts += [
            f"| {_cell(one.method)} | {_cell(one.fields)} | {_cell(one.reason)} |\n"
            for one in vendor.unexported
        ]
    parts.append(
        "\nBeside these, `process_*`, `python_gc_*` and `python_info` describe the process.\n"
    )
    return "".join(parts)


def _row(family: Family) -> str:
    labels = ", ".join(f"`{label}`" for label in family.labels)
    mark = " *" if family.per_agent else ""
    return f"| `{family.name}`{mark} | {family.kind} | {labels} | {_cell(family.full_help)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def as_json(own: Sequence[Family], vendors: Sequence[Vendor]) -> str:
    """The same as JSON: families, and fields that are not exported."""
    families = {family for _, found in _sections(own, vendors) for family in found}
    document = {
        "families": [
            {
                "name": family.name,
                "type": family.kind.value,
                "help": family.full_help,
                "labels": list(family.labels),
                "origins": list(family.origins),
                "per_agent": family.per_agent,
                "stability": _STABILITY,
            }
            for family in sorted(families, key=_name)
        ],
        "not_exported": [
            {
                "platform": vendor.platform,
                "method": one.method,
                "fields": one.fields,
                "reason": one.reason,
            }
            for vendor in vendors
            for one in vendor.unexported
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

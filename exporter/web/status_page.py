"""The status page: each source and feed, its state and age, its last failure. Plain HTML.

It shows the same values as `/api/v1/status`, which holds neither secrets nor personal data.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --wait: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72; --wait: #d29922; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th:last-child, td:last-child { padding-left: 1.5rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; }
td.number, th.number { text-align: right; }
.up { color: var(--good); } .down { color: var(--bad); } .waiting { color: var(--wait); }
.quiet { opacity: .7; }
nav a { margin-right: 1rem; }
"""


def status_page(status: Mapping[str, Any], telemetry_path: str) -> str:
    """The page for a status document."""
    sources = "".join(_source(source) for source in status["sources"])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>contact-center-exporter</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>contact-center-exporter</h1>
<p class="quiet">version {escape(status["version"])}, running for {_span(status["uptime_seconds"])},
{status["series"]} series. {_ledger(status["ledger"])}</p>
<nav><a href="{escape(telemetry_path)}">Metrics</a><a href="/api/v1/status">Status as JSON</a>\
<a href="/-/healthy">Health</a><a href="/-/ready">Readiness</a></nav>
{sources or "<p>No source is configured.</p>"}
</body>
</html>
"""


def _ledger(ledger: Mapping[str, Any]) -> str:
    state = ledger["state"]
    if state == "ok":
        return f"Counts are kept {'on disk' if ledger['durable'] else 'in memory only'}."
    return f'<strong class="down">Ledger: {escape(state)}.</strong>'


def _source(source: Mapping[str, Any]) -> str:
    state = "up" if source["up"] else "down"
    rows = "".join(_feed(feed) for feed in source["feeds"])
    return f"""
<section>
<h2>{escape(source["name"])} <span class="{state}">{state}</span></h2>
<p class="quiet">{escape(source["platform"])}, {escape(source["environment"])},
queues known: {source["queues"]}</p>
<table>
<thead><tr><th>Feed</th><th>State</th><th class="number">Data age</th>
<th class="number">Requests</th><th class="number">Failures</th>
<th class="number">Rejected</th><th>Last failure</th></tr></thead>
<tbody>{rows}</tbody>
</table>
</section>"""


def _feed(feed: Mapping[str, Any]) -> str:
    cells = [
        f"<td>{escape(feed['name'])}</td>",
        f'<td class="{escape(feed["state"])}">{escape(feed["state"])}{_stream(feed)}</td>',
        _number(_age(feed)),
        _number(str(feed["requests"])),
        _number(str(feed["failures"])),
        _number(str(feed["rejected"])),
        f"<td>{_remarks(feed)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>\n"


def _stream(feed: Mapping[str, Any]) -> str:
    """Of a stream whether it is connected, and its events since the start of the program."""
    stream = feed.get("stream")
    if stream is None:
        return ""
    connected = "connected" if stream["connected"] else "not connected"
    return f'<br><span class="quiet">{connected}, {stream["events"]:,} events</span>'


def _remarks(feed: Mapping[str, Any]) -> str:
    parts = []
    error = feed["last_error"]
    if error is not None:
        parts.append(f"{error['reason']}: {error['detail']}, {_span(error['seconds_ago'])} ago")
    if feed["remark"]:
        parts.append(feed["remark"])
    return "<br>".join(map(escape, parts))


def _number(text: str) -> str:
    return f'<td class="number">{escape(text)}</td>'


def _age(feed: Mapping[str, Any]) -> str:
    """The age of what the feed told; blank for a session, which is not data."""
    if feed["last_success"] is None:
        return "never"
    age = feed["data_age_seconds"]
    return "" if age is None else _span(age)


def _span(seconds: float) -> str:
    """A duration for people, cut to what matters at its size."""
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"

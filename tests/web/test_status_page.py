"""What a person reads on the status page, as a browser would take it."""

from html.parser import HTMLParser
from typing import Any

import pytest

from exporter.web.status_page import status_page
from tests.web.status import PLANTED, document, feed, source

VOID = {"meta", "br", "link"}


class Seen(HTMLParser):
    """The page as a browser reads it: texts, cells, links, and elements that were left open."""

    def __init__(self, status: dict[str, Any], telemetry_path: str = "/metrics") -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[str]] = []
        self.links: dict[str, str] = {}
        self.classes: dict[str, str] = {}
        self.text = ""
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(status_page(status, telemetry_path))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element."""
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "br":
            self.handle_data(" | ")
        if tag not in VOID:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Closes it; elements must nest."""
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        """Takes text."""
        if not self._open or self._open[-1][0] == "style":
            return
        tag, attributes = self._open[-1]
        self.text += data
        if tag in ("td", "th"):
            self.rows[-1][-1] += data
        if tag == "a":
            self.links[data] = attributes["href"] or ""
        if attributes.get("class"):
            self.classes[data] = attributes["class"] or ""


def test_it_says_what_runs_since_when_and_how_much_it_shows() -> None:
    text = " ".join(Seen(document(source())).text.split())
    assert "version 1.2.3, running for 1 h 2 min, 4567 series." in text
    assert "acme-us up" in text
    assert "livevox, na4, queues known: 12" in text


def test_each_feed_has_a_row() -> None:
    error = {"reason": "server", "detail": "HTTP 503", "at": 1.0, "seconds_ago": 75.0}
    down = feed("agent_status", state="down", data_age_seconds=400.2, last_error=error)
    waiting = feed(
        "directory", state="waiting", last_success=None, data_age_seconds=None, requests=0
    )
    page = Seen(document(source(feeds=[feed(), down, waiting])))
    assert page.rows == [
        ["Feed", "State", "Data age", "Requests", "Failures", "Rejected", "Last failure"],
        ["service_stats", "up", "3 s", "120", "2", "1", ""],
        [
            *("agent_status", "down", "6 min 40 s", "120", "2", "1"),
            "server: HTTP 503, 1 min 15 s ago",
        ],
        ["directory", "waiting", "never", "0", "2", "1", ""],
    ]
    assert {word: page.classes[word] for word in ("up", "down", "waiting")} == {
        "up": "up",
        "down": "down",
        "waiting": "waiting",
    }


def test_a_remark_stands_beside_the_last_failure() -> None:
    error = {"reason": "timeout", "detail": "no answer in 10 s", "at": 1.0, "seconds_ago": 0.0}
    both = feed(last_error=error, remark="lists cut short: campaigns")
    page = Seen(document(source(feeds=[both, feed(remark="cut short")])))
    assert page.rows[1][-1] == "timeout: no answer in 10 s, 0 s ago | lists cut short: campaigns"
    assert page.rows[2][-1] == "cut short"


def test_a_source_that_is_down_says_so() -> None:
    assert Seen(document(source() | {"up": False})).classes["down"] == "down"


def test_sources_stand_in_the_order_they_are_told() -> None:
    text = Seen(document(source("b"), source("a"))).text
    assert text.index("b up") < text.index("a up")


def test_without_a_source_it_says_so() -> None:
    page = Seen(document())
    assert "No source is configured." in page.text
    assert page.rows == []


@pytest.mark.parametrize(
    ("ledger", "text"),
    [
        ({"state": "ok", "durable": True}, "Counts are kept on disk."),
        ({"state": "ok", "durable": False}, "Counts are kept in memory only."),
        ({"state": "failing", "durable": True}, "Ledger: failing."),
        ({"state": "not opened", "durable": True}, "Ledger: not opened."),
    ],
)
def test_it_says_where_counts_are_kept(ledger: dict[str, Any], text: str) -> None:
    page = Seen(document(ledger=ledger))
    assert text in page.text
    assert (page.classes.get(text) == "down") is (ledger["state"] != "ok")


def test_it_links_to_everything_else() -> None:
    assert Seen(document(), "/my/metrics").links == {
        "Metrics": "/my/metrics",
        "Status as JSON": "/api/v1/status",
        "Health": "/-/healthy",
        "Readiness": "/-/ready",
    }


def test_it_brings_nothing_from_elsewhere() -> None:
    page = status_page(document(source()), "/metrics")
    assert not any(word in page for word in ("http://", "https://", "src=", "<link", "@import"))


def test_names_and_texts_are_never_markup() -> None:
    error = {"reason": PLANTED, "detail": PLANTED, "at": 1.0, "seconds_ago": 1.0}
    odd = feed(PLANTED, state=PLANTED, last_error=error, remark=PLANTED)
    status = document(
        source(PLANTED, [odd]) | {"platform": PLANTED, "environment": PLANTED},
        version=PLANTED,
        ledger={"state": PLANTED, "durable": True},
    )
    page = Seen(status, f'/"{PLANTED}')
    assert "script" not in page.tags
    assert page.rows[1][0] == PLANTED
    assert page.rows[1][-1] == f"{PLANTED}: {PLANTED}, 1 s ago | {PLANTED}"
    assert page.links["Metrics"] == f'/"{PLANTED}'
    assert page.text.count(PLANTED) == 10


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "59 s"),
        (60, "1 min 0 s"),
        (119.9, "1 min 59 s"),
        (3599.9, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 days"),
        (8_640_000, "100 days"),
    ],
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    page = Seen(document(source(feeds=[feed(data_age_seconds=seconds)])))
    assert page.rows[1][2] == text


def test_a_session_has_no_age() -> None:
    page = Seen(document(source(feeds=[feed("session", data_age_seconds=None)])))
    assert page.rows[1][2] == ""

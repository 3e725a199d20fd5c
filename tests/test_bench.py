"""The pieces of the benchmark, on tiny sizes. No time is asserted."""

import json
from statistics import mean

import pytest

from bench import interactions
from bench.__main__ import main
from bench.agent_page import EVENTS, agent_page
from bench.agents import rows as agents_rows
from bench.captured import static
from bench.channel import BenchError, child
from bench.children import stats_ours, stats_usual
from bench.commits import COUNTERS
from bench.commits import rows as commits_rows
from bench.correctness import check, check_size, check_sums, expected, plain
from bench.dataset import FAMILIES, dataset
from bench.events import rows as events_rows
from bench.http_client import Answer, Scraper, request
from bench.measures import (
    Row,
    Spread,
    at_most,
    interleaved,
    times_as_many,
    times_at_most,
    times_faster,
)
from bench.plan import FULL, Plan
from bench.scrape import rows as scrape_rows
from bench.stats_document import NUMERIC, stats_document
from bench.table import markdown
from bench.visible import rows as visible_rows

SERIES = 250
TINY = Plan(sizes=(SERIES,), share=0.0, warm_up=0.1, window=0.2, turns=1, trials=2)


def test_the_data_set_is_whole_numbers_and_fractions_of_many_services() -> None:
    data = dataset(5000)
    values = [value for column in data.columns for value in column]
    assert len(FAMILIES) == 25
    assert len(values) == 5000
    assert len(set(data.keys)) == 200
    assert 0.55 < mean(value.is_integer() for value in values) < 0.65
    assert dataset(5000) == data


def test_every_value_of_the_next_variant_differs_and_no_key_does() -> None:
    one, other = dataset(SERIES, 0), dataset(SERIES, 1)
    pairs = zip(one.columns, other.columns, strict=True)
    assert all(a != b for first, second in pairs for a, b in zip(first, second, strict=True))
    assert one.keys == other.keys


@pytest.mark.parametrize("series", [0, 24, 26])
def test_series_that_the_families_can_not_share_are_refused(series: int) -> None:
    with pytest.raises(ValueError, match="multiple of 25"):
        dataset(series)


def test_ours_the_static_bytes_and_prometheus_client_show_the_same() -> None:
    with child("ours", SERIES) as ours, child("usual", SERIES) as usual:
        for variant in range(2):
            samples = expected(dataset(SERIES, variant))
            for server in (ours, usual):
                server.ask("publish", variant)
            with static(ours.ready) as control:
                bodies = {
                    (name, gzip): Scraper(server.ready).fetch(request(gzip))
                    for name, server in (("ours", ours), ("usual", usual), ("static", control))
                    for gzip in (False, True)
                }
            for (name, gzip), answer in bodies.items():
                check(f"{name}, gzip {gzip}", answer, samples)
            check_size("identity", bodies["ours", False].body, bodies["usual", False].body)
            sizes = [len(bodies[name, False].body) for name in ("static", "ours")]
            assert abs(sizes[0] - sizes[1]) < 100  # figures of the process in between
        lines = plain(bodies["ours", True]).splitlines()
        assert 130 < mean(len(line) for line in lines if line.startswith(b"bench_")) < 150


def test_static_bytes_are_those_that_prometheus_would_be_sent() -> None:
    with child("ours", SERIES) as ours, static(ours.ready) as control:
        asked = request(gzip=True, openmetrics=True)
        answer = Scraper(control.ready).fetch(asked)
        assert b"application/openmetrics-text; version=1.0.0" in answer.head
        assert plain(answer).endswith(b"# EOF\n")


def test_without_isal_the_page_is_compressed_still() -> None:
    with child("ours", SERIES, without="isal,uvloop") as ours:
        ours.ask("publish", 0)
        answer = Scraper(ours.ready).fetch(request(gzip=True))
        check("without isal", answer, expected(dataset(SERIES)))


def test_a_wrong_or_missing_sample_is_an_error() -> None:
    samples = expected(dataset(25))
    with pytest.raises(BenchError, match="0 of 25 samples, 25 wrong or missing"):
        check("ours", Answer(b"HTTP/1.1 200 OK\r\n\r\n", b"up 1.0\n"), samples)
    with pytest.raises(BenchError, match="ours has 3 bytes, the control 5"):
        check_size("ours", b"abc", b"abcde")


def test_a_child_that_has_ended_is_an_error_that_names_it() -> None:
    with child("ours", SERIES) as ours, pytest.raises(BenchError, match="ours has ended"):
        ours.ask("nonsense")


def test_both_ways_read_the_same_of_a_service_stats_answer() -> None:
    ours, usual = stats_ours.Account(20), stats_usual.Account(20)
    document = json.loads(stats_document(20, 1))
    assert set(NUMERIC) < set(document["stats"][0])
    for account in (ours, usual):
        for variant in (0, 1):
            parts = account.read(variant)
    assert {"decode", "tables", "publish", "totals", "whole"} <= set(ours.read(1))
    assert set(parts) == {"whole"}
    shown = {
        family.name: chunks[0].text.decode() for family, chunks in ours.store.selection(0).families
    }
    for row in document["stats"]:
        labels = {"source": "acme-us", "queue_id": row["serviceId"], "queue": row["serviceName"]}
        assert usual.registry.get_sample_value("livevox_cip", labels) == row["cip"]
        line = ",".join(f'{name}="{value}"' for name, value in labels.items())
        assert f"{{{line}}} {float(row['cip'])}" in shown["livevox_queue_calls_in_progress"]


def test_rounds_are_interleaved() -> None:
    order: list[str] = []

    def ours(n: int) -> float:
        order.append(f"ours {n}")
        return float(n)

    def control(n: int) -> float:
        order.append(f"control {n}")
        return float(-n)

    assert interleaved(2, ours, control) == ([0.0, 1.0], [0.0, -1.0])
    assert order == ["ours 0", "control 0", "ours 1", "control 1"]


def test_the_targets_are_for_the_full_size_and_quick_runs_have_fewer_rounds() -> None:
    plan = Plan()
    assert [plan.decides(size) for size in plan.sizes] == [False, False, True]
    assert plan.sizes[-1] == FULL
    assert plan.rounds(FULL, 300) == 300
    assert plan.rounds(FULL, 50, 0.012) == 8
    assert Plan(share=0.01).rounds(FULL, 50, 0.012) == 5


def test_the_table_says_what_is_reached() -> None:
    control = Spread.of([0.004, 0.006, 0.005], 1e3)
    table = markdown(
        [
            Row("a", FULL, "ms", Spread.of([0.010], 1e3), control, times_at_most(2)),
            Row("b", 1000, "ms", Spread.of([0.011], 1e3), control, times_at_most(2)),
            Row("c", 10, "ms", Spread.of([0.0002], 1e3), control, times_faster(30)),
            Row("d", 10, "B", Spread.of([301.0]), Spread.of([800.0]), at_most(300, "B")),
            Row("e", 10, "B", Spread.of([1234.0]), Spread.of([800.0])),
            Row("f", 10, "/s", Spread.of([90.0]), Spread.of([30.0]), times_as_many(3, 90, "/s")),
            Row("g", 10, "/s", Spread.of([90.0]), Spread.of([30.0]), times_as_many(3, 91, "/s")),
            Row("h", 10, "ms", Spread.of([9.0]), None, at_most(10, "ms")),
        ]
    )
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert lines == [
        ["a", "100,000", "10.0 ms", "5.00 ms [4.00 to 6.00]", "2.00 times", "≤ 2 times", "yes"],
        ["b", "1,000", "11.0 ms", "5.00 ms [4.00 to 6.00]", "2.20 times", "≤ 2 times", "NO"],
        [
            "c",
            "10",
            "0.20 ms",
            "5.00 ms [4.00 to 6.00]",
            "25.0 times less",
            "30 times faster",
            "NO",
        ],
        ["d", "10", "301 B", "800 B", "2.7 times less", "≤ 300 B", "NO"],
        ["e", "10", "1,234 B", "800 B", "1.54 times", "", ""],
        ["f", "10", "90.0 /s", "30.0 /s", "3.00 times", "≥ 3 times, ≥ 90 /s", "yes"],
        ["g", "10", "90.0 /s", "30.0 /s", "3.00 times", "≥ 3 times, ≥ 91 /s", "NO"],
        ["h", "10", "9.00 ms", "", "", "≤ 10 ms", "yes"],
    ]


def test_a_measure_gives_a_row_for_each_size_and_encoding() -> None:
    rows = list(scrape_rows(Plan(sizes=(25, SERIES), share=0.0)))
    assert [(row.size, row.measure) for row in rows] == [
        (25, "scrape, identity"),
        (25, "scrape, gzip"),
        (250, "scrape, identity"),
        (250, "scrape, gzip"),
        (250, "scrape, identity, without uvloop"),
        (250, "scrape, gzip, without uvloop"),
    ]
    assert all(row.ours.count == 5 and row.goal is None for row in rows)


def test_events_are_unlike_each_other_and_their_sums_are_known() -> None:
    chunks = interactions.chunks()
    sent = [chunk.sent(serial, 1e9) for serial, chunk in enumerate([*chunks, *chunks])]
    events = [json.loads(line[6:]) for text in sent for line in text.splitlines() if line]
    total = interactions.total(chunks, len(sent))
    assert len({event["eventId"] for event in events}) == len(events) == total[interactions.EVENTS]
    assert {str(event["serviceId"]) for event in events} == set(interactions.SERVICES)
    assert {event["timestamp"][:19] for event in events} == {"2001-09-09T01:46:40"}
    assert 550 < mean(map(len, sent)) / interactions.PER_CHUNK < 650
    calls = [event for event in events if event.get("callEventType") == "CALL_TERMINATION"]
    assert sum(call["operatorTransfer"] for call in calls) == total[interactions.OFFERED]
    waits = sum(call["transferHoldDuration"] for call in calls if call["operatorTransfer"])
    assert waits == total[f"{interactions.WAIT}_sum"]


def test_events_are_counted_once_by_both_and_the_faster_control_stands_in_the_row() -> None:
    *rows, remark = events_rows(TINY)
    assert [row.measure for row in rows if isinstance(row, Row)] == [
        "interaction events by SSE",
        "scrape meanwhile, identity",
    ]
    assert all(isinstance(row, Row) and row.control and row.control.low > 0 for row in rows)
    assert "thread" in str(remark)
    assert "asgi" in str(remark)


def test_a_sum_that_is_not_what_was_sent_is_an_error() -> None:
    body = b'a_total{x="1"} 2.0\na_total{x="2"} 1.0\nb_total{x="1"} 1.0\na_total_more{x="1"} 7.0\n'
    answer = Answer(b"HTTP/1.1 200 OK\r\n\r\n", body)
    check_sums("ours", answer, {"a_total": 3, "b_total": 1})
    with pytest.raises(BenchError, match=r"^ours: a_total 3 of 4$"):
        check_sums("ours", answer, {"a_total": 4, "b_total": 1})


def test_a_page_of_agents_events_is_full_and_goes_on_where_the_last_one_ended() -> None:
    pages = [json.loads(agent_page(n))["agentEvent"] for n in range(2)]
    times = [event["timestamp"] for page in pages for event in page]
    assert [len(page) for page in pages] == [EVENTS, EVENTS]
    assert times == sorted(times)
    assert len({event["eventId"] for page in pages for event in page}) == 2 * EVENTS


def test_both_ways_count_the_same_agents_events() -> None:
    rows = [row for row in agents_rows(TINY) if isinstance(row, Row)]
    assert [(row.measure, row.size) for row in rows] == [
        ("agent feed page, bytes to counted", EVENTS),
        ("agent feed page, control that counts less", EVENTS),
    ]


def test_an_event_is_followed_from_the_socket_to_a_finished_scrape() -> None:
    *rows, remark = visible_rows(TINY)
    rest, wait, whole = (row.ours.middle for row in rows if isinstance(row, Row))
    assert 0 < rest < whole
    assert 0 < wait < whole
    assert "counted in memory" in str(remark)


def test_a_scrape_is_made_beside_a_commit_of_many_counters() -> None:
    commit, scrape, remark = commits_rows(TINY)
    assert isinstance(commit, Row)
    assert isinstance(scrape, Row)
    assert (commit.size, commit.control) == (COUNTERS, None)
    assert 1 <= scrape.ours.count <= 5
    assert "fell into commit and publication" in str(remark)


def test_a_measure_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "nonsense"])
    assert ended.value.code == 2
    known = "'scrape', 'changed', 'prometheus', 'ingest', 'memory', 'events', 'agents', 'visible'"
    assert f"{known}, 'commits'" in capsys.readouterr().err

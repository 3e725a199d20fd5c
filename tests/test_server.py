"""What is answered on each path, over a real socket, also while the main loop is stuck."""

import asyncio
import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from exporter.exposition import Format
from exporter.server import Server
from tests.web.served import Got, Program, ask, connected, read_all, serving
from tests.web.status import PLANTED, source

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Program, Server]]:
    program = Program()
    with serving(program) as server:
        yield program, server


@pytest.fixture
def program(running: tuple[Program, Server]) -> Program:
    running[0].reset()
    return running[0]


@pytest.fixture
def server(running: tuple[Program, Server], program: Program) -> Server:
    return running[1]


# ---- /metrics -------------------------------------------------------------------------------


def test_metrics_are_text_unless_something_else_is_asked_for(server: Server) -> None:
    got = ask(server, "/metrics")
    assert (got.status, got.kind, got.body) == (200, TEXT, b"up 1.0\nTEXT")
    assert got.headers["Content-Encoding"] is None
    assert got.headers["Content-Length"] == str(len(got.body))
    assert got.headers["Vary"] == "Accept, Accept-Encoding"


def test_metrics_are_openmetrics_where_they_are_preferred(server: Server) -> None:
    prometheus = (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
    )
    got = ask(server, "/metrics", accept=prometheus)
    assert (got.status, got.body) == (200, b"up 1.0\nOPENMETRICS")
    assert got.kind == f"{OPENMETRICS}; escaping=allow-utf-8"


def test_what_is_not_produced_is_answered_with_text_and_never_406(server: Server) -> None:
    got = ask(server, "/metrics", accept="application/vnd.google.protobuf;q=1,image/png")
    assert (got.status, got.kind) == (200, TEXT)


def test_metrics_are_compressed_where_that_is_accepted(server: Server) -> None:
    got = ask(server, "/metrics", accept_encoding="gzip")
    assert got.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(got.body) == b"up 1.0\nTEXT"
    assert got.headers["Content-Length"] == str(len(got.body))
    refused = ask(server, "/metrics", accept_encoding="gzip;q=0, br")
    assert refused.headers["Content-Encoding"] is None


def test_headers_that_come_twice_count_together(server: Server, program: Program) -> None:
    with connected(server) as raw:
        raw.sendall(
            b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Accept: image/png\r\nAccept: application/openmetrics-text\r\n"
            b"Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n\r\n"
        )
        read_all(raw)
    assert program.asked == [(Format.OPENMETRICS, True)]


def test_the_metrics_path_can_be_another(program: Program) -> None:
    with serving(program, "/cc/metrics") as server:
        assert ask(server, "/cc/metrics").body == b"up 1.0\nTEXT"
        assert ask(server, "/metrics").status == 404
        assert b'href="/cc/metrics"' in ask(server, "/").body


def test_a_large_page_arrives_whole(server: Server, program: Program) -> None:
    program.page = b"some_metric_name 12345.678\n" * 300_000
    assert ask(server, "/metrics").body == program.page + b"TEXT"


def test_parallel_scrapes_are_all_answered(server: Server, program: Program) -> None:
    program.page = b"some_metric_name 12345.678\n" * 20_000

    def scrape(number: int) -> bytes:
        encoding = "gzip" if number % 2 else "identity"
        body = ask(server, "/metrics", accept_encoding=encoding).body
        return gzip.decompress(body) if number % 2 else body

    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(scrape, range(48)))
    assert set(bodies) == {program.page + b"TEXT"}


# ---- Health and readiness -------------------------------------------------------------------


def test_it_is_healthy_until_the_program_says_why_not(server: Server, program: Program) -> None:
    got = ask(server, "/-/healthy")
    assert (got.status, got.kind, got.body) == (200, PLAIN, b"healthy\n")
    program.sick = "the main loop is stuck for 12 s"
    got = ask(server, "/-/healthy")
    assert (got.status, got.kind) == (503, PLAIN)
    assert got.body == b"unhealthy: the main loop is stuck for 12 s\n"


def test_it_is_ready_when_it_waits_for_nothing(server: Server, program: Program) -> None:
    program.waiting = ("acme session", "acme service_stats")
    got = ask(server, "/-/ready")
    assert (got.status, got.kind) == (503, PLAIN)
    assert got.body == b"waiting for acme session\nwaiting for acme service_stats\n"
    program.waiting = ()
    got = ask(server, "/-/ready")
    assert (got.status, got.kind, got.body) == (200, PLAIN, b"ready\n")


def test_it_answers_while_the_main_loop_is_stuck_and_says_so() -> None:
    """The thread of this test is the main thread: its loop hangs until the answers are there."""
    heartbeat = time.monotonic()
    answers: list[Got] = []

    class Watched(Program):
        def unhealthy(self) -> str:
            return "stuck" if time.monotonic() - heartbeat > 0.05 else ""

    def asked(watched: Server) -> None:
        while (answer := ask(watched, "/-/healthy")).status == 200:
            time.sleep(0.005)
        answers.extend([answer, ask(watched, "/metrics"), ask(watched, "/")])

    async def stuck(watched: Server) -> None:
        client = threading.Thread(target=asked, args=(watched,))
        client.start()
        client.join(10)  # blocks the loop
        assert not client.is_alive()

    with serving(Watched()) as watched:
        asyncio.run(stuck(watched))
    assert [answer.status for answer in answers] == [503, 200, 200]
    assert answers[0].body == b"unhealthy: stuck\n"


# ---- Status ---------------------------------------------------------------------------------


def test_the_status_is_json_and_is_not_kept_by_caches(server: Server, program: Program) -> None:
    got = ask(server, "/api/v1/status")
    assert (got.status, got.kind) == (200, "application/json")
    assert json.loads(got.body) == program.status()
    assert got.headers["Cache-Control"] == "no-store"


def test_the_front_page_is_html_and_escapes_names(server: Server, program: Program) -> None:
    program.sources = [source(PLANTED)]
    got = ask(server, "/")
    assert (got.status, got.kind) == (200, "text/html; charset=utf-8")
    assert got.headers["Cache-Control"] == "no-store"
    assert b"<h1>contact-center-exporter</h1>" in got.body
    assert b"<script" not in got.body
    assert b"&lt;script&gt;" in got.body


# ---- Every path -----------------------------------------------------------------------------

PATHS = ("/metrics", "/-/healthy", "/-/ready", "/api/v1/status", "/")


@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_like_get_without_a_body(server: Server, path: str) -> None:
    got, head = ask(server, path), ask(server, path, "HEAD")
    assert (head.status, head.kind, head.body) == (200, got.kind, b"")
    assert head.headers["Content-Length"] == str(len(got.body))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(server: Server, path: str, method: str) -> None:
    got = ask(server, path, method)
    assert (got.status, got.kind, got.body) == (405, PLAIN, b"Method Not Allowed\n")
    assert set(re.split(", *", got.headers["Allow"])) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "path",
    ["/metric", "/metrics/", "/-/healthy/", "/-/reload", "/api/v1", "/favicon.ico", "//", "/%00"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everything_else_is_not_found_in_plain_text(server: Server, path: str, method: str) -> None:
    got = ask(server, path, method)
    assert (got.status, got.kind, got.body) == (404, PLAIN, b"Not Found\n")


def test_a_bug_in_a_view_is_an_error_and_the_next_request_is_answered(
    server: Server, program: Program
) -> None:
    program.bug = KeyError("+15550100")
    got = ask(server, "/-/healthy")
    assert (got.status, got.body) == (500, b"Internal Server Error")
    program.bug = None
    assert ask(server, "/-/healthy").status == 200


def test_nothing_tells_what_serves(server: Server) -> None:
    assert ask(server, "/").headers["Server"] is None

"""Where the server listens, and how it stops."""

import http.client
import re
import socket
import threading
import time
from contextlib import closing

import pytest

from exporter.errors import ExporterError
from exporter.server import Server, application, listen
from tests.web.served import Got, Program, ask, connected, read_all, serving

STOPPED_WITHIN = 4.5  # seconds; the program has 5 to end


@pytest.fixture
def program() -> Program:
    return Program()


# ---- Addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "host"), [("127.0.0.1:0", "127.0.0.1"), ("localhost:0", "127.0.0.1")]
)
def test_a_host_and_a_port_are_listened_on(address: str, host: str) -> None:
    with closing(listen(address)) as listening:
        assert listening.getsockname()[0] == host
        assert listening.family == socket.AF_INET


def test_an_ipv6_address_stands_in_brackets(program: Program) -> None:
    server = Server(application(program, program, "/metrics"), [listen("[::1]:0")])
    server.start()
    try:
        assert re.fullmatch(r"\[::1\]:\d+", server.addresses[0])
        port = int(server.addresses[0].rpartition(":")[2])
        with closing(http.client.HTTPConnection("::1", port, timeout=10)) as connection:
            connection.request("GET", "/-/healthy")
            assert Got(connection.getresponse()).status == 200
    finally:
        server.stop()


def test_a_port_alone_is_every_address_of_both_kinds() -> None:
    with closing(listen(":0")) as listening:
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=10):
                pass


def test_several_addresses_are_served(program: Program) -> None:
    sockets = [listen("127.0.0.1:0"), listen("127.0.0.1:0")]
    server = Server(application(program, program, "/metrics"), sockets)
    server.start()
    try:
        assert len(set(server.addresses)) == 2
        for address in server.addresses:
            host, _, port = address.rpartition(":")
            with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as connection:
                connection.request("GET", "/-/ready")
                assert Got(connection.getresponse()).status == 200
    finally:
        server.stop()


def test_a_port_in_use_is_an_error_that_names_the_address(taken_port: int) -> None:
    with pytest.raises(ExporterError) as raised:
        listen(f"127.0.0.1:{taken_port}")
    assert str(raised.value) == (
        f"can not listen on 127.0.0.1:{taken_port}: Address already in use"
    )


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("host.invalid:0", "Name or service not known"),
        ("192.0.2.1:0", "Cannot assign requested address"),
        ("[::zz]:0", "Name or service not known"),
    ],
)
def test_a_host_that_is_not_ours_is_an_error_that_names_it(address: str, reason: str) -> None:
    with pytest.raises(ExporterError) as raised:
        listen(address)
    assert str(raised.value).startswith(f"can not listen on {address}: ")
    assert reason in str(raised.value) or "No address" in str(raised.value)


@pytest.mark.parametrize(
    "address",
    ["", "localhost", "9100", "::1", "::1:9100", "host:", "host:http", ":65536", "[]:1", "a:b:1"],
)
def test_what_is_no_address_is_an_error_that_says_what_one_is(address: str) -> None:
    with pytest.raises(ExporterError, match=r"not host:port, \[IPv6\]:port or :port") as raised:
        listen(address)
    assert f"can not listen on {address}:" in str(raised.value)


# ---- Stopping -------------------------------------------------------------------------------


def stopped_in(server: Server) -> float:
    began = time.monotonic()
    server.stop()
    return time.monotonic() - began


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing sent"),
        pytest.param(b"GET /metrics HTTP/1.1\r\nHost: ", id="half a head"),
        pytest.param(
            b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", id="half a body"
        ),
        pytest.param(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", id="kept alive"),
    ],
)
def test_an_open_connection_does_not_keep_it_from_stopping(program: Program, sent: bytes) -> None:
    with serving(program) as server, connected(server) as raw:
        raw.sendall(sent)
        ask(server, "/-/healthy")
        assert stopped_in(server) < STOPPED_WITHIN
        read_all(raw)


def test_a_client_that_does_not_read_does_not_keep_it_from_stopping(program: Program) -> None:
    program.page = b"x" * 50_000_000
    with serving(program) as server, connected(server) as raw:
        raw.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(1) == b"H"
        assert stopped_in(server) < STOPPED_WITHIN


def test_a_stopped_server_gives_its_port_back(program: Program) -> None:
    with serving(program) as server:
        address = server.addresses[0]
        ask(server, "/-/healthy")
        server.stop()
        with closing(listen(address)):
            pass


def test_a_server_that_was_never_started_can_be_stopped(program: Program) -> None:
    listening = listen("127.0.0.1:0")
    Server(application(program, program, "/metrics"), [listening]).stop()
    assert listening.fileno() == -1


def test_no_thread_is_left_behind(program: Program) -> None:
    before = threading.active_count()
    with serving(program) as server:
        ask(server, "/-/healthy")
    assert threading.active_count() == before

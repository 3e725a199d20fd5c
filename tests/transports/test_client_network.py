"""The way to the vendor: certificates, proxies, and hosts that are not there."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from exporter.errors import ConfigError, FeedError, Reason
from exporter.feeds import Answer
from exporter.transports.client import HttpOptions, new_http
from tests.transports.certificates import Authority, authority
from tests.transports.site import Gate, Report, Site
from tests.transports.site import HandClock as Clock
from tests.transports.vendor import Vendor, proxy, reply, serving, vendor

pytestmark = pytest.mark.anyio

BODY = b'{"waiting": 3}'


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@asynccontextmanager
async def served(tls: ssl.SSLContext | None = None) -> AsyncIterator[Vendor]:
    """A vendor whose `/stats` answers whoever has signed in."""
    async with vendor(tls) as server:
        gate = Gate()
        server.answers = {"/login": gate.log_in, "/stats": gate.guarded(reply(200, BODY))}
        yield server


async def outcome(options: HttpOptions) -> Answer | FeedError:
    """What a client with these options gets, or why its sign-in failed."""
    secrets = {"password": Gate().password, "token": "the-token"}
    async with new_http(options, 4) as http:
        report = Report()
        site = Site(Vendor(""), Gate(), http, options, report, Clock(0), Clock(0), secrets, 4)
        try:
            return await site.ask()
        except FeedError as error:
            return report.failures[0][1] if report.failures else error


async def failure(options: HttpOptions) -> FeedError:
    got = await outcome(options)
    assert isinstance(got, FeedError)
    return got


async def test_a_vendor_with_a_certificate_of_the_bundle_is_read(trusted: Authority) -> None:
    async with served(trusted.server) as server:
        got = await outcome(HttpOptions(server.url, 5, ca_file=str(trusted.bundle)))
    assert isinstance(got, Answer)
    assert got.body == BODY


async def test_without_the_bundle_its_certificate_is_a_network_failure(trusted: Authority) -> None:
    async with served(trusted.server) as server:
        error = await failure(HttpOptions(server.url, 5))
        assert server.seen == []
    assert error.reason is Reason.NETWORK
    assert "certificate" in error.detail


async def test_a_certificate_for_another_host_is_a_network_failure(trusted: Authority) -> None:
    async with served(trusted.elsewhere) as server:
        error = await failure(HttpOptions(server.url, 5, ca_file=str(trusted.bundle)))
        assert server.seen == []
    assert error.reason is Reason.NETWORK
    assert "not valid for '127.0.0.1'" in error.detail


async def test_a_vendor_that_speaks_no_tls_is_a_network_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(reply(400))
        await writer.drain()

    async with serving(plain) as port:
        error = await failure(HttpOptions(f"https://127.0.0.1:{port}", 5))
    assert error.reason is Reason.NETWORK
    assert error.detail.startswith("ConnectError: ")


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx"])
def test_a_bundle_without_certificates_is_a_wrong_configuration(
    tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(ConfigError, match=r"http\.ca_file: .*ca\.pem can not be read, or holds no"):
        new_http(HttpOptions("https://127.0.0.1", 5, ca_file=str(bundle)), 4)


async def test_everything_goes_through_the_proxy() -> None:
    async with served() as server, proxy() as between:
        got = await outcome(HttpOptions(server.url, 5, proxy=between.url))
        assert isinstance(got, Answer)
        assert got.body == BODY
        assert [request.target for request in between.seen] == [
            f"{server.url}/login",
            f"{server.url}/stats",
        ]
        assert [request.target for request in server.seen] == ["/login", "/stats"]


async def test_an_encrypted_vendor_is_reached_through_a_tunnel(trusted: Authority) -> None:
    async with served(trusted.server) as server, proxy() as between:
        options = HttpOptions(server.url, 5, proxy=between.url, ca_file=str(trusted.bundle))
        got = await outcome(options)
        assert isinstance(got, Answer)
        assert {request.method for request in between.seen} == {"CONNECT"}
        assert not any("x-access" in request.headers for request in between.seen)
        assert [request.target for request in server.seen] == ["/login", "/stats"]


async def test_a_proxy_that_refuses_is_a_network_failure(trusted: Authority) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Who are you, Erika?\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with served(trusted.server) as server, serving(refusing) as port:
        error = await failure(HttpOptions(server.url, 5, proxy=f"http://127.0.0.1:{port}"))
    assert (error.reason, error.detail) == (Reason.NETWORK, "ProxyError")


async def test_a_proxy_that_is_not_there_is_a_network_failure() -> None:
    async with served() as server:
        error = await failure(HttpOptions(server.url, 5, proxy=f"http://127.0.0.1:{free_port()}"))
        assert server.seen == []
    assert (error.reason, error.detail) == (Reason.NETWORK, "ConnectError: Connection refused")


async def test_the_usual_variable_names_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served() as answering, proxied_as(answering) as between:
        monkeypatch.setenv("HTTP_PROXY", between.url)
        got = await outcome(HttpOptions("http://vendor.invalid", 5))
        assert isinstance(got, Answer)
        assert len(between.seen) == 2


@asynccontextmanager
async def proxied_as(server: Vendor) -> AsyncIterator[Vendor]:
    """A proxy that answers itself, as that server does: the vendor's name need not exist."""
    async with vendor() as between:
        for path in ("/login", "/stats"):
            between.answers[f"http://vendor.invalid{path}"] = server.answers[path]
        yield between


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_never_asked_through_a_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    async with served() as server, proxy() as between:
        monkeypatch.setenv("HTTP_PROXY", between.url)
        got = await outcome(HttpOptions(server.url.replace("127.0.0.1", host), 5))
        assert isinstance(got, Answer)
        assert between.seen == []


@pytest.mark.parametrize("url", ["ftp://user:hunter2@proxy:1", "socks5://user:hunter2@proxy:1"])
def test_a_proxy_that_can_not_be_used_is_a_wrong_configuration(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with pytest.raises(ConfigError, match=r"http\.proxy or the environment") as by_setting:
        new_http(HttpOptions("https://vendor.example", 5, proxy=url), 4)
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(ConfigError, match="http:// or https:// URL") as by_environment:
        new_http(HttpOptions("https://vendor.example", 5), 4)
    for raised in (by_setting, by_environment):
        assert "hunter2" not in str(raised.value)
        assert raised.value.__suppress_context__


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def test_a_port_that_nobody_listens_on_is_a_network_failure() -> None:
    error = await failure(HttpOptions(f"http://127.0.0.1:{free_port()}", 5))
    assert (error.reason, error.detail) == (Reason.NETWORK, "ConnectError: Connection refused")


async def test_a_host_that_is_not_known_is_a_network_failure() -> None:
    error = await failure(HttpOptions("http://vendor.invalid", 20))
    assert error.reason is Reason.NETWORK
    assert error.detail == "ConnectError: the name of the host is not known"


async def test_a_server_that_accepts_and_says_nothing_is_a_time_out() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with serving(silent) as port:
        plain = await failure(HttpOptions(f"http://127.0.0.1:{port}", 0.2))
        encrypted = await failure(HttpOptions(f"https://127.0.0.1:{port}", 0.2))
    assert {plain.reason, encrypted.reason} == {Reason.TIMEOUT}
    assert plain.detail == "no answer in 0.2 s"
    assert encrypted.detail == "no connection in 0.1 s"

"""Hosts, ports and URLs: what is an address, and what is refused without repeating it."""

import pytest
from pydantic import TypeAdapter

from exporter.configuration.addresses import HttpUrl, host_and_port, is_loopback
from tests.configuration.loading import PLANTED, refusal_of


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("", ""),
        ("http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("https://proxy.example.com/livevox//", "https://proxy.example.com/livevox"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_a_url_may_have_a_prefix_and_a_trailing_slash(url: str, kept: str) -> None:
    assert TypeAdapter(HttpUrl).validate_python(url) == kept


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com", "http:// or https://"),
        ("example.com", "http:// or https://"),
        ("http://", "http:// or https://"),
        (f"https://me:{PLANTED}@example.com", "a user or a password"),
        ("https://example.com/?a=1", "a query"),
        ("https://example.com/#a", "a query or a fragment"),
        ("https://example.com/a b", "spaces"),
        ("https://exa mple.com", "http:// or https://"),
        ("https://[::1", "not a URL"),
        (f"https://example.com:{PLANTED}", "not a URL"),
    ],
)
def test_a_url_that_can_not_be_asked_is_refused_without_repeating_it(url: str, said: str) -> None:
    refusal = refusal_of(HttpUrl, url)
    assert said in refusal
    assert PLANTED not in refusal


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("a.localhost", True),
        ("10.0.0.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback_is_told_by_name_or_address(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (":10710", ("", 10710)),
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("metrics.example.com:65535", ("metrics.example.com", 65535)),
        ("[::1]:9", ("::1", 9)),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, parts: tuple[str, int]) -> None:
    assert host_and_port(address) == parts


@pytest.mark.parametrize(
    "address", ["", "9", "::1:9", ":65536", ":-1", "a b:9", "[a]:9", "[]:9", "[1:2]:9", ":x", "a:"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must be host:port"):
        host_and_port(address)

"""Hosts, ports and URLs. No refusal repeats what was given: a URL may hold a password."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from exporter.configuration.text import Text


def is_host(text: str) -> bool:
    """Tell whether text is a host name or an address, IPv6 without its brackets."""
    return bool(re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9._-]*)", text)) or _is_ipv6(text)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its name or its address alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _http_url(text: str) -> str:
    if problem := text and _url_problem(text):
        raise ValueError(problem)
    return text.rstrip("/")


def _url_problem(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if "@" in parts.netloc:
        return "must not hold a user or a password"
    if parts.scheme not in ("http", "https") or not is_host(host):
        return "must be http:// or https:// and a host"
    if "?" in text or "#" in text:
        return "must not hold a query or a fragment"
    return "must not hold spaces" if any(map(str.isspace, text)) else ""


HttpUrl = Annotated[Text, AfterValidator(_http_url)]
"""Empty, or an http(s) URL without user, query, fragment and trailing slash."""


def host_and_port(address: str) -> tuple[str, int]:
    """Split `host:port`, `:port` or `[IPv6]:port`; ValueError for anything else."""
    parts = re.fullmatch(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:]*)):(?P<port>[0-9]{1,5})", address)
    if parts is None or int(parts["port"]) > 65535:
        raise ValueError("must be host:port, :port or [IPv6 address]:port")
    host = parts["v6"] or parts["host"] or ""
    if host and (not is_host(host) or (parts["v6"] and ":" not in host)):
        raise ValueError("must be host:port with the name or address of a host")
    return host, int(parts["port"])

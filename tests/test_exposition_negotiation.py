"""Which format and encoding an answer has, by what was asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.exposition import Format, accepts_gzip, negotiate

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROTOBUF_FIRST = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
    "q=0.7," + PROMETHEUS_3
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
OM = "application/openmetrics-text"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        # who asks for nothing that is produced, or for anything, is given text 0.0.4
        ("", TEXT),
        ("*/*", TEXT),
        ("text/*", TEXT),
        (BROWSER, TEXT),
        ("application/json", TEXT),
        # what scrapers really send
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, f"{OPENMETRICS}; escaping=allow-utf-8"),
        (PROTOBUF_FIRST, f"{OPENMETRICS}; escaping=allow-utf-8"),
        # the version
        (OM, OPENMETRICS),
        (f"{OM}; version=1.0.0", OPENMETRICS),
        (f'{OM}; version="1.0.0"', OPENMETRICS),
        (f"{OM}; version=0.0.1", TEXT),
        (f"{OM}; version=9.9.9", TEXT),
        (f"{OM}; version=", TEXT),
        (f"{OM};version=2.0.0, {OM};version=1.0.0;q=0.2", OPENMETRICS),
        (f"{OM};version=9.9.9, {OM};q=0.2", OPENMETRICS),
        ("text/plain;version=1.0.0", TEXT),
        (f"text/plain;version=1.0.0;q=0.9, {OM};q=0.1", OPENMETRICS),
        ("text/plain", TEXT),
        (f"*/*;version=1.0.0, {OM};q=0.1", OPENMETRICS),
        # the quality wins, then what names it more exactly, then what comes first
        (f"text/plain;q=0.5, {OM};q=0.4", TEXT),
        (f"text/plain;q=0.4, {OM};q=0.5", OPENMETRICS),
        (f"text/plain, {OM}", TEXT),
        (f"{OM}, text/plain", OPENMETRICS),
        (f"text/plain, {OM};version=1.0.0", OPENMETRICS),
        (f"*/*, {OM}", OPENMETRICS),
        (f"text/*;q=0.9, {OM};q=0.5", TEXT),
        ("application/*, text/*;q=0.9", OPENMETRICS),
        (f"*/*;q=0.9, text/*;q=0.1, {OM};q=0.2", OPENMETRICS),
        (f"application/*;q=0.1, {OM};q=0.9, text/plain;q=0.5", OPENMETRICS),
        (f"*/*;q=0.9, application/*;q=0.1, {OM};version=9.9.9, text/plain;q=0.5", TEXT),
        (f"{OM};q=0.1, {OM};version=1.0.0;q=0.9, text/plain;q=0.5", OPENMETRICS),
        # a quality of nothing refuses
        (f"{OM};q=0", TEXT),
        (f"{OM};q=0, */*", TEXT),
        ("text/plain;q=0, */*", OPENMETRICS),
        ("text/plain;q=0", TEXT),
        (f"{OM};q=0.000, text/plain;q=0.001", TEXT),
        # case, blanks, and what is no media range
        (f"  {OM.upper()} ; Version=1.0.0 ; Q=0.5 ,text/plain;q=0.4", OPENMETRICS),
        (f"{OM};q=high, text/plain;q=0.1", TEXT),
        (f"{OM};q=1.1, text/plain;q=0.1", TEXT),
        (f"{OM};q=-1, text/plain;q=0.1", TEXT),
        (f"{OM};q=nan, text/plain;q=0.1", TEXT),
        (f"{OM};q=, text/plain;q=0.1", TEXT),
        (f"{OM};q, text/plain;q=0.1", OPENMETRICS),
        (",,;;=,;q=1,/,", TEXT),
        (f"\x00\xff, {OM}", OPENMETRICS),
        # the escaping that was asked for is echoed, if there is such a one
        ("text/plain;version=0.0.4;escaping=underscores", f"{TEXT}; escaping=underscores"),
        (f"{OM};escaping=values", f"{OPENMETRICS}; escaping=values"),
        (f"{OM};escaping=dots;version=1.0.0", f"{OPENMETRICS}; escaping=dots"),
        (f'{OM};escaping="evil\r\nSet-Cookie: a=b"', OPENMETRICS),
        (f"{OM};version=9.9.9;escaping=dots, text/plain", TEXT),
    ],
)
def test_the_format_is_the_one_that_is_preferred(accept: str, content_type: str) -> None:
    chosen = negotiate(accept)
    assert chosen.content_type == content_type
    assert chosen.form is (Format.TEXT if content_type.startswith(TEXT) else Format.OPENMETRICS)


@pytest.mark.parametrize(
    ("accept_encoding", "gzip"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("zstd;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("deflate, br", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.001", True),
        ("identity", False),
        ("identity, gzip", True),
        ("identity;q=0.5, gzip;q=1.0", True),
        ("identity;q=1.0, gzip;q=0.5", False),
        ("identity;q=0, *", True),
        ("gzip;q=high", False),
        ("gzip;q=nan", False),
        (",;=;,", False),
    ],
)
def test_gzip_is_used_where_it_is_wanted(accept_encoding: str, gzip: bool) -> None:
    assert accepts_gzip(accept_encoding) is gzip


@settings(deadline=None)
@given(st.text())
def test_any_header_has_an_answer(text: str) -> None:
    assert negotiate(text).content_type.startswith((TEXT, OPENMETRICS))
    assert isinstance(accepts_gzip(text), bool)

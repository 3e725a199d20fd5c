"""Log lines as people and machines read them."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest

from exporter.logs import JsonFormatter, LogfmtFormatter, configure

log = logging.getLogger("exporter.tests.log")
LIBRARIES = ("httpx", "httpcore", "apscheduler", "uvicorn", "asyncio")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Puts everything that `configure` changes back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in LIBRARIES}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def only(stream: io.StringIO) -> str:
    """The one line that was written."""
    text = stream.getvalue()
    assert text.endswith("\n")
    line = text.removesuffix("\n")
    assert line.splitlines() == [line]
    return line


def test_a_line_of_logfmt(stream: io.StringIO) -> None:
    configure("info", "logfmt", stream)
    log.warning("feed %s", "failed", extra={"source": "acme-us", "detail": 'no "answer"', "n": 0})
    stamp, _, rest = only(stream).partition(" ")
    assert rest == (
        'level=warning msg="feed failed" source=acme-us detail="no \\"answer\\"" n=0'
        " logger=exporter.tests.log"
    )
    at = datetime.fromisoformat(stamp.removeprefix("ts="))
    assert stamp.endswith("Z")
    assert len(stamp) == len("ts=2025-06-15T15:06:40.000Z")
    assert abs(at.timestamp() - datetime.now(at.tzinfo).timestamp()) < 60


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("Jürgen", "Jürgen"),
        ("a b", '"a b"'),
        ("", '""'),
        ("a=b", '"a=b"'),
        ('"', '"\\""'),
        ("C:\\x", "C:\\x"),
        ("a\nlevel=error", '"a\\nlevel=error"'),
        ("a\r\x1b[31m", '"a\\r\\u001b[31m"'),
        ("a\u2028b\x85c\u202ed", '"a\\u2028b\\u0085c\\u202ed"'),
        ("half\ud800", '"half\\ud800"'),
        (None, "None"),
        (1.5, "1.5"),
        ((1, 2), '"(1, 2)"'),
    ],
)
def test_a_value_of_logfmt_stays_one_value(
    stream: io.StringIO, value: object, written: str
) -> None:
    configure("info", "logfmt", stream)
    log.info("x", extra={"detail": value})
    assert only(stream).partition(" msg=x detail=")[2] == f"{written} logger=exporter.tests.log"


def test_a_line_of_json(stream: io.StringIO) -> None:
    configure("info", "json", stream)
    log.error("feed failed", extra={"source": "acme-us", "detail": "é\nb", "n": 3, "at": {1}})
    line = json.loads(only(stream))
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "error",
        "msg": "feed failed",
        "source": "acme-us",
        "detail": "é\nb",
        "n": 3,
        "at": "{1}",
        "logger": "exporter.tests.log",
    }
    assert "é" in stream.getvalue()


def test_a_line_of_json_is_printable(stream: io.StringIO) -> None:
    configure("info", "json", stream)
    value = "a\u2028b\x85c\u202ed\ud800e\x1b"
    log.info("x", extra={"detail": value})
    assert only(stream).isprintable()
    assert json.loads(only(stream))["detail"] == value


def test_a_traceback(stream: io.StringIO) -> None:
    for form in ("logfmt", "json"):
        configure("info", form, stream)
        try:
            raise ValueError("broken")
        except ValueError:
            log.exception("bug")
    first, *rest, last = stream.getvalue().splitlines()
    assert first.endswith("level=error msg=bug logger=exporter.tests.log")
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[-1] == "ValueError: broken"
    traceback = json.loads(last)["traceback"]
    assert traceback.startswith("Traceback (most recent call last):\n")
    assert traceback.endswith("ValueError: broken")


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_extra_fields_do_not_hide_what_every_line_has(stream: io.StringIO, form: str) -> None:
    configure("info", form, stream)
    log.info("x", extra={"level": "none", "ts": "never", "logger": "nobody"})
    line = only(stream)
    assert "none" not in line
    assert "never" not in line
    assert "nobody" not in line


@pytest.mark.parametrize(
    ("level", "ours", "theirs"),
    [
        ("debug", ["debug", "info", "warning", "error"], ["warning", "error"]),
        ("info", ["info", "warning", "error"], ["warning", "error"]),
        ("warning", ["warning", "error"], ["warning", "error"]),
        ("error", ["error"], ["error"]),
    ],
)
@pytest.mark.parametrize("library", [*LIBRARIES, "uvicorn.error", "apscheduler.scheduler"])
def test_the_level_holds_and_libraries_speak_from_warnings_on(
    stream: io.StringIO, level: str, ours: list[str], theirs: list[str], library: str
) -> None:
    configure(level, "json", stream)
    for name in (log.name, library):
        for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            logging.getLogger(name).log(number, "x")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["level"] for line in lines if line["logger"] == log.name] == ours
    assert [line["level"] for line in lines if line["logger"] == library] == theirs


def test_standard_error_is_where_lines_go(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "logfmt")
    log.info("hello")
    out, err = capsys.readouterr()
    assert (out, err.count("msg=hello")) == ("", 1)


def test_configuring_again_replaces_what_was(stream: io.StringIO) -> None:
    before = io.StringIO()
    configure("debug", "logfmt", before)
    configure("info", "json", stream)
    log.debug("hidden")
    log.info("told")
    assert before.getvalue() == ""
    assert json.loads(only(stream))["msg"] == "told"


def test_the_formatters_do_for_any_handler() -> None:
    record = logging.LogRecord("a.b", logging.INFO, "f.py", 1, "x %d", (7,), None)
    record.created = 1750000000.0009
    assert LogfmtFormatter().format(record) == (
        'ts=2025-06-15T15:06:40.000Z level=info msg="x 7" logger=a.b'
    )
    assert json.loads(JsonFormatter().format(record))["ts"] == "2025-06-15T15:06:40.000Z"

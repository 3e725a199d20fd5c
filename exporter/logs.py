"""Log lines: logfmt or JSON, one for each record, with its extra fields."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}
_CHATTY = ("httpx", "httpcore", "apscheduler", "uvicorn", "asyncio")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields: dict[str, object] = {
        "ts": at.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "msg": record.getMessage(),
    }
    extra: Mapping[str, object] = vars(record)
    for name in extra:
        if name not in _STANDARD:
            fields.setdefault(name, extra[name])
    fields["logger"] = record.name
    return fields


class LogfmtFormatter(logging.Formatter):
    """`key=value` pairs; values with blanks, quotes or controls are quoted as in JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the lines of a traceback where there is one."""
        pairs = [f"{name}={_plain(value)}" for name, value in _fields(record).items()]
        line = " ".join(pairs)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def _plain(value: object) -> str:
    text = str(value)
    if text and text.isprintable() and not any(c in text for c in ' "='):
        return text
    return _json(text)


def _json(value: object) -> str:
    """The value in printable characters: no line ends, no terminal codes, no halves of a pair."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value, default=str)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; a traceback is its field `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields = _fields(record)
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return _json(fields)


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Sends the program's log to `stream`, else standard error.

    `level` is a name such as `info`; `form` is `json` or `logfmt`. Libraries that tell of their
    daily work speak from warnings on.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else LogfmtFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))

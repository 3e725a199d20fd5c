"""The types that sections of the configuration are made of. A leaf: it imports errors alone.

A validator here says what is wrong and never repeats what it was given, because a secret that
stands in the wrong place must not reach a log.
"""

import ipaddress
import itertools
import math
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from exporter.errors import ConfigError

MASK = "**********"
SECRET_BYTES = 64 * 1024

# ---- Durations ------------------------------------------------------------------------------

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PARTS = re.compile("".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit in _UNITS))
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_LONGEST = 36_500 * _UNITS["d"]
_NO_DURATION = "must be a duration such as 250ms, 15s, 5m, 1h30m or 30d, or a number of seconds"


def seconds(given: object) -> float:
    """Return the seconds of `15s`, `250ms`, `1h30m`, `30d` or a number; ValueError for others."""
    if isinstance(given, str):
        length = _seconds_of_text(given.strip())
    elif isinstance(given, int | float) and not isinstance(given, bool):
        length = math.inf if given > _LONGEST else float(max(given, -1))
    else:
        raise ValueError(_NO_DURATION)
    if math.isnan(length) or length < 0:
        raise ValueError(_NO_DURATION)
    if length > _LONGEST:
        raise ValueError("must be at most 36500d")
    return length


def _seconds_of_text(text: str) -> float:
    if _SECONDS.fullmatch(text):
        return float(text)
    parts = _PARTS.fullmatch(text)
    if not text or parts is None:
        raise ValueError(_NO_DURATION)
    # Milliseconds are divided, not multiplied: 250ms is the float nearest to a quarter second.
    whole = sum(float(parts[unit] or 0) * _UNITS[unit] for unit in ("d", "h", "m", "s"))
    return whole + float(parts["ms"] or 0) / 1000


def duration_text(length: float) -> str:
    """Write seconds as a duration that reads back as the same number."""
    rest, text = round(length * 1000), ""
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, round(size * 1000))
        text += f"{count}{unit}" if count else ""
    text = text or "0s"
    return text if _seconds_of_text(text) == length else format(Decimal(repr(length)), "f")


def _at_least_a_second(length: float) -> float:
    if length < 1:
        raise ValueError("must be at least 1s")
    return length


def _more_than_nothing(length: float) -> float:
    if length <= 0:
        raise ValueError("must be more than 0s")
    return length


def _at_most_ten_minutes(length: float) -> float:
    if length > 600:
        raise ValueError("must be at most 10m")
    return length


Duration = Annotated[
    float, BeforeValidator(seconds), PlainSerializer(duration_text, str, when_used="json")
]
"""Seconds, 0 or more."""
Interval = Annotated[Duration, AfterValidator(_at_least_a_second)]
"""Seconds, 1 or more."""
PositiveDuration = Annotated[Duration, AfterValidator(_more_than_nothing)]
"""Seconds, more than 0."""
Timeout = Annotated[PositiveDuration, AfterValidator(_at_most_ten_minutes)]
"""Seconds, more than 0 and at most 600."""

# ---- Text, lists, addresses -----------------------------------------------------------------


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must not hold control characters")
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _number_as_text(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def split_commas(given: object) -> object:
    """Split text at its commas; empty text is the empty list; anything else stays as it is."""
    if not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",")] if given.strip() else []


Text = Annotated[str, AfterValidator(_one_line)]
"""One line, which may be empty."""
Name = Annotated[Text, AfterValidator(_not_empty)]
"""One line that is not empty."""
Identifier = Annotated[Name, BeforeValidator(_number_as_text)]
"""A vendor's id, kept as the text that was written: 0123 is not 123."""
Identifiers = Annotated[tuple[Identifier, ...], BeforeValidator(split_commas)]


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


def _certificates(path: str) -> str:
    if not path:
        return path
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        problem = "names a file without certificates in PEM form"
    except OSError as error:
        problem = f"names a file that can not be read ({error.strerror})"
    else:
        return path
    raise ValueError(problem)


CertificateFile = Annotated[Text, AfterValidator(_certificates)]
"""Empty, or the path of a PEM file whose certificates could be read at load time."""


def read_text(path: Path, most_bytes: int, pipes: bool = True) -> tuple[str, str]:
    """Return (the content, "") of a UTF-8 file, or ("", what is wrong with it).

    Problems are values, not exceptions: an exception of the decoder would carry the content.
    """
    try:
        if not pipes and path.is_fifo():
            return "", "is a pipe, not a file"
        with path.open("rb") as opened:
            content = opened.read(most_bytes + 1)
    except OSError as error:
        return "", f"can not be read ({error.strerror})"
    except ValueError:  # a path with a NUL in it
        return "", "is not the path of a file"
    if len(content) > most_bytes:
        return "", f"is larger than {most_bytes // 1024} KiB"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "is not UTF-8 text"


# ---- Secrets --------------------------------------------------------------------------------


class Secret:
    """A text that is shown nowhere: plain, or a reference to a file or to a variable.

    A file is read at each `reveal`, so that a rotated secret is seen; a variable's value is the
    one of load time. Copies by pickle keep the reference alone.
    """

    __slots__ = ("_file", "_plain_in_file", "_text", "_variable")

    def __init__(
        self,
        text: str | None = None,
        *,
        file: str | None = None,
        variable: str | None = None,
        plain_in_file: bool = False,
    ) -> None:
        self._text = text
        self._file = file
        self._variable = variable
        self._plain_in_file = plain_in_file

    @property
    def is_plain_in_file(self) -> bool:
        """True for a plain text that stands in the configuration file."""
        return self._plain_in_file

    def reveal(self) -> str:
        """Return the secret now; ConfigError, naming the file, where it can not be had."""
        text, problem = self._content()
        if problem:
            raise ConfigError(problem)
        return text

    def described(self) -> dict[str, str] | str:
        """Return what a configuration file may say of it: the reference, or a mask."""
        if self._file is not None:
            return {"file": self._file}
        return MASK if self._variable is None else {"env": self._variable}

    def _content(self) -> tuple[str, str]:
        if self._file is not None:
            text, problem = read_text(Path(self._file), SECRET_BYTES, pipes=False)
            text = text.rstrip("\r\n")
            problem = problem or ("" if text else "is empty")
            return text, f"the file {self._file} {problem}" if problem else ""
        if self._text:
            return self._text, ""
        what = "the secret" if self._variable is None else f"the variable {self._variable}"
        return "", f"{what} is {'not set' if self._text is None else 'empty'}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self._file, self._variable))

    def _key(self) -> tuple[str | None, ...]:
        return (self._file, self._variable, self._text)

    def __str__(self) -> str:
        shown = self.described()
        return shown if isinstance(shown, str) else " ".join(next(iter(shown.items())))

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _copied_secret, (self._file, self._variable)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        shown = core_schema.plain_serializer_function_ser_schema(Secret.described)
        return core_schema.no_info_plain_validator_function(_secret, serialization=shown)


def _copied_secret(file: str | None, variable: str | None) -> Secret:
    return Secret(file=file, variable=variable)


@dataclass(frozen=True)
class GivenSecret:
    """What was written for a secret, with the environment that a reference may name."""

    written: object = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    in_file: bool = False

    def secret(self) -> Secret:
        """Return the secret, which could be read; ValueError without its content otherwise."""
        if isinstance(self.written, Mapping):
            secret = self._reference(self.written)
        elif isinstance(self.written, str):
            secret = Secret(self.written, plain_in_file=self.in_file)
        else:
            raise ValueError("must be a text, {file: PATH} or {env: NAME}")
        text, problem = secret._content()
        if text == MASK:
            problem = "is the mask that `check` prints, not a secret"
        if not problem and not _is_utf8(text):
            problem = "is not UTF-8 text"
        if problem:
            raise ValueError(problem)
        return secret

    def _reference(self, written: Mapping[Any, object]) -> Secret:
        kind, name = next(iter(written.items()), (None, None))
        if len(written) != 1 or kind not in ("file", "env") or not isinstance(name, str | Path):
            raise ValueError("must be {file: PATH} or {env: NAME}, one of the two")
        if not (name := str(name).strip()) or not name.isprintable():
            raise ValueError("must name a file or a variable")
        if kind == "file":
            return Secret(file=name)
        return Secret(self.environment.get(name), variable=name)


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _secret(given: object) -> Secret:
    if isinstance(given, Secret):
        return given
    return (given if isinstance(given, GivenSecret) else GivenSecret(given)).secret()


# ---- Sections -------------------------------------------------------------------------------


class Section(BaseModel):
    """A frozen part of the configuration whose keys are all known.

    A section that is given in part, or not at all, keeps its own default for the rest: an
    interval that is left out is that of this feed, not of the type.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        validate_default=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return filled(cls.model_fields, given)


def filled(fields: Mapping[str, FieldInfo], given: object) -> object:
    """Return the mapping `given` with each section in it completed from that field's default."""
    if not isinstance(given, Mapping):
        return given
    whole = dict(given)
    for name, known in fields.items():
        if not isinstance(known.default, Section) or name not in whole:
            continue
        if whole[name] is None:
            del whole[name]
        elif isinstance(whole[name], Mapping):
            whole[name] = {**dict(known.default), **whole[name]}
    return whole


class HttpSettings(Section):
    """How one source's API is reached. `max_in_flight` counts requests of all its feeds."""

    timeout: Timeout = 10.0
    max_in_flight: Annotated[int, Field(ge=1, le=64)] = 4
    proxy: HttpUrl = ""
    ca_file: CertificateFile = ""


class Feed(Section):
    """One thing that is read from a source, or not."""

    enabled: bool


class PolledFeed(Feed):
    """A feed that is asked every `interval` seconds."""

    interval: Interval


def _strictly_rising(bounds: tuple[float, ...]) -> tuple[float, ...]:
    if not bounds or bounds[0] <= 0 or any(a >= b for a, b in itertools.pairwise(bounds)):
        raise ValueError("must be numbers above 0, each larger than the one before")
    return bounds


def _without_zeros(bounds: tuple[float, ...]) -> list[int | float]:
    return [int(bound) if bound.is_integer() else bound for bound in bounds]


Bounds = Annotated[
    tuple[Annotated[float, Field(allow_inf_nan=False)], ...],
    BeforeValidator(split_commas),
    AfterValidator(_strictly_rising),
    PlainSerializer(_without_zeros, list[int | float], when_used="json"),
]
"""Upper bounds of a histogram's buckets, seconds, without +Inf."""


class Histograms(Section):
    """The buckets of the two histograms, in seconds."""

    wait_seconds: Bounds = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)
    handle_seconds: Bounds = (30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600, 7200)


class SourceHistograms(Section):
    """A source's own buckets; what is None is as for all sources."""

    wait_seconds: Bounds | None = None
    handle_seconds: Bounds | None = None

    def over(self, common: Histograms) -> Histograms:
        """Return the buckets of the source where `common` holds for all."""
        return Histograms(
            wait_seconds=self.wait_seconds or common.wait_seconds,
            handle_seconds=self.handle_seconds or common.handle_seconds,
        )


class SourceSettings(Section):
    """What every source may say, whatever its platform."""

    platform: str
    http: HttpSettings = HttpSettings()
    queue_retention: PositiveDuration = 30 * 86_400.0
    agents: Literal["hidden", "hashed", "named"] = "hidden"
    agents_key: Secret | None = None
    histograms: SourceHistograms = SourceHistograms()

    @field_validator("agents_key")
    @classmethod
    def _hashing_needs_a_key(cls, key: Secret | None, info: ValidationInfo) -> Secret | None:
        if key is None and info.data.get("agents") == "hashed":
            raise ValueError("is needed where agents is hashed")
        return key

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Yield (key, sentence) for what is accepted and should not stay."""
        for name, value in self:
            if isinstance(value, Secret) and value.is_plain_in_file:
                yield name, "is plain text in the file; write {file: PATH} or {env: NAME}"

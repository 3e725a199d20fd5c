"""What every source may say, whatever its platform: the section a vendor's settings extend."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from exporter.configuration.addresses import HttpUrl
from exporter.configuration.durations import Interval, PositiveDuration, Timeout
from exporter.configuration.files import CertificateFile
from exporter.configuration.histograms import SourceHistograms
from exporter.configuration.secret import Secret
from exporter.configuration.section import Section


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

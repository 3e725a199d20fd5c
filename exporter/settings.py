"""The configuration: flags over environment over a YAML file over defaults, checked whole.

`load` reads it, `describe` writes it with its secrets hidden, `warnings` says what should not
stay. Errors name a path, where the value came from and what is wrong with it, never the value.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias, get_args

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from exporter.configuration.addresses import host_and_port
from exporter.configuration.environment import config_file, environment_layer
from exporter.configuration.histograms import Histograms
from exporter.configuration.keys import nearest
from exporter.configuration.layers import (
    LAYERS,
    Layer,
    Layers,
    LayerSource,
    flags_layer,
    hide_secrets,
    source_names,
)
from exporter.configuration.not_yet import NOT_YET, not_yet
from exporter.configuration.problems import problem
from exporter.configuration.process import AuthRetry, LedgerSettings, Limits, Log, Web
from exporter.configuration.relative_paths import start_at
from exporter.configuration.schema import Schema
from exporter.configuration.section import Section, filled
from exporter.configuration.source import SourceSettings
from exporter.configuration.yaml_file import file_layer
from exporter.errors import ConfigError
from exporter.vendors.livevox.settings import LiveVoxSettings

__all__ = [
    "DEFAULT_FILE",
    "NOT_YET_KEYS",
    "NOT_YET_PLATFORMS",
    "Limits",
    "Settings",
    "Source",
    "config_file",
    "describe",
    "host_and_port",
    "load",
    "warnings",
]

DEFAULT_FILE: Final = "exporter.yml"

Source: TypeAlias = LiveVoxSettings
"""The union of the platforms' settings, told apart by `platform`: a new one is one more here."""

NOT_YET_PLATFORMS: Final = ("talkdesk", "tiledesk")
NOT_YET_KEYS: Final[Mapping[str, type]] = {
    "web.config_file": str,
    "web.enable_lifecycle": bool,
    "ledger.url": str,
}
"""What is refused where it is not empty or true, with its type. Delete a line when it is built."""


def _source_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError("is not a source name: small letters, digits and -, no - at the start")
    return name


def _platforms() -> dict[str, type[SourceSettings]]:
    models: tuple[type[SourceSettings], ...] = get_args(Source) or (Source,)
    return {get_args(model.model_fields["platform"].annotation)[0]: model for model in models}


PLATFORMS: Final = _platforms()


def _refused_platform(given: object) -> object:
    known = ", ".join(PLATFORMS)
    if not isinstance(given, str):
        raise ValueError(f"must be one of: {known}")
    if given in NOT_YET_PLATFORMS:
        raise ValueError(NOT_YET)
    raise ValueError(f"is not a known platform; {nearest(given, PLATFORMS)}")


class _NoPlatform(Section):
    model_config = ConfigDict(extra="ignore")
    platform: Annotated[str, BeforeValidator(_refused_platform)]


def _of_its_platform(given: Any) -> Any:
    # pydantic's own discriminator repeats the refused value, and needs two platforms or more.
    if isinstance(given, SourceSettings):
        return given
    platform = given.get("platform") if isinstance(given, Mapping) else None
    model = PLATFORMS.get(platform) if isinstance(platform, str) else None
    return (model or _NoPlatform).model_validate(given)


def _mapping_or_nothing(given: object) -> object:
    return {} if given is None else given


SourceName = Annotated[str, AfterValidator(_source_name)]


class Settings(BaseSettings):
    """The whole configuration. Frozen; `sources` may be empty, which is for the caller to judge."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    web: Web = Web()
    ledger: LedgerSettings = LedgerSettings()
    log: Log = Log()
    sources: Annotated[
        Mapping[SourceName, Annotated[Source, BeforeValidator(_of_its_platform)]],
        BeforeValidator(_mapping_or_nothing),
    ] = Field(default_factory=dict)
    auth_retry: AuthRetry = AuthRetry()
    limits: Limits = Limits()
    histograms: Histograms = Histograms()

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        return filled(cls.model_fields, given)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the layers of `load`, strongest first; the process's own environment never."""
        layers = init_settings().get(LAYERS)
        if layers is None:
            return (init_settings,)
        return tuple(LayerSource(settings_cls, layer) for layer in layers)

    def histograms_of(self, source: str) -> Histograms:
        """Return the buckets of one source: its own where it has them."""
        return self.sources[source].histograms.over(self.histograms)


SCHEMA: Final = Schema(Settings, PLATFORMS)


def load(
    file: Path | None, environment: Mapping[str, str], overrides: Mapping[str, object]
) -> Settings:
    """Return the settings: `overrides` (flags, nested) over CCE_ variables over the file.

    ConfigError lists every problem, one a line. Relative paths in the file start at its
    directory, all others at the working directory.
    """
    written = Layer() if file is None else file_layer(file, SCHEMA)
    flags = flags_layer(overrides)
    variables = environment_layer(environment, source_names((flags, written)), SCHEMA)
    layers = (flags, variables, written)
    if file is not None:
        start_at(file.parent.absolute(), written, layers, SCHEMA)
    for layer in layers:
        hide_secrets(layer, SCHEMA, environment, in_file=layer is written)
    settings, refused = _validated(layers)
    unbuilt = not_yet(SCHEMA, layers, NOT_YET_KEYS)
    found = [*written.problems, *variables.problems, *refused, *unbuilt]
    if settings is None or found:
        raise ConfigError("\n".join(dict.fromkeys(found)))
    return settings


def _validated(layers: Layers) -> tuple[Settings | None, list[str]]:
    try:
        return Settings.model_validate({LAYERS: layers}), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    return None, [problem(SCHEMA, layers, one) for one in found]


def describe(settings: Settings) -> str:
    """Return the effective configuration as YAML; it loads again where secrets are references."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(
        values, sort_keys=False, allow_unicode=True, width=4096, default_flow_style=None
    )


def warnings(settings: Settings) -> list[str]:
    """Return a line for each thing that is accepted and should not stay."""
    return [
        f"sources.{name}.{key}: {sentence}"
        for name, source in sorted(settings.sources.items())
        for key, sentence in source.warnings()
    ]

"""The configuration: flags over environment over a YAML file over defaults, checked whole.

`load` reads it, `describe` writes it with its secrets hidden, `warnings` says what should not
stay. Errors name a path, where the value came from and what is wrong with it, never the value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from exporter.configuration_types import (
    GivenSecret,
    Histograms,
    Interval,
    Secret,
    Section,
    SourceSettings,
    Text,
    filled,
    is_host,
    read_text,
    split_commas,
)
from exporter.errors import ConfigError
from exporter.vendors.livevox.settings import LiveVoxSettings

DEFAULT_FILE: Final = "exporter.yml"
PREFIX: Final = "CCE_"
CONFIG_FILE_VARIABLE: Final = "CCE_CONFIG__FILE"

Source: TypeAlias = LiveVoxSettings
"""The union of the platforms' settings, told apart by `platform`: a new one is one more here."""

NOT_YET: Final = "is not yet built in this version"
NOT_YET_PLATFORMS: Final = ("talkdesk", "tiledesk")
NOT_YET_KEYS: Final[Mapping[str, type]] = {
    "web.config_file": str,
    "web.enable_lifecycle": bool,
    "ledger.url": str,
    "sources.*.feeds.agent_events.enabled": bool,
    "sources.*.feeds.interaction_events.enabled": bool,
    "sources.*.feeds.call_data.enabled": bool,
}
"""What is refused where it is not empty or true, with its type. Delete a line when it is built."""

Keys: TypeAlias = tuple[str | int, ...]
"""Where a value stands: names of keys, and positions in a list."""

# ---- The sections ---------------------------------------------------------------------------


def host_and_port(address: str) -> tuple[str, int]:
    """Split `host:port`, `:port` or `[IPv6]:port`; ValueError for anything else."""
    parts = re.fullmatch(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:]*)):(?P<port>[0-9]{1,5})", address)
    if parts is None or int(parts["port"]) > 65535:
        raise ValueError("must be host:port, :port or [IPv6 address]:port")
    host = parts["v6"] or parts["host"] or ""
    if host and (not is_host(host) or (parts["v6"] and ":" not in host)):
        raise ValueError("must be host:port with the name or address of a host")
    return host, int(parts["port"])


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        raise ValueError("must name at least one address")
    for address in given:
        host_and_port(address)
    if len(set(given)) < len(given):
        raise ValueError("names an address twice")
    return given


def _telemetry_path(path: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("must be a path such as /metrics, without a query; / is the status page")
    if path.startswith(("/-/", "/api/")):
        raise ValueError("must not begin with /-/ or /api/, which the exporter uses itself")
    return path


def _path_or_nothing(given: object) -> object:
    return None if isinstance(given, str) and not given.strip() else given


def _a_path(path: Path | None) -> Path | None:
    if path is not None and not str(path).isprintable():
        raise ValueError("must not hold control characters")
    return path


class Web(Section):
    """Where and how the exporter is asked."""

    listen_address: Annotated[
        tuple[Text, ...], BeforeValidator(split_commas), AfterValidator(_addresses)
    ] = (":10710",)
    telemetry_path: Annotated[str, AfterValidator(_telemetry_path)] = "/metrics"
    config_file: Text = ""
    enable_lifecycle: bool = False


class LedgerSettings(Section):
    """Where the counts are kept; without a path, in memory."""

    path: Annotated[Path | None, BeforeValidator(_path_or_nothing), AfterValidator(_a_path)] = None
    url: Annotated[Text, Field(repr=False)] = ""


class Log(Section):
    """What is logged, and how a line is written."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["logfmt", "json"] = "logfmt"


class AuthRetry(Section):
    """How long refused credentials wait: doubling from `first` to `most` seconds."""

    first: Interval = 60.0
    most: Interval = 600.0

    @field_validator("most")
    @classmethod
    def _rising(cls, most: float, info: ValidationInfo) -> float:
        if most < info.data.get("first", 0):
            raise ValueError("must not be shorter than first")
        return most


class Limits(Section):
    """How many series a family may have in a source, and values an open vocabulary."""

    series_per_family: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    label_values: Annotated[int, Field(ge=1, le=100_000)] = 200


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
    raise ValueError(f"is not a known platform; {_nearest(given, PLATFORMS)}")


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
        layers = init_settings().get(_LAYERS)
        if layers is None:
            return (init_settings,)
        return tuple(_LayerSource(settings_cls, layer) for layer in layers)

    def histograms_of(self, source: str) -> Histograms:
        """Return the buckets of one source: its own where it has them."""
        return self.sources[source].histograms.over(self.histograms)


# ---- Layers: what was given, and where each key of it stands ---------------------------------

_LAYERS: Final = "layers"


@dataclass
class _Layer:
    """Nested values; for each path, where it stands, for people; and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict, repr=False)
    origins: dict[Keys, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


_Layers: TypeAlias = tuple[_Layer, ...]


class _LayerSource(InitSettingsSource):
    def __init__(self, settings_cls: type[BaseSettings], layer: _Layer) -> None:
        super().__init__(settings_cls, {})
        self._layer = layer

    def __call__(self) -> dict[str, Any]:
        return self._layer.values


def _given(layers: Iterable[_Layer], keys: Sequence[str]) -> object:
    """Return what the strongest layer says at a path, None where none does."""
    for layer in layers:
        value: object = layer.values
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            return value
    return None


def _source_names(layers: Iterable[_Layer]) -> list[str]:
    given = (layer.values.get("sources") for layer in layers)
    return sorted({name for names in given if isinstance(names, dict) for name in names})


def _shown(key: str | int, most: int = 200) -> str:
    """Write a key so that it stays on its line and within a page."""
    text = str(key)
    short = text if len(text) <= most else text[: most - 3] + "..."
    return short if short.isprintable() and short else ascii(short)


def _dotted(keys: Keys) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{_shown(key)}" for key in keys)
    return text.removeprefix(".")


def _nearest(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(word.lower(), names, 1) if len(word) <= 100 else []
    return f"the nearest is {near[0]}" if near else f"known are {', '.join(names)}"


def _section_of(annotation: object) -> type[BaseModel] | None:
    """Return the section that a field holds, also where it may be None."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def _is_secret(annotation: object) -> bool:
    return Secret in (annotation, *get_args(annotation))


def _public(keys: Keys) -> Keys:
    """Cut a path at a secret: what stands below it may be the secret itself."""
    for position, key in enumerate(keys):
        if position > 1 and key in _SECRETS:
            return keys[: position + 1]
    return keys


_SECRETS: Final = frozenset(
    name
    for model in PLATFORMS.values()
    for name, known in model.model_fields.items()
    if _is_secret(known.annotation)
)
"""The keys of a source that hold secrets; all stand directly in the source."""


def _hide_secrets(layer: _Layer, environment: Mapping[str, str], in_file: bool) -> None:
    """Put each secret of a layer into a value that is not shown, nor merged with another."""
    sources = layer.values.get("sources")
    for source in sources.values() if isinstance(sources, dict) else ():
        for name in _SECRETS & set(source if isinstance(source, dict) else ()):
            if source[name] is not None:
                source[name] = GivenSecret(source[name], environment, in_file)


# ---- Flags ----------------------------------------------------------------------------------


def _flags_layer(overrides: Mapping[str, object]) -> _Layer:
    layer = _Layer()
    layer.values = _flags(overrides, (), layer.origins)
    return layer


def _flags(given: Mapping[str, object], at: Keys, origins: dict[Keys, str]) -> dict[str, Any]:
    """Copy nested flags; one that is None was not given."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        keys = (*at, key)
        if isinstance(value, Mapping):
            values[key] = _flags(value, keys, origins)
        elif value is not None:
            values[key] = value
            origins[keys] = "--" + _dotted(keys).replace("_", "-")
    return values


# ---- Environment ----------------------------------------------------------------------------


def config_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file that CCE_CONFIG__FILE names, in any case; None where it is not set."""
    for name, value in environment.items():
        if name.upper() == CONFIG_FILE_VARIABLE and value:
            return Path(value)
    return None


def _environment_layer(environment: Mapping[str, str], names: Iterable[str]) -> _Layer:
    """Read the CCE_ variables; `names` are the source names that the file has."""
    layer = _Layer()
    ours = sorted(name for name in environment if name[: len(PREFIX)].upper() == PREFIX)
    known = _known_variables(names, ours)
    for name in ours:
        keys = known.get(name.upper())
        if name.upper() == CONFIG_FILE_VARIABLE:
            continue
        if keys is None:
            hint = _nearest_variable(name.upper(), known)
            layer.problems.append(f"{_shown(name)}: is not a known variable{hint}")
        elif problem := _put(layer, keys, name, environment[name]):
            layer.problems.append(f"{_shown(name)}: {problem}")
    return layer


def _nearest_variable(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, 1) if len(name) <= 200 else []
    return f"; the nearest is {near[0]}" if near else ""


def _known_variables(names: Iterable[str], ours: Iterable[str]) -> dict[str, Keys]:
    """Return the path of every variable that could be set; names of the file go first."""
    known: dict[str, Keys] = {CONFIG_FILE_VARIABLE: ()}
    for keys in _settable(Settings):
        known[_variable(keys)] = keys
    in_file = sorted(names, key=len, reverse=True)
    for name in (*in_file, *filter(None, map(_source_of_variable, ours))):
        for model in PLATFORMS.values():
            for keys in _settable(model):
                known.setdefault(_variable(("sources", name, *keys)), ("sources", name, *keys))
    return known


def _settable(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, known in model.model_fields.items():
        inner = _section_of(known.annotation)
        if inner is not None:
            yield from ((name, *rest) for rest in _settable(inner))
        elif model is not Settings:
            yield (name,)
        if _is_secret(known.annotation):
            yield from ((name, "file"), (name, "env"))


def _variable(keys: Iterable[str]) -> str:
    return PREFIX + "__".join(key.replace("-", "_").upper() for key in keys)


def _source_of_variable(name: str) -> str | None:
    section, _, rest = name[len(PREFIX) :].partition("__")
    source, separator, _ = rest.partition("__")
    found = section.upper() == "SOURCES" and separator and source
    return source.lower().replace("_", "-") if found else None


def _put(layer: _Layer, keys: Keys, name: str, text: str) -> str:
    """Set a value of the environment; returns what is wrong, or nothing."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "is not UTF-8 text"
    values: Any = layer.values
    for end, key in enumerate(keys[:-1], 1):
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            return f"contradicts {layer.origins[keys[:end]]}"
    if keys[-1] in values:
        return f"sets the same as {layer.origins[keys]}"
    values[keys[-1]] = text
    layer.origins[keys] = layer.origins[_public(keys)] = name
    return ""


# ---- The file -------------------------------------------------------------------------------

FILE_BYTES: Final = 1024 * 1024
_MOST_NODES: Final = 100_000
_MOST_DEPTH: Final = 40
_TAG: Final = "tag:yaml.org,2002:"
_PLAIN_TAGS: Final = frozenset(
    _TAG + name
    for name in ("null", "bool", "int", "float", "timestamp", "str", "value", "map", "seq")
)
_YAML_REASONS: Final = {
    "mapping values are not allowed here": "a second `:` is not allowed here",
    "could not find expected ':'": "a `:` is missing",
    "but found another document": "one document is expected",
    "nests too deeply": "it nests too deeply",
}
"""The parser's problems that hold nothing of the file, in our words."""


class _Composer(yaml.SafeLoader):
    """Makes nodes of bounded depth; no tag of them is ever executed."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise yaml.MarkedYAMLError(problem="nests too deeply", problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _composed(text: str) -> tuple[yaml.Node | None, str]:
    """Return (the root, "") or (None, where and why it is not YAML), never a line of it."""
    try:
        return _Composer(text).get_single_node(), ""
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark or error.context_mark, error.problem or ""
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, f"line {line}: is not YAML: it holds a character that YAML does not allow"
    except (ValueError, OverflowError):  # an escape or a version beyond what Python can hold
        return None, "is not YAML: it holds a number that is too large"
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    if "\\t" in problem:
        return None, f"{place}is not YAML: a tab can not indent, spaces do"
    why = f": {_YAML_REASONS[problem]}" if problem in _YAML_REASONS else ""
    return None, f"{place}is not YAML{why}"


@dataclass
class _Document:
    """A file on its way from nodes to nested values whose scalars are all text."""

    name: str
    layer: _Layer = field(default_factory=_Layer)
    nodes: int = 0
    depth: int = 0

    def value(self, node: yaml.Node, keys: Keys) -> Any:
        """Return what a node says; raises ConfigError where aliases make it endless."""
        self.nodes += 1
        if self.nodes > _MOST_NODES or self.depth > _MOST_DEPTH:
            raise ConfigError(f"{self._place(node)}: aliases make the file too large")
        self.depth += 1
        value = self._value(node, keys)
        self.depth -= 1
        return value

    def _value(self, node: yaml.Node, keys: Keys) -> Any:
        self.layer.origins[keys] = self._place(node)
        if node.tag not in _PLAIN_TAGS:
            self._refuse(node, keys, "has a tag, which is not supported")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*keys, at)) for at, item in enumerate(node.value)]
        empty = node.tag == _TAG + "null" and node.value in ("", "~", "null", "Null", "NULL")
        return None if empty else node.value

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, inner in node.value:
            if key.tag == _TAG + "merge":
                values |= self._merged(inner, keys)
        first: dict[str, str] = {}
        for key, inner in node.value:
            if key.tag == _TAG + "merge":
                continue
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(key, keys, "has a key that is not text")
            elif key.value in first:
                self._refuse(key, (*keys, key.value), f"stands twice, first in {first[key.value]}")
            else:
                first[key.value] = f"line {key.start_mark.line + 1}"
                values[key.value] = self.value(inner, (*keys, key.value))
                self.layer.origins[(*keys, key.value)] = self._place(key)
        return values

    def _merged(self, node: yaml.Node, keys: Keys) -> dict[str, Any]:
        """Return what `<<` brings; of several mappings the first is the strongest."""
        listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values: dict[str, Any] = {}
        for one in reversed(listed):
            if isinstance(one, yaml.MappingNode):
                values |= self.value(one, keys) or {}
            else:
                self._refuse(one, keys, "merges what is not a mapping")
        return values

    def _place(self, node: yaml.Node) -> str:
        return f"{self.name}, line {node.start_mark.line + 1}"

    def _refuse(self, node: yaml.Node, keys: Keys, why: str) -> None:
        where = _dotted(_public(keys)) or "the file"
        self.layer.problems.append(f"{where} ({self._place(node)}): {why}")


def _file_layer(file: Path) -> _Layer:
    """Read a file; ConfigError where it is no mapping at all, problems for what is in it."""
    name = _shown(str(file), most=4096)
    text, problem = read_text(file, FILE_BYTES)
    root, problem = (None, problem) if problem else _composed(text)
    if problem:
        raise ConfigError(f"{name}: {problem}")
    document = _Document(name)
    values = None if root is None else document.value(root, ())
    if values is None and not document.layer.problems:
        raise ConfigError(f"{name}: is empty; where no file is needed, name none")
    if not isinstance(values, dict):
        raise ConfigError(f"{name}: must be a mapping of sections such as `sources:`")
    document.layer.values = values
    return document.layer


# ---- Everything together --------------------------------------------------------------------


def load(
    file: Path | None, environment: Mapping[str, str], overrides: Mapping[str, object]
) -> Settings:
    """Return the settings: `overrides` (flags, nested) over CCE_ variables over the file.

    ConfigError lists every problem, one a line. Relative paths start at the working directory.
    """
    written = _Layer() if file is None else _file_layer(file)
    flags = _flags_layer(overrides)
    variables = _environment_layer(environment, _source_names((flags, written)))
    layers = (flags, variables, written)
    for layer in layers:
        _hide_secrets(layer, environment, in_file=layer is written)
    settings, refused = _validated(layers)
    found = [*written.problems, *variables.problems, *refused, *_not_yet(layers)]
    if settings is None or found:
        raise ConfigError("\n".join(dict.fromkeys(found)))
    return settings


def _validated(layers: _Layers) -> tuple[Settings | None, list[str]]:
    try:
        return Settings.model_validate({_LAYERS: layers}), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    return None, [_problem(layers, one) for one in found]


def _problem(layers: _Layers, found: ErrorDetails) -> str:
    keys: Keys = tuple(found["loc"])
    if found["loc"][2:] == ("[key]",):  # pydantic's mark for the name, not the value, of a source
        keys = keys[:2]
    return _line(layers, keys, _reason(layers, keys, found))


def _line(layers: _Layers, keys: Keys, reason: str) -> str:
    origin = _origin(layers, keys)
    return f"{_dotted(_public(keys))}{f' ({origin})' if origin else ''}: {reason}"


def _origin(layers: _Layers, keys: Keys) -> str:
    """Return where the value at a path came from, or else what made its section."""
    prefixes = [keys[:end] for end in range(len(keys), 0, -1)]
    *stronger, written = layers
    for layer in stronger:
        for at in prefixes:
            if at in layer.origins:
                return _shown(layer.origins[at])
    for at in prefixes:
        if at in written.origins:
            return written.origins[at]
        for layer in stronger:
            for below, origin in layer.origins.items():
                if below[: len(at)] == at:
                    return _shown(origin)
    return ""


_REASONS: Final = {
    "missing": "is missing",
    "model_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


def _reason(layers: _Layers, keys: Keys, found: ErrorDetails) -> str:
    if found["type"] == "extra_forbidden":
        known = _model_at(layers, keys[:-1]).model_fields
        return f"is not a known key; {_nearest(str(keys[-1]), known)}"
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    said = found["msg"].replace("Input should", "must")
    return _REASONS.get(found["type"], said)


def _model_at(layers: _Layers, keys: Keys) -> type[BaseModel]:
    """Return the section at a path, which has been validated as one."""
    model: type[BaseModel] = Settings
    if keys[:1] == ("sources",):
        platform = _given(layers, ("sources", str(keys[1]), "platform"))
        model, keys = PLATFORMS[str(platform)], keys[2:]
    for key in keys:
        model = _section_of(model.model_fields[str(key)].annotation) or model
    return model


def _not_yet(layers: _Layers) -> Iterator[str]:
    """Yield a problem for each key of NOT_YET_KEYS that is in use, valid or not as a whole."""
    for pattern, kind in NOT_YET_KEYS.items():
        for name in _source_names(layers) if "*" in pattern else [""]:
            keys = tuple(name if key == "*" else key for key in pattern.split("."))
            if _is_in_use(_given(layers, keys), kind):
                yield _line(layers, keys, NOT_YET)


def _is_in_use(given: object, kind: type) -> bool:
    try:
        return bool(TypeAdapter(kind).validate_python(given))
    except ValidationError:
        return False


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

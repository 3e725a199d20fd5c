"""The settings: defaults, sources, what `check` prints, and that nothing refused is shown."""

import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.configuration.not_yet import NOT_YET
from exporter.errors import ConfigError
from exporter.settings import NOT_YET_PLATFORMS, Settings, describe, load, warnings
from tests.configuration.loading import ACME, NEW, PLANTED, SOURCE, TOKEN, problems_of, settings_of


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "exporter.yml"
    file.write_text(SOURCE)
    return file


def test_nothing_at_all_gives_the_documented_defaults() -> None:
    loaded = load(None, {"PATH": "/bin", "CC": "x"}, {})
    assert not loaded.sources
    assert yaml.safe_load(describe(loaded)) == {
        "web": {
            "listen_address": [":10710"],
            "telemetry_path": "/metrics",
            "config_file": "",
            "enable_lifecycle": False,
        },
        "ledger": {"url": ""},
        "log": {"level": "info", "format": "logfmt"},
        "sources": {},
        "auth_retry": {"first": "1m", "most": "10m"},
        "limits": {"series_per_family": 20000, "label_values": 200, "event_ids": 50000},
        "histograms": {
            "wait_seconds": [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600],
            "handle_seconds": [30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600, 7200],
        },
    }


def test_settings_made_by_hand_never_read_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOG__LEVEL", "debug")
    monkeypatch.setenv("LIMITS", PLANTED)
    by_hand = Settings.model_validate({"limits": {"label_values": 3}})
    assert (by_hand.limits.label_values, by_hand.log.level) == (3, "info")
    sources = load(None, NEW, {}).sources
    assert Settings.model_validate({"sources": sources}).sources == sources


@pytest.mark.parametrize("name", ["Acme", "a_b", "-a", "a.b", "é", "''", '"a\\nb"', "[key]"])
def test_a_source_name_is_small_letters_digits_and_dashes(file: Path, name: str) -> None:
    body = SOURCE.partition("acme-us")[2]
    key = f"'{name}'" if name == "[key]" else name
    (line,) = problems_of(file, f"sources:\n  {key}{body}")
    assert line.startswith("sources.")
    assert line.endswith(
        "(exporter.yml, line 2): is not a source name: small letters, digits and -,"
        " no - at the start"
    )


def test_platforms_not_yet_built_and_unknown_ones_are_told_apart(file: Path) -> None:
    for platform in NOT_YET_PLATFORMS:
        (line,) = problems_of(file, f"sources: {{x: {{platform: {platform}, account: a}}}}")
        assert line == f"sources.x.platform (exporter.yml, line 1): {NOT_YET}"
    (near,) = problems_of(file, "sources: {x: {platform: livvox}}")
    assert near.endswith("is not a known platform; the nearest is livevox")
    (far,) = problems_of(file, f"sources: {{x: {{platform: {PLANTED}}}}}")
    assert far.endswith("is not a known platform; known are livevox")


def test_what_check_prints_loads_again_and_hides_every_secret(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "a: password"
    secret.write_text(PLANTED)
    text = SOURCE.replace(PLANTED, f"{{file: '{secret}'}}") + (
        "    include: {services: [no, 007]}\n    histograms: {wait_seconds: [0.5, 1]}\n"
        "    day_boundary: {timezone: UTC}\n    feeds: {directory: {interval: 0.0015e}}\n"
    ).replace("0.0015e", "1h0m7s")
    loaded = settings_of(file, text)
    described = describe(loaded)
    assert PLANTED not in described
    assert settings_of(file, described) == loaded
    assert describe(settings_of(file, described)) == described
    plain = settings_of(file, SOURCE)
    assert PLANTED not in describe(plain) + repr(plain) + str(plain) + plain.model_dump_json()
    assert PLANTED not in repr(pickle.dumps(plain)) + repr(plain.model_dump())
    (line,) = problems_of(file, describe(plain))
    assert line.endswith("is the mask that `check` prints, not a secret")


def test_plain_secrets_and_open_http_are_warned_of(file: Path) -> None:
    text = SOURCE.replace("environment: na4", "base_url: http://livevox.example.com")
    found = warnings(settings_of(file, text))
    assert [line.partition(": ")[0] for line in found] == [
        "sources.acme-us.password",
        "sources.acme-us.base_url",
    ]
    assert warnings(settings_of(file, SOURCE, **{ACME + "PASSWORD": PLANTED})) == []


def test_settings_that_say_the_same_are_equal_and_nothing_can_be_changed(file: Path) -> None:
    one, same = settings_of(file, SOURCE), settings_of(file, SOURCE)
    assert one == same
    assert (
        one.sources["acme-us"] != settings_of(file, SOURCE.replace(PLANTED, "x")).sources["acme-us"]
    )
    for section, key in (
        (one, "web"),
        (one.web, "telemetry_path"),
        (one.sources["acme-us"], "http"),
    ):
        with pytest.raises(ValueError, match="frozen"):
            setattr(section, key, None)


def _survives(file: Path | None, environment: Mapping[str, str]) -> None:
    """Loading gives settings or a ConfigError that shows no planted secret."""
    refused: ConfigError | None = None
    try:
        loaded = load(file, environment, {})
        text = repr(loaded) + describe(loaded) + "".join(warnings(loaded))
    except ConfigError as error:
        refused = error
        text = repr(error) + "".join(traceback.format_exception(error))
    assert PLANTED not in text
    assert refused is None or (refused.__context__ is None and str(refused))


_PIECES = st.sampled_from(
    b"web|sources|: |\n|  |- |{|}|[|]|&a |*a|<<|!!|'|\"|\\U|\t|? |%|~|\xef\xbb\xbf|---\n|#|"
    b"platform|livevox|a|7|password|feeds|\x00|\xff|\r|,|>\n".split(b"|")
)
_YAML = st.one_of(st.binary(max_size=200), st.lists(_PIECES, max_size=40).map(b"".join))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=_YAML)
def test_any_file_loads_or_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    _survives(file, {})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    at=st.integers(0, len(SOURCE)),
    removed=st.integers(0, 3),
    # No damage here makes a key of the secret: a key that is not known is named on purpose.
    put=st.lists(_PIECES.filter(lambda piece: piece[:1] not in b":?{[,"), max_size=3).map(b"".join),
)
def test_a_damaged_file_never_shows_its_secret(
    file: Path, at: int, removed: int, put: bytes
) -> None:
    damaged = SOURCE.encode()
    file.write_bytes(damaged[:at] + put + damaged[at + removed :])
    _survives(file, TOKEN)


_KEYS = st.sampled_from(
    [
        *("WEB", "SOURCES", "ACME_US", "PASSWORD", "FILE", "ENV", "FEEDS", "PLATFORM", "HTTP"),
        *("X", "", "_", "\u00e9", "\udcff", "LISTEN_ADDRESS", "directory", "interval"),
        *("DAY_BOUNDARY", "TIMEZONE", "BASE_URL", "CA_FILE"),
    ]
)
_VARIABLES = st.lists(_KEYS, max_size=5).map(lambda keys: "CCE_" + "__".join(keys))
_VALUES = st.one_of(st.sampled_from([PLANTED, "livevox", "TOKEN", "", "1"]), st.text(max_size=20))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(environment=st.dictionaries(_VARIABLES, _VALUES, max_size=8))
def test_any_environment_loads_or_is_refused(file: Path, environment: dict[str, str]) -> None:
    file.write_text(SOURCE)
    _survives(file, {**environment, **TOKEN})
    _survives(None, environment)

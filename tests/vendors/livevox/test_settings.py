"""What a LiveVox source of the configuration says, and refuses."""

import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from exporter.configuration.secret import GivenSecret, Secret
from exporter.vendors.livevox.settings import LiveVoxSettings

NEEDED = {
    "platform": "livevox",
    "client_name": "ACME_CC",
    "username": "exporter",
    "password": "not-a-password",
    "access_token": "not-a-token",
}


def _settings(**changes: Any) -> LiveVoxSettings:
    return LiveVoxSettings.model_validate({**NEEDED, "environment": "na4", **changes})


def _refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        _settings(**changes)
    return str(refused.value)


def test_the_defaults_are_those_of_the_documentation() -> None:
    dumped = _settings().model_dump(mode="json")
    assert dumped["feeds"] == {
        "service_stats": {"enabled": True, "interval": "15s"},
        "agent_status": {"enabled": True, "interval": "15s"},
        "calls_on_hold": {"enabled": True, "interval": "15s"},
        "campaign_stats": {"enabled": True, "interval": "1m"},
        "agent_averages": {"enabled": False, "interval": "1m"},
        "live_connects": {"enabled": False, "interval": "1m"},
        "agent_stats": {"enabled": False, "interval": "1m"},
        "agent_stats_ex": {"enabled": True, "interval": "1m"},
        "directory": {"enabled": True, "interval": "10m"},
        "agent_events": {"enabled": False},
        "interaction_events": {"enabled": False, "transport": "sse"},
        "call_data": {"enabled": False, "max_per_minute": 60},
    }
    assert dumped["http"] == {"timeout": "10s", "max_in_flight": 4, "proxy": "", "ca_file": ""}
    assert dumped["include"] == {"services": [], "call_centers": []}
    others = {
        "queue_retention": "30d",
        "agents": "hidden",
        "percent_scale": 100,
        "api_version": "",
        "day_boundary": None,
        "longest_wait_unit": "ms",
        "service_level_threshold": "20s",
    }
    assert {key: dumped[key] for key in others} == others


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ("na3", "https://api.livevox.com"),
        ("na4", "https://api.na4.livevox.com"),
        ("NA5", "https://api.na5.livevox.com"),
        (" na6", "https://api.na6.livevox.com"),
    ],
)
def test_an_environment_has_a_url(environment: str, url: str) -> None:
    assert _settings(environment=environment).url == url


def test_an_address_is_an_environment_or_a_base_url_and_never_both() -> None:
    url = "http://127.0.0.1:8081/livevox/"
    for nothing in ("", None):
        assert _settings(environment=nothing, base_url=url).url == url.rstrip("/")
    assert "has both environment and base_url" in _refusal(base_url=url)
    assert "needs an environment" in _refusal(environment="")
    assert "'na3', 'na4', 'na5' or 'na6'" in _refusal(environment="na7")


@pytest.mark.parametrize("key", sorted(NEEDED))
def test_what_signs_in_is_needed(key: str) -> None:
    given = {name: value for name, value in NEEDED.items() if name != key}
    with pytest.raises(ValidationError, match="Field required"):
        LiveVoxSettings.model_validate({**given, "environment": "na4"})
    assert "empty" in _refusal(**{key: ""}) or key == "platform"


def test_hashed_agents_need_a_key() -> None:
    assert "is needed where agents is hashed" in _refusal(agents="hashed")
    hashed = _settings(agents="hashed", agents_key="salt")
    assert hashed.agents_key == Secret("salt")
    assert _settings(agents="named").agents_key is None
    assert "'hidden', 'hashed' or 'named'" in _refusal(agents="all")


@pytest.mark.parametrize("written", ["1", 1, "100", 100])
def test_the_percent_scale_is_one_or_a_hundred(written: object) -> None:
    assert _settings(percent_scale=written).percent_scale == int(str(written))


@pytest.mark.parametrize("written", ["", "10", "0.01", None, []])
def test_another_percent_scale_is_refused(written: object) -> None:
    assert "100 or 1" in _refusal(percent_scale=written)


def test_an_api_version_begins_with_v() -> None:
    assert [_settings(api_version=text).api_version for text in ("", "v6.0", "v7")] == [
        "",
        "v6.0",
        "v7",
    ]
    for garbage in ("6.0", "v", "v6.", "v6/..", "latest"):
        assert "such as v6.0" in _refusal(api_version=garbage)


def test_a_day_begins_at_an_hour_of_a_time_zone() -> None:
    boundary = _settings(day_boundary={"timezone": "America/New_York", "hour": "4"}).day_boundary
    assert boundary is not None
    assert (boundary.zone, boundary.hour) == (zoneinfo.ZoneInfo("America/New_York"), 4)
    midnight = _settings(day_boundary={"timezone": "UTC"}).day_boundary
    assert midnight is not None
    assert midnight.hour == 0
    assert "less than or equal to 23" in _refusal(day_boundary={"timezone": "UTC", "hour": "24"})
    assert "Field required" in _refusal(day_boundary={"hour": "1"})


@pytest.mark.parametrize("garbage", ["Mars/Olympus", "/etc/passwd", "..", "x" * 300, "America"])
def test_an_unknown_time_zone_is_refused(garbage: str) -> None:
    refusal = _refusal(day_boundary={"timezone": garbage})
    assert "is not the name of a time zone" in refusal
    assert garbage == "America" or garbage not in refusal


def test_the_nearest_time_zone_is_named() -> None:
    assert "the nearest is America/New_York" in _refusal(
        day_boundary={"timezone": "Amercia/New_York"}
    )


@pytest.fixture
def _no_time_zones(tmp_path: Path) -> Iterator[None]:
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.usefixtures("_no_time_zones")
def test_a_machine_without_time_zones_is_told_what_to_install() -> None:
    if zoneinfo.available_timezones():
        zoneinfo.ZoneInfo("UTC")  # the tzdata package is installed: the hint can not be needed
        return
    assert "install tzdata" in _refusal(day_boundary={"timezone": "America/New_York"})


def test_ids_to_include_stay_text() -> None:
    include = _settings(include={"services": ["0123", 7001], "call_centers": "1, 2"}).include
    assert (include.services, include.call_centers) == (("0123", "7001"), ("1", "2"))


def test_feeds_keep_what_is_not_said_of_them() -> None:
    feeds = _settings(
        feeds={"directory": {"enabled": "false"}, "service_stats": {"interval": "5s"}}
    ).feeds
    assert (feeds.directory.enabled, feeds.directory.interval) == (False, 600)
    assert (feeds.service_stats.enabled, feeds.service_stats.interval) == (True, 5)
    assert "at least 1s" in _refusal(feeds={"directory": {"interval": "500ms"}})
    assert "Extra inputs" in _refusal(feeds={"directories": {}})
    for count in ("0", "6001", "a"):
        _refusal(feeds={"call_data": {"max_per_minute": count}})
    assert "'sse' or 'longpoll'" in _refusal(feeds={"interaction_events": {"transport": "ws"}})


def test_requests_in_flight_are_bounded() -> None:
    assert _settings(http={"max_in_flight": "64"}).http.max_in_flight == 64
    for count in ("0", "65"):
        _refusal(http={"max_in_flight": count})


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://livevox.example.com", True),
        ("http://10.0.0.1:8080", True),
        ("http://127.0.0.1:8081", False),
        ("http://localhost", False),
        ("http://[::1]:9", False),
        ("https://livevox.example.com", False),
    ],
)
def test_plain_http_to_another_machine_is_warned_of(url: str, warned: bool) -> None:
    keys = [key for key, _ in _settings(environment=None, base_url=url).warnings()]
    assert keys == (["base_url"] if warned else [])


def test_plain_secrets_of_a_file_are_warned_of() -> None:
    settings = _settings(password=GivenSecret("not-a-password", in_file=True))
    ((key, sentence),) = settings.warnings()
    assert key == "password"
    assert "{file: PATH} or {env: NAME}" in sentence
    assert "not-a-password" not in sentence


ON, OFF = {"enabled": True}, {"enabled": False}


@pytest.mark.parametrize(
    ("feeds", "refusal"),
    [
        (
            {"agent_events": ON, "agent_status": OFF},
            "agent_events needs agent_status, which is not enabled",
        ),
        (
            {"agent_events": ON, "directory": OFF},
            "agent_events needs directory, which is not enabled",
        ),
        ({"call_data": ON}, "call_data needs agent_events, which is not enabled"),
        (
            {"call_data": {"enabled": "true"}, "agent_events": {"enabled": "false"}},
            "call_data needs agent_events, which is not enabled",
        ),
    ],
)
def test_a_feed_that_needs_another_says_so(feeds: dict[str, Any], refusal: str) -> None:
    assert refusal in _refusal(feeds=feeds)


def test_feeds_with_all_that_they_need_are_accepted() -> None:
    feeds = _settings(
        feeds={
            "agent_events": ON,
            "call_data": {"enabled": True, "max_per_minute": "6"},
            "interaction_events": {"enabled": True, "transport": "longpoll"},
        }
    ).feeds
    assert (feeds.agent_events.enabled, feeds.call_data.max_per_minute) == (True, 6)
    assert feeds.interaction_events.transport == "longpoll"
    alone = _settings(feeds={"interaction_events": ON, "directory": OFF, "agent_status": OFF}).feeds
    assert (alone.interaction_events.enabled, alone.interaction_events.transport) == (True, "sse")


def test_events_of_agents_have_no_interval() -> None:
    assert "Extra inputs" in _refusal(feeds={"agent_events": {"enabled": True, "interval": "5s"}})

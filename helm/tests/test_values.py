"""What the chart refuses, and whether a person can tell why."""

import json
from typing import Any

import pytest
from rendering import CHART, HELM, MINIMAL, SOURCES, Document, refusal, render, run, template


def source(**more: Any) -> Document:
    return {"config": {"sources": {"desk": {**SOURCES["desk"], **more}}}}


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"replicaCount": 2}, "replicaCount"),
        ({"demo": {"enable": True}}, "enable"),
        ({"image": {"registry": "example.com"}}, "registry"),
        ({"image": {"pullPolicy": "Sometimes"}}, "pullPolicy"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"service": {"port": "http"}}, "port"),
        ({"service": {"port": 70000}}, "port"),
        ({"log": {"format": "xml"}}, "format"),
        ({"persistence": {"enabled": "yes"}}, "enabled"),
        ({"persistence": {"size": "a lot"}}, "size"),
        ({"serviceMonitor": {"interval": "15 seconds"}}, "interval"),
        ({"serviceMonitor": {"sampleLimit": 1.5}}, "sampleLimit"),
        ({"existingSecrets": ["livevox"]}, "existingSecrets"),
        ({"existingSecrets": [{"secretName": "livevox"}]}, "existingSecrets"),
        ({"probes": {"liveness": {"httpGet": {"path": "/metrics"}}}}, "httpGet"),
        ({"extraArgs": "--web.enable-lifecycle"}, "extraArgs"),
        ({"podLabels": {"team": 1}}, "podLabels"),
        ({"config": {"sources": {"Acme US": {"platform": "livevox"}}}}, "Acme US"),
        ({"config": {"sources": {"acme": {"platform": "asterisk"}}}}, "platform"),
        ({"config": {"sources": {"acme": {}}}}, "platform"),
    ],
    ids=lambda value: None if isinstance(value, str) else json.dumps(value)[:50],
)
def test_a_wrong_value_is_refused_with_its_place(values: Document, place: str) -> None:
    assert place in refusal({**MINIMAL, **values})


@pytest.mark.parametrize(
    "values",
    [
        source(password="hunter2"),
        source(token="hunter2"),
        source(access_token="hunter2"),
        source(client_secret="hunter2"),
        source(private_key="hunter2"),
        source(agents_key="hunter2"),
        source(password={"value": "hunter2"}),
        source(http={"proxy": "http://user:hunter2@proxy.example.com:3128"}),
        source(base_url="https://user:hunter2@api.example.com"),
        {"config": {"sources": SOURCES, "ledger": {"url": "postgresql://cce:hunter2@db/ledger"}}},
        {**MINIMAL, "extraEnv": [{"name": "CCE_SOURCES__DESK__PASSWORD", "value": "hunter2"}]},
        {**MINIMAL, "extraEnv": [{"name": "TALKDESK_CLIENT_SECRET", "value": "hunter2"}]},
    ],
    ids=lambda value: json.dumps(value)[:80],
)
def test_a_secret_is_refused_and_not_repeated(values: Document) -> None:
    assert "hunter2" not in refusal(values)


def test_a_secret_may_come_from_a_file_or_the_environment() -> None:
    variable = {"secretKeyRef": {"name": "desk", "key": "password"}}
    values = {
        **source(password={"env": "DESK_PASSWORD"}, agents_key={"file": "/vault/agents-key"}),
        "extraEnv": [{"name": "DESK_PASSWORD", "valueFrom": variable}],
    }
    assert render(values)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "nothing to read"),
        ({"config": {"limits": {"label_values": 10}}}, "nothing to read"),
        ({**MINIMAL, "demo": {"enabled": True}}, "demo.enabled"),
        ({**MINIMAL, "existingConfigMap": "mine"}, "choose one"),
        ({"demo": {"enabled": True}, "persistence": {"enabled": True}}, "persistence.enabled"),
        (
            {
                "config": {"sources": SOURCES, "ledger": {"path": "/x"}},
                "persistence": {"enabled": True},
            },
            "config.ledger",
        ),
        (
            {**MINIMAL, "prometheusRule": {"enabled": True, "disabled": ["NoSuchAlert"]}},
            'named "NoSuchAlert"',
        ),
    ],
    ids=[
        "nothing",
        "no-source",
        "demo-and-config",
        "two-configs",
        "demo-with-a-ledger",
        "two-ledgers",
        "unknown-rule",
    ],
)
def test_values_that_contradict_each_other_say_so(values: Document, reason: str) -> None:
    assert reason in refusal(values)


@pytest.mark.parametrize(
    "values",
    [
        {"existingConfigMap": "mine"},
        {"extraEnv": [{"name": "CCE_SOURCES__DESK__PLATFORM", "value": "tiledesk"}]},
        {"extraEnvFrom": [{"secretRef": {"name": "exporter-settings"}}]},
        {"demo": {"enabled": True}},
        {**MINIMAL, "global": {"imageRegistry": "example.com"}},
    ],
    ids=["config-map", "environment", "environment-of-a-secret", "demo", "as-a-subchart"],
)
def test_other_ways_to_configure_are_accepted(values: Document) -> None:
    assert render(values)


def test_every_default_is_described_by_the_schema() -> None:
    """A chart with nothing set passes lint: what is missing is only said at installation."""
    assert run(HELM, "lint", "--strict", CHART).returncode == 0
    assert "nothing to read" in template({}).stderr

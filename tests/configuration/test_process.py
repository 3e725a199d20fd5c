"""What the configuration says of the process: what is refused."""

import pytest

from tests.configuration.loading import problems


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("web", {"listen_address": ":1,:1"}, "names an address twice"),
        ("web", {"listen_address": ""}, "must name at least one address"),
        ("web", {"telemetry_path": "/"}, "must be a path such as /metrics"),
        ("web", {"telemetry_path": "metrics"}, "must be a path such as /metrics"),
        ("web", {"telemetry_path": "/m?x"}, "must be a path such as /metrics"),
        ("web", {"telemetry_path": "/-/ready"}, "must not begin with /-/"),
        ("web", {"telemetry_path": "/api/v1/status"}, "must not begin with /-/ or /api/"),
        ("ledger", {"path": "a\nb"}, "must not hold control characters"),
        ("auth_retry", {"first": "20m"}, "must not be shorter than first"),
        ("auth_retry", {"first": "0"}, "must be at least 1s"),
        ("limits", {"series_per_family": 0}, "greater than or equal to 1"),
        ("limits", {"label_values": "many"}, "must be a whole number"),
        ("limits", {"event_ids": 999}, "greater than or equal to 1000"),
        ("limits", {"event_ids": 10_000_001}, "less than or equal to 10000000"),
        ("limits", {"event_ids": "many"}, "must be a whole number"),
    ],
)
def test_a_bad_value_is_refused(key: str, value: object, said: str) -> None:
    (line,) = problems(None, {}, {key: value})
    assert line.startswith(f"{key}.")
    assert said in line

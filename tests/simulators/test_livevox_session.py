"""Signing in to the simulated LiveVox, and being refused."""

import pytest

from tests.simulators.site import CREDENTIALS, TOKEN, Site

STATS = "/realtime/service/stats"


def test_sign_in_gives_a_session_that_opens_everything(still_site: Site) -> None:
    answer = still_site.client.request(
        "POST", "/session/login", json=CREDENTIALS, headers=TOKEN
    ).json()
    assert answer == {
        "sessionId": still_site.session,
        "clientId": 90001,
        "userId": 771,
        "daysUntilPasswordExpires": 41,
    }
    assert still_site.post(STATS)["stats"]


@pytest.mark.parametrize(
    ("changed", "token"),
    [
        ({"password": "wrong"}, "demo-token"),
        ({"userName": "EXPORTER"}, "demo-token"),
        ({"clientName": "OTHER"}, "demo-token"),
        ({"agent": True}, "demo-token"),
        ({"agent": "true"}, "demo-token"),
        ({}, "another-token"),
        ({}, ""),
    ],
)
def test_wrong_credentials_are_refused(
    still_site: Site, changed: dict[str, object], token: str
) -> None:
    answer = still_site.client.request(
        "POST", "/session/login", json={**CREDENTIALS, **changed}, headers={"LV-Access": token}
    )
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message"}


def test_a_sign_in_without_a_password_is_not_understood(still_site: Site) -> None:
    body = {"clientName": "DEMO", "userName": "exporter"}
    answer = still_site.client.request("POST", "/session/login", json=body, headers=TOKEN)
    assert (answer.status_code, "password" in answer.json()["message"]) == (400, True)


def test_without_a_session_nothing_is_told(still_site: Site) -> None:
    paths = {"GET": "/configuration/callCenters", "POST": STATS}
    for method, path in paths.items():
        for headers in ({}, {"LV-Session": "00000000-0000-0000-0000-000000000000"}):
            answer = still_site.client.request(method, path, headers=headers)
            assert answer.status_code == 401
            assert set(answer.json()) == {"code", "message"}


def test_a_session_lives_two_hours_after_its_last_use(small_site: Site) -> None:
    first = small_site.session
    for _ in range(3):
        small_site.advance(7190)
        small_site.post(STATS)
    assert small_site.client.request("GET", f"/session/validate/{first}").status_code == 204
    small_site.advance(7201)
    small_site.post(STATS, status=401)
    assert small_site.client.request("GET", f"/session/validate/{first}").status_code == 404
    assert small_site.log_in() != first
    small_site.post(STATS)


def test_logging_out_ends_the_session(site: Site) -> None:
    path = f"/session/logout/{site.session}"
    assert site.client.request("DELETE", path).status_code == 204
    site.post(STATS, status=401)
    assert site.client.request("DELETE", path).status_code == 404


def test_the_date_is_simulated(site: Site) -> None:
    site.advance(3600)
    answer = site.client.request("POST", STATS, headers=site.headers)
    assert answer.headers["date"] == "Thu, 13 Nov 2025 03:13:20 GMT"


def test_paths_may_carry_a_version_and_nothing_else_is_known(still_site: Site) -> None:
    assert still_site.post("/realtime/v6.0/service/stats") == still_site.post(STATS)
    assert still_site.get("/configuration/v6.0/callCenters")
    for method, path, status in (
        ("GET", STATS, 405),
        ("POST", "/configuration/agents", 405),
        ("PUT", "/campaign/campaigns/5550/state", 404),
        ("POST", "/realtime/service/status", 404),
        ("POST", STATS + "/", 404),
    ):
        answer = still_site.client.request(method, path, headers=still_site.headers)
        assert (method, path, answer.status_code) == (method, path, status)
        assert set(answer.json()) == {"code", "message"}


def test_big_answers_are_compressed_when_asked(still_site: Site) -> None:
    def coding(accepted: str) -> str:
        headers = {**still_site.headers, "Accept-Encoding": accepted}
        answer = still_site.client.request("POST", STATS, headers=headers)
        assert answer.json()["stats"]
        return str(answer.headers.get("content-encoding", "none"))

    assert coding("br, gzip;q=0.5") == "gzip"
    assert coding("identity") == "none"
    assert coding("gzip;q=0") == "none"

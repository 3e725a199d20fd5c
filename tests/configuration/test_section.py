"""Sections: frozen, all keys known, completed from the default of their place."""

import pytest
from pydantic import ValidationError

from exporter.configuration.secret import Secret
from exporter.configuration.section import Section
from exporter.configuration.source import Feed, PolledFeed


class _Account(Section):
    password: Secret
    feed: PolledFeed = PolledFeed(enabled=True, interval=60)
    note: str = ""


class _Accounts(Section):
    first: _Account = _Account(password=Secret("default"), note="kept")


def test_a_section_given_in_part_keeps_the_default_of_its_place() -> None:
    given = {"password": "x", "feed": {"enabled": "no"}}
    feed = _Account.model_validate(given).feed
    assert (feed.enabled, feed.interval) == (False, 60)
    part = _Accounts.model_validate({"first": {"feed": None}}).first
    assert (part.note, part.password.reveal(), part.feed.interval) == ("kept", "default", 60)
    with pytest.raises(ValidationError, match="valid dictionary"):
        _Accounts.model_validate({"first": "text"})
    with pytest.raises(ValidationError, match="valid dictionary"):
        _Accounts.model_validate("text")


def test_a_section_is_frozen_and_knows_its_keys() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Feed(enabled=True).enabled = False
    with pytest.raises(ValidationError, match="Extra inputs"):
        Feed.model_validate({"enabled": True, "interval": 1})

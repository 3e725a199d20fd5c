"""Words of a vendor as label values, and pseudonyms of agents."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.labels import OTHER, Vocabulary, hashed, slug


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("Lunch", "lunch"),
        ("Not Ready", "not_ready"),
        ("after-call  work!", "after_call_work"),
        ("__Queue 7__", "queue_7"),
        ("RPC/Complete (2)", "rpc_complete_2"),
        ("%", "percent"),
        ("10%", "10_percent"),
        ("Réunion déjà-vu", "reunion_deja_vu"),
        ("ÅÖ", "ao"),
        ("İzmir", "izmir"),
        ("a休憩b", "a_b"),
        ("straße", "stra_e"),
        ("½", "1_2"),
        ("", ""),
        ("  ", ""),
        ("休憩", ""),
        ("—", ""),
    ],
)
def test_a_word_becomes_a_plain_value(word: str, value: str) -> None:
    assert slug(word) == value


@settings(deadline=None)
@given(st.text())
def test_a_value_has_only_what_everybody_can_type_and_stays_itself(word: str) -> None:
    value = slug(word)
    assert re.fullmatch(r"([a-z0-9]+(_[a-z0-9]+)*)?", value)
    assert slug(value) == value


def test_no_word_is_no_value() -> None:
    words = Vocabulary(2)
    assert [words.value(None), words.value(""), words.value(" ")] == ["", "", ""]
    assert [words.value("a"), words.value("b")] == ["a", "b"]


def test_a_word_without_any_letter_that_can_be_shown_is_other_and_takes_no_place() -> None:
    words = Vocabulary(2)
    said = ["休憩", "—", "Other", "a", "b", "c", "休憩"]
    assert [words.value(word) for word in said] == [OTHER, OTHER, OTHER, "a", "b", OTHER, OTHER]


def test_words_beyond_the_cap_are_other_and_those_before_stay() -> None:
    words = Vocabulary(2)
    said = ["Lunch", "Training", "Break", "lunch", "LUNCH!", "Break", "Training", "Meeting"]
    assert [words.value(word) for word in said] == [
        "lunch",
        "training",
        OTHER,
        "lunch",
        "lunch",
        OTHER,
        "training",
        OTHER,
    ]


def test_no_number_of_words_grows_the_values() -> None:
    words = Vocabulary(3)
    values = {words.value(f"word {n}") for n in range(1000)}
    values |= {words.value(f" word {'.' * n} 1 ") for n in range(1000)}
    assert values == {"word_0", "word_1", "word_2", OTHER}


def test_a_cap_of_nothing_makes_everything_other() -> None:
    words = Vocabulary(0)
    assert [words.value("a"), words.value("a"), words.value("")] == [OTHER, OTHER, ""]


def test_a_pseudonym_is_the_hmac_that_openssl_computes() -> None:
    # printf %s AONE | openssl dgst -sha256 -hmac secret
    assert hashed("AONE", "secret") == "62dd8fa65f9e"


def test_a_pseudonym_depends_on_login_and_key_and_shows_neither() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", hashed("Jürgen", "schlüssel"))
    made = {hashed(login, key) for login in ("AONE", "ATWO") for key in ("secret", "other")}
    assert len(made) == 4


def test_a_text_is_no_word() -> None:
    words = Vocabulary(5)
    assert words.value("a" * 128) == "a" * 128
    assert words.value("a" * 129) == OTHER
    assert words.value("b" * 100_000) == OTHER
    assert words.value("c" + " " * 1000 + "d") == OTHER

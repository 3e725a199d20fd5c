"""Secrets: what can be revealed, and that it is shown nowhere."""

import copy
import json
import os
import pickle
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from exporter.configuration.secret import MASK, SECRET_BYTES, GivenSecret, Secret
from exporter.configuration.section import Section
from exporter.errors import ConfigError
from tests.configuration.loading import PLANTED


class _Account(Section):
    password: Secret


def _account(written: object, in_file: bool = True, **environment: str) -> _Account:
    return _Account.model_validate({"password": GivenSecret(written, environment, in_file)})


def _shown_forms(secret: Secret) -> str:
    account = _Account(password=secret)
    dumped = json.dumps(account.model_dump()) + account.model_dump_json()
    return (
        f"{secret} {secret!r} {secret:>60} {account!r} {account} {pickle.dumps(account)!r}{dumped}"
    )


def test_a_plain_secret_is_revealed_and_shown_nowhere() -> None:
    secret = _account(PLANTED).password
    assert secret.reveal() == PLANTED
    assert secret.is_plain_in_file
    assert not _account(PLANTED, in_file=False).password.is_plain_in_file
    assert not _Account.model_validate({"password": PLANTED}).password.is_plain_in_file
    assert PLANTED not in _shown_forms(secret)
    assert MASK in str(secret)
    assert MASK in repr(secret)
    assert PLANTED not in repr(GivenSecret(PLANTED, {"NAME": PLANTED}))


def test_a_secret_in_a_variable_shows_its_name(tmp_path: Path) -> None:
    secret = _account({"env": "NAME"}, NAME=PLANTED).password
    assert (secret.reveal(), secret.is_plain_in_file) == (PLANTED, False)
    assert secret.described() == {"env": "NAME"}
    assert "env NAME" in _shown_forms(secret)
    assert PLANTED not in _shown_forms(secret)


def test_a_secret_in_a_file_is_read_at_each_reveal(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xef\xbb\xbf" + PLANTED.encode() + b"\r\n")
    secret = _account({"file": str(file)}).password
    assert secret.reveal() == PLANTED
    file.write_text("rotated\n")
    assert secret.reveal() == "rotated"
    assert PLANTED not in _shown_forms(secret)
    assert str(file) in repr(secret)
    assert secret.described() == {"file": str(file)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xff" + PLANTED.encode(), "is not UTF-8 text"),
        (PLANTED.encode() * SECRET_BYTES, "is larger than 64 KiB"),
    ],
)
def test_a_bad_secret_file_is_named_and_its_content_is_not(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "password"
    file.write_text("good")
    secret = _account({"file": str(file)}).password
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        secret.reveal()
    assert str(refused.value) == f"the file {file} {said}"
    assert refused.value.__context__ is None
    assert PLANTED not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(ValidationError, match=said):
        _account({"file": str(file)})


def test_a_secret_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "missing", "No such file"),
        (tmp_path, "Is a directory"),
        (tmp_path / "pipe", "is a pipe"),
        (Path("/proc/self/mem"), "can not be read"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        with pytest.raises(ValidationError, match=said) as refused:
            _account({"file": str(path)})
        assert str(path) in str(refused.value)
    with pytest.raises(ConfigError, match="not the path of a file"):
        Secret(file="a\0b").reveal()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "is empty"),
        (None, "must be a text, {file: PATH} or {env: NAME}"),
        ([PLANTED], "must be a text"),
        (7, "must be a text"),
        ({}, "one of the two"),
        ({"file": "a", "env": "b"}, "one of the two"),
        ({PLANTED: "x"}, "one of the two"),
        ({"file": None}, "one of the two"),
        ({"env": [PLANTED]}, "one of the two"),
        ({"env": " "}, "must name a file or a variable"),
        ({"file": f"{PLANTED}\n"*2}, "must name a file or a variable"),
        ({"env": "UNSET"}, "the variable UNSET is not set"),
        ({"env": "EMPTY"}, "the variable EMPTY is empty"),
        (MASK, "the mask that `check` prints"),
        (f"\ud800{PLANTED}", "is not UTF-8 text"),
    ],
)  # fmt: skip
def test_what_is_no_secret_is_refused_without_its_keys_and_values(
    written: object, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        _account(written, EMPTY="")
    assert said in str(refused.value)
    assert PLANTED not in str(refused.value)


def test_copies_of_a_secret_are_equal_and_pickles_hold_its_reference_alone(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PLANTED)
    plain, in_file = Secret(PLANTED), Secret(file=str(file))
    assert copy.deepcopy(plain) == plain == copy.copy(plain) == Secret(PLANTED)
    assert len({plain, copy.copy(plain), in_file}) == 2
    assert plain != Secret("other")
    assert plain != PLANTED
    assert pickle.loads(pickle.dumps(in_file)).reveal() == PLANTED
    with pytest.raises(ConfigError, match="the secret is not set"):
        pickle.loads(pickle.dumps(plain)).reveal()
    with pytest.raises(ConfigError, match="the variable NAME is not set"):
        pickle.loads(pickle.dumps(Secret(PLANTED, variable="NAME"))).reveal()

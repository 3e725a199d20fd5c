"""Text and lists of it: what is kept, and what is refused."""

from pydantic import TypeAdapter

from exporter.configuration.text import Identifiers
from tests.configuration.loading import refusal_of


def test_lists_are_written_with_commas_or_as_lists_and_ids_stay_text() -> None:
    ids = TypeAdapter(Identifiers)
    assert ids.validate_python("0123, 7001") == ("0123", "7001")
    assert ids.validate_python("") == ()
    assert ids.validate_python([7001, "1.10"]) == ("7001", "1.10")
    assert "not be empty" in refusal_of(Identifiers, "1,,2")
    assert "control characters" in refusal_of(Identifiers, ["a\nb"])
    assert "valid string" in refusal_of(Identifiers, [True])

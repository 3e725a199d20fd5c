"""Buckets: what bounds are, and whose hold for a source."""

from pydantic import TypeAdapter

from exporter.configuration.histograms import Bounds, Histograms, SourceHistograms
from tests.configuration.loading import refusal_of


def test_bounds_rise_and_are_finite_and_above_nothing() -> None:
    assert TypeAdapter(Bounds).validate_python("0.5,1, 2") == (0.5, 1.0, 2.0)
    for garbage in ("", "0,1", "-1,1", "1,1", "2,1"):
        assert "each larger" in refusal_of(Bounds, garbage)
    assert "finite" in refusal_of(Bounds, "1,inf")
    assert "finite" in refusal_of(Bounds, "nan")
    assert "valid number" in refusal_of(Bounds, "a")


def test_a_source_has_the_common_buckets_where_it_has_no_own() -> None:
    own = SourceHistograms.model_validate({"wait_seconds": "1,2"}).over(Histograms())
    assert own == Histograms(wait_seconds=(1, 2))
    assert all(isinstance(bound, float) for bound in own.handle_seconds)
    assert Histograms(wait_seconds=(0.5, 1)).model_dump(mode="json")["wait_seconds"] == [0.5, 1]

"""The buckets of the histograms, for all sources and for one."""

import itertools
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from exporter.configuration.section import Section
from exporter.configuration.text import split_commas


def _strictly_rising(bounds: tuple[float, ...]) -> tuple[float, ...]:
    if not bounds or bounds[0] <= 0 or any(a >= b for a, b in itertools.pairwise(bounds)):
        raise ValueError("must be numbers above 0, each larger than the one before")
    return bounds


def _without_zeros(bounds: tuple[float, ...]) -> list[int | float]:
    return [int(bound) if bound.is_integer() else bound for bound in bounds]


Bounds = Annotated[
    tuple[Annotated[float, Field(allow_inf_nan=False)], ...],
    BeforeValidator(split_commas),
    AfterValidator(_strictly_rising),
    PlainSerializer(_without_zeros, list[int | float], when_used="json"),
]
"""Upper bounds of a histogram's buckets, seconds, without +Inf."""


class Histograms(Section):
    """The buckets of the two histograms, in seconds."""

    wait_seconds: Bounds = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600)
    handle_seconds: Bounds = (30, 60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600, 7200)


class SourceHistograms(Section):
    """A source's own buckets; what is None is as for all sources."""

    wait_seconds: Bounds | None = None
    handle_seconds: Bounds | None = None

    def over(self, common: Histograms) -> Histograms:
        """Return the buckets of the source where `common` holds for all."""
        return Histograms(
            wait_seconds=self.wait_seconds or common.wait_seconds,
            handle_seconds=self.handle_seconds or common.handle_seconds,
        )

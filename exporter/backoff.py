"""How long to wait before the next attempt: pure."""

from collections.abc import Callable, Iterator

from exporter.errors import FeedError, Reason


def delays(first: float, most: float, random: Callable[[], float]) -> Iterator[float]:
    """Seconds to wait, without end: doubling from `first` to `most`, less up to half at random.

    `random` returns a float in [0, 1).
    """
    delay = min(first, most)
    while True:
        yield delay * (1 - random() / 2)
        delay = min(delay * 2, most)


class Patience:
    """The waits of one feed. Refused credentials have waits of their own, in minutes.

    `usual` and `refused` are the first and the longest wait in seconds.
    """

    def __init__(
        self,
        usual: tuple[float, float],
        refused: tuple[float, float],
        random: Callable[[], float],
    ) -> None:
        self._usual = usual
        self._refused = refused
        self._random = random
        self.proved()

    def proved(self) -> None:
        """Something was decoded: the next wait is a first one again."""
        self._delays = delays(*self._usual, self._random)
        self._refusals = delays(*self._refused, self._random)

    def after(self, error: FeedError) -> float:
        """Seconds to wait after this failure; what the vendor asked for is the least."""
        refused = error.reason is Reason.AUTH
        wait = next(self._refusals if refused else self._delays)
        return max(wait, error.retry_after or 0.0)

"""How long to wait before the next attempt: pure."""

from collections.abc import Callable, Iterator

from exporter.errors import FeedError, Reason


def delays(first: float, most: float, random: Callable[[], float]) -> Iterator[float]:
    """Seconds to wait, without end, never less than `first` nor more than `most`.

    The n-th is somewhere between `first` doubled n - 1 times and its double; `random` returns a
    float in [0, 1). Where `first` is the larger one, every wait is `most`.
    """
    delay = min(first, most)
    while True:
        doubled = min(2 * delay, most)
        yield delay + (doubled - delay) * random()
        delay = doubled


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

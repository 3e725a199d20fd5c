"""A full page of agents' events, from its bytes to counted, beside the usual way."""

from collections.abc import Callable, Iterator
from statistics import median

from bench.agent_page import EVENTS
from bench.channel import BenchError, Child, child
from bench.measures import Row, Spread, interleaved, times_faster
from bench.plan import Plan

GOAL = times_faster(5)
# the words of the row, and how many of our families the control has; one that does the same work
# decides
CASES = (
    ("agent feed page, bytes to counted", "all", GOAL),
    ("agent feed page, control that counts less", "few", None),
)
WARM = 3  # rounds that are not counted
ROUNDS = 50


def rows(plan: Plan) -> Iterator[Row | str]:
    """A row for each control, and the commit that a second of pages shares in words."""
    for name, families, goal in CASES:
        commits: list[float] = []
        rounds = WARM + plan.rounds(0, ROUNDS)
        with child("agents_ours") as ours, child("agents_usual", families) as usual:
            first, second = interleaved(rounds, _reading(ours, commits), _reading(usual, []))
            _check(ours.ask("counts"), usual.ask("counts"), rounds)
            size = ours.ready
        yield Row(name, EVENTS, "ms", _spread(first), _spread(second), goal)
    milliseconds = 1e3 * median(commits[WARM:])
    yield (
        f"agent feed page of {EVENTS:,} events ({size:,} bytes): the commit after it, once a"
        f" second on a thread of its own, {milliseconds:.2f} ms"
    )


def _spread(seconds: list[float]) -> Spread:
    return Spread.of(seconds[WARM:], 1e3)


def _reading(server: Child, commits: list[float]) -> Callable[[int], float]:
    """One page by the process's own clock."""

    def run(n: int) -> float:
        parts = server.ask("read", n)
        commits.append(parts.get("commit", 0.0))
        whole: float = parts["whole"]
        return whole

    return run


def _check(ours: object, usual: object, pages: int) -> None:
    """Raises BenchError if the two did not count the same events."""
    if ours != usual:
        raise BenchError(f"agent events of {pages} pages: ours {ours}, the control {usual}")

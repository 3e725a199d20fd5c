"""Any order, any duplication and any cut of the same events of agents gives the same."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from exporter import families as c
from exporter.vendors.livevox import families as f
from tests.vendors.livevox.events import of_family, resumed, shown, stream
from tests.vendors.livevox.test_agent_events import AGENTS, BEGAN, event, now, seen, told

STREAM = stream("agent_events", agents="named")
KINDS = ("READY", "NOT_READY", "IN_CALL", "WRAP_UP", "LOGOFF", "LEVITATING")


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(KINDS)), min_size=1, max_size=20),
    st.integers(0, 1 << 32),
)
def test_any_order_duplication_and_cut_of_pages_gives_the_same(
    drawn: list[tuple[int, str]], seed: int
) -> None:
    chance = Random(seed)
    events = [event(agent, kind, n) for n, (agent, kind) in enumerate(drawn)]
    results = []
    for mixed in (False, True):
        queue = [*events, *chance.choices(events, k=5)]
        if mixed:
            # of each agent no more changes than are kept may come between two that are swapped
            queue.sort(key=lambda of: of["seqNum"] + chance.randint(0, 7000))
        counted, memory, ids = 0.0, dict[str, str](), list[str]()
        of = STREAM.machine(resumed())
        told(of, 0)
        while queue:
            size = chance.randint(1, 6)
            step = told(of, 0, *queue[:size])
            queue = queue[size:]
            counted += sum(of_family(step, f.AGENT_EVENTS).values())
            ids += step.ids
            memory.update({key: value for key, value in step.memory.items() if value is not None})
            if mixed and chance.random() < 0.3:
                of = STREAM.machine(resumed(ids, "next", memory))
        of.corrected(seen(-1), AGENTS)
        since = shown(of.blocks(BEGAN / 1000 + 100, AGENTS), c.AGENT_STATE_SINCE)
        results.append((counted, sorted(ids), now(of), since))
    assert results[0] == results[1]
    assert results[0][0] == len(events)

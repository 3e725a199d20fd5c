"""What a feed keeps: positions, ids, moments, and waking who waits."""

import asyncio
import json

import pytest

from exporter.simulators.livevox.retained import RETENTION_MS, Retained
from tests.simulators.feed import until

pytestmark = pytest.mark.anyio


def filled(events: int, every_ms: int = 1) -> Retained:
    """A feed of events at regular moments, the first one at that of one interval."""
    retained = Retained()
    for number in range(1, events + 1):
        retained.append(number * every_ms, f"e{number}", {"number": number})
    return retained


async def test_positions_count_from_one() -> None:
    retained = filled(5)
    assert (retained.first, retained.last) == (1, 5)
    assert [kept.position for kept in retained.after(2, 2)] == [3, 4]
    assert retained.after(5, 10) == []
    assert retained.position_of("e3") == 3
    assert retained.position_of("e6") is None
    assert (retained.at_ms(3), retained.at_ms(6)) == (3, None)


async def test_an_event_is_encoded_as_it_was_when_it_was_created() -> None:
    retained, document = Retained(), {"name": "Crédit", "interactionType": "Email", "serviceId": 7}
    retained.append(1, "", document)
    document["name"] = "changed"
    kept = retained.after(0, 1)[0]
    assert json.loads(kept.body)["name"] == "Crédit"
    assert kept.facets == ("EMAIL", "", "7")


async def test_moments_never_go_back() -> None:
    retained = filled(1, every_ms=50)
    retained.append(49, "late", {})
    assert retained.at_ms(2) == 50


async def test_what_is_older_than_a_day_is_forgotten_and_positions_stay() -> None:
    retained = filled(5000, every_ms=RETENTION_MS // 2000)
    assert retained.last == 5000
    assert 1000 < retained.first <= 3000
    assert retained.after(0, 1)[0].position == retained.first
    assert retained.position_of("e1") is None
    assert retained.position_of("e5000") == 5000
    assert retained.at_ms(1) is None


async def test_who_waits_is_told_at_once_and_who_is_late_does_not_wait() -> None:
    retained = filled(3)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(retained.more(3, 3600)) for _ in range(2)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        retained.append(4, "e4", {})
        await until(lambda: all(task.done() for task in waiting))
    await retained.more(3, 3600)


async def test_a_wait_ends_without_an_event() -> None:
    await filled(3).more(3, 0.01)

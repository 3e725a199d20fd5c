"""What of agents' times is kept in the ledger, so that a restart loses no second.

Agents are known by LiveVox's number, never by name or login.
"""

from collections.abc import Iterable, Mapping

import msgspec

from exporter.vendors.livevox.agent_time import KEPT, AgentTime, Change, History, State

MEMORY_OF_TIME = "time"
_OF_AGENT = "agent "


class _Time(msgspec.Struct):
    began: int
    until: int
    owed: dict[State, int] = {}


_Agent = tuple[bool, list[Change]]  # whether nothing was forgotten; the last changes

_encode = msgspec.json.Encoder().encode
_TIME = msgspec.json.Decoder(_Time)
_AGENT: msgspec.json.Decoder[_Agent] = msgspec.json.Decoder(_Agent)


def remembered(time: AgentTime, agents: Iterable[str]) -> dict[str, str | None]:
    """What changed: the times, and the histories of these agents, of whom some are forgotten."""
    told = _Time(time.began, time.until, dict(time.owed))
    memory: dict[str, str | None] = {MEMORY_OF_TIME: _encode(told).decode()}
    for agent in agents:
        history = time.agents.get(agent)
        if history is None:
            memory[_OF_AGENT + agent] = None
            continue
        whole = history.complete and len(history.changes) <= KEPT
        memory[_OF_AGENT + agent] = _encode((whole, history.recent)).decode()
    return memory


def restored(memory: Mapping[str, str]) -> AgentTime:
    """The times as they were; empty where nothing is remembered, or not by this version."""
    time = AgentTime()
    try:
        told = _TIME.decode(memory.get(MEMORY_OF_TIME, "null"))
        agents = {
            key.removeprefix(_OF_AGENT): _history(value)
            for key, value in memory.items()
            if key.startswith(_OF_AGENT)
        }
    except msgspec.DecodeError:
        return time
    time.restore(told.began, told.until, told.owed, agents)
    return time


def _history(value: str) -> History:
    complete, changes = _AGENT.decode(value)
    return History(changes, complete)

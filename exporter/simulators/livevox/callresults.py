"""How LiveVox words the end of a call: lvResult and its number.

The words are those of its public list, and dispositions such as customers define for their
agents; the numbers are invented, but for 661. A call's own number picks among the words that fit.
"""

from exporter.simulators.states import CallResult
from exporter.simulators.world import Call

Result = tuple[int, str]

_RESULTS: dict[CallResult, tuple[Result, ...]] = {
    CallResult.HANDLED: (
        (660, "Operator Transfer"),
        (661, "Operator Transfer (Agent Terminated Call)"),
        (660, "Operator Transfer"),
        (702, "AGENT - Customer Hung Up"),
        (710, "AGENT - Payment Arranged"),
        (711, "AGENT - Call Back Later"),
        (712, "AGENT - Wrong Number"),
    ),
    CallResult.ABANDONED: (
        (640, "Customer Hung Up"),
        (641, "Hung Up in Opening"),
        (640, "Customer Hung Up"),
    ),
    CallResult.ABANDONED_MAX_WAIT: ((662, "Operator Transfer (Abandoned Max Hold Time)"),),
    CallResult.NO_ANSWER: (
        (610, "No Answer"),
        (611, "Not Available"),
        (610, "No Answer"),
        (612, "Invalid Phone Number"),
        (680, "Invalid Phone Number (Not Made)"),
        (681, "Call Blocked (Not Made)"),
        (682, "Account Previously Contacted (Not Made)"),
    ),
    CallResult.BUSY: ((613, "Busy"), (613, "Busy"), (614, "Fax")),
    CallResult.MACHINE: ((620, "Answering Machine (Hung Up)"),),
    CallResult.LISTENED: ((630, "Listened"), (631, "Hung Up in Opening")),
}


def result_of(call: Call) -> tuple[int | None, str | None]:
    """lvResultId and lvResult of a call; nothing of one that has not ended."""
    if call.result is None:
        return None, None
    fitting = _RESULTS[call.result]
    return fitting[call.id % len(fitting)]

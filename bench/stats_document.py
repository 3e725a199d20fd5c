"""An answer of service/stats with every documented field, as large as an account is."""

import json
import random

SEED = 1
METHODS = (("Max CIP", "calls"), ("Abandon Rate", "percent"), ("Agent", "lines"))
NUMERIC = (
    "cip",
    "totalOffered",
    "totalHandled",
    "totalAbandoned",
    "abandonRate",
    "serviceLevel",
    "averageSpeedOfAnswer",
    "averageDurationToAbandon",
    "averageTalkDuration",
    "averageWrapupDuration",
    "averageHandleDuration",
    "totalCallsAnsweredWithinSLA",
    "totalCallsAbandonedWithinSLA",
    "totalCallsInQueue",
    "callsWithAgent",
    "totalAgents",
    "longestCallInQueue",
    "maxHoldTime",
    "loaded",
    "remaining",
    "playingDialable",
    "percentComplete",
)
FRACTIONS = ("abandonRate", "serviceLevel")


def stats_document(services: int, variant: int = 0) -> bytes:
    """The JSON of so many services; another variant has other numbers and the same names."""
    numbers = random.Random(SEED + variant)
    return json.dumps({"stats": [_row(numbers, n) for n in range(services)]}).encode()


def _row(numbers: random.Random, n: int) -> dict[str, object]:
    method, unit = METHODS[n % len(METHODS)]
    values = {
        name: round(numbers.uniform(0, 100), 2) if name in FRACTIONS else numbers.randrange(400)
        for name in NUMERIC
    }
    return {
        "calls": [],
        "serviceId": str(700000 + n),
        "serviceName": f"Collections Outbound {n:05d}",
        "callCenterId": str(30 + n % 40),
        "callCenterName": f"Call Center {n % 40:02d}",
        "pacingMethod": method,
        "throttle": str(numbers.randrange(1, 900)),
        "units": unit,
        **values,
    }

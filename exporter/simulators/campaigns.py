"""Campaigns: lists of records to dial, their progress, and how a new day replaces them."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

TIME_ZONES = ("AL", "AT", "CHT", "CT", "ET", "HI", "MT", "PT", "SAFE", "UK")
_POPULATED = {"AT": 1, "CT": 5, "ET": 8, "MT": 2, "PT": 4}


class CampaignStatus(StrEnum):
    """What a campaign is doing."""

    UNBUILT = "unbuilt"
    BUILDING = "building"
    PLAYING = "playing"
    PAUSED = "paused"
    COMPLETED = "completed"


@dataclass(slots=True, eq=False)
class Campaign:
    """A list of records; `uploaded_at` is a tick, less than 0 before the scenario's first second.

    `loaded` is None until the campaign is built. `zones` are the records that remain in each
    time zone.
    """

    id: int
    name: str
    queue_id: int
    dials_by_hand: bool
    status: CampaignStatus
    uploaded: int
    uploaded_at: int
    loaded: int | None = None
    completed: int = 0
    current: bool = True
    zones: dict[str, int] = field(default_factory=dict)

    @property
    def remaining(self) -> int:
        """Records still to dial; 0 until the campaign is built."""
        return 0 if self.loaded is None else self.loaded - self.completed

    @property
    def dialable(self) -> int:
        """Records that may be dialed now."""
        if self.status is not CampaignStatus.PLAYING:
            return 0
        return self.remaining - self.zones.get("AT", 0) // 2

    def build(self, rng: random.Random, playing: bool = True) -> None:
        """Load the records, fewer than were uploaded, and start."""
        loaded = self.uploaded - self.uploaded * rng.randrange(1, 6) // 100
        weight = sum(_POPULATED.values())
        self.zones = {zone: loaded * _POPULATED.get(zone, 0) // weight for zone in TIME_ZONES}
        self.zones["ET"] += loaded - sum(self.zones.values())
        self.loaded = loaded
        self.status = CampaignStatus.PLAYING if playing else CampaignStatus.PAUSED

    def complete_one(self, rng: random.Random) -> None:
        """Be done with one record; the last one completes the campaign."""
        if self.remaining <= 0:
            return
        zone = rng.choice([zone for zone, count in self.zones.items() if count])
        self.zones[zone] -= 1
        self.completed += 1
        if self.remaining == 0:
            self.status = CampaignStatus.COMPLETED

    def finish(self) -> None:
        """Be done with all records: the campaign is of an earlier day."""
        if self.loaded is not None:
            self.completed = self.loaded
            self.zones = dict.fromkeys(TIME_ZONES, 0)
        self.status = CampaignStatus.COMPLETED
        self.current = False

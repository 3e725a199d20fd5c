"""What happens by the clock: midnight's resets, the campaigns of a day, half-hour averages."""

import random
from collections.abc import Sequence
from itertools import count

from exporter.simulators.agenda import Agenda
from exporter.simulators.campaigns import Campaign, CampaignStatus
from exporter.simulators.localday import DAY, HOUR, next_midnight, next_time_of_day
from exporter.simulators.states import AgentState
from exporter.simulators.tallies import QueueDay
from exporter.simulators.world import Agent, Direction, Queue

FIRST_CAMPAIGN_ID = 5550
_UPLOAD_TIME = 9 * HOUR + HOUR // 2
_BUILT_AFTER = 4 * HOUR
_HISTORY_KEPT = 2 * DAY
_PAST_CAMPAIGNS_KEPT = 45 * DAY
_AVERAGES_EVERY = HOUR // 2
_LATE, _UNBUILT, _PAUSED, _BY_HAND = 1, 2, 3, 4
_PAST_DAYS = (1, 2, 6, 14, 40)


class DayPlan:
    """Keeps the days apart. `campaigns` holds those of today and of the last weeks."""

    def __init__(
        self,
        rng: random.Random,
        agenda: Agenda,
        queues: Sequence[Queue],
        agents: Sequence[Agent],
        campaigns_a_day: int,
    ) -> None:
        self._rng = rng
        self._agenda = agenda
        self._queues = queues
        self._agents = agents
        self._a_day = campaigns_a_day
        self._ids = count(FIRST_CAMPAIGN_ID)
        self.campaigns: list[Campaign] = []

    def open(self) -> None:
        """Begin with the first day, some campaigns of earlier ones, and plan what recurs."""
        for days in _PAST_DAYS if self._a_day else ():
            past = self._add(self._dialing(), days, -days * DAY, CampaignStatus.BUILDING)
            past.build(self._rng)
            past.finish()
        self._upload_campaigns()
        tick = self._agenda.tick
        self._agenda.at(next_midnight(tick), self._midnight)
        self._agenda.at(next_time_of_day(tick, _UPLOAD_TIME), self._upload_late)
        self._agenda.after(_AVERAGES_EVERY, self._keep_averages)

    def _midnight(self) -> None:
        tick = self._agenda.tick
        for agent in self._agents:
            agent.tally.start_day(tick)
            for desk in agent.desks:
                desk.tally.start_day(tick)
        for queue in self._queues:
            queue.averages_before = None
            queue.state_seconds = [0] * len(AgentState)
            queue.state_visits = [0] * len(AgentState)
            if queue.hidden_since is None:  # else its counts at that moment are still asked for
                for counted in queue.counts:
                    counted.forget_until(tick - _HISTORY_KEPT)
            if queue.reset_lag:
                self._agenda.after(queue.reset_lag, reset_totals, queue)
            else:
                reset_totals(queue)
        self._end_campaigns(tick)
        self._upload_campaigns()
        self._agenda.after(DAY, self._midnight)

    def _keep_averages(self) -> None:
        for queue in self._queues:
            averages = tuple(queue.average_in_state(state) for state in AgentState)
            queue.averages_before = (self._agenda.tick, averages)
        self._agenda.after(_AVERAGES_EVERY, self._keep_averages)

    def _end_campaigns(self, tick: int) -> None:
        for queue in self._queues:
            queue.campaigns.clear()
        for campaign in self.campaigns:
            if campaign.current:
                campaign.finish()
        oldest = tick - _PAST_CAMPAIGNS_KEPT
        self.campaigns = [one for one in self.campaigns if one.uploaded_at >= oldest]

    def _upload_campaigns(self) -> None:
        """All but the late one; the others that do not simply play come after the first."""
        dialing = self._dialing()
        for index in range(self._a_day):
            if index == _LATE:
                continue
            status = CampaignStatus.UNBUILT if index == _UNBUILT else CampaignStatus.BUILDING
            position = index - _BY_HAND if index > _BY_HAND else index
            campaign = self._add(dialing, position, self._agenda.tick, status, index == _BY_HAND)
            if index != _UNBUILT:
                campaign.build(self._rng, playing=index != _PAUSED)

    def _upload_late(self) -> None:
        if self._a_day > 1:
            campaign = self._add(self._dialing(), _LATE, self._agenda.tick, CampaignStatus.BUILDING)
            self._agenda.after(_BUILT_AFTER, self._build, campaign)
        self._agenda.after(DAY, self._upload_late)

    def _build(self, campaign: Campaign) -> None:
        if campaign.current:
            campaign.build(self._rng)

    def _dialing(self) -> list[Queue]:
        dialing = [queue for queue in self._queues if queue.direction is not Direction.INBOUND]
        return sorted(dialing, key=lambda queue: queue.direction is Direction.BLENDED)

    def _add(
        self,
        dialing: list[Queue],
        index: int,
        tick: int,
        status: CampaignStatus,
        by_hand: bool = False,
    ) -> Campaign:
        queue = dialing[index % len(dialing)]
        campaign_id = next(self._ids)
        campaign = Campaign(
            id=campaign_id,
            name=f"{queue.name.upper()} {campaign_id}",
            queue_id=queue.id,
            dials_by_hand=by_hand,
            status=status,
            uploaded=self._rng.randrange(40, 90) * 100 + self._rng.randrange(100),
            uploaded_at=tick,
        )
        self.campaigns.append(campaign)
        if tick >= 0:
            queue.campaigns.append(campaign)
        return campaign


def reset_totals(queue: Queue) -> None:
    """Let a queue's totals of the day begin again at 0."""
    queue.day = QueueDay()
    for counted in queue.counts:
        counted.debt = 0

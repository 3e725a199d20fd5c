"""The feed of campaigns: campaign/stats."""

from exporter.decoding import identity, text
from exporter.feeds import Document, Poll, Reading
from exporter.model import Key, Table, block_of
from exporter.vendors.livevox import families as f
from exporter.vendors.livevox import wire
from exporter.vendors.livevox.api import Api
from exporter.vendors.livevox.batches import answered
from exporter.vendors.livevox.directory import LiveVoxDirectory

RECORDS: Table[wire.CampaignStats] = Table(
    f.CAMPAIGN,
    (
        (f.CAMPAIGN_UPLOADED, lambda s: s.uploaded),
        (f.CAMPAIGN_LOADED, lambda s: s.loaded),
        (f.CAMPAIGN_REMAINING, lambda s: s.remaining),
        (f.CAMPAIGN_COMPLETED, lambda s: s.completed),
    ),
)
FAMILIES = (*RECORDS.families, f.CAMPAIGN_TIMEZONES)


def campaign_stats(api: Api, interval: float) -> Poll[LiveVoxDirectory]:
    """campaign/stats: one row for each campaign of today."""

    def read(directory: LiveVoxDirectory, part: str, now: float) -> Reading[LiveVoxDirectory]:
        answers = yield api.each("campaign/stats", directory.bodies())
        found = answered(wire.CAMPAIGN_STATS, answers, now)
        rejected = found.rejected
        rows: list[tuple[Key, wire.CampaignStats]] = []
        zones: list[tuple[Key, float | None]] = []
        for row in found.rows:
            campaign = identity(row.campaignId)
            service = identity(row.serviceId) or directory.campaigns.get(campaign, "")
            if not directory.wants(service):
                continue
            key = (campaign, *(directory.key(service) if service else ("", "")))
            rows.append((key, row))
            breakdown = wire.TIMEZONES.nested(row.timezoneBreakdown, "stats.timezoneBreakdown")
            rejected = rejected + breakdown.rejected
            zones += [((*key, text(zone.timezone)), zone.count) for zone in breakdown.rows]
        return Document(
            (
                RECORDS.block(rows),
                block_of(f.CAMPAIGN_TIMEZONES, f.CAMPAIGN_TIMEZONES.labels, zones),
            ),
            found.at,
            rejected=rejected,
        )

    return Poll("campaign_stats", interval, read, FAMILIES)

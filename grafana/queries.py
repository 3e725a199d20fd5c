"""PromQL that every panel shares: which series are meant, and how each is counted once.

`max by (identity)` drops the labels of the target first: two replicas, or the short time in which
an exporter is seen at its old and its new address, show the same and must not be added.
Fixed windows come from the recording rules of grafana/rules, whose names say the window.
"""

SOURCES = 'source=~"$source"'
# A queue may be called anything. In a raw string only a name with a backtick does not parse; in
# "$queue", as older versions of Grafana fill it in, one with a double quote does not.
QUEUES = f"{SOURCES},queue=~`${{queue:regex}}`"
# E-mail and social messages wait for hours by design; the alerts leave them out as well.
LIVE = f'{QUEUES},channel!~"email|social"'
# The feeds that contactcenter_source_up leaves out: reading them each few minutes is enough.
AUXILIARY = "directory|departments|presence|guardian|analytics"
FEEDS = f'{SOURCES},feed!~"session|{AUXILIARY}"'

QUEUE = "source, queue_id, queue"


def once(series: str, identity: str = QUEUE) -> str:
    """Each series once, by its own labels without those of the target."""
    return f"max by ({identity}) ({series})"


def waiting(by: str) -> str:
    """Contacts waiting now, added up by labels."""
    series = f"contactcenter_queue_waiting_contacts{{{LIVE}}}"
    return f"sum by ({by}) ({once(series, f'{QUEUE}, channel')})"


def longest_wait(by: str) -> str:
    """The longest wait now, in seconds."""
    return f"max by ({by}) (contactcenter_queue_longest_wait_seconds{{{LIVE}}})"


def contacts(what: str, window: str) -> str:
    """Contacts of a recorded window by queue; `what` as in contactcenter_contacts_WHAT_total."""
    return f"source_queue:contactcenter_contacts_{what}:increase{window}{{{QUEUES}}}"


def while_read(expression: str, by: str) -> str:
    """The expression while a feed of its source, or of any source, is up.

    What is counted over half an hour has a value for half an hour after the last count.
    """
    level = "source" if "source" in by.split(", ") else ""
    up = f"max by ({level}) (contactcenter_feed_up{{{FEEDS}}}) > 0"
    return f"{expression} and on ({level}) ({up})"


def abandon_ratio(by: str, window: str) -> str:
    """Abandoned of offered contacts, 0 to 1; no sample where nothing was offered."""
    ratio = (
        f"sum by ({by}) ({contacts('abandoned', window)})"
        f" / (sum by ({by}) ({contacts('offered', window)}) > 0)"
    )
    return while_read(ratio, by)


def service_level(by: str, window: str) -> str:
    """The rules' service_level_of_offered_less_early_abandons, 0 to 1, over several queues.

    The subtraction keeps the queues of platforms without a threshold out of the denominator. A
    contact that was offered before the window and handled in it is only in the numerator, hence
    the limit.
    """
    early = contacts("abandoned_in_threshold", window)
    ratio = (
        f"clamp_max(sum by ({by}) ({contacts('handled_in_threshold', window)})"
        f" / (sum by ({by}) ({contacts('offered', window)} - {early}) > 0), 1)"
    )
    return while_read(ratio, by)


def quantile(share: float, buckets: str, by: str) -> str:
    """What a share of the observations stay below, over the interval of the graph.

    Replicas count each observation twice, in every bucket alike, so this stays right.
    """
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({buckets}[$__rate_interval])))"


def named(expression: str, label: str, name: str) -> str:
    """The expression with a name for the series that lacks a label."""
    return f'label_replace({expression}, "{label}", "{name}", "{label}", "")'


def average(histogram: str, selector: str, by: str) -> str:
    """The average of a histogram over the interval of the graph; none where nothing was seen."""
    total, count = (
        f"sum by ({by}) (rate({histogram}_{part}{{{selector}}}[$__rate_interval]))"
        for part in ("sum", "count")
    )
    return f"{total} / ({count} > 0)"


def agents(by: str, states: str) -> str:
    """Agents in one of the states now (A|B), each person once, of the chosen sources."""
    series = f'contactcenter_agents{{{SOURCES},state=~"{states}"}}'
    return f"sum by ({by}) ({once(series, 'source, state, reason')})"


def today(what: str) -> str:
    """What the platform itself says of its day, by queue; `what` as in …_queue_window_WHAT."""
    return once(f'contactcenter_queue_window_{what}{{{QUEUES},window="today"}}')

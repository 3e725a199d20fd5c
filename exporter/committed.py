"""Committed counts as frames: one per family, made again only where something changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from operator import itemgetter
from typing import cast

from exporter.accumulator import SeriesKey
from exporter.model import Block, Column, Family, Histogram, Key, Kind

Value = float | Histogram


class _Rows:
    """The label sets of one family that have the same labels, as one block."""

    def __init__(self, family: Family, series_labels: tuple[str, ...]) -> None:
        self._family = family
        self._labels = _shown_labels(series_labels)
        self._queue_at = series_labels.index("queue_id") if "queue_id" in series_labels else None
        self._places: dict[SeriesKey, int] = {}
        self._keys: tuple[Key, ...] = ()
        self._values: list[Value] = []
        self._queues: set[str] = set()
        self.block = self._made()

    def update(self, values: Mapping[SeriesKey, Value], names: Mapping[str, str]) -> None:
        """Takes new values. Label sets that are new come in their place by key."""
        self._values = self._values.copy()  # the block that was given away keeps the old ones
        new: list[tuple[SeriesKey, Value]] = []
        for series, value in values.items():
            place = self._places.get(series)
            if place is None:
                new.append((series, value))
            else:
                self._values[place] = value
        if new:
            self._insert(new, names)
        self.block = self._made()

    def rename(self, queues: Collection[str], names: Mapping[str, str]) -> bool:
        """Shows other names of these queues; whether that changed a row."""
        if self._queues.isdisjoint(queues):
            return False
        # No order changes: rows of one queue have one name, and it follows the id.
        keys = tuple([self._key(series, names) for series in self._places])
        if keys == self._keys:
            return False
        self._keys = keys
        self.block = self._made()
        return True

    def _insert(self, new: list[tuple[SeriesKey, Value]], names: Mapping[str, str]) -> None:
        rows = list(zip(self._keys, self._places, self._values, strict=True))
        rows += [(self._key(series, names), series, value) for series, value in new]
        rows.sort(key=itemgetter(0))
        self._keys = tuple([key for key, _, _ in rows])
        self._places = {series: place for place, (_, series, _) in enumerate(rows)}
        self._values = [value for _, _, value in rows]
        if self._queue_at is not None:
            self._queues.update([series[1][self._queue_at][1] for series, _ in new])

    def _key(self, series: SeriesKey, names: Mapping[str, str]) -> Key:
        values = tuple([value for _, value in series[1]])
        at = self._queue_at
        if at is None:
            return values
        queue = values[at]
        return (*values[: at + 1], names.get(queue) or queue, *values[at + 1 :])

    def _made(self) -> Block:
        # every row has a value, and of the kind that the family has
        column = cast("Column", self._values)
        return Block(self._labels, self._keys, ((self._family, column),))


class CommittedCounts:
    """The committed counts of one source. One thread at a time may use it.

    The rows of a block are sorted by key. The keys of a family stay the same object while no
    label set of it is new and no queue of it is renamed.
    """

    def __init__(self, families: Mapping[str, Family]) -> None:
        """`families` are those that this version knows, by name; others are left out."""
        self._families = families
        self._rows: dict[str, dict[tuple[str, ...], _Rows]] = defaultdict(dict)
        self._names: dict[str, str] = {}

    def update(
        self,
        counters: Mapping[SeriesKey, float],
        histograms: Mapping[SeriesKey, Histogram],
        names: Mapping[str, str],
    ) -> Mapping[str, tuple[Block, ...]]:
        """Takes the new values of what changed, and the names of all queues by id.

        Returns the blocks of the families in which something changed, by the family's name: all
        blocks of a family, one for each set of labels that its rows have.
        """
        changed = self._rename(names)
        of_kinds = (_grouped(counters), _grouped(histograms))
        for are_histograms, groups in enumerate(of_kinds):
            for (name, labels), values in groups.items():
                family = self._families.get(name)
                if family is not None and (family.kind is Kind.HISTOGRAM) == are_histograms:
                    rows = self._rows_of(family, labels)
                    if rows is not None:
                        rows.update(values, names)
                        changed.add(name)
        return {
            name: tuple([rows.block for _, rows in sorted(self._rows[name].items())])
            for name in sorted(changed)
        }

    def _rename(self, names: Mapping[str, str]) -> set[str]:
        before = self._names
        if names == before:
            return set()
        self._names = dict(names)
        either = {*names, *before}
        renamed = {queue for queue in either if names.get(queue) != before.get(queue)}
        changed = set()
        for name, groups in self._rows.items():
            for rows in groups.values():
                if rows.rename(renamed, names):
                    changed.add(name)
        return changed

    def _rows_of(self, family: Family, labels: tuple[str, ...]) -> _Rows | None:
        """The rows with these labels; None if this version's family has other labels."""
        found = self._rows[family.name].get(labels)
        if found is None and _declares(family, _shown_labels(labels)):
            found = self._rows[family.name][labels] = _Rows(family, labels)
        return found


def _grouped(
    values: Mapping[SeriesKey, Value],
) -> dict[tuple[str, tuple[str, ...]], dict[SeriesKey, Value]]:
    """The values by family and labels."""
    groups: dict[tuple[str, tuple[str, ...]], dict[SeriesKey, Value]] = defaultdict(dict)
    for series, value in values.items():
        family, labels = series
        groups[family, tuple([label for label, _ in labels])][series] = value
    return groups


def _declares(family: Family, labels: tuple[str, ...]) -> bool:
    return tuple([label for label in family.labels if label in labels]) == labels


def _shown_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The labels with the queue's name beside its id."""
    if "queue_id" not in labels:
        return labels
    after = labels.index("queue_id") + 1
    return (*labels[:after], "queue", *labels[after:])

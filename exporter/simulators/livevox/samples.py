"""Samples of the truth: a family's name, labels and value."""

from collections.abc import Mapping

from exporter.simulators.world import Queue

TODAY = "today"


class Samples:
    """Samples in the order they were added, as `/_truth` shows them."""

    def __init__(self) -> None:
        self._samples: list[dict[str, object]] = []

    def add(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Add a sample; a label whose value is empty is left out."""
        kept = {label: text for label, text in labels.items() if text}
        self._samples.append({"name": name, "labels": kept, "value": value})

    def document(self) -> list[dict[str, object]]:
        """The samples."""
        return self._samples


def queue_labels(queue: Queue) -> dict[str, str]:
    """The labels of a queue."""
    return {"queue_id": str(queue.id), "queue": queue.name}

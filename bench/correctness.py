"""What is measured is right: bodies are parsed by prometheus_client and compared with the data."""

import gzip
from collections.abc import Collection, Mapping

from prometheus_client.parser import text_string_to_metric_families

from bench.channel import BenchError
from bench.dataset import FAMILIES, LABELS, SOURCE, DataSet
from bench.http_client import Answer

Samples = Mapping[tuple[str, ...], float]
TAIL = 64 * 1024  # bytes that the exporter may say of itself


def expected(data: DataSet) -> Samples:
    """The samples of the data set: (family, label values) to value."""
    return {
        (family.name, SOURCE, *key): value
        for family, column in zip(FAMILIES, data.columns, strict=True)
        for key, value in zip(data.keys, column, strict=True)
    }


def told(body: bytes) -> Samples:
    """The samples of the data set's families in a body of text 0.0.4."""
    names = {family.name for family in FAMILIES}
    return {
        (sample.name, *(sample.labels[label] for label in ("source", *LABELS))): sample.value
        for family in text_string_to_metric_families(body.decode())
        if family.name in names
        for sample in family.samples
    }


def plain(answer: Answer) -> bytes:
    """The body of an answer, decompressed where it is compressed."""
    if b"content-encoding: gzip" in answer.head.lower():
        return gzip.decompress(answer.body)
    return answer.body


def check(what: str, answer: Answer, samples: Samples) -> None:
    """Raises BenchError if the answer does not hold exactly these samples of the data set."""
    found = told(plain(answer))
    if found != samples:
        wrong = sum(found.get(key) != value for key, value in samples.items())
        raise BenchError(
            f"{what}: {len(found):,} of {len(samples):,} samples, {wrong:,} wrong or missing"
        )


def check_size(what: str, ours: bytes, control: bytes) -> None:
    """Raises BenchError if two bodies differ in size by more than what the exporter adds."""
    if not 0 <= len(ours) - len(control) <= TAIL:
        raise BenchError(f"{what}: ours has {len(ours):,} bytes, the control {len(control):,}")


def sums(body: bytes, families: Collection[str]) -> Mapping[str, float]:
    """The sum of each of these names' samples over all label sets, in a body of text 0.0.4."""
    found = dict.fromkeys(families, 0.0)
    for line in body.splitlines():
        name = line.partition(b"{")[0].decode()
        if name in found:
            found[name] += float(line.rpartition(b" ")[2])
    return found


def check_sums(what: str, answer: Answer, wanted: Mapping[str, float]) -> None:
    """Raises BenchError if the answer's samples do not add up to these sums by name."""
    found = sums(plain(answer), wanted)
    wrong = [
        f"{name} {found[name]:,.0f} of {value:,.0f}"
        for name, value in wanted.items()
        if found[name] != value
    ]
    if wrong:
        raise BenchError(f"{what}: {', '.join(wrong)}")

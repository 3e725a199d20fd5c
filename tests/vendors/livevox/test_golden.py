"""The whole exposition of an invented account, as one file that a person can read."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from exporter.feeds import Document
from tests.e2e.processes import PROMTOOL
from tests.vendors.livevox.account import account, exposition, feed, read

GOLDEN = Path(__file__).parents[2] / "golden" / "livevox.prom"


def _everything() -> str:
    of = account(agents="named")
    directory = of.directory
    documents: dict[tuple[str, str], Document[Any]] = {}
    # agent_stats has names, which agent_status joins to logins
    for name in sorted((one.name for one in of.polls), key="agent_stats".__eq__):
        poll = feed(of, name)
        for part in poll.parts(directory):
            found = read(poll, directory, part=part)
            documents[name, part] = found
            directory = found.learned(directory) if found.learned else directory
    return exposition(documents)


def test_the_exposition_is_the_golden_one() -> None:
    text = _everything()
    assert text == GOLDEN.read_text(), (
        "the exposition changed; if that is wanted, write it to tests/golden/livevox.prom:"
        " python -m tests.vendors.livevox.test_golden"
    )


def test_promtool_finds_nothing_to_complain_about() -> None:
    assert PROMTOOL.exists(), "build it with tests/tools/build"
    found = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=GOLDEN.read_bytes(), capture_output=True, check=False
    )
    assert (found.returncode, found.stderr, found.stdout) == (0, b"", b"")


def test_every_family_of_the_platform_is_in_it() -> None:
    of = account(agents="named")
    text = GOLDEN.read_text()
    counters = "contactcenter_contacts_"  # the ledger's, and not a feed's
    missing = {
        family.name
        for one in of.feeds
        for family in one.families
        if f"# TYPE {family.name} " not in text and not family.name.startswith(counters)
    }
    assert {name for name in missing if not name.startswith("livevox_source_window_")} == set()


@pytest.mark.parametrize(
    "planted",
    ["A ONE", "A TWO", "555010", "ACCT-77", "Customer", "U0A1B2", "not-a-", "0000-1111"],
)
def test_no_personal_data_and_no_secret_is_in_it(planted: str) -> None:
    assert planted not in _everything()


if __name__ == "__main__":
    GOLDEN.write_text(_everything())

"""The file: what YAML may say, what is refused, and that no line of it is shown."""

from pathlib import Path

import pytest

from exporter.settings import load
from tests.configuration.loading import PLANTED, SOURCE, TOKEN, problems, problems_of, settings_of

NO_REFERENCE = "must be {file: PATH} or {env: NAME}, one of the two"


def test_every_scalar_is_text_until_its_type_is_known(file: Path) -> None:
    ids = (
        "    include: {services: [0123, 1.10, yes, 0x10, 1_000, 2024-01-01], call_centers: [~0]}\n"
    )
    source = settings_of(file, SOURCE + ids + "    percent_scale: 1\n").sources["acme-us"]
    assert source.include.services == ("0123", "1.10", "yes", "0x10", "1_000", "2024-01-01")
    assert source.include.call_centers == ("~0",)
    assert source.percent_scale == 1


def test_only_null_and_nothing_are_null_and_an_empty_section_is_its_default(file: Path) -> None:
    text = SOURCE + "    http:\n    feeds: ~\n    day_boundary: null\nweb:\nledger: {path: }\n"
    loaded = settings_of(file, text)
    assert loaded.sources["acme-us"].http.max_in_flight == 4
    assert loaded.sources["acme-us"].day_boundary is None
    assert loaded.web.listen_address == (":10710",)
    assert loaded.ledger.path is None
    assert not settings_of(file, "sources:\n").sources
    assert problems_of(file, SOURCE + "    username: ~\n".replace("username", "api_version")) == [
        "sources.acme-us.api_version (exporter.yml, line 10): must be a text"
    ]


def test_anchors_and_merges_are_what_yaml_says(file: Path) -> None:
    text = SOURCE.replace("acme-us:", "acme-us: &acme") + (
        "    feeds: &feeds {agent_status: {interval: 30s}, directory: {interval: 1h}}\n"
        "  acme-eu:\n"
        "    environment: na5\n"
        "    <<: *acme\n"
        "    feeds:\n"
        "      <<: [{agent_status: {interval: 40s}}, *feeds]\n"
        "      campaign_stats: {enabled: no}\n"
    )
    eu = settings_of(file, text).sources["acme-eu"]
    assert (eu.environment, eu.client_name) == ("na5", "ACME_CC")
    assert (eu.feeds.agent_status.interval, eu.feeds.directory.interval) == (40, 3600)
    assert eu.feeds.campaign_stats.enabled is False
    assert problems_of(file, "web: {<<: [text]}") == [
        "web (exporter.yml, line 1): merges what is not a mapping"
    ]


def test_a_key_that_stands_twice_is_named_with_both_lines(file: Path) -> None:
    text = SOURCE + "    username: again\nweb: {}\nweb: {}\n"
    text = text.replace(PLANTED, f"{{{PLANTED}: 1, {PLANTED}: 2}}")
    assert problems_of(file, text) == [
        "sources.acme-us.password (exporter.yml, line 8): stands twice, first in line 8",
        "sources.acme-us.username (exporter.yml, line 10): stands twice, first in line 7",
        "web (exporter.yml, line 12): stands twice, first in line 11",
        f"sources.acme-us.password (exporter.yml, line 8): {NO_REFERENCE}",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"~", "is empty"),
        (b"- a", "must be a mapping of sections"),
        (b"text " + PLANTED.encode(), "must be a mapping of sections"),
        (b"web:\n\ttelemetry_path: " + PLANTED.encode(), "line 2, column 1: is not YAML: a tab"),
        (b"a: b: " + PLANTED.encode(), "line 1, column 5: is not YAML: a second `:`"),
        (b"a: *" + PLANTED.encode(), "line 1, column 4: is not YAML"),
        (b"a: [" + PLANTED.encode(), "is not YAML"),
        (b"a: !x!" + PLANTED.encode(), "line 1, column 4: is not YAML"),
        (b"a: b\n---\nc: d", "one document is expected"),
        (b"a: b\nc: \x00" + PLANTED.encode(), "line 2: is not YAML: it holds a character"),
        (b'a: "\\U99999999"', "is not YAML: it holds a number"),
        (PLANTED.encode() + b"\xff", "is not UTF-8 text"),
        ("web: {}".encode("utf-16"), "is not UTF-8 text"),
        (b"#" * 1024 * 1025, "is larger than 1024 KiB"),
        (b"[" * 50_000, "nests too deeply"),
        (b"{a: " * 41 + b"b" + b"}" * 41, "nests too deeply"),
        (b"a: &a [*a]", "aliases make the file too large"),
        (
            b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10))
                       for n in range(1, 9)),
            "aliases make the file too large",
        ),
        (b"a: &a {<<: *a}", "aliases make the file too large"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_configuration_is_refused_whole(
    file: Path, content: bytes, said: str
) -> None:
    file.write_bytes(content)
    (line,) = problems(file, TOKEN, {})
    assert line.startswith("exporter.yml")
    assert said in line


def test_tags_are_refused_and_never_run(file: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    lines = problems_of(
        file,
        f"web: !!python/object/apply:os.mkdir [{ran}]\nlog: {{level: !{PLANTED} x}}\n? [a]\n: b",
    )
    assert lines[:3] == [
        "web (exporter.yml, line 1): has a tag, which is not supported",
        "log.level (exporter.yml, line 2): has a tag, which is not supported",
        "the file (exporter.yml, line 3): has a key that is not text",
    ]
    assert not ran.exists()
    (line,) = problems_of(file, "!x {a: b}")
    assert "must be a mapping of sections" in line


def test_a_byte_order_mark_is_tolerated(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbflog: {level: debug}\r\n")
    assert load(file, {}, {}).log.level == "debug"


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yml", {}, {}) == [
        "none.yml: can not be read (No such file or directory)"
    ]
    (line,) = problems(tmp_path, {}, {})
    assert line.endswith("can not be read (Is a directory)")
    (line,) = problems(Path("/proc/self/mem"), {}, {})
    assert "can not be read" in line

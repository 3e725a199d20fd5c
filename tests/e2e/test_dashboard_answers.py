"""The dashboard's queries, asked of a real Prometheus that watches a simulated day."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import processes as run
from tests.test_dashboards import ANNOTATIONS, QUERIES, with_all
from tests.test_rules import RULES

pytestmark = pytest.mark.e2e

VERSION = {"expr": ANNOTATIONS["Exporter version"]["expr"]}


@contextmanager
def watched_demo(cwd: Path) -> Iterator[run.Prometheus]:
    """The demo at sixty times its speed, and a Prometheus with the rules that scrapes it."""
    target, port = run.free_port(), run.free_port()
    configuration = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {
                "job_name": "contact-center-exporter",
                "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
            }
        ],
    }
    (cwd / "prometheus.yml").write_text(json.dumps(configuration))
    demo = ("-m", "exporter", "demo", "--port", str(target), "--speed", "60", "--seed", "3")
    flags = ("--config.file=prometheus.yml", "--storage.tsdb.path=tsdb")
    address = f"--web.listen-address=127.0.0.1:{port}"
    with (
        run.process(sys.executable, *demo, cwd=cwd, name="demo"),
        run.process(str(run.PROMETHEUS), *flags, address, cwd=cwd, name="prometheus"),
    ):
        url = f"http://127.0.0.1:{port}/"
        run.wait_until(lambda: run.answers(f"{url}-/ready"), "Prometheus is ready")
        ready = f"http://127.0.0.1:{target}/-/ready"
        run.wait_until(lambda: run.answers(ready), f"the demo is ready: see {cwd}/demo.log")
        yield run.Prometheus(url)


def test_every_query_answers_on_a_simulated_day(tmp_path: Path) -> None:
    with watched_demo(tmp_path) as prometheus:
        answers: dict[str, list[dict[str, Any]]] = {}
        asked = {**QUERIES, "version": {"legendFormat": "{{version}}", **VERSION}}

        def ask_the_silent() -> bool:
            for name in asked.keys() - answers.keys():
                if found := prometheus.query(with_all(asked[name]["expr"])):
                    answers[name] = found
            return len(answers) == len(asked)

        with suppress(AssertionError):  # the next line says which are silent
            run.wait_until(ask_the_silent, "every query has an answer", 60)
        assert asked.keys() - answers.keys() == set()
        for name, found in answers.items():
            labels = set(re.findall(r"\{\{(\w+)\}\}", asked[name]["legendFormat"]))
            assert all(labels <= series["metric"].keys() for series in found), name
        prometheus.query(with_all(ANNOTATIONS["Alerts"]["expr"]))

        # As Grafana's format `regex` writes it; a name with quotes and a backslash.
        awkward = 'Crédit "Gold" \\ IN'
        chosen = QUERIES["Queues E"]["expr"].replace(
            "${queue:regex}", awkward.replace("\\", "\\\\")
        )
        found = prometheus.query(with_all(chosen))
        assert [series["metric"]["queue"] for series in found] == [awkward]

"""What Prometheus scrapes is what the record says; every alert and panel names a metric that is there, and has its runbook."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML
from temporalio.client import Client

from deploy.cluster import Installation
from deploy.process import free_ports
from gateway.metrics import Figures, endpoint, registry
from gateway.presence import Presence, relay_sign
from tests.world import Office

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
OURS = re.compile(r"\bhuiqian_\w+")
Scrape = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(port: int) -> Scrape:
    """Every sample of the endpoint, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def port(office: Office) -> Iterator[int]:
    """A real endpoint on a free port of loopback."""
    figures = Figures(office.gateway, "t")
    with endpoint("127.0.0.1:0", registry(office.gateway, figures)) as port:
        yield port


def test_acts_are_counted_once_by_outcome_and_code_however_often_they_are_scraped(
    office: Office, port: int
) -> None:
    filing = office.submitted()
    office.refused("2026-03-05 09:00", "clerk@gz", "accept", filing)
    wrong = ("huiqian_acts_total", (("act", "accept"), ("code", "wrong-agency"), ("outcome", "refused")))
    assert scrape(port)[wrong] == 1
    assert scrape(port)[wrong] == 1
    office.refused("2026-03-05 09:01", "clerk@gz", "accept", filing)
    assert scrape(port)[wrong] == 2


def test_names_that_no_act_has_make_no_label(office: Office, port: int) -> None:
    office.act("2026-03-05 09:00", "public", "drop-table-please")
    labels = {value for (_, labels) in scrape(port) for _, value in labels}
    assert "unknown" in labels
    assert "drop-table-please" not in labels


def test_what_is_late_waits_and_lags_is_shown(office: Office, port: int) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing)
    office.act("2026-04-10 09:00", "public", "nothing")  # the clock moves on
    seen = scrape(port)
    of = (("agency", "tro"), ("for", "form-panel"), ("kind", "filing"), ("stage", "accepted"))
    late = ("huiqian_overdue", of)
    assert seen["huiqian_waiting", of] == 1
    assert seen[late] == 1
    assert seen["huiqian_behind", ()] >= 1
    assert seen["huiqian_behind_seconds", ()] > 30 * 24 * 3600
    assert seen["huiqian_worker_there", (("queue", "t.tro"),)] == 0
    assert seen["huiqian_act_seconds_count", (("act", "accept"),)] == 1


def test_open_cases_are_counted_by_the_agency_that_is_awaited(office: Office, port: int) -> None:
    filing = office.submitted()
    at = {"kind": "filing", "agency": "tro"}
    submitted = ("huiqian_open_cases", tuple(sorted({**at, "stage": "submitted"}.items())))
    accepted = ("huiqian_open_cases", tuple(sorted({**at, "stage": "accepted"}.items())))
    before = scrape(port)
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing)
    after = scrape(port)
    assert after.get(accepted, 0) == before.get(accepted, 0) + 1
    assert after.get(submitted, 0) == before[submitted] - 1


async def test_whether_temporal_is_there_is_shown_and_makes_what_waits_for_it_no_fault_of_a_process(
    office: Office,
) -> None:
    office.submitted()
    Presence(office.engine, ["t", "t.tro", relay_sign("t")]).beat()
    office.act("2026-03-10 09:00", "public", "nothing")  # the clock moves on
    nobody = await Client.connect(f"127.0.0.1:{free_ports(1)[0]}", lazy=True)
    figures = Figures(office.gateway, "t")
    looking = asyncio.create_task(figures.run(nobody))
    with endpoint("127.0.0.1:0", registry(office.gateway, figures)) as port:
        for _ in range(300):
            seen = await asyncio.to_thread(scrape, port)
            if not seen["huiqian_temporal_there", ()]:
                break
            await asyncio.sleep(0.1)
        seen = await asyncio.to_thread(scrape, port)
    looking.cancel()
    assert seen["huiqian_temporal_there", ()] == 0
    assert seen["huiqian_stuck", (("cause", "temporal-away"),)] > 0
    assert seen["huiqian_stuck", (("cause", "behind"),)] == 0
    assert seen["huiqian_worker_there", (("queue", "t/relay"),)] == 1


def alerts() -> list[dict[str, Any]]:
    """The alert rules as shipped."""
    groups: Any = YAML(typ="safe").load(MONITORING / "alerts.yaml")
    return [rule for group in groups["groups"] for rule in group["rules"]]


def test_every_alert_and_panel_names_metrics_that_are_there(office: Office, port: int) -> None:
    filing = office.submitted()
    office.do("2026-03-05 09:00", "clerk@tro", "accept", filing)
    office.act("2026-04-10 09:00", "public", "nothing")  # the clock moves on: somebody is late
    there = {name for name, _ in scrape(port)}
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    expressions = [rule["expr"] for rule in alerts()]
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for expression in expressions for name in OURS.findall(expression)}
    assert named <= there
    assert len(named) > 8


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    shipped = {path.stem for path in (MONITORING / "runbooks").glob("*.md")}
    assert {rule["alert"] for rule in alerts()} == shipped
    assert all((MONITORING / rule["annotations"]["runbook"]).is_file() for rule in alerts())


def test_what_prometheus_is_told_to_scrape_is_what_the_cluster_shows() -> None:
    told: Any = YAML(typ="safe").load(MONITORING / "prometheus.yaml")
    scraped = [
        target
        for job in told["scrape_configs"]
        for set_ in job["static_configs"]
        for target in set_["targets"]
    ]
    assert scraped == list(Installation(Path("/nowhere"), metrics_port=9464).metrics.values())

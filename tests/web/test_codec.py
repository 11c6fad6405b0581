"""Temporal's own pages get clear text only for an operator, only of cases they may see, and only from the one origin."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from gateway.codec import CaseCodec
from gateway.payload_keys import make_ring_file, open_keys
from gateway.sessions import make_token
from tests.web.conftest import Web

UI = "https://temporal.example:8233"
CLEAR = Payload(metadata={"encoding": b"json/plain"}, data='"明文"'.encode())
HEADERS = {"Origin": UI, "Sec-Fetch-Site": "same-site"}


@pytest.fixture
def sealed(web: Web, tmp_path: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Payloads of a filing, a draft and nobody's, with the endpoint switched on."""
    file, before = tmp_path / "payload-keys.json", web.place.settings
    make_ring_file(file)
    web.place.settings = before.model_copy(update={"payload_keys": str(file), "temporal_ui": UI})
    yield {name: of(CaseCodec(open_keys(str(file))), web.cases[name]) for name in ("passed", "draft")}
    web.place.settings = before


def of(codec: CaseCodec, case: str) -> dict[str, Any]:
    """A payload of a case as Temporal's pages send it."""
    context = WorkflowSerializationContext(namespace="default", workflow_id=f"huiqian/{case}")
    (made,) = asyncio.run(codec.with_context(context).encode([CLEAR]))
    return MessageToDict(made)


def test_an_operator_reads_what_they_may_see_and_the_rest_stays_sealed(
    web: Web, sealed: dict[str, Any]
) -> None:
    body = {"payloads": [sealed["passed"], sealed["draft"], MessageToDict(CLEAR)]}
    answer = web("ops@dept").client.post("/codec/decode", json=body, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["payloads"] == [MessageToDict(CLEAR), sealed["draft"], MessageToDict(CLEAR)]
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    ("person", "status"), [(None, 401), ("approver@dept", 403), ("clerk@tro", 403), ("filer@dg", 403)]
)
def test_nobody_else_does(web: Web, sealed: dict[str, Any], person: str | None, status: int) -> None:
    answer = web(person).client.post("/codec/decode", json={"payloads": [sealed["passed"]]}, headers=HEADERS)
    assert answer.status_code == status
    assert "明文" not in answer.text


def test_a_token_of_an_operator_does_as_well(web: Web, sealed: dict[str, Any]) -> None:
    token = make_token(web.office.engine, "temporal-ui", "ops@dept")
    headers = {**HEADERS, "Authorization": f"Bearer {token}"}
    answer = web().client.post("/codec/decode", json={"payloads": [sealed["passed"]]}, headers=headers)
    assert answer.json()["payloads"] == [MessageToDict(CLEAR)]


def test_what_an_operator_types_is_sealed_before_it_reaches_temporal(
    web: Web, sealed: dict[str, Any]
) -> None:
    ops = web("ops@dept").client
    made = ops.post("/codec/encode", json={"payloads": [MessageToDict(CLEAR)]}, headers=HEADERS).json()
    assert "明文" not in str(made)
    assert made["payloads"] != [MessageToDict(CLEAR)]
    assert ops.post("/codec/decode", json=made, headers=HEADERS).json()["payloads"] == [MessageToDict(CLEAR)]


def test_another_site_is_turned_away_even_with_an_operators_session(web: Web, sealed: dict[str, Any]) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    answer = web("ops@dept").client.post(
        "/codec/decode", json={"payloads": [sealed["passed"]]}, headers=headers
    )
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_browser_may_ask_beforehand_and_only_that_origin_is_told_yes(
    web: Web, sealed: dict[str, Any]
) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace",
    }
    yes = web().client.options("/codec/decode", headers={**asked, "Origin": UI})
    assert (yes.status_code, yes.headers["access-control-allow-origin"]) == (204, UI)
    assert "x-namespace" in yes.headers["access-control-allow-headers"]
    no = web().client.options("/codec/decode", headers={**asked, "Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in no.headers


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"payloads": 1}', '{"payloads": [1]}'])
def test_what_is_no_request_of_temporals_pages_is_refused(
    web: Web, sealed: dict[str, Any], body: str
) -> None:
    answer = web("ops@dept").client.post("/codec/decode", content=body, headers=HEADERS)
    assert answer.status_code == 400


def test_where_no_origin_is_set_nothing_is_opened(web: Web) -> None:
    assert web("ops@dept").client.post("/codec/decode", json={"payloads": []}).status_code == 404

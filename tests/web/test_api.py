"""The API: every act described from its own schema, idempotent by key, refusals as problem+json; tried by schemathesis."""

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.web.openapi import document
from domain.acts.base import ACTS
from gateway.sessions import make_token, revoke_token
from policies import load_pack
from tests.web.conftest import Web

TRIED = [
    "docket",
    "case",
    "accept",
    "ask-supplement",
    "submit-filing",
    "issue-call",
    "object",
    "consent",
    "score",
]
"""One of each shape of form: the others differ by their fields alone, and two hundred would take minutes."""
SCHEMA = schemathesis.openapi.from_dict(document(load_pack("guangdong/pilot"))).include(operation_id=TRIED)
HOLDER = "clerk@gz"


@pytest.fixture(scope="module")
def client(web: Web) -> TestClient:
    """Another system, with a token of an office."""
    token = make_token(web.office.engine, "test", HOLDER)
    return TestClient(web.app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)


def test_every_act_is_described_with_an_example() -> None:
    described = document(load_pack("guangdong/pilot"))
    posts = {
        path.rpartition("/")[2]: found["post"]
        for path, found in described["paths"].items()
        if "post" in found
    }
    assert set(posts) == set(load_pack("guangdong/pilot").acts)
    for name, post in posts.items():
        example = post["requestBody"]["content"]["application/json"]["example"]["with"]
        ACTS[name].form.model_validate(example)
    assert described["openapi"].startswith("3.1")


def test_acts_of_a_second_procedure_are_described_too_and_what_is_public_needs_no_token() -> None:
    packs = [load_pack("guangdong/pilot"), load_pack("guangdong/key-majors")]
    described = document(*packs)
    own = set(packs[1].acts) - set(packs[0].acts)
    assert "rank" in own
    assert {f"/api/v1/acts/{act}" for act in own} <= described["paths"].keys()
    public = described["paths"]["/public/{id}.json"]["get"]
    assert public["security"] == []
    for operation in (found for path in described["paths"].values() for found in path.values()):
        kind, content = next(iter(operation["responses"]["200"]["content"].items()))
        shape = content["schema"].get("$ref", "").rpartition("/")[2]
        assert content.get("example") or described["components"]["schemas"][shape]["examples"], kind


def test_what_is_stuck_is_told_to_the_operator_alone(client: TestClient, web: Web) -> None:
    assert client.get("/api/v1/stuck").status_code == 403
    token = make_token(web.office.engine, "board", "ops@dept")
    told = client.get("/api/v1/stuck?cause=no-worker&limit=5", headers={"Authorization": f"Bearer {token}"})
    assert told.status_code == 200
    assert told.json()["temporal"] in (True, False)  # whatever runs on this machine
    assert {row["cause"] for row in told.json()["stuck"]} == {"no-worker"}
    assert all(row["remedies"] for row in told.json()["stuck"])
    wrong = client.get("/api/v1/stuck?cause=moon", headers={"Authorization": f"Bearer {token}"})
    assert wrong.status_code == 422


def test_where_time_goes_is_told_to_the_operator_alone(client: TestClient, web: Web) -> None:
    assert client.get("/api/v1/statistics").status_code == 403
    token = {"Authorization": f"Bearer {make_token(web.office.engine, 'board', 'ops@dept')}"}
    told = client.get("/api/v1/statistics", headers=token).json()
    accepting = next(r for r in told["rows"] if (r["what"], r["name"]) == ("move", "accept"))
    assert {"agency", "median", "p90", "promised", "ended", "running"} <= accepting.keys()
    assert told["unit"] == "working-day"
    none_since = client.get("/api/v1/statistics?since=9999-12-31", headers=token).json()
    assert none_since["rows"] == []
    assert client.get("/api/v1/statistics?since=0001-01-01", headers=token).json()["rows"] == told["rows"]
    assert client.get("/api/v1/statistics?since=moon", headers=token).status_code == 422


def test_the_key_makes_an_act_that_is_sent_again_the_same_act(client: TestClient, web: Web) -> None:
    body = {"case": web.cases["submitted"], "with": {"items": ["校企合作协议"]}}
    web.office.now = web.office.now.replace(month=4, day=2)
    ahead = client.post("/api/v1/acts/ask-supplement?preview=true", json=body)
    assert ahead.json()["outcome"] == "foreseen"
    answers = [
        client.post("/api/v1/acts/ask-supplement", json=body, headers={"Idempotency-Key": "key-00000001"})
        for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json()["events"] == answers[1].json()["events"]
    again = client.post("/api/v1/acts/ask-supplement", json=body, headers={"Idempotency-Key": "key-00000002"})
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    assert again.json()["next"]["zh"]
    assert client.post("/api/v1/acts/ask-supplement", json=body).status_code == 400
    assert client.get(f"/api/v1/cases/{web.cases['submitted']}").json()["stage"] == "supplementing"
    web.office.now = web.office.now.replace(day=14)


def test_a_token_sees_and_does_what_its_office_may_until_it_is_revoked(client: TestClient, web: Web) -> None:
    for case in ("draft", "accepted", "objection", "evaluation"):
        assert client.get(f"/api/v1/cases/{web.cases[case]}").status_code == 404
    body = {"case": web.cases["accepted"], "with": {}}
    refused = client.post("/api/v1/acts/accept", json=body, headers={"Idempotency-Key": "key-00000003"})
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong-agency")
    assert (
        client.post("/api/v1/acts/lapse", json=body, headers={"Idempotency-Key": "key-00000004"}).status_code
        == 404
    )
    token = make_token(web.office.engine, "old", HOLDER)
    revoke_token(web.office.engine, "old")
    for header in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": "Basic eA=="},
    ):
        answer = TestClient(web.app).get("/api/v1/docket", headers=header)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.fixture(scope="module")
def caller(client: TestClient) -> Any:
    """How schemathesis sends what it made."""

    def send(case: Any) -> Any:
        made = case.as_transport_kwargs(base_url="http://testserver")
        given = dict(made.get("headers") or {}).items()
        headers = {k: v.encode("latin-1", "ignore") for k, v in given if k.lower() != "authorization"}
        return client.request(
            made["method"], made["url"], params=made.get("params"), headers=headers, json=made.get("json"),
            content=made.get("data"),
        )  # fmt: skip

    return send


@SCHEMA.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
@settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
def test_nothing_that_fits_the_description_breaks_it(case: Any, caller: Any) -> None:
    answer = caller(case)
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    case.validate_response(schemathesis.Response.from_any(answer), checks=checks)

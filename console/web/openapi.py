"""OpenAPI 3.1 of every act, from the same schemas as the forms, with the examples that the terminal shows."""

import json
from typing import Any

from console.forms import example, schema
from domain.acts.base import ACTS, Act
from domain.policy import Pack
from gateway.causes import CAUSES

PROBLEM = {
    "type": "object", "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "title_zh": {"type": "string"},
        "status": {"type": "integer"}, "code": {"type": "string"}, "detail": {"type": "string"},
        "reasons": {"type": "array", "items": {"type": "object"}}, "next": {"type": "object"}, "clause": {"type": "string"},
    },
    "examples": [{"type": "about:blank", "title": "Not at this stage", "title_zh": "现阶段不能办理", "status": 409, "code": "wrong-stage"}],
}  # fmt: skip
RECEIPT = {
    "type": "object", "required": ["outcome"],
    "properties": {
        "outcome": {"enum": ["accepted", "foreseen"]}, "command": {"type": "string"}, "act": {"type": "string"},
        "at": {"type": "string"}, "case": {"type": ["string", "null"]}, "events": {"type": "array"},
        "digest": {"type": "string"},
    },
    "examples": [{"outcome": "accepted", "command": "7f1c2b9a", "act": "accept", "at": "2026-03-09T01:00:00.000000Z", "case": "filing-7k2m",
                  "events": ["filing-7k2m/3"]}],
}  # fmt: skip

_BOTH = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
STUCK = {
    "type": "object", "required": ["temporal", "stuck"],
    "properties": {
        "temporal": {"type": "boolean", "description": "whether Temporal answers"},
        "stuck": {"type": "array", "items": {
            "type": "object",
            "required": ["case", "kind", "stage", "cause", "since", "whose", "what", "says", "evidence", "remedies"],
            "properties": {
                **{name: {"type": "string"} for name in ("case", "kind", "stage", "whose", "what")},
                "cause": {"enum": list(CAUSES)}, "since": {"type": "string", "format": "date-time"},
                "says": _BOTH, "evidence": _BOTH, "remedies": {"type": "array", "items": {"type": "string"}},
                "card": {"enum": ["warning", "yellow", "red", None]},
            },
        }},
    },
}  # fmt: skip

PUBLICATION = {
    "type": ["object", "array"],
    "properties": {
        "id": {"type": "string"}, "kind": {"enum": ["notice", "announcement", "violation"]}, "document_no": {"type": ["string", "null"]},
        "at": {"type": "string", "format": "date-time"}, "ends": {"type": ["string", "null"]}, "open": {"type": "boolean"},
        "lines": {"type": "array", "items": {"type": "object"}}, "corrections": {"type": "array", "items": {"type": "object"}},
    },
}  # fmt: skip
_AT, _LINE = "2026-04-13T01:00:00.000000Z", "filing-7k2m/1"
EXAMPLES: dict[str, Any] = {
    "docket": {"rows": [{"case": "filing-7k2m", "kind": "filing", "stage": "submitted", "role": "clerk", "agency": "tro", "for": "accept",
                         "due": _AT, "round": "round-5x8q", "card": None, "officer": None, "lapses": True}], "count": 1, "more": False, "next": None},
    "case": {"id": "filing-7k2m", "kind": "filing", "stage": "submitted", "waiting": [{"role": "clerk", "agency": "tro", "for": "accept", "due": _AT}]},
    "stuck": {"temporal": True, "stuck": []},
    "statistics": {"since": None, "unit": "working-day", "rows": [], "weeks": [{"begins": "2026-04-13", "done": 12, "refused": 1}]},
    "publication": {"id": "notice-3q9d", "kind": "notice", "document_no": None, "at": _AT, "ends": "2026-04-19", "open": True, "corrections": [],
                    "lines": [{"line": _LINE, "college": "dg", "college_name": "东莞市技师学院", "major": "DEMO-0209", "entry": "senior-high", "years": 4, "plan": 40}]},
}  # fmt: skip
"""What an answer looks like."""

_MANY = {"type": "integer", "minimum": 0}
_DAYS = {"type": ["number", "null"]}
STATISTICS = {
    "type": "object", "required": ["since", "unit", "rows", "weeks"],
    "properties": {
        "since": {"type": ["string", "null"]}, "unit": {"const": "working-day"},
        "rows": {"type": "array", "items": {
            "type": "object",
            "properties": {
                **{name: {"type": "string"} for name in ("kind", "name", "agency")}, "what": {"enum": ["move", "clock"]},
                **dict.fromkeys(("ended", "running", "kept", "late", "lapsed", "ahead"), _MANY),
                **dict.fromkeys(("median", "p90", "longest", "promised"), _DAYS),
            },
        }},
        "weeks": {"type": "array", "items": {
            "type": "object",
            "properties": {"begins": {"type": "string", "format": "date"}, "done": _MANY, "refused": _MANY},
        }},
    },
}  # fmt: skip


def document(*packs: Pack) -> dict[str, Any]:
    """The whole interface of an environment with these procedures, its own first."""
    pack = packs[0]
    schemas: dict[str, Any] = {"Problem": PROBLEM, "Receipt": RECEIPT}
    paths: dict[str, Any] = {
        "/api/v1/docket": {"get": _reading("docket", "What waits for the token's office", [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}},
            {"name": "after", "in": "query", "schema": {"type": "string", "pattern": "^[^/]+/.+/[0-9]+$", "maxLength": 200}},
        ])},
        "/api/v1/stuck": {"get": _reading("stuck", "What does not move, and why; for the operator's office", [
            {"name": "cause", "in": "query", "schema": {"enum": list(CAUSES)}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
        ], STUCK, "403")},
        "/api/v1/statistics": {"get": _reading("statistics", "Where time goes; for the operator's office", [
            {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
        ], STATISTICS, "403")},
        "/api/v1/cases/{id}": {"get": _reading("case", "One case", [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}},
        ])},
        "/public/{id}.json": {"get": _open("publication", "What was made public, as it stood when it was published; or a list of it", PUBLICATION)},
    }  # fmt: skip
    for name, act in sorted(ACTS.items()):
        of = next((one for one in packs if name in one.acts), None)
        if act.internal or of is None:
            continue
        schemas |= _schemas(name)
        paths[f"/api/v1/acts/{name}"] = {"post": _operation(act, of)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "会签 Huiqian",
            "version": "1",
            "description": f"{pack.title.zh} · {pack.title.en}",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _schemas(name: str) -> dict[str, Any]:
    """The act's form and its parts, under names of their own."""
    text = json.dumps(schema(name)).replace("#/$defs/", f"#/components/schemas/{name}.")
    whole: dict[str, Any] = json.loads(text)
    parts = whole.pop("$defs", {})
    return {name: whole, **{f"{name}.{part}": found for part, found in parts.items()}}


def _operation(act: Act, pack: Pack) -> dict[str, Any]:
    authority = pack.acts[act.name]
    body: dict[str, Any] = {
        "type": "object", "additionalProperties": False, "required": ["with"],
        "properties": {
            "with": {"$ref": f"#/components/schemas/{act.name}"},
            "read": {"type": ["string", "null"], "format": "date-time", "description": "when the page was drawn; `stale` if it moved since"},
            "case": {"type": ["string", "null"], "maxLength": 200, **({"description": f"a {act.on.kind}"} if act.on else {})},
        },
    }  # fmt: skip
    sample: dict[str, Any] = {
        "with": example(act),
        **({"case": f"{act.on.kind or 'case'}-…"} if act.on else {}),
    }
    offices = "、".join(f"{o.role}@{o.at}" if o.role != "public" else "public" for o in authority.by)
    return {
        "operationId": act.name, "summary": authority.says.en, "tags": [act.on.kind if act.on and act.on.kind else "lines"],
        "description": f"{authority.says.zh}。由 {offices} 办理。{pack.instruments[authority.source.instrument].title} {authority.source.clause}",
        "parameters": [
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 8, "maxLength": 80, "pattern": "^[!-~]+$"}},
            {"name": "preview", "in": "query", "schema": {"type": "boolean", "default": False}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body, "example": sample}}},
        "responses": {"200": _answer("done, or foreseen", "Receipt", "application/json"), **_refusals("400", "401", "403", "404", "409", "422", "503")},
    }  # fmt: skip


def _reading(
    name: str, says: str, parameters: list[dict[str, Any]], answer: dict[str, Any] | None = None, *more: str
) -> dict[str, Any]:
    shape = answer or {"type": "object"}
    return {
        "operationId": name, "summary": says, "tags": ["reading"], "parameters": parameters,
        "responses": {
            "200": {"description": says, "content": {"application/json": {"schema": shape, "example": EXAMPLES[name]}}},
            **_refusals("401", "404", "422", *more),
        },
    }  # fmt: skip


def _open(name: str, says: str, answer: dict[str, Any]) -> dict[str, Any]:
    """What anybody may read without a token."""
    which = {
        "name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}, "example": "notices",
        "description": "the id in its permanent address; `notices`, `announcements` or `violations` for a list",
    }  # fmt: skip
    operation = _reading(name, says, [which], answer)
    kept = {status: told for status, told in operation["responses"].items() if status in ("200", "404")}
    often = {"429": {"description": "too often: Retry-After says when to ask again"}}
    return {**operation, "tags": ["public"], "security": [], "responses": {**kept, **often}}


def _answer(says: str, name: str, kind: str) -> dict[str, Any]:
    return {"description": says, "content": {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


def _refusals(*statuses: str) -> dict[str, Any]:
    says = {
        "400": "no Idempotency-Key", "401": "no valid token", "403": "not yours to do", "404": "no such case or act",
        "409": "not now", "422": "not as the form asks", "503": "too contended; send the same again",
    }  # fmt: skip
    return {status: _answer(says[status], "Problem", "application/problem+json") for status in statuses}

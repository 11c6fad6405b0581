"""The page of a case: where it stands, whose move it is and by when, its lines, files, people, periods, and its history."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from console import words
from console.fitting import ON_LINES, acts_on, evaluation_of, fitted
from console.web.choosing import labels
from console.web.lines import college_of, line_rows
from console.web.path import path_of
from console.web.place import Visit
from console.web.voice import Voice
from domain.acts.base import ACTS
from domain.acts.personal import people_of
from domain.case import Case
from gateway.foresight import possible
from gateway.views import letters_of
from records.schema import attachments, streams

router = APIRouter(include_in_schema=False)
GENERAL = {
    "id", "kind", "stage", "waiting", "deadlines", "pack", "version", "documents", "events", "lines", "draft",
    "catalog", "scores", "sides", "panel", "materials", "partners", "outcomes", "visits", "status", "pending", "records",
    "filings", "offices", "ranking", "draw", "chain", "rules", "enrolments", "changes", "practice_plan", "employment", "in_force", "held", "settings",
    "cards", "budgets", "selections", "delegations",
}  # fmt: skip
RANKED = ("category", "quota", "budget", "grant", "places", "taken", "free", "committed")
"""Particulars of a ranking, which stand with its table."""
CASES = (
    "selection",
    "round",
    "evaluation",
    "notice",
    "filing",
    "programme",
    "cohort",
    "line",
    "approval",
    "objection",
)
MOST_LINES = 200


@dataclass
class Fact:
    """One particular of a case: its name, its value in words, and the case it leads to."""

    name: str
    value: str
    to: str = ""


@router.get("/cases/{id_:path}/live")
def live(request: Request, id_: str, version: int = 0) -> Response:
    """The page's body when the case moved on since it was drawn; else nothing."""
    visit = Visit(request)
    case = visit.sight.case(id_)
    if case.seq <= version:
        return Response(status_code=204)
    return visit.page("case_body.html", moved=True, **told(visit, id_))


@router.get("/cases/{id_:path}")
def case(request: Request, id_: str) -> Response:
    """One case."""
    visit = Visit(request)
    return visit.page("case.html", moved=False, **told(visit, id_))


def told(visit: Visit, id_: str) -> dict[str, Any]:
    """Everything that the page says."""
    v, view = visit.voice, visit.sight.view(id_)
    desk = visit.desk
    pack = desk.pinned(view)
    evaluation = evaluation_of(desk, view)
    acts = doable(visit, view, evaluation)
    if evaluation and not visit.sight.may(evaluation["id"]):
        evaluation = None
    elif evaluation:
        evaluation = visit.sight.standing(evaluation["id"])
    return {
        "view": view, "pack": pack, "silent": visit.sight.case(id_).settled_by_silence(), "title": title_of(v, view), "steps": path_of(view, _stages(visit)),
        "facts": facts(visit, view), "lines": line_rows(visit, view, MOST_LINES), "acts": acts, "first": awaited(view), "barred": barred(visit, view, acts), "evaluation": evaluation,
        "related": related(visit, view), "letters": letters(visit, view), "files": files(visit, view),
        "subjects": {letter.id: words.letter_title(v.of(letter.subject)) for letter in pack.letters}, "papers": pack.papers,
        "names_of": labels(v, [row["line"] for row in view.get("ranking") or []]), "personal": may_open(visit, visit.sight.case(id_)), "drawn": visit.now, "today": visit.desk.today.isoformat(), "batch": [act for act in acts if act in ON_LINES],
    }  # fmt: skip


def _stages(visit: Visit) -> Any:
    voices = {lang: Voice(lang, visit.desk) for lang in ("zh", "en")}

    def say(lang: str, word: str) -> str:
        return voices[lang].stage(word)

    return say


def doable(visit: Visit, view: dict[str, Any], evaluation: dict[str, Any] | None) -> list[str]:
    """Exactly the acts that this person may do now on this case, the one that is waited for first."""
    wishes = [
        fitted(visit.desk, act, view, evaluation, visit.me.actor)
        for act in acts_on(view)
        if visit.may_try(act)
    ]
    found = possible(visit.desk.gateway, visit.me.actor, wishes)
    if (
        view["kind"] == "round"
    ):  # an act on lines is offered where a line is ready for it; without lines none is
        found = [act for act in found if act not in ON_LINES or wishes_line(wishes, act)]
    return sorted(dict.fromkeys(found), key=lambda act: act not in awaited(view))


def may_open(visit: Visit, case: Case) -> bool:
    """Whether the case holds personal data that this person may open now, after saying why."""
    if not visit.may_try("open-personal") or not people_of(case):
        return False
    wish = ("open-personal", case.id, {"what": "page", "reason": "…"})
    return bool(possible(visit.desk.gateway, visit.me.actor, [wish]))


def awaited(view: dict[str, Any]) -> set[str]:
    """The acts that the case waits for."""
    return {row["for"] for row in view["waiting"]}


def barred(visit: Visit, view: dict[str, Any], acts: list[str]) -> list[str]:
    """What the case waits for from this very person, and cannot be done now: its form says why, and what to do instead."""
    actor = visit.me.actor
    role = f"expert:{actor.person}" if actor.role == "expert" else actor.role
    mine = [row["for"] for row in view["waiting"] if (row["role"], row["agency"]) == (role, actor.agency)]
    return [act for act in mine if act not in acts and act in ACTS and visit.may_try(act)]


def wishes_line(wishes: list[Any], act: str) -> bool:
    """Whether the fitted form names a line."""
    return any(name == act and with_.get("lines") for name, _, with_ in wishes)


def title_of(v: Voice, view: dict[str, Any]) -> str:
    """A case in a few words."""
    if view["kind"] == "round":
        return v.t(f"{view['year']}年度{v.kind('round')}", f"Round of {view['year']}")
    if view.get("document_no"):
        what = v.t("更正公告", "Correction") if view.get("corrects") else v.kind(view["kind"])
        return f"{what} {view['document_no']}"
    whose = str(view.get("college") or view.get("subject") or "")
    if view["kind"] == "evaluation":
        whose = college_of(v, view["filing"])
    if view["kind"] in ("college", "agency"):
        whose = view["id"].partition("/")[2]
    if view["kind"] == "expert":
        return f"{v.kind('expert')} {view['id'].partition('/')[2]}"
    whose = v.agency(whose) if whose else ""
    return f"{whose} {v.kind(view['kind'])}".strip()


def facts(visit: Visit, view: dict[str, Any]) -> list[Fact]:
    """The particulars that have no part of the page to themselves."""
    v = visit.voice
    found: list[Fact] = []
    for name, value in view.items():
        if (
            name in GENERAL
            or (view["kind"] == "selection" and name in RANKED)
            or value in (None, [], {}, "", False)
        ):
            continue
        if name == "line" and isinstance(value, str) and "/" in value:  # a line of some filing
            filing = value.rpartition("/")[0]
            to = f"/cases/{filing}" if visit.sight.may(filing) else ""
            found.append(Fact(v.field(name), labels(v, [value])[value], to))
            continue
        if name in CASES and isinstance(value, str) and visit.sight.may(value):
            found.append(Fact(v.field(name), title_of(v, visit.sight.standing(value)), f"/cases/{value}"))
        else:
            found.append(Fact(v.field(name), said(v, name, value)))
    return found


def said(v: Voice, name: str, value: Any) -> str:
    """A part of a view in words, as far as there are words for it."""
    if isinstance(value, bool):
        return v.t("是", "yes") if value else v.t("否", "no")
    if name == "route_basis" and isinstance(value, str):
        return v.clause(v.desk.pack, value)[0]
    if isinstance(value, dict):
        return "；".join(
            f"{v.field(str(k))} {said(v, str(k), item)}" for k, item in value.items() if item is not None
        )
    if isinstance(value, list):
        return "、".join(said(v, name, item) for item in value)
    if isinstance(value, str) and len(value) == 27 and value.endswith("Z"):
        return v.at(value)
    if name in ("college", "route", "subject", "receiving_unit") and isinstance(value, str):
        return v.agency(value)
    if name in (
        "outcome",
        "objector",
        "via",
        "enrolment",
        "offence",
        "measure",
        "scope",
        "entry",
        "affiliation",
        "kind",
        "side",
    ):
        return v.choice(str(value))
    return str(value)


def related(visit: Visit, view: dict[str, Any]) -> list[tuple[str, str]]:
    """Cases that this one hangs together with, as far as the person may see them: id and title."""
    ids: list[str] = [
        str(view.get(n)) for n in ("round", "evaluation", "filing", "notice", "programme") if view.get(n)
    ]
    if view["kind"] == "filing" and view["stage"] != "draft":
        for line in view["lines"].values():
            ids += [
                *(line["held_by"]),
                *(line["frozen_by"]),
                *(str(line[n]) for n in ("notice", "approval", "programme", "selection") if line.get(n)),
            ]
    if isinstance(view.get("lines"), list) and len(view["lines"]) <= 20:
        ids += [ref.rpartition("/")[0] for ref in view["lines"]]
    ids += view.get("cohorts") or []
    ids += (
        [view["line"].rpartition("/")[0]] if isinstance(view.get("line"), str) and "/" in view["line"] else []
    )
    if view["kind"] == "notice":
        with visit.desk.engine.connect().execution_options(reading=True) as connection:
            query = select(streams.c.id).where(
                streams.c.kind == "objection", streams.c.state.contains(view["id"], autoescape=True)
            )
            ids += list(connection.execute(query.limit(50)).scalars())
    found: list[tuple[str, str]] = []
    for id_ in dict.fromkeys(i for i in ids if i != view["id"]):
        if visit.sight.may(id_):
            found.append((id_, title_of(visit.voice, visit.sight.standing(id_))))
    return found


def letters(visit: Visit, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Letters about the case; to others than its own college only within the authorities."""
    own = visit.me.actor.agency
    rows = letters_of(visit.desk.engine, view["id"])
    if own in visit.desk.pack.agencies and visit.me.actor.role != "expert":
        return rows
    return [row for row in rows if row["recipient"].rpartition("@")[2] == own]


def files(visit: Visit, view: dict[str, Any]) -> list[dict[str, Any]]:
    """The materials and documents of a case, each with what is known of the file; an objector's stay sealed off."""
    wanted = [] if view["kind"] == "objection" else list(view.get("materials") or [])
    query = select(attachments).where(attachments.c.sha256.in_(wanted))
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        known = {row.sha256: row for row in connection.execute(query)}
    rows = [
        {"sha256": d, "name": known[d].name if d in known else d[:12], "size": known[d].size if d in known else None,
         "type": known[d].media_type if d in known else ""}
        for d in wanted
    ]  # fmt: skip
    papers = visit.desk.pinned(view).papers
    for key, digest in view["documents"].items():
        paper = key.rpartition("/")[2]
        name = visit.voice.of(papers[paper].name) if paper in papers else paper
        rows.append({"sha256": digest, "name": f"{name}.docx", "size": None, "type": "docx"})
    return rows

"""For the auditor: does the record hold, did duties meet in one person, who looked at what; one case told whole, and taken away."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from audit.bundle import make_bundle
from audit.check_record import broken
from audit.collect import read_dossier
from audit.readings import Reading, readings
from audit.timeline import Entry, timeline
from audit.trees import Looked, look
from console import words
from console.desk import Desk, cited
from console.terminal.audit_court_file import extract
from console.terminal.audit_words import settled
from console.web.case import may_open, title_of
from console.web.guard import token_fits
from console.web.jobs import Task
from console.web.leafing import DOCX
from console.web.lists import Column, attachment, spreadsheet
from console.web.place import NotForYou, Visit
from gateway.custody import Custody
from gateway.views import NoSuchCase
from proof.trust import Trust, TrustRefused
from records.sequencer import FOLDER
from records.verify import Verified, verify
from records.verify_log import Brought

router = APIRouter(include_in_schema=False)
AUDITORS = frozenset({"auditor", "ops"})
MOST = 500


def auditor(request: Request, roles: frozenset[str] = AUDITORS) -> Visit:
    """The request of somebody whose business this is. Raises NotForYou."""
    visit = Visit(request)
    if visit.me.actor.role not in roles:
        raise NotForYou
    return visit


def own_trust(desk: Desk) -> Trust | None:
    """The trust roots that this machine's owner holds, if any: good for finding faults, no proof against the owner."""
    try:
        return Custody(desk.settings.keys_folder).trust()
    except (OSError, TrustRefused):
        return None


@router.get("/audit")
def hub(request: Request) -> Response:
    """What can be checked of the whole record, with what came of it last."""
    visit = auditor(request)
    jobs = {name: visit.place.jobs.get(task) for name, (task, _) in WORK.items()}
    return visit.page("audit.html", jobs=jobs, trusted=own_trust(visit.desk) is not None)


@router.get("/audit/jobs/{name}")
def progress(request: Request, name: str) -> Response:
    """One job's part of the page, for as long as it runs."""
    visit = auditor(request)
    if name not in WORK:
        raise NoSuchCase(name)
    return visit.page("audit_job.html", name=name, job=visit.place.jobs.get(WORK[name][0]))


@router.post("/audit/jobs/{name}")
def begin(request: Request, name: str, csrf: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Check the whole record; it takes as long as the record is long, so the page does not wait for it."""
    visit = auditor(request)
    if name not in WORK:
        raise NoSuchCase(name)
    if not token_fits(request, csrf):
        raise NotForYou
    desk, store = visit.desk, visit.place.store
    task, work = WORK[name]
    visit.place.jobs.start(task, str(visit.me.actor), lambda: work(desk, store.folder(FOLDER)))
    return visit.go("/audit")


def _verify(desk: Desk, published: Any) -> Verified:
    trust = own_trust(desk)
    return verify(desk.engine, Brought(trust, published) if trust else None)


def _duties(desk: Desk, _: Any) -> Looked:
    return look(desk.engine)


WORK: dict[str, tuple[Task[Any], Callable[[Desk, Any], Any]]] = {
    "verify": (Task("verify", TypeAdapter(Verified)), _verify),
    "duties": (Task("duties", TypeAdapter(Looked)), _duties),
}


@router.get("/audit/readings")
def looks(request: Request, by: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Who opened which personal data, when and why, and who was refused it."""
    visit = auditor(request)
    found, years, clause = _readings(visit, by)
    return visit.page(
        "readings.html", rows=found[::-1][:MOST], total=len(found), years=years, clause=clause, by=by
    )


@router.get("/audit/readings.xlsx")
def looks_workbook(request: Request) -> Response:
    """The same as a workbook."""
    visit = auditor(request)
    v = visit.voice
    columns: list[Column] = [
        (v.t("时间", "At"), lambda r: v.at(r["at"])), (v.t("何人", "Who"), lambda r: r["actor"]),
        (v.t("案件", "Case"), lambda r: r["case"]), (v.t("查阅", "What"), lambda r: r["what"]),
        (v.t("用途", "Why"), lambda r: r["reason"]), (v.t("结果", "Outcome"), lambda r: r["code"] or r["outcome"]),
        (v.t("保存至", "Kept until"), lambda r: r["kept_until"]),
    ]  # fmt: skip
    return spreadsheet(
        v.t("查阅记录", "Readings"), columns, [r.model_dump() for r in _readings(visit, "")[0]]
    )


def _readings(visit: Visit, by: str) -> tuple[list[Reading], int, str]:
    rule = visit.desk.pack.rules["retention.readings_years"]
    years = int(rule.on(visit.desk.today))
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        found = readings(connection, years, None, by or None)
    return found, years, cited(visit.desk.pack.instruments.get(rule.source.instrument), rule.source.clause)


@router.get("/audit/cases/{id_:path}/extract.docx")
def court_file(request: Request, id_: str) -> Response:
    """The whole story of a case as a document for a court file; personal data stays sealed."""
    visit = auditor(request)
    visit.sight.case(id_)
    desk = visit.desk
    with desk.engine.connect().execution_options(reading=True) as connection:
        dossier = read_dossier(connection, id_)
    says = {name: authority.says.zh for name, authority in desk.pack.acts.items()}
    data = extract(dossier, timeline(dossier), desk.names, says, desk.gateway.clock.now())
    return attachment(data, f"{id_.replace('/', '-')}-经过.docx", DOCX)


@router.get("/audit/cases/{id_:path}/bundle.zip")
def bundle(request: Request, id_: str) -> Response:
    """Everything about a case in one file that is verified offline; without the keys of persons."""
    visit = auditor(request, frozenset({"auditor"}))
    visit.sight.case(id_)
    desk = visit.desk
    made = make_bundle(
        desk.gateway, visit.place.store, Custody(desk.settings.keys_folder), id_,
        environment=desk.environment.id, with_keys=False,
    )  # fmt: skip
    return attachment(made.data, f"{id_.replace('/', '-')}.zip", "application/zip")


@router.get("/audit/cases/{id_:path}")
def story(request: Request, id_: str) -> Response:
    """Everything that happened to a case, refusals, lapses, letters and looks beside the acts, in legal order."""
    visit = auditor(request)
    view = visit.sight.view(id_)
    with visit.desk.engine.connect().execution_options(reading=True) as connection:
        dossier = read_dossier(connection, id_)
    entries = timeline(dossier)
    return visit.page(
        "story.html", view=view, title=title_of(visit.voice, view), entries=entries[-MOST:], total=len(entries),
        problems=broken(dossier.case, dossier.events, dossier.acts),
        who=partial(_who, visit), subjects=_subjects(visit, view), refused=sum(e.what == "refusal" for e in entries),
        opens=may_open(visit, visit.sight.case(id_)),
    )  # fmt: skip


def _subjects(visit: Visit, view: dict[str, Any]) -> dict[str, str]:
    """What each letter is about, in English; in Chinese the letter's own subject says it."""
    if visit.voice.lang == "zh":
        return {}
    pack = visit.desk.pinned(view)
    return {letter.id: words.letter_title(letter.subject.en) for letter in pack.letters}


def _who(visit: Visit, entry: Entry) -> str:
    if visit.voice.lang == "zh":
        return settled(entry, visit.desk.names).replace("依法自动 by law", "依法自动")
    return "by law" if entry.what == "lapse" else visit.voice.by(entry.actor)

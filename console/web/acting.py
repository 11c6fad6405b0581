"""Doing an act: its form, what it would do and by when, and its answer. What is pressed twice is done once."""

from collections import Counter
from functools import cached_property
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from console.desk import DRAWN_ID, cited, draw_id
from console.fitting import ON_LINES, evaluation_of, fitted, named_case, prefilled
from console.forms import fields, kinds_at
from console.web.case import title_of
from console.web.choosing import choices, labels, not_here
from console.web.files import MOST_AT_ONCE, take
from console.web.forms import FormMaker, Widget, impersonal, read
from console.web.guard import token_fits
from console.web.place import Elsewhere, NotForYou, Visit
from console.web.tables import MOST_BYTES, brought_in, given_out, students_out
from domain.acts.base import ACTS
from domain.files import Command
from domain.moments import instant
from gateway.attach import sealed_for_others
from gateway.foresight import Foresight, foresee
from gateway.roll import Entry, open_roll
from gateway.sessions import keep, kept
from gateway.views import NoSuchCase

router = APIRouter(include_in_schema=False)
JUDGING = ("score", "conclude")
"""What an expert does only after declaring to have no tie to the applicant, or naming it."""
DECLARE = "declare-no-tie"
MATERIALS = "materials"
"""The field of a form that names files; they can be handed in on the form itself."""
Answer = dict[str, Any]


class Wish:
    """One person's form for one act, as drawn or as sent."""

    def __init__(self, visit: Visit, act: str, case: str) -> None:
        if act not in ACTS or ACTS[act].internal:
            raise NoSuchCase(act)
        if not visit.may_try(act):
            raise NotForYou
        self.visit, self.act = visit, act
        self.view = visit.sight.view(case) if case else None
        self.case = named_case(act, self.view)
        self.draft_key = f"draft/{act}/{case}"
        if act in (*JUDGING, DECLARE) and self.view and not self._declared():
            raise Elsewhere(f"/declare/{self.view['id']}?act={act if act in JUDGING else JUDGING[0]}")

    @cached_property
    def saved(self) -> dict[str, Any]:
        """What this person kept of this form."""
        return kept(self.visit.desk.engine, self.visit.me.account.name, self.draft_key).get(
            self.draft_key, {}
        )

    def _declared(self) -> bool:
        evaluation = evaluation_of(self.visit.desk, self.view)
        if evaluation is None:
            return True
        return self.visit.me.actor.person in evaluation["declared"]

    def begin(self, lines: list[str]) -> dict[str, Any]:
        """What stands in the form when it is opened: what was kept, else what follows from the case."""
        if self.act == "adopt-pack" and (pack := self.visit.request.query_params.get("pack")):
            return {"pack": pack[:64]}
        if self.saved and not lines:
            return self.saved
        evaluation = evaluation_of(self.visit.desk, self.view)
        wish = fitted(self.visit.desk, self.act, self.view, evaluation, self.visit.me.actor)[2]
        with_ = prefilled(self.act, wish, evaluation, bool(self.view and self.view["kind"] == "filing"))
        return {**with_, **({"lines": lines} if lines else {})}

    @property
    def again(self) -> str:
        """Where this form is drawn anew."""
        if self.visit.request.method == "GET":
            return self.visit.here
        return address(self.act, self.view["id"] if self.view else "")

    def jot(self, id_: str, with_: dict[str, Any]) -> bool:
        """Keep what is typed, without personal particulars; whether there was anything to keep."""
        body = impersonal(self.act, with_) or None
        if id_ in self.visit.place.ended:
            return False
        keep(self.visit.desk.engine, self.visit.me.account.name, self.draft_key, body)
        return body is not None

    def end(self, id_: str) -> None:
        """Forget what was kept: the form is done or given up. What this page still sends of it comes too late to be kept."""
        self.visit.place.ended.append(id_)
        keep(self.visit.desk.engine, self.visit.me.account.name, self.draft_key, None)

    def command(self, id_: str, with_: dict[str, Any], drawn: str) -> Command:
        """The command. Raises ValidationError for what cannot be written down."""
        when = instant(drawn) if drawn else None
        return Command(id=id_, act=self.act, by=self.visit.me.actor, case=self.case, with_=with_, read=when)

    def widgets(self, with_: dict[str, Any], errors: dict[str, str], spare: str = "") -> list[Widget]:
        """The fields of the form, as far as they are filled in; `spare`: the table that gets an empty row."""
        v = self.visit.voice
        options = choices(v, self.act, self.view, self.visit.me.actor, with_)
        if self.act in ON_LINES:
            options["lines"] = list(labels(v, [str(ref) for ref in with_.get("lines") or []]).items())
        return FormMaker(self.act, v, options, errors, spare, not_here(v, self.view)).widgets(with_)

    def page(self, id_: str, with_: dict[str, Any], drawn: str, status: int = 200, **more: Any) -> Response:
        """The form with what is known of its effect."""
        visit = self.visit
        v = visit.voice
        pack = next(p for p in (self.visit.desk.pinned(self.view), *visit.desk.packs) if self.act in p.acts)
        authority = pack.acts[self.act]
        refusal: Answer | None = more.get("refusal")
        errors = errors_of(v.lang, refusal)
        widgets = self.widgets(with_, errors, more.pop("spare", ""))
        clause = cited(pack.instruments.get(authority.source.instrument), authority.source.clause)
        shown = {
            "refusal": None, "foresight": None, "kept_now": False, "kept_at": "", "restored": False, "answers": [], "brought": None, **more, "here": self.again, "act": self.act, "view": self.view, "titled": title_of(v, self.view) if self.view else "", "id": id_,
            "drawn": drawn, "widgets": widgets, "clause": clause, "authority": authority, "placed": placed(widgets, errors),
            "happens": grouped(more.get("foresight")), "asks": bool(fields(ACTS[self.act])), "since": self.since(drawn) if refusal else [], "pack_of": visit.desk.pack_of,
            "letters": {letter.id: v.of(letter.subject) for letter in pack.letters}, "line_label": self.line_label,
            "attaches": any(widget.path == MATERIALS for widget in widgets),
            "tables": [widget.path for widget in widgets if widget.excel],
        }  # fmt: skip
        part = visit.swap and visit.request.headers.get("hx-target") == "effect"
        return visit.page("effect.html" if part else "act.html", 200 if part else status, **shown)

    def since(self, drawn: str) -> list[dict[str, Any]]:
        """What happened on the case since the form was drawn, for whoever comes later."""
        if self.view is None or not drawn:
            return []
        fresh = self.visit.sight.view(self.view["id"])
        return [event for event in fresh["events"] if instant(event["recorded_at"]) > instant(drawn)]

    def line_label(self, ref: str) -> str:
        """A line in words, for a reason that names one."""
        return labels(self.visit.voice, [ref])[ref]


def address(act: str, case: str) -> str:
    """Where the form of an act is."""
    return f"/do/{act}" + (f"?case={quote(case, safe='')}" if case else "")


def grouped(seen: Foresight | None) -> list[tuple[str, str, int]]:
    """What would happen, each kind of fact once with how often: type, kind of case, count."""
    counts = Counter((event["type"], event["kind"]) for event in seen.events) if seen else {}
    return [(type_, kind, count) for (type_, kind), count in counts.items()]


def errors_of(lang: str, refusal: Answer | None) -> dict[str, str]:
    """What is wrong, by field."""
    found: dict[str, str] = {}
    for reason in (refusal or {}).get("reasons", []):
        if field := reason.get("field"):
            text = str(reason[lang]).partition("：" if lang == "zh" else ": ")
            said = text[2] if text[0] == field else reason[lang]
            found[str(field).removeprefix("with.")] = str(said)
    return found


def placed(widgets: list[Widget], errors: dict[str, str]) -> set[str]:
    """Fields whose trouble is shown beside them."""
    held: set[str] = set()
    for widget in widgets:
        if widget.path in errors:
            held.add(widget.path)
        held |= placed(widget.parts, errors)
        for row in widget.rows:
            held |= placed(row, errors)
    return held


@router.get("/do/{act}")
def form(request: Request, act: str, case: str = "", look: bool = False) -> Response:
    """The form of an act; one that asks for nothing, and any with `look`, shows at once what it would do."""
    visit = Visit(request)
    wish = Wish(visit, act, case)
    lines = [ref for ref in request.query_params.getlist("lines") if ref]
    return _open(wish, lines, look)


def _open(wish: Wish, lines: list[str], look: bool = False) -> Response:
    id_, drawn, with_ = draw_id(), wish.visit.now, wish.begin(lines)
    restored = with_ is wish.saved
    shown = look or restored or (wish.act in ("consent", "publish-notice") and lines)
    if fields(ACTS[wish.act]) and not shown:
        return wish.page(id_, with_, drawn)
    seen = foresee(wish.visit.desk.gateway, wish.command(id_, with_, drawn))
    return wish.page(id_, with_, drawn, foresight=seen, refusal=seen.refused, restored=restored)


@router.post("/do/{act}")
async def send(request: Request, act: str) -> Response:
    """Look ahead, keep, add a row, or do it: by the button that was pressed."""
    async with request.form(max_fields=20_000, max_files=MOST_AT_ONCE, max_part_size=200_000) as posted:
        return await run_in_threadpool(_send, request, act, posted)


def _send(request: Request, act: str, posted: FormData) -> Response:
    visit = Visit(request)
    case, pressed = str(posted.get("_case", "")), str(posted.get("_press", "look"))
    if visit.session is None and not visit.swap:  # after the login back to this form, as it was kept
        raise Elsewhere(f"/login?next={quote(address(act, case), safe='')}")
    if not token_fits(request, str(posted.get("_csrf", ""))):
        raise NotForYou
    wish = Wish(visit, act, case)
    if pressed == "open":
        return _open(wish, [str(ref) for ref in posted.getlist("lines") if ref])
    id_, drawn = str(posted.get("_id", "")), str(posted.get("_drawn", ""))
    if not DRAWN_ID.fullmatch(id_):
        raise NotForYou
    with_ = read(act, posted)
    try:
        command = wish.command(id_, with_, drawn)
    except (ValidationError, ValueError):
        reason = {
            "code": "invalid",
            "zh": "内容过长，或含不可记录的字符",
            "en": "too long, or not plain text",
        }
        return wish.page(id_, {}, drawn, 422, refusal={"code": "invalid", "reasons": [reason]})
    if pressed == "attach":
        files = [f for f in posted.getlist("_files") if isinstance(f, UploadFile) and f.filename]
        answers = take(visit, files, about_whom(act, with_))
        taken = [str(answer["attachment"]) for answer in answers if answer["outcome"] == "accepted"]
        with_[MATERIALS] = list(dict.fromkeys([*(with_.get(MATERIALS) or []), *taken]))
        wish.jot(id_, with_)
        return wish.page(id_, with_, drawn, answers=answers)
    how, _, path = pressed.partition(":")
    if how in ("sheet", "fill"):
        table = next((w for w in wish.widgets(with_, {}) if w.excel and w.path == path), None)
        sent = posted.get(f"_sheet:{path}")
        if table is None:
            raise NotForYou
        if how == "sheet":
            return given_out(act, table, visit.voice)
        brought = brought_in(
            act, table, visit.voice, sent.file.read(MOST_BYTES + 1) if isinstance(sent, UploadFile) else b""
        )
        with_ = {**with_, path: brought.rows} if brought.rows else with_
        wish.jot(id_, with_)
        return wish.page(id_, with_, drawn, brought=brought)
    if pressed == "anew":
        wish.end(id_)
        return visit.go(address(act, case))
    if pressed == "leave":
        wish.end(id_)
        return visit.go(f"/cases/{quote(case, safe='/')}" if case else "/desk")
    if pressed != "do":  # also by itself, while somebody types
        kept_now = wish.jot(id_, with_)
        if how == "more":
            return wish.page(id_, with_, drawn, spare=path)
        if pressed == "keep":
            return wish.page(id_, with_, drawn, kept_now=kept_now)
        seen: Foresight = foresee(visit.desk.gateway, command)
        kept_at = visit.now if kept_now else ""
        return wish.page(id_, with_, drawn, foresight=seen, refusal=seen.refused, kept_at=kept_at)
    if (whom := about_whom(act, with_)) is not None:
        # Sealed for somebody else than the act now says, a file would outlive that person's erasure.
        others = sealed_for_others(visit.desk.gateway, visit.place.store, with_.get(MATERIALS) or [], whom)
        if others:
            reason = {"code": "invalid", "field": f"with.{MATERIALS}", "zh": "附件是按另一人密封或未密封的，请重新上传",
                      "en": "a file is not sealed for this person: attach it again"}  # fmt: skip
            return wish.page(id_, {**with_, MATERIALS: [d for d in with_[MATERIALS] if d not in others]}, drawn, 422,
                             refusal={"code": "invalid", "reasons": [reason]})  # fmt: skip
    roll: list[Entry] = []
    if act == "export-students":
        answer, roll = open_roll(visit.desk.gateway, command)
    else:
        answer = visit.desk.gateway.act(command)
    if answer["outcome"] != "accepted":
        wish.jot(id_, with_)
        return wish.page(id_, with_, drawn, 422, refusal=answer, refused_now=True)
    wish.end(id_)
    if roll:  # the reading is on record now, and what was asked for leaves with it
        return students_out(command.case or "", roll)
    return visit.go(f"/receipts/{id_}")


def about_whom(act: str, with_: dict[str, Any]) -> dict[str, Any] | None:
    """The particulars of the one person whom all of an act is about or from, as typed so far: their files are sealed too."""
    whose = next((field for field, of in ACTS[act].form.personal.items() if of is None), None)
    # Where there are several people, what comes with it is about none of them alone.
    if whose and "array" in kinds_at(act, whose):
        return None
    return dict(with_.get(whose) or {}) if whose and MATERIALS in ACTS[act].form.model_fields else None

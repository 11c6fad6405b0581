"""An environment in which something stands at every stage, and acts made up from its own ids for tests that try everything."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st
from sqlalchemy import Engine

from domain import decide
from domain.acts.base import ACTS, Act
from domain.kinds import DRIVEN, KINDS
from domain.moments import local_day
from policies import load_pack
from records.schema import lines, streams
from tests.generate import Hints, fitting, texts
from tests.register import COLLEGES, EXPERTS, MAJORS, OBJECTOR, OFFICES, PANEL
from tests.world import Office, line

assert decide  # registers every act

NOW = "2026-04-21 09:00"
NUMBERS = ["粤人社函〔2026〕50号", "粤人社函〔2026〕88号", *(f"粤人社函〔2026〕{n}号" for n in range(89, 95))]
ACTORS = (
    *OFFICES,
    "inspector@dept",
    "inspector/2@dept",
    "sanctions-approver@dept",
    "ops@dept",
    "clerk@tro#zhao",
    "public",
    *(f"filer@{c}" for c in COLLEGES),
    *(f"expert:{e}" for e in EXPERTS),
)


def violation(o: Office, college: str, *, notified: bool) -> None:
    """A case against a college: filed with its evidence, or notified of a suspension as well."""
    officers = ["inspector@dept", "inspector/2@dept"]
    given = {"subject": college, "offence": "other", "statement": "举报"}
    case = o.do("2026-04-20 15:01", "public", "report-violation", **given)
    o.do("2026-04-20 15:02", "inspector@dept", "open-violation", case, officers=officers)
    o.do("2026-04-20 15:03", "inspector@dept", "record-evidence", case, finding="票据", officers=officers)
    if notified:
        measure = {"measure": "suspend", "scope": "college", "reasons": "严重"}
        o.do("2026-04-20 15:04", "inspector@dept", "notify-measure", case, **measure)


def staged(engine: Engine) -> None:
    """Rounds, filings, lines, notices and objections at every stage, on 2026-04-21."""
    o = Office.found(engine)
    o.register_all()
    for office in ("clerk@tro#zhao", "filer@dg#zhao"):
        o.appoint(office)
    o.call(closes="2026-12-30 17:30")
    three = (line("1"), line("2", "DEMO-0105"), line("3", "DEMO-0101"))
    for office in ("inspector@dept", "inspector/2@dept", "sanctions-approver@dept"):
        o.appoint(office)
    early = [o.submitted(college, *three) for college in ("dg", "zh", "jia", "szjs")]
    o.accepted(*early)
    o.panelled(*early)
    o.scored(*early)
    o.concluded(*early[:3])
    mixed = {
        "results": {"1": "passed", "2": "failed", "3": "conditional"},
        "reasons": {"2": "不足", "3": "再看"},
    }
    o.do("2026-03-27 17:00", "expert:zhao", "conclude", early[3], **mixed)
    o.published(early[0])
    for n in (1, 2):
        o.objected(f"{early[0]}/2", at=f"2026-04-14 1{n}:00")
    o.do("2026-04-20 09:00", "approver@dept", "consent", lines=[f"{early[0]}/1", f"{early[0]}/3"])
    o.do(
        "2026-04-20 10:00",
        "publisher@dept",
        "announce",
        document_no="粤人社函〔2026〕88号",
        lines=[f"{early[0]}/1"],
    )
    o.published(early[1], at="2026-04-20 11:00")
    o.objected(f"{early[1]}/3", at="2026-04-20 12:00")
    o.do("2026-04-20 13:00", "filer@gm", "save-draft", round=o.round, lines=[line()])
    o.submitted("by", *three, at="2026-04-20 14:00")
    o.submitted("bing", *three, at="2026-04-20 14:00")
    asked = o.submitted("bing", line("1", "DEMO-0203"), at="2026-04-20 15:00")
    o.do("2026-04-20 16:00", "clerk@tro", "ask-supplement", asked, items=["协议"])
    violation(o, "bing", notified=False)
    violation(o, "dg", notified=True)
    waiting = o.submitted("jx", *three, at="2026-04-20 15:00")
    o.accepted(waiting, at="2026-04-20 16:00")
    judged = o.submitted("gm", *three, at="2026-04-20 15:00")
    o.accepted(judged, at="2026-04-20 16:00")
    o.panelled(judged, at="2026-04-20 17:00", experts=("zhao", "qian", "zheng", "sun", "li"))


@dataclass(frozen=True)
class Slot:
    """A value that only an environment can give: a case (`filing:accepted`), a line (`ref:noticed`), a day from now."""

    what: str
    n: int

    def filled(self, office: Office) -> str | None:
        """What stands there in this environment now; where nothing is at that stage, something at another."""
        if self.what == "day":
            return str(local_day(office.now) + timedelta(days=self.n))
        kind, _, stage = self.what.partition(":")
        if kind == "ref":
            every = [(row["ref"], row["state"]) for row in office.rows(lines, "ref", "state")]
        else:
            kinds = {"any": set(KINDS), "driven": DRIVEN - {"calendar"}}.get(kind, {kind})
            every = [
                (row["id"], row["stage"])
                for row in office.rows(streams, "id", "kind", "stage")
                if row["kind"] in kinds
            ]
        found = [id_ for id_, at in every if at == stage] or [id_ for id_, _ in every]
        return found[self.n % len(found)] if found else None


class Wish(NamedTuple):
    """An act that somebody asks for, with slots in its form."""

    act: Act
    by: str | int
    """Somebody, or a number: one of those whose act it is on that case."""
    case: Slot | str | None
    form: Any
    wait: int
    """Minutes after the one before."""
    read: int | None
    """Hours before, when the page was drawn."""


def actor(wish: Wish, case: str | None, office: Office) -> str:
    """Who asks."""
    if isinstance(wish.by, str):
        return wish.by
    shown = office.read_state(case or "") or {}
    panel = office.state(shown["evaluation"])["panel"] if shown.get("evaluation") else list(EXPERTS)
    places = {
        "receiving-unit": shown.get("route") or "tro",
        "applicant": shown.get("college") or "dg",
        "own-college": "dg",
    }
    may = [
        f"expert:{panel[wish.by % len(panel)]}" if held.role == "expert"
        else "public" if held.role == "public" else f"{held.role}@{places.get(held.at, held.at)}"
        for held in load_pack("guangdong/pilot").acts[wish.act.name].by
    ]  # fmt: skip
    return may[wish.by % len(may)]


def filled(value: Any, office: Office) -> Any:
    """A drawn value with every slot filled."""
    if isinstance(value, Slot):
        return value.filled(office)
    if isinstance(value, dict):
        return {(k.filled(office) if isinstance(k, Slot) else k): filled(v, office) for k, v in value.items()}
    return [filled(part, office) for part in value] if isinstance(value, list) else value


def slot(what: str, least: int = 0, most: int = 60) -> st.SearchStrategy[Slot]:
    """Any slot of a sort."""
    return st.builds(Slot, st.just(what), st.integers(least, most))


odd_texts = st.text(max_size=6) | st.sampled_from(["", " ", "/", "\0", "1/2", "null", "公示" * 50])
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_texts | st.sampled_from(["0001-01-01", "9999-12-31T23:59:59Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(odd_texts, inner, max_size=2),
    max_leaves=3,
)  # fmt: skip


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """One of a few values."""
    return st.sampled_from(values)


def hints(act: str) -> Hints:
    """Values that fit what there is, by the name of the field."""
    ref = slot(f"ref:{WHERE.get(act, '')}")
    day, expert, code = slot("day", -40, 300), one_of(*EXPERTS), one_of(*MAJORS, "DEMO-9999")
    id_ = one_of("1", "2", "3", "9")
    common: dict[str, st.SearchStrategy[Any]] = {
        "round": slot("round"), "lines[]": ref, "line": ref, "expert": expert, "experts[]": expert, "out": expert, "in": expert,
        "chair": expert, "document_no": one_of(*NUMBERS), "corrects": one_of(*NUMBERS), "major": code, "code": code, "was": code,
        "plan": st.integers(1, 60), "years": one_of(2, 4, 5.5, 6), "segments": st.none(), "year": st.integers(2024, 2030),
        "college": one_of(*COLLEGES), "agency": one_of("dept", "tro", *COLLEGES), "person": st.just("zhao"),
        "role": one_of("clerk", "filer", "ops"), "received": slot("day", -9, 0), "sent": slot("day", -9, 0), "date": slot("day", -20, 1),
        "until": day, "from": day, "opens": slot("day", 0, 9), "closes": slot("day", 5, 300), "agreement_until": slot("day", 0, 999),
        "holidays[]": day, "workdays[]": day, "uscc": st.just("91440300MADEM00700"), "id_no": st.just("440106197810014568"),
        "who": one_of(OBJECTOR, {"kind": "anonymous"}, {"kind": "unit", "sealed": True}), "materials": st.just([]),
        "to": one_of("tro", "gz", "sz"), "experts": st.just(list(PANEL)), "reason": texts.map("事由{}".format),
        "programme": slot("ref:announced"), "programmes[]": slot("ref:announced"), "subject": one_of(*COLLEGES),
        "officers": one_of(["inspector@dept", "inspector/2@dept"], ["inspector@dept"]), "review_on": slot("day", 30, 400),
        "fees": st.just([]), "cohorts": one_of("教完", None), "at": slot("day", -40, 1),
        "id": id_ if act in ("submit-filing", "save-draft") else one_of("neu", "zhao", "dg"),
    }  # fmt: skip
    if act in ("withdraw", "score", "conclude"):
        common |= {"lines[]": id_, "line": id_, "{}": id_}
    if act == "score":
        common |= {"marks": st.fixed_dictionaries({"overall": st.integers(60, 100)})}
    if act == "conclude":
        common |= {"reasons": st.dictionaries(id_, texts.map("因{}".format))}
    if act == "correct":
        common |= {"to": st.integers(1, 60) | code, "field": one_of("plan", "years", "major", "entry", "id")}
    if act == "decide-objection":
        common |= {"correction": st.none() | st.fixed_dictionaries({"plan": st.integers(1, 60)})}
    return common


WHERE = {
    "accept": "submitted", "decline": "submitted", "ask-supplement": "submitted", "supply": "supplementing", "route": "unrouted",
    "form-panel": "accepted", "score": "evaluating", "conclude": "evaluating", "visit": "evaluating", "disclose-tie": "evaluating", "declare-no-tie": "evaluating",
    "replace-expert": "evaluating", "decide-objection": "verifying", "submit-filing": "draft", "save-draft": "draft",
    "consent": "noticed", "refuse": "noticed", "return": "noticed", "publish-notice": "passed", "announce": "consented",
    "correct": "announced", "object": "in-notice", "open-violation": "lead", "record-evidence": "filed",
    "notify-measure": "filed", "state-defence": "notified", "request-hearing": "notified", "hold-hearing": "hearing",
    "decide-sanction": "notified", "lift-suspension": "decided", "review-suspension": "decided",
    "overturn-sanction": "decided",
}  # fmt: skip
"""Stage of the case, or state of the lines, that an act is for."""


def wishes_for(act: Act) -> st.SearchStrategy[Wish]:
    """An act mostly by somebody whose it is, on a case of its kind, with a form that fits; junk here and there."""
    authority = load_pack("guangdong/pilot").acts.get(act.name)
    who = _mostly(st.integers(0, 9), st.sampled_from(ACTORS)) if authority else st.just("process@tro")
    any_case = slot("any") | one_of("filing-0000000000", "", None)
    if act.on is None:
        case = _mostly(st.none(), any_case)
    else:
        right = slot(f"{act.on.kind or 'driven'}:{WHERE.get(act.name, '')}")
        if act.name in ("submit-filing", "save-draft"):
            right |= st.none()
        case = _mostly(right, slot("driven") if act.internal else any_case)
    return st.builds(
        Wish, st.just(act), who, case, fitting(act.form.model_json_schema(by_alias=True), hints(act.name), junk),
        one_of(1, 60, 1440, 12_960), _mostly(st.none(), st.integers(0, 100)),
    )  # fmt: skip


def _mostly(often: st.SearchStrategy[Any], now_and_then: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 15).flatmap(lambda n: now_and_then if n in (7, 11) else often)


RARE = {
    "issue-call",
    "register-college",
    "register-expert",
    "found-agency",
    "appoint",
    "dismiss",
    "amend-register",
    "complete-round",
}
OFTEN = [act.name for act in ACTS.values() for _ in range(1 if act.name in RARE else 4)]
wishes = st.sampled_from(OFTEN).flatmap(lambda name: _WISHES[name])
_WISHES = {act.name: wishes_for(act) for act in ACTS.values()}

"""An environment in which something stands at every stage, and acts made up from its own ids for tests that try everything."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Engine

from domain import decide
from domain.acts.base import ACTS, Act
from domain.moments import CHINA
from policies import load_pack
from tests.generate import Hints, fitting, texts
from tests.register import COLLEGES, EXPERTS, MAJORS, OBJECTOR, OFFICES, PANEL
from tests.world import Office, line

assert decide  # registers every act

NOW = "2026-04-21 09:00"
CODES = st.sampled_from([*MAJORS, "DEMO-9999"])
LINES = st.sampled_from(["1", "2", "3", "9"])
ACTORS = (*OFFICES, "ops@dept", "clerk@tro#zhao", "public", *(f"filer@{c}" for c in COLLEGES), *(f"expert:{e}" for e in EXPERTS))


def staged(engine: Engine) -> None:
    """Rounds, filings, lines, notices and objections at every stage, on 2026-04-21."""
    o = Office.found(engine)
    o.register_all()
    for office in ("clerk@tro#zhao", "filer@dg#zhao"):
        o.appoint(office)
    o.call(closes="2026-12-30 17:30")
    three = (line("1"), line("2", "DEMO-0105"), line("3", "DEMO-0101"))
    early = [o.submitted(college, *three) for college in ("dg", "zh", "jia", "szjs")]
    o.accepted(*early)
    o.panelled(*early)
    o.scored(*early)
    o.concluded(*early[:3])
    mixed = {"results": {"1": "passed", "2": "failed", "3": "conditional"}, "reasons": {"2": "不足", "3": "再看"}}
    o.do("2026-03-27 17:00", "expert:zhao", "conclude", early[3], **mixed)
    o.published(early[0])
    for n in (1, 2):
        o.objected(f"{early[0]}/2", at=f"2026-04-14 1{n}:00")
    o.do("2026-04-20 09:00", "approver@dept", "consent", lines=[f"{early[0]}/1", f"{early[0]}/3"])
    o.do("2026-04-20 10:00", "publisher@dept", "announce", document_no="粤人社函〔2026〕88号", lines=[f"{early[0]}/1"])
    o.published(early[1], at="2026-04-20 11:00")
    o.objected(f"{early[1]}/3", at="2026-04-20 12:00")
    o.do("2026-04-20 13:00", "filer@gm", "save-draft", round=o.round, lines=[line()])
    o.submitted("by", *three, at="2026-04-20 14:00")
    o.submitted("bing", *three, at="2026-04-20 14:00")
    asked = o.submitted("bing", line("1", "DEMO-0203"), at="2026-04-20 15:00")
    o.do("2026-04-20 16:00", "clerk@tro", "ask-supplement", asked, items=["协议"])
    waiting = o.submitted("jx", *three, at="2026-04-20 15:00")
    o.accepted(waiting, at="2026-04-20 16:00")


@dataclass
class Known:
    """What there is to act on."""

    cases: dict[str, str]
    """Id to kind."""
    refs: list[str]
    moment: str
    numbers: list[str] = field(default_factory=lambda: ["粤人社函〔2026〕50号", "粤人社函〔2026〕88号"])

    @classmethod
    def of(cls, office: Office) -> "Known":
        """As the office has it now."""
        cases = {id_: office.state(id_)["kind"] for id_ in office.cases()}
        filings = [id_ for id_, kind in cases.items() if kind == "filing"]
        return cls(cases, office.refs(*filings), office.now.astimezone(CHINA).strftime("%Y-%m-%d"))

    def kind(self, *kinds: str) -> st.SearchStrategy[str]:
        """Ids of cases of these kinds."""
        return st.sampled_from([id_ for id_, kind in self.cases.items() if kind in kinds])


odd_texts = st.text(max_size=6) | st.sampled_from(["", " ", "/", "\0", "1/2", "null", "公示" * 50])
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_texts | st.just("0001-01-01") | st.just("9999-12-31T23:59:59Z"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(odd_texts, inner, max_size=2),
    max_leaves=3,
)  # fmt: skip


def hints(known: Known, act: str) -> Hints:
    """Values that fit what there is, by the name of the field."""
    days = st.integers(-40, 400).map(lambda n: _day(known.moment, n))
    refs = st.sampled_from(known.refs)
    expert = st.sampled_from(list(EXPERTS))
    numbers = st.sampled_from(known.numbers) | st.integers(89, 99).map("粤人社函〔2026〕{}号".format)
    common: dict[str, st.SearchStrategy[Any]] = {
        "round": known.kind("round"), "lines[]": refs, "line": refs, "expert": expert, "experts[]": expert, "out": expert,
        "in": expert, "chair": expert, "document_no": numbers, "corrects": numbers, "major": CODES, "code": CODES, "was": CODES,
        "plan": st.integers(1, 60), "years": st.sampled_from([2, 4, 5.5, 6]), "segments": st.just(None), "year": st.integers(2024, 2030),
        "college": st.sampled_from(list(COLLEGES)), "agency": st.sampled_from(["dept", "tro", *COLLEGES]), "person": st.just("zhao"),
        "role": st.sampled_from(["clerk", "filer", "ops"]), "received": days, "sent": days, "date": days, "until": days, "from": days,
        "opens": days, "closes": days, "agreement_until": days, "holidays[]": days, "workdays[]": days, "uscc": st.just("91440300MADEM00700"),
        "who": st.just(OBJECTOR) | st.just({"kind": "anonymous"}), "id_no": st.just("440106197810014568"), "materials": st.just([]),
        "to": st.sampled_from(["tro", "gz", "sz"]), "experts": st.just(list(PANEL)), "reason": texts.map("事由{}".format),
        "id": LINES if act in ("submit-filing", "save-draft") else st.sampled_from(["neu", "zhao", "dg"]),
    }  # fmt: skip
    if act in ("withdraw", "score", "conclude"):
        common |= {"lines[]": LINES, "line": LINES, "{}": LINES}
    if act == "score":
        common |= {"marks": st.fixed_dictionaries({"overall": st.integers(60, 100)})}
    if act == "correct":
        common |= {"to": st.integers(1, 60) | CODES, "field": st.sampled_from(["plan", "years", "major", "entry", "id"])}
    if act == "decide-objection":
        common |= {"correction": st.just(None) | st.fixed_dictionaries({"plan": st.integers(1, 60)})}
    return common


def _day(moment: str, n: int) -> str:
    from datetime import date

    return str(date.fromisoformat(moment) + timedelta(days=n))


def forms(known: Known, act: Act) -> st.SearchStrategy[Any]:
    """Forms of an act that mostly fit, with junk here and there."""
    return fitting(act.form.model_json_schema(by_alias=True), hints(known, act.name), junk)


def actors(known: Known, act: Act) -> st.SearchStrategy[str]:
    """Mostly somebody whose act it is."""
    authority = load_pack("guangdong/pilot").acts.get(act.name)
    roles = {office.role for office in authority.by} if authority else set[str]()
    fit = [who for who in ACTORS if who.partition("@")[0].partition(":")[0] in roles]
    return st.sampled_from(fit or ACTORS) | st.sampled_from(ACTORS)


def named(known: Known, act: Act) -> st.SearchStrategy[str | None]:
    """Mostly a case of the right kind, or none where none is meant."""
    every = st.sampled_from([*known.cases, "filing-0000000000", ""])
    if act.on is None:
        return st.just(None) | st.just(None) | st.just(None) | every
    kinds = {act.on.kind} if act.on.kind else set(known.cases.values())
    right = known.kind(*kinds)
    return right | right | right | right | every | st.just(None)


PUBLIC_ACTS = [act for act in ACTS.values() if not act.internal]
INTERNAL_ACTS = [act for act in ACTS.values() if act.internal]

"""Whatever people do after a ranking: never more places than the money and the quota give, and everybody knows their own."""

from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases.filing import Filing, Line
from domain.cases.round import Round
from domain.cases.selection import Selection
from domain.kinds import fold
from policies import load_pack
from tests.domain.desk import Desk
from tests.register import MAJORS, PANEL

PACK = load_pack("guangdong/key-majors").with_settings({"selection.key.quota": 3, "selection.key.reserve": 2})
GRANT = PACK.rules["selection.key.grant_yuan"].values[0].value
MARKS = {
    "a": {"产业对接": 28, "校企合作": 22, "师资队伍": 18, "实训条件": 13, "建设方案": 9},
    "b": {"产业对接": 25, "校企合作": 20, "师资队伍": 16, "实训条件": 12, "建设方案": 7},
    "c": {"产业对接": 21, "校企合作": 18, "师资队伍": 14, "实训条件": 10, "建设方案": 7},
}
WITH_A_PLACE = {"passed", "in-notice", "held", "noticed", "consented", "announced"}


@cache
def judged() -> Desk:
    """Three schools, six lines, two by two equal: the last place is tied."""
    desk = Desk(PACK).found()
    for college, given_ in (("dg", "ab"), ("zh", "ab"), ("jia", "cc")):
        lines = [
            {"id": str(n), "major": code, "category": "key"} for n, code in enumerate(list(MAJORS)[:2], 1)
        ]
        filing = desk.act(
            "2026-03-04 09:00", f"filer@{college}", "submit-filing", round=desk.round, lines=lines
        )
        desk.act("2026-03-05 09:00", "clerk@tro", "accept", filing)
        desk.act(
            "2026-03-16 09:00", "organiser@tro", "form-panel", filing, experts=list(PANEL), chair=PANEL[0]
        )
        judge(desk, str(filing), dict(zip("12", given_, strict=True)), "2026-03-20")
    return desk


def judge(desk: Desk, filing: str, marks: dict[str, str], day: str) -> None:
    """All score, the chair passes."""
    for line, given_ in marks.items():
        for expert in PANEL:
            desk.act(f"{day} 09:00", f"expert:{expert}", "score", filing, line=line, marks=MARKS[given_])
    desk.act(f"{day} 10:00", f"expert:{PANEL[0]}", "conclude", filing, results=dict.fromkeys(marks, "passed"))


def refs(desk: Desk) -> dict[str, Line]:
    filings = [c for c in desk.cases.values() if isinstance(c, Filing)]
    return {f"{f.id}/{line.id}": line for f in filings for line in f.lines.values()}


moves = st.lists(
    st.tuples(
        st.sampled_from(["withdraw", "substitute", "budget", "publish", "consent", "refuse", "return", "judge", "draw", "announce"]),
        st.integers(0, 5),
    ),
    max_size=14,
)  # fmt: skip


def do(desk: Desk, selection: str, move: str, n: int, day: int) -> None:
    at = f"2026-04-{day:02}"
    ref = sorted(refs(desk))[n]
    filing, _, line = ref.rpartition("/")
    match move:
        case "withdraw":
            held = desk.cases[filing]
            assert isinstance(held, Filing)
            college = held.college
            desk.act(f"{at} 09:00", f"filer@{college}", "withdraw", filing, lines=[line], reason="x")
        case "substitute":
            desk.act(f"{at} 09:00", "organiser@tro", "substitute", selection)
        case "budget":
            money: dict[str, Any] = {"category": "key", "amount": n * GRANT + 1, "basis": "x"}
            desk.act(f"{at} 09:00", "approver@dept", "set-budget", desk.round, **money)
        case "publish":
            desk.act(f"{at} 09:00", "notice-officer@tro", "publish-notice", round=desk.round)
        case "judge":
            judge(desk, filing, {line: "abc"[n % 3]}, at)
        case "draw":
            desk.act(
                f"{at} 09:00",
                "organiser@tro",
                "announce-draw",
                selection,
                source="示例来源",
                at="2026-05-06 21:00",
            )
            desk.act("2026-05-06 22:00", "organiser@tro#other", "draw", selection, value=str(n))
        case "announce":
            number = f"粤人社函〔2026〕{100 + len(desk.events)}号"
            desk.act(f"{at} 09:00", "publisher@dept", "announce", document_no=number, lines=[ref])
        case _:
            reasons = {} if move == "consent" else {"reasons": "x"}
            desk.act(f"{at} 09:00", "approver@dept", move, lines=[ref], **reasons)


@settings(max_examples=30, deadline=None)
@given(moves)
def test_places_lines_and_money_agree_whatever_happens(chosen: list[tuple[str, int]]) -> None:
    desk = deepcopy(judged())
    desk.appoint("organiser@tro#other")
    selection = desk.act("2026-04-01 09:00", "organiser@tro", "rank", desk.round, category="key")
    assert selection
    for day, (move, n) in enumerate(chosen, 2):
        do(desk, selection, move, n, day * 2)
        ranking = desk.cases[selection]
        assert isinstance(ranking, Selection)
        agree(desk, ranking)
        assert (
            fold("selection", selection, [(e.event, e.moment) for e in desk.events if e.stream == selection])
            == ranking
        )


def agree(desk: Desk, ranking: Selection) -> None:
    """The ranking and the filings say the same."""
    held = {r.ref for r in ranking.standing("selected")}
    lines = refs(desk)
    if ranking.stage != "drawing":
        assert ranking.taken <= ranking.places <= ranking.quota
        judged_anew = {ref for ref in held if lines[ref].state in ("filed", "conditional")}
        assert {ref for ref, line in lines.items() if line.state in WITH_A_PLACE} == held - judged_anew
        assert {r.ref for r in ranking.standing("reserve")} == {
            ref for ref, line in lines.items() if line.state == "reserve"
        }
    assert ranking.taken * GRANT <= (
        ranking.budget if ranking.budget is not None else ranking.quota * GRANT
    ) or (ranking.stage == "drawing")
    for line in lines.values():
        assert (line.grant is not None) or line.state not in WITH_A_PLACE
        assert line.state not in ("reserve", "unselected") or line.grant is None
    round_ = desk.cases[str(desk.round)]
    assert isinstance(round_, Round)
    assert round_.selections == {"key": ranking.id}

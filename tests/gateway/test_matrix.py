"""Every act as every role of every agency: what gets past the door is exactly the matrix that the pack declares."""

from pathlib import Path

from console.terminal.matrix import page
from domain.actors import ROLES, parse_actor
from domain.policy import Office as Post
from policies import load_pack
from tests.gateway.test_authority import PUBLIC, fitting_forms
from tests.world import Office

AGENCIES = ("dept", "tro", "gz", "dg", "zh")
"""The department, the receiving unit of the case, one that is not, the college of the case, and another."""
COLLEGES = ("dg", "zh")
PAGE = Path(__file__).parents[2] / "deploy" / "matrix.md"


def fits(post: Post, agency: str, of_dg: bool) -> bool:
    """Whether an agency is the place of an office, for a case of college dg that is routed to tro."""
    match post.at:
        case "anywhere":
            return True
        case "own-college":
            return agency == "dg" if of_dg else agency in COLLEGES
        case "applicant":
            return agency == "dg"
        case "receiving-unit":
            return agency == "tro"
        case place:
            return agency == place


def test_every_act_as_every_role_of_every_agency_finds_the_matrix(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    forms, wrong = fitting_forms(office, filing), list[str]()
    people = [f"{role}@{agency}#t-{role}-{agency}" for role in sorted(ROLES) for agency in AGENCIES]
    for who in people:
        office.appoint(who)
    pack = load_pack("guangdong/pilot")
    for act in PUBLIC:
        case, with_ = forms[act]
        of_dg = case is not None or "programme" in with_ or "college" in with_
        for who in people:
            actor = parse_actor(who)
            posts = [p for p in pack.acts[act].by if p.role in (actor.role, "anyone")]
            due = (
                "not-authorised" if not posts
                else None if any(fits(p, actor.agency, of_dg) for p in posts)
                else "wrong-agency"
            )  # fmt: skip
            code = office.act("2026-04-14 09:00", actor, act, case, **with_).get("code")
            if (code if code in ("not-authorised", "wrong-agency") else None) != due:
                wrong.append(f"{act} by {who}: {code}, expected {due}")
    assert wrong == []


def test_the_page_of_the_matrix_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(load_pack("guangdong/pilot")), (
        "huiqian policy matrix --page > deploy/matrix.md"
    )

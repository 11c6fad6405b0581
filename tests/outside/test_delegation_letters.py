"""Whoever gives an office to a colleague, and the colleague, are told: which office, which days, which acts."""

from sqlalchemy import select

from activities.wording import Wording
from records.reading import Past
from records.schema import letters
from tests.world import Office

BY = "clerk@tro#wang"


def told(office: Office, letter: str) -> tuple[set[str], str]:
    """To which offices a letter went, and what it says."""
    with office.engine.connect() as connection:
        rows = connection.execute(select(letters).where(letters.c.letter == letter)).all()
        pack = office.gateway.shelf.get(connection, office.state("policy/current")["pack"])
        found = next(one for one in pack.letters if one.id == letter)
        subject, body = Wording(Past(connection), pack, rows[0].stream, rows[0].seq).letter(found)
    return {row.recipient for row in rows}, f"{subject}\n{body}"


def test_both_offices_are_told_of_a_delegation_and_of_its_end(office: Office) -> None:
    office.do("2026-03-02 10:00", "ops@dept", "appoint", agency="tro", role="clerk", person="wang")
    office.do("2026-03-02 10:01", "ops@dept", "appoint", agency="tro", role="organiser", person="li")
    office.do(
        "2026-03-03 10:00",
        BY,
        "delegate",
        to="li",
        until="2026-03-06",
        reason="病假",
        **{"from": "2026-03-04"},
    )
    recipients, text = told(office, "delegated")
    assert recipients == {"clerk@tro", "organiser@tro"}
    assert all(said in text for said in ("wang", "li", "2026-03-04", "2026-03-06", "一次性告知补正"))
    assert "发布年度申报通知" not in text, "no act of another office"
    assert "病假" not in text, "why somebody is away is not for the letter"
    office.do("2026-03-05 10:00", BY, "revoke-delegation", agency="tro", number="clerk-1", reason="返岗")
    recipients, text = told(office, "delegation-revoked")
    assert recipients == {"clerk@tro", "organiser@tro"}
    assert "2026-03-05 10:00" in text

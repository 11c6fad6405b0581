"""One act over many filings tells one office once, naming every line."""

from sqlalchemy import select

from activities.wording import Wording
from records.reading import Past
from records.schema import letters
from tests.world import Office, line


def test_who_announces_is_told_once_of_all_lines_consented_to(office: Office) -> None:
    filings = [office.passed("dg", line("1"), line("2", "DEMO-0105")), office.passed("zh")]
    office.published(*filings)
    approval = office.consented(*filings)
    with office.engine.connect() as connection:
        query = select(letters.c.stream, letters.c.seq).where(letters.c.letter == "consented")
        (row,) = connection.execute(query).all()
        pack = office.gateway.shelf.get(connection, office.state(approval)["pack"])
        letter = next(found for found in pack.letters if found.id == "consented")
        subject, body = Wording(Past(connection), pack, row.stream, row.seq).letter(letter)
    assert row.stream == approval
    assert "3条专业线" in subject
    assert all(college in body for college in ("东莞市技师学院", "珠海市技师学院"))
    assert "2026-05-20" in body, "twenty working days after the consent"


def test_lines_of_two_notices_that_are_consented_to_together_make_one_letter(office: Office) -> None:
    first, second = office.passed("dg", line("1"), line("2", "DEMO-0105")), office.passed("zh")
    office.published(first)
    office.published(second)
    office.consented(first, second)
    with office.engine.connect() as connection:
        query = select(letters.c.stream, letters.c.seq).where(letters.c.letter == "consented")
        (row,) = connection.execute(query).all()
        pack = office.gateway.shelf.get(connection, office.state(row.stream)["pack"])
        letter = next(found for found in pack.letters if found.id == "consented")
        subject, body = Wording(Past(connection), pack, row.stream, row.seq).letter(letter)
    assert "3条专业线" in subject
    assert all(college in body for college in ("东莞市技师学院", "珠海市技师学院"))


def test_a_refusal_asks_nobody_to_announce(office: Office) -> None:
    filing = office.passed("dg")
    office.published(filing)
    office.do("2026-04-20 10:00", "approver@dept", "refuse", lines=[f"{filing}/1"], reasons="布局")
    assert "consented" not in {row["letter"] for row in office.rows(letters)}

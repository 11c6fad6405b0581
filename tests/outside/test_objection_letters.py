"""What a college reads of an objection to its line says where the line really stands."""

from activities.wording import Wording
from records.reading import Past
from records.schema import letters
from tests.world import Office, line


def said(office: Office, id_: str) -> str:
    """The only letter of a kind, subject and text."""
    (row,) = (row for row in office.rows(letters) if row["letter"] == id_)
    with office.engine.connect() as connection:
        pack = office.gateway.shelf.get(connection, office.state(row["stream"])["pack"])
        letter = next(found for found in pack.letters if found.id == id_)
        return "\n".join(Wording(Past(connection), pack, row["stream"], row["seq"]).letter(letter))


def test_a_correction_after_an_upheld_objection_is_told_to_the_college(office: Office) -> None:
    filing = office.passed("dg", line("1"))
    office.published(filing)
    objection = office.objected(f"{filing}/1")
    answer = {"outcome": "upheld", "finding": "x", "correction": {"plan": 30}}
    office.do("2026-04-16 09:00", "notice-officer@tro", "decide-objection", objection, **answer)
    assert "须另行公示" in said(office, "line-corrected")


def test_a_line_that_is_evaluated_anew_is_not_said_to_go_to_the_department(office: Office) -> None:
    filing = office.passed("dg", line("1"))
    office.published(filing)
    objection = office.objected(f"{filing}/1")
    tie = {"expert": "zheng", "org": "dg", "until": "2024-01-31"}
    office.do("2026-04-15 09:00", "organiser@tro", "disclose-tie", filing, **tie)
    answer = {"outcome": "dismissed", "finding": "x"}
    office.do("2026-04-16 09:00", "notice-officer@tro", "decide-objection", objection, **answer)
    told = said(office, "line-released")
    assert "须另行公示" in told
    assert "报请省厅审定" not in told

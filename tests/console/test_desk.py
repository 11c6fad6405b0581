"""What a screen needs to know of the environment."""

from console.desk import Desk, Register
from domain.moments import local_day
from gateway.settings import Settings
from tests.world import MAJORS, Office


def test_a_form_of_an_older_open_round_offers_the_majors_of_the_catalog_that_replaced_its_own(
    office: Office,
) -> None:
    older = office.round
    desk = Desk(Settings(), office.gateway, office.environment)
    assert desk.majors_open(older) == MAJORS
    later = office.do(
        "2026-03-20 09:00", "catalog-officer@dept", "issue-call", year=2027, document_no="粤人社函〔2026〕150号",
        window={"opens": "2026-11-02 09:00", "closes": "2026-11-30 17:30"}, majors=[{"code": "DEMO-0999", "name": "新专业"}],
    )  # fmt: skip
    assert office.state(older)["stage"] == "open"
    assert desk.majors_open(older) == desk.majors_open(later) == {"DEMO-0999": "新专业"}


def test_names_of_colleges_are_kept_until_anything_is_added_to_a_record(office: Office) -> None:
    register = Register()

    def names() -> dict[str, str]:
        return register.names(office.engine, local_day(office.gateway.clock.now()))

    office.submitted()
    before = names()
    assert before["dg"] == "东莞市技师学院"
    office.submitted("zh")
    assert names() is before, "nothing of a college changed"
    change = {"college": "dg", "changes": {"name": "东莞技师学院"}, "from": "2026-03-04"}
    office.do("2026-03-04 15:00", "approver@dept", "amend-register", **change)
    assert names()["dg"] == "东莞技师学院"
    assert before["dg"] == "东莞市技师学院", "who reads meanwhile reads what was"

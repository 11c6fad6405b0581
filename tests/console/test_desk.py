"""What a screen needs to know of the environment."""

from console.desk import Desk
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

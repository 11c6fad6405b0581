"""What each person sees and does: docket, case, acts, receipt; and what is refused, in words."""

from tests.web.conftest import PEOPLE, Web


def test_everybody_comes_in_and_sees_their_own_docket(web: Web) -> None:
    for person in PEOPLE:
        assert "待办" in web(person).page("/desk"), person
    assert web.cases["submitted"] in web("clerk@gz").page("/desk")
    assert web.cases["submitted"] not in web("clerk@tro").page("/desk")

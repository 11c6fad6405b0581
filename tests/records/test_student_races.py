"""Lists that arrive at the same instant: the ledger's own constraint says who was first, and numbers stay unique."""

from concurrent.futures import ThreadPoolExecutor

from domain.files import Command
from gateway.views import View
from tests.conftest import Ground
from tests.gateway.test_students import cohort, student, students
from tests.world import Office


def at_once(office: Office, wishes: list[Command]) -> list[View]:
    """What each gets that asks at the same time, every one through a gateway of its own."""
    with ThreadPoolExecutor(len(wishes)) as pool:
        asked = [pool.submit(office.another_gateway().act, wish) for wish in wishes]
        return [one.result() for one in asked]


def test_of_many_who_register_one_person_at_once_one_succeeds(ground: Ground) -> None:
    office = Office(ground.engine)
    case = cohort(office, 8)
    wishes = [office.command("filer@dg", "register-students", case, rows=[student(0)]) for _ in range(8)]
    answers = at_once(office, wishes)
    assert sorted(a["outcome"] for a in answers) == ["accepted", *["refused"] * 7]
    assert {a["code"] for a in answers if a["outcome"] == "refused"} == {"invalid"}
    assert office.state(case)["registered"] == len(students(office)) == 1
    office.check()


def test_different_people_registered_at_once_get_numbers_of_their_own(ground: Ground) -> None:
    office = Office(ground.engine)
    case = cohort(office, 5)
    wishes = [office.command("filer@dg", "register-students", case, rows=[student(n)]) for n in range(8)]
    answers = at_once(office, wishes)
    assert sorted(a["outcome"] for a in answers) == [*["accepted"] * 5, *["refused"] * 3]
    assert {a["code"] for a in answers if a["outcome"] == "refused"} == {"over-plan"}
    assert sorted(office.state(id_)["no"] for id_ in students(office)) == [1, 2, 3, 4, 5]
    office.check()

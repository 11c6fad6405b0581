"""A witness's alarm reaches those who must act: it stands in their dockets and among what is stuck."""

from domain.actors import SYSTEM, Actor
from domain.cases.register import LOG_DISPUTED
from domain.files import Command
from gateway.docket import desk
from gateway.stuck import find_stuck
from tests.world import Office


async def test_a_log_that_contradicts_itself_is_before_the_operators_of_witness_and_department(
    office: Office,
) -> None:
    by = Actor(role=SYSTEM, agency="tro", person=f"{SYSTEM}@tro")
    said = {"held": "one", "offered": "other", "why": "two roots for one size"}
    assert not await find_stuck(office.gateway, None, "x", only=["log-disputed"])
    command = Command(id="dispute/tro/1", act="dispute-checkpoint", by=by, case="agency/tro", with_=said)
    assert office.gateway.act(command, internal=True)["outcome"] == "accepted"
    for agency in ("tro", "dept"):
        rows = desk(office.engine, agency, "ops")["rows"]
        assert [(row["case"], row["for"]) for row in rows] == [("agency/tro", LOG_DISPUTED)]
    stuck = await find_stuck(office.gateway, None, "x", only=["log-disputed"])
    assert {(row.case, row.whose) for row in stuck} == {("agency/tro", "ops@tro"), ("agency/tro", "ops@dept")}
    office.check()

"""Two roles that may not meet in one person are found wherever they met; a clean round shows none."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from audit.duties import Meeting
from audit.trees import look
from records.schema import acts, events
from tests.audit.conftest import Round

NUMBER = {"id_no": "440106197810014568"}


def found(round_: Round) -> list[Meeting]:
    return look(round_.engine).found


def plant(round_: Round, act: str, actor: str, on_behalf_of: str | None = None) -> None:
    """Have another person done an act, past the gateway, which would have refused it."""
    with round_.ground.unlocked() as connection:
        for row in connection.execute(
            select(acts).where(acts.c.act == act, acts.c.outcome == "accepted")
        ).all():
            body: dict[str, Any] = json.loads(row.body)
            body["by"]["on_behalf_of"] = on_behalf_of
            connection.execute(
                acts.update()
                .where(acts.c.position == row.position)
                .values(body=json.dumps(body), actor=actor)
            )
            connection.execute(events.update().where(events.c.command == row.command).values(actor=actor))


def test_a_clean_round_shows_none(round_: Round) -> None:
    looked = look(round_.engine)
    assert (looked.found, looked.problems) == ([], [])
    assert looked.trees
    assert looked.deeds


@pytest.mark.parametrize(
    ("act", "by", "pair"),
    [
        ("accept", "clerk@tro#zhao", ("accept", "conclude")),  # the chair received the filing
        ("accept", "clerk@tro#qian", ("accept", "score")),
        ("accept", "clerk@tro#filer@dg", ("submit-filing", "accept")),
        ("submit-filing", "filer@dg#sun", ("submit-filing", "score")),
        ("consent", "approver@dept#filer@dg", ("submit-filing", "consent")),
    ],
)
def test_every_pair_of_the_pack_is_found_when_one_account_did_both(
    round_: Round, act: str, by: str, pair: tuple[str, str]
) -> None:
    assert found(round_) == []
    role, _, person = by.partition("#")
    plant(round_, act, f"{role}#{person.replace('@', '_')}" if "@" in person else by)
    if "@" in person:  # an account is not written with an @ behind the #: the college's own officer takes it
        plant(round_, "submit-filing", f"filer@dg#{person.replace('@', '_')}")
    met = found(round_)
    assert pair in {(m.first.act, m.second.act) for m in met if m.second}
    assert {m.how for m in met} == {"account"}
    assert all(m.clause and m.standing for m in met)
    assert look(round_.engine).problems, "what was planted past the gateway is told as well"


def test_one_person_under_two_accounts_is_found_when_both_are_known_to_be_theirs(round_: Round) -> None:
    office = round_.office
    for agency, role, person in (("tro", "clerk", "clerk@tro"), ("dg", "filer", "filer@dg")):
        assert found(round_) == []
        office.do(
            "2026-05-08 09:00", "ops@dept", "appoint", agency=agency, role=role, person=person, who=NUMBER
        )
    met = found(round_)
    assert {(m.first.act, m.second and m.second.act, m.how) for m in met} == {
        ("submit-filing", "accept", "person")
    }


def test_an_officer_who_is_an_expert_of_the_panel_is_found(round_: Round) -> None:
    """The same citizen number at the appointment and in the pool of experts."""
    office = round_.office
    employers = [{"org": "示例数控公司"}]
    office.do(
        "2026-05-08 09:00",
        "organiser@tro",
        "register-expert",
        id="double",
        name="陈某人",
        side="industry",
        employers=employers,
        **NUMBER,
    )
    office.do(
        "2026-05-08 09:00", "ops@dept", "appoint", agency="tro", role="clerk", person="clerk@tro", who=NUMBER
    )
    plant(round_, "score", "expert:double")
    assert {(m.first.act, m.second and m.second.act, m.how) for m in found(round_)} == {
        ("accept", "score", "person")
    }


def test_an_act_on_anothers_behalf_counts_as_theirs(round_: Round) -> None:
    plant(round_, "consent", "approver@dept", on_behalf_of="filer@dg")
    assert {(m.first.act, m.second and m.second.act, m.how) for m in found(round_)} == {
        ("submit-filing", "consent", "delegation")
    }


def test_an_expert_whose_tie_came_to_light_later_is_found_until_what_they_found_is_struck(
    round_: Round,
) -> None:
    expert = "expert/qian"
    with round_.ground.unlocked() as connection:
        row = connection.execute(select(events).where(events.c.stream == expert)).one()
        data = json.loads(row.data)
        data["employers"].append({"org": "dg", "until": None})
        connection.execute(
            events.update().where(events.c.position == row.position).values(data=json.dumps(data))
        )
    met = found(round_)
    assert {(m.how, m.first.actor) for m in met} == {("tie", "expert:qian")}


def test_a_wrong_citizen_number_is_refused(round_: Round) -> None:
    code = round_.office.refused(
        "2026-05-08 09:00",
        "ops@dept",
        "appoint",
        agency="tro",
        role="clerk",
        person="clerk@tro",
        who={"id_no": "440106197810014560"},
    )
    assert code == "invalid"


def test_the_number_is_nowhere_in_clear(round_: Round) -> None:
    round_.office.do(
        "2026-05-08 09:00", "ops@dept", "appoint", agency="tro", role="clerk", person="clerk@tro", who=NUMBER
    )
    for table in (acts, events):
        assert NUMBER["id_no"] not in str(round_.office.rows(table))

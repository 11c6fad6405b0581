"""Decided again, the recorded commands give the recorded events; what does not is found, and what cannot be is named."""

import json

import pytest
from sqlalchemy import select

from audit.collect import read_dossier
from audit.ledger_source import LedgerSource
from audit.redecide import Redecided, redecide, unaccounted
from domain.policy import Pack
from gateway.clock import LegalClock, read_environment
from gateway.gateway import Gateway
from policies import load_pack
from records.schema import acts, events, person_keys
from tests.audit.conftest import Round
from tests.stories.catalogue import story
from tests.stories.ledger_only import left_by


def again(round_: Round, other: Pack | None = None) -> list[Redecided]:
    with round_.engine.connect().execution_options(reading=True) as connection:
        rows = [dict(row) for row in connection.execute(select(acts)).mappings()]
        return list(redecide(LedgerSource(connection, round_.office.another_gateway()), rows, other))


def verdicts(found: list[Redecided]) -> set[str]:
    return {row.verdict for row in found}


def test_every_act_of_the_round_comes_out_the_same_refusals_too(round_: Round) -> None:
    found = again(round_)
    assert verdicts(found) == {"same", "founding"}
    assert {"accepted", "refused"} == {row.outcome for row in found}


def test_an_event_that_was_changed_afterwards_is_found_with_its_field(round_: Round) -> None:
    with round_.ground.unlocked() as connection:
        query = select(events).where(events.c.stream == round_.filing, events.c.type == "FilingSubmitted")
        row = connection.execute(query).one()
        data = json.loads(row.data)
        data["lines"][0]["plan"] = 400
        changed = events.update().where(events.c.position == row.position).values(data=json.dumps(data))
        connection.execute(changed)
    found = [row for row in again(round_) if row.verdict == "differs"]
    assert next((row.act, row.differences[0]["field"]) for row in found) == ("submit-filing", "data.lines")


def test_a_fact_that_no_act_accounts_for_is_found(round_: Round) -> None:
    with round_.ground.unlocked() as connection:
        row = dict(
            connection.execute(select(events).where(events.c.stream == round_.filing)).mappings().first()
            or {}
        )
        planted = {**row, "position": 100_000, "seq": 99, "command": "c-nobody"}
        connection.execute(events.insert().values(planted))
        assert unaccounted(read_dossier(connection, round_.filing)) == [f"{round_.filing}#99"]
        assert unaccounted(read_dossier(connection, round_.other)) == []


def test_a_refusal_whose_reason_was_changed_is_found(round_: Round) -> None:
    with round_.ground.unlocked() as connection:
        connection.execute(acts.update().where(acts.c.code == "wrong-agency").values(code="stale"))
    found = [row for row in again(round_) if row.verdict == "differs"]
    assert [(row.act, row.differences[0]["field"]) for row in found] == [("accept", "code")]


def test_what_a_key_sealed_that_is_gone_cannot_be_decided_again_and_is_named(round_: Round) -> None:
    with round_.ground.unlocked() as connection:
        objection = connection.execute(select(events).where(events.c.type == "ObjectionRegistered")).one()
        person = json.loads(objection.data)["statement"]["person"]
        connection.execute(person_keys.delete().where(person_keys.c.person == person))
    found = [row for row in again(round_) if row.verdict == "keyless"]
    assert [row.act for row in found] == ["object"]
    assert person in found[0].why


def test_another_pack_says_what_it_would_have_said(round_: Round) -> None:
    stricter = load_pack("guangdong/pilot").with_settings(
        {"panel.min_members": 7, "completeness.working_days": 10}
    )
    told = {row.act: row.today for row in again(round_, stricter) if row.today}
    assert told["form-panel"][0]["again"] == "panel-composition"
    assert any(d["field"] == "data.completeness.date" for d in told["submit-filing"])
    assert not any(row.today for row in again(round_, load_pack("guangdong/pilot")))


@pytest.mark.parametrize("name", ["student-stages", "renewal", "hearing", "07-suspension-in-flight"])
def test_programmes_students_and_measures_come_out_the_same(name: str) -> None:
    with left_by(story(name)) as engine:
        environment = read_environment(engine)
        assert environment is not None
        gateway = Gateway(engine, LegalClock(environment.clock))
        with engine.connect().execution_options(reading=True) as connection:
            rows = [dict(row) for row in connection.execute(select(acts)).mappings()]
            found = list(redecide(LedgerSource(connection, gateway), rows))
    assert [(r.act, r.verdict, r.why, r.differences) for r in found if r.verdict != "same"][1:] == []

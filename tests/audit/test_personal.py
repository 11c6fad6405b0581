"""Personal data: whoever opens it leaves a trace; it is erased only when nothing asks for its keeping, and the trace stays."""

import json

import pytest

from audit.collect import read_dossier
from audit.ledger_source import LedgerSource
from audit.readings import Reading, readings
from audit.redecide import redecide
from audit.timeline import Entry, timeline
from domain.acts.personal import people_of
from domain.case import Case
from gateway.personal import Opener, pseudonym_of
from records.schema import acts, events, person_keys, streams
from records.verify import verify
from records.world import revive
from tests.audit.conftest import Round
from tests.register import OBJECTOR
from tests.world import Office

LATER = "2036-05-01 09:00"


def objection(round_: Round) -> str:
    return next(case for case in round_.office.cases() if case.startswith("objection-"))


def looked(office: Office) -> list[Reading]:
    with office.engine.connect().execution_options(reading=True) as connection:
        return readings(connection, 3)


def told(round_: Round, case: str) -> list[Entry]:
    with round_.engine.connect().execution_options(reading=True) as connection:
        return timeline(read_dossier(connection, case), Opener(round_.office.another_gateway(), connection))


def auditor(round_: Round) -> str:
    round_.office.appoint("auditor@dept")
    return "auditor@dept"


def test_opening_goes_on_record_with_who_what_when_and_why_and_so_does_a_refusal(round_: Round) -> None:
    case, by = objection(round_), auditor(round_)
    round_.office.do("2026-05-08 09:00", by, "open-personal", case, what="timeline", reason="复核异议")
    round_.office.refused(
        "2026-05-08 09:05", "clerk@tro", "open-personal", case, what="timeline", reason="好奇"
    )
    found = looked(round_.office)
    assert [(r.actor, r.case, r.what, r.reason, r.outcome, r.kept_until) for r in found] == [
        (by, case, "timeline", "复核异议", "accepted", "2029-05-08"),
        ("clerk@tro", case, "timeline", "好奇", "refused", "2029-05-08"),
    ]
    entries = told(round_, case)
    assert [e.what for e in entries if e.name == "open-personal"] == ["reading", "refusal"]


def test_an_opening_changes_no_case(round_: Round) -> None:
    case, by = objection(round_), auditor(round_)
    before = round_.office.views()
    round_.office.do("2026-05-08 09:00", by, "open-personal", case, what="timeline", reason="复核")
    assert round_.office.views() == before
    round_.office.check()


def test_what_was_sealed_is_opened_for_who_may(round_: Round) -> None:
    assert OBJECTOR["name"] in str(told(round_, objection(round_)))


@pytest.mark.parametrize("at", ["2026-05-08 09:00", "2036-04-15 23:59"])
def test_nothing_is_erased_before_its_retention_is_over(round_: Round, at: str) -> None:
    keys = round_.office.rows(person_keys)
    assert (
        round_.office.refused(at, "ops@dept", "erase-person", objection(round_), basis="本人申请")
        == "wrong-stage"
    )
    assert round_.office.rows(person_keys) == keys


def test_erased_data_is_gone_everywhere_and_everything_else_still_verifies(round_: Round) -> None:
    case = objection(round_)
    reader = round_.office.another_gateway()  # a process that has read the key before
    person = pseudonym_of(reader, dict(OBJECTOR))
    assert person in {row["person"] for row in round_.office.rows(person_keys)}
    round_.office.do(LATER, "ops@dept", "erase-person", case, basis="保存期限届满")
    assert person not in {row["person"] for row in round_.office.rows(person_keys)}
    with round_.engine.connect().execution_options(reading=True) as connection:
        entries = timeline(read_dossier(connection, case), Opener(reader, connection))
    assert "已删除 erased" in str(entries)
    assert OBJECTOR["name"] not in str(entries)
    assert verify(round_.engine).holds
    round_.office.check()
    erased = next(e for e in entries if e.name == "erase-person")
    assert (erased.actor, erased.given["basis"], erased.at[:10]) == ("ops@dept", "保存期限届满", LATER[:10])
    assert [fact["type"] for fact in erased.events] == ["PersonErased"]
    assert round_.office.refused(LATER, "ops@dept", "erase-person", case, basis="再次") == "wrong-stage"


def test_a_case_of_several_people_asks_which(round_: Round) -> None:

    case = objection_state(round_)
    assert len(people_of(case)) == 1
    assert round_.office.refused(LATER, "ops@dept", "erase-person", round_.filing, basis="x") == "invalid"


def objection_state(round_: Round) -> Case:

    row = next(row for row in round_.office.rows(streams) if row["id"] == objection(round_))
    return revive(row["id"], (row["head"], row["kind"], row["state"]))


def test_who_is_meant_never_stands_in_the_record_or_on_the_command_line(round_: Round) -> None:
    round_.office.do(LATER, "ops@dept", "erase-person", objection(round_), basis="保存期限届满")
    for table in (acts, events, streams):
        rows = json.dumps(round_.office.rows(table), ensure_ascii=False)
        assert OBJECTOR["id_no"] not in rows
        assert OBJECTOR["name"] not in rows


def destroyed(round_: Round) -> tuple[str, bytes]:
    """An objector whose key was destroyed by an act, and the key as an old backup has it."""
    case = objection(round_)
    person = pseudonym_of(round_.office.another_gateway(), dict(OBJECTOR))
    key = next(row["key"] for row in round_.office.rows(person_keys) if row["person"] == person)
    round_.office.do(LATER, "ops@dept", "erase-person", case, basis="保存期限届满")
    assert verify(round_.engine).problems == []
    return person, key


def keep(round_: Round, person: str, key: bytes) -> None:
    """Put a key where the system keeps them, as whoever holds the database may."""
    with round_.ground.unlocked() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person == person))
        connection.execute(person_keys.insert().values(person=person, key=key))


def test_a_key_that_comes_back_from_an_old_backup_after_its_destruction_is_found(round_: Round) -> None:
    person, key = destroyed(round_)
    keep(round_, person, key)
    (problem,) = verify(round_.engine).problems
    assert problem.startswith(f"person_keys {person} (objection-")
    assert "the key was destroyed by an act, and is there" in problem


def test_a_key_made_anew_for_somebody_who_came_back_is_none_that_opens_what_was_erased(round_: Round) -> None:
    """They are told apart by what they open: the new key is sound, and the acts of before stay sealed."""
    person, key = destroyed(round_)
    keep(round_, person, bytes(32))
    assert verify(round_.engine).problems == []
    with round_.engine.connect().execution_options(reading=True) as connection:
        dossier = read_dossier(connection, objection(round_))
        found = list(redecide(LedgerSource(connection, round_.office.another_gateway()), dossier.acts))
        opened = timeline(dossier, Opener(round_.office.another_gateway(), connection))
    assert {row.verdict for row in found if row.act == "object"} == {"sealed"}
    assert {row.verdict for row in found} <= {"same", "sealed"}
    assert f"已删除 erased: {person}" in str(opened)
    keep(round_, person, key)
    assert len(verify(round_.engine).problems) == 1


def test_data_that_does_not_open_without_an_erasure_is_never_called_erased(round_: Round) -> None:
    person = pseudonym_of(round_.office.another_gateway(), dict(OBJECTOR))
    for key in (None, bytes(32)):
        with round_.ground.unlocked() as connection:
            connection.execute(person_keys.delete().where(person_keys.c.person == person))
            if key:
                connection.execute(person_keys.insert().values(person=person, key=key))
        entries = str(told(round_, objection(round_)))
        assert f"no act erased it: {person}" in entries
        assert "已删除 erased" not in entries
        (problem,) = verify(round_.engine).problems
        assert person in problem

"""Acts about personal data itself: opening it, which goes on record, and erasing it once nothing asks for its keeping."""

from typing import Any

from pydantic import Field

from domain.acts.base import Form, act
from domain.case import Case
from domain.cases.person import Person, PersonErased, person_stream
from domain.files import Files
from domain.moments import local_day, years_after

PSEUDONYM = r"^p-[0-9a-f]{32}$"


class OpenPersonal(Form):
    """What the data is opened for: whoever reads it says why, and that stays on record."""

    what: str = Field(min_length=1, max_length=40)
    """Which view of it: `timeline`, `bundle`."""
    reason: str = Field(min_length=1, max_length=400)


@act("open-personal", OpenPersonal, Case)
def open_personal(files: Files, form: OpenPersonal, case: Case) -> None:
    """Changes nothing: being on record is the point (个保法 55–56)."""


class ErasePerson(Form):
    """Whose data, of those whom the case concerns, and on which basis. Without `person` the case must concern just one."""

    person: str | None = Field(default=None, pattern=PSEUDONYM)
    basis: str = Field(min_length=1, max_length=400)


@act("erase-person", ErasePerson, Case)
def erase_person(files: Files, form: ErasePerson, case: Case) -> None:
    """Only when every case that holds data of the person is over, and its retention too (个保法 47: 保存期限未届满的除外)."""
    concerned = sorted(people_of(case))
    person = form.person or (concerned[0] if len(concerned) == 1 else None)
    if person is None or person not in concerned:
        zh = f"本案涉及{len(concerned)}人，须写明其中哪一人（化名）"
        files.refuse(
            "invalid", zh, f"the case concerns {len(concerned)} people: say which one", field="person"
        )
    files.check()
    assert person is not None
    ids = files.world.concerning(person)
    files.fetch(ids)
    for id_ in ids:
        _must_be_over(files, files.need(id_, Case))
    record = files.find(person_stream(person), Person)
    if (
        record
        and record.erased_at
        and all((files.need(i, Case).changed_at or record.erased_at) <= record.erased_at for i in ids)
    ):
        files.refuse(
            "wrong-stage", "此人信息已删除", "this person's data was erased already", other=record.id
        )
    files.check()
    if record is None:
        record = files.open(Person(id=person_stream(person)))
    files.append(record, PersonErased(person=person, basis=form.basis, cases=ids))


def _must_be_over(files: Files, case: Case) -> None:
    if not case.final and case.kind not in _NEVER_OVER:
        zh, en = f"{case.id}尚未办结", f"{case.id} is not over"
        files.refuse("wrong-stage", zh, en, other=case.id)
        return
    years = int(files.rules_of(case).number("retention.personal_years"))
    since = case.changed_at or files.now
    until = years_after(local_day(since), years)
    if local_day(files.now) <= until:
        zh = f"{case.id}的个人信息须保存至{until}（{years}年）"
        files.refuse("wrong-stage", zh, f"{case.id}: kept until {until} ({years} years)", other=case.id)


_NEVER_OVER = frozenset({"expert", "agency"})
"""Registers have no end; their data is kept for the same years after the last entry."""


def people_of(case: Case) -> set[str]:
    """The pseudonyms of everybody of whom a case holds sealed data."""
    return _sealed_in(case.model_dump(mode="json"))


def _sealed_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        table: dict[str, Any] = value
        if table.keys() == {"person", "sealed"}:
            return {str(table["person"])}
        return {person for part in table.values() for person in _sealed_in(part)}
    if isinstance(value, list):
        parts: list[Any] = value
        return {person for part in parts for person in _sealed_in(part)}
    return set()

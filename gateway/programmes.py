"""The register of programmes on any day: what stood then, and what was corrected later (CA-12: never overwrite)."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, select

from domain.cases.programme import Programme
from domain.cases.programme_facts import (
    ProgrammeCorrected,
)
from domain.cases.register import College
from domain.moments import first_moment, stamp
from records.rows import fact
from records.schema import events
from records.world import Cache, LedgerWorld

View = dict[str, Any]


def register_on(engine: Engine, day: date, today: date) -> list[View]:
    """Every programme that existed at the end of a day (China), as the record stood at that moment; today, as it stands now.

    Raises ValueError, with a sentence in both languages, for a day that is not over yet and not today: nobody knows it.

    A later correction does not change the row: it is listed in `corrected_later` with the day from which it holds.
    """
    if day > today:
        raise ValueError(
            f"{day}尚未到来，登记册只答到今天（{today}）；已作出的决定何时生效见各项目 / "
            f"{day} is still to come, and the register knows no day after today ({today}); what is decided already stands with each programme"
        )
    end = stamp(first_moment(day + timedelta(days=1)))
    rows: list[View] = []
    with engine.connect().execution_options(reading=True) as connection:
        query = select(events).where(events.c.kind == "programme").order_by(events.c.stream, events.c.seq)
        cases: dict[str, Programme] = {}
        later: dict[str, list[View]] = {}
        for row in connection.execute(query).mappings():
            event, moment = fact(dict(row))
            if row["legal_at"] < end:
                cases.setdefault(row["stream"], Programme(id=row["stream"])).apply(event, moment)
            elif isinstance(event, ProgrammeCorrected):
                told = {"from": row["legal_at"], "changes": event.changes, "document_no": event.document_no}
                later.setdefault(row["stream"], []).append(told)
        colleges = LedgerWorld(connection, Cache()).load({f"college/{c.college}" for c in cases.values()})
        for case in cases.values():
            college = colleges.get(f"college/{case.college}")
            name = college.at(day).name if isinstance(college, College) else case.college
            shown = case.about()
            rows.append(
                {"id": case.id, "college_name": name, **shown, "corrected_later": later.get(case.id, [])}
            )
    return sorted(rows, key=lambda r: (r["college"], r["major"], r["entry"]))

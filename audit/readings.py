"""Who opened which personal data, when and why, and who was refused it: taken from the acts, which nobody can remove."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, or_, select

from audit.timeline import READING
from domain.moments import instant, local_day, months_after
from records.schema import acts


class Reading(BaseModel):
    """One look, or an attempt that was refused."""

    at: str
    actor: str
    on_behalf_of: str | None = None
    act: str
    what: str
    case: str
    reason: str
    outcome: str
    code: str | None = None
    kept_until: str
    """The day until which the pack demands that this stays on record; the record keeps it longer."""
    command: str
    digest: str


def readings(
    connection: Connection, years: int, case: str | None = None, by: str | None = None
) -> list[Reading]:
    """All looks in order, of one case or one actor where named. `years`: the pack's `retention.readings_years`."""
    query = select(acts).where(acts.c.act.in_(sorted(READING))).order_by(acts.c.position)
    if case:
        query = query.where(or_(acts.c.subject == case, acts.c.case_id == case))
    if by:
        query = query.where(acts.c.actor == by)
    return [_reading(dict(row), years) for row in connection.execute(query).mappings()]


def _reading(row: dict[str, Any], years: int) -> Reading:
    body = json.loads(row["body"])
    given = body.get("with_", {})
    at: datetime = instant(row["legal_at"])
    return Reading(
        at=row["legal_at"], actor=row["actor"], on_behalf_of=body.get("by", {}).get("on_behalf_of"), act=row["act"],
        what=str(given.get("what") or "students"), case=row["case_id"] or row["subject"], reason=_text(given.get("reason")),
        outcome=row["outcome"], code=row["code"], kept_until=str(months_after(local_day(at), 12 * years)), command=row["command"],
        digest=row["digest"],
    )  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "（填写有误，已密封 sealed: the form was wrong）"

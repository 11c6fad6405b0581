"""From a filled-in workbook to a filing: materials found by name, and reasons of the engine led back to their cells."""

from typing import Any

from sqlalchemy import Engine, select

from console.workbook import Location, Problem, Reading
from records.schema import attachments


def attached(engine: Engine, agency: str, names: list[str]) -> dict[str, str]:
    """Content hash of every material named, of those that this agency attached before; a hash names itself."""
    query = (
        select(attachments.c.name, attachments.c.sha256)
        .where(attachments.c.agency == agency, attachments.c.name.in_(names))
        .order_by(attachments.c.stored_at)
    )
    with engine.connect().execution_options(reading=True) as connection:
        known = {row.name: row.sha256 for row in connection.execute(query)}
        hashes = select(attachments.c.sha256).where(attachments.c.sha256.in_(names))
        return known | {digest: digest for digest in connection.execute(hashes).scalars()}


def missing(
    reading: Reading, names: list[str], found: dict[str, str], where: tuple[str, str] = ("", "")
) -> list[Problem]:
    """A problem for each material that is not attached; `where` says in both languages where else it was looked for."""
    problems: list[Problem] = []
    for n, name in enumerate(names):
        if name not in found:
            at = reading.where(f"materials.{n}") or Location("", 0, "")
            zh, en = f"没有上传过“{name}”{where[0]}", f"“{name}” was not attached{where[1]}"
            problems.append(Problem(at.sheet, at.row, at.column, zh, en))
    return problems


def cell_of(reading: Reading, reason: dict[str, Any]) -> Location | None:
    """Where in the form a reason of the engine points: by its field, or by the line it names."""
    if found := reading.where(reason.get("field") or ""):
        return found
    for n, line in enumerate(reading.with_["lines"]):
        if line.get("id") == reason.get("line"):
            return reading.where(f"lines.{n}")
    return None

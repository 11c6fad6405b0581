"""What remedies need beside the act itself: whose letters could be tried again."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, func, select

from records.dispatches import unsent
from records.schema import letters


def unsent_letters(engine: Engine) -> Sequence[Any]:
    """For each case and agency how many letters the act `retry-post` would have tried again, and one error of theirs."""
    of = (letters.c.stream, letters.c.sender)
    query = select(*of, func.count().label("many"), func.max(letters.c.problem).label("problem"))
    with engine.connect().execution_options(reading=True) as connection:
        return connection.execute(query.where(unsent()).group_by(*of).order_by(*of)).all()

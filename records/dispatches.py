"""The book of dispatches 发文登记: each letter when it falls due and each outcome of sending it, as rows that only grow.

`letters` says how each letter stands now, for those who send; it is what this book says last. Each row here is a leaf of
the transparency log, so that whom the record says was told, and when, cannot be changed afterwards.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection

from records.rows import OF_A_LETTER, standing
from records.schema import dispatches, letters
from records.statements import Row, insert, run

_KEPT_SQL = ", ".join(OF_A_LETTER)
_AGAIN = f"INSERT INTO dispatches ({_KEPT_SQL}, at) SELECT {_KEPT_SQL}, ? FROM letters WHERE id = ?"
_FAILED = """SELECT id, sender FROM letters
WHERE stream = ? AND (status = 'failed' OR status = 'due' AND attempts > 0) ORDER BY seq, id"""
_DUE = "UPDATE letters SET status = 'due', attempts = 0, again_at = '' WHERE id = ?"


def unsent() -> ColumnElement[bool]:
    """Of a letter: it was tried in vain, and given up or kept for another attempt (`_FAILED` says the same)."""
    return (letters.c.status == "failed") | ((letters.c.status == "due") & (letters.c.attempts > 0))


def fall_due(connection: Connection, rows: list[Row], at: str) -> None:
    """New letters, due since `at` (legal time, as written by domain.moments.stamp)."""
    insert(connection, letters, rows)
    insert(connection, dispatches, [_of_the_book(row) | {"at": at} for row in rows])


def due_again(connection: Connection, stream: str, at: str) -> set[str]:
    """Letters of a stream that were given up, or wait, are to be tried anew at once; the agencies whose letters they are."""
    failed = run(connection, _FAILED, [stream])
    for id_, _ in failed:
        run(connection, _DUE, [id_])
        run(connection, _AGAIN, [at, id_])
    return {sender for _, sender in failed}


def note_outcomes(connection: Connection, tried: list[Row]) -> None:
    """What became of one more try of each letter: sent, by-hand, failed, or due again.

    Each row has what the book says of a letter, `at` (legal time of the try), and `again_at` (not to be tried before).
    """
    stand = [
        _of_the_book(row)
        | {"sent_at": row["at"] if row["status"] == "sent" else None, "again_at": row["again_at"]}
        for row in tried
    ]
    insert(connection, letters, stand, replace=True)
    insert(connection, dispatches, [_of_the_book(row) | {"at": row["at"]} for row in tried])


def _of_the_book(row: Row) -> Row:
    return {name: value for name, value in row.items() if name in OF_A_LETTER}


def unlike(book: Sequence[Row], kept: Iterable[Row]) -> list[str]:
    """Letters that the book and the table of letters tell differently, or only one of them tells of."""
    told: dict[Any, Row] = dict(standing(book))
    wrong = [str(row["id"]) for row in kept if told.pop(row["id"], None) != row]
    return sorted({*wrong, *map(str, told)})

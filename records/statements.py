"""The few statements of every act, written once from the tables and run straight on the driver.

An act is some ten small statements; building and compiling them through SQLAlchemy's expression language on each act
costs several times the statements themselves (measured in `make bench`). They are plain SQL that both databases read.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Table

Row = dict[str, Any]


def run(connection: Connection, sql: str, values: Sequence[Any] = ()) -> CursorResult[Any]:
    """Run one statement written with `?` marks."""
    return connection.exec_driver_sql(_marked(connection.dialect.name, sql), tuple(values))


def insert(connection: Connection, table: Table, rows: Iterable[Row], *, replace: bool = False) -> None:
    """Insert rows; `replace` puts a new row in the place of an old one with the same primary key.

    Without it a taken key raises IntegrityError. Rows must all have the same columns.
    """
    rows = list(rows)
    if not rows:
        return
    columns = tuple(rows[0])
    sql = _marked(connection.dialect.name, _insert_sql(table, columns, replace))
    values = [tuple(row[c] for c in columns) for row in rows]
    connection.exec_driver_sql(sql, values if len(values) > 1 else values[0])


def update(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Update rows by primary key, all with the same columns."""
    rows = list(rows)
    if not rows:
        return
    keys = tuple(c.name for c in table.primary_key.columns)
    columns = tuple(c for c in rows[0] if c not in keys)
    sql = f"UPDATE {table.name} SET {', '.join(f'{c} = ?' for c in columns)} WHERE {' AND '.join(f'{k} = ?' for k in keys)}"
    values = [tuple(row[c] for c in (*columns, *keys)) for row in rows]
    connection.exec_driver_sql(
        _marked(connection.dialect.name, sql), values if len(values) > 1 else values[0]
    )


def marks(count: int) -> str:
    """`?, ?, ?` for an IN list; of the statements' lengths few are ever used, so drivers keep them prepared."""
    return ", ".join("?" * count)


@cache
def _insert_sql(table: Table, columns: tuple[str, ...], replace: bool) -> str:
    sql = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks(len(columns))})"
    if not replace:
        return sql
    keys = [c.name for c in table.primary_key.columns]
    new = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in keys)
    return f"{sql} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {new}"


@cache
def _marked(dialect: str, sql: str) -> str:
    return sql if dialect == "sqlite" else sql.replace("?", "%s")

"""The few statements of every act, written once from the tables and run straight on the driver.

An act is some ten small statements; building, compiling and wrapping them through SQLAlchemy on each act costs several
times the statements themselves (measured in `make bench`). They are plain SQL that both databases read, run inside the
transaction that SQLAlchemy began; what the driver raises comes out as SQLAlchemy's exceptions, as everywhere else.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import batched, count, groupby
from typing import Any

from psycopg import RawCursor, RawServerCursor
from sqlalchemy import Connection, Result, Table
from sqlalchemy.exc import DBAPIError

Row = dict[str, Any]
MOST_ROWS = 500
"""Rows of one INSERT; larger ones are sent in parts, in order."""
AT_ONCE = 4_000
"""Rows of a long SELECT that are in memory at once."""
_NAMES = count()
MOST_TOGETHER, MOST_VALUES = 40, 20_000
"""Writes, and values in them, that are sent as one statement; what is larger gains nothing by it."""


def run(connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement written with `?` marks; the rows it returns, if it returns any."""
    cursor = _execute(connection, sql, [tuple(values)])
    rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    cursor.close()
    return rows


def dicts(result: Result[Any]) -> list[Row]:
    """The rows of a SELECT by column name, made at once: SQLAlchemy's own mappings cost more than the reading."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def stream(connection: Connection, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a long SELECT written with `?` marks, some thousands at a time, as the driver gives them."""
    sql = _marked(connection.dialect.name, sql)
    cursor = _cursor(connection, f"read{next(_NAMES)}")
    with _as_sqlalchemy(connection, sql):
        cursor.execute(sql, tuple(values))
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows
            if len(rows) < AT_ONCE:
                break
        cursor.close()


def insert(connection: Connection, table: Table, rows: Iterable[Row], *, replace: bool = False) -> None:
    """Insert rows; `replace` puts a new row in the place of an old one with the same primary key.

    Without it a taken key raises IntegrityError. Rows must all have the same columns.
    """
    rows = list(rows)
    if rows:
        columns = tuple(rows[0])
        # All rows in one statement: what is numbered as it is written is numbered in the rows' order.
        for part in batched(rows, MOST_ROWS):
            sql = _insert_sql(table, columns, len(part), replace)
            _write(connection, sql, [tuple(row[c] for row in part for c in columns)])


def load(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert very many rows as fast as the driver can: PostgreSQL's COPY. Rows must all have the same columns."""
    if connection.dialect.name != "postgresql":
        insert(connection, table, rows)
    elif rows:
        columns = tuple(rows[0])
        cursor: Any = connection.connection.cursor()
        with (
            _as_sqlalchemy(connection, f"COPY {table.name}"),
            cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row([row[c] for c in columns])
        cursor.close()


def update(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Update rows by primary key, all with the same columns."""
    rows = list(rows)
    if rows:
        keys = tuple(c.name for c in table.primary_key.columns)
        columns = tuple(c for c in rows[0] if c not in keys)
        values = [tuple(row[c] for c in (*columns, *keys)) for row in rows]
        _write(connection, _update_sql(table, columns, keys), values)


def delete(connection: Connection, table: Table, keys: Iterable[tuple[Any, ...]]) -> None:
    """Delete rows by primary key."""
    where = " AND ".join(f"{c.name} = ?" for c in table.primary_key.columns)
    if keys := list(keys):
        _write(connection, f"DELETE FROM {table.name} WHERE {where}", keys)


def marks(count: int) -> str:
    """`?, ?, ?` for an IN list; of the statements' lengths few are ever used, so drivers keep them prepared."""
    return ", ".join("?" * count)


@contextmanager
def together(connection: Connection) -> Generator[None]:
    """Gather the writes inside and send them as one statement where the database can (PostgreSQL: `WITH … AS (INSERT …)`).

    An act has some ten small writes; one by one, handing them to the driver costs more than the database's own work.
    They fail together, at the end; nothing inside may read, and no row may be written twice.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    gathered: list[_Write] = []
    connection.info["gathered"] = gathered
    try:
        yield
    finally:
        del connection.info["gathered"]
    if len(gathered) <= MOST_TOGETHER and sum(len(w.values) for w in gathered) <= MOST_VALUES:
        if gathered:
            values = tuple(value for write in gathered for value in write.values)
            _execute(connection, _joined(tuple(write.sql for write in gathered)), [values]).close()
        return
    driver: Any = connection.connection.driver_connection
    with (
        _as_sqlalchemy(connection, "…"),
        driver.pipeline(),
    ):  # a batch of many lines: one round trip, many statements
        for sql, writes in groupby(gathered, key=lambda write: write.sql):
            _execute(connection, sql, [write.values for write in writes]).close()


@dataclass(frozen=True)
class _Write:
    sql: str
    values: tuple[Any, ...]


def _write(connection: Connection, sql: str, rows: list[tuple[Any, ...]]) -> None:
    gathered: list[_Write] | None = connection.info.get("gathered")
    if gathered is None:
        _execute(connection, sql, rows).close()
    else:
        gathered += [_Write(sql, row) for row in rows]


@lru_cache(maxsize=1000)
def _joined(writes: tuple[str, ...]) -> str:
    parts = ", ".join(f"w{n} AS ({sql})" for n, sql in enumerate(writes))
    return f"WITH {parts} SELECT"


def _execute(connection: Connection, sql: str, values: list[tuple[Any, ...]]) -> Any:
    sql = _marked(connection.dialect.name, sql)
    cursor = _cursor(connection)
    with _as_sqlalchemy(connection, sql):
        if len(values) == 1:
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)
    return cursor


def _cursor(connection: Connection, name: str = "") -> Any:
    """A cursor, with a name one at the server. PostgreSQL's take its own marks: psycopg's would be looked for in an act's
    one long statement anew each time.
    """
    if connection.dialect.name == "sqlite":
        return connection.connection.cursor()
    driver: Any = connection.connection.driver_connection
    return RawServerCursor(driver, name) if name else RawCursor(driver)


@contextmanager
def _as_sqlalchemy(connection: Connection, sql: str) -> Generator[None]:
    try:
        yield
    except Exception as error:
        dbapi: Any = connection.dialect.dbapi
        if not isinstance(error, dbapi.Error):
            raise
        # The values stay out of the exception: they may be personal, and exceptions end up in logs.
        raise DBAPIError.instance(
            sql, None, error, dbapi.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@cache
def _insert_sql(table: Table, columns: tuple[str, ...], rows: int, replace: bool) -> str:
    values = ", ".join([f"({marks(len(columns))})"] * rows)
    sql = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {values}"
    if not replace:
        return sql
    keys = [c.name for c in table.primary_key.columns]
    new = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in keys)
    return f"{sql} ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {new}' if new else 'NOTHING'}"


@cache
def _update_sql(table: Table, columns: tuple[str, ...], keys: tuple[str, ...]) -> str:
    new = ", ".join(f"{c} = ?" for c in columns)
    return f"UPDATE {table.name} SET {new} WHERE {' AND '.join(f'{k} = ?' for k in keys)}"


@cache
def _marked(dialect: str, sql: str) -> str:
    if dialect == "sqlite":
        return sql
    first, *rest = sql.split("?")
    return first + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))

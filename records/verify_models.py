"""Read models against the events: every derived row is what its case's state says, and there are no others."""

from typing import Any

from sqlalchemy import Connection

from domain.case import Case
from records.projection import TABLES, Rows, project
from records.statements import run
from records.verify_range import Part

_OWNERS = {
    "docket": "case_id",
    "deadlines": "case_id",
    "claims": "stream",
    "lines": "filing",
    "officers": "agency",
}
_AT_ONCE = 500


class ReadModels:
    """Takes the folded cases of a part in the database's order, and compares them with the tables some hundreds at a time."""

    def __init__(self, connection: Connection, part: Part) -> None:
        self._connection, self._part = connection, part
        self._after = part.after
        self._cases: dict[str, Rows] = {}

    def compare(self, case: Case) -> list[str]:
        """Take a case; now and then, the problems of those taken so far."""
        self._cases[case.id] = project(case)
        return self._flush(case.id) if len(self._cases) == _AT_ONCE else []

    def finish(self) -> list[str]:
        """The problems of the last cases."""
        return self._flush(self._part.upto)

    def _flush(self, upto: str | None) -> list[str]:
        """Compare all rows of the cases after those compared last, whether a case owns them or none."""
        wrong: dict[str, set[str]] = {}
        for name, table in TABLES.items():
            columns = [column.name for column in table.columns]
            owner, keys = columns.index(_OWNERS[name]), [column.name for column in table.primary_key.columns]
            where, bounds = Part(self._after, upto).within(_OWNERS[name])
            actual: dict[str, dict[tuple[object, ...], Any]] = {}
            for values in run(
                self._connection, f"SELECT {', '.join(columns)} FROM {name} WHERE {where}", bounds
            ):
                row = dict(zip(columns, values, strict=True))
                actual.setdefault(values[owner], {})[tuple(row[k] for k in keys)] = row
            for id_, rows in self._cases.items():
                if actual.pop(id_, {}) != rows[name]:
                    wrong.setdefault(id_, set()).add(name)
            for id_ in actual:  # rows of a case that no events tell of
                wrong.setdefault(id_, set()).add(name)
        self._cases, self._after = {}, upto
        return [
            f"{id_}: {', '.join(sorted(names))} 与事件不符 / differ from the events; `huiqian records rebuild` puts it right"
            for id_, names in wrong.items()
        ]

"""Read models against the events: every derived row is what its case's state says, and there are no others."""

from sqlalchemy import Connection, func, select

from domain.case import Case
from records.projection import TABLES, Rows, project
from records.schema import claims, deadlines, docket, lines

_OWNERS = {
    "docket": docket.c.case_id, "deadlines": deadlines.c.case_id, "claims": claims.c.stream, "lines": lines.c.filing,
}  # fmt: skip
_AT_ONCE = 500


class ReadModels:
    """Takes folded cases one by one and compares them with the tables some hundreds at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cases: dict[str, Rows] = {}
        self._expected = dict.fromkeys(TABLES, 0)

    def compare(self, case: Case) -> list[str]:
        """Take a case; now and then, the problems of those taken so far."""
        self._cases[case.id] = project(case)
        return self._flush() if len(self._cases) == _AT_ONCE else []

    def finish(self) -> list[str]:
        """The problems of the last cases, and rows that belong to no case."""
        found = self._flush()
        for name, table in TABLES.items():
            there = self._connection.execute(select(func.count()).select_from(table)).scalar_one()
            if there != self._expected[name] and not found:
                found.append(
                    f"{name}: 有 {there} 行，应为 {self._expected[name]} / {there} rows, the events say "
                    f"{self._expected[name]}; `huiqian records rebuild` puts it right"
                )
        return found

    def _flush(self) -> list[str]:
        wrong: dict[str, set[str]] = {}
        for name, table in TABLES.items():
            keys = [column.name for column in table.primary_key.columns]
            owner = _OWNERS[name]
            actual: dict[str, dict[tuple[object, ...], object]] = {}
            for row in self._connection.execute(select(table).where(owner.in_(self._cases))).mappings():
                actual.setdefault(row[owner.name], {})[tuple(row[k] for k in keys)] = dict(row)
            for id_, rows in self._cases.items():
                self._expected[name] += len(rows[name])
                if actual.get(id_, {}) != rows[name]:
                    wrong.setdefault(id_, set()).add(name)
        self._cases = {}
        return [
            f"{id_}: {', '.join(sorted(names))} 与事件不符 / differ from the events; `huiqian records rebuild` puts it right"
            for id_, names in wrong.items()
        ]

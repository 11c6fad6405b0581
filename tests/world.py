"""An office to test in: a founded environment on some database, a legal clock to set, and walks to where a test begins.

The walks take their dates from the published rehearsals, so that what they open may be compared with those.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, Table, select

from domain.actors import Actor, parse_actor
from domain.cases.calendar import CalendarPublished
from domain.files import Command
from domain.moments import instant
from gateway.clock import ClockFace, LegalClock, read_environment
from gateway.founding import found, published_schedules
from gateway.gateway import Gateway
from gateway.views import NoSuchCase, View, show
from policies import load_pack
from records.schema import acts, streams
from records.world import revive
from tests.register import COLLEGES, EXPERTS, MAJORS, OBJECTOR, OFFICES, PANEL
from tests.verify import faults

BEGINNING = "2025-12-01 00:00"


class Unexpected(AssertionError):
    """An act was answered otherwise than the test's story needs."""


@lru_cache(maxsize=1)
def schedules() -> tuple[CalendarPublished, ...]:
    """The published holiday schedules, read once."""
    return tuple(published_schedules(range(2018, 2028)))


def line(
    id_: str = "1", major: str = "DEMO-0209", entry: str = "senior-high", years: float = 4, **more: Any
) -> dict[str, Any]:
    """One line as a filing gives it."""
    return {"id": id_, "major": major, "entry": entry, "years": years, "plan": 40, **more}


class Office:
    """A gateway on a founded database, and the people who use it."""

    def __init__(self, engine: Engine) -> None:
        environment = read_environment(engine)
        assert environment is not None, "the database is not founded"
        self.engine = engine
        self.environment = environment
        self.now: datetime = instant(BEGINNING)
        self.gateway = self.another_gateway()
        self.count = len(self.rows(acts))

    @classmethod
    def found(
        cls,
        engine: Engine,
        settings: Mapping[str, Any] | None = None,
        calendar: Iterable[CalendarPublished] | None = None,
    ) -> "Office":
        """Set a migrated database up, with the pilot's pack and nobody in it yet but the operator."""
        face = ClockFace(real=instant(BEGINNING), legal=instant(BEGINNING))
        found(
            engine, id_="test", pack=load_pack("guangdong/pilot"), settings=settings or {}, face=face,
            schedules=schedules() if calendar is None else calendar,
        )  # fmt: skip
        return cls(engine)

    def another_gateway(self) -> Gateway:
        """A gateway as a second process would have it: the same database and clock, nothing remembered."""
        return Gateway(self.engine, LegalClock(self.environment.clock, lambda: self.now.astimezone(UTC)))

    def act(
        self,
        at: str,
        by: str | Actor,
        do: str,
        case: str | None = None,
        /,
        *,
        read: str | None = None,
        command: str | None = None,
        **with_: Any,
    ) -> View:
        """Set the clock, act, and give the answer."""
        self.now = instant(at)
        return self.gateway.act(self.command(by, do, case, read=read, command=command, **with_))

    def command(
        self,
        by: str | Actor,
        do: str,
        case: str | None = None,
        /,
        *,
        read: str | None = None,
        command: str | None = None,
        **with_: Any,
    ) -> Command:
        """A wish to act, under an id of its own."""
        self.count += 1
        return Command(
            id=command or f"c-{self.count}", act=do, by=parse_actor(by) if isinstance(by, str) else by, case=case,
            with_=with_, read=instant(read) if read else None,
        )  # fmt: skip

    def do(self, at: str, by: str, do: str, case: str | None = None, /, **with_: Any) -> str:
        """An act that must be accepted; gives the case that it opened or was done on."""
        answer = self.act(at, by, do, case, **with_)
        if answer["outcome"] != "accepted":
            raise Unexpected(f"{do} by {by}: {answer['code']}: {answer['reasons']}")
        return str(answer["case"])

    def refused(self, at: str, by: str, do: str, case: str | None = None, /, **with_: Any) -> str:
        """An act that must be refused, and leave every case as it was; gives the code."""
        before = self.views()
        answer = self.act(at, by, do, case, **with_)
        if answer["outcome"] != "refused":
            raise Unexpected(f"{do} by {by} was accepted")
        assert self.views() == before, f"the refused {do} changed a case"
        return str(answer["code"])

    def appoint(self, office: str) -> None:
        """Give somebody an office, founding the agency where need be."""
        actor, at = parse_actor(office), self.now.isoformat()
        if self.read_state(f"agency/{actor.agency}") is None:
            self.do(at, "ops@dept", "found-agency", id=actor.agency)
        self.do(at, "ops@dept", "appoint", agency=actor.agency, role=actor.role, person=actor.person)

    # Setting the stage --------------------------------------------------------------------------------------------

    def register_all(self) -> None:
        """The offices, colleges and experts of the rehearsals."""
        at = "2025-12-01 09:00"
        self.now = instant(at)
        for office in OFFICES:
            self.appoint(office)
        for id_, (name, kind, city, affiliation) in COLLEGES.items():
            self.do(
                at, "approver@dept", "register-college",
                id=id_, name=name, kind=kind, city=city, affiliation=affiliation,
            )  # fmt: skip
            self.appoint(f"filer@{id_}")
        for id_, (name, side, employers) in EXPERTS.items():
            self.do(at, "organiser@tro", "register-expert", id=id_, name=name, side=side, employers=employers)

    def call(
        self,
        at: str = "2026-03-02 09:00",
        closes: str = "2026-03-31 17:30",
        year: int = 2026,
        number: int = 50,
    ) -> str:
        """The yearly call; gives the round."""
        return self.do(
            at, "catalog-officer@dept", "issue-call", year=year, document_no=f"粤人社函〔{year}〕{number}号",
            window={"opens": at, "closes": closes}, majors=[{"code": c, "name": n} for c, n in MAJORS.items()],
        )  # fmt: skip

    @property
    def round(self) -> str:
        """The newest round."""
        query = select(streams.c.id).where(streams.c.kind == "round").order_by(streams.c.opened_at.desc())
        with self.engine.connect().execution_options(reading=True) as connection:
            return str(connection.execute(query).scalars().first())

    # Walks: each takes filings one step further and gives what the step opened ------------------------------------

    def submitted(
        self, college: str = "dg", *lines: dict[str, Any], at: str = "2026-03-04 10:12", **with_: Any
    ) -> str:
        """A filing of one line, or of the lines given."""
        return self.do(
            at, f"filer@{college}", "submit-filing", round=self.round, lines=list(lines) or [line()], **with_
        )

    def unit(self, filing: str) -> str:
        """The receiving unit."""
        return str(self.state(filing)["route"])

    def accepted(self, *filings: str, at: str = "2026-03-09 09:00") -> None:
        """The receiving unit accepts."""
        for filing in filings:
            self.do(at, f"clerk@{self.unit(filing)}", "accept", filing)

    def panelled(self, *filings: str, at: str = "2026-03-16 09:00", experts: tuple[str, ...] = PANEL) -> None:
        """A panel is formed; its first member is in the chair."""
        for filing in filings:
            by = f"organiser@{self.unit(filing)}"
            self.do(at, by, "form-panel", filing, experts=list(experts), chair=experts[0])

    def scored(self, *filings: str, at: str = "2026-03-18 10:00", mark: float = 86) -> None:
        """Everybody gives every open line the same mark."""
        for filing in filings:
            evaluation = self.state(str(self.state(filing)["evaluation"]))
            for expert in evaluation["panel"]:
                marks = {"overall": mark}
                self.do(at, f"expert:{expert}", "score", filing, line=evaluation["pending"], marks=marks)

    def concluded(self, *filings: str, at: str = "2026-03-27 16:00", result: str = "passed") -> None:
        """The chair signs one result for every open line."""
        for filing in filings:
            evaluation = self.state(str(self.state(filing)["evaluation"]))
            results = dict.fromkeys(evaluation["pending"], result)
            reasons = {} if result == "passed" else dict.fromkeys(results, "企业岗位不足")
            self.do(at, f"expert:{evaluation['chair']}", "conclude", filing, results=results, reasons=reasons)

    def passed(self, college: str = "dg", *lines: dict[str, Any]) -> str:
        """A filing from submission to a panel's pass."""
        filing = self.submitted(college, *lines)
        self.accepted(filing)
        self.panelled(filing)
        self.scored(filing)
        self.concluded(filing)
        return filing

    def refs(self, *filings: str) -> list[str]:
        """References of all lines of these filings."""
        return [f"{filing}/{id_}" for filing in filings for id_ in self.state(filing)["lines"]]

    def published(self, *filings: str, at: str = "2026-04-13 09:00") -> str:
        """Their lines stand in a notice; gives it. It ends on 2026-04-17."""
        return self.do(at, "notice-officer@tro", "publish-notice", lines=self.refs(*filings))

    def consented(self, *filings: str, at: str = "2026-04-20 10:00") -> str:
        """The department consents; gives the approval."""
        return self.do(at, "approver@dept", "consent", lines=self.refs(*filings))

    def announced(self, *filings: str, at: str = "2026-04-22 10:00", number: int = 88) -> str:
        """The department announces; gives what that opened."""
        return self.do(
            at,
            "publisher@dept",
            "announce",
            document_no=f"粤人社函〔2026〕{number}号",
            lines=self.refs(*filings),
        )

    def objected(self, ref: str, at: str = "2026-04-14 09:00", **with_: Any) -> str:
        """Somebody objects by mail, with name and number; gives the objection."""
        given: dict[str, Any] = {"via": "email", "received": at, "who": OBJECTOR, "statement": "设备清单不实"}
        return self.do(at, "public", "object", line=ref, **{**given, **with_})

    def view(self, case: str) -> View:
        """What everybody may see of a case."""
        return show(self.engine, case)

    def state(self, case: str) -> View:
        """The same without its events."""
        shown = self.view(case)
        del shown["events"]
        return shown

    def read_state(self, case: str) -> View | None:
        """The same, None when there is no such case."""
        try:
            return self.state(case)
        except NoSuchCase:
            return None

    def lines(self, filing: str) -> dict[str, str]:
        """State of each line."""
        return {id_: found["state"] for id_, found in self.state(filing)["lines"].items()}

    def cases(self) -> list[str]:
        """Every case there is."""
        return [row["id"] for row in self.rows(streams, "id")]

    def views(self) -> dict[str, View]:
        """Every case as it looks now."""
        found = [(row["id"], (row["head"], row["kind"], row["state"])) for row in self.rows(streams)]
        return {id_: revive(id_, kept).view() for id_, kept in found}

    def rows(self, table: Table, *columns: str) -> list[dict[str, Any]]:
        """All rows of a table, or these columns of them, in the order of its key."""
        query = select(*(table.c[name] for name in columns or table.c.keys())).order_by(
            *table.primary_key.columns
        )
        with self.engine.connect().execution_options(reading=True) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def check(self) -> None:
        """Every case can be read and is what its events say, so are the read models, and every chain verifies."""
        with self.engine.connect().execution_options(reading=True) as connection:
            wrong = faults(connection)
        assert wrong == []


def staffed(engine: Engine) -> None:
    """What most tests begin with: everybody in office, and the call of 2026 issued."""
    office = Office.found(engine)
    office.register_all()
    office.call()

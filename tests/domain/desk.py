"""A world of dictionaries: the domain decides in it as in the ledger, with no database anywhere."""

import hashlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from typing import Any

from domain.actors import parse_actor
from domain.case import Case
from domain.cases.calendar import CALENDAR, CalendarPublished, PublishedCalendar
from domain.cases.environment import POLICY, PackAdopted, PolicyInForce
from domain.cases.filing import Filing
from domain.cases.register import Agency, AgencyFounded, OfficerAppointed
from domain.decide import decide
from domain.files import Added, Command, Files
from domain.moments import instant
from domain.policy import Pack
from domain.refusals import Refused
from domain.secrets import Secret
from domain.world import World
from policies import load_pack
from tests.register import COLLEGES, EXPERTS, MAJORS, OFFICES
from tests.world import schedules


class Sealer:
    """Seals by hashing: enough to see that nothing clear goes into an event."""

    def pseudonym(self, *parts: str) -> str:
        """The same for the same particulars."""
        return "p-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]

    def ready(self, people: Iterable[str]) -> None:
        """Hashes need no keys."""

    def seal(self, person: str, clear: str) -> Secret:
        """Nobody opens this again."""
        return Secret(person=person, sealed=hashlib.sha256(clear.encode()).hexdigest())


class Desk(World):
    """Cases and their events in memory."""

    def __init__(self, pack: Pack | None = None) -> None:
        self.pack = pack or load_pack("guangdong/pilot")
        self.cases: dict[str, Case] = {}
        self.events: list[Added] = []
        self.count = 0

    def load(self, ids: Iterable[str]) -> dict[str, Case]:
        return {id_: deepcopy(self.cases[id_]) for id_ in ids if id_ in self.cases}

    def holders(self, keys: Iterable[str]) -> dict[str, str]:
        return {key: case.id for key in keys for case in self.cases.values() if key in case.claims()}

    def claimed(self, prefix: str) -> dict[str, str]:
        return {k: c.id for c in self.cases.values() for k in c.claims() if k.startswith(prefix)}

    def filings(self, round_id: str) -> tuple[bool, bool]:
        filings = [c for c in self.cases.values() if isinstance(c, Filing) and c.round == round_id]
        return bool(filings), any(not c.final for c in filings)

    def filings_in_flight(self, college: str) -> list[str]:
        filings = [c for c in self.cases.values() if isinstance(c, Filing) and c.college == college]
        return sorted(c.id for c in filings if c.live())

    def lines_in(self, rounds: Iterable[str], state: str | None, limit: int | None) -> list[str]:
        of = set(rounds)
        filings = [c for c in self.cases.values() if isinstance(c, Filing) and c.round in of]
        lines = [(f, line) for f in filings for line in f.lines.values() if state in (None, line.state)]
        return [f"{f.id}/{line.id}" for f, line in lines][:limit]

    def awarded(self, college: str, major: str) -> list[str]:
        filings = [c for c in self.cases.values() if isinstance(c, Filing) and c.college == college]
        return [f"{f.id}/{x.id}" for f in filings for x in f.in_state("announced") if x.major == major]

    def outdated(self, years: set[int], revision: int, limit: int) -> list[str]:
        return []

    def undelivered(self, stream: str) -> int:
        return 0  # no post here

    def concerning(self, person: str) -> list[str]:
        told = [e for e in self.events if f'"person":"{person}"' in e.event.model_dump_json()]
        return list(dict.fromkeys(e.stream for e in told))

    def attachment(self, digest: str) -> bool:
        return False

    def files(self, at: datetime, command: Command) -> Files:
        """A desk for one act."""
        return Files(self, command, at, self.pack, lambda _: self.pack, Sealer())

    @contextmanager
    def written(self, files: Files) -> Generator[None]:
        """Keep what was added, also when the act itself is refused."""
        try:
            yield
        finally:
            self.events += files.added
            self.cases |= {fact.stream: files.seen[fact.stream] for fact in files.added}

    def act(self, at: str, by: str, do: str, case: str | None = None, /, **with_: Any) -> str | None:
        """Decide; gives the case that was opened, or the refusal's code."""
        self.count += 1
        command = Command(id=f"c-{self.count}", act=do, by=parse_actor(by), case=case, with_=with_)
        files = self.files(instant(at), command)
        with self.written(files):
            try:
                decide(files)
            except Refused as refused:
                return refused.code
        return files.opened

    def found(self, at: str = "2025-12-01 00:00") -> "Desk":
        """Rules, calendar, agencies and people, and the call of 2026."""
        files = self.files(
            instant(at), Command(id="founding", act="found", by=parse_actor("process@founding"))
        )
        with self.written(files):
            adopted = PackAdopted(name=self.pack.name, pack=self.pack.hash, settings={})
            files.append(files.open(PolicyInForce(id=POLICY)), adopted)
            calendar = files.open(PublishedCalendar(id=CALENDAR))
            each: CalendarPublished
            for each in schedules():
                files.append(calendar, each)
            for agency in self.pack.agencies:
                files.append(files.open(Agency(id=f"agency/{agency}")), AgencyFounded())
            ops = OfficerAppointed(role="ops", person="ops@dept")
            files.append(files.need("agency/dept", Agency), ops)
        for office in OFFICES:
            self.appoint(office)
        for id_, (name, kind, city, affiliation) in COLLEGES.items():
            who = {"id": id_, "name": name, "kind": kind, "city": city, "affiliation": affiliation}
            self.act(at, "approver@dept", "register-college", **who)
            self.appoint(f"filer@{id_}")
        for id_, (name, side, employers) in EXPERTS.items():
            self.act(
                at, "organiser@tro", "register-expert", id=id_, name=name, side=side, employers=employers
            )
        majors = [{"code": code, "name": name} for code, name in MAJORS.items()]
        window = {"opens": "2026-03-02 09:00", "closes": "2026-03-31 17:30"}
        number = "粤人社函〔2026〕50号"
        with_: dict[str, Any] = {"year": 2026, "document_no": number, "window": window, "majors": majors}
        self.round = self.act("2026-03-02 09:00", "catalog-officer@dept", "issue-call", **with_)
        return self

    def appoint(self, office: str) -> None:
        """Somebody takes office."""
        actor = parse_actor(office)
        with_ = {"agency": actor.agency, "role": actor.role, "person": actor.person}
        assert self.act("2025-12-01 01:00", "ops@dept", "appoint", **with_) is None

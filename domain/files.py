"""The desk an act is done at: the states it may see, the events it adds, and everything that speaks against it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from pydantic import BaseModel, Field, model_validator

from domain.actors import Actor
from domain.calendars import Calendar, version_name
from domain.case import Case
from domain.cases.calendar import CALENDAR, PublishedCalendar
from domain.cases.environment import POLICY, PolicyInForce
from domain.chain import canonical
from domain.events import Event, Moment
from domain.ids import split_line_ref
from domain.moments import local_day
from domain.policy import Pack, Rules
from domain.refusals import Reason, Refusals
from domain.secrets import Secret, identity
from domain.world import Sealer, World

C = TypeVar("C", bound=Case)
MOST_BYTES = 4 * 2**20
"""A command has at most this many bytes; files are attached, not put into a form."""
MOST_DEPTH = 32


class Command(BaseModel, frozen=True):
    """A wish to act, as it arrives: who, what, on which case, why, and as of which page."""

    id: str = Field(min_length=1, max_length=120)
    act: str = Field(max_length=200)
    by: Actor
    case: str | None = Field(default=None, max_length=200)
    with_: dict[str, Any] = {}
    read: datetime | None = None
    """When the actor's page was drawn; what changed since makes the act `stale`. None: now."""

    @model_validator(mode="after")
    def _can_be_written_down(self) -> Self:
        """A wish that cannot be put on record (not JSON, not Unicode, too long) is not taken in at all."""
        try:
            check_plain(self.with_)
            size = len(canonical([self.id, self.act, self.case, self.with_]).encode())
        except (TypeError, ValueError, RecursionError):
            raise ValueError(
                "不是可记录的数据（须为 JSON，UTF-8，无 NaN，不过深）/ not data that can be recorded"
            ) from None
        if size > MOST_BYTES or "\x00" in f"{self.id}{self.act}{self.case}":
            raise ValueError("内容过长或含空字符 / too long, or holds a NUL character")
        return self


def check_plain(value: Any, depth: int = 0) -> None:
    """Raise ValueError for what databases, JSON readers or arithmetic choke on: NUL, depth, numbers beyond measure."""
    if depth > MOST_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("NUL")
    if isinstance(value, int | float) and not abs(value) < 10**15:
        raise ValueError("number")
    if isinstance(value, dict):
        for key, part in value.items():
            check_plain(key, depth + 1)
            check_plain(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            check_plain(part, depth + 1)


class Added(BaseModel, frozen=True):
    """An event on its way into the ledger, with its legal time and who caused it."""

    stream: str
    kind: str
    event: Event
    moment: Moment
    pack: str


class Files:
    """One act's unit of work. Nothing outside changes until the gateway writes what was added, all or none."""

    def __init__(
        self, world: World, command: Command, now: datetime, pack: Pack, packs: Callable[[str], Pack], sealer: Sealer
    ) -> None:  # fmt: skip
        self.world = world
        self.command = command
        self.now = now
        self._own = self.pack = pack
        self._packs = packs
        self.sealer = sealer
        self.refusals = Refusals()
        self.added: list[Added] = []
        self.seen: dict[str, Case] = {}
        self.absent: set[str] = set()
        self.before: Callable[[Case], None] = lambda case: None
        """Told of a case just before its first new fact, so that the writer can see what changed."""
        self.touched: set[str] = set()
        self.awaited: dict[str, set[str | None]] = {}
        """Clocks by which somebody was awaited, of each touched case as it was before."""
        self.opened: str | None = None
        """The case that this act opened, as the receipt names it."""
        self.owners: dict[str, list[str]] = {}
        """Pseudonyms of the people whom the rows of a personal field are about, where the rows do not say it."""
        self.left_out: list[Reason] = []
        """Rows that the act, as asked, left out instead of being refused; the receipt names them."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.command.by

    @property
    def rules(self) -> Rules:
        """Today's rules of the procedure the act belongs to; a case's are `rules_of`."""
        return self.pack.on(local_day(self.now))

    @property
    def beside(self) -> str:
        """The act's procedure, by its pack's name; empty when it is the environment's own."""
        return "" if self.pack.name == self._own.name else self.pack.name

    def procedure_of(self, case: Case) -> str:
        """The name of the pack that a case pinned: its procedure."""
        return (self._packs(case.pack) if case.pack else self._own).name

    def govern(self, procedure: str) -> None:
        """From here on decide by the pack in force for this procedure; one that is not adopted changes nothing."""
        policy = self.find(POLICY, PolicyInForce)
        version = policy.version_of(procedure) if policy else None
        if version and procedure != self.pack.name:
            self.pack = self._packs(version)

    def rules_of(self, case: Case) -> Rules:
        """The rules that a case pinned, as in force today."""
        return (self._packs(case.pack) if case.pack else self.pack).on(local_day(self.now))

    def pack_of(self, hash_: str) -> Pack | None:
        """A pack on record by its content hash, or None."""
        try:
            return self._packs(hash_)
        except LookupError:
            return None

    @property
    def calendar(self) -> Calendar:
        """The newest version of the working calendar."""
        return self.need(CALENDAR, PublishedCalendar).calendar(self.rules.list("calendar.fixed_holidays"))

    @property
    def calendar_version(self) -> str:
        """The calendar version this act was decided by, if it asked for one."""
        published = self.seen.get(CALENDAR)
        return version_name(published.revision) if isinstance(published, PublishedCalendar) else ""

    def fetch(self, ids: Iterable[str]) -> None:
        """Load several cases at once, so that a large act asks the ledger once."""
        wanted = {i for i in ids if i not in self.seen and i not in self.absent}
        if wanted:
            found = self.world.load(sorted(wanted))
            self.seen.update(found)
            self.absent |= wanted - found.keys()

    def find(self, id_: str | None, kind: type[C]) -> C | None:
        """A case of this kind, or None."""
        if not id_:
            return None
        if id_ not in self.seen:
            self.fetch([id_])
        case = self.seen.get(id_)
        return case if isinstance(case, kind) else None

    def need(self, id_: str, kind: type[C]) -> C:
        """A case that must be there because another case refers to it. Raises LookupError when the ledger lacks it."""
        case = self.find(id_, kind)
        if case is None:
            raise LookupError(f"{kind.kind} {id_}")
        return case

    def open(self, case: C) -> C:
        """Put a new, empty case on the desk; its first event opens the stream."""
        self.seen[case.id] = case
        self.absent.discard(case.id)
        return case

    def append(self, case: Case, *events: Event, at: datetime | None = None) -> None:
        """Add facts to a case and fold them. `at` is the legal time, never before the case's last one.

        Raises Refused, and changes nothing, when something was noted against the act.
        """
        self.check()
        if case.id not in self.touched:
            self.touched.add(case.id)
            self.awaited[case.id] = {w.clock for w in case.waiting()} if case.deadlines else set()
            self.before(case)
        legal = max(at or self.now, case.changed_at or at or self.now).astimezone(UTC)
        for event in events:
            by = self.actor
            moment = Moment(
                seq=case.seq + 1,
                at=legal,
                person=by.person,
                act=self.command.act,
                on_behalf_of=by.on_behalf_of,
            )
            case.apply(event, moment)
            self.added.append(
                Added(stream=case.id, kind=case.kind, event=event, moment=moment, pack=case.pack)
            )

    def refuse(self, code: str, zh: str, en: str, **where: Any) -> None:
        """Note something that speaks against the act; `check` raises once all is known."""
        self.refusals.add(code, zh, en, **where)

    def check(self) -> None:
        """Raise Refused if anything was noted."""
        self.refusals.check()

    def person(self, particulars: Any) -> str:
        """The pseudonym of whoever these particulars describe."""
        return self.sealer.pseudonym(*identity(particulars))

    def seal(self, particulars: Any, *, of: Any = None) -> Secret:
        """Seal particulars under the key of the person they describe, or of whom `of` describes."""
        clear = particulars if isinstance(particulars, str) else canonical(particulars)
        return self.sealer.seal(self.person(particulars if of is None else of), clear)

    def seal_for(self, person: str, clear: Any) -> Secret:
        """Seal something about a person whose pseudonym is known."""
        return self.sealer.seal(person, clear if isinstance(clear, str) else canonical(clear))

    def refs(self, refs: list[str], field: str = "lines") -> list[tuple[str, str]]:
        """Line references split and loaded; malformed, repeated and unknown ones are noted as `invalid`."""
        pairs: list[tuple[str, str]] = []
        for position, ref in enumerate(refs):
            try:
                pair = split_line_ref(ref)
            except ValueError as error:
                self.refuse("invalid", *str(error).split(" / "), field=f"{field}.{position}", line=ref)
                continue
            if pair in pairs:
                zh, en = f"专业线重复：{ref}", f"line named twice: {ref}"
                self.refuse("invalid", zh, en, field=f"{field}.{position}", line=ref)
                continue
            pairs.append(pair)
        self.fetch(filing for filing, _ in pairs)
        return pairs

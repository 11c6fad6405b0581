"""act(command): the one door. One act, one transaction, one answer; the same command id gives the same answer."""

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError, OperationalError

from domain.actors import SYSTEM
from domain.acts.base import ACTS, Form
from domain.cases.environment import POLICY, PolicyInForce
from domain.cases.person import PersonErased
from domain.chain import canonical
from domain.decide import decide
from domain.files import Command, Files
from domain.moments import stamp
from domain.policy import Pack
from domain.refusals import Reason, Refused
from domain.secrets import identity
from gateway.answers import Answer, left_out, refusal_answer
from gateway.clock import LegalClock
from gateway.letters import letter_rows
from gateway.packs import PackShelf
from records.keys import Envelope, KeyRing, destroy_key
from records.ledger import Entry, Moved, Written, lock_streams
from records.schema import acts
from records.sealing import command_mac
from records.statements import together
from records.world import Cache, LedgerWorld, NeedsCopy

if TYPE_CHECKING:
    from gateway.tracing import Traces

log = structlog.get_logger("gateway")
ATTEMPTS = 12
"""How often an act is decided anew when others move the same cases at the same instant."""
AT_ONCE = 8
"""Acts decided side by side in one process; others wait at the door. More are no faster, since one interpreter decides them
all, and leave nothing of it to what must happen meanwhile: waking processes, serving pages.
"""


class Busy(Exception):
    """Too many acts on the same cases at once; nothing was done, the same command may be sent again."""


@dataclass
class Gateway:
    """Everything an act needs. One per process; threads may share it."""

    engine: Engine
    clock: LegalClock
    on_commit: Callable[[dict[str, int]], None] = lambda heads: None
    """Told which processes have news, right after the commit (the relay's fast path)."""
    on_answer: Callable[[str, float], None] = lambda act, seconds: None
    """Told how long an act took to answer."""
    traces: "Traces | None" = None
    """Where a collector is named: what each act caused (gateway.tracing)."""

    def __post_init__(self) -> None:
        self._deciding = self.engine.execution_options(deciding=True)
        self.cache = Cache()
        self.keys = KeyRing()
        self.shelf = PackShelf()
        self._room = BoundedSemaphore(AT_ONCE)

    def act(self, command: Command, *, internal: bool = False) -> Answer:
        """Do an act, or refuse it; either is on the record when this returns.

        `internal` is for the processes' own hand (activities): only it may use the role `process` and internal acts.
        Raises Busy when the cases are too contended, and lets database errors through: then nothing was done.
        """
        if not internal and (command.by.role == SYSTEM or _is_internal(command.act)):
            command = command.model_copy(update={"act": f"{command.act} (internal)"[:40]})
        begun = time.perf_counter()
        answer = self._decided(command)
        self.on_answer(command.act if command.act in ACTS else "unknown", time.perf_counter() - begun)
        return answer

    def _decided(self, command: Command) -> Answer:
        contended: list[str] = []
        writes: frozenset[str] = frozenset()
        for attempt in range(ATTEMPTS):
            try:
                with self._room:
                    return self._once(command, contended, writes)
            except NeedsCopy as shared:
                writes |= {str(shared)}
            except Moved as moved:
                self.cache.drop(moved.locked)
                contended = moved.locked
            except IntegrityError as conflict:
                log.info("conflict", act=command.act, command=command.id, on=_constraint(conflict))
                # Somebody was first: with this command id, with a claim, or in opening the same stream. Deciding again
                # answers with what is true now: the earlier answer, or a refusal naming who was first.
                self.cache.drop([command.case or "", POLICY])
                if answer := self._answered(command):
                    return answer
            except OperationalError as error:
                if "deadlock" not in str(error.orig):
                    raise
            time.sleep(0.002 * attempt)
        raise Busy(command.id)

    def _once(self, command: Command, contended: list[str], writes: frozenset[str]) -> Answer:
        begun = time.time_ns() if self.traces else 0
        with self._deciding.begin() as connection:
            if contended:  # others are at the same cases: queue for them, then read, so that nobody starves
                lock_streams(connection, contended)
                self.cache.drop(contended)
            world = LedgerWorld(connection, self.cache, writes)
            files = self.desk(connection, world, command)
            refused: Refused | None = None
            try:
                decide(files)
            except Refused as refusal:
                refused = refusal
            if refused is None and not files.added and command.by.role == SYSTEM:
                return {"outcome": "accepted", "command": command.id, "act": command.act, "events": []}
            written = self._write(connection, world, files, refused)
        for id_, state in written.states.items():
            self.cache.put(id_, state)
        for standing in (*written.stand, *world.taken.values()):
            self.cache.give(standing)
        log.info(
            "act", act=command.act, case=written.answer.get("case"), agency=command.by.agency, role=command.by.role,
            outcome=written.answer["outcome"], code=written.answer.get("code"), command=command.id,
        )  # fmt: skip
        if self.traces:
            case = files.opened or (command.case if command.case in files.seen else None)
            self.traces.act(command, case, written.answer["outcome"], written.answer.get("code"), begun)
        # A process that acts on its own stream reads it afterwards by itself; everybody else's is woken.
        news = {
            s: head
            for s, head in written.heads.items()
            if (command.by.role, command.by.agency) != (SYSTEM, s)
        }
        if news:
            self.on_commit(news)
        return written.answer

    def agencies(self) -> list[str]:
        """The agencies of the rules in force, of every procedure here."""
        with self.engine.connect().execution_options(reading=True) as connection:
            policy = LedgerWorld(connection, self.cache).load([POLICY])[POLICY]
            assert isinstance(policy, PolicyInForce)
            packs = [self.shelf.get(connection, hash_) for hash_ in (policy.pack, *policy.beside.values())]
        return sorted({agency for pack in packs for agency in pack.agencies})

    def desk(self, connection: Connection, world: LedgerWorld, command: Command) -> Files:
        """Everything one act may look at, within one transaction."""
        now = self.clock.now()
        envelope = Envelope(self.keys, connection, command.id)
        policy = world.load([POLICY]).get(POLICY)
        if not isinstance(policy, PolicyInForce):
            raise LookupError("no policy pack is in force: set the environment up first")

        def pack(hash_: str) -> Pack:
            return self.shelf.get(connection, hash_)

        files = Files(world, command, now, pack(policy.pack), pack, envelope)
        files.seen[POLICY] = policy
        files.before = world.note
        return files

    def _write(
        self, connection: Connection, world: LedgerWorld, files: Files, refused: Refused | None
    ) -> Written:
        command = files.command
        entry = Entry(connection, world, files, self._subject(files, refused))
        said = command.model_dump(mode="json")
        mac = self._mac(connection, said)
        body, letters = canonical(_sealed_body(files, said)), letter_rows(files)
        with together(connection):
            receipt: Answer = {
                "command": command.id, "act": command.act, "at": stamp(files.now),
                "events": entry.events(files.calendar_version), "case": files.opened or command.case,
            }  # fmt: skip
            answer = (
                refusal_answer(files.pack, refused, receipt, command.with_.get("lines"))
                if refused
                else {"outcome": "accepted", **receipt, **left_out(files)}
            )
            entry.act(body, mac, answer["outcome"], refused.code if refused else None, answer)
            written = entry.finish(letters)
        for fact in files.added:
            if isinstance(fact.event, PersonErased):
                destroy_key(connection, fact.event.person)
        return replace(written, answer={**answer, "digest": entry.act_digest})

    def _subject(self, files: Files, refused: Refused | None) -> str:
        """The stream on whose record the act stands: its case, what it opened, or the actor's agency."""
        command = files.command
        if command.case and command.case in files.seen:
            return command.case
        if refused is None and files.opened in files.seen:
            return str(files.opened)
        if refused is None and files.added:
            return files.added[-1].stream
        agency = f"agency/{command.by.agency}"
        files.fetch([agency])
        return agency if agency in files.seen else POLICY

    def _mac(self, connection: Connection, said: dict[str, Any]) -> str:
        wish = {name: part for name, part in said.items() if name not in ("id", "read")}
        return command_mac(self.keys.pepper(connection), canonical(wish))

    def _answered(self, command: Command) -> Answer | None:
        """The stored answer to this command id; another body under the same id is refused, and not recorded again."""
        with self.engine.connect().execution_options(reading=True) as connection:
            row = connection.execute(
                select(acts.c.answer, acts.c.body_mac, acts.c.digest).where(acts.c.command == command.id)
            ).first()
            if row is None:
                return None
            if not hmac.compare_digest(row.body_mac, self._mac(connection, command.model_dump(mode="json"))):
                reason = Reason(
                    code="invalid",
                    field="id",
                    zh="此命令编号已用于另一行为",
                    en="the command id was used for another act",
                )
                return {
                    "outcome": "refused",
                    "code": "invalid",
                    "command": command.id,
                    "act": command.act,
                    "reasons": [reason.model_dump()],
                }
        return {**json.loads(row.answer), "digest": row.digest}


def _constraint(conflict: IntegrityError) -> str:
    """Which constraint spoke, without the values that the database's message may quote."""
    return str(conflict.orig).partition("\n")[0].partition("DETAIL")[0][:120]


def _is_internal(act: str) -> bool:
    return act in ACTS and ACTS[act].internal


def _sealed_body(files: Files, body: dict[str, Any]) -> dict[str, Any]:
    """The command as it is kept: personal fields sealed, also when the act is unknown or its form is wrong."""
    command = files.command
    act = ACTS.get(command.act)
    with_: dict[str, Any] = dict(body["with_"])
    if act is None or not _well_formed(act.form, with_):
        # Nobody knows what stands where in it, so all of it is sealed.
        with_ = {"sealed": files.sealer.seal(files.person(command.id), canonical(with_)).model_dump()}
    else:
        for field, owner in act.form.personal.items():
            value: Any = with_.get(field)
            if isinstance(value, list) and len(people := files.owners.get(field, [])) == len(value):
                with_[field] = [
                    files.seal_for(who, canonical(row)).model_dump()
                    for who, row in zip(people, value, strict=True)
                ]
            elif field in with_:
                with_[field] = _seal(files, value, with_.get(owner) if owner else None)
    return {**body, "with_": with_}


def _well_formed(form: type[Form], with_: dict[str, Any]) -> bool:
    try:
        form.model_validate(with_)
    except ValidationError:
        return False
    return True


def _seal(files: Files, value: Any, owner: Any) -> Any:
    if isinstance(value, list):
        rows: list[Any] = value
        if owner is None:
            files.sealer.ready([files.sealer.pseudonym(*identity(row)) for row in rows])
        return [_seal(files, row, owner) for row in rows]
    person = files.sealer.pseudonym(*identity(owner if owner is not None else value))
    return files.sealer.seal(person, canonical(value)).model_dump()

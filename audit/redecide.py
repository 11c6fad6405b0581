"""Deciding again: the recorded commands, at their recorded moments, under the packs that were pinned, on the cases as they
stood. `decide` is pure, so the same events must come out; anything else is a difference that somebody has to explain.

Personal data that a command brought is opened with its person's key, and sealed anew to the same bytes. Where the key is
gone, the command cannot be decided again; the verdict says so, and whether an act destroyed it. Pure but for the source
it reads from.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ValidationError

from audit.differences import compared
from audit.dossier import Dossier, Row
from audit.past import PastWorld, Source
from domain.acts.base import ACTS
from domain.cases.environment import POLICY, PolicyInForce
from domain.cases.person import PersonErased
from domain.chain import canonical
from domain.decide import decide
from domain.events import UnknownEvent
from domain.files import Command, Files
from domain.moments import instant
from domain.policy import Pack
from domain.refusals import Refused
from domain.secrets import Secret
from records.rows import fact
from records.sealing import open_under, seal_under

Verdict = Literal["same", "differs", "sealed", "keyless", "elsewhere", "founding"]
"""`sealed`: an act destroyed the key; `keyless`: it is not at hand, and no act is known to have destroyed it; `elsewhere`: it
rests on cases that are not at hand; `founding`: made the environment."""


class KeyGone(Exception):
    """A key that is needed is not there: a person's, by their pseudonym, or that of pseudonyms itself."""


class Evidence(Source, Protocol):
    """A source that also has the packs, the keys, and what each command wrote."""

    whole: bool
    """Whether it holds every case there is, so that what is not in it is nowhere."""

    def pack(self, hash_: str) -> Pack: ...
    def key(self, person: str) -> bytes | None: ...
    def destroyed(self, person: str) -> Row | None:
        """The newest fact by which the person's key was destroyed, None when none is known."""
        ...

    def pseudonym(self, *parts: str) -> str: ...
    def genuine(self, said: str, mac: str) -> bool | None: ...
    def recorded(self, command: str) -> list[Row]: ...
    def next_after(self, position: int) -> int: ...


class Redecided(BaseModel):
    """What deciding one recorded command again gave."""

    command: str
    act: str
    actor: str
    at: str
    outcome: str
    verdict: Verdict
    why: str = ""
    differences: list[dict[str, Any]] = []
    """Event by event and field by field: {event, field, recorded, again}."""
    today: list[dict[str, Any]] | None = None
    """What another pack would have said instead; empty: the same. None: not asked, or it cannot be decided again."""


def redecide(evidence: Evidence, acts: Iterable[Row], other: Pack | None = None) -> Iterator[Redecided]:
    """Decide recorded acts again, in the order in which they were recorded; under `other` as well, when it is given."""
    world = PastWorld(evidence)
    for act in sorted(acts, key=lambda row: row["position"]):
        yield _Again(evidence, world, act).verdict(other)


def destroyed_by(facts: list[Row]) -> Row | None:
    """Of a person's own facts the newest that destroyed their key."""
    return next((row for row in reversed(facts) if row["type"] == PersonErased.__name__), None)


def unaccounted(dossier: Dossier) -> list[str]:
    """Facts that no recorded act accounts for: no receipt names them. On a sound record there are none."""
    named = {id_ for act in dossier.acts for id_ in json.loads(act["answer"]).get("events") or []}
    facts = [f"{row['stream']}#{row['seq']}" for rows in dossier.events.values() for row in rows]
    return sorted(set(facts) - named)


class _Again:
    def __init__(self, evidence: Evidence, world: PastWorld, act: Row) -> None:
        self._evidence, self._world, self._act = evidence, world, act
        self._wrote = evidence.recorded(act["command"])
        self._position = self._wrote[0]["position"] if self._wrote else evidence.next_after(act["position"])

    def verdict(self, other: Pack | None) -> Redecided:
        act = self._act
        found = Redecided(
            command=act["command"], act=act["act"], actor=act["actor"], at=act["legal_at"], outcome=act["outcome"], verdict="same",
        )  # fmt: skip
        if act["act"] == "found" and "found" not in ACTS:
            return found.model_copy(
                update={
                    "verdict": "founding",
                    "why": "设立环境，不经裁断 / made the environment; nothing decided it",
                }
            )
        try:
            command = self._opened()
        except KeyGone as gone:
            return self._closed(found, str(gone))
        except (LookupError, ValidationError, ValueError, TypeError, AttributeError) as error:
            return self._cannot(found, error)
        try:
            files, refused = self._decided(command, self._evidence.pack)
            recorded = [(row["stream"], row["type"], fact(row)) for row in self._wrote]
        except KeyGone as gone:
            return self._closed(found, str(gone))
        except (UnknownEvent, LookupError, ValidationError, ValueError) as error:
            if self._world.absent and not self._evidence.whole:
                return self._elsewhere(found)
            return self._cannot(found, error)
        found.differences = [*self._outcome(refused), *compared(recorded, files.added)]
        if found.differences:
            if self._unreachable():
                return self._elsewhere(found)
            found.verdict = "differs"
        if other is not None:
            found.today = self._under(command, other, files, refused)
        return found

    @staticmethod
    def _cannot(found: Redecided, error: Exception) -> Redecided:
        why = f"不能重断 / cannot be decided again: {type(error).__name__}: {error}"[:300]
        return found.model_copy(update={"verdict": "differs", "why": why})

    def _closed(self, found: Redecided, person: str) -> Redecided:
        if (fact_ := self._erased(person)) is None:
            zh, en = ("不在，账册上没有销毁它的行为", "is gone, and no act on record destroyed it")
            if not self._evidence.whole:
                zh, en = "不在此", "is not here"
            why = f"{person} 的密钥{zh} / the key of {person} {en}"
            return found.model_copy(update={"verdict": "keyless", "why": why})
        by = f"{fact_['stream']}#{fact_['seq']}"
        why = f"{person} 的密钥已依法销毁（{by}）/ the key of {person} was destroyed by an act ({by})"
        return found.model_copy(update={"verdict": "sealed", "why": why})

    def _erased(self, person: str) -> Row | None:
        """The fact that destroyed the person's key after this act."""
        fact_ = self._evidence.destroyed(person)
        return fact_ if fact_ is not None and fact_["position"] >= self._position else None

    def _elsewhere(self, found: Redecided) -> Redecided:
        names = "、".join(sorted(self._unreachable() or self._world.absent)[:5])
        return found.model_copy(
            update={
                "verdict": "elsewhere",
                "why": f"须另见 / rests on cases not at hand: {names}",
                "differences": [],
            }
        )

    def _unreachable(self) -> set[str]:
        """What the act rests on and the source cannot tell: streams it does not hold, how letters stood."""
        if self._evidence.whole:
            return self._world.unknown
        named = {id_.rpartition("#")[0] for id_ in json.loads(self._act["answer"]).get("events") or []}
        return self._world.unknown | (named - {row["stream"] for row in self._wrote})

    def _decided(self, command: Command, pack: Callable[[str], Pack]) -> tuple[Files, Refused | None]:
        """Run `decide` on the past, with the pack that each hash stands for."""
        world = self._world.at(self._position)
        policy = world.load([POLICY]).get(POLICY)
        if not isinstance(policy, PolicyInForce):
            raise LookupError(POLICY)
        sealer = _Sealer(self._evidence, command.id)

        files = Files(world, command, instant(self._act["legal_at"]), pack(policy.pack), pack, sealer)
        files.seen[POLICY] = policy
        try:
            decide(files)
        except Refused as refused:
            return files, refused
        return files, None

    def _opened(self) -> Command:
        """The command as it was given, its sealed parts opened. Raises KeyGone, ValueError when it is not what came in."""
        body = json.loads(self._act["body"])
        with_: dict[str, Any] = body.pop("with_", {})
        act = ACTS.get(body["act"])
        if with_.keys() == {"sealed"}:
            with_ = json.loads(self._open(with_["sealed"]))
        elif act:
            for field in act.form.personal:
                if field in with_:
                    with_[field] = self._open_all(with_[field])
        command = Command(**body, with_=with_)
        said = canonical(command.model_dump(mode="json", exclude={"id", "read"}))
        if self._evidence.genuine(said, self._act["body_mac"]) is False:
            raise ValueError("所录命令与其摘要不符 / the recorded command does not match its keyed digest")
        return command

    def _open_all(self, value: Any) -> Any:
        return (
            [self._open_all(part) for part in value]
            if isinstance(value, list)
            else json.loads(self._open(value))
        )

    def _open(self, secret: Any) -> str:
        sealed = Secret.model_validate(secret)
        key = self._evidence.key(sealed.person)
        if key is None:
            raise KeyGone(sealed.person)
        try:
            return open_under(key, sealed)
        except ValueError:
            # Somebody who was erased and came back has a key again, which opens nothing of before.
            if self._erased(sealed.person):
                raise KeyGone(sealed.person) from None
            raise

    def _outcome(self, refused: Refused | None) -> list[dict[str, Any]]:
        """Whether it was refused for the same reasons."""
        answer = json.loads(self._act["answer"])
        # Sentences may be put better in a later release; what counts is which reason, on which line and field.
        told = [{k: v for k, v in r.items() if k not in ("zh", "en")} for r in answer.get("reasons", [])]
        again = (
            [r.model_dump(exclude_none=True, exclude={"zh", "en"}) for r in refused.reasons]
            if refused
            else []
        )
        code = refused.code if refused else None
        found: list[dict[str, Any]] = []
        if code != self._act["code"]:
            found.append({"event": "", "field": "code", "recorded": self._act["code"], "again": code})
        if told != again:
            found.append({"event": "", "field": "reasons", "recorded": told, "again": again})
        return found

    def _under(
        self, command: Command, other: Pack, files: Files, refused: Refused | None
    ) -> list[dict[str, Any]]:
        """What the other pack would have said, compared with what the pinned one says."""
        try:
            theirs, their_refusal = self._decided(command, lambda hash_: other)
        except (LookupError, KeyError, ValueError) as error:
            return [
                {
                    "event": "",
                    "field": "decide",
                    "recorded": "",
                    "again": f"{type(error).__name__}: {error}"[:200],
                }
            ]
        code, other_code = refused and refused.code, their_refusal and their_refusal.code
        found: list[dict[str, Any]] = []
        if code != other_code:
            reasons = [r.en for r in their_refusal.reasons] if their_refusal else []
            found.append(
                {"event": "", "field": "code", "recorded": code, "again": other_code, "reasons": reasons}
            )
        mine = [(a.stream, type(a.event).__name__, (a.event, a.moment)) for a in files.added]
        return found + [d for d in compared(mine, theirs.added) if not d["field"].endswith("pack")]


class _Sealer:
    """Seals as the gateway did then (domain.files.Sealer)."""

    def __init__(self, evidence: Evidence, command: str) -> None:
        self._evidence, self._command, self._count = evidence, command, 0

    def pseudonym(self, *parts: str) -> str:
        return self._evidence.pseudonym(*parts)

    def ready(self, people: Iterable[str]) -> None:
        """Keys are at hand or are not."""

    def seal(self, person: str, clear: str) -> Secret:
        key = self._evidence.key(person)
        if key is None:
            raise KeyGone(person)
        self._count += 1
        return seal_under(key, person, clear, self._command, self._count)

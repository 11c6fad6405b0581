"""The records database as a source of past events, and as the holder of packs and keys."""

import json

from sqlalchemy import Connection, select

from audit.dossier import Row
from audit.redecide import KeyGone, destroyed_by
from domain.cases.environment import POLICY, PolicyInForce
from domain.cases.person import person_stream
from domain.policy import Pack
from gateway.gateway import Gateway
from records.keys import PEPPER
from records.schema import acts, attachments, claims, events, person_keys, streams
from records.sealing import command_mac, pseudonym_under
from records.world import LedgerWorld

_CLAIMED_BY = {"programme": ("programme",), "round": ("round",), "document": ("announcement", "round")}
"""First word of a claim to the kinds that ever hold it; lines are sought in their round, students by what they say."""


class LedgerSource:
    """Reads within one transaction (audit.redecide.Evidence)."""

    whole = True

    def __init__(self, connection: Connection, gateway: Gateway) -> None:
        self._connection, self._gateway = connection, gateway

    def events(self, ids: list[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            query = select(events).where(events.c.stream.in_(part)).order_by(events.c.stream, events.c.seq)
            for row in self._connection.execute(query).mappings():
                found.setdefault(row["stream"], []).append(dict(row))
        return found

    def claimants(self, claim: str) -> list[str]:
        head, _, rest = claim.partition("/")
        now = select(claims.c.stream).where(claims.c.key.startswith(claim, autoescape=True))
        found = set(self._connection.execute(now).scalars())
        if head == "line":
            found |= set(self.of_kind("filing", rest.partition("/")[0]))
        for kind in _CLAIMED_BY.get(head, ()):
            found |= set(self.of_kind(kind))
        if head in ("student", "certificate"):
            said = select(events.c.stream).where(
                events.c.kind == "student", events.c.data.contains(rest, autoescape=True)
            )
            found |= set(self._connection.execute(said).scalars())
        return sorted(found)

    def of_kind(self, kind: str, round_: str | None = None) -> list[str]:
        query = select(streams.c.id).where(streams.c.kind == kind).order_by(streams.c.opened_at, streams.c.id)
        query = query.where(streams.c.round == round_) if round_ else query
        return list(self._connection.execute(query).scalars())

    def concerning(self, person: str) -> list[str]:
        return LedgerWorld(self._connection, self._gateway.cache).concerning(person)

    def attachment(self, digest: str) -> bool:
        return (
            self._connection.execute(
                select(attachments.c.sha256).where(attachments.c.sha256 == digest)
            ).first()
            is not None
        )

    def pack(self, hash_: str) -> Pack:
        """A pack that was ever in force. Raises LookupError."""
        return self._gateway.shelf.get(self._connection, hash_)

    def key(self, person: str) -> bytes | None:
        """A person's key, None when there is none; read anew each time, for another process may have destroyed it."""
        found = self._connection.execute(
            select(person_keys.c.key).where(person_keys.c.person == person)
        ).scalar()
        return bytes(found) if found is not None else None

    def destroyed(self, person: str) -> Row | None:
        """The newest fact by which the person's key was destroyed, None when no act did."""
        return destroyed_by(self.events([person_stream(person)]).get(person_stream(person), []))

    def pseudonym(self, *parts: str) -> str:
        """The pseudonym of particulars. Raises KeyGone."""
        return pseudonym_under(self._pepper(), *parts)

    def genuine(self, said: str, mac: str) -> bool | None:
        """Whether a command is the one that came in; None when that cannot be told. Raises KeyGone."""
        return command_mac(self._pepper(), said) == mac

    def _pepper(self) -> bytes:
        try:
            return self._gateway.keys.pepper(self._connection)
        except LookupError:
            raise KeyGone(PEPPER) from None

    def recorded(self, command: str) -> list[Row]:
        """Every event that a command wrote, on whatever stream, in the order in which it was written."""
        query = select(acts.c.answer).where(acts.c.command == command)
        named = self._connection.execute(query).scalar() or "{}"
        touched = {id_.rpartition("#")[0] for id_ in events_named(named)}
        where = events.c.stream.in_(sorted(touched)) & (events.c.command == command)
        found = self._connection.execute(select(events).where(where).order_by(events.c.position))
        return [dict(row) for row in found.mappings()] if touched else []

    def next_after(self, position: int) -> int:
        """Position of the first event written after an act that wrote none; beyond the last where there is none."""
        later = select(acts.c.answer).where(acts.c.position > position).order_by(acts.c.position)
        for answer in self._connection.execute(later).scalars():
            if named := events_named(answer):
                stream, _, seq = named[0].rpartition("#")
                where = (events.c.stream == stream) & (events.c.seq == int(seq))
                return int(self._connection.execute(select(events.c.position).where(where)).scalar_one())
        return 2**62

    def pack_today(self) -> Pack:
        """The pack that new cases pin today."""
        state = self._connection.execute(select(streams.c.state).where(streams.c.id == POLICY)).scalar_one()
        return self.pack(PolicyInForce.model_validate_json(state).pack)


def events_named(answer: str) -> list[str]:
    """The ids of the events that a receipt names."""
    return list(json.loads(answer).get("events") or [])

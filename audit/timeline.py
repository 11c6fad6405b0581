"""The timeline of a case: every act, fact, refusal, lapse, letter and look, in legal order, each with its clause.

Pure: made from a dossier alone, so that a bundle tells the same story as the ledger.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from audit.dossier import Dossier, Row
from domain.case import show_deadline
from domain.clocks import Deadline
from domain.events import UnknownEvent, revive
from domain.moments import stamp
from domain.policy import Pack, Source

READING = frozenset({"export-students", "open-personal"})
"""Acts by which somebody reads personal data; they change nothing, and being on record is their point."""
Opener = Callable[[Row], Any]
"""Opens a sealed value for the timeline; by default it stays sealed."""


class Entry(BaseModel):
    """One thing that happened. `at` is legal time, `recorded_at` when it was put on record (UTC text both)."""

    at: str
    recorded_at: str
    what: str
    """`act` (done), `refusal`, `lapse` (by law, at the end of a period), `reading` or `letter`."""
    case: str
    name: str
    """The act's name; of a lapse the event's; of a letter the letter's."""
    actor: str
    on_behalf_of: str | None = None
    role: str
    agency: str
    clause: str = ""
    standing: str = ""
    code: str | None = None
    given: dict[str, Any] = {}
    """What the form said, sealed parts as `sealed: p-…`."""
    read: str | None = None
    """When the page was drawn that the actor had seen."""
    reasons: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    """The facts it brought about on this case and those near it: id, type, what they say, documents."""
    deadlines: list[dict[str, Any]] = []
    """Periods that began or changed, each with its computation in words and its clause."""
    letter: dict[str, Any] | None = None
    command: str = ""
    digest: str = ""


def timeline(dossier: Dossier, opener: Opener | None = None) -> list[Entry]:
    """Everything that happened to a case, in legal order; what was recorded together stays in its order."""
    packs = {hash_: Pack.model_validate_json(body) for hash_, body in dossier.packs.items()}
    by_command: dict[str, list[Row]] = {}
    for row in sorted((r for rows in dossier.events.values() for r in rows), key=_position):
        by_command.setdefault(row["command"], []).append(row)
    teller = _Teller(dossier, packs, opener or _sealed)
    found: list[tuple[tuple[str, int, int], Entry]] = []
    for act in dossier.acts:
        rows = by_command.pop(act["command"], [])
        for n, entry in enumerate(teller.of_act(act, rows)):
            found.append(((entry.at, act["position"], n), entry))
    for rows in by_command.values():  # facts whose act is not on record: founding, or something is missing
        for row in rows:
            found.append(((row["legal_at"], 0, row["position"]), teller.of_fact(row, "act")))
    for n, letter in enumerate(dossier.letters):
        found.append(((letter["sent_at"] or teller.caused(letter), 2**60, n), teller.of_letter(letter)))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


_ASIDE = re.compile(r"（[^（）]*{[{%][^（）]*）")
"""What stands in brackets in a letter's subject and is only filled in when it is sent."""


class _Teller:
    def __init__(self, dossier: Dossier, packs: dict[str, Pack], opener: Opener) -> None:
        self._dossier, self._packs, self._open = dossier, packs, opener
        self._facts = {(r["stream"], r["seq"]): r for rows in dossier.events.values() for r in rows}
        pinned = next((r["pack"] for r in reversed(dossier.own) if r["pack"]), "")
        self._pinned = packs.get(pinned) or next(iter(packs.values()), None)
        self._begun = [
            (row, d) for row in sorted(self._facts.values(), key=_position) for d in _deadlines(row)
        ]

    def of_act(self, act: Row, rows: list[Row]) -> Iterator[Entry]:
        """The act itself with its facts, after the lapses that it brought to light."""
        lapses = [r for r in rows if r["legal_at"] < act["legal_at"] or r["act"] == "lapse"]
        for row in lapses:
            yield self.of_fact(row, "lapse")
        mine = [r for r in rows if r not in lapses]
        refused = act["outcome"] == "refused"
        if act["act"] in ("lapse", "found") and not mine and not refused:
            return
        body = json.loads(act["body"])
        who = body.get("by", {})
        answer = json.loads(act["answer"])
        what = "refusal" if refused else "reading" if act["act"] in READING else "act"
        entry = self._entry(
            act,
            what,
            act["subject"],
            act["act"],
            recorded=rows[-1]["recorded_at"] if rows else act["legal_at"],
        )
        entry.on_behalf_of, entry.read = who.get("on_behalf_of"), body.get("read")
        entry.given = self._shown(body.get("with_", {}))
        entry.code, entry.reasons = act["code"], answer.get("reasons", [])
        entry.clause, entry.standing = self._authority(act["act"], mine)
        if refused and answer.get("clause"):
            entry.clause, entry.standing = answer["clause"], ""
        entry.digest = act["digest"]
        self._add(entry, mine)
        yield entry

    def of_fact(self, row: Row, what: str) -> Entry:
        """A fact that stands by itself."""
        entry = self._entry(row, what, row["stream"], row["type"], recorded=row["recorded_at"])
        self._add(entry, [row])
        entry.clause, entry.standing = self._of_lapse(row)
        entry.digest = row["digest"]
        return entry

    def of_letter(self, letter: Row) -> Entry:
        """Who was told, and what became of it."""
        pack = self._pinned
        known = next((x for x in pack.letters if x.id == letter["letter"]), None) if pack else None
        at = letter["sent_at"] or self.caused(letter)
        clause = self._cited(pack, known.source) if pack and known else ""
        told = {
            name: letter[name]
            for name in ("letter", "recipient", "document", "status", "attempts", "problem", "sent_at")
        }
        told["subject"] = re.sub(r"{[{%].*?[}%]}", "…", _ASIDE.sub("", known.subject.zh)) if known else ""
        told["for"] = f"{letter['stream']}#{letter['seq']}"
        return Entry(
            at=at, recorded_at=at, what="letter", case=letter["stream"], name=letter["letter"], actor=f"post@{letter['sender']}",
            role="post", agency=letter["sender"], clause=clause, letter=told,
        )  # fmt: skip

    def caused(self, letter: Row) -> str:
        """The instant of the fact that a letter tells."""
        fact = self._facts.get((letter["stream"], letter["seq"]))
        return str(fact["recorded_at"]) if fact else ""

    def _entry(self, row: Row, what: str, case: str, name: str, *, recorded: str) -> Entry:
        office, _, _ = str(row["actor"]).partition(" for ")[0].partition("#")
        role, _, agency = office.partition("@")
        return Entry(
            at=row["legal_at"], recorded_at=recorded, what=what, case=case, name=name, actor=row["actor"],
            role=role.partition(":")[0].partition("/")[0], agency=agency or "", command=row["command"],
        )  # fmt: skip

    def _add(self, entry: Entry, rows: list[Row]) -> None:
        for row in rows:
            data = json.loads(row["data"])
            told = {
                "id": f"{row['stream']}#{row['seq']}",
                "type": row["type"],
                "data": self._shown(data),
                "digest": row["digest"],
            }
            if row["type"] == "DocumentIssued":
                told["document"] = {"name": data["name"], "sha256": data["sha256"], "for": data["for_event"]}
            if kept := [a for a in self._dossier.attachments if a["sha256"] in row["data"]]:
                told["attachments"] = [
                    {k: a[k] for k in ("name", "sha256", "size", "stored_at")} for a in kept
                ]
            entry.events.append(told)
            pack = self._packs.get(row["pack"])
            entry.deadlines += [self._deadline(row["stream"], d, pack) for d in _deadlines(row)]

    def _deadline(self, case: str, deadline: Deadline, pack: Pack | None) -> dict[str, Any]:
        shown = {"case": case, "name": deadline.name, **show_deadline(deadline)}
        rule = pack.rules.get(deadline.period.rule) if pack else None
        if pack and rule:
            shown["clause"], shown["standing"] = self._cited(pack, rule.source), rule.standing
        return shown

    def _authority(self, act: str, rows: list[Row]) -> tuple[str, str]:
        pack = next((self._packs[r["pack"]] for r in rows if r["pack"] in self._packs), self._pinned)
        authority = pack.acts.get(act) if pack else None
        return (self._cited(pack, authority.source), authority.standing) if pack and authority else ("", "")

    def _of_lapse(self, row: Row) -> tuple[str, str]:
        pack = self._packs.get(row["pack"])
        if pack and row["type"] == "CardShown" and (rule := pack.rules.get(json.loads(row["data"])["rule"])):
            return self._cited(pack, rule.source), rule.standing
        return self._of_end(row)

    def _of_end(self, row: Row) -> tuple[str, str]:
        """The clause of the period that ended then: the newest one before it with that very end."""
        for earlier, deadline in reversed(self._begun):
            if earlier["position"] < row["position"] and stamp(deadline.ends_at) == row["legal_at"]:
                told = self._deadline(earlier["stream"], deadline, self._packs.get(earlier["pack"]))
                return told.get("clause", ""), told.get("standing", "")
        return "", ""

    @staticmethod
    def _cited(pack: Pack | None, source: Source) -> str:
        instrument = pack.instruments.get(source.instrument) if pack else None
        return f"《{instrument.title}》{source.clause}" if instrument else source.clause

    def _shown(self, value: Any) -> Any:
        """Data with every sealed part named by its person instead of its cipher."""
        if isinstance(value, dict):
            table: dict[str, Any] = value
            if table.keys() == {"person", "sealed"}:
                return self._open(table)
            return {key: self._shown(part) for key, part in table.items()}
        if isinstance(value, list):
            parts: list[Any] = value
            return [self._shown(part) for part in parts]
        return value


def _position(row: Row) -> int:
    return int(row["position"])


def _sealed(secret: Row) -> Any:
    return f"sealed: {secret['person']}"


def _deadlines(row: Row) -> list[Deadline]:
    """The periods that an event carries; none when this release cannot read the event."""
    try:
        event = revive(row["type"], row["version"], json.loads(row["data"]))
    except (UnknownEvent, ValueError, KeyError):
        return []
    return [value for name in type(event).model_fields if isinstance(value := getattr(event, name), Deadline)]

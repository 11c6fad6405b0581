"""What a story left in the record, in a form in which two plays of it can be compared."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from gateway.views import show
from records.schema import acts, events, letters, streams
from tests.chinese import untranslated

Json = dict[str, Any]
CITED = re.compile(r'"rule":\s*"([^"]+)"')
BOOKKEEPING = {"DocumentIssued", "RoundCompleted"}
"""Events that only follow from others: letters are written by the agencies' post, and a closed round without open
filings is completed when somebody asks."""


BY_THE_WAY = {"CalendarRolledOut", "DeadlineRecomputed", "AnnouncementPublished"}
"""Events that happen when a process gets round to them: what they say is the same, the moment need not be."""

CARDS = {"CardShown", "CardsPutOff"}


@dataclass(frozen=True)
class Record:
    """Every case as it may be seen, what happened to it and when by law, and who was to be told."""

    views: dict[str, Json]
    events: dict[str, list[tuple[str, str]]]
    letters: set[str]
    refused: dict[str, list[str]]
    """Code of each refusal to what its Chinese left untranslated."""
    cited: set[str]
    """Rules that any deadline ever rested on."""

    def differences(self, other: "Record") -> list[str]:
        """Where two records part, case by case; empty when they say the same."""
        found = [f"{id_}: only in one of the two" for id_ in sorted(self.views.keys() ^ other.views.keys())]
        for id_ in sorted(self.views.keys() & other.views.keys()):
            if self.events[id_] != other.events[id_]:
                found.append(f"{id_}: {self.events[id_]} ≠ {other.events[id_]}")
            mine, theirs = self.views[id_], other.views[id_]
            found += [f"{id_}.{k}: {mine[k]!r} ≠ {theirs.get(k)!r}" for k in mine if mine[k] != theirs.get(k)]
        return found + [f"letter {id_}" for id_ in sorted(self.letters ^ other.letters)]


def record_of(engine: Engine) -> Record:
    """The record of a database, with names that do not depend on where it was played."""
    with engine.connect().execution_options(reading=True) as connection:
        ids = list(connection.execute(select(streams.c.id)).scalars())
        query = select(events.c.stream, events.c.type, events.c.legal_at, events.c.data).order_by(
            events.c.stream, events.c.seq
        )
        rows = list(connection.execute(query))
        turned = connection.execute(select(acts.c.code, acts.c.body, acts.c.answer).where(acts.c.outcome == "refused")).all()  # fmt: skip
        told = list(connection.execute(select(letters.c.stream, letters.c.letter, letters.c.recipient)))
    ids = [
        id_ for id_ in ids if not id_.startswith("person/")
    ]  # pseudonyms are under each environment's own pepper
    views = {id_: _plain(show(engine, id_)) for id_ in ids}
    happened: dict[str, list[tuple[str, str]]] = {id_: [] for id_ in ids}
    for row in rows:
        if row.type not in BOOKKEEPING and row.stream in happened:
            happened[row.stream].append((row.type, "" if row.type in BY_THE_WAY else row.legal_at))
    # A card that falls in the very instant of an act falls before or after it, as the process gets round to it.
    happened = {
        id_: [e for e in facts if e[0] not in CARDS] + [e for e in facts if e[0] in CARDS]
        for id_, facts in happened.items()
    }
    cited = {rule for row in rows for rule in CITED.findall(row.data)}
    refused: dict[str, list[str]] = {}
    for row in turned:
        left = [
            w for reason in json.loads(row.answer)["reasons"] for w in untranslated(reason["zh"], row.body)
        ]
        refused.setdefault(row.code, []).extend(left)
    letters_told = {f"{r.stream} {r.letter} {r.recipient}" for r in told}
    return Record(views, happened, letters_told, refused, cited)


def _plain(view: Json) -> Json:
    shown = {k: v for k, v in view.items() if k not in ("version", "documents", "events")}
    if (shown["kind"], shown["stage"]) == ("round", "completed"):
        shown["stage"] = "closed"
    return shown


def short_name(text: str) -> str:
    """A name for an environment that differs for different texts and stays the same for the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]

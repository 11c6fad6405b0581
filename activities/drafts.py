"""What an agency's letters say: their words, whom they go to, and the official documents that go with them, written and put on
record. Nothing is sent here.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection
from temporalio import activity

from activities.mime import Attachment
from activities.paper import OfficialDocument, render
from activities.wording import Wording, spoken_of
from domain.actors import SYSTEM, Actor
from domain.case import Case
from domain.cases.environment import POLICY
from domain.cases.objection import Objection
from domain.cases.register import Agency
from domain.files import Command
from domain.policy import Pack
from gateway.gateway import Gateway
from gateway.letters import commands_of
from gateway.settings import Settings
from records.files import FileStore
from records.keys import Erased, unseal
from records.reading import Past
from records.world import LedgerWorld

BEAT = 5.0
"""Seconds between two heartbeats, at least: one letter takes milliseconds, or as long as a mail server makes it wait."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass
class Draft:
    """A letter in words, or why there are none."""

    row: Any
    subject: str = ""
    text: str = ""
    address: str | None = None
    paper: str = ""
    """The name of the official document that goes with it; it is `document`, or stored under `known` already."""
    document: OfficialDocument | None = None
    known: str | None = None
    attachment: Attachment | None = None
    fault: Exception | None = None
    command: str = ""
    """Which act it is about, where traces are kept."""


class Drafts:
    """Of letters as the ledger has them (rows of `letters`)."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._files = FileStore(settings.files)

    def of(self, rows: list[Any]) -> list[Draft]:
        """These letters with their documents, ready to be sent."""
        drafts = self._worded(rows) if rows else []
        papers: dict[str, bytes] = {}
        beat = time.monotonic()
        activity.heartbeat()
        for draft in drafts:
            try:
                draft.attachment = None if draft.fault else self._paper(draft, papers)
            except Exception as fault:  # noted with the letter
                draft.fault = fault
            if time.monotonic() - beat > BEAT:
                activity.heartbeat()
                beat = time.monotonic()
        return drafts

    def _worded(self, rows: list[Any]) -> list[Draft]:
        """Everything that is said in these letters, read at once, before anything is sent."""
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            world = LedgerWorld(connection, self._gateway.cache)
            past = Past(connection)
            past.prepare([(row.stream, row.seq) for row in rows], [row.stream for row in rows])
            about = world.load({row.stream for row in rows} | {_office(row) for row in rows} | {POLICY})
            past.prepare([], [near for case in about.values() for near in spoken_of(case)])
            drafts: list[Draft] = []
            for (stream, seq), group in groupby(rows, key=lambda row: (row.stream, row.seq)):
                drafts += self._of_one_event(connection, world, stream, seq, list(group), past)
            if self._gateway.traces:
                because = commands_of(connection, [row.id for row in rows])
                for draft in drafts:
                    draft.command = because[draft.row.id]
            return drafts

    def _of_one_event(
        self,
        connection: Connection,
        world: LedgerWorld,
        stream: str,
        seq: int,
        rows: list[Any],
        past: Past,
    ) -> Iterator[Draft]:
        about: tuple[Case, Pack, Wording] | None = None
        for row in rows:
            draft = Draft(row)
            try:
                about = about or self._about(connection, world, stream, seq, past)
                case, pack, wording = about
                letter = next(x for x in pack.letters if x.id == row.letter)
                draft.subject, draft.text = wording.letter(letter)
                draft.address = self._address(connection, world, row)
                if row.document:
                    paper = pack.papers[row.document]
                    draft.paper = f"{paper.name.zh}.docx"
                    draft.known = case.documents.get(_document(row))
                    draft.document = None if draft.known else wording.paper(paper)
            except Exception as fault:  # a fault of ours: of this letter alone; it is noted with it
                draft.fault = fault
            yield draft

    def _about(
        self, connection: Connection, world: LedgerWorld, stream: str, seq: int, past: Past
    ) -> tuple[Case, Pack, Wording]:
        """The case that an event's letters are about, the rules it pinned, and how they put it."""
        found = world.load([stream, POLICY])
        pack = self._gateway.shelf.get(connection, found[stream].pack or found[POLICY].pack)
        return found[stream], pack, Wording(past, pack, stream, seq)

    def _paper(self, draft: Draft, papers: dict[str, bytes]) -> Attachment | None:
        """The official document that goes with a letter, written, stored by content hash, and on the record."""
        row, id_ = draft.row, _document(draft.row)
        if row.document is None:
            return None
        if draft.known:
            papers[id_] = self._files.get(draft.known)
        elif draft.document and id_ not in papers:
            data = render(draft.document)
            command = Command(
                id=id_,
                act="issue-document",
                by=Actor(role=SYSTEM, agency=row.sender, person=f"{SYSTEM}@{row.sender}"),
                case=row.stream,
                with_={
                    "paper": row.document, "sha256": self._files.put(data), "name": draft.paper,
                    "for_event": f"{row.stream}#{row.seq}",
                },
            )  # fmt: skip
            self._gateway.act(command, internal=True)
            papers[id_] = data
        return Attachment(name=draft.paper, media_type=DOCX, data=papers[id_])

    def _address(self, connection: Connection, world: LedgerWorld, row: Any) -> str | None:
        if row.recipient == "objector":
            objection = world.load([row.stream])[row.stream]
            secret = objection.who.particulars if isinstance(objection, Objection) and objection.who else None
            if secret is None:
                return None
            try:
                return json.loads(unseal(self._gateway.keys, connection, secret)).get("email")
            except Erased:
                return None
        agency = world.load([_office(row)])
        return next((a.mail for a in agency.values() if isinstance(a, Agency)), None)


def _document(row: Any) -> str:
    return f"{row.stream}#{row.seq}/{row.document}"


def _office(row: Any) -> str:
    """The agency, as a stream, that a letter is for."""
    return f"agency/{row.recipient.rpartition('@')[2]}"

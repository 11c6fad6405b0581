"""`deliver`: an agency's worker writes its official documents and sends its letters, all that are due. What fails is tried
again later, then shown; it holds up nothing else.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from sqlalchemy import Connection, func, select
from temporalio import activity

from activities.delivery import DeliveryFailed, DeliveryRefused, ServerAway
from activities.hooks import Hook
from activities.hooks import post as post_hook
from activities.mail import Mailer
from activities.messages import Deliver, Delivered
from activities.mime import Attachment, Mail
from activities.paper import OfficialDocument, render
from activities.wording import Wording, spoken_of
from domain.actors import SYSTEM, Actor
from domain.case import Case
from domain.cases.environment import POLICY
from domain.cases.objection import Objection
from domain.cases.register import Agency
from domain.files import Command
from domain.moments import instant, stamp
from domain.policy import Pack
from gateway.clock import system_time
from gateway.gateway import Gateway
from gateway.letters import commands_of
from gateway.settings import Settings
from records.dispatches import note_outcomes
from records.files import FileStore
from records.keys import Erased, unseal
from records.reading import Past
from records.rows import OF_A_LETTER
from records.schema import letters
from records.world import LedgerWorld

log = structlog.get_logger("post")
ATTEMPTS = 8
"""How often a letter is tried before it counts as failed."""
MOST_PAUSE = 300.0
"""Seconds between two attempts at a letter, at most; they grow from one second."""
AT_ONCE = 25
"""Letters that are read, sent and noted together: as many may be sent twice when a worker is killed between the two."""
BEAT = 5.0
"""Seconds between two heartbeats, at least: one letter takes milliseconds, or as long as a mail server makes it wait."""
SENDERS = 4
"""Letters under way to an agency's mail server at the same time: one waits for the server's answers most of its time."""
LONGEST = 120.0
"""Seconds after which a delivery ends and the next one begins, so that none outlives its time limit."""
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


class Post:
    """Outgoing post of agencies. It runs on an agency's own queue, with the agency's own mail and hooks."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway, self._settings = gateway, settings
        self._files = FileStore(settings.files)
        self._mailer = Mailer(settings.smtp_url) if settings.smtp_url else None

    @activity.defn(name="deliver")
    def deliver(self, ask: Deliver) -> Delivered:
        """Deliver every letter of an agency that is due now; says when the next attempt at what failed is due."""
        sent, begun = 0, time.monotonic()
        if ask.stream:  # asked for by a process that is older than the agencies' posts, which do it for all
            return Delivered()
        with (
            ThreadPoolExecutor(SENDERS) as senders,
            self._mailer.several() if self._mailer else nullcontext(),
        ):
            while rows := self._due(ask.agency):
                # Told to stop, it stops between letters and not between sending one and noting it.
                with activity.shield_thread_cancel_exception():
                    sent += self._all(rows, senders)
                if activity.is_worker_shutdown() or time.monotonic() - begun > LONGEST:
                    break
        return Delivered(sent, self._again(ask.agency))

    def _due(self, agency: str) -> list[Any]:
        query = (
            select(letters)
            .where(letters.c.sender == agency, letters.c.status == "due", letters.c.again_at <= _now())
            .order_by(letters.c.again_at, letters.c.stream, letters.c.seq, letters.c.id)
            .limit(AT_ONCE)
        )
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(query))

    def _again(self, agency: str) -> float | None:
        own = (letters.c.sender == agency) & (letters.c.status == "due")
        query = select(func.min(letters.c.again_at)).where(own)
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            next_at = connection.execute(query).scalar()
        pause = (instant(next_at) - system_time()).total_seconds() if next_at else 0.0
        return None if next_at is None else max(0.0, pause)

    def _all(self, rows: list[Any], senders: Executor) -> int:
        """Deliver these letters and note what became of each; how many went out."""
        drafts = self._drafts(rows)
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
        away: list[ServerAway] = []
        waiting = sending = [senders.submit(copy_context().run, self._outcome, d, away) for d in drafts]
        while waiting := wait(waiting, timeout=BEAT).not_done:
            activity.heartbeat()
        noted = [future.result() for future in sending]
        with self._gateway.engine.begin() as connection:
            note_outcomes(connection, noted)
        return sum(note["status"] == "sent" for note in noted)

    def _outcome(self, draft: Draft, away: list[ServerAway]) -> dict[str, Any]:
        """Try to send a letter: what is noted of it. Where the server is `away`, no other letter is tried now."""
        row, status, problem, begun = draft.row, "sent", None, time.time_ns()
        try:
            if failure := draft.fault or next(iter(away), None):
                raise failure
            status, problem = self._send(draft)
        except DeliveryRefused as refused:
            status, problem = "failed", str(refused)
        except DeliveryFailed as failure:
            status, problem = "due", str(failure)
            if isinstance(failure, ServerAway):
                away.append(failure)
        except Exception as fault:
            # A fault of ours (a text that does not render, a store that is full) must show as well, but only by
            # its kind: its message may quote the letter.
            status, problem = "due", type(fault).__name__
        if status == "due" and row.attempts + 1 >= ATTEMPTS:
            status = "failed"
        log.info(
            "letter", letter=row.letter, case=row.stream, agency=row.sender, status=status, problem=problem
        )  # fmt: skip
        if traces := self._gateway.traces:
            traces.letter(draft.command, row, status, begun)
        pause = timedelta(seconds=min(2.0**row.attempts, MOST_PAUSE))
        return {
            **{name: getattr(row, name) for name in OF_A_LETTER}, "status": status, "problem": problem,
            "attempts": row.attempts + 1, "at": stamp(self._gateway.clock.now()),
            "again_at": _now(pause) if status == "due" else "",
        }  # fmt: skip

    def _drafts(self, rows: list[Any]) -> list[Draft]:
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
            except Exception as fault:  # a fault of ours: of this letter alone; `_all` notes it
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

    def _send(self, draft: Draft) -> tuple[str, str | None]:
        row = draft.row
        if hook := self._settings.hooks.get(row.recipient.rpartition("@")[2]):
            post_hook(Hook(url=hook, title=draft.subject, text=draft.text, id=row.id))
        if draft.address is None:
            return "by-hand", "没有电子邮箱，须另行告知 / no e-mail address: tell them another way"
        if self._mailer is None:
            return "by-hand", "未配置邮件系统 / no mail system is configured"
        mail = Mail(
            message_id=f"<{row.id.replace('/', '.').replace('@', '.')}@huiqian>",
            sender=self._settings.mail_from,
            to=[draft.address],
            subject=draft.subject,
            text=draft.text,
            attachments=[draft.attachment] if draft.attachment else [],
            sent_at=self._gateway.clock.now(),
        )
        self._mailer.send(mail)
        return "sent", None

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


def _now(later: timedelta = timedelta()) -> str:
    now: datetime = system_time()
    return stamp(now + later)

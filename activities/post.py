"""`deliver`: an agency's worker writes its official documents and sends its letters. What fails is tried again, then shown."""

import json
from contextlib import nullcontext
from typing import Any

import structlog
from sqlalchemy import Connection, select, update
from temporalio import activity

from activities.delivery import DeliveryFailed, DeliveryRefused
from activities.hooks import Hook
from activities.hooks import post as post_hook
from activities.mail import Attachment, Mail, Mailer
from activities.messages import Deliver
from activities.paper import render
from activities.wording import Wording
from domain.actors import SYSTEM, Actor
from domain.cases.environment import POLICY
from domain.cases.objection import Objection
from domain.cases.register import Agency
from domain.files import Command
from domain.moments import stamp
from gateway.gateway import Gateway
from gateway.settings import Settings
from records.files import FileStore
from records.keys import Erased, unseal
from records.schema import letters
from records.world import LedgerWorld

log = structlog.get_logger("post")
ATTEMPTS = 8
"""How often a letter is tried before it counts as failed; the waits between grow from a second to five minutes."""
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Post:
    """One agency's outgoing post. It runs on the agency's own queue, with the agency's own mail and hooks."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway, self._settings = gateway, settings
        self._files = FileStore(settings.files)
        self._mailer = Mailer(settings.smtp_url) if settings.smtp_url else None

    @activity.defn(name="deliver")
    def deliver(self, ask: Deliver) -> int:
        """Deliver every due letter of a stream; returns how many went out. Raises DeliveryFailed to be tried again."""
        last = activity.info().attempt >= ATTEMPTS
        sent, failed = 0, 0
        with self._mailer.several() if self._mailer else nullcontext():
            for row in self._due(ask):
                activity.heartbeat()
                outcome = self._one(row, last)
                sent += outcome == "sent"
                failed += outcome == "due"
        if failed:
            raise DeliveryFailed(f"{failed} letters of {ask.stream}")
        return sent

    def _due(self, ask: Deliver) -> list[Any]:
        query = (
            select(letters)
            .where(letters.c.stream == ask.stream, letters.c.sender == ask.agency, letters.c.status == "due")
            .order_by(letters.c.seq, letters.c.id)
        )
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(query))

    def _one(self, row: Any, last: bool) -> str:
        """Deliver one letter and note what became of it: sent, by-hand (no address), failed, or due again."""
        status, problem = "sent", None
        try:
            with self._gateway.engine.connect().execution_options(reading=True) as connection:
                wording, address = self._wording(connection, row), self._address(connection, row)
            paper = self._paper(row, wording)
            status, problem = self._send(row, wording, address, paper)
        except DeliveryRefused as refused:
            status, problem = "failed", str(refused)
        except DeliveryFailed as failure:
            status, problem = ("failed" if last else "due"), str(failure)
        except Exception as fault:
            # A fault of ours (a text that does not render, a store that is full) must show as well, but only by its
            # kind: its message may quote the letter.
            status, problem = ("failed" if last else "due"), type(fault).__name__
        log.info(
            "letter", letter=row.letter, case=row.stream, agency=row.sender, status=status, problem=problem
        )
        self._note(row.id, status, problem)
        return status

    def _wording(self, connection: Connection, row: Any) -> Wording:
        world = LedgerWorld(connection, self._gateway.cache)
        found = world.load([row.stream, POLICY])
        hash_ = found[row.stream].pack or found[POLICY].pack
        return Wording(connection, self._gateway.shelf.get(connection, hash_), row.stream, row.seq)

    def _paper(self, row: Any, wording: Wording) -> Attachment | None:
        """The official document that goes with a letter, written, stored by content hash, and on the record."""
        if row.document is None:
            return None
        paper = wording.pack.papers[row.document]
        event = f"{row.stream}#{row.seq}"
        name = f"{paper.name.zh}.docx"
        known = self._written(row.stream, f"{event}/{row.document}")
        if known:
            return Attachment(name=name, media_type=DOCX, data=self._files.get(known))
        data = render(wording.paper(paper))
        digest = self._files.put(data)
        command = Command(
            id=f"{event}/{row.document}",
            act="issue-document",
            by=Actor(role=SYSTEM, agency=row.stream, person=f"{SYSTEM}@{row.stream}"),
            case=row.stream,
            with_={"paper": row.document, "sha256": digest, "name": name, "for_event": event},
        )
        self._gateway.act(command, internal=True)
        return Attachment(name=name, media_type=DOCX, data=data)

    def _written(self, stream: str, document: str) -> str | None:
        """The content hash of a document that an earlier attempt has put on record."""
        with self._gateway.engine.connect().execution_options(reading=True) as connection:
            return LedgerWorld(connection, self._gateway.cache).load([stream])[stream].documents.get(document)

    def _send(
        self, row: Any, wording: Wording, address: str | None, paper: Attachment | None
    ) -> tuple[str, str | None]:
        letter = next(x for x in wording.pack.letters if x.id == row.letter)
        subject, text = wording.letter(letter)
        if hook := self._settings.hooks.get(row.recipient.rpartition("@")[2]):
            post_hook(Hook(url=hook, title=subject, text=text, id=row.id))
        if address is None:
            return "by-hand", "没有电子邮箱，须另行告知 / no e-mail address: tell them another way"
        if self._mailer is None:
            return "by-hand", "未配置邮件系统 / no mail system is configured"
        mail = Mail(
            message_id=f"<{row.id.replace('/', '.').replace('@', '.')}@huiqian>",
            sender=self._settings.mail_from,
            to=[address],
            subject=subject,
            text=text,
            attachments=[paper] if paper else [],
            sent_at=self._gateway.clock.now(),
        )
        self._mailer.send(mail)
        return "sent", None

    def _address(self, connection: Connection, row: Any) -> str | None:
        world = LedgerWorld(connection, self._gateway.cache)
        if row.recipient == "objector":
            objection = world.load([row.stream])[row.stream]
            secret = objection.who.particulars if isinstance(objection, Objection) and objection.who else None
            if secret is None:
                return None
            try:
                return json.loads(unseal(self._gateway.keys, connection, secret)).get("email")
            except Erased:
                return None
        agency = world.load([f"agency/{row.recipient.rpartition('@')[2]}"])
        return next((a.mail for a in agency.values() if isinstance(a, Agency)), None)

    def _note(self, letter: str, status: str, problem: str | None) -> None:
        sent_at = stamp(self._gateway.clock.now()) if status == "sent" else None
        with self._gateway.engine.begin() as connection:
            connection.execute(
                update(letters)
                .where(letters.c.id == letter)
                .values(status=status, problem=problem, sent_at=sent_at, attempts=letters.c.attempts + 1)
            )

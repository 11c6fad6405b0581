"""`deliver`: an agency's worker sends its letters, all that are due. What fails is tried again later, then shown; it holds
up nothing else.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from temporalio import activity

from activities.delivery import DeliveryFailed, DeliveryRefused, ServerAway
from activities.drafts import BEAT, Draft, Drafts
from activities.hooks import Hook
from activities.hooks import post as post_hook
from activities.mail import Mailer
from activities.messages import Deliver, Delivered
from activities.mime import Mail
from domain.moments import instant, stamp
from gateway.clock import system_time
from gateway.gateway import Gateway
from gateway.settings import Settings
from records.dispatches import note_outcomes
from records.rows import OF_A_LETTER
from records.schema import letters

log = structlog.get_logger("post")
ATTEMPTS = 8
"""How often a letter is tried before it counts as failed."""
MOST_PAUSE = 300.0
"""Seconds between two attempts at a letter, at most; they grow from one second."""
AT_ONCE = 25
"""Letters that are read, sent and noted together: as many may be sent twice when a worker is killed between the two."""
SENDERS = 4
"""Letters under way to an agency's mail server at the same time: one waits for the server's answers most of its time."""
LONGEST = 120.0
"""Seconds after which a delivery ends and the next one begins, so that none outlives its time limit."""
Sending = dict[str, Future[dict[str, Any]]]
"""Letters under way, by their ids, with what is to be noted of each."""


class Post:
    """Outgoing post of agencies. It runs on an agency's own queue, with the agency's own mail and hooks."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway, self._settings = gateway, settings
        self._drafts = Drafts(gateway, settings)
        self._mailer = Mailer(settings.smtp_url) if settings.smtp_url else None

    @activity.defn(name="deliver")
    def deliver(self, ask: Deliver) -> Delivered:
        """Deliver every letter of an agency that is due now; says when the next attempt at what failed is due."""
        if ask.stream:  # asked for by a process that is older than the agencies' posts, which do it for all
            return Delivered()
        sent, begun, sending = 0, time.monotonic(), Sending()
        with (
            ThreadPoolExecutor(SENDERS) as senders,
            self._mailer.several() if self._mailer else nullcontext(),
            # Told to stop, it stops between letters and not between sending one and noting it.
            activity.shield_thread_cancel_exception(),
        ):
            while True:
                told = activity.is_cancelled() or activity.is_worker_shutdown()
                try:  # while some letters are under way, the next are written
                    over = told or time.monotonic() - begun > LONGEST
                    drafts = [] if over else self._drafts.of(self._due(ask.agency, sending))
                finally:
                    sent += self._note(sending)
                if not drafts and not sending:
                    break
                away: list[ServerAway] = []
                sending = {
                    draft.row.id: senders.submit(copy_context().run, self._outcome, draft, away)
                    for draft in drafts
                }
        return Delivered(sent, self._again(ask.agency))

    def _due(self, agency: str, sending: Sending) -> list[Any]:
        query = (
            select(letters)
            .where(letters.c.sender == agency, letters.c.status == "due", letters.c.again_at <= _now())
            .where(letters.c.id.not_in(list(sending)))
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

    def _note(self, sending: Sending) -> int:
        """Wait for these letters and note what became of each; how many went out."""
        if not sending:
            return 0
        waiting = list(sending.values())
        while waiting := wait(waiting, timeout=BEAT).not_done:
            activity.heartbeat()
        noted = [future.result() for future in sending.values()]
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


def _now(later: timedelta = timedelta()) -> str:
    now: datetime = system_time()
    return stamp(now + later)

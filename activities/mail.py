"""Letters over SMTP, by the standard library's smtplib and email.

Not by apprise, which sends the other messages: it makes up a Message-ID for every attempt. Here the caller
gives it, derived from the event that the letter is about. When an answer is lost after the server has taken a
letter, the activity is tried again, and the second copy has the same Message-ID and the same bytes, so that
mail systems drop it and people recognise it as the same letter.
"""

from __future__ import annotations

import contextlib
import select
import smtplib
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from activities.delivery import DeliveryFailed, DeliveryRefused, ServerAway
from activities.mime import Mail, compose, refusal

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class Mailer:
    """One outgoing server: `smtp://user:password@host:port`, `smtps://` or `smtp+starttls://`.

    User and password are percent-encoded. `timeout` is for each exchange with the server, in seconds; `tls`
    is for an agency with certificates of its own. Raises ValueError on a URL that it does not understand.
    """

    def __init__(self, url: str, *, timeout: float = 20.0, tls: ssl.SSLContext | None = None) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in _PORTS or not host:
            # The URL holds a password: it is not repeated.
            raise ValueError(
                "邮件服务器地址无法识别，应为 smtp://、smtps:// 或 smtp+starttls:// / "
                "mail server URL not understood; use smtp://, smtps:// or smtp+starttls://"
            )
        self._scheme, self._host, self._port = parts.scheme, host, port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._timeout, self._tls = timeout, tls
        self._kept: list[smtplib.SMTP] = []
        self._keeping = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Mailer({self._scheme}://{self._host}:{self._port})"

    @contextmanager
    def several(self) -> Generator[None]:
        """Letters sent inside, by whichever thread, go over as few connections as there are senders at once, as far as
        the server keeps them open.
        """
        with self._lock:
            self._keeping += 1
        try:
            yield
        finally:
            with self._lock:
                self._keeping -= 1
                over = [] if self._keeping else self._kept[:]
                del self._kept[: len(over)]
            for server in over:
                _farewell(server)

    def send(self, mail: Mail) -> None:
        """Hand the letter to the server. Blocks: from a coroutine, call it in a thread.

        Raises DeliveryRefused when this letter cannot be delivered as it is, DeliveryFailed when it may work
        later. When the server takes the letter for some recipients only, the refused ones are named by their
        place in `to`.
        """
        failure = self._attempt(mail)
        # Raised out here, where no other exception is being handled: one that quotes the server's answer
        # must not travel along as the context.
        if failure:
            raise failure

    def _attempt(self, mail: Mail) -> DeliveryFailed | DeliveryRefused | None:
        try:
            message, sender, recipients = compose(mail)
        except DeliveryRefused as bad:
            return DeliveryRefused(bad.message)
        except ValueError:  # UnicodeError too
            return refusal("邮件无法编码", "the letter cannot be encoded")
        try:
            server = self._take() or self._connect()
        except smtplib.SMTPResponseException as problem:
            # Also a wrong password: that is the agency's to mend, the letter itself is fine.
            return ServerAway(
                _later("邮件服务器不接受连接", "the mail server does not let us in", problem.smtp_code)
            )
        except (smtplib.SMTPException, OSError, ValueError) as problem:  # ValueError: a user not in ASCII
            return ServerAway(
                _later("连不上邮件服务器", "the mail server cannot be reached", type(problem).__name__)
            )
        sent = False
        try:
            refused = server.sendmail(
                sender, recipients, message, _international(server, [sender, *recipients])
            )
            sent = True
        except smtplib.SMTPRecipientsRefused as problem:
            return _recipients(problem.recipients, recipients)
        except smtplib.SMTPResponseException as problem:
            return _answer(problem.smtp_code)
        except (smtplib.SMTPNotSupportedError, UnicodeError):
            return refusal("邮件服务器不支持该地址", "the mail server does not support this address")
        except (smtplib.SMTPException, OSError) as problem:
            return _failed("邮件传送中断", "the connection was lost", type(problem).__name__)
        finally:
            if not (sent and self._keep(server)):
                _farewell(server)
        return _recipients(refused, recipients) if refused else None

    def _keep(self, server: smtplib.SMTP) -> bool:
        with self._lock:
            if self._keeping:
                self._kept.append(server)
            return self._keeping > 0

    def _take(self) -> smtplib.SMTP | None:
        """A connection of an earlier letter, when one still answers."""
        with self._lock:
            server = self._kept.pop() if self._kept else None
        if server is None:
            return None
        with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
            # One that has nothing to say has not hung up, or told us to (421).
            if server.sock and (not select.select([server.sock], [], [], 0)[0] or server.noop()[0] < 400):
                return server
        server.close()
        return None

    def _connect(self) -> smtplib.SMTP:
        # Loading the system certificates takes longer than handing over the letter: only where they are used.
        tls = None if self._scheme == "smtp" else self._tls or ssl.create_default_context()
        if self._scheme == "smtps":
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=tls)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            server.ehlo_or_helo_if_needed()  # here, since a refused greeting is not about the letter
            if self._scheme == "smtp+starttls":
                server.starttls(context=tls)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def _international(server: smtplib.SMTP, addresses: list[str]) -> list[str]:
    """What a server must be told, and able to do, for addresses beyond ASCII (RFC 6531)."""
    if "".join(addresses).isascii():
        return []
    if not server.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _recipients(
    answers: dict[str, tuple[int, bytes]], recipients: list[str]
) -> DeliveryFailed | DeliveryRefused:
    """Judge the recipients that were not taken.

    When the server may take one later, the letter is tried again for all; those who have it already get it
    a second time under the same Message-ID.
    """
    codes = {place: answers[bare][0] for place, bare in enumerate(recipients) if bare in answers}
    later = [code for code in codes.values() if code < 500]
    if later:
        return _answer(later[0])
    places = tuple(codes) if len(codes) < len(recipients) else ()
    return refusal("收件地址被拒", "recipients were refused", max(codes.values(), default=550), places)


def _answer(code: int) -> DeliveryFailed | DeliveryRefused:
    # RFC 5321 4.2.1: 5yz is permanent, 4yz transient. 421 and -1 (no answer at all) are transient as well.
    if 500 <= code < 600:
        return refusal("邮件被拒", "the letter was refused", code)
    return _failed("邮件暂未被接受", "the letter was not accepted yet", code)


def _failed(zh: str, en: str, detail: int | str) -> DeliveryFailed:
    return DeliveryFailed(_later(zh, en, detail))


def _later(zh: str, en: str, detail: int | str) -> str:
    return f"{zh}，将再次尝试 ({detail}) / {en}, will be tried again ({detail})"


def _farewell(server: smtplib.SMTP) -> None:
    """The letter is with the server, or is not, by now: a farewell that fails changes nothing about that."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()

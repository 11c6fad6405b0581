"""A real SMTP server on loopback that keeps letters, for the tests of mail."""

import datetime as dt
import email
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from activities.mail import Mailer
from activities.mime import Attachment, Mail

SENT = dt.datetime(2026, 4, 22, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LETTER = Mail(
    message_id="F-2026-1.accepted@huiqian.example",
    sender="省人社厅 <noreply@hrss.example>",
    to=["academic@college.example"],
    subject="受理通知",
    text="你院的申报已受理。\n请登录查看。",
    attachments=[Attachment(name="受理通知.docx", media_type="application/msword", data=b"\x00\xff" * 900)],
    sent_at=SENT,
)


class Postbox:
    """A handler for aiosmtpd that keeps letters, and answers by the name before the @."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.peers: list[Any] = []
        self.users: list[tuple[bytes, bytes]] = []
        self.secured: list[bool] = []
        self.hangs_up = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answers = {"nobody": f"550 no such user {address}", "later": f"451 {address} try later"}
        if answer := answers.get(address.partition("@")[0]):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        content = cast(bytes, envelope.content)
        for word, answer in ((b"X-spam", "554 spam: "), (b"X-busy", "452 full: ")):
            if word in content:
                return answer + "academic@college.example"
        self.peers.append(session.peer)
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, content))
        self.secured.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 taken"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hangs_up:
            server.transport.abort()
        return "221 bye"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/word", handled=False)

    def read(self, place: int = -1) -> EmailMessage:
        return email.message_from_bytes(self.letters[place][2], policy=default)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Start = Callable[..., tuple[Postbox, int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that live as long as the test."""
    running: list[Controller] = []

    def one(**options: Any) -> tuple[Postbox, int]:
        postbox = Postbox()
        if options.pop("auth", False):
            options |= {"authenticator": postbox.authenticate, "auth_require_tls": False}
        controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        return postbox, controller.port

    yield one
    for controller in running:
        controller.stop()


@pytest.fixture
def server(start: Start) -> tuple[Postbox, Mailer]:
    postbox, port = start()
    return postbox, Mailer(f"smtp://127.0.0.1:{port}", timeout=5)


def changed(**fields: Any) -> Mail:
    return LETTER.model_copy(update=fields)

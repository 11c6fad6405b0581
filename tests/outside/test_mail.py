"""Mail over a real SMTP server on loopback: what arrives, and what is refused or tried again."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.delivery import DeliveryFailed, DeliveryRefused
from activities.mail import Mailer
from activities.mime import Attachment

from .postbox import LETTER, SENT, Postbox, Start, changed, free_port


def test_a_letter_arrives_with_its_text_its_attachment_and_the_id_it_was_given(
    server: tuple[Postbox, Mailer],
) -> None:
    postbox, mailer = server
    mailer.send(LETTER)
    [(sender, recipients, _)] = postbox.letters
    assert (sender, recipients) == ("noreply@hrss.example", ["academic@college.example"])
    assert postbox.letters[0][2].isascii()  # so that every server can carry it
    letter = postbox.read()
    assert letter["Message-ID"] == "<F-2026-1.accepted@huiqian.example>"
    assert letter["Subject"] == "受理通知"
    assert letter["From"] == "省人社厅 <noreply@hrss.example>"
    assert letter["Date"].datetime == SENT
    assert letter["Auto-Submitted"] == "auto-generated"
    body = letter.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["你院的申报已受理。", "请登录查看。"]
    [attachment] = letter.iter_attachments()
    assert attachment.get_filename() == "受理通知.docx"
    assert attachment.get_content() == b"\x00\xff" * 900


def test_a_letter_sent_twice_is_the_same_letter_to_the_last_byte(server: tuple[Postbox, Mailer]) -> None:
    postbox, mailer = server
    mailer.send(LETTER)
    mailer.send(LETTER)
    first, second = postbox.letters
    assert first == second


def test_several_letters_go_over_one_connection_and_a_refused_one_spoils_none(
    server: tuple[Postbox, Mailer],
) -> None:
    postbox, mailer = server
    with mailer.several():
        mailer.send(LETTER)
        mailer.send(changed(message_id="<2@huiqian.example>"))
        with pytest.raises(DeliveryRefused):
            mailer.send(changed(to=["nobody@college.example"]))
        mailer.send(changed(message_id="<3@huiqian.example>"))
    first, second, third = postbox.peers
    assert first == second
    assert third != second  # after a refusal the conversation is begun anew
    mailer.send(changed(message_id="<4@huiqian.example>"))
    assert postbox.peers[3] not in (first, third)


def test_several_senders_need_no_more_connections_than_there_are_senders(
    server: tuple[Postbox, Mailer],
) -> None:
    postbox, mailer = server
    with ThreadPoolExecutor(3) as senders, mailer.several():
        list(senders.map(mailer.send, [changed(message_id=f"<{n}@huiqian.example>") for n in range(30)]))
    assert len(postbox.letters) == 30
    assert len({content for *_, content in postbox.letters}) == 30
    assert len(set(postbox.peers)) <= 3


def test_a_connection_that_was_lost_between_letters_is_made_anew(server: tuple[Postbox, Mailer]) -> None:
    postbox, mailer = server
    with mailer.several():
        mailer.send(LETTER)
        (kept,) = mailer._kept  # pyright: ignore[reportPrivateUsage]
        assert kept.sock
        kept.sock.shutdown(socket.SHUT_RDWR)
        mailer.send(changed(message_id="<2@huiqian.example>"))
    assert len(postbox.letters) == 2


def test_two_letters_are_not_the_same(server: tuple[Postbox, Mailer]) -> None:
    postbox, mailer = server
    mailer.send(LETTER)
    mailer.send(changed(message_id="<F-2026-2@huiqian.example>"))
    assert postbox.read(0)["Message-ID"] != postbox.read(1)["Message-ID"]


@settings(max_examples=30, deadline=None)
@given(
    subject=st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=200).map(
        lambda subject: " ".join(subject.split())
    ),
    name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=80),
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"), max_size=2000),
)
def test_any_subject_name_and_text_arrive_as_they_were_written(subject: str, name: str, text: str) -> None:
    postbox, controller = running_server()
    attachment = Attachment(name=name, media_type="application/pdf", data=b"%PDF")
    mailer = Mailer(f"smtp://127.0.0.1:{controller.port}")
    mailer.send(changed(subject=subject, text=text, attachments=[attachment]))
    letter = postbox.read()
    assert letter["Subject"] == subject
    assert [each.get_filename() for each in letter.iter_attachments()] == [name]
    body = letter.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


_shared: list[tuple[Postbox, Controller]] = []


def running_server() -> tuple[Postbox, Controller]:
    """One server for all examples of a property; it ends with the process."""
    if not _shared:
        postbox = Postbox()
        controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
        controller.start()
        _shared.append((postbox, controller))
    return _shared[0]


@pytest.fixture(autouse=True, scope="module")
def end_shared() -> Iterator[None]:
    yield
    while _shared:
        _shared.pop()[1].stop()


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "受理\r\nBcc: thief@evil.example"},
        {"subject": "受理\nX: y"},
        {"subject": "受理\u2028X"},
        {"subject": "受理\x07"},
        {"sender": "a@b.example\r\nBcc: thief@evil.example"},
        {"to": ["a@b.example\nthief@evil.example"]},
        {"to": ["a@b.example, thief@evil.example"]},
        {"to": ["<a@b.example> thief@evil.example"]},
        {"to": ["no-address"]},
        {"to": ["a b@c.example"]},
        {"to": ["a@-c.example"]},
        {"to": ["@c.example"]},
        {"to": [""]},
        {"to": []},
        {"message_id": "x@y\r\nBcc: thief@evil.example"},
        {"message_id": "没有@中文"},
        {"message_id": "no-at-sign"},
        {"message_id": "<a b@c>"},
        {"attachments": [Attachment(name="a\r\nX: y.pdf", media_type="application/pdf", data=b"1")]},
        {"attachments": [Attachment(name="a.pdf", media_type="application/pdf\r\nX: y", data=b"1")]},
        {"attachments": [Attachment(name="a.pdf", media_type="multipart/mixed", data=b"1")]},
        {"attachments": [Attachment(name="a.pdf", media_type="pdf", data=b"1")]},
    ],
    ids=lambda fields: repr(fields)[:60],
)
def test_a_header_that_smuggles_or_an_address_that_is_none_is_refused_and_nothing_is_sent(
    server: tuple[Postbox, Mailer], fields: dict[str, Any]
) -> None:
    postbox, mailer = server
    with pytest.raises(DeliveryRefused) as caught:
        mailer.send(changed(**fields))
    assert postbox.letters == []
    assert "evil" not in str(caught.value)


def test_a_domain_in_chinese_is_written_as_mail_servers_know_it(server: tuple[Postbox, Mailer]) -> None:
    postbox, mailer = server
    mailer.send(changed(to=["教务处 <office@技师学院.example>"]))
    assert postbox.letters[0][1] == ["office@" + "技师学院.example".encode("idna").decode()]
    assert postbox.read()["To"].addresses[0].display_name == "教务处"


def test_a_mailbox_that_does_not_exist_is_refused_for_good(server: tuple[Postbox, Mailer]) -> None:
    with pytest.raises(
        DeliveryRefused, match=r"收件地址被拒 \(550\) / recipients were refused \(550\)"
    ) as caught:
        server[1].send(changed(to=["nobody@college.example"]))
    assert caught.value.positions == ()


def test_a_mailbox_that_is_busy_is_tried_again(server: tuple[Postbox, Mailer]) -> None:
    with pytest.raises(DeliveryFailed, match="451"):
        server[1].send(changed(to=["later@college.example"]))


def test_when_some_recipients_are_refused_the_others_have_it_and_the_refused_are_told_by_place(
    server: tuple[Postbox, Mailer],
) -> None:
    postbox, mailer = server
    with pytest.raises(DeliveryRefused) as caught:
        mailer.send(changed(to=["a@college.example", "nobody@college.example", "c@college.example"]))
    assert caught.value.positions == (1,)
    assert postbox.letters[0][1] == ["a@college.example", "c@college.example"]


def test_when_one_recipient_may_be_taken_later_the_letter_is_tried_again(
    server: tuple[Postbox, Mailer],
) -> None:
    with pytest.raises(DeliveryFailed):
        server[1].send(changed(to=["a@college.example", "nobody@b.example", "later@c.example"]))


def test_a_letter_that_the_server_does_not_like_is_refused_for_good(server: tuple[Postbox, Mailer]) -> None:
    with pytest.raises(DeliveryRefused, match="554"):
        server[1].send(changed(subject="X-spam"))


def test_a_server_that_is_full_is_tried_again(server: tuple[Postbox, Mailer]) -> None:
    with pytest.raises(DeliveryFailed, match="452"):
        server[1].send(changed(subject="X-busy"))


def test_a_letter_above_the_servers_size_is_refused_for_good(start: Start) -> None:
    postbox, port = start(data_size_limit=2000)
    with pytest.raises(DeliveryRefused, match="552"):
        Mailer(f"smtp://127.0.0.1:{port}").send(LETTER)
    assert postbox.letters == []


def test_a_server_that_hangs_up_instead_of_saying_goodbye_has_taken_the_letter(start: Start) -> None:
    postbox, port = start()
    postbox.hangs_up = True
    Mailer(f"smtp://127.0.0.1:{port}").send(LETTER)
    assert len(postbox.letters) == 1


def test_a_server_that_is_away_is_tried_again() -> None:
    with pytest.raises(DeliveryFailed, match="ConnectionRefusedError"):
        Mailer(f"smtp://127.0.0.1:{free_port()}").send(LETTER)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        before = time.monotonic()
        with pytest.raises(DeliveryFailed, match="SMTPServerDisconnected"):
            Mailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2).send(LETTER)
        assert time.monotonic() - before < 5

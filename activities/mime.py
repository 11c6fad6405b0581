"""A letter as it goes over the wire: headers and parts as RFC 5322 and 2045–2047 have them, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import re
from email.headerregistry import Address
from email.utils import format_datetime
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict

from activities.delivery import DeliveryRefused

# A line break in a header would let a subject add recipients; other control characters have no place there.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


class Attachment(BaseModel):
    """A file that goes with a letter. `media_type` is type/subtype, such as application/pdf."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: str
    media_type: str
    data: bytes


class Mail(BaseModel):
    """A letter.

    `message_id` is written <event@agency>; without the angle brackets they are put around it. Everybody in
    `to` sees everybody else: letters that must not tell one party about another are sent one by one.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    message_id: str
    sender: str
    to: list[str]
    subject: str
    text: str
    attachments: list[Attachment] = []
    sent_at: AwareDatetime


def compose(mail: Mail) -> tuple[bytes, str, list[str]]:
    """The letter as it goes out, and the bare addresses of the envelope."""
    message_id = mail.message_id if mail.message_id.startswith("<") else f"<{mail.message_id}>"
    if not re.fullmatch(r"<[!-;=?-~]+@[!-;=?-~]+>", message_id) or message_id.count("@") != 1:
        raise refusal("邮件编号不合规范", "the Message-ID is malformed")
    if not mail.to:
        raise refusal("没有收件人", "there is no recipient")
    names = [attachment.name for attachment in mail.attachments]
    if any(_CONTROL.search(text) for text in (mail.sender, *mail.to, mail.subject, *names)):
        raise refusal("邮件头含有换行或控制字符", "a header holds a line break or a control character")
    sender, *recipients = (_address(text) for text in (mail.sender, *mail.to))
    # Written out here: the standard library's EmailMessage takes five times as long over a letter as everything else.
    text = b"\r\n".join([*mail.text.encode("utf-8", "replace").splitlines(), b""])
    parts = [_part("text/plain", '; charset="utf-8"', "", text)]
    for attachment in mail.attachments:
        if not _MEDIA_TYPE.fullmatch(attachment.media_type) or re.match(
            "multipart/|message/", attachment.media_type
        ):
            raise refusal("附件类型不合规范", "an attachment's media type is malformed")
        name = f"attachment; filename*=utf-8''{quote(attachment.name, safe='')}"
        parts.append(_part(attachment.media_type, "", f"Content-Disposition: {name}\r\n", attachment.data))
    (body,) = parts[:1]
    if mail.attachments:
        # A boundary drawn at random would make the second copy differ; "=_" cannot occur in base64 (RFC 2045 6.7).
        line = "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:40]
        cut = f"--{line}\r\n".encode()
        kind = f'Content-Type: multipart/mixed; boundary="{line}"\r\n\r\n'.encode()
        body = kind + b"".join(cut + part for part in parts) + f"--{line}--\r\n".encode()
    headers = {
        "From": _shown(sender), "To": ",\r\n ".join(map(_shown, recipients)), "Subject": _words(mail.subject),
        "Date": format_datetime(mail.sent_at), "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834: holiday notices are not to answer this
        "MIME-Version": "1.0",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    return head + body, sender.addr_spec, [recipient.addr_spec for recipient in recipients]


def _part(media_type: str, about: str, more: str, data: bytes) -> bytes:
    """base64, so that no server has to support 8BITMIME and no long line is rewrapped on the way."""
    head = f"Content-Type: {media_type}{about}\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


def _shown(address: Address) -> str:
    if address.display_name.isascii() and "=?" not in address.display_name:
        return str(address)
    return f"{_words(address.display_name)} <{address.addr_spec}>"


def _words(text: str) -> str:
    """A header's text: as it is where that is safe, else in encoded words, cut between characters (RFC 2047)."""
    if len(text) < 60 and re.fullmatch(r"[!-~]+( [!-~]+)*", text) and "=?" not in text:
        return text
    chunks = [b""]
    for char in text:
        byte = char.encode()
        if len(chunks[-1]) + len(byte) > 45:
            chunks.append(b"")
        chunks[-1] += byte
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in chunks)


def _address(text: str) -> Address:
    """`name <user@host>` or `user@host`; a domain in Chinese is written as mail servers know it (IDNA)."""
    # Not email.utils.parseaddr, which takes the first address of a text that holds two.
    found = re.fullmatch(r'\s*"?([^<>"]*?)"?\s*<([^<>]+)>\s*', text)
    name, bare = found.groups() if found else ("", text.strip())
    user, at, domain = bare.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    wellformed = re.fullmatch(r"[^\s@<>(),;:\\\"\[\]]+", user) and re.fullmatch(
        r"(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f.:]+\]", domain
    )
    if not at or not wellformed:
        raise refusal("邮件地址不合规范", "a mail address is malformed")
    return Address(display_name=name, username=user, domain=domain)


def refusal(zh: str, en: str, code: int | None = None, positions: tuple[int, ...] = ()) -> DeliveryRefused:
    """A refusal in both languages, with the server's code."""
    detail = f" ({code})" if code else ""
    return DeliveryRefused(f"{zh}{detail} / {en}{detail}", positions)

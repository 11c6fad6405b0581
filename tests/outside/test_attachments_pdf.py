"""PDF files: what runs something, or hides it, is refused; what only looks like it passes."""

import contextlib
import hashlib
import time
import zlib

import pytest

from domain.attachments import AttachmentProblem, inspect

from .samples import ALL, LIMIT, MACROS, SCRIPT, make_pdf, objects, problem, stream


@pytest.mark.parametrize(
    "action",
    [
        SCRIPT,
        b"<</S/JavaScript/JS(1)>>",
        b"<< /S /Java#53cript /JS (1) >>",
        b"<< /S /#4aavaScript /JS (1) >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<< /Names << /JavaScript 9 0 R >> >>",
    ],
)
@pytest.mark.parametrize("where", ["plain", "object stream", "old-style line ends"])
def test_a_pdf_that_runs_something_is_refused_wherever_it_says_so(action: bytes, where: str) -> None:
    match where:
        case "plain":
            data = make_pdf(action)
        case "object stream":
            data = make_pdf(stream(b"before"), objects(b"9 0 " + action), stream(b"after"))
        case _:
            data = make_pdf(objects(b"9 0 " + action).replace(b"stream\n", b"stream\r\n", 1))
    assert problem("a.pdf", data).why_zh == MACROS


@pytest.mark.parametrize(
    "innocent",
    [
        b"<< /Title (About JavaScript and Launch) >>",
        b"<< /LaunchDate (D:20260422) /JavaScriptless true >>",
        stream(b"BT (JavaScript) Tj ET"),
        stream(b"binary \xff\x00 data", packed=False),
    ],
)
def test_a_pdf_that_only_mentions_such_words_passes(innocent: bytes) -> None:
    data = make_pdf(innocent)
    assert inspect("a.pdf", data, LIMIT, ALL).size == len(data)


def test_a_script_across_two_pieces_of_a_long_stream_is_found() -> None:
    # text that packs to about half, so that the script cannot be read in the packed stream
    text = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(4_000))
    piece = len(zlib.decompressobj().decompress(zlib.compress(text)[:65_536]))
    for start in range(piece - 60, piece + 20):
        data = make_pdf(objects(text[:start] + b" /S /JavaScript " + text[start:]))
        assert b"/JavaScript" not in data
        assert problem("a.pdf", data).why_zh == MACROS


@pytest.mark.parametrize(
    "dictionary",
    [
        b"/Filter [/ASCII85Decode /FlateDecode]",
        b"/Filter [/FlateDecode /FlateDecode]",
        b"/Filter /LZWDecode",
        b"/Filter 9 0 R",
        b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>",
        b"/Filter /F#6cateDecode /DecodeParms << /Predictor 12 >>",
    ],
)
def test_an_object_stream_that_cannot_be_looked_into_is_refused(dictionary: bytes) -> None:
    assert (
        problem("a.pdf", make_pdf(objects(b"9 0 << >>", dictionary))).why_zh == "无法检查该 PDF，请重新导出"
    )


def test_an_object_stream_that_ends_early_is_refused() -> None:
    # "endstream" inside of a stored block, where a reader that goes by /Length does not stop
    whole = zlib.compress(b"1 0 << >> endstream " + SCRIPT, 0)
    data = make_pdf(
        stream(whole, b"/Type /ObjStm /Filter /FlateDecode", packed=False).replace(SCRIPT, b"." * len(SCRIPT))
    )
    assert problem("a.pdf", data).why_zh == "无法检查该 PDF，请重新导出"


def test_an_encrypted_pdf_is_refused_since_nobody_can_look_into_it() -> None:
    assert "已加密" in problem("a.pdf", make_pdf(trailer=b"/Encrypt 4 0 R")).why_zh
    assert inspect("a.pdf", make_pdf(b"<< /EncryptMetadata true >>"), LIMIT, ALL).size


def test_a_pdf_that_unpacks_into_too_much_is_refused_but_pictures_may_be_large() -> None:
    bomb = make_pdf(stream(bytes(30_000_000)))
    assert problem("a.pdf", bomb).why_zh == "附件解压后过大"
    scan = make_pdf(stream(bytes(30_000_000), b"/Subtype /Image /Filter /FlateDecode"))
    assert inspect("a.pdf", scan, LIMIT, ALL).size == len(scan)


@pytest.mark.parametrize(
    "filling",
    [
        b"stream\n" * 300_000 + b"endstream",
        b"stream\nendstream\n" * 120_000,
        (b"stream\n" + zlib.compress(b"", 0)[:2]) * 200_000 + b"endstream",
        (b"stream\nx\x01" + b"\x00\x00\x00\xff\xff" * 2) * 100_000 + b"endstream",
        b"#41" * 700_000,
        b"/" * 2_000_000,
    ],
)
def test_a_pdf_made_to_be_slow_is_answered_soon(filling: bytes) -> None:
    before = time.process_time()
    with contextlib.suppress(AttachmentProblem):
        inspect("a.pdf", make_pdf(filling), 3_000_000, ALL)
    assert time.process_time() - before < 3, "seconds of our own work, whatever else the machine does"

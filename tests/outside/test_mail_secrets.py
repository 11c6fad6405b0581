"""Mail: passwords and certificates are used, and neither they nor personal data ever leak."""

import datetime as dt
import ssl
import traceback
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.delivery import DeliveryFailed, DeliveryRefused
from activities.mail import Mailer
from activities.mime import Mail

from .postbox import LETTER, Postbox, Start, changed


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_user_and_password_of_the_url_are_decoded_and_used(start: Start) -> None:
    postbox, port = start(auth=True, auth_required=True)
    Mailer(f"smtp://noreply%40hrss.example:p%40ss%2Fword@127.0.0.1:{port}").send(LETTER)
    assert postbox.users == [(b"noreply@hrss.example", b"p@ss/word")]
    assert len(postbox.letters) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_wrong_password_is_the_agencys_to_mend_and_not_the_letters_fault(start: Start) -> None:
    _, port = start(auth=True, auth_required=True)
    mailer = Mailer(f"smtp://noreply:s3cret-wrong@127.0.0.1:{port}")
    with pytest.raises(DeliveryFailed, match="535") as caught:
        mailer.send(LETTER)
    assert_silent(caught.value, "s3cret", "noreply")


def assert_silent(error: BaseException, *words: str) -> None:
    """No word stands in the error, nor in what travels with it into logs and histories."""
    assert error.__cause__ is None
    assert error.__context__ is None
    said = "".join(traceback.format_exception_only(error)) + repr(error) + repr(error.args)
    assert not [word for word in words if word in said]


@pytest.mark.parametrize("box", ["nobody", "later"])
def test_no_error_repeats_an_address_or_the_text_although_the_server_does(
    server: tuple[Postbox, Mailer], box: str
) -> None:
    letter = changed(to=[f"{box}@college.example"])
    with pytest.raises((DeliveryFailed, DeliveryRefused)) as caught:
        server[1].send(letter)
    assert_silent(caught.value, "college", box, "try later", "no such user", "受理")


@pytest.mark.parametrize("subject", ["X-spam", "X-busy"])
def test_no_error_repeats_what_the_server_says_about_the_text(
    server: tuple[Postbox, Mailer], subject: str
) -> None:
    with pytest.raises((DeliveryFailed, DeliveryRefused)) as caught:
        server[1].send(changed(subject=subject))
    assert_silent(caught.value, "college", "spam", "full", "受理")


def test_the_repr_of_a_mailer_has_no_secret() -> None:
    mailer = Mailer("smtps://someone:s3cret@mail.example")
    assert repr(mailer) == "Mailer(smtps://mail.example:465)"


@pytest.mark.parametrize(
    "url", ["", "mail.example", "http://u:s3cret@h", "smtp://", "smtp://u:s3cret@h:port", "smtp://[u:s3cret"]
)
def test_a_url_that_is_none_is_refused_without_repeating_its_secret(url: str) -> None:
    with pytest.raises(ValueError, match="邮件服务器地址无法识别") as caught:
        Mailer(url)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_field_of_the_wrong_kind_is_refused_without_repeating_what_is_in_it() -> None:
    with pytest.raises(ValueError, match="sent_at") as caught:
        Mail.model_validate({**LETTER.model_dump(), "sent_at": "someone@private.example"})
    assert "private" not in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_letters_go_over_tls_and_not_to_a_server_nobody_vouches_for(
    start: Start, certificate: Path, scheme: str
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    options = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
    postbox, port = start(**options)
    url = f"{scheme}://localhost:{port}"
    with pytest.raises(DeliveryFailed, match="SSLCertVerificationError"):
        Mailer(url, timeout=5).send(LETTER)
    assert postbox.letters == []
    Mailer(url, timeout=5, tls=ssl.create_default_context(cafile=str(certificate))).send(LETTER)
    assert postbox.secured == [True]


def test_a_server_without_tls_gets_no_letter_when_tls_was_asked_for(start: Start) -> None:
    postbox, port = start()
    with pytest.raises(DeliveryFailed, match="SMTPNotSupportedError"):
        Mailer(f"smtp+starttls://127.0.0.1:{port}").send(LETTER)
    assert postbox.letters == []

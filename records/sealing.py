"""How personal data is sealed, apart from where keys are kept: the same on the ledger and on an auditor's own machine."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.secrets import Secret


def pseudonym_under(pepper: bytes, *parts: str) -> str:
    """A keyed digest of particulars (domain.files.Sealer)."""
    return "p-" + hmac.new(pepper, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def seal_under(key: bytes, person: str, clear: str, command: str, count: int) -> Secret:
    """AES-256-GCM under the person's key; the person is bound in, so a secret cannot be passed off as another's.

    The nonce follows from the command, the number of the seal within it and the text: deciding it again seals the same.
    """
    nonce = hmac.new(key, f"{command}/{count}/{clear}".encode(), hashlib.sha256).digest()[:12]
    sealed = nonce + AESGCM(key).encrypt(nonce, clear.encode(), person.encode())
    return Secret(person=person, sealed=base64.b64encode(sealed).decode())


def open_under(key: bytes, secret: Secret) -> str:
    """The clear text. Raises ValueError when the secret was tampered with, or was sealed under another key."""
    raw = base64.b64decode(secret.sealed)
    try:
        return AESGCM(key).decrypt(raw[:12], raw[12:], secret.person.encode()).decode()
    except InvalidTag:
        raise ValueError("the secret does not open with its person's key") from None


def command_mac(pepper: bytes, said: str) -> str:
    """The keyed digest of what a command said, which shows that the same id was used for the same act."""
    return hmac.new(pepper, said.encode(), hashlib.sha256).hexdigest()

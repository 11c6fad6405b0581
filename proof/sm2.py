"""SM2 with SM3 (GB/T 32918, GM/T 0009) as signature types of their own: OpenSSL verifies, a command signs.

C2SP gives SM2 no byte, so its types are 0xff and a longer identifier (signed-note). No well-kept Python library offers SM2, and
this project writes no elliptic curves: verifying asks the `openssl` program (3.0 or newer), which Debian and others ship.
"""

import base64
import binascii
import re
import subprocess
import tempfile
from pathlib import Path

from proof.keys import COSIGNATURE_V1, ED25519, Key, KeyRefused, cosigned_at, cosigned_message, register

SM2 = b"\xffhuiqian/note/sm2-sm3"
"""Signature type: SM2 with SM3 over the note's text, DER (GM/T 0009 7.3)."""
SM2_COSIGNATURE = b"\xffhuiqian/cosignature/sm2-sm3"
"""Signature type: a witness's, over the same message as cosignature/v1, with the same eight bytes of time before it."""
SIGNER = "1234567812345678"
"""The signer's identity that goes into the digest where none was agreed (GM/T 0009 10)."""
LOGS, WITNESSES = (ED25519, SM2), (COSIGNATURE_V1, SM2_COSIGNATURE)
"""The types by which a log signs, and by which a witness does."""
_POINT = 65
"""Octets of a public key: 04 and both coordinates."""
# SubjectPublicKeyInfo up to the key itself (RFC 8410; GM/T 0006: 1.2.156.10197.1.301)
_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
_SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


def read_public(pem: str, *, witness: bool) -> tuple[bytes, bytes]:
    """Signature type and public key of a PEM file (`openssl pkey -pubout`), Ed25519 or SM2. Raises KeyRefused."""
    found = re.search(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", pem, re.DOTALL)
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        der = b""
    for prefix, size, types in (
        (_ED25519_SPKI, 32, (ED25519, COSIGNATURE_V1)),
        (_SM2_SPKI, _POINT, (SM2, SM2_COSIGNATURE)),
    ):
        if der.startswith(prefix) and len(der) == len(prefix) + size:
            return types[witness], der[len(prefix) :]
    raise KeyRefused("not a public key of Ed25519 or SM2 in PEM")


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether OpenSSL says so. Raises KeyRefused where there is no OpenSSL that knows SM2: then nothing is said at all."""
    with tempfile.TemporaryDirectory() as folder:
        key, text, signed = Path(folder, "key"), Path(folder, "text"), Path(folder, "signature")
        key.write_bytes(_SM2_SPKI + public)
        text.write_bytes(message)
        signed.write_bytes(signature)
        words = ["openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{SIGNER}", "-pubin",
                 "-keyform", "DER", "-inkey", str(key), "-in", str(text), "-sigfile", str(signed)]  # fmt: skip
        try:
            done = subprocess.run(words, capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.SubprocessError):
            raise KeyRefused("an SM2 signature cannot be checked here: there is no openssl program") from None
    if done.returncode == 0 and b"Verified Successfully" in done.stdout:
        return True
    if b"Verification Failure" in done.stdout:
        return False
    raise KeyRefused(
        "an SM2 signature cannot be checked here: this openssl does not know SM2, or not the key"
    )


def _cosign(key: Key, text: bytes, at: int) -> bytes:
    return at.to_bytes(8) + key.sign(cosigned_message(text, at))


def _verify_cosignature(public: bytes, text: bytes, signature: bytes) -> bool:
    at = cosigned_at(signature)
    return at < 2**63 and verify(public, cosigned_message(text, at), signature[8:])


register(SM2, _POINT, lambda key, text, at: key.sign(text), verify)
register(SM2_COSIGNATURE, _POINT, _cosign, _verify_cosignature)

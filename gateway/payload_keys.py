"""Master keys of what Temporal holds: they wrap the data keys of cases. From a file, the environment, or a KMS.

A master key is never deleted while histories sealed under it are kept: rotating adds one, and uses it from then on. Every
process looks at the file again by itself, so nobody is stopped for it.
"""

import base64
import importlib
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from domain.moments import stamp
from gateway.clock import system_time

log = structlog.get_logger("payload_keys")
AES, SM4 = "AES-256-GCM", "SM4-GCM"
CIPHERS = {AES: (algorithms.AES, 32), SM4: (algorithms.SM4, 16)}
"""Each cipher's algorithm and the bytes of its key. Both in Galois/Counter Mode (NIST SP 800-38D; RFC 8998 for SM4)."""
NONCE, TAG = 12, 16
LOOK = 1.0
"""Seconds between two looks at a key file."""


class SealRefused(Exception):
    """A master key is missing or is none; the text says which and what to do, in both languages, and holds no key."""


class Current(NamedTuple):
    """The master key that new data keys are wrapped by, and the cipher that goes with it."""

    id: str
    cipher: str


class MasterKeys(Protocol):
    """What a custodian of master keys does: a file here, or a KMS elsewhere, whose keys then never leave it."""

    def current(self) -> Current:
        """Which key wraps now."""
        ...

    def wrap(self, id_: str, data_key: bytes, about: bytes) -> bytes:
        """Seal a data key under a master key, bound to what it is about. Raises SealRefused."""
        ...

    def unwrap(self, id_: str, wrapped: bytes, about: bytes) -> bytes:
        """The data key again. Raises SealRefused, also when `about` is another."""
        ...


def seal(cipher: str, key: bytes, clear: bytes, about: bytes) -> bytes:
    """Nonce, sealed bytes and tag; `about` is authenticated with them. Raises SealRefused for an unknown cipher."""
    nonce = secrets.token_bytes(NONCE)
    writing = Cipher(_algorithm(cipher)(key), modes.GCM(nonce)).encryptor()
    writing.authenticate_additional_data(about)
    return nonce + writing.update(clear) + writing.finalize() + writing.tag


def unseal(cipher: str, key: bytes, sealed: bytes, about: bytes) -> bytes:
    """What was sealed. Raises SealRefused when key, bytes or `about` are not the ones it was sealed with."""
    nonce, body, tag = sealed[:NONCE], sealed[NONCE:-TAG], sealed[-TAG:]
    try:
        reading = Cipher(_algorithm(cipher)(key), modes.GCM(nonce, tag)).decryptor()
        reading.authenticate_additional_data(about)
        return reading.update(body) + reading.finalize()
    except (InvalidTag, ValueError):
        raise SealRefused("密文已改动或密钥不符 / changed, or sealed under another key") from None


def _algorithm(cipher: str) -> Any:
    if cipher not in CIPHERS:
        raise SealRefused(f"没有这种密码：{cipher} / no such cipher; known: {', '.join(CIPHERS)}")
    return CIPHERS[cipher][0]


@dataclass(frozen=True)
class Master:
    """One master key. Its bytes are in no representation."""

    id: str
    cipher: str
    made: str
    key: bytes

    def __repr__(self) -> str:
        return f"Master({self.id})"


@dataclass(frozen=True)
class Ring:
    """Master keys as a file or variable holds them, and which one is current."""

    current: str
    keys: tuple[Master, ...]

    def key(self, id_: str) -> Master | None:
        """A key by its id."""
        return next((key for key in self.keys if key.id == id_), None)

    def added(self, cipher: str) -> "Ring":
        """The ring with a new key, not used yet unless it is the first. Raises SealRefused for an unknown cipher."""
        _algorithm(cipher)
        now = stamp(system_time())
        new = Master(secrets.token_hex(4), cipher, now, secrets.token_bytes(CIPHERS[cipher][1]))
        return Ring(self.current or new.id, (*self.keys, new))

    def using(self, id_: str) -> "Ring":
        """The ring with another key in use. Raises SealRefused for one it does not hold."""
        if self.key(id_) is None:
            raise SealRefused(f"没有这把密钥：{id_} / no such key")
        return Ring(id_, self.keys)

    def text(self) -> str:
        """As JSON, keys included."""
        keys = [
            {"id": k.id, "cipher": k.cipher, "made": k.made, "key": base64.b64encode(k.key).decode()}
            for k in self.keys
        ]
        return json.dumps({"current": self.current, "keys": keys}, indent=1) + "\n"


def read_ring(text: str) -> Ring:
    """A ring from its JSON. Raises SealRefused, without quoting what was given."""
    try:
        found: Any = json.loads(text)
        keys = tuple(
            Master(str(k["id"]), str(k["cipher"]), str(k["made"]), base64.b64decode(k["key"], validate=True))
            for k in found["keys"]
        )
        ring = Ring(str(found["current"]), keys)
        if any(len(k.key) != CIPHERS[k.cipher][1] for k in keys) or ring.key(ring.current) is None:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise SealRefused("不是主密钥文件 / not a ring of master keys") from None
    return ring


class RingKeys:
    """Master keys in this process's memory, from a file that is looked at again, or from a variable that is not.

    A file that is gone or no good any more stops nobody who has read it: what it held goes on.
    """

    def __init__(self, file: Path | None, text: str = "") -> None:
        self._file, self._seen, self._next = file, (0, 0), 0.0
        self._ring = Ring("", ()) if file else read_ring(text)

    def ring(self, *, now: bool = False) -> Ring:
        """The keys; a file that changed is read anew, at once when asked. Raises SealRefused when none was ever read."""
        if self._file and (now or time.monotonic() >= self._next):
            self._next = time.monotonic() + LOOK
            seen, self._seen = self._seen, _version(self._file)
            if self._seen != seen or not self._ring.keys:
                try:
                    self._ring = read_ring_file(self._file)
                except SealRefused:
                    if not self._ring.keys:
                        raise
                    log.warning("key file not taken, the keys it held go on", file=str(self._file))
        return self._ring

    def current(self) -> Current:
        """Which key wraps now."""
        ring = self.ring()
        return Current(ring.current, self._key(ring.current).cipher)

    def wrap(self, id_: str, data_key: bytes, about: bytes) -> bytes:
        """Seal a data key. Raises SealRefused."""
        key = self._key(id_)
        return seal(key.cipher, key.key, data_key, about)

    def unwrap(self, id_: str, wrapped: bytes, about: bytes) -> bytes:
        """The data key again. Raises SealRefused."""
        key = self._key(id_)
        return unseal(key.cipher, key.key, wrapped, about)

    def _key(self, id_: str) -> Master:
        found = self.ring().key(id_) or self.ring(now=True).key(
            id_
        )  # another process may have rotated just now
        if found is None:
            raise SealRefused(
                f"没有主密钥 {id_}，请补入密钥文件 / master key {id_} is not here: add it to the key file"
            )
        return found


def read_ring_file(path: Path) -> Ring:
    """The ring in a file that only its owner may read. Raises SealRefused."""
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SealRefused(f"主密钥文件他人可读：chmod 600 {path} / others may read the key file")
        return read_ring(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SealRefused(f"主密钥文件不能读：{path} / cannot be read: {type(error).__name__}") from None


def _version(path: Path) -> tuple[int, int]:
    """What changes with a file; nothing where there is none."""
    try:
        about = path.stat()
    except OSError:
        return 0, 0
    return about.st_ctime_ns, about.st_ino


def write_ring_file(path: Path, ring: Ring) -> None:
    """Put a ring in place in one step, for its owner only: a reader sees the old or the new one, whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ring.text())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def make_ring_file(path: Path, cipher: str = AES) -> None:
    """A first master key, unless there is one."""
    if not path.exists():
        write_ring_file(path, Ring("", ()).added(cipher))


def open_keys(where: str) -> MasterKeys:
    """The custodian that a setting names: a path, `env:NAME`, or `kms:module:factory`. Raises SealRefused."""
    scheme, _, rest = where.partition(":")
    if scheme == "env":
        if not (text := os.environ.get(rest)):
            raise SealRefused(f"环境变量 {rest} 为空 / the variable {rest} is empty")
        return RingKeys(None, text)
    if scheme == "kms":
        module, _, factory = rest.partition(":")
        try:
            return cast(MasterKeys, getattr(importlib.import_module(module), factory)())
        except (ImportError, AttributeError, ValueError) as error:
            raise SealRefused(f"不能载入 {where} / cannot be loaded: {type(error).__name__}") from None
    keys = RingKeys(Path(where))
    keys.ring()
    return keys

"""What Temporal holds is sealed: every payload, memo and failure of a process, under a data key of its case.

A payload carries what opens it (Temporal's convention for encrypted payloads): the case, the master key's id, the cipher,
and the case's data key wrapped by the master key. Task queues, workflow ids and search attributes are codes and stay legible.
"""

import asyncio
import base64
import json
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from typing import Any, Self

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)

from gateway.payload_keys import CIPHERS, MasterKeys, SealRefused, open_keys, seal, unseal

ENCODING = b"binary/encrypted"
MOST = 4096
"""Data keys kept in memory, of those used last."""


class _Held[K, V](OrderedDict[K, V]):
    """What was used last, up to MOST."""

    def find(self, key: K) -> V | None:
        """The value, which then counts as used last."""
        try:
            self.move_to_end(key)
            return self[key]
        except KeyError:  # not there, or another thread has just let it go
            return None

    def keep(self, key: K, value: V) -> V:
        """Keep it, and forget what was not used for longest."""
        self[key] = value
        while len(self) > MOST:
            self.popitem(last=False)
        return value


class CaseCodec(PayloadCodec, WithSerializationContext):
    """Seals under the case's own data key and opens what any process sealed; what is in clear passes as it is."""

    def __init__(self, keys: MasterKeys) -> None:
        self._keys, self._case = keys, ""
        self._sealing = _Held[tuple[str, str], tuple[bytes, bytes]]()
        self._opening = _Held[tuple[str, bytes], bytes]()

    def with_context(self, context: SerializationContext) -> Self:
        """The same, for one workflow: its id is its case's."""
        made = copy(self)
        made._case = getattr(context, "workflow_id", None) or ""
        return made

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal. Raises SealRefused."""
        current = self._keys.current()
        if self._sealing.find((current.id, self._case)) is None:  # a KMS may take its time: not on the loop
            await asyncio.to_thread(self._new_key, current.id, current.cipher)
        return [self.seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open. Raises SealRefused."""
        if any(self._unknown(payload) for payload in payloads):
            return await asyncio.to_thread(lambda: [self.open(payload) for payload in payloads])
        return [self.open(payload) for payload in payloads]

    def seal(self, payload: Payload) -> Payload:
        """One payload, sealed."""
        id_, cipher = self._keys.current()
        data_key, wrapped = self._sealing.find((id_, self._case)) or self._new_key(id_, cipher)
        about = {"case": self._case.encode(), "key": id_.encode(), "cipher": cipher.encode()}
        sealed = seal(cipher, data_key, payload.SerializeToString(), b"\0".join(about.values()))
        return Payload(metadata={"encoding": ENCODING, **about, "data-key": wrapped}, data=sealed)

    def open(self, payload: Payload) -> Payload:
        """One payload, opened if it is sealed. Raises SealRefused."""
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        try:
            case, id_, cipher, wrapped = (
                payload.metadata[name] for name in ("case", "key", "cipher", "data-key")
            )
            data_key = self._opening.find((id_.decode(), wrapped)) or self._opening.keep(
                (id_.decode(), wrapped), self._keys.unwrap(id_.decode(), wrapped, case)
            )
            return Payload.FromString(
                unseal(cipher.decode(), data_key, payload.data, b"\0".join((case, id_, cipher)))
            )
        except KeyError:
            raise SealRefused("不是本系统所封 / not sealed by this system") from None

    def _unknown(self, payload: Payload) -> bool:
        meta = payload.metadata
        if meta.get("encoding") != ENCODING:
            return False
        return (meta.get("key", b"").decode(), meta.get("data-key", b"")) not in self._opening

    def _new_key(self, id_: str, cipher: str) -> tuple[bytes, bytes]:
        data_key = secrets.token_bytes(CIPHERS[cipher][1])
        wrapped = self._keys.wrap(id_, data_key, self._case.encode())
        self._opening.keep((id_, wrapped), data_key)
        return self._sealing.keep((id_, self._case), (data_key, wrapped))


def case_of(payload: Payload) -> str | None:
    """The workflow id that a sealed payload belongs to; None for one in clear."""
    return payload.metadata["case"].decode() if payload.metadata.get("encoding") == ENCODING else None


def converter(where: str) -> DataConverter:
    """How clients and workers write: sealed under the keys that a setting names, or in clear. Raises SealRefused."""
    if not where:
        return DataConverter.default
    return DataConverter(
        payload_codec=CaseCodec(open_keys(where)),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def open_history(text: str, codec: PayloadCodec | None) -> str:
    """An exported history with every sealed payload opened; in clear it stays as it is. Raises SealRefused, ValueError."""
    if not isinstance(codec, CaseCodec) or _SEALED not in text:
        return text
    return json.dumps(_opened(json.loads(text), codec), ensure_ascii=False, separators=(",", ":"))


_SEALED = base64.b64encode(ENCODING).decode()


def _opened(value: Any, codec: CaseCodec) -> Any:
    if isinstance(value, list):
        return [_opened(item, codec) for item in value]
    if not isinstance(value, dict):
        return value
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and metadata.get("encoding") == _SEALED:
        about = {name: base64.b64decode(text) for name, text in metadata.items()}
        clear = codec.open(Payload(metadata=about, data=base64.b64decode(value["data"])))
        return {
            "metadata": {name: base64.b64encode(raw).decode() for name, raw in clear.metadata.items()},
            "data": base64.b64encode(clear.data).decode(),
        }
    return {name: _opened(item, codec) for name, item in value.items()}

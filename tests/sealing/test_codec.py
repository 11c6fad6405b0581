"""What Temporal is given is sealed under the case's own key, opens again after rotation, and to nobody without the master key."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import ApplicationError

from gateway.codec import CaseCodec, case_of, converter, open_history
from gateway.payload_keys import (
    AES,
    SM4,
    Current,
    Ring,
    RingKeys,
    SealRefused,
    make_ring_file,
    open_keys,
    read_ring_file,
    seal,
    unseal,
    write_ring_file,
)

CLEAR = Payload(metadata={"encoding": b"json/plain"}, data='"植入的明文"'.encode())


@pytest.fixture(params=[AES, SM4])
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A key file with one master key of either cipher."""
    path = tmp_path / "keys" / "payload-keys.json"
    make_ring_file(path, request.param)
    return path


def of_case(codec: CaseCodec, case: str) -> CaseCodec:
    """The codec as the SDK asks for it, for one workflow."""
    return codec.with_context(
        WorkflowSerializationContext(namespace="default", workflow_id=f"huiqian/{case}")
    )


async def test_what_is_sealed_opens_to_the_same_and_shows_nothing_but_codes(file: Path) -> None:
    codec = of_case(CaseCodec(open_keys(str(file))), "filing-1")
    (sealed,) = await codec.encode([CLEAR])
    assert "植入的明文".encode() not in sealed.SerializeToString()
    assert case_of(sealed) == "huiqian/filing-1"
    assert await CaseCodec(open_keys(str(file))).decode([sealed, CLEAR]) == [CLEAR, CLEAR]


async def test_each_case_has_a_key_of_its_own_and_a_payload_cannot_be_moved_to_another(file: Path) -> None:
    codec = CaseCodec(open_keys(str(file)))
    (one,), (other,) = (
        await of_case(codec, "filing-1").encode([CLEAR]),
        await of_case(codec, "filing-2").encode([CLEAR]),
    )
    assert one.metadata["data-key"] != other.metadata["data-key"]
    (again,) = await of_case(codec, "filing-1").encode([CLEAR])
    assert one.metadata["data-key"] == again.metadata["data-key"]
    for name in ("case", "data-key"):
        moved = Payload(metadata={**one.metadata, name: other.metadata[name]}, data=one.data)
        with pytest.raises(SealRefused):
            await CaseCodec(open_keys(str(file))).decode([moved])


async def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens_without_a_restart(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.payload_keys.LOOK", 0.0)
    running, elsewhere = (of_case(CaseCodec(open_keys(str(file))), "filing-1") for _ in range(2))
    (old,) = await running.encode([CLEAR])
    added = read_ring_file(file).added(AES)
    write_ring_file(file, added)
    (not_yet,) = await running.encode([CLEAR])
    write_ring_file(file, added.using(added.keys[-1].id))
    (new,) = await running.encode([CLEAR])
    assert [p.metadata["key"].decode() for p in (old, not_yet, new)] == [added.keys[0].id] * 2 + [
        added.keys[1].id
    ]
    assert await elsewhere.decode([old, not_yet, new]) == [CLEAR] * 3


def opened_to_others(file: Path) -> None:
    """As a copy made by hand may be."""
    file.chmod(0o644)


def half_written(file: Path) -> None:
    """As an editor may leave it."""
    file.write_text("{")


@pytest.mark.parametrize("spoil", [opened_to_others, half_written, Path.unlink])
async def test_a_key_file_that_is_spoilt_stops_nobody_who_has_read_it_and_is_read_once_it_is_mended(
    file: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("gateway.payload_keys.LOOK", 0.0)
    ring, running = read_ring_file(file), of_case(CaseCodec(open_keys(str(file))), "filing-1")
    await running.encode([CLEAR])
    spoil(file)
    for _ in range(2):
        (sealed,) = await running.encode([CLEAR])
        assert sealed.metadata["key"].decode() == ring.current
    with pytest.raises(SealRefused):
        open_keys(str(file))
    added = ring.added(AES)
    write_ring_file(file, added.using(added.keys[-1].id))
    (sealed,) = await running.encode([CLEAR])
    assert sealed.metadata["key"].decode() == added.keys[-1].id


async def test_a_process_that_has_not_seen_the_rotation_looks_before_it_refuses(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.payload_keys.LOOK", 3600.0)
    behind = CaseCodec(open_keys(str(file)))
    added = read_ring_file(file).added(AES)
    write_ring_file(file, added.using(added.keys[-1].id))
    sealed = await CaseCodec(open_keys(str(file))).encode([CLEAR])
    assert await behind.decode(sealed) == [CLEAR]


async def test_without_the_master_key_it_does_not_open_and_says_which_key_is_missing(
    file: Path, tmp_path: Path
) -> None:
    (sealed,) = await CaseCodec(open_keys(str(file))).encode([CLEAR])
    make_ring_file(tmp_path / "other.json")
    with pytest.raises(SealRefused, match=read_ring_file(file).current):
        await CaseCodec(open_keys(str(tmp_path / "other.json"))).decode([sealed])


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[:-1],
    "flipped": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "short": lambda data: data[:20],
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("how", SPOILT)
async def test_a_changed_payload_is_refused(file: Path, how: str) -> None:
    codec = CaseCodec(open_keys(str(file)))
    (sealed,) = await codec.encode([CLEAR])
    with pytest.raises(SealRefused):
        await codec.decode([Payload(metadata=dict(sealed.metadata), data=SPOILT[how](sealed.data))])


async def test_failures_are_sealed_with_their_messages_and_traces(file: Path) -> None:
    writes = converter(str(file))
    try:
        raise ApplicationError("植入的明文", {"detail": "植入的明文"})
    except ApplicationError as error:
        failure = Failure()
        await writes.encode_failure(error, failure)
    assert "植入" not in str(failure)
    assert "植入的明文".encode() not in failure.SerializeToString()
    assert __file__ not in failure.stack_trace
    assert "植入的明文" in str(await converter(str(file)).decode_failure(failure))


async def test_an_exported_history_opens_wherever_a_payload_stands_in_it(file: Path) -> None:
    codec = CaseCodec(open_keys(str(file)))
    (sealed,) = await codec.encode([CLEAR])
    history = json.dumps(
        {"events": [{"a": {"payloads": [MessageToDict(sealed)]}}, {"b": MessageToDict(CLEAR)}]}
    )
    clear = MessageToDict(CLEAR)
    assert json.loads(open_history(history, codec)) == {
        "events": [{"a": {"payloads": [clear]}}, {"b": clear}]
    }
    assert open_history(history, None) == history


def test_a_key_file_is_for_its_owner_only(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(SealRefused, match="chmod 600"):
        open_keys(str(file))


@pytest.mark.parametrize(
    "text", ["", "{}", '{"current": "a", "keys": []}', '{"current": "a", "keys": [{"id": "a"}]}', "[1]"]
)
def test_what_is_no_ring_is_refused_without_being_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(SealRefused):
        open_keys(str(path))


def test_no_representation_shows_a_key(file: Path) -> None:
    ring = read_ring_file(file)
    assert ring.keys[0].key.hex() not in repr(ring)
    assert repr(ring.keys[0].key) not in repr(ring)


def test_keys_come_from_a_variable_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED_RING", file.read_text())
    assert open_keys("env:PLANTED_RING").current() == open_keys(str(file)).current()
    with pytest.raises(SealRefused, match="NOT_SET"):
        open_keys("env:NOT_SET")


class Custodian:
    """A custodian whose master key never leaves it, as a KMS is one: only data keys go in and out."""

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def current(self) -> Current:
        """Its one key."""
        return Current("kms/1", AES)

    def wrap(self, id_: str, data_key: bytes, about: bytes) -> bytes:
        """Seal a data key."""
        return seal(AES, self._key, data_key, about + id_.encode())

    def unwrap(self, id_: str, wrapped: bytes, about: bytes) -> bytes:
        """Open it."""
        return unseal(AES, self._key, wrapped, about + id_.encode())


CUSTODIAN = Custodian()


def custodian() -> Custodian:
    """What `kms:tests.sealing.test_codec:custodian` names."""
    return CUSTODIAN


async def test_a_kms_wraps_data_keys_by_its_interface() -> None:
    codec = CaseCodec(open_keys("kms:tests.sealing.test_codec:custodian"))
    sealed = await codec.encode([CLEAR])
    assert await CaseCodec(custodian()).decode(sealed) == [CLEAR]
    with pytest.raises(SealRefused):
        open_keys("kms:tests.sealing.test_codec:nobody")


def test_the_first_key_is_in_use_and_an_unknown_cipher_or_key_is_refused() -> None:
    ring = Ring("", ()).added(AES)
    assert RingKeys(None, ring.text()).current() == Current(ring.keys[0].id, AES)
    with pytest.raises(SealRefused):
        ring.added("ROT-13")
    with pytest.raises(SealRefused):
        ring.using("none")

"""A bundle proves its case on its own; whatever somebody did to it, the verdict says so and never that it holds."""

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.bundle import make_bundle
from audit.bundle_format import MANIFEST, SIGNATURE, lines, pack, read
from audit.check_log import issued as issued_by
from audit.verdict import Verdict, told, verify_bundle
from gateway.clock import LegalClock, read_environment
from gateway.custody import Custody
from gateway.gateway import Gateway
from records.files import FileStore
from records.schema import streams
from tests.audit.bundles import Issued, repacked
from tests.audit.conftest import Round
from tests.audit.played import Played

Files = dict[str, bytes]


def states(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.state for check in verdict.checks}


def test_a_sound_bundle_with_keys_is_proved_whole(issued: Issued) -> None:
    verdict = verify_bundle(issued.made.data, issued.trust)
    assert verdict.complete, "\n".join(told(verdict))
    assert verdict.case == issued.case
    assert issued.made.missing == []


def test_without_keys_what_is_sealed_is_not_proved_and_the_rest_is(issued: Issued) -> None:
    verdict = verify_bundle(issued.plain.data, issued.trust)
    assert verdict.holds
    open_ = {name for name, state in states(verdict).items() if state != "proved"}
    assert open_ <= {"decided"}, "\n".join(told(verdict))


def test_cases_beside_a_filing_have_the_documents_of_all_that_is_told_with_them(
    played: Played, tmp_path: Path
) -> None:
    engine = played.engine()
    environment = read_environment(engine)
    assert environment is not None
    gateway = Gateway(engine, LegalClock(environment.clock, lambda: environment.clock.real))
    with engine.connect() as connection:
        kinds = ("evaluation", "notice", "approval", "announcement", "round", "college")
        query = select(streams.c.kind, streams.c.id).where(streams.c.kind.in_(kinds))
        cases = dict(tuple(row) for row in connection.execute(query))
    assert cases.keys() == set(kinds)
    for case in cases.values():
        made = make_bundle(
            gateway, played.files, Custody(tmp_path), case, environment=environment.id, with_keys=True
        )
        verdict = verify_bundle(made.data, None)
        found = states(verdict)
        assert (made.missing, verdict.holds) == ([], True), (case, told(verdict))
        assert (found["documents"], found["histories"]) == ("proved", "proved"), (case, told(verdict))


def test_without_trust_roots_neither_issuer_nor_log_is_proved(issued: Issued) -> None:
    verdict = verify_bundle(issued.made.data, None)
    assert verdict.holds
    assert not verdict.complete
    assert {name for name, state in states(verdict).items() if state == "not-proved"} == {"issued", "log"}


def test_the_same_record_gives_the_same_bytes(issued: Issued) -> None:
    assert pack(issued.files()) == issued.made.data


def test_a_truncated_rezipped_or_foreign_file_is_named_as_what_it_is(issued: Issued) -> None:
    def first(data: bytes) -> str:
        verdict = verify_bundle(data, issued.trust)
        assert not verdict.holds
        assert [check.name for check in verdict.checks] == ["file"]
        return verdict.checks[0].en

    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in issued.files().items():
            target.writestr(name, data)
    assert "not a whole zip" in first(issued.made.data[:-100])
    assert "not a whole zip" in first(b"")
    assert "not a whole zip" in first(b"PK\x03\x04 nonsense")
    assert "packed anew" in first(again.getvalue())
    assert "no manifest" in first(pack({"a.txt": b"x"}))
    assert "newer software" in first(pack({MANIFEST: b'{"format": "huiqian-bundle/9", "files": {}}'}))
    assert "cannot be read" in first(pack({MANIFEST: b"[]"}))
    assert "was changed" in first(pack({**issued.files(), "acts.jsonl": b"x"}))
    assert "does not belong" in first(pack({**issued.files(), "more.txt": b"x"}))
    files = issued.files()
    del files["dispatches.jsonl"]
    assert "missing" in first(pack(files))


def test_a_history_of_another_case_is_found(issued: Issued) -> None:
    def swap(files: Files) -> None:
        names = sorted(name for name in files if name.startswith("histories/"))
        files[names[0]], files[names[1]] = files[names[1]], files[names[0]]

    failed = verify_of(issued, swap)
    assert "histories" in failed


def test_a_fact_of_a_newer_release_is_named_and_never_passes(issued: Issued) -> None:
    def newer(files: Files) -> None:
        name = f"events/{issued.case}.jsonl"
        rows = [json.loads(line) for line in files[name].splitlines()]
        rows[1]["version"] = 99
        files[name] = lines(rows)

    assert {"chains", "folds"} <= verify_of(issued, newer)


def test_a_missing_key_leaves_that_act_unproved_and_a_wrong_one_fails(round_: Round, tmp_path: Path) -> None:
    store, gateway = FileStore(str(tmp_path)), round_.office.another_gateway()
    made = make_bundle(
        gateway, store, Custody(tmp_path), round_.filing, environment="test", with_keys=True
    )  # a filing with an objection, so that a person's data is sealed in it

    def decided_with(change: Callable[[str], str | None]) -> str:
        files = dict(read(made.data).files)
        keys = json.loads(files["keys.json"])
        keys["people"] = {p: new for p, key in keys["people"].items() if (new := change(key)) is not None}
        files["keys.json"] = json.dumps(keys).encode()
        return states(verify_bundle(repacked(files), None))["decided"]

    assert decided_with(lambda key: key) == "proved"
    assert decided_with(lambda key: None) == "not-proved"
    assert decided_with(lambda key: base64.b64encode(bytes(32)).decode()) == "failed"


def verify_of(issued: Issued, edit: Callable[[Files], None]) -> set[str]:
    files = issued.files()
    edit(files)
    verdict = verify_bundle(issued.edited(files), issued.trust)
    assert not verdict.holds
    return {check.name for check in verdict.checks if check.state == "failed"}


def test_no_single_byte_of_the_file_can_change_unnoticed(issued: Issued) -> None:
    data = issued.made.data
    step = max(1, len(data) // 600)
    tried = 0
    for at in range(0, len(data), step):
        spoilt = data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]
        assert not verify_bundle(spoilt, issued.trust).holds, at
        tried += 1
    print(f"\n{tried} single bytes of a bundle of {len(data):,} bytes changed, all found")


def test_a_forger_who_writes_a_fitting_manifest_is_found_in_every_file(issued: Issued) -> None:
    """Nothing passes without the signature of the log's key; every part's own content is checked besides (below)."""
    tried = 0
    whole = issued.files()
    for name in sorted(whole.keys() - {MANIFEST, SIGNATURE}):
        for spoil in (SPOILS[tried % 4], SPOILS[(tried + 2) % 4]):
            if (data := spoil(whole[name])) != whole[name]:
                forged = read(issued.edited({**whole, name: data}))
                assert issued_by(forged, issued.trust).state == "failed", name
                tried += 1
    print(f"\n{tried} forged files, all found")
    assert tried > 200


def _other_json(data: bytes) -> bytes:
    """A digit changed somewhere in the middle, in compressed histories too."""
    if data[:2] == b"\x1f\x8b":
        return gzip.compress(_other_json(gzip.decompress(data)), mtime=0)
    digits = [at for at, byte in enumerate(data) if 0x30 <= byte <= 0x38]
    if not digits:
        return data + b"0"
    at = digits[len(digits) // 2]
    return data[:at] + bytes([data[at] + 1]) + data[at + 1 :]


def _without_its_first(data: bytes) -> bytes:
    return data[1:]


def _with_one_more(data: bytes) -> bytes:
    return data + b" "


def _cut_in_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


SPOILS = (_other_json, _without_its_first, _with_one_more, _cut_in_half)


@pytest.mark.parametrize("part", ["events", "acts.jsonl", "packs.jsonl", "files", "proofs", "histories"])
def test_each_part_is_checked_by_its_own_content_not_only_by_the_signature(issued: Issued, part: str) -> None:
    name = sorted(name for name in issued.files() if name.startswith(part))[0]

    def edit(files: Files) -> None:
        files[name] = _other_json(files[name])

    assert verify_of(issued, edit) - {"issued", "file"}

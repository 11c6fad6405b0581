"""The auditor's terminal: keys, rounds of the log, verification against trust roots, receipts as proofs."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from proof.tlog_proof import parse_proof
from tests.proof.oracle import ask
from tests.terminal.conftest import Terminal


@pytest.fixture
def auditor(office: Terminal) -> Terminal:
    """An office with a filing, a refusal, keys for everybody, and a cosigned log."""
    office.env["HUIQIAN_KEYS"] = str(office.folder / "keys")
    office.filed()
    office("act", "accept", "--by", "filer@dg", "--case", "filing-nowhere", "--id", "refused-1", "--json")
    office.done("audit", "keys")
    assert office.done("audit", "integrate")["enough"]
    return office


def trust(auditor: Terminal) -> Path:
    return auditor.folder / "keys" / "trust.policy"


def tamper(auditor: Terminal, *statements: str) -> None:
    with sqlite3.connect(auditor.database) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_cosigned_record_verifies_and_says_what_lies_behind(auditor: Terminal) -> None:
    said = auditor("audit", "verify")
    assert said.code == 0, said.text
    assert "账册完好 The record holds" in said.out
    assert "全部已联署" in said.out
    found = auditor.done("audit", "verify")
    assert found["log"]["behind"] == 0
    assert set(found["log"]["cosigned_at"]) == {"dept", "gz", "sz", "tro"}
    auditor.filed("gm")
    said = auditor("audit", "verify")
    assert said.code == 0
    assert "只有回执能证明" in said.out


def test_without_trust_roots_it_says_that_the_log_was_not_checked(auditor: Terminal) -> None:
    trust(auditor).unlink()
    said = auditor("audit", "verify")
    assert said.code == 0
    assert "未核对透明日志" in said.text


def test_a_dropped_refusal_is_found_and_named_by_a_witness_copy(auditor: Terminal) -> None:
    tamper(auditor, "DROP TRIGGER acts_no_delete", "DELETE FROM acts WHERE outcome = 'refused'")
    copy = auditor.folder / "keys" / "witness" / "tro"
    said = auditor("audit", "verify", "--trust", trust(auditor), "--copy", copy)
    assert said.code == 1
    assert "is gone from the record" in said.text


def test_the_verifier_remembers_what_it_has_seen(auditor: Terminal) -> None:
    assert auditor("audit", "verify").code == 0
    before = (auditor.folder / "before").joinpath
    shutil.copytree(auditor.folder / "files", before("files"))
    shutil.copy(auditor.database, before("records.db"))
    auditor.filed("gm")
    auditor.done("audit", "integrate")
    assert auditor("audit", "verify").code == 0
    shutil.rmtree(auditor.folder / "files")
    shutil.copytree(before("files"), auditor.folder / "files")
    for leftover in auditor.folder.glob("records.db*"):
        leftover.unlink()
    shutil.copy(before("records.db"), auditor.database)
    said = auditor("audit", "verify")
    assert said.code == 1, "a whole older state, cosigned as it was, was put back"
    assert "trust.seen" in said.text


def test_a_receipt_and_a_refusal_are_proved_and_checked_without_a_database(
    auditor: Terminal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = Terminal(tmp_path_factory.mktemp("away"))
    proof = away.folder / "refused.tlog-proof"
    auditor.done("audit", "prove", "refused-1", "--out", proof)
    shutil.copy(trust(auditor), away.folder / "trust.policy")
    roots = ("--trust", away.folder / "trust.policy")
    assert "回执属实 The receipt is proved" in away("audit", "check-receipt", proof, *roots).out
    found = away.done("audit", "check-receipt", proof, *roots)
    assert (found["record"]["command"], found["record"]["outcome"]) == ("refused-1", "refused")
    assert not away.database.exists()
    receipt = auditor(
        "act", "accept", "--by", "filer@dg", "--case", "filing-nowhere", "--id", "refused-1", "--json"
    )
    (away.folder / "receipt.json").write_text(receipt.out)
    assert away("audit", "check-receipt", proof, *roots, "--receipt", away.folder / "receipt.json").code == 0
    (away.folder / "receipt.json").write_text(json.dumps({"digest": "0" * 64}))
    assert away("audit", "check-receipt", proof, *roots, "--receipt", away.folder / "receipt.json").code == 1
    whole = proof.read_bytes()
    for bad, code in ((whole[:40], 2), (b"", 2), (whole.replace(b"index ", b"index 1"), 1), (whole[:-20], 1)):
        proof.write_bytes(bad)
        said = away("audit", "check-receipt", proof, *roots)
        assert said.code == code, said.text
    away.folder.joinpath("trust.policy").write_text("quorum nobody\n")
    assert away("audit", "check-receipt", proof, *roots).code == 2


def test_another_implementation_accepts_the_published_checkpoint_and_the_proof(auditor: Terminal) -> None:
    log = auditor.folder / "files" / "log"
    note = (log / "checkpoint").read_bytes()
    size = auditor.done("audit", "integrate")["size"]
    vkeys = auditor.done("audit", "keys")["keys"]
    proof_file = auditor.folder / "x.tlog-proof"
    auditor.done("audit", "prove", "refused-1", "--out", proof_file)
    proof = parse_proof(proof_file.read_bytes())
    bundle = next((log / "tile" / "entries").rglob("*/" + str(size))).read_bytes()
    entries: list[bytes] = []
    while bundle:
        length = int.from_bytes(bundle[:2])
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    root_line = note.decode().split("\n")[2]
    root = json.loads(json.dumps(root_line))
    answers = ask([
        {"Ask": "checkpoint", "Note": note, "Log": vkeys["log"], "Size": size, "Root": root,
         "Witnesses": [vkeys[who] for who in ("dept", "gz", "sz", "tro")]},
        {"Ask": "inclusion", "Index": proof.index, "Size": size, "Root": root, "Entry": entries[proof.index],
         "Proof": list(proof.hashes)},
        {"Ask": "root", "Entries": entries, "Root": root},
    ])  # fmt: skip
    assert answers == ["ok", "ok", "ok"]


def test_what_is_not_there_is_said_plainly(office: Terminal, auditor: Terminal) -> None:
    assert auditor("audit", "prove", "nothing-of-the-kind").code == 2
    auditor("act", "accept", "--by", "filer@dg", "--case", "filing-nowhere", "--id", "later-on-1")
    assert "稍后再试" in auditor("audit", "prove", "later-on-1").text
    assert auditor("audit", "keys", "nobody").code == 2
    del auditor.env["HUIQIAN_KEYS"]
    assert auditor("audit", "integrate").code == 2
    assert auditor("audit", "keys").code == 2
    auditor.env["HUIQIAN_LOG_EVERY"] = "often"
    assert "HUIQIAN_LOG_EVERY" in auditor("audit", "integrate").text


def test_trust_roots_are_written_from_public_keys(auditor: Terminal) -> None:
    vkeys = auditor.done("audit", "keys")["keys"]
    witnesses = [f"--witness={who}={vkeys[who]}" for who in ("dept", "gz", "sz", "tro")]
    made = auditor.done("audit", "trust", "--log", vkeys["log"], *witnesses)["trust"]
    assert made == trust(auditor).read_text()
    assert auditor("audit", "trust", "--log", vkeys["log"], "--witness", "tro=nonsense").code == 2
    assert auditor("audit", "trust", "--log", vkeys["log"], witnesses[0], "--need", "2").code == 2


def test_private_keys_are_for_their_owner_only_and_made_once(auditor: Terminal) -> None:
    files = [*(auditor.folder / "keys").glob("*.key"), *(auditor.folder / "keys" / "witness").glob("*.key")]
    assert len(files) == 5
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    before = {file: file.read_bytes() for file in files}
    auditor.done("audit", "keys")
    assert {file: file.read_bytes() for file in files} == before

"""Makes the bundle of a case: one file with everything that is needed to check it where there is nothing else."""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from audit.bundle_format import (
    MANIFEST,
    SIGNATURE,
    BadBundle,
    Bundle,
    lines,
    pack,
    read,
    signed_text,
    write_manifest,
)
from audit.bundle_source import BundleSource, nickname
from audit.collect import read_dossier
from audit.dossier import Dossier, Row
from audit.ledger_source import LedgerSource
from audit.redecide import Redecided, redecide
from audit.relations import REGISTERS
from domain.leaves import ACT, ATTACHMENT, EVENT, LETTER, PACK
from gateway.custody import LOG, Custody
from gateway.gateway import Gateway
from proof.checkpoint import read_checkpoint
from proof.keys import SigningKey
from proof.merkle import consistency_proof, inclusion_proof
from proof.note import Note
from proof.tiles import CHECKPOINT, TileReader
from proof.tlog_proof import TlogProof
from records.files import FileDamaged, FileMissing, FileStore, PlainFolder
from records.schema import leaves, packs, runs
from records.sequencer import FOLDER, SIGNED

ABOUT = """会签证据包 Huiqian bundle

案件 Case: {case}
核验 To verify it: huiqian verify-bundle FILE --trust trust.policy, or python huiqian-verify.pyz FILE --trust trust.policy
trust.policy 须从可信之人处另行取得。 Take trust.policy from somebody you trust, never from this file.

events/ 事实，每流一件，逐条成链 facts, a file a stream, each carrying the digest of the one before
acts.jsonl 办理行为，含拒绝 every act, refusals too    dispatches.jsonl 发文登记 who was told, and when    files/ 公文和附件 documents    packs.jsonl 规则包 rules
   以 huiqian-sealed/1 开头的附件，以其人之密钥密封 files that begin so are sealed under a person's key (records/sealed_files.py)
histories/ 流程历史 histories of the processes    keys.json 个人信息密钥（如有） keys of persons, if any
log/, proofs/ 透明日志检查点和包含证明（C2SP 格式） checkpoints and inclusion proofs, in the formats of C2SP
"""


@dataclass(frozen=True)
class Made:
    """A bundle and what is in it."""

    data: bytes
    digest: str
    counts: dict[str, int]
    missing: list[str]
    """What should have been in it and is not there any more, or not there yet."""


class _Watched(LedgerSource):
    """The ledger as a source that remembers which registers were read and which pseudonyms were made."""

    def __init__(self, connection: Connection, gateway: Gateway) -> None:
        super().__init__(connection, gateway)
        self.read: set[str] = set()
        self.named: dict[str, str] = {}
        self.order: dict[str, int] = {}

    def events(self, ids: list[str]) -> dict[str, list[Row]]:
        found = super().events(ids)
        self.read |= {id_ for id_, rows in found.items() if rows[0]["kind"] in REGISTERS}
        return found

    def pseudonym(self, *parts: str) -> str:
        made = super().pseudonym(*parts)
        self.named[nickname(parts)] = made
        return made


def make_bundle(
    gateway: Gateway, store: FileStore, custody: Custody, case: str, *, environment: str, with_keys: bool
) -> Made:
    """Collect and pack everything about a case. Raises NoDossier. Whoever asks `with_keys` has had the reading recorded."""
    with gateway.engine.connect().execution_options(reading=True) as connection:
        dossier = read_dossier(connection, case)
        source = _Watched(connection, gateway)
        for act in dossier.acts:
            source.order[act["command"]] = (
                source.next_after(act["position"]) if act["outcome"] == "refused" else 0
            )
        on_ledger = list(redecide(source, dossier.acts))
        also = source.read | (_written(dossier.acts) & dossier.related.keys())
        streams = {**dossier.events, **source.events(sorted(also - dossier.events.keys()))}
        used = sorted({row["pack"] for rows in streams.values() for row in rows} - {""})
        kept = [
            dict(r)
            for r in connection.execute(
                select(packs).where(packs.c.hash.in_(used)).order_by(packs.c.hash)
            ).mappings()
        ]
        files: dict[str, bytes] = {"README.txt": ABOUT.format(case=case).encode()}
        for id_, rows in sorted(streams.items()):
            files[f"events/{quote(id_, safe='')}.jsonl"] = lines(rows)
        files["acts.jsonl"], files["dispatches.jsonl"] = lines(dossier.acts), lines(dossier.dispatches)
        files["attachments.jsonl"], files["packs.jsonl"] = lines(dossier.attachments), lines(kept)
        files["order.json"] = _json({c: p for c, p in source.order.items() if p})
        missing = _documents(files, streams, dossier.attachments, store) + _histories(
            files, connection, store, [case, *_own(dossier)]
        )
        if with_keys:
            everybody = {p: source.key(p) for p in sorted(_people(streams.values(), dossier.acts))}
            people = {p: key for p, key in everybody.items() if key is not None}
            missing += [
                f"keys.json {p}" for p in sorted(everybody.keys() - people) if source.destroyed(p) is None
            ]
            encoded = {person: base64.b64encode(key).decode() for person, key in people.items()}
            files["keys.json"] = _json({"people": encoded, "pseudonyms": source.named})
        proved = _proofs(files, connection, store.folder(FOLDER), streams, dossier, kept)
    about: dict[str, Any] = {
        "case": case, "kind": dossier.kind, "related": dossier.related, "environment": environment,
        "as_of": _newest(streams, dossier.acts), "missing": missing, "elsewhere": [],
    }  # fmt: skip
    about["elsewhere"] = _elsewhere(about, files, dossier, on_ledger)
    key = custody.key(LOG) if custody.has(LOG) else None
    data = _signed(about, files, key)
    counts = {
        "facts": sum(map(len, streams.values())), "acts": len(dossier.acts), "histories": sum(n.startswith("histories/") for n in files),
        "documents": sum(n.startswith("files/") for n in files), "proofs": proved,
    }  # fmt: skip
    return Made(data, read(data).digest, counts, missing)


def _newest(streams: dict[str, list[Row]], acts: list[Row]) -> str:
    """The instant up to which the bundle goes: of the record, not of its making, so that equal records give equal bytes."""
    recorded = [str(row["recorded_at"]) for rows in streams.values() for row in rows]
    return max([*recorded, *(str(act["legal_at"]) for act in acts)])


def _written(acts: list[Row]) -> set[str]:
    """Streams that these acts wrote to, by their receipts."""
    return {
        str(id_).rpartition("#")[0] for act in acts for id_ in json.loads(act["answer"]).get("events") or []
    }


def _own(dossier: Dossier) -> list[str]:
    return [id_ for id_ in dossier.events if id_ != dossier.case]


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _signed(about: dict[str, Any], files: dict[str, bytes], key: SigningKey | None) -> bytes:
    """The packed bundle; its manifest signed by the log's key where this machine holds it."""
    manifest = write_manifest(about, files)
    whole = {**files, MANIFEST: manifest}
    if key is not None:
        whole[SIGNATURE] = Note(signed_text(key.verifier.name, manifest), ()).signed(key).encode()
    return pack(whole)


def _documents(
    files: dict[str, bytes], streams: dict[str, list[Row]], attached: list[Row], store: FileStore
) -> list[str]:
    """Official documents of every stream in the bundle, and attachments, as they were. Returns what the store has no more."""
    named = {
        str(json.loads(r["data"])["sha256"])
        for rows in streams.values()
        for r in rows
        if r["type"] == "DocumentIssued"
    }
    missing: list[str] = []
    for digest in sorted(named | {str(row["sha256"]) for row in attached}):
        try:
            files[f"files/{digest}"] = store.get(digest)
        except (FileMissing, FileDamaged):
            missing.append(f"files/{digest}")
    return missing


def _histories(
    files: dict[str, bytes], connection: Connection, store: FileStore, cases: list[str]
) -> list[str]:
    """Archived histories of the case and of those told with it, and which runs there were."""
    query = select(runs).where(runs.c.stream.in_(cases)).order_by(runs.c.stream, runs.c.seen_at, runs.c.run)
    found = [dict(row) for row in connection.execute(query).mappings()]
    # Where histories lie is no record that verification vouches for: what nobody could have written is told, not packed.
    rows = [row for row in found if re.fullmatch(r"[\w-]{1,80}", str(row["run"])) and _written_by_us(row)]
    files["runs.jsonl"] = lines(rows)
    missing = [f"runs.jsonl: {row['run']!r:.80}" for row in found if row not in rows]
    for row in rows:
        name = f"histories/{row['run']}.json.gz"
        try:
            files[name] = store.get(str(row["history"]))
        except (FileMissing, FileDamaged, ValueError):
            missing.append(name)
    return missing


def _written_by_us(row: Row) -> bool:
    return all(value is None or isinstance(value, str | int) for value in row.values())


def _people(streams: Iterable[list[Row]], acts: list[Row]) -> set[str]:
    """Everybody of whom the bundle holds sealed data."""
    texts = [row["data"] for rows in streams for row in rows] + [row["body"] for row in acts]
    found: set[str] = set()
    for text in texts:
        for part in text.split('"person":"p-')[1:]:
            found.add("p-" + part.partition('"')[0])
    return found


def _proofs(
    files: dict[str, bytes],
    connection: Connection,
    log: PlainFolder,
    streams: dict[str, list[Row]],
    dossier: Dossier,
    kept: list[Row],
) -> int:
    """Inclusion proofs of every row that the newest cosigned checkpoint covers; how many there are."""
    try:
        note = log.get(CHECKPOINT)
    except FileNotFoundError:
        return 0
    _, checkpoint = read_checkpoint(note)
    files["log/checkpoint"] = note
    nodes = TileReader(log.get, checkpoint.size).node
    positions = {
        EVENT: [r["position"] for rows in streams.values() for r in rows],
        ACT: [r["position"] for r in dossier.acts],
        LETTER: [r["position"] for r in dossier.dispatches],
    }
    hashes = {PACK: [r["hash"] for r in kept], ATTACHMENT: [r["sha256"] for r in dossier.attachments]}
    count = 0
    for what, column, wanted in [
        *((w, leaves.c.position, p) for w, p in positions.items()),
        *((w, leaves.c.hash, h) for w, h in hashes.items()),
    ]:
        for start in range(0, len(wanted), 500):
            query = select(leaves.c.leaf, column.label("of")).where(
                leaves.c.what == what, column.in_(wanted[start : start + 500])
            )
            for row in connection.execute(query):
                if row.leaf < checkpoint.size:
                    proof = TlogProof(
                        row.leaf, tuple(inclusion_proof(nodes, row.leaf, checkpoint.size)), note
                    )
                    files[f"proofs/{what}-{row.of}.tlog-proof"] = proof.encode()
                    count += 1
    _consistency(files, log, checkpoint.size)
    return count


def _consistency(files: dict[str, bytes], log: PlainFolder, cosigned: int) -> None:
    """That the newest checkpoint the log has signed continues the cosigned one."""
    try:
        newest = log.get(SIGNED)
    except FileNotFoundError:
        return
    _, signed = read_checkpoint(newest)
    if signed.size > cosigned:
        hashes = consistency_proof(TileReader(log.get, signed.size).node, cosigned, signed.size)
        files["log/checkpoint.signed"] = newest
        files["log/consistency.json"] = _json([base64.b64encode(one).decode() for one in hashes])


def _elsewhere(
    about: dict[str, Any], files: dict[str, bytes], dossier: Dossier, on_ledger: list[Redecided]
) -> list[str]:
    """Acts that the ledger decides the same again and the bundle alone does not: they rest on cases that are not in it."""
    draft = {**files, MANIFEST: write_manifest(about, files)}
    held = BundleSource(Bundle(json.loads(draft[MANIFEST]), draft, ""))
    same = {row.command for row in on_ledger if row.verdict == "same"}
    try:
        alone = list(redecide(held, dossier.acts))
    except (BadBundle, LookupError):
        return sorted(same)
    return sorted(row.command for row in alone if row.verdict == "differs" and row.command in same)

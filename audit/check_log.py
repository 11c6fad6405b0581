"""Whether somebody who is trusted issued a bundle, and the transparency log holds its rows."""

import base64

from audit.bundle_format import MANIFEST, SIGNATURE, Bundle, entry_of, signed_text
from audit.bundle_source import BundleSource
from audit.checks import Check, said
from domain.leaves import ACT, ATTACHMENT, EVENT, LETTER, PACK, spoken_entry
from proof.merkle import ProofRefused, verify_consistency
from proof.note import NoteRefused
from proof.note import parse as parse_note
from proof.tlog_proof import NotAProof, parse_proof
from proof.trust import Trust, check_proof


def issued(bundle: Bundle, trust: Trust | None) -> Check:
    """Who made the bundle."""
    if SIGNATURE not in bundle.files:
        return said("issued", [], ["未签名 / not signed"], "证据包未经签名", "nobody signed the bundle")
    if trust is None:
        why = "未给出信任文件 / no trust roots were given"
        return said("issued", [], [why], "签名未核验", "the signature was not checked")
    note, why = parse_note(bundle.files[SIGNATURE]), "签名不符 / the signature does not fit"
    for origin, key in trust.logs.items():
        if note.text == signed_text(origin, bundle.files[MANIFEST]):
            try:
                if note.signature_of(key):
                    return said("issued", [], [], f"由 {origin} 签发", f"issued by {origin}")
            except NoteRefused as problem:
                why = f"签名不能证实 / the signature is not proved: {problem}"
                break
    return said(
        "issued",
        [why],
        [],
        "签发者不可信或目录被改",
        "not signed by anybody who is trusted, or changed",
    )


def log(bundle: Bundle, source: BundleSource, trust: Trust | None) -> Check:
    """Every row is in the log, under a checkpoint that enough witnesses cosigned."""
    if "log/checkpoint" not in bundle.files:
        return said(
            "log", [], ["没有检查点 / no checkpoint"], "未入透明日志", "not in a transparency log yet"
        )
    if trust is None:
        why = "未给出信任文件 / no trust roots were given (--trust)"
        return said("log", [], [why], "包含证明未核验", "the proofs were not checked")
    try:
        witnessed = trust.check(bundle.files["log/checkpoint"])
    except NoteRefused as problem:
        why = f"检查点不可信 / the checkpoint is not to be trusted: {problem}"
        return said("log", [why], [], "不是所信任的日志", "not of the log that is trusted")
    wrong: list[str] = [] if witnessed.enough else ["联署不足 / not enough cosignatures"]
    lacking: list[str] = []
    if "log/consistency.json" in bundle.files:
        hashes = [base64.b64decode(h) for h in bundle.json("log/consistency.json")]
        try:
            later = trust.check(bundle.files["log/checkpoint.signed"]).checkpoint
            verify_consistency(
                witnessed.checkpoint.size, witnessed.checkpoint.root, later.size, later.root, hashes
            )
        except (NoteRefused, ProofRefused):
            wrong.append("日志前后不一致 / the newer checkpoint does not continue the cosigned one")
    proofs = bundle.under("proofs")
    rows = [(EVENT, r, r["position"]) for stream in source.streams.values() for r in stream]
    rows += [(ACT, r, r["position"]) for r in source.acts] + [
        (PACK, r, r["hash"]) for r in bundle.rows("packs.jsonl")
    ]
    rows += [(LETTER, r, r["position"]) for r in bundle.rows("dispatches.jsonl")]
    rows += [(ATTACHMENT, r, r["sha256"]) for r in bundle.rows("attachments.jsonl")]
    proved = 0
    used: set[str] = set()
    for what, row, of in rows:
        entry, name = entry_of(what, row), f"{what}-{of}.tlog-proof"
        used.add(name)
        if name not in proofs:
            lacking.append(
                f"{spoken_entry(entry)}: 尚无联署的检查点涵盖 / no cosigned checkpoint covers it yet"
            )
            continue
        try:
            proof = parse_proof(proofs[name])
            if proof.checkpoint != bundle.files["log/checkpoint"]:
                raise ProofRefused("checkpoint")
            check_proof(proof, entry, trust)
            proved += 1
        except (NotAProof, NoteRefused, ProofRefused):
            wrong.append(f"{spoken_entry(entry)}: 不在日志中 / is not in the log as it stands here")
    wrong += [f"{name}: 没有对应的记录 / stands for no row" for name in sorted(proofs.keys() - used)]
    when = ", ".join(sorted(witnessed.cosigned))
    zh = f"{proved}条记录在日志中，检查点 {witnessed.checkpoint.size}，联署：{when or '无'}"
    return said(
        "log",
        wrong,
        lacking,
        zh,
        f"{proved} rows are in the log, checkpoint {witnessed.checkpoint.size}, cosigned by: {when or 'nobody'}",
    )

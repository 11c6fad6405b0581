"""`huiqian audit verify`, `integrate`, `prove`, `check-receipt`: the record and its transparency log."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text

from console.terminal.desk import Desk, open_desk, open_store
from console.terminal.screen import DONE, REFUSED, USAGE, Trouble, clean, emit, err, pairs, show
from domain.moments import spoken
from gateway.custody import Custody
from gateway.log_rounds import LogRounds
from gateway.settings import read_settings
from proof.keys import KeyRefused
from proof.merkle import ProofRefused
from proof.note import NoteRefused
from proof.tlog_proof import SUFFIX, NotAProof
from proof.trust import Trust, TrustRefused, Witnessed, parse_trust
from records.proving import NoSuchAct, NotYet, prove_act
from records.receipts import check_receipt
from records.sequencer import FOLDER, LogBroken
from records.verify import Verified, verify
from records.verify_log import Brought, LogFound

SEEN = ".seen"
"""Beside the trust roots: the newest checkpoint that held when this verifier last looked."""


def verify_all(
    trust: Path | None, copies: list[Path], seen: list[Path], remember: bool, as_json: bool
) -> int:
    """Every chain, snapshot and read model, and the log against the verifier's own trust roots."""
    desk = open_desk()
    roots = _trust_file(trust)
    brought = _brought(desk, roots, copies, seen) if roots else None
    with err().status(Text("正在核验 verifying …")):
        found = verify(desk.engine, brought)
    if found.holds and remember and roots and found.log and found.log.checkpoint:
        roots.with_suffix(SEEN).write_bytes(found.log.checkpoint)
    if as_json:
        emit(_verified_json(found))
    else:
        _show_verified(found, roots)
    return DONE if found.holds else REFUSED


def _trust_file(given: Path | None) -> Path | None:
    """The verifier's trust roots: the file named, or the one in HUIQIAN_KEYS."""
    if given is not None:
        return given
    kept = Custody(read_settings().keys_folder).trust_file
    return kept if kept.is_file() else None


def _read_trust(path: Path | None) -> Trust:
    if path is None:
        zh = "没有信任文件：请用 --trust 指定，或放在 HUIQIAN_KEYS 下的 trust.policy"
        raise Trouble(
            USAGE, zh, "no trust roots: name them with --trust, or keep trust.policy in HUIQIAN_KEYS"
        )
    try:
        return parse_trust(path.read_text(encoding="utf-8"))
    except (TrustRefused, UnicodeDecodeError) as problem:
        raise Trouble(USAGE, f"信任文件有误：{path.name}", f"{path.name}: {problem}") from None


def _brought(desk: Desk, roots: Path, copies: list[Path], seen: list[Path]) -> Brought:
    remembered = {path.name: path.read_bytes() for path in seen}
    own = roots.with_suffix(SEEN)
    if own.is_file():
        remembered[own.name] = own.read_bytes()
    return Brought(
        _read_trust(roots),
        open_store(desk.settings).folder(FOLDER),
        {str(path): lambda name, path=path: (path / name).read_bytes() for path in copies},
        remembered,
    )


def _verified_json(found: Verified) -> dict[str, Any]:
    told: dict[str, Any] = {
        "holds": found.holds, "events": found.events, "acts": found.acts, "problems": found.problems, "log": None,
    }  # fmt: skip
    if found.log:
        told["log"] = {
            key: value for key, value in asdict(found.log).items() if key not in ("problems", "checkpoint")
        }
    return told


def _show_verified(found: Verified, roots: Path | None) -> None:
    good = found.holds
    show(
        Text.assemble(
            ("✓ " if good else "✗ ", "bold green" if good else "bold red"),
            ("账册完好 The record holds", "bold")
            if good
            else ("账册不符 The record does not hold", "bold red"),
        ),
        pairs(
            [("事实 Events", f"{found.events:,}"), ("行为 Acts", f"{found.acts:,}"), *_log_rows(found.log)]
        ),
        *(Text(f"  {clean(problem)}", style="red") for problem in found.problems[:100]),
    )
    if len(found.problems) > 100:
        show(Text(f"  … 共 {len(found.problems)} 处 in all", style="red"))
    if roots is None:
        zh = "未核对透明日志：没有信任文件（--trust）。以上只证明账册自身一致，不能证明运维方未改写"
        en = "the transparency log was not checked: no trust roots (--trust). This proves the record consistent in itself, not that its operator left it alone"
        show(Text(f"  {zh}\n  {en}", style="yellow"))


def _log_rows(log: LogFound | None) -> list[tuple[str, Any]]:
    if log is None:
        return []
    who = "".join(f"\n{name} {spoken(at)}" for name, at in sorted(log.cosigned_at.items()))
    if not log.behind:
        behind = Text("无 none: 全部已联署 all is cosigned", style="green")
    else:
        oldest = f"；最早记于 the oldest says {log.oldest_behind}" if log.oldest_behind else ""
        behind = Text(
            f"{log.behind} 行，只有回执能证明 rows, which only receipts can prove{oldest}", style="yellow"
        )
    return [
        ("日志 Log", f"{log.size:,} 叶 leaves"),
        ("已联署 Cosigned", f"{log.cosigned_size:,} 叶 leaves{who}" if log.cosigned_at else "-"),
        ("其后 Behind it", behind),
    ]


def integrate(whole: bool, as_json: bool) -> int:
    """A round of the log by hand, with whatever keys are kept on this machine."""
    desk = open_desk()
    rounds = LogRounds(desk.gateway, desk.settings)
    try:
        done = rounds.integrate(whole=whole)
        answers = {who: rounds.cosign(who, done.checkpoint) for who in rounds.witnesses() if done.checkpoint}
        lines = [answer.line for answer in answers.values() if answer.line]
        witnessed = rounds.publish(done.size, lines) if answers else None
    except FileNotFoundError:
        zh = "这台机器没有日志钥匙：请设 HUIQIAN_KEYS，并运行 huiqian audit keys"
        raise Trouble(
            USAGE, zh, "no log key on this machine: set HUIQIAN_KEYS and run `huiqian audit keys`"
        ) from None
    except (LogBroken, KeyRefused, TrustRefused) as problem:
        zh, _, en = str(problem).partition(" / ")
        raise Trouble(REFUSED, zh, en or zh) from None
    disputes = {
        who: answer.problem for who, answer in answers.items() if answer.problem.startswith("disputed")
    }
    if as_json:
        emit({
            "added": done.added, "size": done.size, "cosigned": sorted(witnessed.cosigned) if witnessed else [],
            "enough": bool(witnessed and witnessed.enough),
            "not_cosigned": {who: answer.problem for who, answer in answers.items() if answer.problem},
        })  # fmt: skip
        return REFUSED if disputes else DONE
    show(
        Text.assemble(
            ("✗ " if disputes else "✓ ", "bold red" if disputes else "bold green"),
            (f"已入日志 Integrated {done.added}，共 in all {done.size}", "bold"),
        ),
        pairs([
            ("联署 Cosigned", "  ".join(sorted(witnessed.cosigned)) if witnessed else "-"),
            ("够了 Enough", ("是 yes" if witnessed.enough else "否 no") if witnessed else None),
            *((f"{who}", Text(answer.problem, style="red")) for who, answer in answers.items() if answer.problem),
        ]),
    )  # fmt: skip
    return REFUSED if disputes else DONE


def prove(which: str, out: Path | None, as_json: bool) -> int:
    """Write the proof of an act: by its command id, by the digest on its receipt, or by the receipt's file."""
    desk = open_desk()
    which = _which(which)
    published = open_store(desk.settings).folder(FOLDER)
    try:
        with desk.engine.connect().execution_options(reading=True) as connection:
            proof = prove_act(connection, published, which)
    except NoSuchAct:
        raise Trouble(
            USAGE, f"账册上没有这一行为：{clean(which)}", f"no such act on record: {clean(which)}"
        ) from None
    except NotYet:
        zh, en = (
            "已在账册，尚未列入有足够联署的检查点：稍后再试",
            "on record, not yet under a checkpoint with enough cosignatures: try again soon",
        )
        raise Trouble(REFUSED, zh, en) from None
    path = out or Path("".join(c if c.isalnum() or c in "-_." else "_" for c in which)[:80] + SUFFIX)
    path.write_bytes(proof.encode())
    if as_json:
        emit({"file": str(path), "leaf": proof.index})
    else:
        show(
            Text.assemble(("✓ ", "bold green"), (f"证明已写入 Proof written: {path}", "bold")),
            Text(
                f"  核对 check it anywhere: huiqian audit check-receipt {path} --trust trust.policy",
                style="dim",
            ),
        )
    return DONE


def _which(text: str) -> str:
    """A command id or digest; or, from a receipt's file, its digest."""
    path = Path(text)
    if len(text) > 200 or not path.is_file():
        return text
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
        return str(said.get("digest") or said["command"])
    except (ValueError, KeyError, AttributeError, UnicodeDecodeError):
        raise Trouble(USAGE, f"不是回执：{path}", f"not a receipt: {path}") from None


def check(file: Path, trust: Path | None, receipt: Path | None, as_json: bool) -> int:
    """Check a proof offline: no database, no server, only trust roots that the holder has."""
    roots = _read_trust(_trust_file(trust))
    try:
        found = check_receipt(file.read_bytes(), roots)
    except NotAProof as problem:
        raise Trouble(USAGE, f"不是 tlog-proof 文件：{file}", f"{file}: {problem}") from None
    except (NoteRefused, ProofRefused) as problem:
        raise Trouble(REFUSED, "回执不能证实", f"the receipt is not proved: {problem}") from None
    if receipt is not None and _which(str(receipt)) not in (found.digest, found.record["command"]):
        raise Trouble(REFUSED, "证明属实，但不是这份回执的", "the proof holds, but it is of another receipt")
    enough, record = found.witnessed.enough, found.record
    if as_json:
        emit({
            "holds": enough, "leaf": found.leaf, "size": found.witnessed.checkpoint.size, "digest": found.digest,
            "cosigned": found.witnessed.cosigned, "record": record,
        })  # fmt: skip
        return DONE if enough else REFUSED
    show(
        Text.assemble(
            ("✓ " if enough else "✗ ", "bold green" if enough else "bold red"),
            ("回执属实 The receipt is proved" if enough else "联署不足 Too few cosignatures", "bold"),
        ),
        pairs([
            ("行为 Act", clean(f"{record.get('act')}  {record.get('outcome')}  {record.get('code') or ''}")),
            ("何人 By", clean(str(record.get("actor")))), ("案件 Case", clean(str(record.get("case_id") or "-"))),
            ("时间 At", clean(str(record.get("legal_at")))), ("命令 Command", clean(str(record.get("command")))),
            ("摘要 Digest", found.digest), *_witness_rows(found.leaf, found.witnessed),
        ]),
    )  # fmt: skip
    return DONE if enough else REFUSED


def _witness_rows(leaf: int, witnessed: Witnessed) -> list[tuple[str, Any]]:
    return [
        ("日志 Log", f"{witnessed.checkpoint.origin}  第 {leaf} 叶 leaf，共 of {witnessed.checkpoint.size}"),
        *((f"联署 {name}", spoken(at)) for name, at in sorted(witnessed.cosigned.items())),
    ]

"""`huiqian audit bundle` and `huiqian verify-bundle`: evidence to take away, and checking it."""

from pathlib import Path

from rich.text import Text

from audit.bundle import make_bundle
from audit.standalone import BadTrust, as_json, exit_code, read_trust
from audit.verdict import told, verify_bundle
from console.terminal.acting import read_bytes
from console.terminal.audit_timeline import reading
from console.terminal.desk import open_desk, open_store
from console.terminal.screen import DONE, PARTLY, REFUSED, USAGE, Trouble, clean, emit, note, pairs, show
from gateway.custody import Custody


def make(
    case: str, path: Path, force: bool, with_keys: bool, by: str | None, reason: str | None, json_: bool
) -> int:
    """Write the bundle of a case; keys only after the reading is on record."""
    if path.exists() and not force:
        raise Trouble(
            USAGE, f"{path}：文件已存在，覆盖请加 --force", f"{path} exists; --force writes over it"
        )
    if not path.parent.is_dir():
        raise Trouble(USAGE, f"{path.parent}：没有这个文件夹", f"{path.parent}: no such folder")
    desk = open_desk()
    id_ = desk.find(case)
    if with_keys and (refused := reading(desk, id_, "bundle", by, reason, json_)):
        return refused
    custody = Custody(desk.settings.keys_folder)
    made = make_bundle(
        desk.gateway,
        open_store(desk.settings),
        custody,
        id_,
        environment=desk.environment.id,
        with_keys=with_keys,
    )
    path.write_bytes(made.data)
    code = _checked(made.data) or (PARTLY if made.missing else DONE)
    if json_:
        emit(
            {
                "case": id_,
                "file": str(path),
                "bytes": len(made.data),
                "manifest": made.digest,
                "counts": made.counts,
                "missing": made.missing,
            }
        )
        return code
    words = {
        "facts": "事实 Facts",
        "acts": "行为 Acts",
        "histories": "历史 Histories",
        "documents": "公文附件 Documents",
        "proofs": "包含证明 Proofs",
    }
    show(
        Text.assemble(
            ("✓ ", "bold green"),
            ("已写出证据包 Bundle written ", "bold"),
            str(path),
            f"  {len(made.data):,} B",
        ),
        pairs(
            [(words[name], str(count)) for name, count in made.counts.items()]
            + [("目录摘要 Manifest", made.digest)]
        ),
    )
    for name in made.missing:
        note(f"不在包内：{name}", "not in the bundle", "yellow")
    if with_keys:
        note("含个人信息密钥，用后请删除", "it holds keys of persons; delete it after use", "yellow")
    return code


def _checked(data: bytes) -> int:
    """A bundle of a record that was changed is evidence too, of that; whoever takes it away is told. The exit code."""
    failed = [check for check in verify_bundle(data, None).checks if check.state == "failed"]
    for check in failed:
        for detail in check.details[:5] or [f"{check.zh} / {check.en}"]:
            note(
                f"已写出，但其中的记录不成立：{detail}",
                "written, but what it holds does not hold",
                "bold red",
            )
    return REFUSED if failed else DONE


def verify(path: Path, trust: Path | None, json_: bool) -> int:
    """Check a bundle by one's own trust roots; needs no environment."""
    try:
        verdict = verify_bundle(read_bytes(path), read_trust(trust))
    except BadTrust as bad:
        zh, _, en = str(bad).partition(" / ")
        raise Trouble(USAGE, zh, en) from None
    if json_:
        show(Text(as_json(verdict), no_wrap=True))
        return exit_code(verdict)
    styles = {"✓": "green", "✗": "bold red", "–": "yellow"}
    for line in told(verdict):
        show(Text(clean(line), style=styles.get(line[0], "dim" if line.startswith("    ") else "")))
    return exit_code(verdict)

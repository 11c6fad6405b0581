"""`huiqian ops backup` and `restore`: the record kept elsewhere, and put back with a report of what came from where."""

import asyncio
import hashlib
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text
from sqlalchemy import Engine, make_url
from temporalio.service import RPCError

from audit.beyond import Beyond, beyond
from console.desk import Desk, without_secrets
from console.temporal import connect
from console.terminal.desk import open_desk, open_store
from console.terminal.screen import DONE, REFUSED, USAGE, Trouble, emit, err, note, pairs, show
from domain.moments import stamp
from gateway.clock import system_time
from gateway.custody import LOG, Custody
from gateway.settings import Settings, open_gateway, read_settings
from proof.keys import read_signing_key
from records.backup import MANIFEST, BackupRefused, Manifest, back_up
from records.files import FileStore, PlainFolder
from records.journal import JournalBroken
from records.recover import Recovered, recover
from records.restore import check, must_be_empty, put_back
from records.verify import Verified, verify
from records.verify_log import Brought

KEYS_TO = "--keys-to"


def backup(
    folder: Path,
    keys_to: Path | None,
    passphrase: Path | None,
    without: bool,
    owner_url: str | None,
    as_json: bool,
) -> int:
    """Make a backup; without the keys only when that is said."""
    desk = open_desk()
    if keys_to is None and not without:
        zh = "须给出 --keys-to（钥匙另存之处）与 --passphrase-file，或明说 --without-keys：没有钥匙，恢复后不能办理，个人信息不能再读"
        raise Trouble(USAGE, zh, "give --keys-to and --passphrase-file, or say --without-keys: without keys nobody can act on what is put back, and personal data stays sealed")  # fmt: skip
    custody = Custody(desk.settings.keys_folder)
    log_key = custody.key_file(LOG).read_text() if desk.settings.keys and custody.has(LOG) else ""
    with err().status(Text("正在备份 backing up …")) as status:
        try:
            made = back_up(
                desk.engine, open_store(desk.settings), folder, stamp(system_time()), keys_to=keys_to, log_key=log_key,
                passphrase=_passphrase(passphrase, keys_to is not None), owner=make_url(owner_url) if owner_url else None,
                progress=lambda what, count: status.update(Text(f"正在备份 backing up … {count:,}")),
            )  # fmt: skip
        except BackupRefused as refused:
            raise Trouble(REFUSED, refused.zh, refused.en) from None
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    if as_json:
        emit({**made.model_dump(exclude={"contents"}), "files": len(made.contents), "manifest": digest})
        return DONE
    show(
        Text.assemble(("✓ ", "bold green"), ("已备份 Backed up", "bold"), f"  {folder}"),
        pairs([
            ("事实、行为 Events, acts", f"{made.events:,}  {made.acts:,}"), ("日志叶 Leaves", f"{made.leaves:,}"),
            ("文件 Files", f"{len(made.contents):,}"), ("清单摘要 Manifest", digest),
            ("钥匙 Keys", f"{keys_to}（另行保管 keep it elsewhere）" if keys_to else Text("未备份 left out", style="yellow")),
            ("损坏 Damaged", "  ".join(made.damaged) or None),
        ]),
        Text("不在其中 Not in it", style="bold"),
        pairs([(name, why) for name, why in made.left_out.items()]),
    )  # fmt: skip
    return DONE


def _passphrase(file: Path | None, needed: bool) -> bytes:
    if not needed:
        return b""
    if file is None:
        raise Trouble(USAGE, "须给出 --passphrase-file", "give --passphrase-file")
    return file.read_bytes().strip()


def restore(
    folder: Path,
    keys_from: Path | None,
    passphrase: Path | None,
    without: bool,
    owner_url: str | None,
    copies: list[Path],
    as_json: bool,
) -> int:
    """Put a backup back, take what the journal has since, verify, and report. 1 when something is missing or does not hold."""
    settings = read_settings()
    store, owner = open_store(settings), make_url(owner_url) if owner_url else None
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        owner = None
    if keys_from is None and not without:
        raise Trouble(
            USAGE, "须给出 --keys-from，或明说 --without-keys", "give --keys-from, or say --without-keys"
        )
    with err().status(Text("正在核对备份 checking the backup …")) as status:
        try:
            must_be_empty(settings.database_url, owner, store)
            manifest = check(folder)
            keys = (keys_from.read_bytes(), _passphrase(passphrase, True)) if keys_from else None
            status.update(Text("正在恢复 restoring …"))
            engine, log_key = put_back(folder, manifest, settings.database_url, owner, store, keys)
            _put_log_key(settings, log_key)
            status.update(Text("正在由留存簿补回 taking what the journal holds …"))
            logs = {str(copy): FileStore(str(copy.parent)).folder(copy.name) for copy in copies}
            found = recover(engine, store, {**logs, **_memories(settings)})
            status.update(Text("正在核验 verifying …"))
            verified = verify(engine, _brought(settings, store))
            told = asyncio.run(_histories(engine, settings, store))
        except (BackupRefused, JournalBroken) as refused:
            zh, _, en = str(refused).partition(" / ")
            raise Trouble(REFUSED, zh, en) from None
    report = _report(manifest, found, verified, told)
    if as_json:
        emit(report)
    else:
        _show(report, settings)
    return DONE if report["whole"] else REFUSED


def _put_log_key(settings: Settings, text: str) -> None:
    """The log's key, where there is none."""
    if not (text and settings.keys):
        return
    path = Custody(settings.keys_folder).key_file(LOG)
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    read_signing_key(path)


def _memories(settings: Settings) -> dict[str, PlainFolder]:
    """The logs that witnesses on this machine remember."""
    folder = Custody(settings.keys_folder).folder / "witness"
    kept = [path for path in sorted(folder.glob("*")) if path.is_dir()] if settings.keys else []
    return {f"witness {path.name}": FileStore(str(path.parent)).folder(path.name) for path in kept}


def _brought(settings: Settings, store: FileStore) -> Brought | None:
    custody = Custody(settings.keys_folder)
    if not (settings.keys and custody.trust_file.is_file()):
        return None
    return Brought(custody.trust(), store.folder("log"))


async def _histories(engine: Engine, settings: Settings, store: FileStore) -> Beyond:
    gateway, environment = open_gateway(settings, engine)
    client = await connect(Desk(settings, gateway, environment))
    with engine.connect().execution_options(reading=True) as connection:
        try:
            return await beyond(connection, store, client, settings.prefix)
        except RPCError:
            return await beyond(connection, store, None, settings.prefix)


def _report(manifest: Manifest, found: Recovered, verified: Verified, told: Beyond) -> dict[str, Any]:
    behind = max(0, found.log_size - found.size)
    return {
        "whole": verified.holds and not (behind or told.missing or told.contradictions),
        "backup": {"made_at": manifest.made_at, "events": manifest.events, "acts": manifest.acts, "leaves": manifest.leaves},
        "journal": {**asdict(found), "cases": len(found.cases)},
        "log": {"size": found.log_size, "seen_at": found.seen_at, "leaves_missing": behind, "rows": found.missing},
        "histories": {
            "archived": told.archived, "in_temporal": told.running, "agreeing": told.agreeing,
            "missing": [f.model_dump(exclude_none=True) for f in told.missing],
            "contradictions": [f.model_dump(exclude_none=True) for f in told.contradictions],
        },
        "verified": {"holds": verified.holds, "events": verified.events, "acts": verified.acts, "problems": verified.problems},
        "not_recoverable": [
            "accounts, tokens, saved forms and logins since the backup",
            "acts after the last round of the log that no process read: only receipts show them (huiqian audit check-receipt)",
        ],
    }  # fmt: skip


def _show(report: dict[str, Any], settings: Settings) -> None:
    base, back, log = report["backup"], report["journal"], report["log"]
    told, held = report["histories"], report["verified"]
    lost = [row["fact"] for row in told["missing"]]
    show(
        Text.assemble(("已恢复 Restored", "bold"), f"  {without_secrets(settings.database_url)}"),
        pairs([
            ("备份 From the backup", f"{base['made_at']}  {base['events']:,} 事实 events  {base['acts']:,} 行为 acts"),
            ("留存簿 From the journal", f"{back['events']:,} 事实 events  {back['acts']:,} 行为 acts  {back['cases']:,} 案件 cases"),
            ("再寄的信 Letters again", f"{back['letters_again']}（同一编号 under the same id）" if back["letters_again"] else None),
            ("失去的钥匙 Keys lost", Text(f"{back['keys_lost']} 人", style="yellow") if back["keys_lost"] else None),
            ("日志 The log", f"{back['size']:,} 叶在册 on record；最新检查点 newest checkpoint {log['size']:,}（{log['seen_at'] or '无 none'}）"),
            ("流程历史 Histories", f"{told['archived']} 已归档 archived，{told['in_temporal']} 在 Temporal；{told['agreeing']} 案相符 agree"),
            ("核验 Verified", Text("成立 holds", style="green") if held["holds"] else Text("不成立 does not hold", style="bold red")),
        ]),
    )  # fmt: skip
    for problem in held["problems"][:20]:
        show(Text(f"  ✗ {problem}", style="red"))
    if log["leaves_missing"]:
        show(Text(f"缺失 Missing: {log['leaves_missing']} 叶 leaves", style="bold red"))
        show(Text("  " + "  ".join(log["rows"][:50])))
    if lost:
        show(
            Text(
                f"流程读过而无处可寻的事实 Facts that processes read and that are nowhere: {len(lost)}",
                style="bold red",
            )
        )
        show(Text("  " + "  ".join(lost[:50])))
    note("接着：huiqian ops rebuild 重启流程", "next: `huiqian ops rebuild` starts the processes", "bold")

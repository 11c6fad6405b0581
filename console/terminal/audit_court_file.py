"""The timeline as a printable document for a court file, in the look of the project's official documents."""

from datetime import datetime
from typing import Any

from audit.court_file import court_file
from audit.dossier import Dossier
from audit.timeline import Entry
from console import words
from console.terminal.audit_words import WHAT, named, settled
from domain.moments import instant, local_day, spoken

STANDINGS = {"analogy": "（类推）", "assumption": "（推定，未经核实）"}


def extract(
    dossier: Dossier, entries: list[Entry], names: dict[str, str], says: dict[str, str], now: datetime
) -> bytes:
    """A .docx of every entry with its clause, periods and documents.

    `says` names acts, `names` agencies; `now` is the legal time of the extract.
    """
    refused = sum(entry.what == "refusal" for entry in entries)
    last = dossier.own[-1]
    related = "、".join(f"{words.KINDS.get(kind, kind)} {id_}" for id_, kind in dossier.related.items())
    paragraphs = [
        f"案件编号 {dossier.case}。本件摘自会签账册，载明该案件自立案至摘录时的全部办理、拒绝、期限届满、通知和查阅，"
        f"共{len(entries)}项，其中拒绝{refused}项；时间均为北京时间，个人信息以密封编号代替或注明已开启。",
        f"关联案件：{related or '无'}。",
        f"账册末条为第{last['seq']}条事实，摘要 {_grouped(last['digest'])}；可用证据包（huiqian audit bundle）逐条核验。",
    ]
    rows = [[str(n), *_row(entry, names, says)] for n, entry in enumerate(entries, 1)]
    title = f"{words.KINDS.get(dossier.kind, dossier.kind)}案卷经过"
    return court_file(
        names.get("dept", "会签"),
        title,
        paragraphs,
        ["序号", "时间", "事项", "经办与依据"],
        rows,
        local_day(now),
    )


def _row(entry: Entry, names: dict[str, str], says: dict[str, str]) -> list[str]:
    at = spoken(instant(entry.at)) if entry.at else ""
    return [
        at,
        "\n".join(_told(entry, says)),
        f"{settled(entry, names)} {entry.actor}\n{entry.clause}{STANDINGS.get(entry.standing, '')}",
    ]


def _told(entry: Entry, says: dict[str, str]) -> list[str]:
    told = [f"{WHAT[entry.what][0]}：{named(entry, says)}"]
    told += [f"拒绝理由：{reason['zh']}" for reason in entry.reasons[:20]]
    if isinstance(why := entry.given.get("reason") or entry.given.get("reasons"), str):
        told.append(f"理由：{why}")
    for fact in entry.events:
        told.append(f"{words.EVENTS.get(fact['type'], fact['type'])} {fact['id']}")
        told += [_file("公文", d)] if (d := fact.get("document")) else []
        told += [_file("附件", a) for a in fact.get("attachments", [])]
    told += [f"{words.deadline(d['name'])}：{d['words']['zh']}" for d in entry.deadlines]
    if entry.recorded_at and entry.what == "lapse":
        told.append(f"入账 {spoken(instant(entry.recorded_at))}")
    if entry.read:
        told.append(f"办理前所见页面 {spoken(instant(entry.read))}")
    return told


def _file(what: str, file: dict[str, Any]) -> str:
    return f"{what} {file['name']}，摘要 {_grouped(file['sha256'])}"


def _grouped(digest: str) -> str:
    """In eights, so that a line may break between them."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))

"""What the round left: tables of lines, deadlines, letters and documents, and where to look further."""

import shlex
import shutil
from collections import Counter
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from activities.wording import ENTRIES
from demo import cast
from demo.checks import Findings, Paper
from demo.desk import Desk
from demo.narrator import shown
from demo.promises import NAMES, Promise
from demo.stage import kind_of
from deploy.process import ROOT
from domain.cases.filing import FINAL_LINE
from domain.policy import Pack
from gateway.accounts import add_account, everybody

STATES = {"announced": "已公布", "failed": "未通过评估", "refused": "不予同意"}
STYLES = {"announced": "green", "failed": "yellow", "refused": "red"}


def report(console: Console, desk: Desk, found: Findings, pack: Pack) -> None:
    """Print the tables, and put the documents where people find them."""
    documents = desk.stage.folder / "documents"
    documents.mkdir()
    for table in (
        _lines(desk, found),
        _deadlines(desk, found.promises),
        _mails(desk, pack),
        _documents(desk, found.papers, pack, documents),
    ):
        console.print()
        console.print(table)


def _table(zh: str, en: str, *columns: str) -> Table:
    table = Table(
        title=f"{zh} · {en}", title_justify="left", title_style="bold cyan", header_style="bold",
        caption_justify="left", box=box.SIMPLE, padding=(0, 1), pad_edge=False,
    )  # fmt: skip
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _lines(desk: Desk, found: Findings) -> Table:
    names = {m["code"]: m["name"] for m in cast.majors()}
    table = _table(
        "专业线与结果", "lines and outcomes", "院校 college", "专业 major", "生源 entry", "学年 years", "计划 plan",
        "受理 unit", "结果 outcome", "编号 line",
    )  # fmt: skip
    for college, filing in desk.filings.items():
        view = desk.show(filing)
        for line, row in view["lines"].items():
            state = row["state"]
            table.add_row(
                desk.register.name(college), names[row["major"]], ENTRIES[row["entry"]], str(row["years"]),
                str(row["plan"]), view["route"], Text(f"{STATES.get(state, '?')} {state}", style=STYLES.get(state, "red")),
                f"{filing}/{line}",
            )  # fmt: skip
    counts = Counter(row["state"] for row in found.lines)
    settled = sum(n for state, n in counts.items() if state in FINAL_LINE)
    table.caption = f"{len(found.lines)} 条，办结 final {settled}：" + "，".join(
        f"{STATES.get(s, s)} {n}" for s, n in counts.items()
    )
    return table


def _deadlines(desk: Desk, promised: list[Promise]) -> Table:
    table = _table(
        "期限",
        "deadlines kept",
        "事项 name",
        "承诺 promised",
        "实际 happened",
        "件数",
        "结果 kept",
        "案件 cases",
    )
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for p in promised:
        happened = shown(p.happened) if p.happened else "—"
        if p.happened and p.happened != p.deadline.ends_at:
            happened = happened.rpartition(" ")[0]
        kept = "视为受理 by silence" if p.by_silence else "按期 kept" if p.kept else "逾期 LATE"
        key = (p.name, shown(p.deadline.ends_at), happened, kept)
        rows.setdefault(key, []).append(desk.owner(p.stream))
    for (name, until, happened, kept), owners in rows.items():
        who = "、".join(owners[:3]) + ("…" if len(owners) > 3 else "")
        table.add_row(" ".join(NAMES[name]), until, happened, str(len(owners)), kept, who)
    return table


def _mails(desk: Desk, pack: Pack) -> Table:
    table = _table(
        "邮件", "mails in the SMTP server's own box", "种类 kind", "数 count", "收件人 to", "例 a subject"
    )
    letters = desk.stage.post.letters
    kinds = Counter(kind_of(letter) for letter in letters)
    known = [letter.id for letter in pack.letters if letter.id in kinds]
    for kind in [*known, *sorted(kinds.keys() - set(known))]:
        mine = [letter for letter in letters if kind_of(letter) == kind]
        to = sorted({str(letter["To"]) for letter in mine})
        subject = str(mine[0]["Subject"]).partition(" · ")[0]
        table.add_row(kind, str(kinds[kind]), to[0] + (f" +{len(to) - 1}" if len(to) > 1 else ""), subject)
    table.caption = (
        f"共 {len(letters)} 封，{len({str(x['Message-ID']) for x in letters})} 个不同的 Message-ID"
    )
    return table


def _documents(desk: Desk, papers: list[Paper], pack: Pack, folder: Path) -> Table:
    table = _table(
        "公文", "official documents", "公文 document", "文件库 in the file store", "可读副本 readable copy"
    )
    for n, paper in enumerate(papers, 1):
        words = pack.papers[paper.paper].name
        stored = Path(desk.stage.settings.files) / paper.sha256[:2] / paper.sha256[2:4] / paper.sha256
        copy = folder / f"{n:02}-{words.zh}-{_subject(desk, paper)}.docx"
        if stored.is_file():
            shutil.copyfile(stored, copy)
        table.add_row(f"{words.zh} {words.en}", _short(stored), copy.name)
    return table


def _subject(desk: Desk, paper: Paper) -> str:
    """What tells this document from the others of its kind: the number it bears, or whose it is."""
    numbers = {"announcement": (cast.LIST, cast.SECOND_LIST), "correction": (cast.CORRECTION,)}
    number = next((n for n in numbers.get(paper.paper, ()) if n in paper.text), None)
    return number or desk.owner(paper.case)


def _short(path: Path) -> str:
    parts = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else path.parts
    return f"{'/'.join(parts[:-1])}/{parts[-1][:16]}…"


def where_to_look(console: Console, desk: Desk, notice: str, announcement: str) -> None:
    """The commands and folders that show the finished round."""
    folder = desk.stage.folder
    url = f"HUIQIAN_DATABASE_URL=sqlite:///{_relative(folder / 'records.db')}"
    huiqian = f"{url} .venv/bin/huiqian"
    console.print()
    console.print(Text("── 看一看这一轮 · look at the finished round", style="bold cyan"))
    rows = [
        (f"{huiqian} docket --agency dept", "谁要办什么 what waits, for whom"),
        (f"{huiqian} show {desk.round}", "本轮 the round"),
        (f"{huiqian} show {desk.filings['jia']}", "一份申报 a filing: silence, a failed line, a correction"),
        (f"{huiqian} show {desk.filings['bing']}", "一份申报 a filing: supplement, objection, refusal"),
        (f"{huiqian} show {notice}", "公示 the notice"),
        (f"{huiqian} show {announcement}", "公告 the announcement"),
        (f"ls {_relative(folder / 'documents')}", "公文 documents (.docx)"),
        (f"ls {_relative(folder / 'mails')}", "邮件 mails (.eml)"),
        (f"ls {_relative(folder / 'histories')}", "Temporal 的流程历史 histories of the processes (.json)"),
    ]
    for command, what in rows:
        console.print(Text("  # " + what, style="dim"))
        console.print(Text("  " + command), soft_wrap=True)
    console.print()
    console.print(Text("── 在页面上看 · see it on the pages", style="bold cyan"))
    console.print(Text(f"  .venv/bin/huiqian web --folder {_relative(folder)} --at-rest"), soft_wrap=True)
    console.print(Text("  然后打开 then open http://127.0.0.1:8080/login", style="dim"))
    for person, password in _accounts(desk).items():
        console.print(Text(f"  账号 account {person:24} 密码 password {password}"), soft_wrap=True)


def _accounts(desk: Desk) -> dict[str, str]:
    """Passwords for one person of each kind, made for this demonstration and kept nowhere else."""
    engine = desk.stage.gateway.engine
    wanted = ("approver@dept", "notice-officer@tro", "clerk@tro", "filer@", "expert:")
    people = everybody(engine)
    found = [next((p for p in people if p.startswith(begin)), None) for begin in wanted]
    return {
        person: add_account(engine, person.lower(), person, temporary=False) for person in found if person
    }


def _relative(path: Path) -> str:
    return shlex.quote(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path))

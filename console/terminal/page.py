"""`huiqian show`: one case on one page. Times are China time; every deadline says how it was found and on what it rests."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from console import words
from console.clean import clean
from console.desk import Desk, cited, rule_of
from console.terminal.answers import told
from console.terminal.desk import open_desk
from console.terminal.page_facts import about, line_table
from console.terminal.ranking_page import OWN, rankings
from console.terminal.screen import (
    DONE,
    STANDING_BADGES,
    card_chip,
    emit,
    heading,
    narrow,
    pairs,
    show,
    stacked,
    table,
)
from domain.moments import instant, spoken
from domain.policy import Pack, Rule, card_rule
from gateway.views import letters_of
from gateway.views import show as view_of

GENERAL = {
    "id", "kind", "stage", "waiting", "deadlines", "pack", "version", "documents", "events", "lines", "round",
    "college", "route", "route_basis", "catalog", "year", "status", "cards",
}  # fmt: skip
MOST_EVENTS = 40


def case(id_: str, as_json: bool, all_events: bool) -> int:
    """The published view (FORMAT.md), as JSON or for people."""
    desk = open_desk()
    view = view_of(desk.engine, desk.find(id_))
    if as_json:
        emit(view)
        return DONE
    view = clean(view)
    pack = desk.pinned(view)
    show(_title(desk, view), _particulars(desk, view, pack))
    _waiting(desk, view)
    if isinstance(view.get("lines"), dict) and view["lines"] and view["stage"] != "draft":
        show(heading("专业线", "Lines"), line_table(desk, view))
    hidden = GENERAL | (set(OWN) if view["kind"] == "selection" else {"selections"})
    show(*about(desk, {k: v for k, v in view.items() if k not in hidden or _for_people(view, k)}))
    show(*rankings(desk, view))
    _deadlines(view, pack)
    _cards(view, pack)
    _papers(desk, view)
    _events(desk, view, all_events)
    return DONE


def _for_people(view: dict[str, Any], key: str) -> bool:
    """Fields that some kinds of cases show as a part of their own: the catalog of a round, the lines of a notice."""
    return isinstance(view[key], list) and key in ("catalog", "lines")


def _title(desk: Desk, view: dict[str, Any]) -> Text:
    kind, stage = words.KINDS.get(view["kind"], ""), words.both(words.STAGES, view["stage"])
    whose = desk.names.get(str(view.get("college")), "")
    year = f"{view['year']}年" if view["kind"] == "round" else ""
    return Text.assemble(
        (f"{kind} {view['kind'].capitalize()}", "bold cyan"), "  ", (year + whose, "bold"), "  " if year + whose else "",
        (view["id"], "bold"), "  ", (f" {stage} ", "reverse"),
    )  # fmt: skip


def _particulars(desk: Desk, view: dict[str, Any], pack: Pack) -> RenderableType:
    catalog = view.get("catalog")
    return pairs([
        ("院校 College", _named(desk, view.get("college"))),
        ("轮次 Round", view.get("round")),
        ("年度 Catalog of", str(catalog) if isinstance(catalog, int) else None),
        ("受理单位 Route", _route(desk, view, pack)),
        ("规则 Rules", f"{pack.name} {view['pack'][:12]}" if view["pack"] else None),
        ("版本 Version", str(view["version"])),
    ])  # fmt: skip


def _named(desk: Desk, agency: Any) -> str | None:
    return f"{words.agency(agency, desk.names)} {agency}" if agency else None


def _route(desk: Desk, view: dict[str, Any], pack: Pack) -> RenderableType | None:
    if view["kind"] != "filing" or not view.get("route"):
        return None
    basis = str(view.get("route_basis") or "")
    rule = rule_of(pack, basis)
    return Text.assemble(
        str(_named(desk, view["route"])), "  ", *(clause_parts(pack, rule) if rule else [(basis, "dim")])
    )


def clause_parts(pack: Pack, rule: Rule) -> list[Any]:
    """The clause that a rule rests on, with its standing."""
    clause = cited(pack.instruments.get(rule.source.instrument), rule.source.clause)
    return [(clause, "italic"), " ", STANDING_BADGES[rule.standing]]


def _waiting(desk: Desk, view: dict[str, Any]) -> None:
    if not view["waiting"]:
        return
    made = table(("期限 Due", "fixed"), "等谁 Whom", "办什么 For")
    now, silent = desk.gateway.clock.now(), desk.settled_by_silence(view["id"])
    for row in view["waiting"]:
        due = Text("未定 open", style="dim")
        if row["due"]:
            late = instant(row["due"]) <= now and row["due"] not in silent
            due = Text(
                words.ends(row["due"]) + (" 逾期 late" if late else ""), style="bold red" if late else ""
            )
        if row.get("card"):
            due = Text.assemble(due, "\n", card_chip(row["card"]))
        authority = desk.authority(row["for"])
        what = (
            words.WAITS[row["for"]][0]
            if row["for"] in words.WAITS
            else authority.says.zh
            if authority
            else ""
        )
        made.add_row(due, told(row["role"], row["agency"], desk.names), f"{what} {row['for']}".strip())
    show(heading("等待", "Waiting"), made)


def _deadlines(view: dict[str, Any], pack: Pack) -> None:
    if not view["deadlines"]:
        return
    show(heading("期限", "Deadlines"))
    for name, found in view["deadlines"].items():
        marks = [
            (" 暂定 provisional ", "black on yellow") if found["provisional"] else "",
            (" 停止计算 paused ", "black on cyan") if found["paused"] else "",
            (" 待放假安排 awaits a calendar ", "white on red") if found["stalled"] else "",
        ]
        head = Text.assemble(
            (f"{words.deadline(name)} {name}", "bold"), "  ", (words.ends(found["ends_at"]), "bold")
        )
        for mark in marks:
            head.append(" " if mark else "").append_text(Text.assemble(mark))
        rule = rule_of(pack, found["basis"])
        said = pairs([
            ("怎么算 How", stacked(found["words"]["zh"], found["words"]["en"])),
            ("依据 Clause", Text.assemble(*clause_parts(pack, rule), (f"  {rule.key}", "dim")) if rule else _by_the_call(found)),
        ])  # fmt: skip
        show(head, said)


def _by_the_call(found: dict[str, Any]) -> str:
    return "年度申报通知 the yearly call" if found["basis"] == "window" else str(found["basis"])


def _cards(view: dict[str, Any], pack: Pack) -> None:
    """Every card that fell, with its clause; those of other days (before an extension) and withdrawn ones too."""
    if not view.get("cards"):
        return
    made = table(("时间 At", "fixed"), ("牌 Card", "fixed"), "期限 Period", "告知 Told")
    for id_, card in view["cards"].items():
        rule = rule_of(pack, card_rule(card["card"]))
        about = Text.assemble(
            f"{words.deadline(card['clock'])} {card['date']}\n",
            *(clause_parts(pack, rule) if rule else []),
            (f"\n{id_}", "dim"),
        )
        if card["withdrawn"]:
            about.append(f"\n已撤销 withdrawn：{card['withdrawn']}", style="yellow")
        made.add_row(
            spoken(instant(card["at"])), Text.assemble(card_chip(card["card"])), about, "\n".join(card["to"])
        )
    show(heading("预警和亮牌", "Cards"), made)


def _papers(desk: Desk, view: dict[str, Any]) -> None:
    pack = desk.pinned(view)
    if view["documents"]:
        made = table("公文 Document", "所据 For", ("内容摘要 SHA-256", ""))
        for key, digest in view["documents"].items():
            of, _, paper = key.rpartition("/")
            name = f"{pack.papers[paper].name.zh} {paper}" if paper in pack.papers else paper
            made.add_row(name, of.rpartition("#")[2] or of, digest[:16] if narrow() else digest)
        show(heading("公文", "Documents"), made)
    letters = clean(letters_of(desk.engine, view["id"]))
    if letters:
        subjects = {letter.id: letter.subject.zh for letter in pack.letters}
        styles = {"failed": "bold red", "due": "yellow", "sent": "green"}
        made = table(
            ("状态 Status", "fixed"),
            "收件 To",
            "信件 Letter",
            *([] if narrow() else [("时间 Sent", "fixed")]),
        )
        for row in letters:
            title = subjects.get(row["letter"], "")
            named = f"{words.letter_title(title)} {row['letter']}".strip()
            status = Text(words.both(words.LETTERS, row["status"]), style=styles.get(row["status"], ""))
            if row["problem"]:
                status.append(f"\n{row['problem']}", style="red")
            sent = spoken(instant(row["sent_at"])) if row["sent_at"] else ""
            made.add_row(status, row["recipient"], named, *([] if narrow() else [sent]))
        show(heading("通知信件", "Letters"), made)


def _events(desk: Desk, view: dict[str, Any], whole: bool) -> None:
    events = view["events"] if whole else view["events"][-MOST_EVENTS:]
    small = narrow()
    made = table(("#", "right"), ("时间 At", "fixed"), "事实 Event", *([] if small else ["行为人 By"]))
    for row in events:
        what = Text(words.event(row["type"]))
        if row["at"] != row["recorded_at"]:  # it fell due by itself; who acted next only brought it to light
            what.append(
                f"\n到期自动，{spoken(instant(row['recorded_at']))} 入账 · by law, recorded then", style="dim"
            )
        if small:
            what.append(f"\n{row['by']}", style="dim")
        made.add_row(str(row["n"]), spoken(instant(row["at"])), what, *([] if small else [row["by"]]))
    show(heading("经过", "Timeline"))
    if len(events) < len(view["events"]):
        left = len(view["events"]) - len(events)
        show(Text(f"较早的 {left} 条未列，见 --all-events · {left} earlier ones left out", style="dim"))
    show(made)

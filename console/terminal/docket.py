"""`huiqian docket`: what waits for an agency or an officer, by when, soonest first."""

from datetime import datetime
from typing import Any

from rich.text import Text

from console import words
from console.desk import Desk
from console.terminal.answers import act_name, told
from console.terminal.desk import open_desk
from console.terminal.given import actor
from console.terminal.ranking_page import category
from console.terminal.screen import DONE, USAGE, Trouble, card_chip, emit, narrow, note, show, stacked, table
from domain.moments import days_left, instant, spoken, stamp
from gateway.docket import desk
from gateway.views import NoSuchCase
from gateway.views import show as view_of


def docket(as_: str | None, agency: str | None, limit: int, as_json: bool) -> int:
    """One page of what waits, with the count of all."""
    if (as_ is None) == (agency is None):
        raise Trouble(
            USAGE, "请用 --as 指明岗位，或用 --agency 指明机构", "say who: --as clerk@tro, or --agency tro"
        )
    here = open_desk()
    role: str | None = None
    if as_ is not None:
        who = actor(as_, "--as")
        agency = who.agency
        role = f"expert:{who.person}" if who.role == "expert" else who.role
    assert agency is not None
    now = here.gateway.clock.now()
    page = desk(here.engine, agency, role, limit=limit)
    for row in page["rows"]:
        row["overdue"] = bool(row["due"]) and instant(row["due"]) <= now and not row["lapses"]
    if as_json:
        emit({"now": stamp(now), "agency": agency, "role": role, **page})
    else:
        _print(here, page, agency, role, now)
    return DONE


def _print(here: Desk, page: dict[str, Any], agency: str, role: str | None, now: datetime) -> None:
    who = told(role, agency, here.names) if role else f"{words.agency(agency, here.names)} {agency}"
    count = f"{page['count']}+" if page["more"] else str(page["count"])
    late = sum(row["overdue"] for row in page["rows"])
    head = Text.assemble((f"待办 Docket  {who}", "bold"), f"  {count} 件 in all")
    if late:
        head.append(f"  已逾期 overdue {late}", style="bold red")
    show(head, Text(f"截至 as of {spoken(now)}，北京时间 China time", style="dim"))
    if not page["rows"]:
        show(Text("\n没有待办事项 · nothing waits", style="green"))
        if agency not in here.names and agency != "experts":
            note(f"没有名为 {agency} 的机构", f"no agency is called {agency}", "yellow")
        return
    small = narrow()
    made = table(
        ("期限 Due", "fixed"), ("要办 To do", "fixed"), *([] if small or role else ["岗位 Role"]), ("案件 Case", "fixed"),
        *([] if small else ["内容 About"]),
    )  # fmt: skip
    for row in page["rows"]:
        case = Text.assemble(row["case"], "\n", (words.both(words.STAGES, row["stage"]), "dim"))
        about = _about(here, row)
        if small:
            case = Text.assemble(case, "\n", about)
        office = (
            []
            if small or role
            else [
                Text.assemble(words.ROLES.get(row["role"].partition(":")[0], ""), "\n", (row["role"], "dim"))
            ]
        )
        to_do = _to_do(here, row["for"])
        if row["officer"]:
            to_do.append(f"\n→ {row['officer']}", style="cyan")
        made.add_row(_due(row, now), to_do, *office, case, *([] if small else [about]))
    show(made)
    if page["more"] or page["count"] > len(page["rows"]):
        show(
            Text(
                f"只列前 {len(page['rows'])} 件；更多见 --limit · the first {len(page['rows'])} only",
                style="dim",
            )
        )


def _to_do(here: Desk, act: str) -> Text:
    named = words.WAITS[act][0] if act in words.WAITS else act_name(here, act).rpartition(" ")[0]
    return stacked(named, act) if named else Text(act)


def _due(row: dict[str, Any], now: datetime) -> Text:
    said = _when(row, now)
    if row["card"]:
        said.append_text(Text.assemble("\n", card_chip(row["card"])))
    return said


def _when(row: dict[str, Any], now: datetime) -> Text:
    if not row["due"]:
        return Text("未定 open", style="dim")
    end = instant(row["due"])
    days = days_left(end, now)
    if row["overdue"]:
        since = f"逾期 late {-days}天" if days < 0 else "已逾期 overdue"
        return Text.assemble((words.ends(row["due"]), "bold red"), "\n", (since, "red"))
    if end <= now:
        left = "期满自行生效 settled by silence"
    else:
        left = f"还有 in {days}天" if days else "今天 today"
    return Text.assemble((words.ends(row["due"]), "yellow" if days <= 1 else ""), "\n", (left, "dim"))


def _about(here: Desk, row: dict[str, Any]) -> Text:
    """Whose case it is, in a few words."""
    try:
        view = view_of(here.engine, row["case"])
    except NoSuchCase:
        return Text("")
    kind = words.both(words.KINDS, row["kind"])
    lines = view.get("lines") or view.get("pending") or []
    many = f"{len(lines)} 条专业线 lines" if lines else ""
    match row["kind"]:
        case "filing":
            return Text.assemble(
                here.names.get(str(view["college"]), str(view["college"])), "\n", (many, "dim")
            )
        case "selection" | "round":
            return Text.assemble(kind, "\n", (_of_year(here, view), "dim"))
        case "objection":
            return Text.assemble(kind, "\n", (str(view["line"]), "dim"))
        case "evaluation":
            return Text.assemble(_college(here, view["filing"]), "\n", (many, "dim"))
        case _:
            return Text.assemble(kind, "\n", (many, "dim"))


def _of_year(here: Desk, view: dict[str, Any]) -> str:
    """`2026年 省级重点专业 provincial key major`."""
    round_ = view if view["kind"] == "round" else view_of(here.engine, view["round"])
    names = category(here.pack_of(view["pack"]), view["category"]) if "category" in view else {}
    return f"{round_['year']}年 {' '.join(names.values())}".strip()


def _college(here: Desk, filing: str) -> str:
    try:
        college = str(view_of(here.engine, filing)["college"])
    except (NoSuchCase, KeyError):
        return filing
    return here.names.get(college, college)

"""`huiqian ops statistics`: where time goes, by move and by clock; acts by week."""

from rich.text import Text

from console import words
from console.desk import Desk
from console.terminal.answers import act_name
from console.terminal.desk import open_desk
from console.terminal.given import when
from console.terminal.screen import DONE, emit, heading, show, table
from domain.moments import local_day
from gateway.statistics import Spent, acts_by_week, time_spent, told


def statistics(since: str | None, as_json: bool) -> int:
    """Medians and tails in working days, against what was promised; of cases that changed on or after a day; acts by week."""
    moment = when(since)
    day = local_day(moment) if moment else None
    desk = open_desk()
    if as_json:
        emit(told(desk.gateway, day))
        return DONE
    rows, weeks = time_spent(desk.gateway, day), acts_by_week(desk.gateway)
    if not rows:
        show(Text("没有可统计的案件 · nothing to count", style="green"))
        return DONE
    for what, zh, en in (("move", "各环节用时", "Moves"), ("clock", "各期限用时", "Clocks")):
        made = table(
            "环节 What" if what == "move" else "期限 Clock", "机构 Agency", ("办结 Ended", "right"), ("中位 Median", "right"),
            ("九成 p90", "right"), ("最长 Max", "right"), ("承诺 Promised", "right"), ("在办 Open", "right"), ("逾期 Late", "right"),
            ("到期自动 Lapsed", "right"),
        )  # fmt: skip
        for row in (row for row in rows if row.what == what):
            made.add_row(*_cells(desk, row))
        show(heading(f"{zh}（工作日）", f"{en}, working days"), made)
    made = table("周一 Monday", ("办理 Done", "right"), ("拒绝 Refused", "right"))
    for week in weeks:
        made.add_row(
            week.begins.isoformat(), str(week.done or ""), Text(str(week.refused or ""), style="red")
        )
    show(heading("每周办理", "Acts by week"), made)
    return DONE


def _cells(desk: Desk, row: Spent) -> list[Text | str]:
    name = words.deadline(row.name) if row.what == "clock" else _move(desk, row.name)
    over = row.promised is not None and row.p90 is not None and row.p90 > row.promised
    return [
        Text.assemble(name, "\n", (f"{row.name} · {row.kind}", "dim")),
        Text.assemble(words.agency(row.agency, desk.names), "\n", (row.agency, "dim")),
        str(row.ended), "" if row.median is None else f"{row.median:g}",
        Text("" if row.p90 is None else str(row.p90), style="bold red" if over else ""),
        "" if row.longest is None else str(row.longest), "" if row.promised is None else str(row.promised),
        str(row.running or ""), Text(str(row.late or ""), style="bold red"), str(row.lapsed or ""),
    ]  # fmt: skip


def _move(desk: Desk, name: str) -> str:
    return {"evaluate": "评估论证"}.get(name) or act_name(desk, name).rpartition(" ")[0] or name

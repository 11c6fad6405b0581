"""`huiqian ops nudge`, `retry` and `restart`: remedies, each an act through the gateway with its own authority."""

import typer
from rich.progress import track
from rich.text import Text

from console.clean import clean
from console.desk import Desk
from console.terminal.answers import finish
from console.terminal.desk import open_desk
from console.terminal.given import actor, command
from console.terminal.ops_board import look
from console.terminal.screen import DONE, REFUSED, emit, err, show, table
from domain.files import Command
from domain.moments import instant, spoken
from gateway.answers import Answer
from gateway.docket import desk as docket
from gateway.remedies import unsent_letters


def nudge(by: str, case: str | None, yes: bool, as_json: bool) -> int:
    """Remind whoever is late, once for each case and move; who was reminded lately is left out by the gateway."""
    desk, who = open_desk(), actor(by)
    rows, _ = look(desk, ["overdue"], 10_000)
    moves = dict.fromkeys((row.case, row.what) for row in rows if case in (None, row.case))
    if not moves:
        return _nothing("没有逾期事项 · nobody is late", as_json)
    if not as_json:
        made = table("案件 Case", "事项 To do", "该谁办 Whose move", ("应于 Was due", "fixed"))
        for row in rows:
            if (row.case, row.what) in moves:
                made.add_row(row.case, row.what, row.whose, spoken(instant(row.since)))
        show(made)
    return _in_bulk(
        desk, [command(None, "nudge", who, id_, {"for": what}) for id_, what in moves], yes, as_json,
        (f"发出 {len(moves)} 份催办？", f"Send {len(moves)} reminders?"), ("已催办 reminded", "未发 not sent"),
    )  # fmt: skip


def reassign(office: str, to: str, by: str, reason: str, case: str | None, yes: bool, as_json: bool) -> int:
    """Give everything that waits for an office, and is not with this officer yet, to one officer of it."""
    desk, who, of = open_desk(), actor(by), actor(office, "OFFICE")
    page = docket(desk.engine, of.agency, of.role, limit=10_000)
    rows = [row for row in page["rows"] if row["officer"] != to and case in (None, row["case"])]
    if not rows:
        return _nothing("没有可改派的事项 · nothing to reassign", as_json)
    if not as_json:
        made = table("案件 Case", "事项 To do", "现由谁办 With whom", ("期限 Due", "fixed"))
        for row in rows:
            due = spoken(instant(row["due"])) if row["due"] else ""
            made.add_row(row["case"], row["for"], row["officer"] or office, due)
        show(made)
    form = {"office": office, "to": to, "reason": reason}
    cases = list(dict.fromkeys(row["case"] for row in rows))
    return _in_bulk(
        desk, [command(None, "reassign", who, id_, form) for id_ in cases], yes, as_json,
        (f"把 {len(cases)} 件改派给 {to}？", f"Give {len(cases)} cases to {to}?"), ("已改派 reassigned", "未办 not done"),
    )  # fmt: skip


def _nothing(said: str, as_json: bool) -> int:
    if as_json:
        emit([])
    else:
        show(Text(said, style="green"))
    return DONE


def _in_bulk(
    desk: Desk, commands: list[Command], yes: bool, as_json: bool, ask: tuple[str, str], said: tuple[str, str]
) -> int:
    """Ask, then act on one case after another with a progress bar; says what was done and what was refused."""
    if not yes and not typer.confirm(" ".join(ask), err=True):
        return DONE
    answers: list[Answer] = []
    for wish in track(commands, said[0], console=err(), transient=True):
        answers.append(desk.gateway.act(wish))
    refused = [a for a in answers if a["outcome"] != "accepted"]
    if as_json:
        emit(answers)
    else:
        show(Text(f"✓ {said[0]} {len(answers) - len(refused)}；{said[1]} {len(refused)}", style="bold"))
        for answer in refused:
            show(Text(f"  {answer['case']}  {answer['code']}  {answer['reasons'][0]['zh']}", style="dim"))
    return REFUSED if refused and len(refused) == len(answers) else DONE


def retry(case: str | None, by: str, id_: str | None, yes: bool, as_json: bool) -> int:
    """What was given up, and what waits for its next attempt, is due now: of one case, or of all."""
    desk, who = open_desk(), actor(by)
    if case is not None:
        wish = command(id_, "retry-post", who, desk.find(case), {})
        return finish(desk, desk.gateway.act(wish), as_json=as_json, again=[])
    rows = unsent_letters(desk.engine)
    if not rows:
        return _nothing("没有投递失败的信件 · no letter has failed", as_json)
    if not as_json:
        made = table("案件 Case", "由谁寄出 Sender", ("信件 Letters", "right"), "错误 Error")
        for row in rows:
            made.add_row(row.stream, row.sender, str(row.many), clean(row.problem or "-"))
        show(made)
    cases = list(dict.fromkeys(row.stream for row in rows))
    return _in_bulk(
        desk, [command(None, "retry-post", who, id_, {}) for id_ in cases], yes, as_json,
        (f"重新投递 {len(cases)} 件案件的信？", f"Try the letters of {len(cases)} cases again?"), ("已重新排队 due again", "未办 not done"),
    )  # fmt: skip


def restart(case: str, reason: str, by: str, id_: str | None, as_json: bool) -> int:
    """On the record; the relay ends the process and begins the new one."""
    desk = open_desk()
    wish = command(id_, "restart-process", actor(by), desk.find(case), {"reason": reason})
    return finish(desk, desk.gateway.act(wish), as_json=as_json, again=[])

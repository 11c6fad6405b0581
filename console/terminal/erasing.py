"""`huiqian records person` and `records erase`: whose data there is, and erasing it. Who is meant never stands on the command line."""

import getpass
import re
import sys

from rich.text import Text

from console import words
from console.terminal.answers import finish
from console.terminal.desk import Desk, open_desk
from console.terminal.given import actor, command
from console.terminal.screen import DONE, REFUSED, USAGE, Trouble, emit, note, show, table
from domain.acts.personal import PSEUDONYM
from domain.cases.person import person_stream
from gateway.personal import particulars, pseudonym_of
from records.world import LedgerWorld


def look_up(as_json: bool) -> int:
    """The pseudonym of a person, and the cases that hold data of theirs."""
    desk = open_desk()
    person = asked(desk)
    rows = _cases(desk, person)
    if as_json:
        emit({"person": person, "cases": rows})
        return DONE if rows else REFUSED
    show(Text.assemble(("化名 Pseudonym  ", "dim"), (person, "bold")))
    if not rows:
        show(Text("没有此人的信息 · nothing of this person is on record", style="yellow"))
        return REFUSED
    made = table("案件 Case", "阶段 Stage")
    for row in rows:
        made.add_row(row["case"], words.both(words.STAGES, row["stage"]))
    show(made)
    return DONE


def erase(person: str | None, basis: str, by: str, id_: str | None, as_json: bool) -> int:
    """Do `erase-person` on one of the cases that hold the person's data: the act looks at all of them."""
    desk = open_desk()
    if person is None:
        person = asked(desk)
    elif not re.match(PSEUDONYM, person):
        zh = "PERSON 须为化名 p-…；姓名或证件号请勿写在命令行，不写 PERSON 则另行询问"
        raise Trouble(
            USAGE,
            zh,
            "PERSON is a pseudonym p-…; leave it out to be asked, so that no name or number stays in a history",
        )
    cases = [row["case"] for row in _cases(desk, person) if not row["case"].startswith(person_stream(""))]
    if not cases:
        raise Trouble(USAGE, "没有此人的信息", "nothing of this person is on record")
    answer = desk.gateway.act(
        command(id_, "erase-person", actor(by), cases[0], {"person": person, "basis": basis})
    )
    again = ["huiqian", "records", "erase", person, "--basis", basis, "--by", by]
    code = finish(desk, answer, as_json=as_json, again=again)
    if code == DONE and not as_json:
        note(
            "密钥已销毁；数据库备份中的密钥须另行销毁",
            "the key is destroyed; backups of the database still hold it until they are",
            "yellow",
        )
    return code


def asked(desk: Desk) -> str:
    """The pseudonym of whom is meant, asked for. Raises Trouble."""
    return pseudonym_of(desk.gateway, who_is_meant())


def who_is_meant() -> dict[str, str]:
    """Ask who is meant: on the terminal without echo, or one line of standard input. Raises Trouble.

    A citizen number; or name and employer with a comma between, for people who are known by those only.
    """
    prompt = "证件号，或 姓名,单位（不回显） · citizen number, or name,employer (not echoed): "
    given = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    text = given.strip()
    if not text:
        raise Trouble(USAGE, "未写明何人", "nobody was named")
    return particulars(text)


def _cases(desk: Desk, person: str) -> list[dict[str, str]]:
    with desk.engine.connect().execution_options(reading=True) as connection:
        world = LedgerWorld(connection, desk.gateway.cache)
        found = world.load([*world.concerning(person), person_stream(person)])
    return [{"case": id_, "kind": case.kind, "stage": case.stage} for id_, case in sorted(found.items())]

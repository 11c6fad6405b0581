"""The list of a cohort's students as a workbook: out and in; errors by row and column, all or nothing on demand."""

from pathlib import Path
from typing import Any

from rich.text import Text

from console.terminal.acting import read_bytes
from console.terminal.answers import finish
from console.terminal.desk import open_desk
from console.terminal.given import actor, command
from console.terminal.screen import DONE, REFUSED, USAGE, Trouble, code_line, emit, note, show
from console.terminal.sheets import report_problems
from console.workbook import Location, Problem, Reading, read_workbook
from console.workbook_students import STUDENTS, write_form, write_list
from gateway.foresight import foresee
from gateway.roll import open_roll


def template(path: Path, force: bool) -> int:
    """Write the empty list."""
    _may_write(path, force)
    write_form(path)
    show(
        Text.assemble(("✓ ", "bold green"), ("已写出学生名单 ", "bold"), str(path), ("  List written", "dim"))
    )
    show(code_line(["huiqian", "students", "import", str(path), "--by", "filer@…", "--case", "cohort-…"]))
    return DONE


def bring_in(path: Path, by: str, case: str, partial: bool, id_: str | None, as_json: bool) -> int:
    """Read the list; when nothing is wrong with it, or the good rows alone are wanted, register its students."""
    who = actor(by)
    reading = read_workbook(read_bytes(path), (STUDENTS,))
    places = _places(reading)
    wrong = {problem.row for problem in reading.problems}
    kept = [n for n in places if places[n] not in wrong]
    given: dict[str, Any] = {"rows": [{**reading.with_["rows"][n], "row": places[n]} for n in kept]}
    desk = open_desk()
    if reading.problems and (not partial or not wrong <= set(places.values()) or not kept):
        # Everything at once: what the rules have against the rows that could be read is said with the rest.
        wish = command(id_, "register-students", who, case, given)
        seen = foresee(desk.gateway, wish).refused if kept else None
        found = [_problem(reading, kept, reason) for reason in (seen or {}).get("reasons", [])]
        return report_problems(path, sorted([*reading.problems, *found], key=lambda p: p.row), as_json)
    if partial:
        given["partial"] = True
    answer = desk.gateway.act(command(id_, "register-students", who, case, given))
    left = [*reading.problems, *(_problem(reading, kept, reason) for reason in answer.pop("left_out", []))]
    if left and as_json:
        answer["left_out"] = [
            {"row": p.row, "column": p.column or None, "why": {"zh": p.why_zh, "en": p.why_en}} for p in left
        ]
    cells = ((n, _cell(reading, kept, reason)) for n, reason in enumerate(answer.get("reasons", [])))
    where = {n: at for n, at in cells if at}
    again = ["huiqian", "students", "import", str(path), "--by", by, "--case", case]
    code = finish(desk, answer, as_json=as_json, again=again, where=where)
    if code == DONE and not as_json:
        out = len({problem.row for problem in left})
        note(f"登记 {len(places) - out} 人，未收 {out} 行", f"registered {len(places) - out}, left out {out}")
        if left:
            report_problems(path, left, as_json, rest_done=True)
    return REFUSED if left and code == DONE else code


def _places(reading: Reading) -> dict[int, int]:
    """Position of each row that was read, to its row in the sheet."""
    found = {n: reading.where(f"rows.{n}") for n in range(len(reading.with_["rows"]))}
    return {n: at.row for n, at in found.items() if at}


def _cell(reading: Reading, kept: list[int], reason: dict[str, Any]) -> Location | None:
    """The cell that a reason of the engine is about: it counts the rows it was given."""
    head, _, rest = (reason.get("field") or "").partition(".")
    position, _, column = rest.partition(".")
    if head != "rows" or not position.isdigit() or int(position) >= len(kept):
        return None
    return reading.where(f"rows.{kept[int(position)]}.{column}".rstrip("."))


def _problem(reading: Reading, kept: list[int], reason: dict[str, Any]) -> Problem:
    at = _cell(reading, kept, reason) or Location("", 0, "")
    return Problem(at.sheet, at.row, at.column, reason["zh"], reason["en"])


def take_out(path: Path, by: str, case: str, reason: str, force: bool, id_: str | None, as_json: bool) -> int:
    """Put the reading on record, then write the list."""
    _may_write(path, force)
    desk = open_desk()
    given = {"reason": reason}
    answer, entries = open_roll(desk.gateway, command(id_, "export-students", actor(by), case, given))
    again = ["huiqian", "students", "export", str(path), "--by", by, "--case", case, "--reason", reason]
    if answer["outcome"] != "accepted":
        return finish(desk, answer, as_json=as_json, again=again)
    write_list(path, entries)
    if as_json:
        emit({**answer, "file": str(path), "students": len(entries)})
    else:
        said = ("  含个人信息，用后请删除 · holds personal data, delete it after use", "dim")
        show(Text.assemble(("✓ ", "bold green"), (f"已导出 {len(entries)} 人 ", "bold"), str(path), said))
    return DONE


def _may_write(path: Path, force: bool) -> None:
    if path.suffix.lower() != ".xlsx":
        raise Trouble(USAGE, f"{path}：须为 .xlsx 文件", f"{path}: must be an .xlsx file")
    if path.exists() and not force:
        raise Trouble(
            USAGE, f"{path}：文件已存在，覆盖请加 --force", f"{path} exists; --force writes over it"
        )

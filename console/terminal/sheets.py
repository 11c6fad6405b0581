"""`huiqian template` and `huiqian import`: the Excel form of a filing, out and in; errors by sheet, row and column."""

from pathlib import Path
from typing import Any

from rich.text import Text

from console.desk import Desk
from console.importing import attached, cell_of, missing
from console.terminal.acting import read_bytes
from console.terminal.answers import cell, finish
from console.terminal.desk import open_desk, open_store
from console.terminal.given import actor, command
from console.terminal.screen import (
    DONE,
    REFUSED,
    USAGE,
    Trouble,
    code_line,
    emit,
    note,
    pairs,
    show,
    table,
)
from console.workbook import Problem, read_workbook
from console.workbook_sheets import categories_of, sheets_of, title_of
from console.workbook_template import write_template
from domain.actors import Actor
from gateway.attach import attach
from gateway.views import show as view_of


def template(path: Path, round_: str | None, force: bool) -> int:
    """Write the empty form, with the round's majors to choose from."""
    if path.suffix.lower() != ".xlsx":
        raise Trouble(USAGE, f"{path}：模板须为 .xlsx 文件", f"{path}: the form is an .xlsx file")
    if path.exists() and not force:
        raise Trouble(
            USAGE, f"{path}：文件已存在，覆盖请加 --force", f"{path} exists; --force writes over it"
        )
    desk = open_desk()
    view = _round(desk, round_)
    pack = desk.pack_of(view["pack"])
    rules = pack.on(desk.today)
    majors = list(desk.majors_open(view["id"]).items())
    try:
        write_template(
            path, round_id=view["id"], majors=majors, sheets=sheets_of(rules), categories=categories_of(rules),
            title=title_of(pack),
        )  # fmt: skip
    except OSError as error:
        raise Trouble(USAGE, f"{path}：无法写入（{error.strerror}）", f"{path}: cannot be written") from None
    show(
        Text.assemble(("✓ ", "bold green"), ("已写出申报表 ", "bold"), str(path), ("  Form written", "dim")),
        pairs([("轮次 Round", f"{view['id']}  {view['year']}年"), ("专业 Majors", str(len(majors)))]),
        Text("填好后 · when it is filled in:", style="dim"),
        code_line(["huiqian", "import", str(path), "--by", "filer@…", "--round", str(view["year"])]),
    )
    return DONE


def bring_in(
    path: Path, by: str, round_: str | None, case: str | None, draft: bool, confirm: list[str],
    materials: Path | None, id_: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Read the form; when nothing is wrong with it, keep it as a draft or submit it."""
    who, desk = actor(by), open_desk()
    # A case that was begun belongs to its round; the round's procedure says which columns there are.
    begun = view_of(desk.engine, case).get("round") if case and not round_ else None
    view = _round(desk, round_ or begun)
    reading = read_workbook(read_bytes(path), sheets_of(desk.pack_of(view["pack"]).on(desk.today)))
    if reading.problems:
        return report_problems(path, reading.problems, as_json)
    names = list(reading.with_["materials"])
    found = _attachments(desk, who, names, materials)
    also = (f"，{materials} 里也没有", f", nor does it lie in {materials}") if materials else ("", "")
    if lacking := missing(reading, names, found, also):
        code = report_problems(path, lacking, as_json)
        note(
            "附件请先用 huiqian attach 上传，或用 --materials 指明所在文件夹",
            "`huiqian attach` them first, or name their folder with --materials",
        )
        return code
    given: dict[str, Any] = {**reading.with_, "materials": [found[name] for name in names]}
    if round_ or not case:
        given["round"] = view["id"]
    elif draft:
        given["round"] = begun
    if confirm and not draft:
        given["confirm_codes"] = confirm
    act = "save-draft" if draft else "submit-filing"
    answer = desk.gateway.act(command(id_, act, who, case, given))
    where = {n: at for n, reason in enumerate(answer.get("reasons", [])) if (at := cell_of(reading, reason))}
    again = ["huiqian", "import", str(path), "--by", by]
    code = finish(desk, answer, as_json=as_json, again=again, where=where)
    if code == DONE and not as_json:
        lines, files = len(given["lines"]), len(given["materials"])
        note(f"{lines} 条专业线，{files} 份材料", f"lines {lines}, files {files}")
        show(code_line(["huiqian", "show", str(answer["case"])]))
    return code


def _round(desk: Desk, text: str | None) -> dict[str, Any]:
    found = desk.find(text) if text else desk.newest_round()
    if found is None:
        raise Trouble(USAGE, "还没有年度申报通知", "no yearly call has been issued")
    view = view_of(desk.engine, found)
    if view["kind"] != "round":
        raise Trouble(USAGE, f"--round：{text} 不是申报轮次", f"--round: {text} is not a round")
    return view


def _attachments(desk: Desk, who: Actor, names: list[str], folder: Path | None) -> dict[str, str]:
    """Content hash of every material the form names: attached before, or from the folder given."""
    known = attached(desk.engine, who.agency, names)
    if folder is not None:
        store = open_store(desk.settings)
        for name in dict.fromkeys(names):
            file = folder / name
            if file.name == name and file.is_file():
                answer = attach(desk.gateway, store, who, name, read_bytes(file))
                if answer["outcome"] == "accepted":
                    known[name] = answer["attachment"]
                else:
                    reason = answer["reasons"][0]
                    raise Trouble(REFUSED, f"{file}：{reason['zh']}", f"{file}: {reason['en']}")
    return known


def report_problems(path: Path, problems: list[Problem], as_json: bool, *, rest_done: bool = False) -> int:
    """Print what is wrong with a workbook, by sheet, row and column; the exit code. `rest_done`: the other rows were taken."""
    if as_json:
        rows = [
            {"sheet": p.sheet, "row": p.row or None, "column": p.column or None, "why": {"zh": p.why_zh, "en": p.why_en}}
            for p in problems
        ]  # fmt: skip
        emit({"outcome": "problems", "file": str(path), "problems": rows})
        return REFUSED
    made = table("工作表 Sheet", ("行 Row", "right"), ("列 Col", "fixed"), "问题 Problem")
    for p in problems:
        said = Text.assemble(p.why_zh, "\n", (p.why_en, "dim"))
        made.add_row(p.sheet or "—", str(p.row or "—"), p.column or "—", said)
    head = Text.assemble(
        ("✗ ", "bold red"),
        (f"{path.name} 有 {len(problems)} 处问题，{'这些行未收 ' if rest_done else '未提交 '}", "bold"),
        (f"{len(problems)} problems, {'these rows were left out' if rest_done else 'nothing was filed'}", "dim"),
    )  # fmt: skip
    first = next((cell(p) for p in problems if p.row), None)
    show(
        head,
        made,
        Text(
            f"{'改正后只导入这些行' if rest_done else '改正后重新导入'}，先看 {first} · "
            f"correct these and import {'only them' if rest_done else 'again'}",
            style="dim",
        )
        if first
        else "",
    )
    return REFUSED

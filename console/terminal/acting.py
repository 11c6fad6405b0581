"""`huiqian act`, `huiqian acts` and `huiqian attach`."""

import json
import shlex
from pathlib import Path
from typing import Any

from rich.text import Text

from console import words
from console.desk import STANDARD_PACK, cited
from console.forms import Field, example, fields
from console.terminal.answers import finish
from console.terminal.desk import desk_if_any, open_desk, open_store
from console.terminal.erasing import who_is_meant
from console.terminal.given import actor, body, command, when
from console.terminal.screen import (
    DONE,
    STANDING_BADGES,
    USAGE,
    Trouble,
    code_line,
    complain,
    emit,
    heading,
    narrow,
    note,
    pairs,
    show,
    stacked,
    table,
)
from domain.acts.base import ACTS, Act
from domain.policy import Authority, Pack
from gateway.attach import attach as take_in
from gateway.gateway import Busy
from policies import load_pack


def do(
    act: str, by: str, case: str | None, with_: str | None, settings: list[str], read: str | None, id_: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Send one command through the gateway and show its answer."""
    wish = command(id_, act, actor(by), case, body(with_, settings, act), when(read))
    desk = open_desk()
    try:
        answer = desk.gateway.act(wish)
    except Busy:
        note("本次编号", f"this command's id: {wish.id}", "bold")
        raise
    again = ["huiqian", "act", act, "--by", by, *(["--case", case] if case else [])]
    others = {k: v for k, v in wish.with_.items() if k != "lines"}
    again += ["--with", json.dumps(others, ensure_ascii=False)] if others else []
    code = finish(desk, answer, as_json=as_json, again=again)
    if act not in ACTS:
        note("有哪些行为见 huiqian acts", "`huiqian acts` lists what may be done")
    return code


def attach(files: list[Path], by: str, about: bool, as_json: bool) -> int:
    """Take files in; what is printed is the content hash that materials name. `about`: seal them for the person asked for."""
    desk, who = open_desk(), actor(by)
    person = who_is_meant() if about else None
    store = open_store(desk.settings)
    answers: list[dict[str, Any]] = []
    worst = DONE
    for file in files:
        answer = take_in(desk.gateway, store, who, file.name, read_bytes(file), person)
        answers.append({**answer, "file": file.name})
        if not as_json:
            show(Text(file.name, style="bold"))
            worst = max(worst, finish(desk, answer, as_json=False, again=[]))
        elif answer["outcome"] != "accepted":
            worst = 1
    if as_json:
        emit(answers if len(answers) > 1 else answers[0])
    return worst


def read_bytes(file: Path) -> bytes:
    """A file's content. Raises Trouble."""
    try:
        return file.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Trouble(USAGE, f"{file}：无法读取（{why}）", f"{file}: cannot be read ({why})") from None


def list_acts(act: str | None, as_json: bool) -> int:
    """All acts with their offices, or one with its fields."""
    desk = desk_if_any()
    packs = desk.packs if desk else [load_pack(STANDARD_PACK)]
    if act is None:
        # By the first procedure that has the act; what no procedure here has, nobody may do here.
        powers = {name: authority for pack in reversed(packs) for name, authority in pack.acts.items()}
        order = dict.fromkeys(name for pack in packs for name in pack.acts)
        shown: list[tuple[Act, Authority | None]] = [(ACTS[name], powers[name]) for name in order]
        if as_json:
            emit([_told(a, authority) for a, authority in shown])
        else:
            _print_all(shown)
        return DONE
    found = ACTS.get(act)
    if found is None or found.internal:
        from difflib import get_close_matches

        near = get_close_matches(act, [a.name for a in ACTS.values() if not a.internal])
        meant = f"；是否指 {'、'.join(near)}" if near else ""
        complain(
            f"没有这种行为：{act}{meant}",
            f"no such act: {act}" + (f"; did you mean {', '.join(near)}" if near else ""),
        )
        return USAGE
    pack = next((pack for pack in packs if act in pack.acts), packs[0])
    if as_json:
        emit(
            {
                **_told(found, pack.acts.get(act)),
                "schema": found.form.model_json_schema(),
                "example": example(found),
            }
        )
    else:
        _print_one(found, pack.acts.get(act), pack)
    return DONE


def _told(act: Act, authority: Authority | None) -> dict[str, Any]:
    return {
        "act": act.name,
        "says": authority.says.model_dump() if authority else None,
        "by": [{"role": o.role, "at": o.at} for o in authority.by] if authority else [],
        "case": act.on.kind if act.on else None,
        "standing": authority.standing if authority else None,
        "fields": [
            {"field": f.path, "kind": f.kind, "required": f.required, "choices": f.choices, "personal": f.personal}
            for f in fields(act)
        ],
    }  # fmt: skip


def _office(role: str, at: str) -> str:
    place = words.PLACES.get(at) or words.AGENCIES.get(at, at)
    held = "" if role == "expert" else words.ROLES.get(role, role)
    return "公众 public" if role == "public" else f"{place}{held} {role}@{at}"


def _offices(authority: Authority | None, *, short: bool = False) -> str:
    if authority is None:
        return "—"
    if short:
        return "\n".join(f"{o.role}@{o.at}" if o.role != "public" else o.role for o in authority.by)
    return "\n".join(_office(o.role, o.at) for o in authority.by)


def _print_all(shown: list[tuple[Act, Authority | None]]) -> None:
    small = narrow()
    made = table("行为 Act", "做什么 What", *([] if small else ["针对 On"]), ("由谁 By", "fixed"))
    for act, authority in shown:
        on = words.both(words.KINDS, act.on.kind) if act.on else ""
        what = stacked(authority.says.zh, authority.says.en) if authority else Text("—")
        by = _offices(authority, short=small)
        made.add_row(Text(act.name, style="bold"), what, *([] if small else [on]), by)
    show(made, Text("一项行为要填什么 · what one asks for: huiqian acts ACT", style="dim"))


def _print_one(act: Act, authority: Authority | None, pack: Pack) -> None:
    title = f"{authority.says.zh} {act.name}" if authority else act.name
    clause = (
        cited(pack.instruments.get(authority.source.instrument), authority.source.clause)
        if authority
        else None
    )
    about = (act.form.__doc__ or "").strip()
    show(
        Text(title, style="bold"),
        pairs([
            ("做什么 What", authority.says.en if authority else None),
            ("由谁 By", _offices(authority)),
            ("针对 On", f"--case {words.both(words.KINDS, act.on.kind)}" if act.on else "不指明案件 no --case"),
            ("依据 Clause", Text.assemble(clause, " ", STANDING_BADGES[authority.standing]) if authority and clause else None),
            ("填写 Form", about),
        ]),
    )  # fmt: skip
    rows = fields(act)
    if rows:
        small = narrow()
        made = table(
            ("字段 Field", "fixed"),
            *([] if small else [("含义 Meaning", "fixed")]),
            "类型与要求 Kind and rule",
        )
        for row in rows:
            name = Text.assemble((row.path, "bold"), (" *", "red") if row.required else "")
            if small and row.zh:
                name.append(f"\n  {row.zh}", style="dim")
            made.add_row(name, *([] if small else [row.zh]), _rule(row))
        show(heading("字段", "Fields（* 必填 required）"), made)
    given = example(act)
    line = ["huiqian", "act", act.name, "--by", _someone(authority)]
    line += ["--case", f"{act.on.kind or 'case'}-…"] if act.on and act.name != "submit-filing" else []
    line += ["--with", shlex.quote(json.dumps(given, ensure_ascii=False))] if given else []
    show(heading("例", "Example"), code_line(line))


def _rule(row: Field) -> Text:
    said = Text("  ".join(part for part in (row.kind, " | ".join(row.choices), row.limits) if part))
    if row.personal and "." not in row.path:
        said.append("  个人信息，加密 personal, sealed", style="magenta")
    return said


def _someone(authority: Authority | None) -> str:
    if authority is None:
        return "role@agency"
    office = authority.by[0]
    if office.role in ("expert", "public"):
        return {"expert": "expert:zhao", "public": "public"}[office.role]
    place = {"receiving-unit": "tro", "applicant": "dg", "own-college": "dg", "awaited": "tro"}.get(
        office.at, office.at
    )
    return f"{office.role}@{place}"

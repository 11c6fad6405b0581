"""Shows what the gateway answered: a receipt, or a refusal with its clause, its reasons and what to do next."""

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from console import words
from console.clean import clean
from console.desk import Desk, cited
from console.terminal.screen import DONE, REFUSED, code_line, emit, pairs, show, stacked
from domain.moments import instant, spoken

if TYPE_CHECKING:  # loading the spreadsheet library takes as long as a command
    from console.workbook import Location

Answer = dict[str, Any]
Where = Mapping[int, "Location"]
"""Reason by number to the cell of the workbook that it is about."""


def finish(desk: Desk, answer: Answer, *, as_json: bool, again: list[str], where: Where | None = None) -> int:
    """Print an answer; `again` is the command line without the lines, for what may be done next. The exit code."""
    refused = answer["outcome"] != "accepted"
    if refused:
        answer = completed(desk, answer)
        for n, reason in enumerate(answer["reasons"]):
            if where and n in where:
                at = where[n]
                reason["where"] = {"sheet": at.sheet, "row": at.row, "column": at.column}
    if as_json:
        emit(answer)
    elif refused:
        show(*_refusal(desk, clean(answer), again))
    else:
        show(*_receipt(desk, clean(answer)))
    return REFUSED if refused else DONE


def completed(desk: Desk, answer: Answer) -> Answer:
    """A refusal with the pack's words, also where it was refused before any case was looked at."""
    text = desk.pack.refusals.get(str(answer["code"]))
    if "says" in answer or text is None:
        return answer
    clause = cited(desk.pack.instruments.get(text.source.instrument), text.source.clause)
    return {**answer, "says": text.says.model_dump(), "next": text.next.model_dump(), "clause": clause}


def act_name(desk: Desk, act: str) -> str:
    """`受理 accept`."""
    authority = desk.authority(act)
    return f"{authority.says.zh} {act}" if authority else act


def _receipt(desk: Desk, answer: Answer) -> list[RenderableType]:
    events = answer.get("events")
    rows: list[tuple[str, RenderableType | None]] = [
        ("案件 Case", answer.get("case")),
        ("附件 Attachment", answer.get("attachment")),
        ("大小 Size", f"{answer['size']:,} B" if "size" in answer else None),
        ("时间 At", spoken(instant(answer["at"])) if "at" in answer else None),
        ("记录 Events", _few(events) if events else None),
        ("摘要 Digest", answer.get("digest")),
        ("编号 Command", answer.get("command")),
    ]
    head = Text.assemble(
        ("✓ ", "bold green"), ("已办理 ", "bold"), act_name(desk, answer["act"]), ("  Done", "dim")
    )
    return [head, pairs(rows)]


def _few(events: list[str]) -> str:
    shown = "  ".join(events[:4])
    return f"{shown}  … 共 {len(events)} 条 in all" if len(events) > 4 else shown


def _refusal(desk: Desk, answer: Answer, again: list[str]) -> list[RenderableType]:
    says, next_ = answer.get("says", {}), answer.get("next", {})
    head = Text.assemble(
        ("✗ ", "bold red"), ("未办理 ", "bold"), act_name(desk, answer["act"]), ("  Refused  ", "dim"),
        (str(answer["code"]), "bold red"),
    )  # fmt: skip
    reasons = [_reason(reason, str(answer["code"])) for reason in answer["reasons"][:50]]
    if len(answer["reasons"]) > 50:
        reasons.append(Text(f"… 共 {len(answer['reasons'])} 项 in all"))
    rows: list[tuple[str, RenderableType | None]] = [
        ("结论 Decision", stacked(says["zh"], says["en"]) if says else None),
        ("依据 Clause", answer.get("clause")),
        ("原因 Reasons", Text("\n").join(reasons)),
        ("下一步 Next", stacked(next_["zh"], next_["en"]) if next_ else None),
        ("编号 Command", answer.get("command")),
    ]
    parts: list[RenderableType] = [head, pairs(rows)]
    if rest := answer.get("rest"):
        sentence = f"其余 {len(rest['lines'])} 条专业线可另行办理 · the other lines may go on their own:"
        lines = shlex.quote(f"lines={json.dumps(rest['lines'], ensure_ascii=False)}")
        parts += [Text(f"\n{sentence}"), code_line([*(shlex.quote(word) for word in again), "--set", lines])]
    return parts


def _reason(reason: dict[str, Any], code: str) -> Text:
    where = [
        text
        for text in (
            _place(reason.get("where")),
            f"专业线 line {reason['line']}" if reason.get("line") else "",
            f"字段 field {reason['field']}" if reason.get("field") else "",
            f"另见 see {reason['other']}" if reason.get("other") else "",
            reason["code"] if reason["code"] != code else "",
        )
        if text
    ]
    said = Text.assemble("· ", reason["zh"])
    if where:
        said.append(f"  [{' · '.join(where)}]", style="yellow")
    return said.append(f"\n  {reason['en']}", style="dim")


def _place(at: dict[str, Any] | None) -> str:
    if not at:
        return ""
    return (
        f"{at['sheet']}!{at['column']}{at['row'] or ''}"
        if at["column"]
        else f"{at['sheet']} 第 {at['row']} 行 row"
    )


def cell(at: "Location") -> str:
    """A cell as Excel names it, `Lines!E5`; a row or sheet where no cell is meant."""
    return _place({"sheet": at.sheet, "row": at.row, "column": at.column})


def told(role: str, agency: str, names: dict[str, str]) -> str:
    """An office in both languages: `省教研室受理岗 clerk@tro`."""
    code = role if role.startswith("expert") else f"{role}@{agency}"
    return f"{words.office(role, agency, names)} {code}"

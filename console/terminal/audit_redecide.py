"""`huiqian audit redecide`: the recorded commands decided again, and what another pack would have said."""

import json

from rich.console import RenderableType
from rich.text import Text

from audit.collect import read_dossier
from audit.ledger_source import LedgerSource
from audit.redecide import Redecided, redecide, unaccounted
from console.terminal.audit_sound import unchained
from console.terminal.desk import Desk, open_desk
from console.terminal.screen import DONE, PARTLY, REFUSED, clean, emit, heading, narrow, show, table
from domain.moments import instant, spoken
from domain.policy import Pack
from policies import load_pack

VERDICTS = {
    "same": ("一致", "same", "green"), "differs": ("不一致", "differs", "bold red"), "sealed": ("密钥已毁", "sealed", "yellow"),
    "keyless": ("密钥不在", "its key is gone", "bold red"), "elsewhere": ("须另见", "elsewhere", "yellow"), "founding": ("设立环境", "founding", "dim"),
}  # fmt: skip


def again(case: str, pack: str | None, as_json: bool) -> int:
    """Decide the acts about a case again; 1 when one comes out otherwise or lacks its key, 4 when one cannot be decided."""
    desk = open_desk()
    id_ = desk.find(case)
    with desk.engine.connect().execution_options(reading=True) as connection:
        source = LedgerSource(connection, desk.gateway)
        other = _settled(desk, load_pack(pack)) if pack else source.pack_today()
        dossier = read_dossier(connection, id_)
        altered = unchained(dossier)
        found, orphans = list(redecide(source, dossier.acts, other)), unaccounted(dossier)
    counts = {verdict: sum(row.verdict == verdict for row in found) for verdict in VERDICTS}
    # On the ledger itself a key is only ever gone by an act, and that act is on it.
    holds = not (altered or counts["differs"] or counts["keyless"] or orphans)
    complete = not counts["sealed"] and not counts["elsewhere"]
    code = REFUSED if not holds else DONE if complete else PARTLY
    if as_json:
        rows = [
            row.model_dump(exclude_defaults=True, exclude={"today"}) | {"today": row.today} for row in found
        ]
        emit(
            {
                "case": id_,
                "holds": holds,
                "complete": holds and complete,
                "other_pack": {"name": other.name, "hash": other.hash},
                "counts": counts,
                "unaccounted": orphans,
                "acts": rows,
            }
        )
        return code
    _show(id_, other, found, code)
    for fact in orphans:
        show(Text(f"✗ 无任何行为可据的事实 a fact that no act accounts for: {fact}", style="bold red"))
    return code


def _settled(desk: Desk, pack: Pack) -> Pack:
    """A pack with the settings of this environment, as far as it has those rules."""
    return pack.with_settings({k: v for k, v in desk.policy.settings.items() if k in pack.rules})


_TOLD = {
    DONE: ("✓ ", "bold green", "依所定规则重断，结果一致 decided again, the same"),
    PARTLY: ("– ", "bold yellow", "未见不一致，但有不能重断的行为 nothing otherwise, but not every act could be decided again"),
    REFUSED: ("✗ ", "bold red", "重断不成立 decided again, it does not hold"),
}  # fmt: skip


def _show(case: str, other: Pack, found: list[Redecided], code: int) -> None:
    sign, colour, told = _TOLD[code]
    mark = Text(sign, style=colour)
    show(mark.append(told, style="bold").append(f"  {case}  {len(found)} 项 acts", style="dim"))
    made = table(
        ("时间 At", "fixed"), "行为 Act", *([] if narrow() else ["经办 By"]), "当时 Then", "重断 Again"
    )
    for raw in found:
        row = Redecided.model_validate(clean(raw.model_dump()))
        zh, en, style = VERDICTS[row.verdict]
        said = Text(f"{zh} {en}", style=style)
        if row.why:
            said.append(f"\n{row.why}", style="dim")
        for d in row.differences[:10]:
            said.append(
                f"\n{d['event']} {d['field']}: {_short(d['recorded'])} → {_short(d['again'])}", style="red"
            )
        who: list[RenderableType] = [] if narrow() else [row.actor]
        made.add_row(spoken(instant(row.at)), row.act, *who, row.outcome, said)
    show(made, heading(f"换用 {other.name} {other.hash[:12]}", "Under this pack"))
    changed = [row for row in found if row.today]
    if not changed:
        show(Text("结果相同 · it would have said the same", style="green"))
    for row in changed:
        show(Text(f"{spoken(instant(row.at))} {row.act} {row.actor}", style="bold"))
        for d in (row.today or [])[:10]:
            reasons = "；".join(d.get("reasons", []))
            show(
                Text(
                    f"  {d['event']} {d['field']}: {_short(d['recorded'])} → {_short(d['again'])}  {reasons}",
                    style="yellow",
                )
            )


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 90 else text[:90] + "…"

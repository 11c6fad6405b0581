"""`huiqian audit readings`: who looked at personal data."""

from rich.text import Text

from audit.readings import readings
from console import words
from console.desk import cited
from console.terminal.audit_sound import altered
from console.terminal.desk import open_desk
from console.terminal.given import actor
from console.terminal.screen import STANDING_BADGES, clean, emit, narrow, show, table
from domain.moments import instant, spoken
from records.verify import verify


def shown(case: str | None, by: str | None, as_json: bool) -> int:
    """All looks, or those at one case, or by one officer; 1 when the record was changed."""
    desk = open_desk()
    rule = desk.pack.rules["retention.readings_years"]
    years = int(rule.on(desk.today))
    code = altered(verify(desk.engine, fold=False).problems)
    with desk.engine.connect().execution_options(reading=True) as connection:
        found = readings(connection, years, desk.find(case) if case else None, str(actor(by)) if by else None)
    if as_json:
        emit({"kept_years": years, "readings": [row.model_dump() for row in found]})
        return code
    if not found:
        show(Text("没有人查阅过个人信息 · nobody has looked", style="green"))
    else:
        made = table(
            ("时间 At", "fixed"),
            "何人 Who",
            "案件 Case",
            "查阅 What",
            "用途 Why",
            *([] if narrow() else ["保存至 Kept until"]),
        )
        for row in found:
            read = clean(row.model_dump())
            what = Text(f"{words.FIELDS.get(read['what'], read['what'])}")
            if read["outcome"] == "refused":
                what.append(f"\n拒绝 refused: {read['code']}", style="bold red")
            made.add_row(
                spoken(instant(row.at)),
                read["actor"],
                read["case"],
                what,
                read["reason"],
                *([] if narrow() else [read["kept_until"]]),
            )
        show(made)
    clause = cited(desk.pack.instruments.get(rule.source.instrument), rule.source.clause)
    show(
        Text.assemble(
            (f"至少保存 {years} 年；账册不删除 kept at least {years} years, and never removed  ", "dim"),
            (clause, "italic"),
            " ",
            STANDING_BADGES[rule.standing],
        )
    )
    return code

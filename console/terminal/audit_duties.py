"""`huiqian audit duties`: where one person held two roles that may not meet."""

from rich.text import Text

from audit.duties import Meeting
from audit.trees import look
from console.terminal.audit_sound import altered
from console.terminal.desk import open_desk
from console.terminal.screen import REFUSED, STANDING_BADGES, clean, emit, pairs, show
from domain.moments import instant, spoken

HOW = {
    "account": ("同一账号", "one account"), "person": ("同一人的不同账号", "two accounts of one person"),
    "delegation": ("受托代办", "on the other's behalf"), "tie": ("应当回避", "must stand aside"),
}  # fmt: skip


def duties(case: str | None, as_json: bool) -> int:
    """Look at every tree of cases, or at one; 1 when something is found, or the record was changed."""
    desk = open_desk()
    tree = desk.find(case) if case else None
    looked = look(desk.engine)
    code = altered(looked.problems)
    found = [meeting for meeting in looked.found if tree in (None, meeting.tree)]
    if as_json:
        emit(
            {
                "clean": not found and not looked.problems,
                "trees": looked.trees,
                "deeds": looked.deeds,
                "meetings": [m.model_dump() for m in found],
                "problems": looked.problems,
            }
        )
        return REFUSED if found else code
    much = f"  {looked.trees} 件 trees  {looked.deeds} 项行为 acts"
    if not found:
        show(
            Text.assemble(
                ("✓ ", "bold green") if not looked.problems else ("? ", "bold red"),
                ("未见应当分离的职责由同一人办理 ", "bold"),
                "no two such roles met",
                (much, "dim"),
            )
        )
        return code
    show(Text.assemble(("✗ ", "bold red"), (f"{len(found)} 处 found", "bold red"), (much, "dim")))
    for meeting in found:
        _show(Meeting.model_validate(clean(meeting.model_dump())))
    return REFUSED


def _show(meeting: Meeting) -> None:
    zh, en = HOW[meeting.how]
    deeds = [deed for deed in (meeting.first, meeting.second) if deed]
    said = "\n".join(
        f"{spoken(instant(d.at))}  {d.act}  {d.actor}"
        + (f"（代 for {d.on_behalf_of}）" if d.on_behalf_of else "")
        + f"  {d.command}"
        for d in deeds
    )
    show(
        Text.assemble("\n", (meeting.tree, "bold"), "  ", (f"{zh} {en}", "red")),
        pairs(
            [
                ("行为 Acts", said),
                ("原因 Why", meeting.why),
                (
                    "依据 Clause",
                    Text.assemble((meeting.clause, "italic"), " ", STANDING_BADGES.get(meeting.standing, "")),
                ),
            ]
        ),
    )

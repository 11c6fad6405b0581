"""How the parts of a timeline are said in both languages."""

from audit.timeline import Entry
from console import words

WHAT = {
    "act": ("办理", "done"), "refusal": ("拒绝", "refused"), "lapse": ("期限届满", "by law"),
    "reading": ("查阅", "read"), "letter": ("通知", "letter"),
}  # fmt: skip
STYLES = {"act": "green", "refusal": "bold red", "lapse": "yellow", "reading": "magenta", "letter": "dim"}
ACTS = {
    "lapse": "期限届满",
    "issue-document": "制发公文",
    "record-publication": "登记发布",
    "complete-round": "办结轮次",
}
"""Acts of processes, which no pack gives to an office."""


def named(entry: Entry, pack_acts: dict[str, str] | None = None) -> str:
    """What an entry is about: `受理 accept`, `视为放弃 Filing abandoned`, `受理通知 → filer@dg`."""
    if entry.what == "letter" and entry.letter:
        status = words.both(words.LETTERS, entry.letter["status"])
        return f"{entry.letter['subject']} {entry.name} → {entry.letter['recipient']}（{status}）"
    if entry.what == "lapse":
        return words.event(entry.name)
    zh = (pack_acts or {}).get(entry.name) or ACTS.get(entry.name, "")
    return f"{zh} {entry.name}".strip()


def settled(entry: Entry, names: dict[str, str]) -> str:
    """Who stands behind an entry: `省教研室受理岗`; by law nobody does."""
    if entry.what == "lapse":
        return "依法自动 by law"
    if entry.role == "post":
        return words.agency(entry.agency, names)
    if entry.role == "expert":
        return f"专家 {entry.actor.partition(':')[2]}"
    return words.office(entry.role, entry.agency, names) + (
        f"，代 {entry.on_behalf_of}" if entry.on_behalf_of else ""
    )

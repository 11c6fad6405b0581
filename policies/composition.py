"""What a pack takes over of the one that it extends: not everything there has to hold here, nor as surely."""

from fnmatch import fnmatchcase
from typing import Any

SECTIONS = ("instruments", "agencies", "rules", "acts", "duties", "refusals", "letters", "papers")
Section = dict[str, Any] | list[Any]


def taken_over(base: dict[str, Any], without: Any, by_analogy: Any) -> dict[str, Any]:
    """A pack's data less what is left out, and with less standing where it is only borrowed.

    `without` lists names by section: `study_years.*` stands for all that begin so, `*` for all. `by_analogy` names
    instruments that are the law of the other procedure only: what they say word for word there is an analogy here.
    Raises ValueError, beginning with the field, when either is not so, or names what is not there.
    """
    if not isinstance(by_analogy, list):
        raise ValueError("by_analogy：应为文件列表 / expected a list of instruments")
    if not isinstance(without, dict) or not all(isinstance(names, list) for names in without.values()):
        raise ValueError("without：应为 {部分: [名称]} / expected names by section")
    for instrument in by_analogy:
        if instrument not in base["instruments"]:
            raise ValueError(
                f"by_analogy：{instrument}：所承继的规则包没有这份文件 / not in the pack that is extended"
            )
    if unknown := sorted(set(without) - set(SECTIONS)):
        raise ValueError(
            f"without：{unknown[0]}：应为 {'、'.join(SECTIONS)} 之一 / expected one of these sections"
        )
    taken = dict(base)
    for section, patterns in without.items():
        taken[section] = _less(section, base[section], patterns)
    for section in SECTIONS:
        for _, row in _entries(taken[section]):
            if row.get("standing") == "text" and row["source"]["instrument"] in by_analogy:
                row["standing"] = "analogy"
    return taken


def _less(section: str, rows: Section, patterns: list[str]) -> Section:
    names = {key: _name(section, key, row) for key, row in _entries(rows)}
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names.values()):
            raise ValueError(
                f"without：{section}：{pattern}：所承继的规则包没有这一项 / not in the pack that is extended"
            )
    kept = [(k, row) for k, row in _entries(rows) if not any(fnmatchcase(names[k], p) for p in patterns)]
    return dict(kept) if isinstance(rows, dict) else [row for _, row in kept]


def _name(section: str, key: Any, row: Any) -> str:
    """What an entry is called: a letter by its id, a duty by its two acts, everything else by its key."""
    if section == "letters":
        return str(row["id"])
    return "+".join(row["acts"]) if section == "duties" else str(key)


def _entries(rows: Section) -> list[tuple[Any, Any]]:
    return list(rows.items()) if isinstance(rows, dict) else list(enumerate(rows))

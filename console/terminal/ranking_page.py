"""A ranking for people: places and money with their clauses, who stands where and why, ties, lots, the reserve list."""

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from console import words
from console.desk import Desk, cited
from console.terminal.screen import STANDING_BADGES, heading, narrow, pairs, stacked, table
from domain.moments import instant, spoken
from domain.policy import Pack
from domain.ranking import BY_LIST, BY_LOT, BY_SCORE, SHARED
from gateway.views import NoSuchCase
from gateway.views import show as view_of

STANDINGS = {"selected": "入选", "reserve": "候补", "unselected": "未入选", "drawing": "待抽签"}
STYLES = {"selected": "bold green", "reserve": "yellow", "drawing": "bold magenta"}
OWN = (
    "category",
    "quota",
    "budget",
    "grant",
    "places",
    "taken",
    "free",
    "committed",
    "chain",
    "draw",
    "ranking",
)
"""Fields of a selection's view that this page shows."""


def rankings(desk: Desk, view: dict[str, Any]) -> list[RenderableType]:
    """The ranking that a case is, or the rankings of a round, one under another."""
    if view["kind"] == "selection":
        return ranking(desk, view)
    found = [view_of(desk.engine, id_) for id_ in view.get("selections", {}).values()]
    return [part for one in found for part in ranking(desk, one)]


def ranking(desk: Desk, view: dict[str, Any]) -> list[RenderableType]:
    """One ranking."""
    pack = desk.pack_of(view["pack"])
    name = category(pack, view["category"])
    return [
        heading(f"{name['zh']}排序", f"Ranking: {name['en']}  {view['id']}"),
        _sums(pack, view),
        _table(desk, view),
    ]


def category(pack: Pack, code: str) -> dict[str, str]:
    """A category's names; its code where the pack has none."""
    rule = pack.rules.get("selection.categories")
    names: dict[str, dict[str, str]] = rule.values[-1].value if rule else {}
    return names.get(code, {"zh": code, "en": code})


def yuan(amount: int | None) -> str:
    """An amount for tables: `1,500,000元`."""
    return "" if amount is None else f"{amount:,}元"


def _sums(pack: Pack, view: dict[str, Any]) -> RenderableType:
    key, draw = f"selection.{view['category']}", view["draw"]
    stands = view["deadlines"].get("reserve")
    rows: list[tuple[str, RenderableType | None]] = [
        ("名额 Quota", _by_rule(pack, str(view["quota"]), f"{key}.quota")),
        ("每个扶持 Each", _by_rule(pack, yuan(view["grant"]), f"{key}.grant_yuan")),
        ("年度资金 Budget", yuan(view["budget"]) or "未另行核定，按名额 as the quota needs"),
        ("可用名额 Places", f"{view['places']}   已占 taken {view['taken']}   空缺 free {view['free']}"),
        ("所需资金 Committed", yuan(view["committed"])),
        ("并列比较 Ties", _by_rule(pack, " → ".join([*view["chain"], "抽签 lot"]), "ranking.tie_chain")),
        ("候补有效 Reserve until", words.ends(stands["ends_at"]) if stands else None),
    ]
    if draw:
        when = spoken(instant(draw["at"]))
        value = draw["value"] or "待公布 not out yet"
        rows.append(
            (
                "抽签 Draw",
                stacked(f"{draw['source']}，{when}：{value}", "SHA-256(source ⏎ value ⏎ lot), lowest first"),
            )
        )
    return pairs(rows)


def _by_rule(pack: Pack, said: str, key: str) -> RenderableType:
    rule = pack.rules.get(key)
    if rule is None:
        return Text(said)
    clause = cited(pack.instruments.get(rule.source.instrument), rule.source.clause)
    return Text.assemble((said, "bold"), "  ", (clause, "italic"), " ", STANDING_BADGES[rule.standing])


def _table(desk: Desk, view: dict[str, Any]) -> RenderableType:
    small = narrow()
    made = table(
        ("名次\nPlace", "right"), "专业线\nLine", *([] if small else ["院校\nSchool"]), ("得分\nScore", "right"),
        "何以在此\nWhy here", "结果\nStanding",
    )  # fmt: skip
    names, before = _Names(desk, view.get("round")), None
    for row in view["ranking"]:
        school, major = names.of(row["line"])
        line = Text.assemble(row["line"], "\n", (f"{school} {major}" if small else major, "dim"))
        standing = Text(
            f"{STANDINGS[row['standing']]} {row['standing']}", style=STYLES.get(row["standing"], "dim")
        )
        if row["left"]:
            left = words.both(words.LINE_STATES, row["left"])
            standing = Text.assemble((standing.plain, "strike dim"), "\n", (left, "red"))
        why = stacked(*_why(row, before))
        made.add_row(str(row["place"]), line, *([] if small else [school]), row["score"], why, standing)
        before = row
    return made


def _why(row: dict[str, Any], before: dict[str, Any] | None) -> tuple[str, str]:
    """What parts a line from the one above it."""
    by, lot = row["by"], row["lot"]
    key = f" {row['key'][:16]}…" if row["key"] else ""
    if row["standing"] == "drawing":
        return f"并列，签号{lot}", f"tied, lot {lot}"
    if by == BY_LOT or key:
        return f"抽签：签号{lot}{key}", f"by lot {lot}{key}"
    if by == SHARED:
        return "与上一名并列", "shares the place above"
    if by == BY_LIST:
        return "各项相同，在已公布的候补之后", "equal; the published list goes first"
    if by == BY_SCORE or before is None:
        return "总分", "score"
    return (
        f"总分相同，{by}{row['marks'][by]}＜{before['marks'][by]}",
        f"equal score; {by} {row['marks'][by]} < {before['marks'][by]}",
    )


class _Names:
    """School and major of a line, each filing read once."""

    def __init__(self, desk: Desk, round_: str | None) -> None:
        self._desk = desk
        catalog = view_of(desk.engine, round_)["catalog"] if round_ else []
        self._majors = {m["code"]: m["name"] for m in catalog}
        self._filings: dict[str, dict[str, Any]] = {}

    def of(self, ref: str) -> tuple[str, str]:
        filing, _, line = ref.rpartition("/")
        if filing not in self._filings:
            try:
                self._filings[filing] = view_of(self._desk.engine, filing)
            except NoSuchCase:
                self._filings[filing] = {"college": "", "lines": {}}
        found = self._filings[filing]
        code = str(found["lines"].get(line, {}).get("major", ""))
        college = str(found["college"])
        return self._desk.names.get(college, college), str(self._majors.get(code, code))

"""What letters and documents of a funded selection say beside the rest: categories by name, money in words, rankings."""

from datetime import date
from typing import Any

from domain.cases.selection import Selection
from domain.policy import Pack

WAN = 10_000


def money(yuan: int | None) -> str:
    """An amount as Chinese documents write it: `150万元`."""
    if yuan is None:
        return ""
    return f"{yuan // WAN}万元" if yuan % WAN == 0 else f"{yuan}元"


def money_en(yuan: int | None) -> str:
    """An amount in English: `1,500,000 yuan`."""
    return "" if yuan is None else f"{yuan:,} yuan"


class Categories:
    """The names of a pack's categories on a day; a pack that ranks nothing has none."""

    def __init__(self, pack: Pack, day: date) -> None:
        rules = pack.on(day)
        self._names: dict[str, dict[str, str]] = (
            rules.table("selection.categories") if rules.has("selection.categories") else {}
        )

    def named(self, category: str) -> dict[str, str]:
        """Both names of a category, as the templates call them."""
        words = self._names.get(category, {})
        return {
            "category_name": words.get("zh", category),
            "category_name_en": words.get("en", category),
        }

    def line(self, line: dict[str, Any], ranking: Selection | None) -> dict[str, Any]:
        """What a line of a selection has beside its view: names, money, and its lot where it is drawn for."""
        entry = next((r for r in ranking.ranking if r.ref == line["ref"]), None) if ranking else None
        drawn = {"lot": entry.lot, "place": entry.place, "score": entry.score} if entry and entry.lot else {}
        words = {"money": money(line["grant"]), "money_en": money_en(line["grant"])}
        return {**line, **self.named(line["category"]), **words, **drawn}

    def ranking(self, case: Selection) -> dict[str, Any]:
        """A ranking as the templates see it."""
        view = case.about()
        return {
            **view,
            **self.named(case.category),
            "on_reserve": len(case.standing("reserve")),
            "grant_money": money(case.grant),
            "grant_money_en": money_en(case.grant),
            "committed_money": money(view["committed"]),
            "committed_money_en": money_en(view["committed"]),
        }

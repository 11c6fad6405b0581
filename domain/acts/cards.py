"""Withdrawing a card that was wrong (黄牌、红牌的撤销)."""

from pydantic import Field

from domain.acts.base import Reasoned, act
from domain.case import Case
from domain.cases.card_facts import CardWithdrawn
from domain.files import Files


class WithdrawCard(Reasoned):
    """Which card of the case, as its page names it, and why it was wrong."""

    card: str = Field(min_length=1, max_length=100)


@act("withdraw-card", WithdrawCard, Case)
def withdraw_card(files: Files, form: WithdrawCard, case: Case) -> None:
    """It stands no longer and everybody who was told of it is told so; a later card still falls on its day."""
    card = case.cards.get(form.card)
    if card is None:
        known = "、".join(case.cards) or "无"
        zh, en = f"没有这张牌：{form.card}（有：{known}）", f"no such card: {form.card} (there are: {known})"
        files.refuse("invalid", zh, en, field="card")
    elif card.withdrawn:
        files.refuse("wrong-stage", "这张牌已撤销", "the card was withdrawn already", field="card")
    files.check()
    assert card is not None
    files.append(case, CardWithdrawn(id=form.card, card=card.card, to=card.to, reason=form.reason))

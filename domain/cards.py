"""预警、黄牌、红牌、督办: who is told when a period is about to end or is over, by the rules `cards.*` of the case's pack."""

from datetime import datetime

from domain.case import Case
from domain.cases.card_facts import CardShown, CardsPutOff
from domain.clocks import Deadline, put_off
from domain.files import Files
from domain.kinds import DRIVEN
from domain.policy import card_rule


def show_card(files: Files, case: Case, deadline: Deadline, card: str, at: datetime) -> None:
    """A card falls: to whoever is awaited, from yellow on to their superior, with red to the supervising unit too (督办)."""
    rules = files.rules_of(case)
    awaited = [w for w in case.waiting() if w.clock == deadline.name]
    to = [w.who for w in awaited]
    if card != "warning":
        to += [f"{rules.text('cards.superior')}@{w.agency}" for w in awaited]
    if card == "red":
        to.append(rules.text("cards.supervising_unit"))
    shown = CardShown(
        card=card, clock=deadline.name, date=deadline.date, for_=sorted({w.for_ for w in awaited}),
        to=list(dict.fromkeys(to)), rule=card_rule(card),
    )  # fmt: skip
    files.append(case, shown, at=at)


def put_cards_off(files: Files, at: datetime | None = None) -> None:
    """A matter that came to somebody when its cards had been due: they count anew from the day it came.

    Whoever was awaited before got their cards when it was settled; so what is due now is new to its officer. `at`: the
    legal time of what brought it, where that is not now.
    """
    at = at or files.now
    for case in [files.seen[id_] for id_ in sorted(files.touched)]:
        late = {d.name: d for when, d, _ in case.falling() if when <= at} if case.kind in DRIVEN else {}
        for name in late.keys() - files.awaited[case.id]:
            files.awaited[case.id].add(name)
            moved = put_off(late[name], max(at, case.changed_at or at), files.calendar)
            files.append(case, CardsPutOff(deadline=moved), at=at)

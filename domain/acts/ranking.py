"""Ranking, lots and substitution of a funded selection (SF-01; 001 专栏4-2). The order itself: domain/ranking.py."""

from typing import Annotated

from pydantic import Field, StrictInt

from domain.acts.base import Form, Nothing, act
from domain.acts.clocks import start
from domain.acts.places import (
    DECIDED,
    JUDGED_ANEW,
    Found,
    candidates,
    carry_out,
    lines_of,
    merits,
    places_of,
    reserve_clock,
)
from domain.cases.round import BudgetSet, CategoryRanked, Round
from domain.cases.selection import (
    DrawAnnounced,
    DrawHeld,
    PlacesChanged,
    PlacesFilled,
    RankingMade,
    Selection,
)
from domain.clocks import appoint
from domain.files import Files
from domain.ids import derived
from domain.moments import Instant, local_day, spoken
from domain.ranking import Ranked, rank

MOST_NAMED = 50
"""A refusal names at most this many lines."""


class Category(Form):
    """Which category of the round."""

    category: str = Field(min_length=1, max_length=40)


@act("rank", Category, Round)
def rank_category(files: Files, form: Category, case: Round) -> None:
    """Once every line of the category is judged: places by score and chain, then the reserve list; ties wait for the lot."""
    _must_be_category(files, case, form.category)
    if case.stage not in ("closed", "completed"):
        files.refuse("wrong-stage", "申报时间尚未截止", "the window is still open")
    if other := case.selections.get(form.category):
        files.refuse("wrong-stage", "该类别已排序", "the category is ranked already", other=other)
    found = lines_of(files, case, form.category)
    for ref, _, line in [f for f in found if f[2].state in JUDGED_ANEW][:MOST_NAMED]:
        files.refuse("not-ranked", f"{ref}尚无评审结论", f"{ref} is not judged yet", line=line.id, other=ref)
    eligible = [f for f in found if f[2].state == "eligible"]
    files.check()
    rules = files.rules_of(case)
    budget, chain = case.budgets.get(form.category), rules.list("ranking.tie_chain")
    places = places_of(rules, form.category, budget)
    order = rank(candidates(files, eligible, chain), places, rules.int(f"selection.{form.category}.reserve"))
    selection = files.open(Selection(id=derived("selection", case.id, form.category), pack=case.pack))
    made = RankingMade(
        pack=case.pack,
        round=case.id,
        category=form.category,
        quota=rules.int(f"selection.{form.category}.quota"),
        grant=rules.int(f"selection.{form.category}.grant_yuan"),
        budget=budget,
        places=places,
        chain=chain,
        ranking=order,
        reserve=reserve_clock(files, selection, order),
    )
    files.append(selection, made)
    files.append(case, CategoryRanked(category=form.category, selection=selection.id))
    carry_out(files, selection)
    files.opened = selection.id


def _must_be_category(files: Files, case: Round, category: str) -> None:
    if category not in case.categories:
        known = "、".join(case.categories) or "-"
        zh, en = (
            f"本轮没有这个类别：{category}（有{known}）",
            f"no such category in this round: {category} ({known})",
        )
        files.refuse("invalid", zh, en, field="category")
    files.check()


class AnnounceDraw(Form):
    """Which public number will decide between equals, and when it will be known."""

    source: str = Field(min_length=4, max_length=400)
    at: Instant


@act("announce-draw", AnnounceDraw, Selection)
def announce_draw(files: Files, form: AnnounceDraw, case: Selection) -> None:
    """The number's source is made known days before there is a number, so that nobody can choose the outcome."""
    if case.stage != "drawing":
        files.refuse("wrong-stage", "没有须抽签决定的并列", "no tie waits for a draw")
    elif case.draw is not None and case.draw.at <= files.now:
        files.refuse(
            "wrong-stage", "抽签所用号码已经产生，不得改换", "the number is out and cannot be changed"
        )
    notice = start(files, case, "draw", "draw.notice_working_days")
    if local_day(form.at) < notice.date:
        files.refuse(
            "invalid", f"抽签最早为{notice.date}", f"the draw is on {notice.date} at the earliest", field="at"
        )
    elif notice.provisional:
        zh, en = "抽签最早日须待放假安排公布", "the earliest day of the draw needs a schedule"
        files.refuse("calendar-missing", zh, en)
    files.check()
    day = appoint("draw", form.at, notice.period.rule, files.calendar).model_copy(update={"lapses": False})
    files.append(case, DrawAnnounced(source=form.source, at=form.at, draw=day))


class HoldDraw(Form):
    """The number as its source published it."""

    value: str = Field(min_length=1, max_length=400)


@act("draw", HoldDraw, Selection)
def hold_draw(files: Files, form: HoldDraw, case: Selection) -> None:
    """Every lot's key follows from the announced source and the number; whoever asks can compute it again."""
    if case.stage != "drawing" or case.draw is None:
        files.refuse("wrong-stage", "没有已公告的抽签", "no draw was announced")
    elif files.now < case.draw.at:
        when = spoken(case.draw.at)
        files.refuse("wrong-stage", f"抽签公告定于{when}", f"the draw was announced for {when}")
    files.check()
    assert case.draw is not None
    # Spaces and line breaks are no part of a number; otherwise it counts as it was published.
    value = " ".join(form.value.split())
    order = _order(files, case, _in_play(files, case), drawn=(case.draw.source, value))
    files.append(case, DrawHeld(value=value, ranking=order, reserve=reserve_clock(files, case, order)))
    carry_out(files, case)


@act("substitute", Nothing, Selection)
def substitute(files: Files, _: Nothing, case: Selection) -> None:
    """递补: free places go to the next on the reserve list, and to lines that were judged anew and rank before it."""
    in_play = _in_play(files, case)
    judged_anew = any(line.state == "eligible" for _, _, line in in_play)
    if case.stage == "drawing":
        files.refuse("not-ranked", "并列尚待抽签", "a tie waits for its draw")
    elif not case.free and not judged_anew:  # those who came back are told where they stand, place or none
        zh = f"{case.places}个名额均已有归属，没有空缺"
        files.refuse("over-quota", zh, f"all {case.places} places are taken")
    elif not in_play:
        files.refuse("wrong-stage", "没有可以递补的专业线", "nobody is left to take a place")
    files.check()
    files.append(case, PlacesFilled(ranking=_order(files, case, in_play)))
    carry_out(files, case)


class SetBudget(Form):
    """The year's money for a category, in yuan, and what says so."""

    category: str = Field(min_length=1, max_length=40)
    amount: Annotated[StrictInt, Field(ge=0, le=10**12)]
    basis: str = Field(min_length=1, max_length=400)


@act("set-budget", SetBudget, Round)
def set_budget(files: Files, form: SetBudget, case: Round) -> None:
    """More or less money than the quota needs: places follow, and the last ones go back to the reserve list."""
    _must_be_category(files, case, form.category)
    selection = files.find(case.selections.get(form.category), Selection)
    places = places_of(files.rules_of(case), form.category, form.amount)
    in_play: list[Found] = []
    if selection is not None and selection.stage == "drawing" and selection.draw is not None:
        files.refuse(
            "not-ranked", "抽签已公告，请在抽签后调整", "a draw is announced: adjust the budget after it"
        )
    elif selection is not None:
        in_play = _in_play(files, selection, demotable=True)
        selected = {entry.ref for entry in selection.standing("selected")}
        fixed = len(selected - {ref for ref, _, _ in in_play})
        if places < fixed:
            zh = f"已同意或公布{fixed}个，所需资金超过{form.amount}元"
            files.refuse(
                "over-budget", zh, f"{fixed} are consented to or announced: they need more", field="amount"
            )
    files.check()
    files.append(case, BudgetSet(category=form.category, amount=form.amount, basis=form.basis))
    if selection is not None:
        order = _order(files, selection, in_play, places=places)
        files.append(selection, PlacesChanged(budget=form.amount, places=places, ranking=order))
        carry_out(files, selection)


def _in_play(files: Files, case: Selection, *, demotable: bool = False) -> list[Found]:
    """Lines whose standing is open: drawing, on the reserve list, judged anew; on a cut, places not yet consented to."""
    found: list[Found] = []
    for ref, filing, line in lines_of(files, files.need(case.round or "", Round), case.category):
        standing = case.standing_of(ref)
        waits = standing in ("drawing", "reserve") and line.state not in (*JUDGED_ANEW, *DECIDED, "frozen")
        returns = standing is None and line.state == "eligible"
        if waits or returns or (demotable and standing == "selected" and line.state not in DECIDED):
            found.append((ref, filing, line))
    return found


def _order(
    files: Files, case: Selection, in_play: list[Found], *, places: int | None = None,
    drawn: tuple[str, str] | None = None,
) -> list[Ranked]:  # fmt: skip
    """The lines in play in their order, for the places that the others leave."""
    playing = {ref for ref, _, _ in in_play}
    others = [entry for entry in case.ranking if entry.ref not in playing and entry.ref not in case.left]
    taken = sum(entry.standing == "selected" for entry in others)
    # A list that was made known is not shortened: whoever stood on it, or had a place, stays at least on it.
    known = [line for _, _, line in in_play if line.selection]
    size = len(in_play) if known else files.rules_of(case).int(f"selection.{case.category}.reserve")
    return rank(
        candidates(files, in_play, case.chain, case.ranking),
        max((case.places if places is None else places) - taken, 0),
        0 if case.reserve_over else size,
        merits(others),
        drawn,
    )

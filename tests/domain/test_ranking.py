"""Who comes before whom: by score, by the chain, by lot; the same whoever asks, and never more selected than places."""

import hashlib
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.ranking import Candidate, Ranked, key_of, rank

DRAWN = ("示例来源", "05 11 17")


def candidate(n: int, score: int, first: int = 0, second: int = 0, place: int | None = None) -> Candidate:
    marks = {"产业对接": Decimal(first), "校企合作": Decimal(second)}
    return Candidate(ref=f"F{n}/1", score=Decimal(score), marks=marks, place=place)


small = st.integers(0, 3)
fields = st.lists(st.tuples(small, small, small), max_size=12).map(
    lambda rows: [candidate(n, *row) for n, row in enumerate(rows)]
)
counts = st.integers(0, 8)


def stand(ranked: list[Ranked]) -> dict[str, list[str]]:
    return {
        standing: [r.ref for r in ranked if r.standing == standing]
        for standing in ("selected", "reserve", "unselected", "drawing")
    }


@given(fields, counts, counts)
def test_once_drawn_every_place_is_given_and_nobody_stands_before_a_better_one(
    field: list[Candidate], places: int, reserve: int
) -> None:
    ranked = rank(field, places, reserve, drawn=DRAWN)
    merit = {c.ref: c.merit for c in field}
    assert {r.ref for r in ranked} == merit.keys()
    found = stand(ranked)
    assert len(found["selected"]) == min(places, len(field))
    assert len(found["reserve"]) == min(reserve, max(len(field) - places, 0))
    assert not found["drawing"]
    assert [merit[r.ref] for r in ranked] == sorted(merit.values(), reverse=True)


@given(fields, counts, counts)
def test_before_the_draw_only_what_hangs_on_it_waits(
    field: list[Candidate], places: int, reserve: int
) -> None:
    waiting, drawn = rank(field, places, reserve), rank(field, places, reserve, drawn=DRAWN)
    settled = {r.ref: r.standing for r in waiting if r.standing != "drawing"}
    assert settled.items() <= {r.ref: r.standing for r in drawn}.items()
    lots = [r for r in waiting if r.standing == "drawing"]
    assert sorted(r.lot or 0 for r in lots) == list(range(1, len(lots) + 1))
    assert {r.ref: r.lot for r in drawn if r.lot} == {r.ref: r.lot for r in lots}, (
        "lots stand before the number"
    )
    groups = {r.place for r in lots}
    assert all(len([r for r in lots if r.place == place]) > 1 for place in groups)


@given(st.permutations(range(8)), counts, counts)
def test_without_equals_the_order_of_arrival_means_nothing(
    order: list[int], places: int, reserve: int
) -> None:
    field = [candidate(n, n // 2, n % 2) for n in range(8)]
    assert rank([field[n] for n in order], places, reserve) == rank(field, places, reserve)


def test_anybody_can_compute_a_key() -> None:
    assert key_of("来源", "01 02", 3) == hashlib.sha256("来源\n01 02\n3".encode()).hexdigest()


def test_whoever_leaves_before_the_draw_moves_nobody_elses_lot() -> None:
    field = [candidate(n, 90) for n in (1, 2, 3, 4)]
    told = {r.ref: r for r in rank(field, 2, 1)}
    assert [told[c.ref].lot for c in field] == [1, 2, 3, 4]
    left = [c.model_copy(update={"place": told[c.ref].place, "lot": told[c.ref].lot}) for c in field[1:]]
    assert {r.ref: r.key for r in rank(left, 2, 1, drawn=DRAWN)} == {
        c.ref: key_of(*DRAWN, lot) for lot, c in enumerate(field[1:], 2)
    }


def test_a_tie_that_changes_nothing_is_not_drawn() -> None:
    ranked = rank([candidate(1, 90), candidate(2, 90), candidate(3, 80)], 2, 1)
    assert [(r.place, r.by, r.lot, r.standing) for r in ranked] == [
        (1, "score", None, "selected"), (1, "shared", None, "selected"), (3, "score", None, "reserve"),
    ]  # fmt: skip


def test_the_first_criterion_that_differs_is_named() -> None:
    ranked = rank([candidate(1, 90, 5, 1), candidate(2, 90, 4, 9), candidate(3, 90, 4, 8)], 1, 1)
    assert [r.by for r in ranked] == ["score", "产业对接", "校企合作"]


def test_whoever_comes_back_goes_behind_an_equal_on_the_list() -> None:
    ranked = rank([candidate(1, 80), candidate(2, 80, place=51)], 1, 5, others=[(Decimal(90),)])
    assert [(r.ref, r.standing, r.by) for r in ranked] == [
        ("F2/1", "selected", "score"),
        ("F1/1", "reserve", "list"),
    ]

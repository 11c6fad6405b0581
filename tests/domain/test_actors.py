"""Actors as they are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actors import Actor, parse_actor

words = st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True)
agencies = st.from_regex(r"[a-z0-9-]{1,10}", fullmatch=True)
people = st.from_regex(r"[\w-]{1,12}", fullmatch=True)


def written(role: str, nth: str, agency: str, person: str) -> str:
    return f"{role}{nth}@{agency}{person}"


offices = st.builds(
    written, words, st.just("") | st.integers(1, 99).map("/{}".format), agencies, st.just("") | people.map("#{}".format),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "role", "agency", "person"),
    [
        ("clerk@tro", "clerk", "tro", "clerk@tro"),
        ("clerk@tro#wang", "clerk", "tro", "wang"),
        ("inspector/2@dept", "inspector", "dept", "inspector/2@dept"),
        ("clerk@city-4419", "clerk", "city-4419", "clerk@city-4419"),
        ("expert:zhao", "expert", "experts", "zhao"),
        ("public", "public", "public", "public"),
    ],
)
def test_how_actors_are_written(text: str, role: str, agency: str, person: str) -> None:
    assert parse_actor(text) == Actor(role=role, agency=agency, person=person)
    assert str(parse_actor(text)) == text


@given(
    offices
    | people.map("expert:{}".format)
    | st.sampled_from(["public", "expert@dept", "public@dept", "process@dept"])
)
def test_what_is_read_is_written_so_that_it_reads_the_same(text: str) -> None:
    # The ledger keeps the written form only: folding again must find the same person in the same role.
    try:
        actor = parse_actor(text)
    except ValueError:
        return
    assert parse_actor(str(actor)) == actor


@given(st.text(max_size=20))
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    why = ""
    try:
        actor = parse_actor(text)
    except ValueError as error:
        actor, why = None, str(error)
    assert parse_actor(str(actor)) == actor if actor else " / " in why


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "clerk",
        "@tro",
        "clerk@",
        "Clerk@tro",
        "clerk@tro#",
        "clerk@tro#a b",
        "expert:",
        "expert:a/b",
        "inspector/0@dept",
        "public@dept",
        "expert@dept",
    ],
)
def test_what_is_no_actor(wrong: str) -> None:
    with pytest.raises(ValueError, match=" / "):
        parse_actor(wrong)


def test_the_same_role_at_the_same_agency_is_the_same_person() -> None:
    assert parse_actor("inspector@dept").person == parse_actor("inspector@dept").person
    assert parse_actor("inspector@dept").person != parse_actor("inspector/2@dept").person
    assert parse_actor("clerk@tro#zhao").person == parse_actor("expert:zhao").person

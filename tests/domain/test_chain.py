"""The digest chain: any single change of any record is located."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.chain import GENESIS, canonical, digest, first_break, row_writer

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
records = st.dictionaries(texts, values, max_size=4)
Link = tuple[str, str, str]


def chain(of: list[dict[str, Any]]) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for record in of:
        text = canonical(record)
        links.append((previous, text, digest(previous, text)))
        previous = links[-1][2]
    return links


@given(st.lists(records, max_size=6))
def test_an_honest_chain_verifies(of: list[dict[str, Any]]) -> None:
    assert first_break(chain(of)) is None


@given(st.lists(records, min_size=1, max_size=6), st.data())
def test_a_changed_record_is_found_where_it_stands(of: list[dict[str, Any]], data: st.DataObject) -> None:
    links, at = chain(of), data.draw(st.integers(0, len(of) - 1))
    previous, record, own = links[at]
    place = data.draw(st.integers(0, len(record) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]))
    assume(record[place] != other)
    links[at] = (previous, record[:place] + other + record[place + 1 :], own)
    assert first_break(links) == at


@given(st.lists(records, min_size=1, max_size=6), st.data())
def test_a_changed_digest_is_found_where_it_stands(of: list[dict[str, Any]], data: st.DataObject) -> None:
    links, at = chain(of), data.draw(st.integers(0, len(of) - 1))
    which = data.draw(st.sampled_from([0, 2]))
    link = list(links[at])
    place = data.draw(st.integers(0, 63))
    link[which] = link[which][:place] + ("0" if link[which][place] != "0" else "f") + link[which][place + 1 :]
    links[at] = (link[0], link[1], link[2])
    assert first_break(links) == at


@given(st.lists(records, min_size=2, max_size=6), st.data())
def test_a_record_left_out_or_put_in_is_found(of: list[dict[str, Any]], data: st.DataObject) -> None:
    links, at = chain(of), data.draw(st.integers(0, len(of) - 2))
    assert first_break(links[:at] + links[at + 1 :]) == at
    forged = canonical({"forged": True})
    inserted = (links[at][0], forged, digest(links[at][0], forged))
    assert first_break([*links[:at], inserted, *links[at:]]) == at + 1
    swapped = [*links[:at], links[at + 1], links[at], *links[at + 2 :]]
    assert first_break(swapped) == at


@given(records)
def test_the_written_form_does_not_depend_on_the_order_of_keys(record: dict[str, Any]) -> None:
    turned = dict(reversed(record.items()))
    assert canonical(turned) == canonical(record)


@given(values)
def test_what_was_written_and_read_is_written_the_same_again(value: Any) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(values, values)
def test_different_records_are_written_differently(one: Any, other: Any) -> None:
    same = json.loads(canonical(one)) == json.loads(canonical(other))
    if canonical(one) == canonical(other):
        assert same


def test_what_no_other_program_would_read_is_not_written() -> None:
    for odd in (float("nan"), float("inf")):
        try:
            canonical({"x": odd})
        except ValueError:
            continue
        raise AssertionError(odd)


def test_the_digest_is_the_one_that_anybody_can_compute() -> None:
    # printf '%064d\n{"a":1}' 0 | sha256sum
    assert digest(GENESIS, '{"a":1}') == "f21735afd2cd6af4fc5804b0045cebfd545aef8396d29d030c39cb8880b45b7f"


@given(
    st.dictionaries(
        st.text(max_size=8), st.text(max_size=20) | st.integers() | st.none() | st.booleans(), min_size=1
    )
)
def test_a_row_is_written_as_any_record_is(row: dict[str, Any]) -> None:
    names = sorted(row)
    assert row_writer(names)([row[name] for name in names]) == canonical(row)


def test_rows_are_written_in_the_order_of_their_names_only() -> None:
    with pytest.raises(ValueError, match="sorted"):
        row_writer(["b", "a"])

"""Facts: every kind of event is named, versioned, folded and readable again; a case is what its events say."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import decide
from domain.chain import canonical
from domain.events import REGISTRY, Event, UnknownEvent, revive
from domain.files import Added
from domain.kinds import DRIVEN, KINDS, fold
from tests.generate import fitting
from tests.register import PANEL
from tests.world import OBJECTOR, line

from .desk import Desk

assert decide  # importing it imports every part of the domain, and so every event


def kinds_of(event: type[Event]) -> Iterator[type[Event]]:
    for sub in event.__subclasses__():
        yield sub
        yield from kinds_of(sub)


EVENTS = sorted(kinds_of(Event), key=lambda event: event.__name__)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_is_registered_and_says_what_it_changes(event: type[Event]) -> None:
    assert REGISTRY[event.__name__] is event
    assert "fold" in vars(event), "its fold is somebody else's"
    assert event.version >= 1
    assert event.__doc__
    assert len(event.__name__) <= 40, "the ledger's column takes forty letters"


def test_nothing_else_is_registered() -> None:
    assert set(REGISTRY.values()) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_event_of_a_newer_release_is_not_guessed_at(event: type[Event]) -> None:
    with pytest.raises(UnknownEvent, match=event.__name__):
        revive(event.__name__, event.version + 1, {})


@given(st.text(max_size=20))
def test_an_event_that_nobody_knows_is_not_guessed_at(name: str) -> None:
    if name not in REGISTRY:
        with pytest.raises(UnknownEvent):
            revive(name, 1, {})


@given(st.data())
def test_an_event_reads_back_as_it_was_written(data: st.DataObject) -> None:
    cls = data.draw(st.sampled_from(EVENTS))
    event = cls.model_validate(data.draw(fitting(cls.model_json_schema())))
    written = canonical(event.model_dump(mode="json"))
    again = revive(cls.__name__, cls.version, json.loads(written))
    assert again == event
    assert canonical(again.model_dump(mode="json")) == written


def test_an_event_with_a_field_too_many_was_tampered_with() -> None:
    with pytest.raises(ValueError, match="extra"):
        revive("FilingAbandoned", 1, {"by": "nobody"})


def test_kinds_are_named_once_and_driven_ones_exist() -> None:
    assert all(cls.kind == name for name, cls in KINDS.items())
    assert set(KINDS) >= DRIVEN


@pytest.fixture(scope="module")
def finished() -> Desk:
    """A year in which nearly everything happened, decided with no database."""
    desk = Desk().found()
    lines = [line("1"), line("2", "DEMO-0105"), line("3", "DEMO-0101", "junior-middle", 6, segments=[3, 3])]
    story: list[tuple[str, str, str, dict[str, Any]]] = [
        ("2026-03-05 09:00", "clerk@tro", "ask-supplement", {"items": ["评价方案"]}),
        ("2026-03-09 09:00", "filer@dg", "supply", {"items": ["评价方案"]}),
        ("2026-03-10 09:00", "clerk@tro", "accept", {}),
        ("2026-03-16 09:00", "organiser@tro", "form-panel", {"experts": list(PANEL), "chair": "zhao"}),
        ("2026-03-17 09:00", "organiser@tro", "visit",
         {"date": "2026-03-17", "visitors": ["赵工", "孙老师"], "places": ["实训楼"], "finding": "属实"}),
        *(("2026-03-18 09:00", f"expert:{e}", "score", {"line": ["1", "2", "3"], "marks": {"overall": 85}}) for e in PANEL),
        ("2026-03-19 09:00", "expert:qian", "disclose-tie", {"expert": "qian", "org": "dg", "until": "2025-01-31"}),
        ("2026-03-20 09:00", "organiser@tro", "replace-expert", {"out": "qian", "in": "feng"}),
        ("2026-03-20 10:00", "expert:feng", "score", {"line": ["1", "2", "3"], "marks": {"overall": 85}}),
        ("2026-03-23 09:00", "expert:zhao", "conclude",
         {"results": {"1": "passed", "2": "conditional", "3": "passed"}, "reasons": {"2": "再看"}}),
    ]  # fmt: skip
    filing = desk.act("2026-03-04 10:12", "filer@dg", "submit-filing", round=desk.round, lines=lines)
    for at, by, do, with_ in story:
        desk.act(at, by, do, filing, **with_)
    refs = [f"{filing}/1", f"{filing}/3"]
    desk.act("2026-04-13 09:00", "notice-officer@tro", "publish-notice", lines=refs)
    objection = desk.act(
        "2026-04-14 09:00", "public", "object", line=refs[1], via="email", received="2026-04-14 09:00",
        who=OBJECTOR, statement="不实",
    )  # fmt: skip
    desk.act("2026-04-20 09:00", "approver@dept", "consent", lines=refs[:1])
    desk.act(
        "2026-04-21 09:00",
        "notice-officer@tro",
        "decide-objection",
        objection,
        outcome="dismissed",
        finding="属实",
    )
    desk.act("2026-04-21 10:00", "approver@dept", "return", lines=refs[1:], reasons="补充")
    desk.act(
        "2026-04-22 09:00", "publisher@dept", "announce", lines=refs[:1], document_no="粤人社函〔2026〕88号"
    )
    return desk


def test_the_story_went_as_it_should(finished: Desk) -> None:
    (filing,) = (case for case in finished.cases.values() if case.kind == "filing")
    states = {id_: shown["state"] for id_, shown in filing.view()["lines"].items()}
    assert states == {"1": "announced", "2": "conditional", "3": "conditional"}


def test_a_case_is_what_its_stored_events_say(finished: Desk) -> None:
    told: dict[str, list[Added]] = {}
    for fact in finished.events:
        told.setdefault(fact.stream, []).append(fact)
    for id_, facts in told.items():
        stored = [(f, json.loads(canonical(f.event.model_dump(mode="json")))) for f in facts]
        history = [(revive(type(f.event).__name__, f.event.version, data), f.moment) for f, data in stored]
        again = fold(facts[0].kind, id_, history)
        assert again == finished.cases[id_]
        assert again.view() == finished.cases[id_].view()


def test_a_snapshot_reads_back_as_it_was(finished: Desk) -> None:
    for case in finished.cases.values():
        text = canonical(case.model_dump(mode="json", exclude_defaults=True))
        assert type(case).model_validate_json(text) == case


def test_folding_leaves_the_events_as_they_were(finished: Desk) -> None:
    # A case owns its state: what a later event changes must not reach into an earlier event's own data.
    filings = [fact for fact in finished.events if type(fact.event).__name__ == "FilingSubmitted"]
    data = filings[0].event.model_dump(mode="json")
    assert {found["state"] for found in data["lines"]} == {"filed"}

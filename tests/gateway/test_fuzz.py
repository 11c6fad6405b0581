"""Made-up acts against a live gateway: each is answered, and whatever they were, every case can be read and holds."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.actors import SYSTEM, Actor, parse_actor
from domain.files import Command
from domain.kinds import DRIVEN
from domain.moments import instant, stamp
from gateway.docket import desk
from gateway.gateway import Gateway
from gateway.views import behind, letters_of, lines_of, unsettled
from records.schema import lines, streams
from tests.conftest import Soil
from tests.world import Office

from .stages import NOW, Wish, actor, filled, junk, staged, wishes

EVERYTHING = settings(
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
    ]
)


def command(office: Office, wish: Wish, n: int) -> Command | None:
    """The wish as it arrives; None when it cannot be written down, and so is not taken in at all."""
    form, case = filled(wish.form, office), filled(wish.case, office)
    try:
        return Command(
            id=f"wish-{n}", act=wish.act.name, by=parse_actor(actor(wish, case, office)), case=case,
            with_=form if isinstance(form, dict) else {"form": form},
            read=None if wish.read is None else office.now - timedelta(hours=wish.read),
        )  # fmt: skip
    except ValidationError:
        return None


def answered(gateway: Gateway, wanted: Command, *, internal: bool = False) -> bool:
    """Act; the answer must be a receipt or a refusal that says why. Whether it was accepted."""
    answer = gateway.act(wanted, internal=internal)
    assert answer["command"] == wanted.id
    if answer["outcome"] == "accepted":
        assert all("#" in event for event in answer["events"])
        return True
    assert (answer["outcome"], bool(answer["code"]), bool(answer["reasons"])) == ("refused", True, True)
    return False


def readable(office: Office) -> None:
    """Everything that people and programs look at can be looked at, and the record holds."""
    office.check()
    for row in office.rows(streams):
        if row["kind"] in DRIVEN:
            office.view(row["id"])
    for agency in ("dept", "tro", "experts"):
        desk(office.engine, agency)
    lines_of(office.engine, office.round)
    unsettled(office.engine, stamp(office.now))
    behind(office.engine)
    letters_of(office.engine)


ENDED = {"announced", "refused", "withdrawn", "closed"}
"""States that a line does not leave; a failed one may be evaluated anew when an expert had to stand aside."""


def lawful(office: Office, before: dict[str, str]) -> dict[str, str]:
    """What no act may do to lines, whoever asks for it; gives their states."""
    rows = office.rows(lines)
    after = {row["ref"]: row["state"] for row in rows}
    assert {ref: after[ref] for ref, state in before.items() if state in ENDED} == {
        ref: state for ref, state in before.items() if state in ENDED
    }, "a line that was over came back"
    live = [
        (r["round"], r["college"], r["major"], r["entry"])
        for r in rows
        if r["state"] not in ("refused", "failed", "withdrawn", "closed")
    ]
    assert len(set(live)) == len(live), "one line is filed twice"
    return after


def tried(soil: Soil, what: list[Wish]) -> int:
    """Do them one after the other in a new environment; how many were accepted."""
    ground = soil.fresh(staged)
    try:
        office = Office(ground.engine)
        office.now = instant(NOW)
        accepted, states = 0, lawful(office, {})
        for n, wish in enumerate(what):
            office.now += timedelta(minutes=wish.wait)
            if wanted := command(office, wish, n):
                done = answered(office.gateway, wanted, internal=wish.act.internal)
                event(f"{wish.act.name}: {done}")
                accepted += done
                states = lawful(office, states)
        readable(office)
        return accepted
    finally:
        soil.clear(ground)


@settings(EVERYTHING, max_examples=35)
@given(st.lists(wishes, min_size=1, max_size=40))
def test_no_act_breaks_anything(sqlite: Soil, what: list[Wish]) -> None:
    tried(sqlite, what)


@settings(EVERYTHING, max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(wishes, min_size=8, max_size=25))
def test_nor_on_the_other_database(postgres: Soil, what: list[Wish]) -> None:
    tried(postgres, what)


@settings(EVERYTHING, max_examples=30)
@given(wishes)
def test_a_refused_act_leaves_every_case_as_it_was(sqlite: Soil, wish: Wish) -> None:
    ground = sqlite.fresh(staged)
    try:
        office = Office(ground.engine)
        office.now = instant(NOW)
        # What has lapsed by now would come to light with the first act that asks for it, a refused one too.
        for n, case in enumerate(unsettled(ground.engine, stamp(office.now))):
            by = Actor(role=SYSTEM, agency=case, person=f"{SYSTEM}@{case}")
            lapse = Command(id=f"settle-all-{n}", act="lapse", by=by, case=case)
            office.gateway.act(lapse, internal=True)
        before = office.views()
        wanted = command(office, wish, 0)
        if wanted and not answered(office.gateway, wanted, internal=wish.act.internal):
            assert office.views() == before
    finally:
        sqlite.clear(ground)


@pytest.fixture(scope="module")
def quiet(sqlite: Soil) -> Office:
    """One office for all the noise."""
    return Office(sqlite.fresh(staged).engine)


@settings(EVERYTHING, max_examples=100)
@given(
    st.dictionaries(st.text(max_size=5), junk, max_size=4),
    st.text(max_size=12),
    st.none() | st.text(max_size=12),
)
def test_pure_noise_is_answered(quiet: Office, with_: dict[str, Any], act: str, case: str | None) -> None:
    quiet.count += 1
    try:
        noise = Command(id=f"noise-{quiet.count}", act=act, by=parse_actor("public"), case=case, with_=with_)
    except ValidationError:
        return
    assert answered(quiet.gateway, noise) is False


def test_noise_has_left_no_trace_but_itself(quiet: Office) -> None:
    readable(quiet)

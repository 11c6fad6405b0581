"""Made-up acts against a live gateway: each is answered, and whatever they were, every case can be read and holds."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.actors import parse_actor
from domain.files import Command
from domain.moments import instant
from gateway.gateway import Gateway
from gateway.views import behind, desk, letters_of, lines_of, unsettled
from domain.moments import stamp
from tests.conftest import Soil
from tests.world import Office

from .stages import INTERNAL_ACTS, NOW, PUBLIC_ACTS, Known, actors, forms, junk, named, staged

EVERYTHING = settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
)


def wish(data: st.DataObject, office: Office, known: Known, n: int) -> tuple[Command, bool] | None:
    """A command that somebody or a process may send; None when it cannot even be written down."""
    inside = data.draw(st.integers(0, 9)) == 0
    act = data.draw(st.sampled_from(INTERNAL_ACTS if inside else PUBLIC_ACTS))
    given: dict[str, Any] = {"id": f"wish-{n}", "act": act.name, "case": data.draw(named(known, act))}
    form = data.draw(forms(known, act))
    given["with_"] = form if isinstance(form, dict) else {"form": form}
    given["by"] = parse_actor("process@tro" if inside else data.draw(actors(known, act)))
    if data.draw(st.integers(0, 5)) == 0:
        given["read"] = office.now - timedelta(hours=data.draw(st.integers(0, 100)))
    try:
        return Command(**given), inside
    except ValidationError as error:
        assert error.title == "Command"
        return None


def answered(gateway: Gateway, command: Command, internal: bool) -> bool:
    """Act; the answer must be a receipt or a refusal that says why. Whether it was accepted."""
    answer = gateway.act(command, internal=internal)
    assert answer["command"] == command.id
    if answer["outcome"] == "accepted":
        assert all("#" in event for event in answer["events"])
        return True
    assert answer["outcome"] == "refused"
    assert answer["code"]
    assert answer["reasons"]
    return False


def readable(office: Office) -> None:
    """Everything that people and programs look at can be looked at."""
    office.check()
    for id_ in office.cases():
        office.view(id_)
    for agency in ("dept", "tro", "experts"):
        desk(office.engine, agency)
    lines_of(office.engine, office.round)
    unsettled(office.engine, stamp(office.now))
    behind(office.engine)
    letters_of(office.engine)


@EVERYTHING
@given(st.data())
def test_no_act_breaks_anything(soil: Soil, data: st.DataObject) -> None:
    ground = soil.fresh(staged)
    try:
        office = Office(ground.engine)
        office.now = instant(NOW)
        known = Known.of(office)
        accepted = 0
        for n in range(data.draw(st.integers(1, 12))):
            office.now += timedelta(minutes=data.draw(st.sampled_from([1, 60, 60 * 24, 60 * 24 * 9])))
            made = wish(data, office, known, n)
            if made is None:
                continue
            before = office.views() if n == 0 else {}
            if answered(office.gateway, *made):
                accepted += 1
                known = Known.of(office)
            elif n == 0 and not office.gateway.act(made[0], internal=made[1])["events"]:
                assert office.views() == before, "a refused act changed a case"
        readable(office)
        # what a process that starts anew reads is what this one remembers
        fresh = office.another_gateway()
        assert answered(fresh, Command(id="again", act="accept", by=parse_actor("clerk@tro"), case="none"), False) is False
    finally:
        soil.clear(ground)


@EVERYTHING
@given(st.dictionaries(st.text(max_size=5), junk, max_size=4), st.text(max_size=12), st.none() | st.text(max_size=12))
def test_pure_noise_is_answered(sqlite: Soil, with_: dict[str, Any], act: str, case: str | None) -> None:
    ground = sqlite.fresh(staged)
    try:
        office = Office(ground.engine)
        before = office.views()
        try:
            command = Command(id="noise", act=act, by=parse_actor("public"), case=case, with_=with_)
        except ValidationError:
            return
        assert answered(office.gateway, command, False) is False
        assert office.views() == before
        office.check()
    finally:
        sqlite.clear(ground)

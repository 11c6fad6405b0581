"""The demo's script agrees with its workbooks and register, and says nothing bad about a real college."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from console.workbook import read_workbook
from demo import cast, make_workbooks
from demo.deciding import OBJECTOR, Deciding
from demo.desk import Desk
from demo.filing import WRONG, Filing
from demo.script import agenda
from domain.identifiers import document_no, is_citizen_no
from domain.moments import instant, local_day
from gateway.founding import published_schedules
from policies import load_pack

REGISTER = cast.read_register()


def test_workbooks_are_what_the_script_writes(tmp_path: Path) -> None:
    make_workbooks.main(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in cast.HERE.glob("*.xlsx")}
    assert made.keys() == kept.keys() == {f"{form}.xlsx" for form in (*cast.DATES, WRONG)}
    assert [name for name in sorted(made) if made[name] != kept[name]] == []


@pytest.mark.parametrize("college", cast.DATES)
def test_workbooks_hold_the_lines_of_the_script(college: str) -> None:
    reading = read_workbook(cast.HERE / f"{college}.xlsx")
    assert reading.problems == []
    assert [line["id"] for line in reading.with_["lines"]] == cast.lines(college)
    catalog = {major["code"]: major["name"] for major in cast.majors()}
    named = [catalog[line["major"]] for line in reading.with_["lines"]]
    assert named == [cast.major(college, line) for line in cast.lines(college)]


def test_the_wrong_workbook_is_wrong() -> None:
    assert read_workbook(cast.HERE / f"{WRONG}.xlsx").problems


def test_the_round_is_as_large_as_promised() -> None:
    real = cast.DATES.keys() - cast.INVENTED
    assert len(real) >= 12
    assert sum(len(cast.lines(college)) for college in real) >= 20
    assert cast.DATES.keys() == REGISTER.colleges.keys() == make_workbooks.FILINGS.keys()


def test_only_invented_colleges_get_more_than_a_neutral_outcome() -> None:
    touched = {
        cast.SILENT,
        cast.SUPPLEMENTED,
        cast.VISITED,
        cast.OBJECTED[0],
        cast.REFUSED[0],
        cast.CORRECTED[0],
    }
    touched |= {college for college, _line in cast.OUTCOMES}
    assert touched <= cast.INVENTED
    assert all(REGISTER.name(college).startswith("示例") for college in cast.INVENTED)
    assert set(cast.OUTCOMES.values()) == {"failed", "refused"}


@pytest.mark.parametrize("college", cast.DATES)
def test_panels_are_lawful_and_marks_fit_the_outcome(college: str) -> None:
    rules = load_pack("guangdong/pilot").on(local_day(cast.BEGINS))
    experts = cast.panel(REGISTER, college)
    sides = Counter(REGISTER.experts[expert]["side"] for expert in experts)
    assert len(set(experts)) == len(experts) >= rules.int("panel.min_members")
    assert sides["industry"] >= rules.number("panel.min_industry_share") * len(experts)
    assert sides["college"]
    near = {college, *make_workbooks.FILINGS[college][0]}
    assert not any(near & {e["org"] for e in REGISTER.experts[expert]["employers"]} for expert in experts)
    for line in cast.lines(college):
        marks = [cast.mark(college, line, seat) for seat in range(len(experts))]
        assert all(0 <= mark <= 100 for mark in marks)
        passes = sum(marks) >= rules.int("evaluation.pass_mark") * len(marks)
        assert passes is (cast.outcome(college, line) != "failed")


def test_the_refused_panel_would_be_barred() -> None:
    orgs = {employer["org"] for employer in REGISTER.experts[cast.BARRED]["employers"]}
    assert cast.RECUSED in orgs
    assert cast.BARRED not in cast.panel(REGISTER, cast.RECUSED)


def test_identifiers_are_right_and_distinct() -> None:
    numbers = [cast.CALL, cast.LIST, cast.SECOND_LIST, cast.CORRECTION]
    assert [document_no(number) for number in numbers] == numbers
    assert len(set(numbers)) == len(numbers)
    assert is_citizen_no(OBJECTOR["id_no"])


def test_every_step_falls_into_a_working_day_s_order() -> None:
    """People act on working days (headings and the holiday aside), in the order of each filing's stages."""
    (schedule,) = published_schedules([cast.YEAR])
    for dates in cast.DATES.values():
        stages = [
            at for at in (dates.filed, dates.accepted, dates.panel, dates.scored, dates.concluded) if at
        ]
        assert all(before < after for before, after in pairwise(stages))
        assert all(
            local_day(instant(at)).weekday() < 5 and local_day(instant(at)) not in schedule.holidays
            for at in stages
        )
        assert cast.OPENS < dates.filed < cast.CLOSES
        assert dates.concluded < cast.NOTICE_AT


def test_the_agenda_is_in_order_and_after_the_beginning() -> None:
    desk = Desk.__new__(Desk)  # no servers: only the order of the steps is looked at
    steps = agenda(desk, Filing(desk, {}), Deciding(desk))
    hours = [instant(hour) for hour, _step in steps]
    assert hours == sorted(hours)
    assert hours[0] > cast.BEGINS

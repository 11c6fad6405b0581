"""What was known at an instant and what was true then are told apart, and a correction overwrites neither."""

from audit.as_of import AsOf, as_of
from audit.collect import read_dossier
from domain.moments import instant
from tests.audit.conftest import Round


def at(round_: Round, when: str, case: str | None = None) -> AsOf:
    id_ = case or round_.filing
    with round_.engine.connect().execution_options(reading=True) as connection:
        near = [stream for stream in read_dossier(connection, id_).events if stream != id_]
        return as_of(connection, id_, near, instant(when))


def test_before_it_began_there_is_no_case(round_: Round) -> None:
    found = at(round_, "2026-03-01 09:00")
    assert (found.known, found.true) == (None, None)


def test_a_case_is_shown_as_it_stood_with_whom_it_waited_for(round_: Round) -> None:
    found = at(round_, "2026-03-05 09:00")
    assert found.known is not None
    assert found.known["stage"] == "submitted"
    assert [
        (row["role"], row["agency"], row["for_"]) for row in found.docket if row["case_id"] == round_.filing
    ] == [("clerk", "tro", "accept")]
    assert found.differences == []


def test_a_lapse_that_nobody_had_noticed_was_true_and_not_known(round_: Round) -> None:
    found = at(round_, "2026-04-18 12:00")  # the notice ended on the 17th; the next act came on the 20th
    assert found.known is not None
    assert found.true is not None
    assert {line["state"] for line in found.known["lines"].values()} == {"in-notice"}
    assert {line["state"] for line in found.true["lines"].values()} == {"noticed"}
    assert {"LinesNoticed", "NoticeClosed"} <= {row["type"] for row in found.came_to_light}
    assert {"lines.1.state", "lines.2.state"} <= {row["field"] for row in found.differences}


def test_a_correction_stands_beside_what_was_announced(round_: Round) -> None:
    ref = f"{round_.filing}/1"
    round_.office.do(
        "2026-05-06 10:00", "publisher@dept", "correct", document_no="粤人社函〔2026〕99号", corrects="粤人社函〔2026〕88号",
        changes=[{"line": ref, "field": "plan", "to": 30}],
    )  # fmt: skip
    found = at(round_, "2026-04-30 10:00")
    assert found.known is not None
    assert found.known["lines"]["1"]["plan"] == 40
    assert any(row["type"] == "LineCorrected" and row["changes"] == {"plan": 30} for row in found.corrected)
    programme = next(row for row in found.register if row.get("corrected_later"))
    assert (programme["plan"], programme["corrected_later"][0]["changes"]) == (40, {"plan": 30})
    after = at(round_, "2026-05-07 10:00")
    assert after.known is not None
    assert after.known["lines"]["1"]["plan"] == 30
    assert after.corrected == []

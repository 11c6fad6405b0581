"""Where time goes: moves and clocks in working days, pauses taken off, against the days promised; cards on the docket."""

from datetime import date

from gateway.docket import desk
from gateway.statistics import acts_by_week, time_spent
from tests.world import Office


def test_moves_and_clocks_are_counted_in_working_days_without_pauses(office: Office) -> None:
    office.submitted("zh")
    filing = office.passed()
    office.published(filing)
    office.consented(filing)
    rows = {(row.what, row.name): row for row in time_spent(office.gateway)}
    accept, panel, decision = rows["move", "accept"], rows["move", "form-panel"], rows["clock", "decision"]
    # 4 to 9 March: 5, 6, 9; nobody has touched the other filing, whose period is over
    assert (accept.agency, accept.ended, accept.median, accept.promised) == ("tro", 1, 3, 5)
    assert (accept.running, accept.late, accept.kept) == (1, 1, 1)
    assert (panel.ended, panel.median, panel.p90) == (1, 5, 5)
    # 10 to 16 March, then the panel's time does not count, then 30 March to 20 April with the 6th off
    assert (decision.ended, decision.longest, decision.promised, decision.late) == (1, 20, 20, 0)
    assert time_spent(office.gateway, date(2027, 1, 1)) == []


def test_what_ended_because_nobody_acted_is_told_apart_and_acts_are_counted_by_week(office: Office) -> None:
    filing = office.submitted(at="2026-03-04 10:12")
    office.act("2026-03-20 09:00", "filer@dg", "accept", filing)  # refused, and brings to light what was due
    assert office.state(filing)["deemed"]
    accept = next(row for row in time_spent(office.gateway) if (row.what, row.name) == ("move", "accept"))
    assert (accept.ended, accept.kept, accept.lapsed, accept.late) == (1, 0, 1, 0)
    weeks = {week.begins.isoformat(): week for week in acts_by_week(office.gateway, 3)}
    assert list(weeks) == ["2026-03-02", "2026-03-09", "2026-03-16"]
    assert (weeks["2026-03-16"].refused, weeks["2026-03-09"].all) == (1, 0)


def test_a_card_stands_on_the_docket_until_the_matter_is_done_and_makes_no_page_stale(office: Office) -> None:
    filing = office.submitted()
    office.accepted(filing)  # due 2026-04-07
    office.act("2026-04-09 10:00", "clerk@gz", "accept", filing)  # any act brings to light what was due
    row = next(row for row in desk(office.engine, "tro", "organiser")["rows"] if row["case"] == filing)
    assert row["card"] == "yellow"
    assert {e["type"] for e in office.view(filing)["events"]} >= {"CardShown"}
    office.panelled(filing, at="2026-04-09 11:00")
    assert all(row["card"] is None for row in desk(office.engine, "tro")["rows"] if row["case"] == filing)
    office.check()

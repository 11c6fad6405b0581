"""The timeline tells everything that happened to a case, in legal order, and hides nothing."""

import io
import zipfile

from audit.collect import read_dossier
from audit.dossier import Dossier
from audit.timeline import Entry, timeline
from console.terminal.audit_court_file import extract
from domain.moments import stamp
from tests.audit.conftest import Round


def dossier_of(round_: Round, case: str) -> Dossier:
    with round_.engine.connect().execution_options(reading=True) as connection:
        return read_dossier(connection, case)


def told(round_: Round, case: str) -> list[Entry]:
    return timeline(dossier_of(round_, case))


def test_it_is_in_legal_order_and_names_every_fact_of_the_case_once(round_: Round) -> None:
    entries = told(round_, round_.filing)
    assert [e.at for e in entries] == sorted(e.at for e in entries)
    named = [fact["id"] for e in entries for fact in e.events if fact["id"].startswith(round_.filing)]
    assert sorted(named) == sorted(
        f"{round_.filing}#{row['seq']}" for row in dossier_of(round_, round_.filing).own
    )


def test_refusals_stand_in_it_also_those_that_only_an_agencys_record_holds(round_: Round) -> None:
    refused = [e for e in told(round_, round_.filing) if e.what == "refusal"]
    assert [(e.name, e.actor, e.code, e.case) for e in refused] == [
        ("accept", "clerk@gz", "wrong-agency", round_.filing),
        ("publish-notice", "notice-officer@tro", "wrong-stage", "agency/tro"),
    ]
    assert all(e.clause and e.reasons for e in refused)


def test_every_act_of_a_person_names_its_clause_and_every_period_its_computation(round_: Round) -> None:
    entries = told(round_, round_.filing)
    assert all(e.clause and e.standing for e in entries if e.what == "act" and e.role != "process")
    periods = [d for e in entries for d in e.deadlines]
    assert {"completeness", "decision", "notice", "objection"} <= {d["name"] for d in periods}
    assert all(d["words"]["zh"] and d["words"]["en"] and d["clause"] for d in periods)


def test_what_the_law_did_by_itself_stands_at_its_legal_time_with_the_clause_of_its_period(
    round_: Round,
) -> None:
    lapses = [e for e in told(round_, round_.filing) if e.what == "lapse"]
    assert {"NoticeClosed", "LinesNoticed"} <= {e.name for e in lapses}
    noticed = next(e for e in lapses if e.name == "LinesNoticed")
    assert noticed.at < noticed.recorded_at
    assert noticed.clause


def test_an_evaluation_and_an_objection_are_told_with_the_filing_another_college_is_not(
    round_: Round,
) -> None:
    dossier = dossier_of(round_, round_.filing)
    assert set(dossier.related.values()) >= {
        "round",
        "evaluation",
        "objection",
        "notice",
        "approval",
        "announcement",
        "programme",
    }
    assert round_.other not in dossier.related
    assert all(round_.other not in str(e) for e in timeline(dossier))
    assert {e.letter["recipient"] for e in timeline(dossier) if e.letter} >= {"filer@dg"}
    assert "filer@szjs" not in {e.letter["recipient"] for e in timeline(dossier) if e.letter}


def test_sealed_data_stays_sealed(round_: Round) -> None:
    objection = next(
        id_ for id_, kind in dossier_of(round_, round_.filing).related.items() if kind == "objection"
    )
    entries = told(round_, objection)
    assert "sealed: p-" in str(entries)
    assert "设备清单不实" not in str(entries)


def test_the_court_file_is_the_same_document_each_time_and_holds_every_entry(round_: Round) -> None:
    dossier = dossier_of(round_, round_.filing)
    entries = timeline(dossier)
    papers = {extract(dossier, entries, {"dept": "省厅"}, {}, round_.office.now) for _ in range(2)}
    assert len(papers) == 1
    text = zipfile.ZipFile(io.BytesIO(papers.pop())).read("word/document.xml").decode()
    assert text.count("<w:tr>") == len(entries) + 1
    assert stamp(round_.office.now)[:4] in text

"""Whatever a form holds, the gateway answers: no value may raise in it, or leave a case that cannot be read.

JSON can carry all of these: \\u0000, half a surrogate pair, 1e999, a number of a thousand digits, a hundred brackets.
What cannot be put on record at all is not even made into a command, and says so.
"""

from functools import reduce
from typing import Any

from pydantic import ValidationError

from domain.actors import parse_actor
from domain.files import Command
from tests.register import OBJECTOR
from tests.world import Office, line

NUL, HALF, ENDLESS = "\0", "\ud800", float("inf")
DEEP: Any = reduce(lambda inner, _: [inner], range(200), "x")
FOREVER = ("0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59+00:00", "9999-12-31")

VALUES: dict[str, Any] = {
    "nul": f"a{NUL}b", "half": f"a{HALF}b", "endless": ENDLESS, "nan": float("nan"), "deep": DEEP, "long": "长" * 100_000,
    "big": 10**1000, "key": {NUL: 1}, "half-key": {HALF: 1}, "list": [NUL, HALF, ENDLESS], "right-to-left": "\u202e1\u2066",
}  # fmt: skip


def outcome(office: Office, at: str, by: str, do: str, case: str | None, **with_: Any) -> str:
    """`accepted`, `refused` with a reason, or `not taken in` with a sentence."""
    not_taken = ""
    try:
        answer = office.act(at, by, do, case, **with_)
    except ValidationError as error:
        if error.title != "Command":
            raise
        not_taken, answer = str(error), {}
    if not_taken:
        assert "/ " in not_taken
        return "not taken in"
    assert answer["outcome"] == "accepted" or answer["reasons"]
    return answer["outcome"]


Attempt = tuple[str, str, str | None, dict[str, Any]]


def faults_of(office: Office, at: str, attempts: list[Attempt]) -> list[str]:
    """What went wrong in a series of acts: exceptions in the gateway, and cases that cannot be read afterwards."""
    wrong: list[str] = []
    for by, do, case, with_ in attempts:
        try:
            outcome(office, at, by, do, case, **with_)
        except Exception as error:  # whatever it is, it is what this test looks for
            wrong.append(f"{do} {str(with_)[:60]}: {type(error).__name__}")
    for id_ in office.cases():
        try:
            office.view(id_)
        except Exception as error:  # likewise
            wrong.append(f"{id_}: {type(error).__name__}")
    return wrong


def with_value(office: Office, filing: str, value: Any) -> list[Attempt]:
    """Acts with this value where something else is meant."""
    return [
        ("filer@dg", "submit-filing", None, {"round": value, "lines": [line()]}),
        ("filer@dg", "submit-filing", None, {"round": office.round, "lines": [line(major=value)]}),
        ("filer@dg", "submit-filing", None, {"round": office.round, "lines": [line(id_=value)]}),
        ("filer@dg", "submit-filing", None, {"round": office.round, "lines": [line(segments=[value])]}),
        ("filer@dg", "submit-filing", None, {"round": office.round, "lines": [line()], "materials": [value]}),
        ("filer@dg", "submit-filing", None, {"round": office.round, "lines": [line()], "mentors": [{"name": value}]}),
        ("filer@dg", "save-draft", None, {"round": office.round, "lines": [{"id": value}], "partners": [{"name": value}]}),
        ("clerk@tro", "ask-supplement", filing, {"items": [value]}),
        ("clerk@tro", "accept", filing, {"note": value}),
        ("organiser@tro", "form-panel", filing, {"experts": [value], "chair": value}),
        ("approver@dept", "consent", None, {"lines": [value, f"{filing}/{value}", f"{value}/1"]}),
        ("publisher@dept", "correct", None, {"document_no": value, "corrects": value, "changes": [{"line": value, "field": value, "to": value}]}),
        ("public", "object", None, {"line": value, "via": "email", "received": "2026-03-05", "who": {"kind": "person", "name": value}, "statement": value}),
        ("public", "no-such-act", None, {"x": value}),
        ("ops@dept", "appoint", None, {"agency": value, "role": value, "person": value}),
    ]  # fmt: skip


def at_time(office: Office, filing: str, when: str) -> list[Attempt]:
    """Acts with this time where a nearer one is meant."""
    at = "2026-04-14 09:00"
    return [
        ("public", "object", None, {"line": f"{filing}/1", "via": "email", "received": when, "who": OBJECTOR, "statement": "x"}),
        ("public", "object", None, {"line": f"{filing}/1", "via": "post", "sent": when, "received": at, "who": OBJECTOR, "statement": "x"}),
        ("organiser@tro", "disclose-tie", filing, {"expert": "zhao", "org": "别处", "until": when}),
        ("organiser@tro", "visit", filing, {"date": when, "visitors": ["a", "b"], "places": ["x"], "finding": "x"}),
        ("organiser@tro", "register-expert", None, {"id": "e", "name": "某", "side": "college", "employers": [{"org": "x", "until": when}]}),
        ("approver@dept", "amend-register", None, {"college": "dg", "changes": {"name": "新名字"}, "from": when}),
        ("catalog-officer@dept", "publish-calendar", None, {"year": 2027, "holidays": [when]}),
        ("catalog-officer@dept", "issue-call", None, {"year": 2027, "document_no": "粤人社函〔2026〕99号", "window": {"opens": at, "closes": when}, "majors": [{"code": "DEMO-0101", "name": "数控加工"}]}),
        ("catalog-officer@dept", "issue-call", None, {"year": 2028, "document_no": "粤人社函〔2026〕98号", "window": {"opens": when, "closes": when}, "majors": [{"code": "DEMO-0101", "name": "数控加工"}]}),
        ("filer@dg", "submit-filing", None, {"round": office.round, "lines": [line()], "partners": [{"uscc": "91440300MADEM00700", "name": "某公司", "posts": 1, "agreement_until": when}]}),
    ]  # fmt: skip


def test_strange_values_in_forms(office: Office) -> None:
    filing = office.submitted()
    attempts = [attempt for value in VALUES.values() for attempt in with_value(office, filing, value)]
    assert faults_of(office, "2026-03-05 09:00", attempts) == []
    office.check()


def test_times_at_the_edge_of_all_time(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    attempts = [attempt for when in FOREVER for attempt in at_time(office, filing, when)]
    assert faults_of(office, "2026-04-14 09:00", attempts) == []
    office.check()


def test_strange_texts_in_place_of_names(office: Office) -> None:
    filing = office.submitted()
    clerk = parse_actor("clerk@tro")
    for n, text in enumerate((NUL, HALF, "长" * 500, "", " ", "/", "%", "filing-'; DROP TABLE events; --")):
        odd: list[dict[str, Any]] = [
            {"id": f"odd-{n}-1", "act": "accept", "by": clerk, "case": text},
            {"id": f"odd-{n}-2", "act": text, "by": clerk, "case": filing},
            {"id": text, "act": "no-such-act", "by": clerk, "case": filing},
        ]
        for given in odd:
            try:
                command = Command(**given)
            except ValidationError:
                continue
            answer = office.gateway.act(command)
            assert (answer["outcome"], bool(answer["reasons"])) == ("refused", True)
    assert office.state(filing)["stage"] == "submitted"
    office.check()


def test_a_correction_is_held_to_what_a_filing_is(office: Office) -> None:
    # What could not have been filed (at most 12 years, at most 100,000 places) cannot be corrected into being either.
    filing = office.passed()
    office.published(filing)
    objection = office.objected(f"{filing}/1")
    corrections: list[dict[str, Any]] = [{"years": ENDLESS}, {"years": float("nan")}, {"years": 1e300}, {"years": 50}, {"years": -1}, {"years": True},
     {"plan": 10**12}, {"plan": 0}, {"plan": 1.5}, {"major": ""}, {"major": NUL}, {"entry": "university"}, {"state": "announced"}, {}]  # fmt: skip
    for correction in corrections:
        finding: dict[str, Any] = {"outcome": "upheld", "finding": "属实", "correction": correction}
        answer = outcome(
            office, "2026-04-15 09:00", "notice-officer@tro", "decide-objection", objection, **finding
        )
        assert answer != "accepted", correction
        assert office.lines(filing) == {"1": "held"}
    office.check()

"""Whatever a form holds, the gateway answers: no value may raise in it, or leave a case that cannot be read.

JSON can carry all of these: \\u0000, half a surrogate pair, 1e999, a number of a thousand digits, a hundred brackets.
What cannot be put on record at all is not even made into a command, and says so.
"""

from functools import reduce
from typing import Any

import pytest
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


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_strange_value_in_a_form(office: Office, value: Any) -> None:
    filing = office.submitted()
    acts: list[tuple[str, str, str | None, dict[str, Any]]] = [
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
    for by, do, case, with_ in acts:
        assert outcome(office, "2026-03-05 09:00", by, do, case, **with_), f"{do}: {value!r:.40}"
    for id_ in office.cases():
        office.view(id_)
    office.check()


@pytest.mark.parametrize(
    "text", [NUL, HALF, "长" * 500, "", " ", "/", "%", "filing-'; DROP TABLE events; --"]
)
def test_a_strange_text_in_place_of_a_name(office: Office, text: str) -> None:
    filing = office.submitted()
    clerk = parse_actor("clerk@tro")
    odd: list[dict[str, Any]] = [
        {"id": "odd-1", "act": "accept", "by": clerk, "case": text},
        {"id": "odd-2", "act": text, "by": clerk, "case": filing},
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


@pytest.mark.parametrize("when", FOREVER)
def test_a_time_at_the_edge_of_all_time(office: Office, when: str) -> None:
    filing = office.passed()
    office.published(filing)
    other = office.submitted("zh")
    at = "2026-04-14 09:00"
    acts: list[tuple[str, str, str | None, dict[str, Any]]] = [
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
        ("clerk@tro", "accept", other, {}),
    ]  # fmt: skip
    raised: list[str] = []
    for by, do, case, with_ in acts:
        try:
            assert outcome(office, at, by, do, case, **with_)
        except (OverflowError, ValueError) as error:
            raised.append(f"{do}: {type(error).__name__}")
    unread: list[str] = []
    for id_ in office.cases():
        try:
            office.view(id_)
        except (OverflowError, ValueError) as error:
            unread.append(f"{id_}: {type(error).__name__}")
    assert (raised, unread) == ([], [])
    office.check()


@pytest.mark.parametrize(
    "correction",
    [{"years": ENDLESS}, {"years": float("nan")}, {"years": 1e300}, {"years": 50}, {"years": -1}, {"years": True},
     {"plan": 10**12}, {"plan": 0}, {"plan": 1.5}, {"major": ""}, {"major": NUL}, {"entry": "university"}, {"state": "announced"}, {}],
    ids=str,
)  # fmt: skip
def test_a_correction_is_held_to_what_a_filing_is(office: Office, correction: dict[str, Any]) -> None:
    # What could not have been filed (at most 12 years, at most 100,000 places) cannot be corrected into being either.
    filing = office.passed()
    office.published(filing)
    objection = office.objected(f"{filing}/1")
    finding = {"outcome": "upheld", "finding": "属实", "correction": correction}
    answer = outcome(
        office, "2026-04-15 09:00", "notice-officer@tro", "decide-objection", objection, **finding
    )
    assert office.view(filing), "the case can be read"
    office.check()
    assert answer != "accepted"
    assert office.lines(filing) == {"1": "held"}

"""Personal data is nowhere in clear, whatever becomes of the act that brings it, and destroying a key ends it."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from domain.moments import instant
from domain.secrets import Secret
from records.keys import PEPPER, Erased, KeyRing, unseal
from records.schema import events, metadata, person_keys
from tests.register import OBJECTOR
from tests.world import Office, line

WHO = {**OBJECTOR, "email": "chenmouren@mail.example"}
MENTOR = {
    "name": "高师傅甲", "id_no": "440303200802290016", "employer": "示例激光公司", "level": "高级技师",
    "certificate_no": "S000044123456260000001",
}  # fmt: skip
VISITORS = ["钟考查甲", "林考查乙"]
EXPERT = "白专家丙"
STATEMENT = "我是其教师梁举报丁，设备清单不实"
SECRETS = (
    "陈某人", "440106197810014568", "13800001234", "chenmouren", "高师傅甲", "440303200802290016", "S000044123456260000001",
    "钟考查甲", "林考查乙", "白专家丙", "梁举报丁", "11010519491231002X",
)  # fmt: skip


def leaks(office: Office) -> list[str]:
    """Where one of the secrets stands in clear: every column of every row of every table is looked at."""
    found: list[str] = []
    for name, table in metadata.tables.items():
        for row in office.rows(table):
            for column, value in row.items():
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                # JSON may write the same text escaped
                shown = text + (text.encode().decode("unicode_escape", "replace") if "\\u" in text else "")
                found += [f"{name}.{column}: {secret}" for secret in SECRETS if secret in shown]
    return sorted(set(found))


def objection(ref: str, **more: Any) -> dict[str, Any]:
    given = {"line": ref, "via": "email", "received": "2026-04-14 09:00", "who": WHO, "statement": STATEMENT}
    return {**given, **more}


@pytest.fixture
def told(office: Office) -> tuple[Office, str]:
    """A year in which everybody gave their particulars, and every act with them was accepted."""
    office.do(
        "2026-03-02 10:00", "organiser@tro", "register-expert",
        id="e-77", name=EXPERT, id_no="11010519491231002X", side="college", employers=[{"org": "jx"}],
    )  # fmt: skip
    filing = office.do(
        "2026-03-04 09:00", "filer@dg", "save-draft", round=office.round, lines=[line()], mentors=[MENTOR]
    )
    office.do("2026-03-04 10:00", "filer@dg", "submit-filing", filing)
    office.accepted(filing)
    office.panelled(filing, experts=("zhao", "qian", "zheng", "sun", "e-77"))
    office.scored(filing)
    seen = {"date": "2026-03-18", "visitors": VISITORS, "places": ["实训楼"], "finding": "属实"}
    office.do("2026-03-19 09:00", "organiser@tro", "visit", filing, **seen)
    office.concluded(filing)
    office.published(filing)
    office.do("2026-04-14 09:00", "public", "object", **objection(f"{filing}/1"))
    return office, filing


def test_what_was_accepted_is_nowhere_in_clear(told: tuple[Office, str]) -> None:
    office, _ = told
    assert leaks(office) == []
    office.check()


def test_nothing_of_it_is_shown(told: tuple[Office, str]) -> None:
    office, _ = told
    shown = str([office.view(id_) for id_ in office.cases()])
    assert [secret for secret in SECRETS if secret in shown] == []


REFUSED: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("public", "object", None, objection("filing-0000000000/1")),
    ("public", "object", None, objection("?", received="2027-01-01")),
    ("public", "object", None, objection("?", who={**WHO, "id_no": "440106197810014567"})),
    ("filer@dg", "object", None, objection("?")),
    ("filer@dg", "submit-filing", None, {"round": "none", "lines": [line()], "mentors": [MENTOR]}),
    ("filer@dg", "submit-filing", None, {"round": "?", "lines": [line(years=1)], "mentors": [MENTOR]}),
    ("filer@dg", "save-draft", None, {"round": "none", "mentors": [MENTOR]}),
    (
        "organiser@tro",
        "register-expert",
        None,
        {"id": "zhao", "name": EXPERT, "side": "college", "employers": [{"org": "x"}]},
    ),
    (
        "organiser@tro",
        "register-expert",
        None,
        {"id": "e", "name": EXPERT, "id_no": "11010519491231002X", "side": "x"},
    ),
    (
        "clerk@tro",
        "register-expert",
        None,
        {"id": "e", "name": EXPERT, "id_no": "110105194912310021", "side": "college"},
    ),
    (
        "organiser@tro",
        "visit",
        "?",
        {"date": "2026-03-18", "visitors": VISITORS, "places": ["x"], "finding": "x"},
    ),
]
MALFORMED: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("public", "object", None, objection("?", who="陈某人 440106197810014568 13800001234")),
    ("public", "object", None, objection("?", who=[WHO])),
    ("public", "object", None, objection("?", who={**WHO, "wechat": "13800001234"})),
    (
        "public",
        "object",
        None,
        objection("?", who={"name": {"last": "陈某人"}, "id_no": ["440106197810014568"]}),
    ),
    ("public", "object", None, objection("?", who=None, statement=[STATEMENT])),
    ("public", "object", None, {"who": WHO}),
    ("filer@dg", "submit-filing", None, {"round": "?", "lines": "x", "mentors": {"1": MENTOR}}),
    ("filer@dg", "submit-filing", None, {"round": "?", "lines": [line()], "mentors": ["高师傅甲"]}),
    ("organiser@tro", "visit", "?", {"visitors": "钟考查甲、林考查乙"}),
    ("organiser@tro", "visit", "?", {"date": "x", "visitors": [["钟考查甲"], {"n": "林考查乙"}]}),
    ("organiser@tro", "register-expert", None, {"name": [EXPERT], "id_no": {"no": "11010519491231002X"}}),
]
MISSPELT: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("public", "object", None, {k if k != "who" else "whom": v for k, v in objection("?").items()}),
    ("public", "object", None, {k if k != "statement" else "text": v for k, v in objection("?").items()}),
    ("public", "object", None, objection("?", name="陈某人", phone="13800001234")),
    ("public", "object", None, objection("?", who={"陈某人": "440106197810014568"})),
    ("filer@dg", "submit-filing", None, {"round": "?", "lines": [line()], "mentor": [MENTOR]}),
    ("filer@dg", "submit-filing", None, {"round": "?", "lines": [line(mentor=MENTOR)]}),
    (
        "organiser@tro",
        "visit",
        "?",
        {"date": "2026-03-18", "visitor": VISITORS, "places": ["x"], "finding": "x"},
    ),
    (
        "organiser@tro",
        "register-expert",
        None,
        {"id": "e", "fullname": EXPERT, "side": "college", "employers": []},
    ),
    ("clerk@tro", "accept", "?", {"note": "陈某人来电13800001234"}),
]
UNKNOWN: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("public", "objekt", None, objection("?")),
    ("filer@dg", "add-mentor", "?", MENTOR),
    ("public", "complain", None, {"陈某人": ["13800001234"], "deep": {"who": WHO}}),
    ("public", "lapse", "?", {"who": WHO}),
    ("process@tro", "object", None, objection("?")),
]


def test_what_was_refused_is_nowhere_in_clear_either(office: Office) -> None:
    filing = office.passed()
    office.published(filing)
    meant = {"line": f"{filing}/1", "round": office.round}
    open_: list[str] = []
    for by, do, case, with_ in [*REFUSED, *MALFORMED, *MISSPELT, *UNKNOWN]:
        given = {k: meant.get(k, v) if v == "?" else v for k, v in with_.items()}
        answer = office.act("2026-04-14 09:00", by, do, filing if case else None, **given)
        assert answer["outcome"] == "refused", f"{by} {do} was accepted"
        open_ += [
            f"{do} {sorted(given)}: {leak}"
            for leak in leaks(office)
            if not any(leak in known for known in open_)
        ]
    assert open_ == []
    office.check()


def test_a_draft_keeps_no_particulars_in_the_fields_it_does_not_know(office: Office) -> None:
    # A draft may be incomplete, but what it accepts stays in the record for ever.
    office.act(
        "2026-03-04 09:00", "filer@dg", "save-draft", round=office.round,
        lines=[line(mentor=MENTOR)], partners=[{"name": "示例激光公司", "contact": "陈某人 13800001234"}],
    )  # fmt: skip
    assert leaks(office) == []


def secrets_of(office: Office, filing: str) -> list[Secret]:
    """The sealed parts of the mentors and of the objector."""
    with office.engine.connect() as connection:
        data = connection.execute(
            select(events.c.data).where(events.c.type.in_(["FilingSubmitted", "ObjectionRegistered"]))
        )
        texts = " ".join(data.scalars())
    assert filing in texts
    return [
        Secret(person=p, sealed=s) for p, s in re.findall(r'"person":"([^"]+)","sealed":"([^"]+)"', texts)
    ]


def test_a_sealed_part_opens_with_its_key_and_no_more_when_that_is_destroyed(
    told: tuple[Office, str],
) -> None:
    office, filing = told
    sealed = secrets_of(office, filing)
    with office.engine.connect() as connection:
        clear = [unseal(KeyRing(), connection, secret) for secret in sealed]
    assert any("高师傅甲" in text for text in clear)
    assert any("陈某人" in text and "13800001234" in text for text in clear)
    assert STATEMENT in clear

    erased = {s.person for s, text in zip(sealed, clear, strict=True) if "陈某人" in text}
    with office.engine.begin() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person.in_(erased)))
    with office.engine.connect() as connection:
        for secret, text in zip(sealed, clear, strict=True):
            if secret.person in erased:
                with pytest.raises(Erased):
                    unseal(KeyRing(), connection, secret)
            else:
                assert unseal(KeyRing(), connection, secret) == text
    # what the objector said goes with who said it, and the record still verifies and folds
    assert {s.person for s, text in zip(sealed, clear, strict=True) if text == STATEMENT} <= erased
    office.check()
    assert office.lines(filing) == {"1": "held"}


def test_who_comes_again_after_the_key_was_destroyed_can_be_read_again(told: tuple[Office, str]) -> None:
    # Another process destroyed the key; this one still remembers it, and must not seal anything new with it.
    office, filing = told
    office.do("2026-04-14 10:00", "public", "object", **objection(f"{filing}/1"))
    before = secrets_of(office, filing)
    with office.engine.begin() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person != PEPPER))
    again = office.do(
        "2026-04-15 09:00", "public", "object", **objection(f"{filing}/1", received="2026-04-15 09:00")
    )
    assert office.state(again)["admissible"] is True
    new = [secret for secret in secrets_of(office, filing) if secret not in before]
    assert new
    with office.engine.connect() as connection:
        assert any("陈某人" in unseal(KeyRing(), connection, secret) for secret in new)
        with pytest.raises((Erased, ValueError)):
            unseal(KeyRing(), connection, next(s for s in before if s.person == new[0].person))
    office.check()


def test_the_particulars_in_the_act_and_in_the_fact_are_under_one_key(told: tuple[Office, str]) -> None:
    office, _ = told
    people = {row["person"] for row in office.rows(person_keys)}
    office.do(
        "2026-04-15 09:00", "public", "object",
        **objection(f"{office.refs(*[c for c in office.cases() if c.startswith('filing-')])[0]}", received="2026-04-15 08:00",
                    who={**WHO, "id_no": " 440106197810014568 "}),
    )  # fmt: skip
    # the same person, given with spaces around the number: destroying one key must not leave another copy readable
    assert {row["person"] for row in office.rows(person_keys)} == people


def test_the_right_person_is_bound_into_what_is_sealed(told: tuple[Office, str]) -> None:
    office, filing = told
    one, *rest = secrets_of(office, filing)
    another = next(secret for secret in rest if secret.person != one.person)
    with office.engine.connect() as connection, pytest.raises(ValueError, match="does not open"):
        unseal(KeyRing(), connection, Secret(person=another.person, sealed=one.sealed))


def test_a_pseudonym_needs_the_environments_own_pepper(office: Office) -> None:
    office.now = instant("2026-03-04 09:00")
    office.submitted(mentors=[MENTOR])
    people = {row["person"] for row in office.rows(person_keys)}
    assert PEPPER in people
    assert all(person == PEPPER or person.startswith("p-") for person in people)
    assert not any(secret in person for secret in SECRETS for person in people)

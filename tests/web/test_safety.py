"""Who may see and do what, tried one by one; what is typed stays text; forms of others are not ours; guessing is slowed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.web.forms import read
from console.web.throttle import Throttle
from domain.acts.base import ACTS
from policies import load_pack
from records.people import logins
from tests.web.conftest import PEOPLE, Reader, Web

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{7*7}}'

SEEN_BY = {
    "draft": {"filer@dg"},
    "submitted": {"clerk@gz", "organiser@gz", "filer@gm"},
    "accepted": {"clerk@tro", "organiser@tro", "notice-officer@tro"},
    "scored": {"clerk@tro", "organiser@tro", "notice-officer@tro", "filer@dg", "expert:zhao"},
    "passed": {"clerk@tro", "organiser@tro", "notice-officer@tro", "filer@dg", "expert:zhao"},
    "evaluation": {"clerk@tro", "organiser@tro", "notice-officer@tro", "expert:zhao"},
    "objection": {"clerk@tro", "organiser@tro", "notice-officer@tro"},
}
"""Who sees each case beside the department, which sees all but drafts."""
CASE_PAGES = (
    "/cases/{0}", "/cases/{0}/live", "/cases/{0}/lines.xlsx", "/do/withdraw?case={0}", "/do/accept?case={0}",
    "/do/score?case={0}", "/do/decide-objection?case={0}", "/replay/{0}", "/declare/{0}",
)  # fmt: skip


@pytest.mark.parametrize("case", SEEN_BY)
def test_a_case_has_pages_for_those_alone_whose_case_it_is(web: Web, case: str) -> None:
    wrong: list[str] = []
    for person in PEOPLE:
        sees = person in SEEN_BY[case] or (person.endswith("@dept") and case != "draft")
        for path in CASE_PAGES:
            answer = web(person).get(path.format(web.cases[case]))
            shown = answer.status_code in (200, 204)
            if shown and not sees:
                wrong.append(f"{person} saw {path}")
            if path == "/cases/{0}" and shown != sees:
                wrong.append(f"{person} {'saw' if shown else 'did not see'} it")
    assert wrong == []


def test_without_login_there_is_nothing_but_the_public_pages(web: Web) -> None:
    public = web()
    for path in (
        "/desk", "/desk.xlsx", "/rounds", "/register", "/files", "/search", "/logins", "/password",
        *(f"/cases/{id_}" for id_ in web.cases.values()), f"/rounds/{web.cases['round']}", "/do/accept", "/receipts/c-1", "/receipts/c-1.tlog-proof",
        "/files/" + "0" * 64,
    ):  # fmt: skip
        answer = public.get(path)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), path
    for key in ("draft", "submitted", "passed", "objection", "evaluation", "round"):
        assert public.get(f"/public/{web.cases[key]}").status_code == 404
        assert public.get(f"/public/{web.cases[key]}.json").status_code == 404
    assert "draft" not in public.page(f"/public/{web.cases['notice']}.json")


def test_only_acts_of_ones_role_have_a_form(web: Web) -> None:
    pack, drawn = web.place.desk().pack, set[str]()
    for person in PEOPLE:
        role = person.partition("@")[0].partition(":")[0]
        for act in ACTS.keys() - drawn:
            answer = web(person).get(f"/do/{act}")
            offices = {o.role for o in pack.acts[act].by} if act in pack.acts else set[str]()
            may = not ACTS[act].internal and bool(offices & {role, "anyone"})
            assert (answer.status_code == 200) == may, f"{person} {act} {answer.status_code}"
            drawn |= {act} if may and role in offices else set[str]()  # one drawn form of each act is enough


def test_the_operator_alone_reads_the_log_of_logins(web: Web) -> None:
    for person in PEOPLE:
        assert (web(person).get("/logins").status_code == 200) == (person == "ops@dept"), person
        if person != "ops@dept":
            assert web(person).get("/ops").status_code == 403, person
    board = web("ops@dept").page("/ops?cause=no-worker")
    assert (
        web.cases["submitted"] in board
    )  # its period for completeness ended, and no process is there to say so


def test_a_form_without_its_sessions_token_does_nothing(web: Web) -> None:
    clerk, case = web("organiser@tro"), web.cases["accepted"]
    before = web.office.view(case)
    form = clerk.form("form-panel", case)
    for token in ("", "x", web("clerk@tro").csrf):
        answer = clerk.post("/do/form-panel", {**form, "_csrf": token, "_press": "do"})
        assert answer.status_code == 403
    for path in ("/office", "/desk/views", "/password", "/files"):
        data = {
            "office": "clerk@tro",
            "name": "x",
            "old": "x",
            "new": "y" * 12,
            "again": "y" * 12,
            "csrf": "x",
        }
        files = {"file": ("a.pdf", b"%PDF-")} if path == "/files" else None
        assert clerk.client.post(path, data=data, files=files).status_code == 403, path
    assert web.office.view(case) == before


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_is_not_taken(web: Web, headers: dict[str, str]) -> None:
    clerk = web("organiser@tro")
    form = clerk.form("form-panel", web.cases["accepted"])
    assert clerk.post("/do/form-panel", {**form, "_press": "do"}, headers=headers).status_code == 403
    assert clerk.post("/login", {"name": "x", "password": "y"}, headers=headers).status_code == 403


def test_every_page_forbids_foreign_and_inline_scripts(web: Web) -> None:
    for person, path in (
        (None, "/"),
        (None, "/login"),
        ("clerk@gz", "/desk"),
        ("clerk@gz", "/nothing"),
        ("clerk@gz", f"/cases/{web.cases['submitted']}"),
    ):
        answer = web(person).get(path)
        rules = answer.headers["content-security-policy"]
        assert "default-src 'none'" in rules
        assert "unsafe" not in rules
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.findall(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=|javascript:", answer.text) == []
        assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == []
    cookie = (
        web("clerk@gz")
        .post("/login", {"name": "clerk@gz", "password": web.passwords["clerk@gz"]})
        .headers["set-cookie"]
    )
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_nobody_is_sent_to_another_site(web: Web) -> None:
    reader = web("clerk@gz")
    for next_ in (
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
    ):
        answer = reader.post(
            "/login", {"name": "clerk@gz", "password": web.passwords["clerk@gz"], "next": next_}
        )
        assert answer.headers["location"] == "/", next_
        assert reader.get("/language/en", params={"next": next_}).headers["location"] == "/"


def test_guessing_a_password_is_slowed_and_written_down(web: Web) -> None:
    web.account("expert:li")
    someone = Reader(web("publisher@dept").client)
    answers = [someone.post("/login", {"name": "expert:li", "password": f"wrong {n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    right = someone.post("/login", {"name": "expert:li", "password": web.passwords["expert:li"]})
    assert right.status_code == 429
    told = [row["outcome"] for row in web.office.rows(logins) if row["account"] == "expert:li"]
    assert told[-7:] == ["wrong"] * 5 + ["wait"] * 2
    unknown = someone.post("/login", {"name": "nobody@nowhere", "password": "x"})
    assert "账号或密码不对" in unknown.text
    assert "账号或密码不对" in answers[0].text


def test_the_public_may_not_ask_too_often(web: Web) -> None:
    statuses = [
        web().post(f"/public/object/{web.cases['notice']}", {"line": "x"}).status_code for _ in range(8)
    ]
    assert 429 in statuses
    assert statuses[0] == 422
    web.place.throttle = Throttle()


def test_what_is_too_large_is_not_read(web: Web) -> None:
    answer = web("filer@dg").post("/do/save-draft", {"x": "y" * 3_000_000})
    assert answer.status_code == 413


def _texts(act: str) -> list[str]:
    """The names of an act's text fields, as the form posts them."""
    names = ACTS[act].form.model_json_schema().get("properties", {})
    return [
        path for name in names for path in (name, f"{name}.0", f"{name}.0.name", f"{name}.name", f"{name}.1")
    ]


@pytest.mark.parametrize("act", sorted(load_pack("guangdong/pilot").acts))
def test_what_is_typed_into_any_field_of_any_act_comes_back_as_text(web: Web, act: str) -> None:
    roles = {o.role for o in web.place.desk().pack.acts[act].by}
    person = next(
        (p for p in PEOPLE if p.partition("@")[0].partition(":")[0] in roles or "anyone" in roles), None
    )
    if person is None:
        pytest.skip("nobody here holds this office")
    reader = web(person)
    form = {**reader.form(act), "_press": "look", **dict.fromkeys(_texts(act), HOSTILE)}
    answer = reader.post(f"/do/{act}", form)
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "49" not in re.findall(r"alert\(2\)&gt;(\S{2})", answer.text)


class _Pairs:
    """What was posted, without a browser."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def getlist(self, key: str) -> list[str]:
        return [value for name, value in self.pairs if name == key]

    def __iter__(self):
        return iter(dict.fromkeys(name for name, _ in self.pairs))


NAMES = st.sampled_from(
    [
        "lines",
        "lines.0.id",
        "lines.0.plan",
        "lines.9999.years",
        "marks",
        "marks.overall",
        "results.1",
        "window.opens",
        "who.name",
        "majors.3.code",
        "x",
    ]
)


@settings(max_examples=60)
@given(st.sampled_from(sorted(ACTS)), st.lists(st.tuples(NAMES, st.text(max_size=30)), max_size=12))
def test_whatever_is_posted_can_be_read(act: str, pairs: list[tuple[str, str]]) -> None:
    assert isinstance(read(act, _Pairs(pairs)), dict)

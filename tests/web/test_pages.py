"""What each person sees and does: docket, case, acts with their foresight, receipt; refusals in words; the public's pages."""

import re
from io import BytesIO
from xml.etree import ElementTree

from openpyxl import load_workbook

from console.web.forms import FormMaker
from console.web.voice import Voice
from domain.acts.base import ACTS
from records.schema import acts
from tests.web.conftest import PEOPLE, Web


def test_everybody_comes_in_and_sees_their_own_docket(web: Web) -> None:
    for person in PEOPLE:
        assert "待办" in web(person).page("/desk"), person
    assert web.cases["submitted"] in web("clerk@gz").page("/desk")
    assert web.cases["submitted"] not in web("clerk@tro").page("/desk")
    assert web.cases["submitted"] not in web("clerk@gz").page("/desk?act=form-panel")
    web("clerk@gz").get("/language/en")
    assert "Docket" in web("clerk@gz").page("/desk")
    web("clerk@gz").get("/language/zh")


def test_a_docket_and_a_board_leave_as_workbooks(web: Web) -> None:
    book = load_workbook(BytesIO(web("clerk@gz").get("/desk.xlsx").content))
    assert book.worksheets[0]["D2"].value == web.cases["submitted"]
    board = load_workbook(
        BytesIO(web("approver@dept").get(f"/rounds/{web.cases['round']}/lines.xlsx").content)
    )
    assert board.worksheets[0].max_row == 1 + 6


def test_every_field_of_every_act_stands_in_its_form(web: Web) -> None:
    voice = Voice("zh", web.place.desk())
    for name, act in ACTS.items():
        drawn = FormMaker(name, voice, {}, {}).widgets({})
        assert [w.path for w in drawn] == list(act.form.model_json_schema().get("properties", {})), name
        assert all(w.rows or w.kind != "rows" for w in drawn), name


def test_a_case_page_offers_exactly_what_may_be_done_now(web: Web) -> None:
    def offered(person: str, case: str) -> set[str]:
        return set(
            re.findall(
                rf'href="/do/([a-z-]+)\?case={web.cases[case]}"',
                web(person).page(f"/cases/{web.cases[case]}"),
            )
        )

    assert offered("organiser@tro", "accepted") == {"form-panel"}
    assert offered("filer@dg", "scored") == {"withdraw"}
    assert offered("filer@zh", "round") == {"save-draft"}  # the window closed on 31 March
    assert offered("expert:zhao", "scored") == {"score", "disclose-tie", "declare-no-tie"}
    assert offered("notice-officer@tro", "objection") == {"decide-objection"}
    assert offered("approver@dept", "submitted") == {"extend"}
    assert offered("approver@dept", "objection") == {"nudge", "reassign"}
    assert offered("catalog-officer@dept", "passed") == set()
    assert 'href="/do/delegate"' in web("clerk@gz").page("/desk")


def test_looking_ahead_says_what_will_happen_and_leaves_no_trace(web: Web) -> None:
    organiser, case = web("organiser@tro"), web.cases["accepted"]
    before = len(web.office.rows(acts))
    panel = {"experts": ["zhao", "qian", "zheng", "li", "zhou"], "chair": "zhao"}
    seen = organiser.post("/do/form-panel", {**organiser.form("form-panel", case, **panel), "_press": "look"})
    assert "开始评估论证" in seen.text, re.findall(r'<div class="notice.*?</div>', seen.text, re.S)
    refused = organiser.post(
        "/do/form-panel",
        {**organiser.form("form-panel", case), "experts": ["zhao"], "chair": "li", "_press": "look"},
    )
    assert "组长须为组员" in refused.text
    assert len(web.office.rows(acts)) == before


def test_pressed_twice_is_done_once_and_whoever_comes_later_learns_what_changed(web: Web) -> None:
    expert, case = web("expert:zhao"), web.cases["scored"]
    first = expert.get(f"/do/score?case={case}")
    assert first.headers["location"].startswith(f"/declare/{case}")
    page = expert.page(first.headers["location"])
    assert "东莞市技师学院" in page
    id_ = re.search(r'name="id" value="([^"]+)"', page)
    assert id_
    declared = [
        expert.post(f"/declare/{case}", {"csrf": expert.csrf, "act": "score", "id": id_[1]}) for _ in "12"
    ]
    assert [answer.headers["location"] for answer in declared] == [f"/do/score?case={case}"] * 2
    assert web.office.state(web.cases["evaluation"])["declared"] == ["zhao"]
    form = expert.form("score", case, **{"line": ["1"], "marks.overall": "86"})
    organiser = web("organiser@tro")
    late = organiser.form("visit", case, date="2026-04-10", finding="好", places="车间", visitors="甲\n乙")
    web.office.now = web.office.now.replace(hour=10)
    answers = [expert.post("/do/score", {**form, "_press": "do"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert "已办理" in expert.page(answers[0].headers["location"])
    assert web("clerk@gz").get(answers[0].headers["location"]).status_code == 404
    evaluation = web.office.state(web.cases["evaluation"])
    assert evaluation["scores"]["1"]["zhao"]["total"] == 86
    tie = {"expert": "qian", "org": "别处公司"}
    web.office.do("2026-04-14 10:05", "organiser@tro", "disclose-tie", case, **tie)
    assert organiser.post("/do/visit", {**late, "_press": "look"}).status_code == 200


def test_two_people_on_one_case_see_each_others_act_and_the_later_gets_stale(web: Web) -> None:
    objection = web.cases["objection"]
    one, case = web("notice-officer@tro"), web.office.view(objection)
    form = one.form("decide-objection", objection, outcome="dismissed", finding="属实")
    assert one.get(f"/cases/{objection}/live?version={case['version']}").status_code == 204
    web.office.do(
        "2026-04-14 11:00",
        "notice-officer@tro",
        "decide-objection",
        objection,
        outcome="dismissed",
        finding="核实清单属实",
    )
    moved = one.get(f"/cases/{objection}/live?version={case['version']}")
    assert "刚有变动" in moved.text
    web.office.now = web.office.now.replace(hour=11, minute=10)
    answer = one.post("/do/decide-objection", {**form, "_press": "do"})
    assert answer.status_code == 422
    assert "您打开此页之后的变动" in answer.text
    assert "异议处理" in answer.text


def test_a_form_half_filled_in_is_kept_without_personal_particulars(web: Web) -> None:
    filer, case = web("filer@dg"), web.cases["draft"]
    form = filer.form("save-draft", case)
    filled = {
        **form,
        "lines.0.id": "7",
        "mentors.0.name": "某某人",
        "mentors.0.employer": "某厂",
        "_press": "keep",
    }
    assert "已存下" in filer.post("/do/save-draft", filled).text
    again = filer.page(f"/do/save-draft?case={case}")
    assert 'value="7"' in again
    assert "某某人" not in again


def test_a_batch_is_picked_on_the_board_and_done_in_one_act(web: Web) -> None:
    officer, round_ = web("notice-officer@tro"), web.cases["round"]
    page = officer.page(f"/rounds/{round_}?state=passed")
    refs = re.findall(r'name="lines" value="([^"]+)"', page)
    assert sorted(refs) == sorted(web.office.refs(web.cases["passed"]))
    opened = officer.post("/do/publish-notice", {"_csrf": officer.csrf, "_press": "open", "lines": refs[:1]})
    assert "公示期" in opened.text
    hidden = dict(re.findall(r'name="(_(?:csrf|case|id|drawn))" value="([^"]*)"', opened.text))
    nothing = officer.post("/do/publish-notice", {**hidden, "lines": "", "_press": "look"})
    assert "没有专业线" in nothing.text
    done = officer.post("/do/publish-notice", {**hidden, "lines": refs[:1], "_press": "do"})
    assert done.status_code == 303
    assert "公示中" in officer.page(f"/rounds/{round_}?state=in-notice")


def test_what_is_published_stays_as_it_was_and_has_every_form(web: Web) -> None:
    public, notice = web(), web.cases["notice"]
    page = public.page(f"/public/{notice}")
    assert "珠海市技师学院" in page
    rows = public.get(f"/public/{notice}.json").json()
    assert rows["lines"][0]["major_name"] == "电气自动化设备安装与维修"
    assert "珠海市技师学院" in public.get(f"/public/{notice}.csv").content.decode("utf-8-sig")
    assert public.get(f"/public/{notice}.xlsx").content[:2] == b"PK"
    feed = ElementTree.fromstring(public.get("/public/feed.atom").content)
    assert any(notice in (e.text or "") for e in feed.iter("{http://www.w3.org/2005/Atom}id"))
    for word in ("陈某人", "440106197810014568", "13800001234", "clerk@", "objector"):
        assert word not in page + str(rows)


def test_anybody_objects_with_scripts_off_and_asks_by_the_receipt(web: Web) -> None:
    public, notice = web(), web.cases["notice"]
    web.office.now = web.office.now.replace(hour=12)
    page = public.page(f"/public/object/{notice}")
    id_ = re.findall(r'name="id" value="([a-z2-7]{26})"', page)[0]
    who = {"kind": "person", "name": "陈某人", "id_no": "440106197810014567", "phone": "13800001234"}
    given = {"id": id_, "line": f"{web.cases['noticed']}/1", "statement": "设备清单不实", **who}
    wrong = public.post(f"/public/object/{notice}", given)
    assert "身份证号码校验不符" in wrong.text
    given["id"] = re.findall(r'name="id" value="([a-z2-7]{26})"', wrong.text)[0]
    given["id_no"] = "440106197810014568"
    first = public.post(f"/public/object/{notice}", given)
    assert first.status_code == 303, first.text
    web.office.now = web.office.now.replace(hour=13)
    assert public.post(f"/public/object/{notice}", given).headers["location"] == first.headers["location"]
    told = public.page(first.headers["location"])
    assert "核实中" in told
    assert "陈某人" not in told
    assert "没有这个回执编号" in public.page("/public/status?receipt=objection-aaaaaaaaaa")


def test_a_draft_is_written_checked_and_submitted_on_the_page(web: Web) -> None:
    office = web.office
    office.now = office.now.replace(month=3, day=20)
    filer, round_ = web("filer@zh"), web.cases["round"]
    rows = {
        "round": round_,
        "lines.0.id": "1",
        "lines.0.major": "DEMO-0101",
        "lines.0.entry": "senior-high",
        "lines.0.years": "2",
        "lines.0.plan": "40",
    }
    look = filer.post("/do/submit-filing", {**filer.form("submit-filing", round_), **rows, "_press": "look"})
    assert "学制" in look.text
    assert "这样会被拒绝" in look.text
    more = filer.post(
        "/do/submit-filing", {**filer.form("submit-filing", round_), **rows, "_press": "more:lines"}
    )
    assert 'name="lines.1.id"' in more.text
    done = filer.do("submit-filing", round_, **{**rows, "lines.0.years": "4"})
    assert done.status_code == 303, done.text
    assert "省教研室受理岗" in filer.page(done.headers["location"])
    office.now = office.now.replace(month=4, day=14)


def test_a_workbook_is_checked_by_sheet_row_and_column_and_leaves_no_trace(web: Web) -> None:
    filer, round_ = web("filer@dg"), web.cases["round"]
    form = filer.get(f"/rounds/{round_}/form.xlsx").content
    before = len(web.office.rows(acts))
    answer = filer.client.post(
        f"/rounds/{round_}/import",
        data={"csrf": filer.csrf, "press": "check"},
        files={"file": ("a.xlsx", form)},
    )
    assert answer.status_code == 422
    assert "没有填写任何申报专业" in answer.text
    assert len(web.office.rows(acts)) == before


def test_an_attachment_is_inspected_kept_and_shown_to_its_own_agency_alone(web: Web) -> None:
    filer = web("filer@dg")
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    files = [("file", ("培养方案.pdf", pdf)), ("file", ("宏.exe", b"MZ"))]
    answer = filer.client.post("/files", data={"csrf": filer.csrf}, files=files)
    assert answer.status_code == 422
    digest = re.findall(r'href="/files/([0-9a-f]{64})/preview"', answer.text)[0]
    given = filer.get(f"/files/{digest}?look=true")
    assert (given.content, given.headers["content-type"]) == (pdf, "application/pdf")
    assert "sandbox" in given.headers["content-security-policy"]
    for other in ("filer@zh", "clerk@tro", "approver@dept"):
        assert web(other).get(f"/files/{digest}").status_code == 404


def test_files_are_handed_in_on_the_form_of_a_filing_and_stand_there_by_name(web: Web) -> None:
    filer, case, office = web("filer@dg"), web.cases["draft"], web.office
    office.now = office.now.replace(month=3, day=20)
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n0\n%%EOF\n%own\n"
    data = {**filer.form("save-draft", case), "lines.0.id": "7", "_press": "attach"}
    files = [("_files", ("实训条件.pdf", pdf)), ("_files", ("宏.exe", b"MZ"))]
    page = filer.client.post("/do/save-draft", data=data, files=files).text
    ticked = re.findall(r'name="materials" value="(\w{64})" checked><label[^>]*>([^<]+)<', page)
    assert [said.partition("（")[0] for _, said in ticked] == ["实训条件.pdf"]
    assert 'value="7"' in page, "what was filled in is still there"
    assert "宏.exe" in page
    done = filer.do(
        "save-draft",
        case,
        **{
            "round": web.cases["round"],
            "lines.0.id": "1",
            "lines.0.major": "DEMO-0401",
            "materials": ticked[0][0],
        },
    )
    assert done.status_code == 303, done.text
    again = filer.page(f"/do/save-draft?case={case}")
    assert re.findall(r'name="materials" value="(\w{64})" checked', again) == [ticked[0][0]]
    office.now = office.now.replace(month=4, day=14)


def test_a_case_can_be_seen_as_it_was_at_each_event(web: Web) -> None:
    page = web("approver@dept").page(f"/replay/{web.cases['passed']}?at=1")
    assert "提交申报" in page
    assert "已提交" in page
    assert web("clerk@tro").get(f"/replay/{web.cases['passed']}").status_code == 403


def test_labels_of_marks_and_lines_are_words(web: Web) -> None:
    expert, case = web("expert:zhao"), web.cases["scored"]
    id_ = re.search(r'name="id" value="([^"]+)"', expert.page(f"/declare/{case}?act=score"))
    if id_:  # not declared by a test before
        expert.post(f"/declare/{case}", {"csrf": expert.csrf, "act": "score", "id": id_[1]})
    assert "综合评分（0–100）" in expert.page(f"/do/score?case={web.cases['scored']}")

"""Objecting with files: looked at before anything is kept, sealed with the rest, found by the receipt, opened only by those who verify."""

import re

from audit.bundle import make_bundle
from gateway.custody import Custody
from gateway.personal import pseudonym_of
from records.files import FileStore
from records.schema import attachments, person_keys
from tests.web.conftest import Web
from tests.web.test_evidence import opened

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def filled(web: Web) -> dict[str, str]:
    """A form that is in order, for the line on notice."""
    return {
        "line": f"{web.cases['noticed']}/1", "kind": "person", "name": "陈某人", "id_no": "440106197810014568",
        "phone": "13800001234", "statement": "附照片为证",
    }  # fmt: skip


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_registered(web: Web) -> None:
    notice, before = web.cases["notice"], len(web.office.rows(attachments))
    for name, data in (("a.pdf", b"MZ\x90"), ("a.docm", b"PK\x03\x04"), ("a.exe", PDF)):
        answer = web().client.post(
            f"/public/object/{notice}", data=filled(web), files=[("file", (name, data))]
        )
        assert answer.status_code == 422, name
        assert name in answer.text
    wrong = {**filled(web), "id_no": "1"}
    answer = web().client.post(f"/public/object/{notice}", data=wrong, files=[("file", ("a.pdf", PDF))])
    assert "身份证号码校验不符" in answer.text
    assert len(web.office.rows(attachments)) == before


def test_files_come_with_an_objection_and_open_only_with_a_reading(web: Web) -> None:
    sent = web().client.post(
        f"/public/object/{web.cases['notice']}", data=filled(web), files=[("file", ("照片.pdf", PDF))]
    )
    assert sent.status_code == 303, sent.text
    status = web().page(sent.headers["location"])
    found = re.search(r"[0-9a-f]{64}", status)
    assert found
    objection = sent.headers["location"].partition("receipt=")[2]
    officer, path = web("notice-officer@tro"), f"/files/{found[0]}?case={objection}"
    assert officer.get(path).status_code == 404
    page = opened(officer, objection, "核实异议")
    assert "照片.pdf" in page
    reading = re.search(r"reading=([a-z2-7]{26})", page)
    assert reading
    assert officer.get(f"{path}&reading={reading[1]}").content == PDF
    assert web("approver@dept").get(f"{path}&reading={reading[1]}").status_code == 404


def test_a_file_of_an_objector_is_sealed_where_it_lies_and_gone_with_the_objectors_key(web: Web) -> None:
    form = {**filled(web), "id_no": "440106198105120036", "name": "林某人"}
    scan = PDF + b"%scan of an identity card"
    sent = web().client.post(
        f"/public/object/{web.cases['notice']}", data=form, files=[("file", ("林某人身份证.pdf", scan))]
    )
    assert sent.status_code == 303, sent.text
    objection = sent.headers["location"].partition("receipt=")[2]
    (digest,) = web.office.state(objection)["materials"]
    row = next(row for row in web.office.rows(attachments) if row["sha256"] == digest)
    lies = FileStore(str(web.files)).get(digest)
    assert "林某人" not in str(row)
    assert scan not in lies
    assert "林某人".encode() not in lies
    officer = web("notice-officer@tro")
    reading = re.search(r"reading=([a-z2-7]{26})", page := opened(officer, objection, "核实异议"))
    assert reading
    assert "林某人身份证.pdf" in page
    path = f"/files/{digest}?case={objection}&reading={reading[1]}"
    assert officer.get(path).content == scan
    assert web("filer@dg").get(path).status_code == 404
    store = FileStore(str(web.files))
    bundle = make_bundle(
        web.office.gateway, store, Custody(web.files), objection, environment="test", with_keys=False
    ).data
    assert (lies in bundle, scan in bundle) == (True, False)
    person = pseudonym_of(web.office.gateway, {"id_no": form["id_no"]})
    with web.office.engine.begin() as connection:
        connection.execute(person_keys.delete().where(person_keys.c.person == person))
    assert officer.get(path).status_code == 404


def test_an_officer_who_registers_a_letter_of_objection_seals_its_scan_for_that_objector(web: Web) -> None:
    officer, scan = web("notice-officer@tro"), PDF + b"%scan of a letter"
    said = {
        "line": f"{web.cases['noticed']}/1", "via": "letter", "received": "2026-04-14 08:30", "statement": "见来信",
        "who.kind": "person", "who.name": "陈某人", "who.id_no": "440106197810014568", "who.phone": "13800001234",
    }  # fmt: skip
    form = officer.form("object", **said)
    sent = officer.post(
        "/do/object", {**form, "_press": "attach"}, files=[("_files", ("陈某人来信.pdf", scan))]
    )
    (digest,) = re.findall(r'value="([0-9a-f]{64})"', sent.text)
    assert scan not in FileStore(str(web.files)).get(digest)
    another = {**form, "materials": [digest], "who.id_no": "440106198105120036", "_press": "do"}
    refused = officer.post("/do/object", another)
    assert (refused.status_code, "按另一人密封" in refused.text) == (422, True)
    done = officer.post("/do/object", {**form, "materials": [digest], "_press": "do"})
    assert done.status_code == 303, done.text

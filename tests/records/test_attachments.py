"""Files taken in: recorded by their content, refused with a reason, and named by a filing afterwards."""

import hashlib

import pytest

from domain.actors import parse_actor
from domain.moments import instant
from gateway.attach import attach, opened
from records.files import FileStore
from records.keys import Erased, destroy_key
from records.schema import attachments
from records.sealed_files import SEALED, NotSealed, sealed_for
from tests.world import Office, line

from .crowd import together

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
FILER = parse_actor("filer@dg")


@pytest.fixture
def store(request: pytest.FixtureRequest) -> FileStore:
    """A store of this test's own."""
    return FileStore(f"memory://{abs(hash(request.node.name))}")


def test_what_was_taken_in_can_be_filed(office: Office, store: FileStore) -> None:
    office.now = instant("2026-03-04 09:00")
    digest = hashlib.sha256(PDF).hexdigest()
    for _ in range(2):
        assert attach(office.gateway, store, FILER, "培养方案.pdf", PDF)["attachment"] == digest
    assert [(row["sha256"], row["agency"]) for row in office.rows(attachments)] == [(digest, "dg")]
    assert store.get(digest) == PDF
    filing = office.submitted("dg", line(), materials=[digest])
    assert office.state(filing)["materials"] == [digest]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("方案.exe", b"MZ"), ("方案.pdf", b""), ("方案.pdf", b"PK\x03\x04"), ("方案.docm", b"PK\x03\x04"), ("方案", PDF),
        ("../方案.pdf", PDF), ("方案.pdf", b"%PDF-1.7\n/JavaScript\nstartxref\n"), ("方案.pdf", PDF + b" " * 52_428_800),
    ],
)  # fmt: skip
def test_what_is_no_attachment_is_refused(office: Office, store: FileStore, name: str, data: bytes) -> None:
    answer = attach(office.gateway, store, FILER, name, data)
    assert (answer["outcome"], answer["code"], bool(answer["reasons"])) == ("refused", "invalid", True)
    assert answer["next"]["zh"]
    assert answer["clause"]
    assert office.rows(attachments) == []


def test_a_long_name_is_kept_or_refused(office: Office, store: FileStore) -> None:
    for name in ("a" * 246 + ".pdf", "长" * 80 + ".pdf", "长" * 300 + ".pdf"):
        assert attach(office.gateway, store, FILER, name, PDF)["outcome"] in ("accepted", "refused")


@pytest.mark.parametrize("who", ["filer@nowhere", "filer@dg#stranger", "expert:nobody", "process@dg"])
def test_only_officers_filers_and_objectors_attach(office: Office, store: FileStore, who: str) -> None:
    answer = attach(office.gateway, store, parse_actor(who), "方案.pdf", PDF)
    assert (answer["outcome"], answer["code"]) == ("refused", "not-authorised")
    assert office.rows(attachments) == []


def test_the_same_file_by_many_at_once(office: Office, store: FileStore) -> None:
    people = [parse_actor(f"filer@{college}") for college in ("dg", "zh", "jx", "gm", "by", "jia")]
    answers = together(
        [lambda who=who: attach(office.gateway, store, who, "方案.pdf", PDF) for who in people]
    )
    assert {answer["outcome"] for answer in answers} == {"accepted"}
    assert len(office.rows(attachments)) == 1


def test_what_is_about_a_person_is_stored_sealed_once_and_opens_with_that_persons_key_only(
    office: Office, store: FileStore
) -> None:
    office.now, clerk = instant("2026-03-04 09:00"), parse_actor("notice-officer@tro")
    who = {"name": "陈某人", "id_no": "440106197810014568"}
    digest = attach(office.gateway, store, clerk, "陈某人来信.pdf", PDF, who)["attachment"]
    assert attach(office.gateway, store, clerk, "陈某人来信.pdf", PDF, who)["attachment"] == digest
    assert attach(office.gateway, store, clerk, "陈某人来信.pdf", PDF)["attachment"] != digest
    lies = store.get(digest)
    assert (hashlib.sha256(lies).hexdigest(), PDF in lies) == (digest, False)
    (row,) = (row for row in office.rows(attachments) if row["sha256"] == digest)
    assert (row["media_type"], "陈" in row["name"]) == (SEALED, False)
    with office.engine.connect().execution_options(reading=True) as connection:
        clear = opened(office.gateway, connection, lies)
        assert (clear.name, clear.media_type, clear.data) == ("陈某人来信.pdf", "application/pdf", PDF)
        for at in range(0, len(lies), 7):
            with pytest.raises((NotSealed, Erased)):
                opened(office.gateway, connection, lies[:at] + bytes([lies[at] ^ 1]) + lies[at + 1 :])
    with office.engine.begin() as connection:
        destroy_key(connection, sealed_for(lies))
        with pytest.raises(Erased):
            opened(office.gateway, connection, lies)

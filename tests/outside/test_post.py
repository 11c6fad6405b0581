"""An agency's post takes all that is due at once; a letter that fails waits for its next attempt and holds up no other."""

from sqlalchemy import update
from temporalio.testing import ActivityEnvironment

from activities.messages import Deliver, Delivered
from activities.post import ATTEMPTS, Post
from gateway.settings import Settings
from records.schema import letters
from tests.outside.postbox import Start
from tests.world import Office


def delivered(office: Office, port: int, files: str) -> Delivered:
    settings = Settings(files=files, smtp_url=f"smtp://127.0.0.1:{port}")
    answer = ActivityEnvironment().run(Post(office.gateway, settings).deliver, Deliver("tro"))
    assert isinstance(answer, Delivered)
    return answer


def filed_by(office: Office, mail: str) -> str:
    """The college's address is as it registers it."""
    about = {
        "id": "nn",
        "name": "新学院",
        "kind": "technician-college",
        "city": "4419",
        "affiliation": "municipal",
    }
    office.do("2026-03-02 09:00", "approver@dept", "register-college", **about, mail=mail)
    office.appoint("filer@nn")
    return office.submitted("nn")


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(
    office: Office, start: Start, tmp_path: object
) -> None:
    postbox, port = start()
    filing = filed_by(office, "later@x.example")
    answer, row = None, {}
    for attempt in range(1, ATTEMPTS + 1):
        answer = delivered(office, port, str(tmp_path))
        (row,) = (
            r for r in office.rows(letters) if r["stream"] == filing and r["letter"] == "submitted-receipt"
        )
        assert row["attempts"] == attempt
        if attempt < ATTEMPTS:
            assert (row["status"], row["sent_at"]) == ("due", None)
            assert answer.again is not None
            assert 0 < answer.again <= 2.0 ** (attempt - 1)
            assert delivered(office, port, str(tmp_path)).sent == 0, "not before its time"
            with office.engine.begin() as connection:
                connection.execute(update(letters).where(letters.c.id == row["id"]).values(again_at=""))
    assert row["status"] == "failed"
    assert answer is not None
    assert answer.again is None
    assert [to for _, to, _ in postbox.letters] == [["tro@huiqian.example"]], (
        "the other letter went out, once"
    )

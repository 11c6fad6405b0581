"""Bad input to CA-10 … CA-13, row by row of domain.md §4.1: refused with the right code, and the case as it was."""

from typing import Any

import pytest

from tests.register import OBJECTOR
from tests.world import Office, line

from .refusals import Press, Row, Table, hold

rows = Table()


# CA-10: objections (what is registered but not admitted stands in test_objections) ------------------------------------------
def object_(o: Office, at: str = "2026-04-14 09:00", **changed: Any) -> Press:
    given: dict[str, Any] = {"via": "email", "received": at, "who": OBJECTOR, "statement": "不实", **changed}
    return lambda: o.act(at, "public", "object", **given)


@rows.row("CA-10 a line that is in no notice", "wrong-stage")
def _(o: Office) -> Press:
    filing = o.passed()
    return object_(o, line=f"{filing}/1")


BAD_OBJECTIONS: dict[str, dict[str, Any]] = {
    "received tomorrow": {"received": "2026-04-15 09:00"},
    "sent after it was received": {"sent": "2026-04-15 09:00", "via": "post"},
    "a wrong citizen number": {"who": {**OBJECTOR, "id_no": "440106197810014567"}},
    "a citizen number of fifteen digits": {"who": {**OBJECTOR, "id_no": "440106781001456"}},
    "by a way that is none": {"via": "fax machine"},
    "without a statement": {"statement": ""},
    "without saying who": {"who": {}},
    "a line that is not there": {"line": "filing-0000000000/1"},
    "several lines at once": {"line": ["a/1", "a/2"]},
}
for name, changed in BAD_OBJECTIONS.items():

    @rows.row(f"CA-10 {name}", "invalid")
    def _(o: Office, changed: dict[str, Any] = changed) -> Press:
        filing = o.passed()
        o.published(filing)
        return object_(o, **{"line": f"{filing}/1", **changed})


# CA-11: consent ---------------------------------------------------------------------------------------------------------------
def noticed(o: Office) -> str:
    filing = o.passed()
    o.published(filing)
    o.act(
        "2026-04-20 08:00", "approver@dept", "consent", lines=[f"{filing}/x"]
    )  # settles the end of the notice
    return f"{filing}/1"


for act in ("consent", "refuse", "return"):
    why = {} if act == "consent" else {"reasons": "布局饱和"}

    @rows.row(f"CA-11 {act} by somebody without the power", "not-authorised")
    def _(o: Office, act: str = act, why: dict[str, str] = why) -> Press:
        ref = noticed(o)
        return lambda: o.act("2026-04-20 09:00", "publisher@dept", act, lines=[ref], **why)

    @rows.row(f"CA-11 {act} by a city bureau", "wrong-agency")
    def _(o: Office, act: str = act, why: dict[str, str] = why) -> Press:
        ref = noticed(o)
        o.appoint("approver@gz")
        return lambda: o.act("2026-04-20 09:00", "approver@gz", act, lines=[ref], **why)

    @rows.row(f"CA-11 {act} before the notice", "wrong-stage")
    def _(o: Office, act: str = act, why: dict[str, str] = why) -> Press:
        filing = o.passed()
        return lambda: o.act("2026-04-20 09:00", "approver@dept", act, lines=[f"{filing}/1"], **why)

    @rows.row(f"CA-11 {act} twice", "wrong-stage")
    def _(o: Office, act: str = act, why: dict[str, str] = why) -> Press:
        ref = noticed(o)
        o.do("2026-04-20 09:00", "approver@dept", act, lines=[ref], **why)
        return lambda: o.act("2026-04-20 09:01", "approver@dept", act, lines=[ref], **why)


@rows.row("CA-11 refused without a reason", "invalid")
def _(o: Office) -> Press:
    ref = noticed(o)
    return lambda: o.act("2026-04-20 09:00", "approver@dept", "refuse", lines=[ref])


@rows.row("CA-11 consent by who filed it", "self-review")
def _(o: Office) -> Press:
    o.appoint("approver@dept#wang")
    o.appoint("filer@dg#wang")
    filing = o.do("2026-03-04 10:12", "filer@dg#wang", "submit-filing", round=o.round, lines=[line()])
    o.accepted(filing)
    o.panelled(filing)
    o.scored(filing)
    o.concluded(filing)
    o.published(filing)
    o.act("2026-04-20 08:00", "approver@dept", "consent", lines=[f"{filing}/x"])
    return lambda: o.act("2026-04-20 09:00", "approver@dept#wang", "consent", lines=[f"{filing}/1"])


# CA-12, CA-13: announcement, correction, withdrawal -------------------------------------------------------------------------
def done(o: Office) -> str:
    ref = noticed(o)
    o.do("2026-04-20 09:00", "approver@dept", "consent", lines=[ref])
    return ref


def announce(o: Office, *lines: str, number: str = "粤人社函〔2026〕88号") -> Press:
    return lambda: o.act(
        "2026-04-22 09:00", "publisher@dept", "announce", document_no=number, lines=list(lines)
    )


rows.row("CA-12 a line without consent", "wrong-stage")(lambda o: announce(o, noticed(o)))
rows.row("CA-12 without lines", "invalid")(lambda o: announce(o))


@rows.row("CA-12 announced again under another number", "wrong-stage")
def _(o: Office) -> Press:
    ref = done(o)
    announce(o, ref)()
    return announce(o, ref, number="粤人社函〔2026〕89号")


@rows.row("CA-12 announced again under its number", "document-no-used")
def _(o: Office) -> Press:
    ref = done(o)
    announce(o, ref)()
    return announce(o, ref)


BAD_CORRECTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "under the number it corrects": ("document-no-used", {"document_no": "粤人社函〔2026〕88号"}),
    "of an announcement that never was": ("invalid", {"corrects": "粤人社函〔2026〕87号"}),
    "of the call": ("invalid", {"corrects": "粤人社函〔2026〕50号"}),
    "to a major that is not in the catalog": ("major-not-in-catalog", {"field": "major", "to": "DEMO-9999"}),
    "to too few years": ("study-years", {"field": "years", "to": 3}),
    "to no places": ("invalid", {"field": "plan", "to": 0}),
    "to places in words": ("invalid", {"field": "plan", "to": "三十"}),
    "of a line's state": ("invalid", {"field": "state", "to": "refused"}),
    "of what nobody may touch": ("invalid", {"field": "__class__", "to": "x"}),
    "of a line it does not hold": ("invalid", {"line": "filing-0000000000/1"}),
}
for name, (code, changed) in BAD_CORRECTIONS.items():

    @rows.row(f"CA-12 correction {name}", code)
    def _(o: Office, changed: dict[str, Any] = changed) -> Press:
        ref = done(o)
        announce(o, ref)()
        change = {"line": ref, "field": "plan", "to": 30}
        change |= {k: v for k, v in changed.items() if k in change}
        given = {"document_no": "粤人社函〔2026〕91号", "corrects": "粤人社函〔2026〕88号"}
        given |= {k: v for k, v in changed.items() if k in given}
        return lambda: o.act("2026-04-23 09:00", "publisher@dept", "correct", **given, changes=[change])


def withdraw(o: Office, ref: str, at: str, by: str = "filer@dg", **more: Any) -> Press:
    filing, _, id_ = ref.rpartition("/")
    given: dict[str, Any] = {"lines": [id_], "reason": "x", **more}
    return lambda: o.act(at, by, "withdraw", filing, **given)


rows.row("CA-13 after consent", "wrong-stage")(lambda o: withdraw(o, done(o), "2026-04-21 09:00"))
rows.row("CA-13 somebody else's", "wrong-agency")(
    lambda o: withdraw(o, noticed(o), "2026-04-20 09:00", by="filer@zh")
)
rows.row("CA-13 a line that is not there", "invalid")(
    lambda o: withdraw(o, noticed(o)[:-1] + "7", "2026-04-20 09:00")
)
rows.row("CA-13 a line twice", "invalid")(
    lambda o: withdraw(o, noticed(o), "2026-04-20 09:00", lines=["1", "1"])
)
rows.row("CA-13 without a reason", "invalid")(
    lambda o: withdraw(o, noticed(o), "2026-04-20 09:00", reason="")
)
rows.row("CA-13 no line", "invalid")(lambda o: withdraw(o, noticed(o), "2026-04-20 09:00", lines=[]))


@rows.row("CA-13 after the announcement", "wrong-stage")
def _(o: Office) -> Press:
    ref = done(o)
    announce(o, ref)()
    return withdraw(o, ref, "2026-04-23 09:00")


@rows.row("CA-13 twice", "wrong-stage")
def _(o: Office) -> Press:
    ref = noticed(o)
    withdraw(o, ref, "2026-04-20 09:00")()
    return withdraw(o, ref, "2026-04-20 09:01")


@pytest.mark.parametrize("row", rows.parameters())
def test_bad_input_is_refused_and_the_case_stays_as_it_was(office: Office, row: Row) -> None:
    hold(office, row)

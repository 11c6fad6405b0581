"""What a yearly call would change, without changing anything: people look before they decide."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from domain.acts.calls import IssueCall
from domain.cases.cohort import Cohort
from domain.cases.filing import Filing
from domain.cases.programme import Programme
from domain.cases.programme_facts import ProgrammeRenamed, ProgrammeSunset
from domain.cases.round import Round, call_claim, newest
from domain.decide import decide
from domain.files import Command, Files
from domain.refusals import Refused
from gateway.answers import Answer, refusal_answer
from gateway.gateway import Gateway
from records.schema import streams
from records.world import SHARED, LedgerWorld, revive

View = dict[str, Any]


@dataclass
class CallPreview:
    """What issuing a call would do. `refused`: why it could not be issued as it is."""

    refused: Answer | None = None
    sunset: list[View] = field(default_factory=list[View])
    renamed: list[View] = field(default_factory=list[View])
    added: list[View] = field(default_factory=list[View])
    """Majors that the catalog in force neither has nor has under another code."""
    drafts: list[View] = field(default_factory=list[View])

    def about(self) -> View:
        """As JSON."""
        return {
            "refused": self.refused,
            "sunset": self.sunset,
            "renamed": self.renamed,
            "added": self.added,
            "drafts": self.drafts,
        }


def preview_call(gateway: Gateway, command: Command) -> CallPreview:
    """The effect of an `issue-call` on programmes, cohorts and drafts; decided like the act itself, then dropped."""
    assert command.act == "issue-call"
    with gateway.engine.connect() as connection:
        transaction = connection.begin()
        try:
            # Nothing is shared with other acts: what is decided here is thrown away.
            files = gateway.desk(connection, LedgerWorld(connection, gateway.cache, SHARED), command)
            try:
                decide(files)
            except Refused as refused:
                receipt = {"act": command.act}
                return CallPreview(refused=refusal_answer(files.pack, refused, receipt))
            return _effect(connection, files)
        finally:
            transaction.rollback()


def _effect(connection: Connection, files: Files) -> CallPreview:
    found = CallPreview()
    for fact in files.added:
        case = files.seen[fact.stream]
        if isinstance(case, Programme) and isinstance(fact.event, ProgrammeSunset):
            running = [files.need(id_, Cohort) for id_ in case.running]
            found.sunset.append(
                {
                    **_standing(connection, case.id),
                    "cohorts": [c.id for c in running],
                    "students": sum(c.students for c in running),
                }
            )
        elif isinstance(case, Programme) and isinstance(fact.event, ProgrammeRenamed):
            found.renamed.append({**_standing(connection, case.id), "to": fact.event.major})
    majors = IssueCall.model_validate(files.command.with_).majors
    catalog, was = {m.code for m in majors}, {m.was: m.code for m in majors if m.was}
    before = _catalog_before(files)
    found.added = [
        {"major": m.code, "name": m.name} for m in majors if m.code not in before and m.was not in before
    ]
    for draft in _drafts(connection):
        round_ = files.find(draft.round, Round)
        if (round_.beside if round_ else "") != files.beside:
            continue  # another procedure has another catalog
        lines: list[View] = draft.draft.get("lines") or []
        for line in lines:
            code = line.get("major")
            if code and code not in catalog:
                found.drafts.append(
                    {
                        "draft": draft.id,
                        "college": draft.college,
                        "line": line.get("id"),
                        "major": code,
                        "to": was.get(code),
                    }
                )
    return found


def _catalog_before(files: Files) -> set[str]:
    """The codes of the catalog that the call replaces."""
    calls = files.world.claimed(call_claim(files.beside))
    earlier = files.find(newest({key: id_ for key, id_ in calls.items() if id_ != files.opened}), Round)
    return set(earlier.catalog()) if earlier else set()


def _standing(connection: Connection, id_: str) -> View:
    """A programme as it stands now, before the call."""
    query = select(streams.c.head, streams.c.kind, streams.c.state).where(streams.c.id == id_)
    row = connection.execute(query).one()
    programme = revive(id_, (row.head, row.kind, row.state))
    assert isinstance(programme, Programme)
    return {
        "programme": programme.id, "college": programme.college, "major": programme.major, "entry": programme.entry,
        "status": programme.stage,
    }  # fmt: skip


def _drafts(connection: Connection) -> list[Filing]:
    query = select(streams.c.id, streams.c.head, streams.c.kind, streams.c.state).where(
        streams.c.kind == "filing", streams.c.stage == "draft"
    )
    drafts = [revive(r.id, (r.head, r.kind, r.state)) for r in connection.execute(query)]
    return [d for d in drafts if isinstance(d, Filing)]

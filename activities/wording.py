"""Fills the pack's words: letters and official documents from an event, its case and the names in the register."""

import json
from functools import cache
from typing import Any

from jinja2 import Template
from jinja2.sandbox import SandboxedEnvironment

from activities.paper import OfficialDocument, Table
from activities.wording_selection import Categories
from domain.case import Case
from domain.cases.announcement import Announcement
from domain.cases.approval import Approval, ApprovalAnswered
from domain.cases.filing import Filing, Line
from domain.cases.notice import Notice
from domain.cases.objection import Objection
from domain.cases.programme import Programme
from domain.cases.register import Agency, College
from domain.cases.round import Round
from domain.cases.selection import Selection
from domain.cases.violation import Violation
from domain.kinds import college_of, filing_of
from domain.moments import instant, local_day, spoken, spoken_end
from domain.policy import Letter, Pack, Paper, Words
from domain.vocabulary import ENTRIES, ROLES
from records.reading import Past

_jinja = SandboxedEnvironment(autoescape=False)  # plain text and .docx, never HTML


@cache
def _template(text: str) -> Template:
    """Compiled once: packs are few, letters many."""
    return _jinja.from_string(text)


def spoken_of(case: Case) -> list[str]:
    """The cases that letters about this one speak of, as far as it names them itself: to be read with it."""
    college = college_of(case)
    return [id_ for id_ in (filing_of(case), case.round, college and f"college/{college}") if id_]


class Wording:
    """The context of one event, and the texts made from it."""

    def __init__(self, past: Past, pack: Pack, stream: str, seq: int) -> None:
        self._past, self.pack = past, pack
        row, self._until = past.fact(stream, seq)
        self.event: dict[str, Any] = json.loads(row["data"])
        if row["type"] == ApprovalAnswered.__name__:
            # The letter of an act speaks of all its lines, also those of other notices.
            answers = [json.loads(r["data"]) for r in past.of_same_act(row) if r["type"] == row["type"]]
            self.event["outcomes"] = {r: o for told in answers for r, o in told["outcomes"].items()}
        self.at = instant(row["legal_at"])
        case = self.case(stream)
        assert case is not None
        self.subject = case
        self._categories = Categories(pack, local_day(self.at))
        filing = self._filing(case)
        lines = self._lines(case, filing)
        round_ = self.case(case.round or "")
        self.unit = filing.route if filing and filing.route else "dept"
        self.context: dict[str, Any] = {
            "case": case.view(),
            "event": self.event,
            "college": self.college(subject) if (subject := college_of(filing or case)) else "",
            "unit": self.agency(self.unit),
            "lines": lines,
            "selections": self._rankings(case, lines),
            "year": round_.year if isinstance(round_, Round) else "",
            "publication": self._publication(case),
            "delegation": self._delegation(case),
            # What came about by a period that ended is dated at that end; a measure begins and ends at 00:00.
            "at": spoken(self.at) if isinstance(case, Violation) else spoken_end(self.at),
            "agency": self.agency,
            "act": self.act,
            "moment": self.moment,
            "document_no": self.event.get("document_no", ""),
        }

    def case(self, id_: str) -> Case | None:
        """A case as it stood after the act that caused the letter, however late it is written; never as it stands now."""
        return self._past.case(id_, self._until)

    def agency(self, id_: str) -> str:
        """An agency's name in Chinese; a college's registered name."""
        return self.pack.agencies[id_].zh if id_ in self.pack.agencies else self.college(id_)

    def act(self, id_: str) -> Words:
        """What an act, or whatever else a case waits for, is called."""
        return self.pack.acts[id_].says if id_ in self.pack.acts else Words(zh=id_, en=id_)

    def moment(self, text: str) -> str:
        """An instant of a view, in China time; the end of a day is 24:00."""
        return spoken_end(instant(text))

    def agency_en(self, id_: str) -> str:
        """An agency's name in English; a college has none but its own."""
        return self.pack.agencies[id_].en if id_ in self.pack.agencies else self.college(id_)

    def college(self, id_: str) -> str:
        """A college's name on the day of the event."""
        found = self.case(f"college/{id_}")
        return found.at(local_day(self.at)).name if isinstance(found, College) else id_

    def letter(self, letter: Letter) -> tuple[str, str]:
        """Subject and body, Chinese first, English below."""
        subject = " · ".join(self._both(letter.subject))
        return " ".join(subject.split()), "\n\n————————\n\n".join(self._both(letter.body))

    def paper(self, paper: Paper) -> OfficialDocument:
        """The official document that belongs to the event, dated by the event's legal day."""
        agency = self.agency(self.unit if paper.agency == "receiving-unit" else paper.agency)
        rows: list[dict[str, Any]] = [{"n": n, **line} for n, line in enumerate(self.context["lines"], 1)]
        header = [heading for heading, _ in paper.table]
        cells = [[str(row.get(field, "")) for _, field in paper.table] for row in rows]
        paragraphs = [text for text in (self._fill(p).strip() for p in paper.paragraphs) if text]
        return OfficialDocument(
            agency=agency,
            document_no=self.context["document_no"] or None,
            title=self._fill(paper.title),
            addressee=self._fill(paper.addressee) if paper.addressee else None,
            paragraphs=paragraphs,
            table=Table(header=header, rows=cells) if header and cells else None,
            signed_by=agency,
            dated=local_day(self.at),
        )

    def _both(self, words: Words) -> list[str]:
        english = {"agency": self.agency_en, "unit": self.agency_en(self.unit)}
        return [self._fill(words.zh).strip(), self._fill(words.en, english).strip()]

    def _fill(self, template: str, over: dict[str, Any] | None = None) -> str:
        return _template(template).render({**self.context, **(over or {})})

    def _filing(self, case: Case) -> Filing | None:
        found = self.case(of) if (of := filing_of(case)) else None
        return found if isinstance(found, Filing) else None

    def _lines(self, case: Case, filing: Filing | None) -> list[dict[str, Any]]:
        named: Any
        if isinstance(case, Selection):
            refs = [entry.ref for entry in case.ranking if entry.lot]
        elif isinstance(case, Notice | Approval | Announcement):
            named = self.event.get("lines") or self.event.get("outcomes") or case.lines
            refs = [ref for ref in named if isinstance(ref, str)] or case.lines
        elif isinstance(case, Objection):
            refs = [case.line]
        elif isinstance(case, Violation):
            measure = case.decided or case.notified
            found = [self.case(id_) for id_ in measure.programmes] if measure else []
            refs = [programme.line for programme in found if isinstance(programme, Programme)]
        elif filing:
            one = self.event.get("line")
            several = (self.event.get(field) for field in ("lines", "results", "ranks"))
            named = next(filter(None, several), [one] if one else list(filing.lines))
            ids = [line.get("id", "") if isinstance(line, dict) else line for line in named]
            refs = [f"{filing.id}/{line}" for line in ids]
        else:
            refs = []
        self._past.prepare([], [ref.rpartition("/")[0] for ref in refs])
        return [line for ref in refs if (line := self._line(ref))]

    def _publication(self, case: Case) -> dict[str, Any] | None:
        """By when the first of the lines that an answer is about is to be announced."""
        if not isinstance(case, Approval):
            return None
        filings = {ref.rpartition("/")[0] for ref in self.event.get("outcomes", {})}
        held = [found for id_ in filings if isinstance(found := self.case(id_), Filing)]
        due = [filing.deadlines["publication"] for filing in held if "publication" in filing.deadlines]
        return min(due, key=lambda d: d.ends_at).model_dump(mode="json") if due else None

    def _delegation(self, case: Case) -> dict[str, Any] | None:
        """The delegation that an event of an agency is about, and which acts go with the office."""
        given = case.delegations.get(self.event.get("number", "")) if isinstance(case, Agency) else None
        if given is None:
            return None
        place = case.id.removeprefix("agency/")
        acts = [
            act.says
            for act in self.pack.acts.values()
            if any(o.role == given.role and (o.at == place or o.at not in self.pack.agencies) for o in act.by)
        ]
        return {
            **given.model_dump(mode="json"),
            "office": ROLES.get(given.role, given.role),
            "agency": place,
            "acts": acts,
        }

    def _line(self, ref: str) -> dict[str, Any] | None:
        filing_id, _, line_id = ref.rpartition("/")
        filing = self.case(filing_id)
        if not isinstance(filing, Filing) or line_id not in filing.lines:
            return None
        line: Line = filing.lines[line_id]
        round_ = self.case(filing.round or "")
        catalog = round_.catalog() if isinstance(round_, Round) else {}
        name = catalog[line.major].name if line.major in catalog else line.major
        shown = {**line.about(), "ref": ref, "college": self.college(filing.college), "major_name": name}
        if line.category:
            return self._categories.line(shown, self.subject if isinstance(self.subject, Selection) else None)
        return {**shown, "entry": ENTRIES.get(line.entry, line.entry)}

    def _rankings(self, case: Case, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rankings in which these lines stand."""
        ids = [case.id] if isinstance(case, Selection) else [line.get("selection") for line in lines]
        found = [self.case(id_) for id_ in dict.fromkeys(ids) if id_]
        return [self._categories.ranking(one) for one in found if isinstance(one, Selection)]

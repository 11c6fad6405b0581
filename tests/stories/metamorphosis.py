"""The same story told otherwise: other names, another order of lines, other weeks (FORMAT.md: its meaning stays)."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from domain.actors import Actor
from domain.moments import day
from gateway.founding import published_schedules
from rehearsal.story import Step, Story

Names = dict[str, str]
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(.*)")
_CARD = re.compile(r"([a-z-]+/[a-z]+/)(\d{4}-\d\d-\d\d)")
"""A card of a case is called by its clock, its colour, and the last day of the period."""
_REFERENCES = {"lines", "line", "programme", "programmes", "filings", "cohort"}
_LINE_FIELDS = {"lines", "line", "results", "reasons", "pending", "scores"}
_EXPERT_FIELDS = {
    "experts",
    "chair",
    "expert",
    "out",
    "in",
    "panel",
    "to_replace",
    "declared",
    "person",
    "to",
    "of",
}
_COLLEGE_FIELDS = {"college", "agency", "org", "subject"}


class _Renamer:
    """Gives cases, colleges, lines and experts other names, everywhere a story speaks of them."""

    def __init__(self, story: Story) -> None:
        self.colleges = _new("college", (str(c["id"]) for c in story.colleges))
        self.experts = _new("expert", (str(e["id"]) for e in story.experts))
        self.cases = _new("Case", (s.as_ for s in story.steps if s.as_))
        lines = (row["id"] for s in story.steps for row in _filed(s) if isinstance(row.get("id"), str))
        self.lines = _new("line", lines)

    def actor(self, actor: Actor) -> Actor:
        """The same office at the renamed agency; an account that is an expert's keeps being that expert's."""
        agency = self.colleges.get(actor.agency, actor.agency)
        person = self.experts.get(actor.person, actor.person.replace(f"@{actor.agency}", f"@{agency}"))
        behalf = self.experts.get(actor.on_behalf_of or "", actor.on_behalf_of)
        return actor.model_copy(update={"agency": agency, "person": person, "on_behalf_of": behalf})

    def case(self, name: str) -> str:
        """A case, a line reference, or whatever it was."""
        head, slash, line = name.rpartition("/")
        if slash and head in self.cases:
            return f"{self.cases[head]}/{self.lines.get(line, line)}"
        return self.cases.get(name, name)

    def text(self, value: str, field: str) -> str:
        """One word, as the field that holds it means it."""
        if field in _REFERENCES and self.case(value) != value:
            return self.case(value)
        for fields, names in (
            (_LINE_FIELDS, self.lines), (_EXPERT_FIELDS, self.experts), (_COLLEGE_FIELDS, self.colleges),
        ):  # fmt: skip
            if field in fields and value in names:
                return names[value]
        if field == "round":
            return self.case(value)
        if field == "to" and "@" in value:
            role, _, agency = value.partition("@")
            return f"{role}@{self.colleges.get(agency, agency)}"
        if field == "role" and value.removeprefix("expert:") in self.experts:
            return f"expert:{self.experts[value.removeprefix('expert:')]}"
        return value

    def data(self, value: Any, field: str) -> Any:
        """Forms and expectations, whatever they are made of."""
        if isinstance(value, dict):
            return {
                self.key(key, field): self.data(item, self.field(key, field)) for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.data(item, field) for item in value]
        if isinstance(value, str):
            return self.lines.get(value, value) if field == "lines.id" else self.text(value, field)
        return value

    def key(self, key: str, field: str) -> str:
        """Tables by line or by expert, and deadlines that name their line."""
        if field == "deadlines" and "/" in key:
            name, _, line = key.partition("/")
            return f"{name}/{self.lines.get(line, line)}"
        if field == "scores.of":
            return self.experts.get(key, key)
        return self.text(key, field) if field in _LINE_FIELDS else key

    def field(self, key: str, field: str) -> str:
        """What the items under a key are to be read as."""
        if field == "lines" and key == "id":
            return "lines.id"
        if field == "selections":
            return "cohort"  # a table of cases, each named
        return "scores.of" if field == "scores" else key


def renamed(story: Story) -> Story:
    """Every case, college, line and expert of a story under another name."""
    new = _Renamer(story)
    return replace(
        story,
        colleges=[{**c, "id": new.colleges[c["id"]]} for c in story.colleges],
        experts=[
            {
                **e,
                "id": new.experts[e["id"]],
                "employers": [new.data(job, "employers") for job in e["employers"]],
            }
            for e in story.experts
        ],
        steps=[
            replace(
                step,
                by=new.actor(step.by) if step.by else None,
                case=new.case(step.case) if step.case else None,
                as_=new.cases[step.as_] if step.as_ else None,
                with_=_with_new_ids(step, new),
                expect={new.case(case): new.data(wanted, "") for case, wanted in step.expect.items()},
            )
            for step in story.steps
        ],
    )


def reordered(story: Story) -> Story:
    """The register, the pool, and the lines and lists of every act in the opposite order."""
    return replace(
        story,
        colleges=story.colleges[::-1],
        experts=story.experts[::-1],
        steps=[replace(step, with_={k: _reversed(v) for k, v in step.with_.items()}) for step in story.steps],
    )


def shifted(story: Story, weeks: int) -> Story:
    """The story that many weeks later, its calendar with it."""
    by = timedelta(weeks=weeks)
    return replace(
        story,
        calendar={
            year: {name: [d + by for d in days if (d + by).year == year] for name, days in lists.items()}
            for year, lists in inline(story).items()
        },
        experts=[_moved(expert, by) for expert in story.experts],
        steps=[
            replace(
                step, at=step.at + by, read=step.read + by if step.read else None, with_=_moved(step.with_, by),
                expect=_moved(step.expect, by),
            )
            for step in story.steps
        ],
    )  # fmt: skip


def inline(story: Story) -> dict[int, dict[str, list[date]]]:
    """The calendar of a story written out."""
    if story.calendar is not None:
        return story.calendar
    years = {step.at.year for step in story.steps}
    return {
        s.year: {"holidays": s.holidays, "workdays": s.workdays} for s in published_schedules(sorted(years))
    }


def stays_in_its_years(story: Story, weeks: int) -> bool:
    """Whether no date of a story crosses a year when it shifts, and none lies where no calendar would shift along."""
    found: list[date] = [day(step.at) for step in story.steps]
    _each_date([step.with_ for step in story.steps], found.append)
    _each_date([step.expect for step in story.steps], found.append)
    known = inline(story)
    told = [d for d in found if abs(d.year - story.steps[0].at.year) <= 1]
    return all(d.year == (d + timedelta(weeks=weeks)).year and d.year in known for d in told)


def _new(word: str, old: Any) -> Names:
    return {name: f"{word}-{n}" for n, name in enumerate(dict.fromkeys(old), 1)}


def _filed(step: Step) -> list[dict[str, Any]]:
    rows = step.with_.get("lines")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _with_new_ids(step: Step, new: _Renamer) -> dict[str, Any]:
    with_ = new.data(step.with_, "")
    if step.do == "register-college":
        return {**with_, "id": new.colleges.get(with_["id"], with_["id"])}
    return with_


def _reversed(value: Any) -> Any:
    return value[::-1] if isinstance(value, list) else value


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {_moved(key, by): _moved(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, by) for item in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value + by
    if isinstance(value, str) and (match := _DATED.fullmatch(value)):
        return f"{date.fromisoformat(match[1]) + by}{match[2]}"
    if isinstance(value, str) and (match := _CARD.fullmatch(value)):
        return f"{match[1]}{date.fromisoformat(match[2]) + by}"
    return value


def _each_date(value: Any, hear: Callable[[date], object]) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _each_date(item, hear)
    elif isinstance(value, list):
        for item in value:
            _each_date(item, hear)
    elif isinstance(value, str) and (match := _DATED.fullmatch(value)):
        hear(date.fromisoformat(match[1]))

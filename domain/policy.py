"""Law as data: what a policy pack holds. Every value has a date, a source and a standing (design.md, decision 6).

Nothing here is a number of the law; the numbers stand in `policies/`, and this file only says of what type each is.
"""

import hashlib
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.chain import canonical
from domain.clocks import Period, Rung, Unit
from domain.policy_values import check_value

Standing = Literal["text", "analogy", "assumption"]
"""text: the document says so · analogy: another law, borrowed · assumption: nobody says so, shown as unverified."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """One text in both languages."""

    zh: str
    en: str


class Instrument(_Strict):
    """A document of law or policy that clauses are cited from."""

    title: str
    number: str | None = None
    issued: date | None = None
    status: Literal["in-force", "draft", "practice", "proposal"]
    note: str | None = None


class Source(_Strict):
    """The clause a rule rests on, with its words where it has any."""

    instrument: str
    clause: str
    quote: str | None = None


class Dated(_Strict):
    """A value and the day from which it holds."""

    since: date
    value: Any


class Rule(_Strict):
    """One rule: its values over time, where it comes from, how sure that is, and what it says in words."""

    key: str
    values: list[Dated]
    standing: Standing
    source: Source
    says: Words
    settable: bool = True
    """Whether an environment may set another value (FORMAT.md, Configurable keys)."""

    def on(self, day: date) -> Any:
        """The value in force on a day; before the first one, the first."""
        held = [v for v in self.values if v.since <= day]
        return (held[-1] if held else self.values[0]).value


class Office(_Strict):
    """Who may do an act: a role, and at which agency as seen from the case."""

    role: str
    at: str
    """An agency id, or `receiving-unit`, `applicant`, `panel`, `chair`, `awaited` (for whom the case waits), `anywhere`."""


class Authority(_Strict):
    """One act: its offices and the clause that gives them the power."""

    act: str
    by: list[Office]
    source: Source
    standing: Standing
    says: Words


class Duty(_Strict):
    """Two acts on one case that the same person may not both do."""

    acts: tuple[str, str]
    source: Source
    standing: Standing


class RefusalText(_Strict):
    """What a refusal code means, which clause it rests on, and what to do next."""

    code: str
    says: Words
    next: Words
    source: Source


class Letter(_Strict):
    """Who is told what when a fact of this name is recorded."""

    id: str
    on: str
    """Event name."""
    when: str | None = None
    """A field of the event that must be true (`deemed`), or false with a leading `not `."""
    sender: str
    to: list[str]
    """Offices as `role@place`, places as in Office; `objector` for the person who objected."""
    subject: Words
    body: Words
    document: str | None = None
    """Id of the official document that goes with it."""
    source: Source


class Paper(_Strict):
    """The words of an official document (受理通知, 公示, 公告 …), filled in by its event."""

    id: str
    name: Words
    agency: str
    title: str
    addressee: str | None = None
    paragraphs: list[str]
    table: list[tuple[str, str]] = []
    """Columns of the list of lines: heading, and field of the line."""
    source: Source


class Pack(_Strict):
    """One version of a jurisdiction's rules for one procedure. Its hash is what a case pins."""

    name: str
    title: Words
    draft: bool = False
    instruments: dict[str, Instrument]
    agencies: dict[str, Words]
    rules: dict[str, Rule]
    acts: dict[str, Authority]
    duties: list[Duty]
    refusals: dict[str, RefusalText]
    letters: list[Letter]
    papers: dict[str, Paper]

    @cached_property
    def hash(self) -> str:
        """Content hash over the canonical form: the same rules give the same hash on every machine."""
        return hashlib.sha256(canonical(self.model_dump(mode="json")).encode()).hexdigest()

    @cached_property
    def letters_on(self) -> dict[str, list[Letter]]:
        """Letters by the event that causes them."""
        table: dict[str, list[Letter]] = {}
        for letter in self.letters:
            table.setdefault(letter.on, []).append(letter)
        return table

    def with_settings(self, settings: dict[str, Any]) -> "Pack":
        """This pack with some values set by its owner. Raises KeyError for an unknown or locked key, ValueError for a bad value."""
        rules = dict(self.rules)
        for key, value in settings.items():
            if key not in rules or not rules[key].settable:
                raise KeyError(key)
            check_value(key, value)
            since = rules[key].values[0].since
            rules[key] = rules[key].model_copy(update={"values": [Dated(since=since, value=value)]})
        return Pack.model_validate(
            {**self.model_dump(), "rules": {key: rule.model_dump() for key, rule in rules.items()}}
        )

    def on(self, day: date) -> "Rules":
        """The rules in force on a day."""
        return Rules(self, day)


CARDS = ("warning", "yellow", "red")
"""预警 before a deadline, 黄牌 and 红牌 after it, in the order in which they fall."""


def card_rule(card: str) -> str:
    """The rule that says when a card falls."""
    return f"cards.{card}_working_days"


EARLIER: dict[str, Any] = {
    "line.fields": ["entry", "years", "plan"],
    "announcement.opens": "programme",
    "catalog.binding": True,
    "enrolment.yearly": "01-01",
    "registration.cut_offs": [],
    "practice.required_share": 0,
    "suspension.last_review_calendar_days": 0,
    "enrolment.years_ahead": 1000,
    "enrolment.expected_if_announced_by": "",
    "mentor.most_students": 1_000_000,
    "leave.most_years": 1000,
    "leave.lost_share": 1,
}
"""What cases go by whose pack is older than a rule: the engine did so before it was a rule. Packs on record never change."""


class Rules:
    """A pack's values on one day, with the types their readers expect. Raises KeyError for a key no pack has."""

    def __init__(self, pack: Pack, day: date) -> None:
        self.pack = pack
        self.day = day

    def has(self, key: str) -> bool:
        """Whether the procedure has such a rule at all."""
        return key in self.pack.rules

    def length_of(self, clock: str) -> str:
        """The rule that says how long a clock runs: in working days, or in calendar days where the pack counts so."""
        days = f"{clock}.calendar_days"
        return days if self.has(days) else f"{clock}.working_days"

    def raw(self, key: str) -> Any:
        """The value as the pack holds it, or what a pack meant by saying nothing before there was such a rule."""
        rule = self.pack.rules.get(key)
        return rule.on(self.day) if rule else EARLIER[key]

    def int(self, key: str) -> int:
        """A whole number."""
        return int(self.raw(key))

    def number(self, key: str) -> Fraction:
        """A number, exactly: `1/3` is a third."""
        return Fraction(str(self.raw(key)))

    def flag(self, key: str) -> bool:
        """Yes or no."""
        return bool(self.raw(key))

    def text(self, key: str) -> str:
        """A word or a time such as `24:00`."""
        return str(self.raw(key))

    def table(self, key: str) -> dict[str, Any]:
        """A table of values."""
        return dict(self.raw(key))

    def list(self, key: str) -> list[Any]:
        """A list of values."""
        return list(self.raw(key))

    def period(self, rule: str) -> Period:
        """The period of a clock, from the rule that says how long it is.

        The manner of counting is the general one (`clocks.*`) unless the clock has its own keys, as the public notice
        has: it counts its first day and may end at its own hour.
        """
        clock = rule.rpartition(".")[0]
        own = clock if f"{clock}.count_first_day" in self.pack.rules and "grace" not in rule else "clocks"
        unit: Unit = "calendar-day" if rule.endswith("calendar_days") else "working-day"
        return Period(
            amount=self.int(rule),
            unit=unit,
            count_first=self.flag(f"{own}.count_first_day"),
            shift=f"{clock}.shift" in self.pack.rules and self.flag(f"{clock}.shift"),
            closing=self.text(f"{own}.cut_off"),
            rule=rule,
            ladder=self._ladder(clock),
        )

    def _ladder(self, clock: str) -> "tuple[Rung, ...]":
        """The cards of a clock that is watched; a pack from before there were cards watches none."""
        if not self.has("cards.clocks") or clock not in self.list("cards.clocks"):
            return ()
        days = {card: self.int(card_rule(card)) for card in CARDS}
        hour = self.text("cards.hour")
        return tuple(
            Rung(card=c, working_days=-n if c == "warning" else n, hour=hour) for c, n in days.items()
        )

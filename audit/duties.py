"""Separation of duties over whole trees of cases: every act by which one person held two roles that may not meet.

The gateway refuses what it can see at the moment of an act: the same account on the same filing. This looks at all of the
record at once: the same person behind several accounts or posts, acts on somebody's behalf, acts on every case of a filing's
tree, ties that came to light later. On a clean record it finds nothing. Pure: made from rows.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import BaseModel

from audit.dossier import Row
from domain.actors import SYSTEM, parse_actor
from domain.acts.panel import barred
from domain.cases.evaluation import Evaluation
from domain.cases.filing import Filing
from domain.cases.register import Expert
from domain.kinds import fold
from domain.moments import instant, local_day
from domain.policy import Duty, Pack
from records.rows import fact

How = Literal["account", "person", "delegation", "tie"]
"""`account`: one account did both · `person`: two accounts of one person · `delegation`: one of them for the other ·
`tie`: an expert judged an applicant that they must stand aside from."""
JUDGING = frozenset({"score", "conclude"})


class Deed(BaseModel, frozen=True):
    """An act that a duty speaks of, by whom, for whom, on which tree."""

    tree: str
    act: str
    actor: str
    on_behalf_of: str | None
    at: str
    command: str

    @property
    def accounts(self) -> set[str]:
        """The accounts that stand behind it."""
        return {parse_actor(self.actor).person} | ({self.on_behalf_of} if self.on_behalf_of else set())


class Meeting(BaseModel):
    """Two roles that met in one person."""

    tree: str
    how: How
    first: Deed
    second: Deed | None = None
    why: str = ""
    clause: str = ""
    standing: str = ""


@dataclass
class Trees:
    """What of the record this needs: deeds by tree, filings and their packs, experts, and who is who."""

    deeds: dict[str, list[Deed]] = field(default_factory=dict[str, list[Deed]])
    filings: dict[str, Filing] = field(default_factory=dict[str, Filing])
    experts: dict[str, Expert] = field(default_factory=dict[str, Expert])
    excused: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Filing to experts whose tie is on record there: what they found was struck."""
    formed: dict[str, date] = field(default_factory=dict[str, date])
    """Filing to the day on which its panel was formed: from there ties are counted back."""
    people: "People" = field(default_factory=lambda: People())


class People:
    """Accounts known to be one person's: the same account, or accounts with a likeness in common."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def same(self, one: str, other: str) -> None:
        """Two names (accounts or likenesses) stand for one person."""
        self._of[self.who(one)] = self.who(other)

    def who(self, name: str) -> str:
        """The one name that stands for a person."""
        while name in self._of and self._of[name] != name:
            name = self._of[name]
        return name


def grow(streams: Iterable[list[Row]], acts: dict[str, Row], watched: frozenset[str]) -> Trees:
    """Trees from whole streams of the kinds filing, evaluation, agency and expert; `acts` by command, as recorded.

    `watched` are the acts that some duty speaks of.
    """
    trees = Trees()
    for rows in streams:
        kind, id_ = rows[0]["kind"], rows[0]["stream"]
        case = fold(kind, id_, (fact(row) for row in rows))
        if isinstance(case, Filing):
            trees.filings[id_] = case
        elif isinstance(case, Evaluation):
            trees.excused.setdefault(case.filing, set()).update(case.barred)
            if case.formed_at:
                trees.formed[case.filing] = local_day(case.formed_at)
        elif isinstance(case, Expert):
            account = id_.removeprefix("expert/")
            trees.experts[account] = case
            for likeness in case.likeness:
                trees.people.same(account, likeness)
        for row in rows:
            if row["type"] == "OfficerAppointed" and (data := json.loads(row["data"])).get("likeness"):
                trees.people.same(data["person"], data["likeness"])
            if row["act"] in watched and (tree := _tree(case)):
                _add(trees, tree, row, acts.get(row["command"]))
    return trees


def _tree(case: object) -> str | None:
    match case:
        case Filing():
            return case.id
        case Evaluation():
            return case.filing
        case _:
            return None


def _add(trees: Trees, tree: str, row: Row, act: Row | None) -> None:
    if parse_actor(row["actor"]).role == SYSTEM or (act and row["legal_at"] < act["legal_at"]):
        return  # nobody's own act: a lapse that it brought to light carries its name
    behalf = json.loads(act["body"]).get("by", {}).get("on_behalf_of") if act else None
    deed = Deed(
        tree=tree,
        act=row["act"],
        actor=row["actor"],
        on_behalf_of=behalf,
        at=row["legal_at"],
        command=row["command"],
    )
    if deed not in trees.deeds.setdefault(tree, []):
        trees.deeds[tree].append(deed)


def meetings(trees: Trees, packs: dict[str, Pack], default: Pack) -> list[Meeting]:
    """Every act where one person held two roles that may not meet, by the pack of each filing."""
    found: list[Meeting] = []
    for tree, deeds in sorted(trees.deeds.items()):
        filing = trees.filings.get(tree)
        pack = packs.get(filing.pack, default) if filing else default
        for duty in pack.duties:
            found += _met(trees, tree, deeds, duty, pack)
        found += _tied(trees, tree, deeds, pack)
    return found


def _met(trees: Trees, tree: str, deeds: list[Deed], duty: Duty, pack: Pack) -> list[Meeting]:
    found: list[Meeting] = []
    for first in (d for d in deeds if d.act == duty.acts[0]):
        for second in (d for d in deeds if d.act == duty.acts[1]):
            if how := _how(trees.people, first, second):
                why = f"{duty.acts[0]} 与 {duty.acts[1]} 须由不同的人办理 / must be different people's"
                clause = f"《{pack.instruments[duty.source.instrument].title}》{duty.source.clause}"
                found.append(
                    Meeting(
                        tree=tree,
                        how=how,
                        first=first,
                        second=second,
                        why=why,
                        clause=clause,
                        standing=duty.standing,
                    )
                )
    return found


def _how(people: People, first: Deed, second: Deed) -> How | None:
    one, other = parse_actor(first.actor).person, parse_actor(second.actor).person
    if one == other:
        return "account"
    if people.who(one) == people.who(other):
        return "person"
    behind = {people.who(a) for a in first.accounts} & {people.who(a) for a in second.accounts}
    return "delegation" if behind else None


def _tied(trees: Trees, tree: str, deeds: list[Deed], pack: Pack) -> list[Meeting]:
    """Experts who judged although they must stand aside, and whose findings were never struck."""
    filing = trees.filings.get(tree)
    found: list[Meeting] = []
    for deed in deeds if filing else []:
        account = parse_actor(deed.actor).person
        expert = trees.experts.get(account)
        if (
            filing is None
            or expert is None
            or deed.act not in JUDGING
            or account in trees.excused.get(tree, set())
        ):
            continue
        day = trees.formed.get(tree) or local_day(instant(deed.at))
        if reason := barred(expert, filing, day, pack.on(day)):
            rule = pack.rules["panel.recusal_years"]
            clause = f"《{pack.instruments[rule.source.instrument].title}》{rule.source.clause}"
            why = f"{reason[0]} / {reason[1]}"
            found.append(
                Meeting(tree=tree, how="tie", first=deed, why=why, clause=clause, standing=rule.standing)
            )
    return found

"""Places in a ranking: how many there are, who may have one, and what a new order means for every line (SF-01)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from domain.acts.acceptance import leave_approvals
from domain.acts.clocks import resume_decision, start
from domain.acts.scoring import average, mean
from domain.cases.evaluation import Evaluation
from domain.cases.filing import RELEASED_LINE, Filing, Line
from domain.cases.ranking_facts import LineRank, LinesRanked
from domain.cases.round import Round
from domain.cases.selection import LinesLeft, Selection
from domain.clocks import Deadline
from domain.files import Files
from domain.policy import Rules
from domain.ranking import Candidate, Ranked

JUDGED_ANEW = ("filed", "conditional")
DECIDED = ("consented", "announced")

Found = tuple[str, Filing, Line]


def unplaced(files: Files, line: Line, ref: str) -> bool:
    """Whether a line has no place in its ranking, or may lose it to the lot; notes so: it cannot go on."""
    if line.selection and files.need(line.selection, Selection).standing_of(ref) == "drawing":
        files.refuse(
            "not-ranked", f"{ref}待抽签决定", f"{ref} waits for the draw", line=ref, other=line.selection
        )
    elif line.state == "eligible":
        files.refuse("not-ranked", f"{ref}尚未排序", f"{ref} is not ranked yet", line=ref)
    elif line.state == "reserve":
        zh, en = f"{ref}列候补名单（第{line.place}名）", f"{ref} is on the reserve list (number {line.place})"
        files.refuse("over-quota", zh, en, line=ref, other=line.selection)
    elif line.state == "unselected":
        zh, en = f"{ref}未入选（第{line.place}名）", f"{ref} was not selected (number {line.place})"
        files.refuse("over-quota", zh, en, line=ref, other=line.selection)
    else:
        return False
    return True


def places_of(rules: Rules, category: str, budget: int | None) -> int:
    """001 专栏4-2: so many a year, so much each; fewer when the year's money does not reach."""
    quota, grant = rules.int(f"selection.{category}.quota"), rules.int(f"selection.{category}.grant_yuan")
    return quota if budget is None else min(quota, budget // grant)


def lines_of(files: Files, round_: Round, category: str) -> list[Found]:
    """Every line of a category that was submitted in a round, in the order in which it was received."""
    refs = files.world.lines_in([round_.id], None, None)
    files.fetch(ref.rpartition("/")[0] for ref in refs)
    found: list[Found] = []
    for ref in refs:
        filing = files.need(ref.rpartition("/")[0], Filing)
        line = filing.lines[ref.rpartition("/")[2]]
        if line.category == category:
            found.append((ref, filing, line))
    return sorted(found, key=lambda one: str(one[1].received_at))


def candidates(
    files: Files, found: Iterable[Found], chain: list[str], ranking: list[Ranked] | None = None
) -> list[Candidate]:
    """Lines with what their panels gave them; `ranking` says which place they had before."""
    lines = list(found)
    files.fetch(filing.evaluation for _, filing, _ in lines if filing.evaluation)
    before = {entry.ref: entry for entry in ranking or []}
    made: list[Candidate] = []
    for ref, filing, line in lines:
        evaluation = files.need(filing.evaluation or "", Evaluation)
        marks = {name: mean(s.marks[name] for s in evaluation.scores[line.id].values()) for name in chain}
        score = average(evaluation, line.id)
        known = before.get(ref)
        lot = known.lot if known and known.standing == "drawing" else None
        place = known.place if known else None
        made.append(Candidate(ref=ref, score=score, marks=marks, place=place, lot=lot))
    return made


def merits(entries: Iterable[Ranked]) -> list[tuple[Decimal, ...]]:
    """What the lines that keep their places are compared by."""
    return [(Decimal(e.score), *(Decimal(mark) for mark in e.marks.values())) for e in entries]


def reserve_clock(files: Files, selection: Selection, entries: list[Ranked]) -> Deadline | None:
    """How long the reserve list stands, once the order is settled; the lots decided last count from their draw."""
    if (
        selection.reserve_over
        or "reserve" in selection.deadlines
        or any(e.standing == "drawing" for e in entries)
    ):
        return None
    return start(files, selection, "reserve", "reserve.calendar_days", lapses=True)


def carry_out(files: Files, selection: Selection, *, at: datetime | None = None) -> None:
    """Tell every filing what the ranking says of its lines, where that is new; nothing while the lot is to decide."""
    if selection.stage == "drawing":
        return
    by_filing: dict[str, dict[str, LineRank]] = {}
    entries = selection.standing("selected", "reserve", "unselected")
    files.fetch(entry.ref.rpartition("/")[0] for entry in entries)
    for entry in entries:
        filing_id, _, line_id = entry.ref.rpartition("/")
        line = files.need(filing_id, Filing).lines[line_id]
        stands, selected = line.frozen_from or line.state, entry.standing == "selected"
        keeps = line.grant is not None and stands not in ("eligible", "reserve")
        if keeps if selected else stands == entry.standing:
            continue  # nothing new for it; it may be far beyond the ranking by now
        by_filing.setdefault(filing_id, {})[line_id] = LineRank(
            state="passed" if selected else "reserve" if entry.standing == "reserve" else "unselected",
            place=entry.place, score=entry.score, grant=selection.grant if selected else None,
        )  # fmt: skip
    for filing_id, ranks in sorted(by_filing.items()):
        filing = files.need(filing_id, Filing)
        leave_approvals(
            files, filing, [i for i, rank in ranks.items() if rank.state != "passed"], "unplaced", at=at
        )
        placed = any(rank.state == "passed" for rank in ranks.values())
        decision = resume_decision(files, filing) if placed else None
        files.append(filing, LinesRanked(selection=selection.id, ranks=ranks, decision=decision), at=at)


def note_left(files: Files) -> None:
    """Whatever an act made of a ranked line: the ranking knows that its place, or its turn, is free."""
    gone: dict[str, dict[str, str]] = {}
    for filing in [c for c in files.seen.values() if isinstance(c, Filing) and c.id in files.touched]:
        for line in [line for line in filing.lines.values() if line.category]:
            selection = files.find(
                files.need(filing.round or "", Round).selections.get(line.category), Selection
            )
            ref = f"{filing.id}/{line.id}"
            if selection is not None and _has_left(selection, ref, line):
                gone.setdefault(selection.id, {})[ref] = line.state
    for id_, lines in sorted(gone.items()):
        files.append(files.need(id_, Selection), LinesLeft(left=lines))


def _has_left(selection: Selection, ref: str, line: Line) -> bool:
    """Who is judged anew keeps a place until the new result; it loses a mere turn, and a ranking not yet in effect."""
    standing = selection.standing_of(ref)
    has_place = standing == "selected" and selection.stage != "drawing"
    if standing is None:
        return False
    if line.state in RELEASED_LINE:
        return line.state != "unselected"
    return line.state == "eligible" if has_place else line.state in JUDGED_ANEW

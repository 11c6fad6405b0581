"""The path of a process as a page draws it: what is done, where the case stands, what was skipped, what lies ahead."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

View = dict[str, Any]


@dataclass
class Step:
    """One step. `state`: done, present, skipped, ahead, or failed (the way ended here)."""

    zh: str
    en: str
    state: str = "ahead"
    note_zh: str = ""
    note_en: str = ""


FILING = (
    ("提交申报", "Filed", ("FilingSubmitted",)),
    ("指定受理单位", "Routed", ("FilingRouted",)),
    ("补正", "Supplemented", ("SupplementAsked", "SupplementSupplied")),
    ("受理", "Accepted", ("FilingAccepted",)),
    ("评估论证", "Evaluated", ("LinesConcluded",)),
    ("公示", "On notice", ("LinesNoticed",)),
    ("异议核实", "Objection", ("LineReleased",)),
    ("省厅审批", "Consent", ("LinesConsented", "LinesRefused")),
    ("正式公布", "Announced", ("LinesAnnounced",)),
)
OPTIONAL = frozenset({1, 2, 6})
STAGE_STEP = {"draft": 0, "unrouted": 1, "supplementing": 2, "submitted": 3, "accepted": 4}
LINE_STEP = {
    "filed": 4, "conditional": 4, "returned": 4, "voided": 4, "passed": 5, "in-notice": 5, "held": 6, "noticed": 7,
    "consented": 8, "announced": 9, "frozen": 7, "eligible": 5, "reserve": 5, "unselected": 5,
}  # fmt: skip
RANKING = ("eligible", "reserve")
"""Where a line of a selection stands between its panel and its notice."""
PATHS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "round": (("called", "open", "closed", "completed"), ()),
    "selection": (("drawing", "ranked", "closed"), ("drawing",)),
    "evaluation": (("forming", "scoring", "concluded"), ("forming",)),
    "notice": (("open", "closed"), ()),
    "approval": (("open", "done"), ()),
    "announcement": (("open", "done"), ()),
    "objection": (("registered", "verifying", "upheld"), ()),
    "violation": (("lead", "filed", "notified", "hearing", "decided", "closed"), ("hearing",)),
    "cohort": (("running", "teaching-out", "graduated"), ("teaching-out",)),
    "programme": (("active", "suspended", "sunset", "ended"), ("suspended", "sunset", "ended")),
}
"""Stages in their order, and those that a case may pass by."""
ENDS = {"objection": ("dismissed", "not-admitted"), "programme": ("relinquished",)}


def path_of(view: View, stage_words: Any) -> list[Step]:
    """The steps of a case; empty for what has no path (a register)."""
    if view["kind"] == "filing":
        return _filing(view)
    if view["kind"] not in PATHS:
        return []
    order, optional = PATHS[view["kind"]]
    stage = view["stage"]
    if stage in ENDS.get(view["kind"], ()):
        order = (*order[:-1], stage) if view["kind"] == "objection" else (*order[:1], stage)
    at = order.index(stage) if stage in order else -1
    steps: list[Step] = []
    for n, name in enumerate(order):
        last = n == len(order) - 1
        done = n < at or (n == at and last)
        state = (
            "skipped"
            if n < at and name in optional
            else "done"
            if done
            else "present"
            if n == at
            else "ahead"
        )
        if n > at and name in optional:
            continue
        zh, en = stage_words("zh", name), stage_words("en", name)
        if view["kind"] == "objection" and last and not done:  # nobody knows yet which way
            zh, en = "答复", "decided"
        steps.append(Step(zh, en, state))
    return steps


def _filing(view: View) -> list[Step]:
    happened = {event["type"] for event in view["events"]}
    steps = [Step(zh, en) for zh, en, _ in FILING]
    lines = [line for line in view["lines"].values() if line["state"]]  # a draft's stand in none yet
    counts = Counter(line["state"] for line in lines)
    over = view["stage"] in ("declined", "abandoned", "withdrawn")
    reached = max((LINE_STEP.get(line.get("frozen_from") or line["state"], 0) for line in lines), default=0)
    at = STAGE_STEP.get(view["stage"], reached)
    present = {STAGE_STEP[view["stage"]]} if view["stage"] in STAGE_STEP else set[int]()
    if view["stage"] in ("evaluating", "concluded"):
        present = {
            LINE_STEP[line["state"]]
            for line in lines
            if line["state"] in LINE_STEP and line["state"] not in ("announced", "unselected", *RANKING)
        }
    for n, (_, _, events) in enumerate(FILING):
        done = bool(happened & set(events))
        if n in present:
            steps[n].state = "present"
        elif done:
            steps[n].state = "done"
        elif n < at or (over and n in OPTIONAL) or view["stage"] == "completed":
            steps[n].state = "skipped"
    if view["deemed"]:
        steps[3].note_zh, steps[3].note_en = "逾期视为受理", "deemed by silence"
    for n, states in (
        (4, ("filed", "conditional")),
        (5, ("in-notice",)),
        (6, ("held",)),
        (7, ("noticed", "frozen")),
        (8, ("consented",)),
    ):
        if n in present and (count := sum(counts[s] for s in states)) and len(lines) > 1:
            steps[n].note_zh, steps[n].note_en = f"{count}条", f"{count} lines"
    if count := counts["announced"]:
        steps[8].note_zh, steps[8].note_en = f"{count}条已公布", f"{count} announced"
    if over:
        zh, en = {"declined": ("不予受理", "Declined"), "abandoned": ("视为放弃", "Abandoned")}.get(
            view["stage"], ("已撤回", "Withdrawn")
        )
        kept = [step for step in steps if step.state == "done"]
        return [*kept, Step(zh, en, "failed")]
    if lost := counts["failed"] + counts["refused"] + counts["withdrawn"] + counts["closed"]:
        where = 7 if counts["refused"] else 4
        steps[where].note_zh = (steps[where].note_zh + f" {lost}条未通过").strip()
        steps[where].note_en = (steps[where].note_en + f" {lost} ended").strip()
        if lost == len(lines):
            steps = steps[: where + 1]
            steps[where].state = "failed"
    if any(line.get("category") for line in lines) and len(steps) > 5:
        steps.insert(5, _ranked(counts, happened))
        if counts["unselected"] == len(lines):
            steps = steps[:6]
            steps[5].state = "failed"
    return steps


def _ranked(counts: Counter[str], happened: set[str]) -> Step:
    """The step that only a selection has."""
    step = Step("排序", "Ranked")
    if waits := sum(counts[state] for state in RANKING):
        step.state = "present"
        if counts["reserve"]:
            step.note_zh, step.note_en = (
                f"{counts['reserve']}条候补",
                f"{counts['reserve']} on the reserve list",
            )
        elif waits > 1:
            step.note_zh, step.note_en = f"{waits}条", f"{waits} lines"
    elif "LinesRanked" in happened:
        step.state = "done"
    return step

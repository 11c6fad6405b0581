"""Forms that fit a case: which acts belong on its page, and each filled in as far as the case itself says."""

from copy import deepcopy
from typing import Any

from sqlalchemy import select

from console.desk import Desk
from console.forms import example
from domain.actors import Actor
from domain.acts.base import ACTS
from gateway.views import standing
from records.schema import lines

View = dict[str, Any]
Wish = tuple[str, str | None, dict[str, Any]]
"""An act, the case it names, and its form."""

ON_LINES = ("publish-notice", "consent", "refuse", "return", "announce")
"""Acts on many lines at once, with the state that each is for."""
LINE_ACT_STATE = {
    "publish-notice": "passed", "consent": "noticed", "refuse": "noticed", "return": "noticed", "announce": "consented",
}  # fmt: skip
OF_PROGRAMME = (
    "file-enrolment", "accept-enrolment", "refuse-enrolment", "open-cohort", "record-admissions",
    "record-fees", "explain-no-enrolment", "renew-agreement", "relinquish",
)  # fmt: skip
BEGINNINGS = (
    "issue-call", "publish-calendar", "register-college", "amend-register", "register-expert", "found-agency",
    "appoint", "dismiss", "report-violation", "delegate",
)  # fmt: skip
"""Acts that begin something and belong to no case's page."""


def acts_on(view: View) -> list[str]:
    """Which acts belong on the page of this case."""
    kind = view["kind"]
    on = "filing" if kind == "evaluation" else kind
    own = [name for name, act in ACTS.items() if not act.internal and act.on and act.on.kind == on]
    match kind:
        case "round":
            own += ["save-draft", "submit-filing", *ON_LINES]
        case "notice":
            own += ["object", "consent", "refuse", "return"]
        case "approval":
            own += ["consent", "refuse", "return"]
        case "announcement":
            own += ["correct"]
        case "programme":
            own += OF_PROGRAMME
        case "college":
            own += ["amend-register"]
        case "agency":
            own += ["delegate"] + (["revoke-delegation"] if running_delegations(view) else [])
        case _:
            pass
    own += ["withdraw-card"] if standing_cards(view) else []
    return own + (["nudge", "reassign"] if view["waiting"] else [])


def standing_cards(view: View) -> list[str]:
    """The cards of a case that were not withdrawn, the newest first."""
    return [id_ for id_, card in reversed(view.get("cards", {}).items()) if not card["withdrawn"]]


def running_delegations(view: View) -> list[str]:
    """Numbers of an agency's delegations that were not taken back."""
    return [number for number, given in view.get("delegations", {}).items() if not given["revoked"]]


def offices_awaited(view: View) -> list[str]:
    """The offices whose move it is; an expert's is nobody's to give to another."""
    return list(dict.fromkeys(f"{w['role']}@{w['agency']}" for w in view["waiting"] if ":" not in w["role"]))


def named_case(act: str, view: View | None) -> str | None:
    """The case that this act names when it is done on the page of a case."""
    on = ACTS[act].on
    if view is None or not on:
        return None
    if view["kind"] == "evaluation":
        return view["filing"]
    return view["id"] if on.kind in ("", view["kind"]) else None


def fitted(desk: Desk, act: str, view: View | None, evaluation: View | None, actor: Actor) -> Wish:
    """A form for this act that fits the case as it stands, and its evaluation; what only a person can know is an example."""
    with_ = deepcopy(example(ACTS[act]))
    if view is None:
        return act, None, with_
    kind, on = view["kind"], ACTS[act].on
    refs = lines_of_case(view)
    pending = list(evaluation["pending"]) if evaluation else []
    one = next(iter(pending or [ref.rpartition("/")[2] for ref in refs]), "1")
    panel = list(evaluation["panel"]) if evaluation else []
    if "round" in with_:
        with_["round"] = view["id"] if kind == "round" else view.get("round") or ""
    if kind == "filing" and act in ("save-draft", "submit-filing"):
        with_ = {"round": view["round"], **(view["draft"] or {})}
    if act in ON_LINES:
        with_["lines"] = _ready(desk, view, LINE_ACT_STATE[act]) or refs[:1]
    elif "line" in with_:
        with_["line"] = refs[0] if on is None and refs else one
    if "category" in with_ and kind == "round" and "selections" in view:
        left = [c for c in categories_of(desk, view) if c not in view["selections"]]
        with_["category"] = next(iter(left or categories_of(desk, view)), with_["category"])
    if "marks" in with_ and evaluation:
        criteria = desk.pack_of(evaluation["pack"]).on(desk.today).table("evaluation.criteria")
        with_["marks"] = dict.fromkeys(criteria, 0)
    if "results" in with_:
        with_["results"] = {one: "failed"}
        with_["reasons"] = {one: "…"}
    if panel and act in ("disclose-tie", "replace-expert"):
        own = actor.person if actor.role == "expert" else panel[0]
        with_.update({"expert": own} if act == "disclose-tie" else {"out": panel[0]})
    if kind == "programme":
        with_ = {"programme": view["line"], **{k: v for k, v in with_.items() if k != "programme"}}
    if act == "nudge" and view["waiting"]:
        with_["for"] = view["waiting"][0]["for"]
    if act == "revoke-delegation":
        with_ |= {"agency": view["id"].partition("/")[2], "number": next(iter(running_delegations(view)), "")}
    if act == "reassign":
        with_["office"] = next(iter(offices_awaited(view)), with_["office"])
    if act == "withdraw-card":
        with_["card"] = next(iter(standing_cards(view)), "")
    if act == "correct":
        with_["corrects"] = view.get("document_no", "")
        with_["changes"] = [{"line": ref, "field": "plan", "to": 1} for ref in refs[:1]]
    return act, named_case(act, view), with_


def prefilled(act: str, with_: dict[str, Any], evaluation: View | None, filed: bool) -> dict[str, Any]:
    """What stands in the form when it is opened: only what follows from the case, no examples. `filed`: the case is a filing."""
    kept: dict[str, Any] = {
        k: with_[k]
        for k in ("round", "programme", "corrects", "for", "office")
        if k in with_ and "…" not in str(with_[k])
    }
    if act == "revoke-delegation":
        kept |= {"agency": with_["agency"], "number": with_["number"]}
    if act in ("save-draft", "submit-filing"):
        # A draft as it was kept; a new one has its first line to fill in, and nothing that nobody wrote.
        drafted = with_ if filed else {"lines": [{"id": "1"}]}
        kept |= {k: v for k, v in drafted.items() if k in ("lines", "materials", "partners")}
    if act == "score" and evaluation:
        kept["line"], kept["marks"] = evaluation["pending"], dict.fromkeys(with_["marks"], None)
    if act == "conclude" and evaluation:
        kept["results"] = dict.fromkeys(evaluation["pending"], None)
        kept["reasons"] = dict.fromkeys(evaluation["pending"], None)
    return kept


def categories_of(desk: Desk, view: View) -> list[str]:
    """The categories of a case's procedure by their code; none where it does not rank."""
    rules = desk.pinned(view).on(desk.today)
    return list(rules.table("selection.categories")) if rules.has("selection.categories") else []


def evaluation_of(desk: Desk, view: View | None) -> View | None:
    """The evaluation that a filing's or evaluation's page is about."""
    if view is None:
        return None
    if view["kind"] == "evaluation":
        return view
    id_ = view.get("evaluation")
    return standing(desk.engine, id_) if id_ else None


def lines_of_case(view: View) -> list[str]:
    """References to the lines that a case is about."""
    match view["kind"]:
        case "filing":
            return [f"{view['id']}/{id_}" for id_, line in view["lines"].items() if line["state"]]
        case "evaluation":
            return [f"{view['filing']}/{id_}" for id_ in view["pending"] or view["scores"]]
        case "notice" | "approval" | "announcement":
            return list(view["lines"])
        case "programme":
            return [view["line"]]
        case _:
            return []


def _ready(desk: Desk, view: View, state: str) -> list[str]:
    """One line of the case that stands in this state."""
    of = (
        lines.c.round == view["id"] if view["kind"] == "round" else lines.c.ref.in_(lines_of_case(view)[:500])
    )
    query = select(lines.c.ref).where(of, lines.c.state == state).limit(1)
    with desk.engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(query).scalars())

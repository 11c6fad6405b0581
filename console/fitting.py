"""Forms that fit a case: which acts belong on its page, filled in as far as the case itself says, and what may be chosen."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy import select

from console import words
from console.desk import Desk
from console.forms import example
from console.workbook_template import ENTRIES
from domain.actors import Actor
from domain.acts.base import ACTS
from domain.cases.register import Agency, Expert
from domain.moments import instant, local_day
from gateway.views import NoSuchCase
from gateway.views import show as view_of
from records.schema import attachments, lines, streams

View = dict[str, Any]
Wish = tuple[str, str | None, dict[str, Any]]
"""An act, the case it names, and its form."""
Choices = dict[str, list[tuple[str, str]]]
"""What may be chosen for a field, by its path with list places left out (`lines.major`): value and label."""

ON_LINES = ("publish-notice", "consent", "refuse", "return", "announce")
"""Acts on many lines at once, with the state that each is for."""
LINE_ACT_STATE = {
    "publish-notice": "passed", "consent": "noticed", "refuse": "noticed", "return": "noticed", "announce": "consented",
}  # fmt: skip
OF_PROGRAMME = (
    "file-enrolment", "accept-enrolment", "refuse-enrolment", "open-cohort", "record-admissions",
    "explain-no-enrolment", "relinquish",
)  # fmt: skip
BEGINNINGS = (
    "issue-call", "publish-calendar", "register-college", "amend-register", "register-expert", "found-agency",
    "appoint", "dismiss", "report-violation",
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
        case _:
            pass
    return own + (["withdraw-card"] if _standing(view) else [])


def _standing(view: View) -> list[str]:
    """The cards of a case that were not withdrawn, the newest first."""
    return [id_ for id_, card in reversed(view.get("cards", {}).items()) if not card["withdrawn"]]


def fitted(desk: Desk, act: str, view: View | None, actor: Actor) -> Wish:
    """A form for this act that fits the case as it stands; what only a person can know is an example."""
    with_ = deepcopy(example(ACTS[act]))
    if view is None:
        return act, None, with_
    kind = view["kind"]
    on = ACTS[act].on
    case = (
        view["filing"]
        if kind == "evaluation" and on
        else view["id"]
        if on and on.kind in ("", kind)
        else None
    )
    evaluation = evaluation_of(desk, view)
    refs = _lines_of_case(desk, view)
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
        left = [c for c in _categories(desk, view) if c not in view["selections"]]
        with_["category"] = next(iter(left or _categories(desk, view)), with_["category"])
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
    if act == "withdraw-card":
        with_["card"] = next(iter(_standing(view)), "")
    if act == "correct":
        with_["corrects"] = view.get("document_no", "")
        with_["changes"] = [{"line": ref, "field": "plan", "to": 1} for ref in refs[:1]]
    return act, case, with_


def prefilled(act: str, with_: dict[str, Any], evaluation: View | None) -> dict[str, Any]:
    """What stands in the form when it is opened: only what follows from the case, no examples."""
    kept: dict[str, Any] = {
        k: with_[k] for k in ("round", "programme", "corrects") if k in with_ and "…" not in str(with_[k])
    }
    if act in ("save-draft", "submit-filing"):
        kept |= {k: v for k, v in with_.items() if k in ("lines", "materials", "partners") and k in with_}
    if act == "score" and evaluation:
        kept["line"], kept["marks"] = evaluation["pending"], dict.fromkeys(with_["marks"], None)
    if act == "conclude" and evaluation:
        kept["results"] = dict.fromkeys(evaluation["pending"], None)
        kept["reasons"] = dict.fromkeys(evaluation["pending"], None)
    return kept


def choices(desk: Desk, act: str, view: View | None, actor: Actor, given: Mapping[str, Any]) -> Choices:
    """What may be chosen in this act's form, as far as the records say; `given` is what stands in it."""
    found: Choices = {}
    fields = str(ACTS[act].form.model_json_schema())
    colleges = [
        (id_, f"{name} {id_}") for id_, name in sorted(desk.names.items()) if id_ not in desk.pack.agencies
    ]
    agencies = [(id_, desk.pack.agencies[id_].zh) for id_ in desk.pack.agencies]
    if "'experts'" in fields or "'expert'" in fields or "'chair'" in fields:
        experts = _experts(desk, view, actor, act)
        found |= {"experts": experts, "chair": experts, "expert": experts, "in": experts}
        panel = set((evaluation_of(desk, view) or {}).get("panel", []))
        found["out"] = [(id_, said) for id_, said in experts if id_ in panel] or experts
        if act == "disclose-tie":
            own = [(actor.person, actor.person)] if actor.role == "expert" else found["out"]
            found["expert"] = own
    found |= {"subject": colleges, "college": colleges, "agency": agencies + colleges}
    if act == "route":
        found["to"] = [(id_, said) for id_, said in agencies if id_ in ("tro", "gz", "sz")]
    if view and act == "withdraw-card":
        found["card"] = [(id_, f"{words.CARDS[view['cards'][id_]['card']]} {id_}") for id_ in _standing(view)]
    if view:
        round_ = view["id"] if view["kind"] == "round" else view.get("round")
        majors = [(m["code"], f"{m['name']} {m['code']}") for m in _catalog(desk, round_)]
        found |= {
            "lines.major": majors,
            "round": [(str(round_), _round_label(desk, str(round_)))] if round_ else [],
        }
        categories = list(_categories(desk, view).items())
        found |= {"category": categories, "lines.category": categories}
        refs = _lines_of_case(desk, view)
        inside = view["kind"] in ("filing", "evaluation") and ACTS[act].on is not None
        named = labels(desk, refs)
        own = [(ref.rpartition("/")[2], f"{ref.rpartition('/')[2]}：{named[ref]}") for ref in refs]
        found["line"] = own if inside else list(named.items())
        found["changes.line"] = found["line"]
    if act in ("withdraw", "score") and view:
        found["lines"] = found["line"]
    if act == "score" and (evaluation := evaluation_of(desk, view)):
        criteria = desk.pack_of(evaluation["pack"]).on(desk.today).table("evaluation.criteria")
        found["marks"] = [
            (name, f"{words.CHOICES.get(name, name)}（0–{most}）") for name, most in criteria.items()
        ]
    found["lines.entry"] = [(word, f"{zh} {word}") for word, zh in ENTRIES]
    named = given.get("materials")
    return {
        **{path: options for path, options in found.items() if options},
        "materials": _attached(
            desk, actor.agency, [str(d) for d in named] if isinstance(named, list) else []
        ),
    }


def _categories(desk: Desk, view: View) -> dict[str, str]:
    """Code to name of the categories of a case's procedure; none where it does not rank."""
    rules = desk.pack_of(view["pack"]).on(desk.today) if view["pack"] else desk.pack.on(desk.today)
    table = rules.table("selection.categories") if rules.has("selection.categories") else {}
    return {code: str(names["zh"]) for code, names in table.items()}


def labels(desk: Desk, refs: list[str]) -> dict[str, str]:
    """Lines in a few words, `东莞市技师学院 工业机器人应用与维护 DEMO-0209 高中毕业`; a reference to no line stays itself."""
    rows: list[Any] = []
    with desk.engine.connect().execution_options(reading=True) as connection:
        for start in range(0, len(refs), 500):
            rows += connection.execute(select(lines).where(lines.c.ref.in_(refs[start : start + 500])))
    catalogs = {
        round_: {m["code"]: m["name"] for m in _catalog(desk, round_)}
        for round_ in {row.round for row in rows}
    }
    entries: dict[str, str] = dict(ENTRIES)
    told: dict[str, str] = {}
    for row in rows:
        name, entry = catalogs[row.round].get(row.major, ""), entries.get(row.entry, str(row.entry))
        told[row.ref] = f"{words.agency(row.college, desk.names)} {name} {row.major} {entry}"
    return {ref: told.get(ref, ref) for ref in refs}


def evaluation_of(desk: Desk, view: View | None) -> View | None:
    """The evaluation that a filing's or evaluation's page is about."""
    if view is None:
        return None
    if view["kind"] == "evaluation":
        return view
    id_ = view.get("evaluation")
    return view_of(desk.engine, id_) if id_ else None


def _lines_of_case(desk: Desk, view: View) -> list[str]:
    match view["kind"]:
        case "filing":
            return [f"{view['id']}/{id_}" for id_ in view["lines"]]
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
        lines.c.round == view["id"]
        if view["kind"] == "round"
        else lines.c.ref.in_(_lines_of_case(desk, view)[:500])
    )
    query = select(lines.c.ref).where(of, lines.c.state == state).limit(1)
    with desk.engine.connect().execution_options(reading=True) as connection:
        return list(connection.execute(query).scalars())


def _round_label(desk: Desk, round_: str) -> str:
    view = view_of(desk.engine, round_)
    return f"{view['year']}年度 {view['document_no']}"


def _catalog(desk: Desk, round_: str | None) -> list[View]:
    try:
        return view_of(desk.engine, round_)["catalog"] if round_ else []
    except NoSuchCase:
        return []


def _experts(desk: Desk, view: View | None, actor: Actor, act: str) -> list[tuple[str, str]]:
    """The pool, with side and employers, so that whoever forms a panel sees both at a glance."""
    if act not in ("form-panel", "replace-expert", "disclose-tie"):
        with desk.engine.connect().execution_options(reading=True) as connection:
            state = connection.execute(select(streams.c.state).where(streams.c.id == "agency/dept")).scalar()
        held = Agency.model_validate_json(state).offices if state else {}
        people = sorted({person for persons in held.values() for person in persons})
        return [(person, person) for person in people]
    query = select(streams.c.id, streams.c.state).where(streams.c.kind == Expert.kind).order_by(streams.c.id)
    with desk.engine.connect().execution_options(reading=True) as connection:
        rows = connection.execute(query).all()
    options: list[tuple[str, str]] = []
    for row in rows:
        expert = Expert.model_validate_json(row.state)
        side = "院校" if expert.side == "college" else "行业"
        at = "、".join(words.agency(e.org, desk.names) for e in expert.employers if e.until is None)
        options.append((row.id.removeprefix("expert/"), f"{row.id.removeprefix('expert/')}（{side}，{at}）"))
    return options


def _attached(desk: Desk, agency: str, named: list[str]) -> list[tuple[str, str]]:
    """Files by name, size and day: those that a form names already, then the agency's own, the newest first."""
    own = attachments.c.agency == agency
    with desk.engine.connect().execution_options(reading=True) as connection:
        rows = list(connection.execute(select(attachments).where(attachments.c.sha256.in_(named))))
        query = select(attachments).where(own, attachments.c.sha256.not_in(named))
        rows += connection.execute(query.order_by(attachments.c.stored_at.desc()).limit(200))
    return [
        (
            row.sha256,
            f"{row.name}（{max(1, round(row.size / 1024))} KB，{local_day(instant(row.stored_at))}）",
        )
        for row in rows
    ]

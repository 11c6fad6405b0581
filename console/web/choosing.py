"""What may be chosen in a form, in the reader's language: colleges, experts, majors, lines, files, as far as the records say."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from console import words
from console.fitting import (
    categories_of,
    evaluation_of,
    lines_of_case,
    offices_awaited,
    running_delegations,
    standing_cards,
)
from console.web.voice import Voice
from console.workbook_template import ENTRIES
from domain.actors import Actor
from domain.acts.admissibility import LINE_FIELDS
from domain.acts.base import ACTS
from domain.cases.register import Agency, Expert
from domain.moments import instant, local_day
from gateway.publications import majors
from gateway.views import standing
from records.schema import attachments, lines, streams

View = dict[str, Any]
Option = tuple[str, str]
"""A value and its label."""
Choices = dict[str, list[Option]]
"""What may be chosen for a field, by its path with list places left out (`lines.major`)."""
OF_COLLEGES = {"subject", "college", "agency"}
"""Fields that name a college."""
RECEIVING = ("tro", "gz", "sz")
NEEDS_THE_POOL = ("form-panel", "replace-expert", "disclose-tie")


def choices(v: Voice, act: str, view: View | None, actor: Actor, given: Mapping[str, Any]) -> Choices:
    """The choices of this act's form; `given` is what stands in it."""
    pack = v.desk.pack
    agencies = [(id_, v.agency(id_)) for id_ in pack.agencies]
    found: Choices = {}
    if ACTS[act].form.model_fields.keys() & OF_COLLEGES:  # there are thousands: only for a form that asks
        named = sorted(v.desk.names.items())
        colleges = [(id_, f"{name} {id_}") for id_, name in named if id_ not in pack.agencies]
        found = {"subject": colleges, "college": colleges, "agency": agencies + colleges}
    found |= _people(v, act, view, actor)
    if act in ("delegate", "reassign"):
        found["to"] = _colleagues(
            v,
            [actor.agency] if act == "delegate" or not view else [w["agency"] for w in view["waiting"]],
            actor.person,
        )
    if act == "issue-call":
        found["procedure"] = [(one.name, f"{v.of(one.title)} {one.name}") for one in v.desk.packs]
    if act == "route":
        found["to"] = [(id_, said) for id_, said in agencies if id_ in RECEIVING]
    if view:
        found |= _of_case(v, act, view)
    found["lines.entry"] = [(word, v.t(f"{zh} {word}", v.choice(word))) for word, zh in ENTRIES]
    named = given.get("materials")
    named = [str(digest) for digest in named] if isinstance(named, list) else []
    offered = {path: options for path, options in found.items() if options}
    return {**offered, "materials": _attached(v, actor.agency, named)}


def not_here(v: Voice, view: View | None) -> set[str]:
    """Columns that a form goes without: of a filing's lines, those that its procedure does not have."""
    pack = v.desk.pinned(view)
    fields = pack.on(v.desk.today).list("line.fields")
    absent = {name for name in LINE_FIELDS if name not in fields} | (
        {"segments"} if "years" not in fields else set()
    )
    return {
        "rows.row",
        *(f"lines.{name}" for name in absent),
    }  # `row` is for programs: a page shows the row itself


def _of_case(v: Voice, act: str, view: View) -> Choices:
    """What the case itself offers: its cards, the round's majors, its categories and its lines."""
    found: Choices = {}
    if act == "withdraw-card":
        cards = {"warning": "early warning", "yellow": "yellow card", "red": "red card"}
        found["card"] = [
            (id_, f"{v.t(words.CARDS[view['cards'][id_]['card']], cards[view['cards'][id_]['card']])} {id_}")
            for id_ in standing_cards(view)
        ]
    if act == "revoke-delegation":
        given = view.get("delegations", {})
        found["number"] = [
            (n, f"{n}: {given[n]['principal']} → {given[n]['delegate']}") for n in running_delegations(view)
        ]
    found["for"] = [(w["for"], v.act(w["for"])) for w in view["waiting"]] if act == "nudge" else []
    found["office"] = (
        [(office, v.office(*office.split("@"))) for office in offices_awaited(view)]
        if act == "reassign"
        else []
    )
    if round_ := view["id"] if view["kind"] == "round" else view.get("round"):
        told = standing(v.desk.engine, str(round_))
        found["lines.major"] = [
            (code, f"{name} {code}") for code, name in v.desk.majors_open(str(round_)).items()
        ]
        found["round"] = [
            (
                str(round_),
                v.t(f"{told['year']}年度 {told['document_no']}", f"{told['year']}, {told['document_no']}"),
            )
        ]
    pack = v.desk.pinned(view)
    categories = [(code, v.category(pack, code)) for code in categories_of(v.desk, view)]
    found |= {"category": categories, "lines.category": categories}
    refs = lines_of_case(view)
    named = labels(v, refs)
    inside = view["kind"] in ("filing", "evaluation") and ACTS[act].on is not None
    own = [(ref.rpartition("/")[2], f"{ref.rpartition('/')[2]}{v.t('：', ': ')}{named[ref]}") for ref in refs]
    found["line"] = found["changes.line"] = own if inside else list(named.items())
    if act in ("withdraw", "score"):
        found["lines"] = found["line"]
    evaluation = evaluation_of(v.desk, view) if act == "score" else None
    if evaluation:
        criteria = v.desk.pack_of(evaluation["pack"]).on(v.desk.today).table("evaluation.criteria")
        found["marks"] = [
            (name, v.t(f"{v.choice(name)}（0–{most}）", f"{v.choice(name)} (0–{most})"))
            for name, most in criteria.items()
        ]
    return found


def labels(v: Voice, refs: list[str]) -> dict[str, str]:
    """Lines in a few words, `东莞市技师学院 工业机器人应用与维护 DEMO-0209 高中毕业`; a reference to no line stays itself."""
    rows: list[Any] = []
    with v.desk.engine.connect().execution_options(reading=True) as connection:
        for start in range(0, len(refs), 500):
            rows += connection.execute(select(lines).where(lines.c.ref.in_(refs[start : start + 500])))
    catalogs = {round_: majors(v.desk.engine, round_) for round_ in {row.round for row in rows}}
    told: dict[str, str] = {}
    for row in rows:
        name = catalogs[row.round].get(row.major, "")
        entry = v.choice(str(row.entry)) if row.entry else ""
        told[row.ref] = f"{v.agency(row.college)} {name} {row.major} {entry}".strip()
    return {ref: told.get(ref, ref) for ref in refs}


def _people(v: Voice, act: str, view: View | None, actor: Actor) -> Choices:
    """Experts of the pool, or officers of the department, where a form names them."""
    fields = str(ACTS[act].form.model_json_schema())
    if not any(f"'{name}'" in fields for name in ("experts", "expert", "chair")):
        return {}
    people = _pool(v) if act in NEEDS_THE_POOL else _officers(v)
    panel = set((evaluation_of(v.desk, view) or {}).get("panel", []))
    out = [(id_, said) for id_, said in people if id_ in panel] or people
    found: Choices = {"experts": people, "chair": people, "expert": people, "in": people, "out": out}
    if act == "disclose-tie":
        found["expert"] = [(actor.person, actor.person)] if actor.role == "expert" else out
    return found


def _officers(v: Voice) -> list[Option]:
    with v.desk.engine.connect().execution_options(reading=True) as connection:
        state = connection.execute(select(streams.c.state).where(streams.c.id == "agency/dept")).scalar()
    held = Agency.model_validate_json(state).offices if state else {}
    return [
        (person, person) for person in sorted({person for persons in held.values() for person in persons})
    ]


def _colleagues(v: Voice, agencies: list[str], me: str) -> list[Option]:
    """Everybody in office at these agencies but oneself, with what they hold."""
    with v.desk.engine.connect().execution_options(reading=True) as connection:
        query = select(streams.c.id, streams.c.state).where(
            streams.c.id.in_([f"agency/{id_}" for id_ in agencies])
        )
        rows = connection.execute(query).all()
    held: dict[str, list[str]] = {}
    for row in rows:
        for role, people in Agency.model_validate_json(row.state).offices.items():
            for person in people:
                held.setdefault(person, []).append(v.office(role, row.id.removeprefix("agency/")))
    return [
        (person, f"{person} {v.t('、', ', ').join(offices)}")
        for person, offices in sorted(held.items())
        if person != me
    ]


def _pool(v: Voice) -> list[Option]:
    """The experts, with side and employers, so that whoever forms a panel sees both at a glance."""
    query = select(streams.c.id, streams.c.state).where(streams.c.kind == Expert.kind).order_by(streams.c.id)
    with v.desk.engine.connect().execution_options(reading=True) as connection:
        rows = connection.execute(query).all()
    options: list[Option] = []
    for row in rows:
        expert = Expert.model_validate_json(row.state)
        side = v.t("院校", "college") if expert.side == "college" else v.t("行业", "industry")
        at = v.t("、", ", ").join(v.agency(e.org) for e in expert.employers if e.until is None)
        id_ = row.id.removeprefix("expert/")
        options.append((id_, v.t(f"{id_}（{side}，{at}）", f"{id_} ({side}, {at})")))
    return options


def _attached(v: Voice, agency: str, named: list[str]) -> list[Option]:
    """Files by name, size and day: those that a form names already, then the agency's own, the newest first."""
    with v.desk.engine.connect().execution_options(reading=True) as connection:
        rows = list(connection.execute(select(attachments).where(attachments.c.sha256.in_(named))))
        query = select(attachments).where(attachments.c.agency == agency, attachments.c.sha256.not_in(named))
        rows += connection.execute(query.order_by(attachments.c.stored_at.desc()).limit(200))
    found: list[Option] = []
    for row in rows:
        size, day = f"{max(1, round(row.size / 1024))} KB", local_day(instant(row.stored_at))
        found.append((row.sha256, v.t(f"{row.name}（{size}，{day}）", f"{row.name} ({size}, {day})")))
    return found

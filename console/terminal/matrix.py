"""`huiqian policy matrix`: who may do what, at which agency, by which clause; the same as the page in deploy/matrix.md."""

from console.desk import cited
from console.terminal.law import load
from console.terminal.screen import DONE, STANDING_BADGES, emit, heading, show, stacked, table
from console.words import PLACES
from domain.policy import Authority, Office, Pack
from domain.vocabulary import ROLES

STANDINGS = {"text": "明文", "analogy": "类推", "assumption": "推定"}


def matrix(name: str, as_json: bool, as_page: bool) -> int:
    """Every act of a pack with its offices and clause, and the pairs of acts that one person may not both do."""
    pack = load(name)
    if as_page:
        print(page(pack), end="")
    elif as_json:
        emit({"pack": pack.name, "hash": pack.hash, "acts": [row(pack, a) for a in pack.acts.values()],
              "duties": [{"acts": list(d.acts), "clause": clause(pack, d.source.instrument, d.source.clause)} for d in pack.duties]})  # fmt: skip
    else:
        made = table("行为 Act", "谁、在哪里 Who, where", "依据 Clause")
        for act in pack.acts.values():
            who = "\n".join(said(pack, office) for office in act.by)
            source = clause(pack, act.source.instrument, act.source.clause)
            made.add_row(
                stacked(act.says.zh, act.act), who, stacked(source, STANDING_BADGES[act.standing].plain)
            )
        show(heading("权限表", f"Who may do what: {pack.name}"), made)
        apart = table("同一人不得都办 Kept apart", "依据 Clause")
        for duty in pack.duties:
            apart.add_row(" + ".join(duty.acts), clause(pack, duty.source.instrument, duty.source.clause))
        show(apart)
    return DONE


def row(pack: Pack, act: Authority) -> dict[str, object]:
    """One act as JSON."""
    return {
        "act": act.act, "says": act.says.model_dump(), "by": [office.model_dump() for office in act.by],
        "clause": clause(pack, act.source.instrument, act.source.clause), "standing": act.standing,
    }  # fmt: skip


def said(pack: Pack, office: Office) -> str:
    """`受理岗 · 本案受理单位 (clerk@receiving-unit)`."""
    if office.role == "public":
        return "公众 (public)"
    named = pack.agencies.get(office.at)
    place = PLACES.get(office.at) or (named.zh if named else office.at)
    return f"{ROLES.get(office.role, office.role)} · {place} ({office.role}@{office.at})"


def clause(pack: Pack, instrument: str, where: str) -> str:
    """The clause that gives the power."""
    return cited(pack.instruments.get(instrument), where)


def page(pack: Pack) -> str:
    """The whole matrix as a page of Markdown; made by `huiqian policy matrix --page`, held fresh by a test."""
    lines = [
        f"# 权限表 · who may do what ({pack.name})",
        "",
        "由 `huiqian policy matrix --page` 生成，勿手改。 Generated; do not edit. `tests/gateway/test_matrix.py` tries every act as",
        "every role of every agency and finds exactly this.",
        "",
        "| 行为 act | 谁、在哪里 who, where | 依据 clause | 效力 standing |",
        "|---|---|---|---|",
    ]
    for act in pack.acts.values():
        who = "<br>".join(said(pack, office) for office in act.by)
        source = clause(pack, act.source.instrument, act.source.clause)
        lines.append(
            f"| {act.says.zh} `{act.act}` | {who} | {source} | {STANDINGS[act.standing]} {act.standing} |"
        )
    lines += ["", "同一人不得都办 · no one person may do both:", ""]
    lines += [
        f"- `{first}` + `{second}`：{clause(pack, duty.source.instrument, duty.source.clause)}"
        for duty in pack.duties
        for first, second in [duty.acts]
    ]
    return "\n".join(lines) + "\n"

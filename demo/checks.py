"""What must be true when the round is over. Each expectation is looked up where it is kept, not where it was said."""

from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from docx import Document
from sqlalchemy import func, select

from demo import cast
from demo.desk import Desk
from demo.promises import Promise
from demo.stage import Stage, kind_of, message_id
from domain.case import DocumentIssued
from domain.cases.line_facts import LineHeld
from domain.moments import close_of, day, instant, local_day
from gateway.views import letters_of, lines_of, refold, show
from records.files import FileDamaged, FileMissing, FileStore
from records.rows import fact
from records.schema import acts, events, streams
from records.verify import Verified, verify


@dataclass(frozen=True)
class Paper:
    """One official document as the ledger names it."""

    case: str
    paper: str
    sha256: str
    text: str
    """What a word processor reads in it; empty when it does not open."""


@dataclass
class Findings:
    """The finished round, looked at."""

    lines: list[dict[str, Any]]
    papers: list[Paper]
    promises: list[Promise]
    verified: Verified
    executions: dict[str, int]
    problems: list[str]
    checks: int = 0

    def expect(self, what: str, expected: object, found: object) -> None:
        """Note one expectation and whether it holds."""
        self.checks += 1
        if expected != found:
            self.problems.append(f"{what}：应为 expected {expected}，实际 found {found}")


def look(
    desk: Desk, notice: str, objection: str, promised: list[Promise], executions: dict[str, int]
) -> Findings:
    """Check everything, and collect what the report shows."""
    engine = desk.stage.gateway.engine
    found = Findings(
        lines=lines_of(engine, desk.round),
        papers=papers(desk.stage),
        promises=promised,
        verified=verify(engine),
        executions=executions,
        problems=[],
    )
    _lines(found, desk)
    _course(found, desk, notice, objection)
    _post(found, desk.stage)
    _papers(found)
    _ledger(found, desk)
    return found


def _lines(found: Findings, desk: Desk) -> None:
    states = {row["ref"]: row["state"] for row in found.lines}
    expected = {
        desk.ref(college, line): cast.outcome(college, line)
        for college in cast.DATES
        for line in cast.lines(college)
    }
    found.expect("专业线数 lines", len(expected), len(states))
    for ref, state in expected.items():
        found.expect(f"{ref}", state, states.get(ref))
    college, line, field, to = cast.CORRECTED
    view = show(desk.stage.gateway.engine, desk.filings[college])
    found.expect("更正后 corrected", to, view["lines"][line][field])
    announced = sum(state == "announced" for state in expected.values())
    found.expect("试点项目 programmes", announced, _count(desk.stage, "programme"))


def _course(found: Findings, desk: Desk, notice: str, objection: str) -> None:
    """How the round went: routes, silence, the notice, the objection, the refusals, the dates."""
    engine = desk.stage.gateway.engine
    views = {college: show(engine, filing) for college, filing in desk.filings.items()}
    found.expect("受理单位 units", {"tro", "gz", "sz"}, {view["route"] for view in views.values()})
    found.expect("人工指定 routed", cast.ROUTED_TO, views[cast.ROUTED]["route"])
    found.expect("视为受理 by silence", {cast.SILENT}, {c for c, view in views.items() if view["deemed"]})
    found.expect("补正 supplemented", {cast.SUPPLEMENTED}, {c for c, view in views.items() if view["asked"]})
    shown = show(engine, notice)
    found.expect("公示首日 notice from", day(cast.NOTICE_AT), local_day(instant(shown["published_at"])))
    found.expect("公示末日 notice until", cast.NOTICE_ENDS, shown["ends"])
    closed = instant(shown["closed_at"]) if shown["closed_at"] else None
    found.expect("公示期满 notice closed", close_of(day(cast.NOTICE_ENDS), "24:00"), closed)
    verdict = show(engine, objection)
    found.expect(
        "异议 objection", ("dismissed", desk.ref(*cast.OBJECTED)), (verdict["outcome"], verdict["line"])
    )
    with engine.connect().execution_options(reading=True) as connection:
        held = select(func.count()).select_from(events).where(events.c.type == LineHeld.__name__)
        found.expect("暂停的专业线 lines held", 1, connection.execute(held).scalar_one())
        refused = select(acts.c.code, func.count()).where(acts.c.outcome == "refused").group_by(acts.c.code)
        counts = dict(connection.execute(refused).tuples().all())
    found.expect("被拒绝的行为 refused acts", cast.EXPECTED_REFUSALS, counts)
    late = [f"{p.stream} {p.name} {p.deadline.date}" for p in found.promises if not p.kept]
    found.expect("逾期 promises not kept", [], late)
    silent = [p.stream for p in found.promises if p.by_silence]
    found.expect("到期视为受理 ended by silence", [desk.filings[cast.SILENT]], silent)


def _post(found: Findings, stage: Stage) -> None:
    rows = letters_of(stage.gateway.engine)
    found.expect("未发出的信件 letters not sent", [], [r["id"] for r in rows if r["status"] != "sent"])
    due = {
        f"{row['id']}@huiqian".replace("/", ".").replace("@", ".").removesuffix(".huiqian") for row in rows
    }
    arrived = Counter(message_id(letter).rpartition("@")[0] for letter in stage.post.letters)
    found.expect("未到达的信件 letters missing", set[str](), due - arrived.keys())
    found.expect("不明来信 unknown letters", set[str](), arrived.keys() - due)
    found.expect("重复的信件 letters sent twice", [], [id_ for id_, n in arrived.items() if n > 1])
    college, line = cast.OBJECTED
    majors = [cast.major(college, other) for other in cast.lines(college)]
    texts = [letter.get_content() for letter in stage.post.letters if kind_of(letter) == "line-held"]
    named = [[major for major in majors if major in text] for text in texts]
    found.expect("暂停通知所称专业 line named as held", [[cast.major(college, line)]], named)


def _papers(found: Findings) -> None:
    expected = {
        "acceptance": len(cast.DATES), "supplement": 1, "notice": 1, "refusal": 1, "announcement": 2, "correction": 1,
    }  # fmt: skip
    found.expect("公文 documents", expected, dict(Counter(p.paper for p in found.papers)))
    found.expect("打不开的公文 unreadable documents", [], [p.sha256 for p in found.papers if not p.text])
    for paper in found.papers:
        number = {"announcement": (cast.LIST, cast.SECOND_LIST), "correction": (cast.CORRECTION,)}.get(
            paper.paper
        )
        if number:
            found.expect(f"文号 number of {paper.case}", True, any(n in paper.text for n in number))


def _ledger(found: Findings, desk: Desk) -> None:
    engine = desk.stage.gateway.engine
    found.expect("账本 ledger", [], found.verified.problems)
    found.expect("未跟上 outstanding", [], desk.stage.outstanding())
    found.expect("本轮 round", "completed", show(engine, desk.round)["stage"])
    found.expect("Temporal", {"COMPLETED"}, set(found.executions))
    with engine.connect().execution_options(reading=True) as connection:
        ids = list(connection.execute(select(streams.c.id)).scalars())
    for id_ in ids:
        view = {k: v for k, v in show(engine, id_).items() if k not in ("events", "filings")}
        found.expect(f"{id_} 重演 refolded", view, refold(engine, id_))


def papers(stage: Stage) -> list[Paper]:
    """Every official document that the ledger names, in the order of its writing."""
    query = select(events).where(events.c.type == DocumentIssued.__name__).order_by(events.c.position)
    store = FileStore(stage.settings.files)
    with stage.gateway.engine.connect().execution_options(reading=True) as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    issued = [(row["stream"], fact(row)[0]) for row in rows]
    return [
        Paper(stream, event.paper, event.sha256, _text(store, event.sha256))
        for stream, event in issued
        if isinstance(event, DocumentIssued)
    ]


def _text(store: FileStore, digest: str) -> str:
    try:
        document = Document(BytesIO(store.get(digest)))
    except (FileMissing, FileDamaged, KeyError, ValueError, OSError):
        return ""
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def _count(stage: Stage, kind: str) -> int:
    query = select(func.count()).select_from(streams).where(streams.c.kind == kind)
    with stage.gateway.engine.connect().execution_options(reading=True) as connection:
        return connection.execute(query).scalar_one()

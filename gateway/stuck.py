"""Which cases are stuck, since when, why, whose move it is, and what may be done (design.md, Operations).

Everything is looked up when it is asked, in the read models and in Temporal: a cause is found as soon as it is there,
and gone as soon as it is cured. Nothing here changes anything; remedies are acts through the gateway.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, literal, select
from temporalio.client import Client

from domain.cases.register import LOG_DISPUTED
from domain.moments import days_left, instant, spoken_end, stamp
from gateway.causes import CAUSES, REMEDIES, Cause
from gateway.docket import late
from gateway.failing import failing
from gateway.gateway import Gateway
from gateway.missing import missing
from gateway.presence import last_seen, relay_sign, served
from gateway.process_health import Health, healths
from gateway.releases import sign
from gateway.views import in_passing
from records.projection import FAR
from records.schema import deadlines, docket, events, letters, streams

GRACE = timedelta(seconds=15)
"""Real time that a process or a worker is given before it counts as late."""


@dataclass(frozen=True)
class Stuck:
    """One reason why one case does not move. `since` is legal time."""

    case: str
    kind: str
    stage: str
    cause: Cause
    since: str
    whose: str
    what: str
    zh: str
    en: str
    card: str | None = None
    """The gravest card that stands against it: warning, yellow or red."""

    def about(self) -> dict[str, Any]:
        """As JSON, with the cause in words and the remedies."""
        row = asdict(self)
        evidence = {"zh": row.pop("zh"), "en": row.pop("en")}
        return {
            **row,
            "says": CAUSES[self.cause].model_dump(),
            "evidence": evidence,
            "remedies": list(REMEDIES[self.cause]),
        }


async def find_stuck(
    gateway: Gateway,
    client: Client | None,
    prefix: str,
    *,
    only: Iterable[str] = (),
    limit: int = 500,
    grace: timedelta = GRACE,
) -> list[Stuck]:
    """All stuck cases, oldest first; at most `limit` of each kind of cause. `client` None: Temporal is away."""
    now = gateway.clock.now()
    rate = float(Fraction(gateway.clock.face.rate))
    before = stamp(now - grace * rate)
    with gateway.engine.connect().execution_options(reading=True) as connection:
        found = [
            *_overdue(connection, now, limit),
            *_stalled(connection, limit),
            *_disputed(connection, limit),
        ]
        lagging = dict(_late(connection, before, limit))
        posts = list(_posts(connection, before, limit))
    there = served(gateway.engine)
    found += _letters(posts, there, last_seen(gateway.engine), prefix, temporal=client is not None)
    health: dict[str, Health] = {}
    if prefix in there and client is not None:
        quiet = await failing(client, gateway.engine, prefix, lagging, limit)
        asked = (*lagging, *(row.id for row in quiet))
        health = await healths(client, [f"{prefix}/{id_}" for id_ in asked])
        failed = {id_ for id_, one in health.items() if one.failing}
        lagging |= {row.id: row for row in quiet if f"{prefix}/{row.id}" in failed}
    found += [
        _process(row, there, client, prefix, health.get(f"{prefix}/{row.id}")) for row in lagging.values()
    ]
    if client is not None:
        gone = await missing(client, gateway.engine, prefix, before, limit)
        found += [_gone(row, health) for row, health in gone]
    wanted = set(only)
    rows = [s for s in found if not wanted or s.cause in wanted]
    return sorted(rows, key=lambda s: (s.since, s.case, s.cause))


def _overdue(connection: Connection, now: datetime, limit: int) -> Iterator[Stuck]:
    """Moves past their day; not those that silence has settled by then, which wait for the process, not for an officer."""
    query = select(docket).where(late(stamp(now)), docket.c.due < FAR).order_by(docket.c.due).limit(limit)
    for r in connection.execute(query):
        end = instant(r.due)
        days = -days_left(end, now)
        who = r.role if ":" in r.role else f"{r.role}@{r.agency}"
        ago = (f"，已逾期{days}天", f", {days} days ago") if days else ("，已逾期", ", today")
        given = (f"，已改派{r.officer}", f", given to {r.officer}") if r.officer else ("", "")
        zh, en = (
            f"应于{spoken_end(end)}前办理{ago[0]}{given[0]}",
            f"was due {spoken_end(end)}{ago[1]}{given[1]}",
        )
        yield Stuck(r.case_id, r.kind, r.stage, "overdue", r.due, who, r.for_, zh, en, r.card)


def _stalled(connection: Connection, limit: int) -> Iterator[Stuck]:
    query = (
        select(docket, streams.c.changed_at)
        .join(streams, streams.c.id == docket.c.case_id)
        .where(docket.c.for_ == "publish-calendar")
        .limit(limit)
    )
    for r in connection.execute(query):
        yield Stuck(
            r.case_id, r.kind, r.stage, "calendar-missing", r.changed_at, f"{r.role}@{r.agency}", r.for_,
            "暂定的期限已过，放假安排公布后才能确定", "its provisional end has passed; the schedule will say when it ends",
        )  # fmt: skip


def _disputed(connection: Connection, limit: int) -> Iterator[Stuck]:
    """The alarms of witnesses: a checkpoint that contradicts one already cosigned; both stand on the agency's record."""
    query = (
        select(docket, streams.c.changed_at)
        .join(streams, streams.c.id == docket.c.case_id)
        .where(docket.c.for_ == LOG_DISPUTED)
        .limit(limit)
    )
    for r in connection.execute(query):
        zh = f"{r.case_id}：见证时拒签了与已联署检查点矛盾的检查点；运行 huiqian audit verify"
        en = f"{r.case_id} refused, as a witness, a checkpoint that contradicts one it had cosigned; run huiqian audit verify"
        yield Stuck(
            r.case_id, r.kind, r.stage, "log-disputed", r.changed_at, f"{r.role}@{r.agency}", r.for_, zh, en
        )


def _late(connection: Connection, before: str, limit: int) -> Iterator[tuple[str, Any]]:
    """Cases whose process has not read, has not acted on a lapse, or is not done with a stage that it leaves by itself, for
    longer than it may take."""
    columns = (streams.c.id, streams.c.kind, streams.c.stage, streams.c.head, streams.c.followed)
    passing = (
        select(*columns, literal("passing").label("late"), streams.c.recorded_at.label("since"))
        .where(in_passing(), streams.c.recorded_at < before)
        .order_by(streams.c.recorded_at)
        .limit(limit)
    )
    unread = (
        select(*columns, literal("unread").label("late"), streams.c.recorded_at.label("since"))
        .where(streams.c.followed < streams.c.head, streams.c.recorded_at < before)
        .order_by(streams.c.recorded_at)
        .limit(limit)
    )
    lapsed = (
        select(*columns, literal("lapsed").label("late"), deadlines.c.rings_at.label("since"))
        .join(deadlines, deadlines.c.case_id == streams.c.id)
        .where(deadlines.c.running, deadlines.c.rings_at < before)
        .order_by(deadlines.c.rings_at)
        .limit(limit)
    )
    for query in (passing, lapsed, unread):
        for row in connection.execute(query):
            yield row.id, row


def _process(row: Any, there: set[str], client: Client | None, prefix: str, health: Health | None) -> Stuck:
    zh = f"账册已到第{row.head}条，流程读到第{row.followed}条"
    en = f"the ledger is at {row.head}, the process has read {row.followed}"
    cause: Cause = "behind"
    if row.late == "passing":
        zh, en = "流程应自行办完本环节，尚未办完", "the process leaves this stage by itself, and has not"
    elif row.late == "failing":
        zh, en = "账册已读完，任务办不下去", "it has read all there is, and fails at what comes next"
    elif row.followed >= row.head:
        zh, en = (
            f"期限已于{spoken_end(instant(row.since))}届满，流程尚未办理",
            f"a period ended {spoken_end(instant(row.since))}, and the process has not acted",
        )
    if prefix not in there:
        cause = "no-worker"
    elif client is None:
        cause = "temporal-away"
    elif health:
        on = health.release and f"{health.release} "
        zh, en = f"{zh}；{on}{health.zh}", f"{en}; {on}{health.en}"
        if health.release and sign(prefix, health.release) not in there:
            cause, zh, en = (
                "no-worker",
                f"{zh}；该版没有工作进程在线",
                f"{en}; no worker of this release is there",
            )
        elif health.failing:
            cause = "process-failing"
    if cause == "behind" and row.late == "unread" and relay_sign(prefix) not in there:
        cause = "no-relay"  # what is read is read once somebody wakes it; lapses and stages go by the process's own timers
    return Stuck(row.id, row.kind, row.stage, cause, row.since, "ops@dept", "process", zh, en)


def _gone(row: Any, health: Health) -> Stuck:
    """`since` is when the case last had news: when its process went, nobody has noted."""
    zh, en = (
        f"账册上该有流程在办；Temporal：{health.zh}",
        f"the record says that its process must run; Temporal: {health.en}",
    )
    return Stuck(row.id, row.kind, row.stage, "process-missing", row.since, "ops@dept", "process", zh, en)


def _posts(connection: Connection, before: str, limit: int) -> Iterator[Any]:
    query = (
        select(letters, streams.c.kind, streams.c.stage, events.c.recorded_at)
        .join(streams, streams.c.id == letters.c.stream)
        .join(events, (events.c.stream == letters.c.stream) & (events.c.seq == letters.c.seq))
        .where(
            (letters.c.status == "failed") | ((letters.c.status == "due") & (events.c.recorded_at < before))
        )
        .order_by(events.c.recorded_at)
        .limit(limit)
    )
    yield from connection.execute(query)


def _letters(
    rows: list[Any], there: set[str], seen: dict[str, datetime], prefix: str, *, temporal: bool
) -> Iterator[Stuck]:
    """One row for each case, agency and cause, whatever the number of its letters."""
    groups: dict[tuple[str, str, Cause], list[Any]] = {}
    for r in rows:
        groups.setdefault((r.stream, r.sender, _why_not_out(r, there, prefix, temporal)), []).append(r)
    for (case, sender, cause), group in groups.items():
        first, many = group[0], len(group)
        if cause == "agency-down":
            last = seen.get(f"{prefix}.{sender}")
            heard = f"{last:%Y-%m-%d %H:%M:%S} UTC" if last else None
            zh = f"{many}封信等待{sender}寄出；其工作进程" + (f"最后出现于{heard}" if heard else "从未出现")
            en = f"{many} letters wait for {sender}; its worker was " + (
                f"last seen {heard}" if heard else "never seen"
            )
        else:
            tried = max(r.attempts for r in group)
            zh, en = (
                (
                    f"{many}封信，已试{tried}次：{first.problem or '-'}",
                    f"{many} letters, tried {tried} times: {first.problem or '-'}",
                )
                if tried
                else (
                    f"{many}封信尚未试寄，{_NOT_TRIED.get(cause, _HELD)[0]}",
                    f"{many} letters, not tried yet: {_NOT_TRIED.get(cause, _HELD)[1]}",
                )
            )
        yield Stuck(
            case, first.kind, first.stage, cause, first.recorded_at, f"ops@{sender}", "deliver", zh, en
        )


def _why_not_out(letter: Any, there: set[str], prefix: str, temporal: bool) -> Cause:
    """A letter that nobody has tried waits for whoever hands letters out: relay, processes and Temporal, in this order."""
    if letter.status == "failed":
        return "undelivered"
    if f"{prefix}.{letter.sender}" not in there:
        return "agency-down"
    if letter.attempts:
        return "post-failing"
    if prefix not in there:
        return "no-worker"
    if not temporal:
        return "temporal-away"
    return "post-failing" if relay_sign(prefix) in there else "no-relay"


_HELD = (
    "工作进程在投递中停止的，半分钟内重新派出",
    "what a worker left when it stopped is given out again within half a minute",
)
_NOT_TRIED: dict[Cause, tuple[str, str]] = {
    "no-worker": ("派信的流程没有工作进程", "the process that hands them out has no worker"),
    "temporal-away": ("派信的流程在 Temporal 中", "the process that hands them out is in Temporal"),
    "no-relay": ("无人唤醒派信的流程", "nobody wakes the process that hands them out"),
}

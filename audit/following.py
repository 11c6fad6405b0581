"""What a Temporal history says of its case, compared with the ledger fact by fact. Pure: works on exported JSON.

A process reads its stream by `follow`; the answers stand in its history: each new fact by number, name and digest, and where
the case stood then. Two records, written by different systems at the time, that must agree.
"""

import base64
import gzip
import io
import json
import zlib
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from audit.dossier import Row
from domain.case import Case
from domain.chain import digest as chained
from domain.kinds import DRIVEN, KINDS
from domain.steering import Steering, steering
from records.rows import chain_links, fact

MOST_BYTES = 64 * 2**20
"""A history that unpacks to more than this is not one of Temporal's, whose limit is 50 MB."""
Kind = Literal[
    "non-deterministic", "ledger-lacks", "history-lacks", "differs", "foreign", "unreadable", "lost"
]


class Finding(BaseModel):
    """One thing that does not agree: in which run, at which event of the history, about which fact and field."""

    kind: Kind
    run: str = ""
    event: int | None = None
    """Event id within the history."""
    fact: str = ""
    field: str = ""
    ledger: Any = None
    history: Any = None
    why: str = ""


class NotAHistory(ValueError):
    """What was given is no exported history of one of our processes; the text says why, in both languages."""


@dataclass
class Carried:
    """What one run's history carries."""

    run: str
    workflow: str
    kind: str
    stream: str
    after: int
    """The last fact that was known before this run."""
    bearings: list[tuple[int, dict[str, Any]]] = field(default_factory=list[tuple[int, dict[str, Any]]])
    """Event id and what `follow` answered there, in order."""
    closed: str = ""
    """How the run ended, in Temporal's words; empty while it goes on or when the history was cut off."""


def unpacked(data: bytes) -> str:
    """The JSON of a history, compressed or not; never more of it in memory than a history may have. Raises NotAHistory."""
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise NotAHistory("过大 / too large")
        return data.decode()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise NotAHistory(f"不能读取 / cannot be read: {type(error).__name__}") from None


def carried(history: Any) -> Carried:
    """Read an exported history (`WorkflowHistory.to_json`, the CLI or the web page). Raises NotAHistory."""
    try:
        events: list[dict[str, Any]] = history["events"]
        start = events[0]["workflowExecutionStartedEventAttributes"]
        given = _payload(start["input"])
        found = Carried(
            run=str(start["originalExecutionRunId"]), workflow=str(start.get("workflowId", "")), kind=str(start["workflowType"]["name"]),
            stream=str(given["stream"]), after=int(given["after"]),
        )  # fmt: skip
        for event in events:
            marker = event.get("markerRecordedEventAttributes")
            if marker and marker["markerName"] == "core_local_activity":
                about = _payload(marker["details"]["data"])
                if about.get("activity_type") == "follow" and "result" in marker["details"]:
                    found.bearings.append((int(event["eventId"]), _payload(marker["details"]["result"])))
        ended = str(events[-1]["eventType"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise NotAHistory(
            f"不是本系统流程的历史 / not a history of our processes: {type(error).__name__}"
        ) from None
    if found.kind not in DRIVEN:
        raise NotAHistory(f"没有这种流程 / no such process: {found.kind}")
    if ended.startswith("EVENT_TYPE_WORKFLOW_EXECUTION_"):
        word = ended.removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_").lower().replace("_", "-")
        found.closed = "" if word in ("started", "signaled") else word
    return found


def _payload(payloads: Any) -> Any:
    raw = json.loads(base64.b64decode(payloads["payloads"][0]["data"], validate=True))
    if not isinstance(raw, dict):
        raise ValueError("payload")
    return raw


def compare(rows: list[Row], runs: list[Carried], *, whole: bool = True) -> list[Finding]:
    """Hold the facts of one stream against all its runs. `whole`: the runs are all there are, so every fact must be carried.

    Facts after the case was final, and facts of drafts, are read by no process: nothing follows them.
    """
    stream = rows[0]["stream"]
    found: list[Finding] = []
    seen: set[int] = set()
    states = _States(rows)
    for run in runs:
        if run.stream != stream:
            why = f"这是 {run.stream} 的历史，不是 {stream} 的 / a history of {run.stream}, not of {stream}"
            found.append(Finding(kind="foreign", run=run.run, why=why))
            continue
        read = run.after
        for event, bearing in run.bearings:
            for slip in bearing.get("slips", []):
                found += _slip(rows, run, event, slip, seen)
            found += states.compare(run, event, bearing, read)
            read = max(read, int(bearing.get("head", 0)))
    if whole:
        found += _unread(rows, runs, seen, states)
    return found


def _slip(rows: list[Row], run: Carried, event: int, slip: dict[str, Any], seen: set[int]) -> list[Finding]:
    number = int(slip["n"])
    seen.add(number)
    name = f"{run.stream}#{number}"
    row = rows[number - 1] if 0 < number <= len(rows) else None
    if row is None:
        return [Finding(kind="ledger-lacks", run=run.run, event=event, fact=name, history=slip)]
    about = {"kind": "differs", "run": run.run, "event": event, "fact": name}
    ((previous, record, _),) = chain_links([row])
    # Not only the digest that the row claims to have: what it says may have been changed alone.
    claimed = row["digest"] if row["digest"] != slip.get("digest") else chained(previous, record)
    now = {"type": row["type"], "digest": claimed}
    return [
        Finding.model_validate({**about, "field": part, "ledger": said, "history": slip.get(part)})
        for part, said in now.items()
        if said != slip.get(part)
    ]


def _unread(rows: list[Row], runs: list[Carried], seen: set[int], states: "_States") -> list[Finding]:
    """Facts that no run carries, though a process should have read them: what steers it is news, the rest may wait."""
    found: list[Finding] = []
    first = min((run.after for run in runs if run.stream == rows[0]["stream"]), default=0)
    for row in rows:
        number = int(row["seq"])
        if number in seen or number <= first or states.no_news(number):
            continue
        found.append(
            Finding(
                kind="history-lacks",
                fact=f"{row['stream']}#{number}",
                ledger={"type": row["type"], "digest": row["digest"]},
            )
        )
    return found


class _States:
    """The case after each fact, folded once, as far as it can be folded."""

    def __init__(self, rows: list[Row]) -> None:
        self._about: list[dict[str, Any]] = []
        self._steering: list[Steering] = []
        self._summons: list[bool] = []
        case: Case = KINDS[rows[0]["kind"]](id=rows[0]["stream"])
        for row in rows:
            event, moment = fact(row)
            case.apply(event, moment)
            self._summons.append(event.summons)
            self._steering.append(now := steering(case))
            shown = ("stage", "final", "round", "agency", "waiting_for")
            self._about.append({name: getattr(now, name) for name in shown})

    def compare(self, run: Carried, event: int, bearing: dict[str, Any], read: int) -> list[Finding]:
        """Where the case stood, as the process was told and as the facts up to there say."""
        head = int(bearing.get("head", 0))
        if not 0 < head <= len(self._about):
            return (
                []
                if bearing.get("slips")
                else [Finding(kind="ledger-lacks", run=run.run, event=event, field="head", history=head)]
            )
        told = {int(slip["n"]) for slip in bearing.get("slips", [])}
        missing = sorted(set(range(read + 1, head + 1)) - told)
        found = [
            Finding(kind="history-lacks", run=run.run, event=event, fact=f"{run.stream}#{n}") for n in missing
        ]
        for name, value in self._about[head - 1].items():
            if bearing.get(name) != value:
                at = f"{run.stream}#{head}"
                said = bearing.get(name)
                found.append(
                    Finding(
                        kind="differs",
                        run=run.run,
                        event=event,
                        fact=at,
                        field=name,
                        ledger=value,
                        history=said,
                    )
                )
        return found

    def no_news(self, number: int) -> bool:
        """Whether no process had to read this fact: it steered nothing, the case was final before it, or a draft after it."""
        before = self._steering[number - 2] if number > 1 else None
        after = self._steering[number - 1]
        quiet = before == after and not self._summons[number - 1]
        return after.stage in ("draft", "") or quiet or bool(before and before.final)

"""Reads the trees of cases from the records database, and what of the separation of duties (audit.duties) is found in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Engine, select

from audit.dossier import Row
from audit.duties import Meeting, Trees, grow, meetings
from domain.cases.environment import POLICY
from domain.policy import Pack
from records.engine import SNAPSHOT
from records.schema import acts, events, packs
from records.verify import verify

_KINDS = ("agency", "evaluation", "expert", "filing")


@dataclass(frozen=True)
class Looked:
    """What was looked at, and what was found in it."""

    trees: int
    deeds: int
    found: list[Meeting]
    problems: list[str]
    """What of the record does not hold, its rules included: what was found, or not found, may rest on it."""


def look(engine: Engine) -> Looked:
    """Every case of the record, by the pack of each filing; the record is verified first, but for its read models."""
    problems = verify(engine, fold=False).problems
    with engine.connect().execution_options(reading=SNAPSHOT) as connection:
        packs, now = read_packs(connection)
        watched = frozenset(act for pack in packs.values() for duty in pack.duties for act in duty.acts)
        trees = read_trees(connection, watched)
    deeds = sum(len(deeds) for deeds in trees.deeds.values())
    return Looked(len(trees.deeds), deeds, meetings(trees, packs, now), problems)


def read_packs(connection: Connection) -> tuple[dict[str, Pack], Pack]:
    """Every pack that was ever in force by hash, and the one in force now."""
    found = {row.hash: Pack.model_validate_json(row.body) for row in connection.execute(select(packs))}
    newest = select(events.c.pack).where(events.c.stream == POLICY).order_by(events.c.seq.desc())
    return found, found[connection.execute(newest).scalars().first() or next(iter(found))]


def read_trees(connection: Connection, watched: frozenset[str]) -> Trees:
    """All trees of the record; `watched` are the acts that some duty speaks of."""
    query = select(acts.c.command, acts.c.legal_at, acts.c.body).where(
        acts.c.act.in_(sorted(watched)), acts.c.outcome == "accepted"
    )
    done = {row["command"]: dict(row) for row in connection.execute(query).mappings()}
    return grow(_streams(connection), done, watched)


def _streams(connection: Connection) -> Iterator[list[Row]]:
    query = select(events).where(events.c.kind.in_(_KINDS)).order_by(events.c.stream, events.c.seq)
    rows = (dict(row) for row in connection.execute(query.execution_options(yield_per=5_000)).mappings())
    for _, stream in groupby(rows, key=lambda row: row["stream"]):
        yield list(stream)

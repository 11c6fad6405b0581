"""What must be true after a campaign; each check gives what is wrong, one line a fault."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from sqlalchemy import select, text
from temporalio.client import Client

from audit.histories import fetch
from audit.replay import Asked, replay, rows_of
from domain.moments import instant
from gateway.stuck import find_stuck
from gateway.views import behind, in_motion, letters_of, show, unsettled
from records.files import FileStore
from records.schema import acts, events, streams
from records.verify import verify
from tests.faults.people import People
from tests.faults.town import PREFIX, UnderFire

MOST_REPLAYED = 60


def moving(fire: UnderFire) -> list[str]:
    """What the processes still have to do."""
    due = [str(row["id"]) for row in letters_of(fire.engine) if row["status"] == "due"]
    late = unsettled(fire.engine, _now(fire))
    return [*behind(fire.engine), *late, *in_motion(fire.engine), *due]


def _now(fire: UnderFire) -> str:
    from domain.moments import stamp

    return stamp(fire.town.gateway.clock.now())


def acknowledged_once(fire: UnderFire, people: People) -> Iterator[str]:
    """Every receipt is in the ledger, once, as it was given; nothing twice."""
    with fire.engine.connect() as connection:
        rows = {
            r.command: r for r in connection.execute(select(acts.c.command, acts.c.digest, acts.c.outcome))
        }
        by = Counter(connection.execute(select(events.c.command)).scalars())
    for command, answer in people.answers.items():
        row = rows.get(command)
        if row is None or (row.digest, row.outcome) != (answer["digest"], "accepted"):
            yield f"{command}: acknowledged, and not in the ledger so"
        elif by[command] != len(answer["events"]):
            yield f"{command}: {by[command]} events, its receipt names {len(answer['events'])}"


def chains(fire: UnderFire) -> Iterator[str]:
    """Every chain, snapshot and read model."""
    yield from verify(fire.engine).problems


def legal_time(fire: UnderFire, people: People) -> Iterator[str]:
    """What nobody answered was accepted at its legal end, and not before that end had come by the right clock."""
    face = fire.town.environment.clock
    for filing in people.silent:
        shown = show(fire.engine, filing)
        end = shown["deadlines"].get("completeness", {}).get("ends_at")
        accepted = next((e for e in shown["events"] if e["type"] == "FilingAccepted"), None)
        if accepted is None:
            yield f"{filing}: silence has not accepted ({shown['stage']}, ends {end})"
            continue
        if end is not None and accepted["at"] != end:
            yield f"{filing}: accepted {accepted['at']}, its period ended {end}"
        with fire.owner.connect() as connection:
            commit = connection.execute(
                text(
                    "SELECT pg_xact_commit_timestamp(xmin) FROM events WHERE stream = :s AND type = 'FilingAccepted'"
                ),
                {"s": filing},
            ).scalar_one()
        early = (instant(accepted["at"]) - face.legal_of(commit)) / float(Fraction(face.rate))
        if early.total_seconds() > 1:
            yield f"{filing}: accepted {early.total_seconds():.0f} real seconds before its period was over"


def letters(fire: UnderFire) -> Iterator[str]:
    """Every letter went out at least once, under its one id; no other id ever did."""
    sent = Counter((fire.folder / "mail.txt").read_text().splitlines())
    due = {
        f"<{row['id'].replace('/', '.').replace('@', '.')}@huiqian>": row for row in letters_of(fire.engine)
    }
    for id_, row in due.items():
        if row["status"] == "sent" and not sent[id_]:
            yield f"{id_}: noted as sent, and nobody got it"
        if row["status"] not in ("sent", "by-hand"):
            yield f"{id_}: {row['status']} {row['problem']}"
    yield from (f"{id_}: came, and nobody sent it" for id_ in sent.keys() - due.keys())


def sent_again(fire: UnderFire) -> int:
    """How many letters went out more than once (under one id): killed between the sending and the noting."""
    return sum(count > 1 for count in Counter((fire.folder / "mail.txt").read_text().splitlines()).values())


async def replayed(fire: UnderFire) -> tuple[int, list[str]]:
    """Histories under today's code, fact by fact against the ledger."""
    client = await Client.connect(fire.server.address)
    store = FileStore(str(fire.files))
    asked: list[Asked] = []
    with fire.engine.connect().execution_options(reading=True) as connection:
        query = (
            select(streams.c.id)
            .where(streams.c.followed > 0, streams.c.kind == "filing")
            .order_by(streams.c.id)
        )
        for case in connection.execute(query.limit(MOST_REPLAYED)).scalars():
            kept, wrong = await fetch(connection, store, client, case)
            asked.append(Asked(case, rows_of(connection, case), kept, wrong))
    found = await replay(asked)
    return len(found), [
        f"{one.case}: {finding.model_dump_json(exclude_none=True)}"
        for one in found
        for finding in one.findings
    ]


async def stuck(fire: UnderFire) -> list[str]:
    """Nothing stands still but what waits for an officer."""
    client = await Client.connect(fire.server.address)
    rows = await find_stuck(fire.town.gateway, client, PREFIX)
    return [json.dumps(row.about(), ensure_ascii=False) for row in rows if row.cause != "overdue"]


def everything(fire: UnderFire, people: People) -> dict[str, list[str]]:
    """All checks by name, with what each found wrong."""
    count, differing = asyncio.run(replayed(fire))
    return {
        "every acknowledged act is in the ledger once, none twice": list(acknowledged_once(fire, people)),
        "every chain verifies": list(chains(fire)),
        f"replay equals ledger ({count} filings)": differing,
        "deadlines fell by legal time": list(legal_time(fire, people)),
        "every letter was delivered, under one id": list(letters(fire)),
        "nothing is stuck without a cause": asyncio.run(stuck(fire)),
    }

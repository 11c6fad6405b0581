"""The histories of a case's runs: from the archive, from Temporal, or from files. Read only: nothing here runs a process's code."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.service import RPCError, RPCStatusCode

from audit.following import Finding, NotAHistory, unpacked
from gateway.codec import open_history
from gateway.payload_keys import SealRefused
from records.files import FileDamaged, FileMissing, FileStore
from records.schema import runs


@dataclass
class Kept:
    """One run's history and where it comes from: `archive`, `temporal` or a file's name."""

    run: str
    origin: str
    text: str


async def fetch(
    connection: Connection, files: FileStore, client: Client | None, case: str
) -> tuple[list[Kept], list[Finding]]:
    """Every run's history: from the archive, else from Temporal; what neither has is a finding.

    Without a client only the archive is read, and a run that is still open is left out.
    """
    kept: list[Kept] = []
    wrong: list[Finding] = []
    for row in connection.execute(
        select(runs).where(runs.c.stream == case).order_by(runs.c.seen_at, runs.c.run)
    ).all():
        try:
            if row.history:
                kept.append(Kept(row.run, "archive", unpacked(files.get(row.history))))
            elif client and row.ended is None:
                handle = client.get_workflow_handle(row.workflow, run_id=row.run)
                text = (await handle.fetch_history()).to_json()
                kept.append(
                    Kept(row.run, "temporal", open_history(text, client.data_converter.payload_codec))
                )
            elif row.ended == "lost":
                wrong.append(
                    Finding(kind="lost", run=row.run, why="归档前已被清除 / gone before it could be archived")
                )
            else:
                wrong.append(
                    Finding(
                        kind="lost",
                        run=row.run,
                        why="尚未归档，流程服务连不上 / not archived yet, and Temporal is not reachable",
                    )
                )
        except (FileMissing, FileDamaged) as problem:
            wrong.append(Finding(kind="lost", run=row.run, why=str(problem)))
        except (NotAHistory, SealRefused) as problem:
            wrong.append(Finding(kind="unreadable", run=row.run, why=str(problem)))
        except (ValueError, TypeError):
            why = "所记的归档摘要不成其为摘要 / what is noted as its archive is no digest"
            wrong.append(Finding(kind="lost", run=str(row.run), why=why))
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            wrong.append(Finding(kind="lost", run=row.run, why="流程服务已清除 / Temporal has it no more"))
    return kept, wrong


def given(files: Mapping[str, bytes], codec: PayloadCodec | None = None) -> tuple[list[Kept], list[Finding]]:
    """Histories from files by name, opened by `codec` where they are sealed; what is none is a finding."""
    kept: list[Kept] = []
    wrong: list[Finding] = []
    for name, data in files.items():
        try:
            kept.append(Kept(name, name, open_history(unpacked(data), codec)))
        except (NotAHistory, SealRefused, ValueError) as problem:
            wrong.append(Finding(kind="unreadable", run=name, why=f"{name}: {problem}"))
    return kept, wrong

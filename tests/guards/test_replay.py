"""Histories replay with today's code: those just written, and those that earlier code wrote."""

import gzip
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.guards.export_histories import KEPT, histories
from tests.stories.theatre import Theatre
from worker import PROCESSES, sandbox

KINDS = {
    "round", "filing", "evaluation", "notice", "objection", "approval", "announcement", "calendar", "programme",
    "violation", "log", "selection", "post",
}  # fmt: skip


def replayer() -> Replayer:
    return Replayer(workflows=PROCESSES, workflow_runner=sandbox())


async def test_what_todays_code_writes_it_can_replay(theatre: Theatre) -> None:
    written = await histories(theatre)
    assert {kind for kind, _ in written} == KINDS
    for _, history in written:
        await replayer().replay_workflow(history)


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json.gz")), ids=lambda path: path.name)
async def test_what_earlier_code_wrote_still_replays(path: Path) -> None:
    history = WorkflowHistory.from_json(path.name, gzip.decompress(path.read_bytes()).decode())
    await replayer().replay_workflow(history)


def test_every_kind_of_process_has_a_kept_history() -> None:
    assert {path.name.removesuffix(".json.gz").partition("-")[2] for path in KEPT.glob("*.json.gz")} == KINDS

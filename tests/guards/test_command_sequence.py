"""A workflow's order of commands is part of its contract with the cases that are running."""

import json

from tests.guards.command_sequence import RECORDED, current

ADVICE = """
The sequence of Temporal commands of a workflow has changed. Running cases replay their history against this code: an
activity, timer or wait that was added, removed or moved makes them fail with a non-determinism error.

1. Is the change needed in the workflow at all? What may be done is decided in `domain`; texts and rules need no change here.
2. If it is: put the new behaviour behind `if workflow.patched("<name>"):`, keep the old path beside it, and deprecate
   the patch when no old run is left; or let it take effect only at continue-as-new.
3. Run the replay tests (tests/guards/test_replay.py): they replay histories written by earlier code.
4. When they pass and the change is meant, record it: python -m tests.guards.command_sequence
"""


def test_no_workflow_asks_for_other_commands_than_before() -> None:
    assert current() == json.loads(RECORDED.read_text()), ADVICE

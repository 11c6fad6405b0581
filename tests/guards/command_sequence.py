"""What each workflow asks of Temporal, in source order: the part of a process that must not drift under running cases.

`python -m tests.guards.command_sequence` writes workflows/commands.json anew. Standard library only.
"""

import ast
import json
from pathlib import Path

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
RECORDED = WORKFLOWS / "commands.json"
ASKS = {
    "execute_activity", "execute_local_activity", "sleep", "wait_condition", "continue_as_new", "continue_anew", "uuid4", "patched",
    "upsert_search_attributes", "create_task", "gather", "leave", "act", "stages", "post_is_out", "start_activity",
    "start_local_activity", "execute_child_workflow", "start_child_workflow",
}  # fmt: skip


def sequence(path: Path) -> dict[str, list[str]]:
    """Function by function: the calls that become commands, with their literal arguments."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [c for c in ast.walk(node) if isinstance(c, ast.Call) and _name(c) in ASKS]
            calls.sort(key=lambda c: (c.lineno, c.col_offset))
            if calls:
                found[node.name] = [f"{_name(c)}({', '.join(_literals(c))})" for c in calls]
    return found


def current() -> dict[str, dict[str, list[str]]]:
    """The sequence of every workflow file."""
    return {path.name: found for path in sorted(WORKFLOWS.glob("*.py")) if (found := sequence(path))}


def _name(call: ast.Call) -> str:
    target = call.func
    return (
        target.attr
        if isinstance(target, ast.Attribute)
        else target.id
        if isinstance(target, ast.Name)
        else ""
    )


def _literals(call: ast.Call) -> list[str]:
    return [repr(a.value) for a in call.args if isinstance(a, ast.Constant)]


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(current(), indent=1, ensure_ascii=False) + "\n")

"""While a suspension is in force every act on what it holds is refused (FORMAT.md, Sanctions)."""

from typing import Any

from domain.case import Case
from domain.cases.filing import Filing
from domain.cases.objection import Objection
from domain.files import Files


def note_frozen(files: Files, case: Case | None, refs: list[str]) -> None:
    """Note `frozen` for every line the act is about that a measure holds."""
    match case:
        case Filing():
            named = _named_within(files.command.with_)
            if not named and (case.frozen or files.command.act == "withdraw"):
                named = set(case.lines)  # it is about all that is left
            for line in case.in_state("frozen"):
                if line.id in named:
                    _note(files, f"{case.id}/{line.id}", line.frozen_by)
        case Objection():
            _note_ref(files, case.line)
        case _:
            for ref in dict.fromkeys(refs):
                _note_ref(files, ref)


def _named_within(with_: dict[str, Any]) -> set[str]:
    """The lines of a filing that an act on it names."""
    named: set[str] = set()
    for field in ("line", "lines", "results"):
        value = with_.get(field)
        if isinstance(value, str):
            named.add(value)
        elif isinstance(value, list | dict):
            items: list[Any] = list(value)
            named |= {item for item in items if isinstance(item, str)}
    return named


def _note_ref(files: Files, ref: str) -> None:
    filing_id, _, line_id = ref.rpartition("/")
    filing = files.find(filing_id, Filing)
    line = filing.lines.get(line_id) if filing else None
    if line and line.state == "frozen":
        _note(files, ref, line.frozen_by)


def _note(files: Files, ref: str, by: list[str]) -> None:
    zh, en = f"{ref}因停止试点而冻结", f"{ref} is frozen by a suspension"
    files.refuse("frozen", zh, en, line=ref, other=by[0])

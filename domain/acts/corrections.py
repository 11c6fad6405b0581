"""Setting a line's particulars right: after an upheld objection, or by a second document (CA-10, CA-12)."""

from typing import Any

from pydantic import ValidationError

from domain.acts.admissibility import check_duplicates, check_years
from domain.acts.base import note_invalid
from domain.acts.catalogs import catalog_of
from domain.acts.filing_forms import LineForm
from domain.cases.filing import Filing, Line
from domain.files import Files


def refuse_unchanged(files: Files, line: Line, changes: dict[str, Any], ref: str, where: str) -> None:
    """Notes `invalid` for every particular that would be corrected to what it is."""
    for field, to in changes.items():
        if to == getattr(line, field, None):
            zh = f"{ref}的{field}本来就是{to}，没有更正"
            files.refuse(
                "invalid",
                zh,
                f"{field} of {ref} is {to} already: nothing is corrected",
                field=where,
                line=ref,
            )


def checked_changes(
    files: Files, filing: Filing, line: Line, changes: dict[str, Any], where: str = "correction"
) -> dict[str, Any]:
    """Changes to a line's particulars that would have been admissible when it was filed; notes what is not."""
    rules = files.rules_of(filing)
    correctable = {"major", *rules.list("line.fields")} - {"category"}
    given = {"id": line.id, **line.model_dump(include=correctable), **changes}
    try:
        LineForm.model_validate(given)
    except ValidationError as error:
        for problem in error.errors():
            note_invalid(files, (where, *problem["loc"]), problem)
        return {}
    if changes.keys() - correctable or isinstance(changes.get("entry"), list):
        zh, en = (
            f"只能更正：{'、'.join(sorted(correctable))}",
            f"only these can be corrected: {sorted(correctable)}",
        )
        files.refuse("invalid", zh, en, field=where, line=line.id)
        return {}
    changed = line.model_copy(update=changes)
    call = catalog_of(files, filing)
    if call and changed.major not in call.catalog() and rules.flag("catalog.binding"):
        files.refuse(
            "major-not-in-catalog",
            f"目录中没有{changed.major}",
            f"{changed.major} is not in the catalog",
            line=line.id,
        )
    if changed.years:
        check_years(files, rules, changed.entry, changed.years, [], {"line": line.id})
    if "years" in changes and line.segments:
        changes = {**changes, "segments": []}
    if (changed.major, changed.entry) != (line.major, line.entry):
        check_duplicates(files, filing, [changed, *(other for other in filing.live() if other.id != line.id)])
    return changes

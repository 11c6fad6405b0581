"""What a new year's catalog does to the programmes that stand: dropped majors sunset, renamed ones carry on (CA-15)."""

from domain.acts.programmes import teach_out
from domain.cases.programme import Programme
from domain.cases.programme_facts import ProgrammeRenamed, ProgrammeSunset
from domain.cases.round import Major
from domain.cases.suspensions import SUSPENSIONS, SuspensionEntered, Suspensions
from domain.files import Files
from domain.settle import settle


def affected(
    files: Files, year: int, majors: list[Major]
) -> tuple[list[Programme], list[tuple[Programme, str]]]:
    """Programmes whose major the year's catalog drops, and those whose major it carries under a new code."""
    kept, renamed = {m.code for m in majors}, {m.was: m.code for m in majors if m.was}
    held = files.world.claimed("programme/")
    touched = {
        key: id_ for key, id_ in held.items() if key.split("/")[2] not in kept or key.split("/")[2] in renamed
    }
    files.fetch(touched.values())
    found = [files.need(id_, Programme) for id_ in sorted(touched.values())]
    older = [p for p in found if p.catalog < year]
    moved = [(p, renamed[p.major]) for p in older if p.major in renamed]
    dropped = [p for p in older if p.major not in renamed and p.major not in kept]
    return [p for p in dropped if files.rules_of(p).flag("catalog.binding")], moved


def renew(files: Files, year: int, majors: list[Major]) -> None:
    """From the day of the call: no more enrolment in what was dropped; its cohorts are taught to the end."""
    dropped, moved = affected(files, year, majors)
    settle(files, [*dropped, *(programme for programme, _ in moved)])
    for programme in dropped:
        teach_out(files, programme, "sunset")
        watched = [
            name for name in programme.deadlines if name.startswith("agreement/") and programme.running
        ]
        files.append(programme, ProgrammeSunset(catalog=year, goes_on=sorted(watched)))
    for programme, code in moved:
        _carry_over(files, programme, code)
        files.append(programme, ProgrammeRenamed(major=code, catalog=year))


def _carry_over(files: Files, programme: Programme, code: str) -> None:
    """A measure against a programme holds it under its new code as well, decided or in force."""
    register = files.need(SUSPENSIONS, Suspensions)
    for held in list(register.held.values()):
        if held.lines is not None and held.reaches(programme.college, programme.major, programme.entry):
            wider = held.model_copy(update={"lines": sorted({*held.lines, (code, programme.entry)})})
            files.append(register, SuspensionEntered(suspension=wider))

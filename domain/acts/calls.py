"""The yearly call and the working calendar: what the catalog officer publishes (CA-01, §5.5)."""

from datetime import date, timedelta

from pydantic import Field

from domain.acts.base import Form, Nothing, act
from domain.acts.catalogs import newest_call
from domain.acts.register import is_code
from domain.cases.calendar import CALENDAR, CalendarPublished, CalendarRolledOut, PublishedCalendar
from domain.cases.round import CallIssued, Major, Round, RoundCompleted, call_claim
from domain.clocks import appoint as appoint_instant
from domain.files import Files
from domain.identifiers import document_no
from domain.ids import derived
from domain.moments import Day, Instant, local_day
from domain.renewal import renew
from domain.settle import settle


class Window(Form):
    """When filings are taken."""

    opens: Instant
    closes: Instant


class MajorForm(Form):
    """An entry of the catalog."""

    code: str
    name: str = Field(min_length=1, max_length=80)
    was: str | None = None


class IssueCall(Form):
    """A year's call with its catalog."""

    procedure: str | None = Field(default=None, max_length=80)
    """The procedure's pack by name; by default the environment's own."""
    year: int = Field(strict=True, ge=2000, le=2999)
    document_no: str
    window: Window
    majors: list[MajorForm] = Field(min_length=1, max_length=2000)


def normal_document_no(files: Files, text: str, field: str = "document_no") -> str:
    """The normal form of a document number; notes `document-no` or `document-no-used` when it will not do."""
    normal = document_no(text)
    if normal is None:
        files.refuse(
            "document-no",
            f"发文字号不合格式：{text}（应如 粤人社函〔2026〕88号，年份四位、用六角括号，序号不编虚位）",
            f"not a document number: {text} (like 粤人社函〔2026〕88号: four-digit year in 〔〕, no leading zeros)",
            field=field,
        )
        return text
    holder = files.world.holders([f"document/{normal}"]).get(f"document/{normal}")
    if holder:
        files.refuse(
            "document-no-used",
            f"发文字号已使用：{normal}",
            f"the number is used: {normal}",
            field=field,
            other=holder,
        )
    return normal


@act("issue-call", IssueCall)
def issue_call(files: Files, form: IssueCall, _: None) -> None:
    """One catalog a year; a published one is never edited, a later year's call replaces it."""
    number = normal_document_no(files, form.document_no)
    if form.procedure not in (None, files.pack.name):
        zh, en = f"本环境没有启用规则包{form.procedure}", f"{form.procedure} is not adopted here"
        files.refuse("invalid", zh, en, field="procedure")
    if form.window.closes <= form.window.opens:
        files.refuse(
            "invalid", "截止时间须晚于开始时间", "the window must close after it opens", field="window.closes"
        )
    if local_day(form.window.opens) < local_day(files.now):
        files.refuse(
            "invalid",
            "开始时间早于发布之日",
            "the window opens before the call is issued",
            field="window.opens",
        )
    claim = call_claim(files.beside, form.year)
    if holder := files.world.holders([claim]).get(claim):
        files.refuse(
            "invalid",
            f"{form.year}年已有申报通知",
            f"there is a call for {form.year}",
            field="year",
            other=holder,
        )
    previous = newest_call(files)
    if previous and form.year < previous.year:  # CA-15: nothing is dropped or listed retroactively
        zh, en = f"{previous.year}年度通知已发布", f"the call of {previous.year} is out already"
        files.refuse("invalid", zh, en, field="year", other=previous.id)
    _check_majors(files, form.majors, previous)
    files.check()
    round_ = files.open(
        Round(id=derived("round", *filter(None, [files.beside]), form.year, files.command.id))
    )
    calendar, rule, rules = files.calendar, "window", files.rules
    window = [appoint_instant("closes", form.window.closes, rule, calendar)]
    if form.window.opens > files.now:
        window.append(appoint_instant("opens", form.window.opens, rule, calendar))
    files.append(
        round_,
        CallIssued(
            year=form.year,
            document_no=number,
            opens=form.window.opens,
            closes=form.window.closes,
            majors=[Major(**m.model_dump()) for m in form.majors],
            pack=files.pack.hash,
            window=window,
            beside=files.beside,
            categories=list(rules.table("selection.categories")) if rules.has("selection.categories") else [],
        ),
    )
    if rules.text("announcement.opens") == "programme":
        renew(files, form.year, round_.majors)
    files.opened = round_.id


def _check_majors(files: Files, majors: list[MajorForm], previous: Round | None) -> None:
    old = previous.catalog() if previous else {}
    seen: set[str] = set()
    renamed: set[str] = set()
    codes = {major.code for major in majors}
    for position, major in enumerate(majors):
        where = f"majors.{position}"
        if not is_code(major.code):
            files.refuse(
                "invalid",
                f"专业代码不合格式：{major.code}",
                f"not a code: {major.code}",
                field=f"{where}.code",
            )
        if major.code in seen:
            files.refuse(
                "invalid",
                f"专业代码重复：{major.code}",
                f"code named twice: {major.code}",
                field=f"{where}.code",
            )
        seen.add(major.code)
        if major.was is not None and major.was not in old:
            files.refuse(
                "invalid",
                f"上年目录没有：{major.was}",
                f"not in last year's catalog: {major.was}",
                field=f"{where}.was",
            )
        if major.was in renamed or (major.was is not None and major.was != major.code and major.was in codes):
            zh, en = f"{major.was}已改为另一代码或仍在目录中", f"{major.was} is kept, or renamed twice"
            files.refuse("invalid", zh, en, field=f"{where}.was")
        if major.was is not None:
            renamed.add(major.was)
        moved_here = major.was not in (None, major.code)
        if major.code in old and (moved_here or old[major.code].name != major.name):
            files.refuse(
                "invalid",
                f"代码{major.code}上年属于“{old[major.code].name}”，不得改给其他专业",
                f"code {major.code} belonged to another major last year",
                field=f"{where}.name",
            )


class PublishCalendar(Form):
    """A year's holiday schedule."""

    year: int = Field(strict=True, ge=2000, le=2999)
    holidays: list[Day] = Field(max_length=120)
    workdays: list[Day] = Field(default=[], max_length=60)
    source: str = Field(default="国务院办公厅节假日安排", max_length=200)


@act("publish-calendar", PublishCalendar)
def publish_calendar(files: Files, form: PublishCalendar, _: None) -> None:
    """Replaces the year; affected running deadlines follow, none gets shorter (FORMAT.md, Clocks)."""
    for field, days in (("holidays", form.holidays), ("workdays", form.workdays)):
        for position, day in enumerate(days):
            # A schedule may reach a few days over New Year (2023's holds 2022-12-31, §5.5).
            if (
                not date(form.year, 1, 1) - timedelta(days=14)
                <= day
                <= date(form.year, 12, 31) + timedelta(days=14)
            ):
                files.refuse(
                    "invalid",
                    f"{day}不属于{form.year}年",
                    f"{day} is not of {form.year}",
                    field=f"{field}.{position}",
                )
            if field == "workdays" and day.weekday() < 5:
                files.refuse(
                    "invalid", f"{day}不是周末", f"{day} is not on a weekend", field=f"{field}.{position}"
                )
    if both := set(form.holidays) & set(form.workdays):
        files.refuse(
            "invalid", f"既放假又上班：{min(both)}", f"both off and worked: {min(both)}", field="workdays"
        )
    files.check()
    calendar = files.find(CALENDAR, PublishedCalendar) or files.open(PublishedCalendar(id=CALENDAR))
    files.append(
        calendar,
        CalendarPublished(year=form.year, holidays=form.holidays, workdays=form.workdays, source=form.source),
    )
    files.opened = calendar.id


@act("complete-round", Nothing, Round, internal=True)
def complete_round(files: Files, _: Nothing, case: Round) -> None:
    """Asked by each filing's process when the filing is final; only the last one finds nothing left to do."""
    if case.stage == "closed" and files.world.filings(case.id) == (True, False):
        files.append(case, RoundCompleted())


@act("roll-out", Nothing, PublishedCalendar, internal=True)
def roll_out(files: Files, _: Nothing, case: PublishedCalendar) -> None:
    """One chunk of the running deadlines that newer schedules touch; says so when none is left (settling moves them)."""
    years = {year for revision, year in case.changes.items() if revision > case.rolled_out}
    chunk = files.world.outdated(years, case.revision, files.rules.int("batch.max_lines"))
    files.fetch(chunk)
    settle(files, [files.seen[id_] for id_ in chunk])
    if not chunk and case.rolled_out < case.revision:
        files.append(case, CalendarRolledOut(revision=case.revision))

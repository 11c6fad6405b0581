"""10,000 students of one workbook, and 1,000 programmes under another pack: the commands as people give them."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from openpyxl import load_workbook

from bench.ground import Ground, ground
from bench.report import Result, say
from bench.town import Town, college, command, evaluation, major, refs, settle_town, submission
from console.workbook_students import STUDENTS, write_form
from console.workbook_template import FIRST_ROW
from deploy.process import ROOT
from gateway.clock import LegalClock

MAJORS = 50
"""Lines of a filing; 1,000 programmes are twenty colleges' filings."""
AGO = timedelta(days=120)
"""The towns' legal time began so long before the measurement: notices and consents are over."""
STRICTER = """\
- key: study_years.senior-high
  values: [{since: 2022-01-01, value: 5}]
  standing: assumption
  source: {instrument: product, clause: bench}
  says: {zh: 不少于$value学年, en: At least $value academic years}
"""
HEAD = "name: bench/stricter\nextends: guangdong/pilot\ntitle: {zh: 更严, en: Stricter}\n"


def measure(quick: bool) -> Result:
    """On PostgreSQL. Each command is a process of its own: its time begins with the interpreter's."""
    result = Result("years")
    result.limit = "reading the workbook, and sealing each student under a key of its own"
    students, colleges = (200, 2) if quick else (10_000, 20)
    with ground("postgresql") as here:
        town, filings = _programmes(here, colleges)
        say(f"{colleges * MAJORS} programmes")
        cohort = _cohort(town, filings[0], students)
        seconds, peak = _command(here, ["students", "import", str(_list(here, students)), "--by", f"filer@{college(0)}", "--case", cohort])  # fmt: skip
        result.report(f"`huiqian students import` of {students:,} rows", seconds, "s")
        result.report("its peak memory", peak, "MB")
        pack = _pack(here.folder / "stricter")
        seconds, peak = _command(here, ["policy", "preview", str(pack), "--json"])
        result.report(f"`huiqian policy preview` over {colleges * MAJORS:,} programmes, each with a difference", seconds, "s")  # fmt: skip
        result.report("its peak memory", peak, "MB")
    return result


def _programmes(here: Ground, colleges: int) -> tuple[Town, list[str]]:
    """Filings of fifty lines each, from submission to announcement, through the gateway."""
    town = settle_town(here.engine, "bench", colleges=colleges, majors=MAJORS, frozen=True, ago=AGO)
    codes = [major(n) for n in range(MAJORS)]
    filings: list[str] = []
    for n in range(colleges):
        filing = str(town.do(submission(f"p{n}", college(n), town.round, codes))["case"])
        for wish in evaluation(f"p{n}", filing, MAJORS):
            town.do(wish)
        filings.append(filing)
    notice, consent, announce = "notice-officer@tro", "approver@dept", "publisher@dept"
    for days, by, act in (
        (1, notice, "publish-notice"),
        (30, consent, "consent"),
        (31, announce, "announce"),
    ):
        face = town.environment.clock
        then = face.real + timedelta(days=days)
        town.gateway.clock = LegalClock(face, lambda then=then: then)
        for n in range(0, colleges, 10):
            lines = [ref for filing in filings[n : n + 10] for ref in refs(filing, MAJORS)]
            number = {"document_no": f"粤人社函〔2026〕{100 + n}号"} if act == "announce" else {}
            town.do(command(f"{act}-{n}", by, act, lines=lines, **number))
    return town, filings


def _cohort(town: Town, filing: str, students: int) -> str:
    """One cohort with places for all. The plan of its line is corrected first, since a line of a bench has forty."""
    ref, year = f"{filing}/1", 2026
    face = town.environment.clock  # in May: registration is open until the autumn's cut-off
    town.gateway.clock = LegalClock(face, lambda: face.real + timedelta(days=60))
    change = {"line": ref, "field": "plan", "to": students}
    town.do(command("correct", "publisher@dept", "correct", document_no="粤人社函〔2026〕300号", corrects="粤人社函〔2026〕100号", changes=[change]))  # fmt: skip
    filer = f"filer@{college(0)}"
    town.do(command("file", filer, "file-enrolment", programme=ref, year=year, plan=students, fees=[]))
    town.do(command("accept", "approver@dept", "accept-enrolment", programme=ref, year=year))
    opened = town.do(command("open", filer, "open-cohort", programme=ref, year=year, students=students))
    return str(opened["case"])


def _list(here: Ground, students: int) -> Path:
    """The form, filled in with synthetic people."""
    path = here.folder / "students.xlsx"
    write_form(path)
    workbook = load_workbook(path)
    sheet = workbook[STUDENTS.title]
    for n in range(students):
        row = (n + 1, f"学生{n}", citizen(n), None, "高中毕业 senior-high", date(2026, 6, 30))
        for column, value in enumerate(row, 1):
            sheet.cell(FIRST_ROW + n, column, value)
    workbook.save(path)
    return path


def citizen(n: int) -> str:
    """A well-formed number of nobody: born on some day of 2008, its check digit by GB 11643."""
    born = date(2008, 1, 1) + timedelta(days=n // 900)
    body = f"441900{born:%Y%m%d}{n % 900 + 100:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def _pack(folder: Path) -> Path:
    folder.mkdir()
    (folder / "pack.yaml").write_text(HEAD)
    (folder / "rules.yaml").write_text(STRICTER)
    return folder


def _command(here: Ground, arguments: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak memory in MB of one command. Raises CalledProcessError when it fails."""
    env = {**os.environ, "HUIQIAN_DATABASE_URL": here.url, "HUIQIAN_FILES": str(here.folder / "files")}
    given = [sys.executable, "-c", "import cli; cli.main()", *arguments]
    log = here.folder / "command.log"
    begun = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(given, cwd=ROOT, env=env, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, given, log.read_text()[-2000:])
    return time.perf_counter() - begun, used.ru_maxrss / 1024

"""Every page at both widths: no accessibility violation, nothing too wide, nothing asked of anybody else."""

import pytest

from tests.browser.conftest import SIZES, Town

OFFICERS = (
    ("clerk@gz", "submitted", ("accept", "decline", "ask-supplement")),
    ("organiser@tro", "accepted", ("form-panel",)),
    ("filer@dg", "draft", ("save-draft", "submit-filing", "withdraw")),
    ("expert:zhao", "scored", ("score", "disclose-tie", "conclude")),
    ("notice-officer@tro", "objection", ("decide-objection",)),
)


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_the_public(town: Town, size: str) -> None:
    c, someone = town.web.cases, town.person(None, size)
    for path, name in (
        ("/", "home"), ("/login", "login"), ("/public/notices", "notices"), (f"/public/{c['notice']}", "notice"),
        (f"/public/object/{c['notice']}", "objection-form"), (f"/public/status?receipt={c['objection']}", "status"),
        ("/public/announcements", "announcements"), ("/public/check", "check"), ("/law", "law"), ("/help", "help"),
    ):  # fmt: skip
        someone.see(path, f"public-{name}")
    assert {url for url in someone.asked if not url.startswith(town.url)} == set()
    assert someone.errors == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("who", "case", "acts"), OFFICERS, ids=[o[0] for o in OFFICERS])
def test_pages_of_officers(town: Town, size: str, who: str, case: str, acts: tuple[str, ...]) -> None:
    c, someone = town.web.cases, town.person(who, size)
    name = who.replace("@", "-").replace(":", "-")
    someone.look(f"{name}-docket")
    someone.see(f"/cases/{c[case]}", f"{name}-case")
    for act in acts:
        someone.see(f"/do/{act}?case={c[case]}", f"{name}-do-{act}")
    someone.see("/rounds", f"{name}-rounds")
    someone.see(f"/rounds/{c['round']}", f"{name}-board")
    someone.see(f"/cases/{c['round']}", f"{name}-round")
    someone.see("/search?q=DEMO-0209", f"{name}-search")
    if not who.startswith("expert"):
        someone.see("/files", f"{name}-files")
        someone.see("/register", f"{name}-register")
    assert [url for url in someone.asked if not url.startswith(town.url)] == []
    assert someone.errors == []


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_the_department(town: Town, size: str) -> None:
    c, someone = town.web.cases, town.person("catalog-officer@dept", size)
    someone.look("dept-docket")
    for act in ("issue-call", "publish-calendar", "report-violation"):
        someone.see(f"/do/{act}", f"dept-do-{act}")
    someone.see(f"/replay/{c['passed']}?at=3", "dept-replay")
    someone.see("/cases/college/dg", "dept-college")
    filer = town.person("filer@dg", size)
    filer.see(f"/rounds/{c['round']}/import", "filer-import")
    filer.see(f"/do/submit-filing?case={c['round']}", "filer-new")
    ops = town.person("ops@dept", size)
    town.web.office.appoint("auditor@dept")
    auditor = town.person("auditor@dept", size)
    auditor.see("/audit", "audit-hub")
    auditor.see("/audit/readings", "audit-readings")
    auditor.see(f"/audit/cases/{c['passed']}", "audit-story")
    auditor.see(f"/personal/{c['objection']}", "audit-personal")
    for page in ("statistics", "rehearsals"):
        ops.see(f"/ops/{page}", f"ops-{page}")
    ops.see("/law/packs", "ops-packs")
    ops.see("/logins", "ops-logins")
    ops.see("/ops", "ops-board")
    ops.see("/password", "ops-password")
    ops.see("/nothing", "ops-not-found") if size == "phone" else None
    english = town.person("clerk@gz", size, "en-GB")
    english.see(f"/cases/{c['submitted']}", "english-case")
    english.see(f"/do/decline?case={c['submitted']}", "english-decline")

"""The calendar of the round: every step waits for its hour on the legal clock, and none is skipped."""

from collections.abc import Awaitable, Callable
from functools import partial

from console.workbook import Reading
from demo import cast
from demo.deciding import Deciding
from demo.desk import Desk
from demo.filing import Filing
from domain.moments import instant

Step = Callable[[], Awaitable[None]]
PARTS = (
    ("2026-01-05 08:00", "一、年度申报通知", "the yearly call"),
    ("2026-01-06 08:00", "二、申报与受理", "filing and acceptance"),
    ("2026-01-14 09:00", "三、评估论证", "evaluation by panels"),
    ("2026-02-11 08:00", "四、公示", "public notice"),
    ("2026-02-26 08:00", "五、省厅审定", "the department decides"),
    ("2026-03-02 08:00", "六、公布与更正", "announcement and correction"),
)


class Play:
    """The round from the call to the last document."""

    def __init__(self, desk: Desk, forms: dict[str, Reading]) -> None:
        self.desk = desk
        self.latest = 0.0
        """Hours of legal time by which the latest step came after its own."""
        self.filing, self.deciding = Filing(desk, forms), Deciding(desk)

    async def play(self) -> None:
        """Play the whole round."""
        await self.filing.enter_register()
        for hour, step in agenda(self.desk, self.filing, self.deciding):
            at = instant(hour)
            await self.desk.stage.until(at)
            self.latest = max(self.latest, (self.desk.stage.now() - at).total_seconds() / 3600)
            await step()


def agenda(desk: Desk, filing: Filing, deciding: Deciding) -> list[tuple[str, Step]]:
    """All steps by their hour."""
    steps: list[tuple[str, Step]] = [
        ("2026-01-05 09:00", filing.issue_call),
        (cast.ROUTED_AT, filing.route),
        (cast.ASKED, filing.ask_supplement),
        (cast.SUPPLIED, filing.supply),
        (cast.RECUSED_AT, filing.form_barred_panel),
        (cast.VISITED_AT, filing.visit),
        (cast.NOTICE_AT, deciding.publish_notice),
        ("2026-02-12 10:00", deciding.object),
        ("2026-02-13 15:00", deciding.consent_too_early),
        ("2026-02-15 00:00", deciding.holiday),
        ("2026-02-26 10:00", deciding.consent),
        ("2026-02-26 11:00", deciding.refuse),
        ("2026-03-02 10:00", deciding.announce),
        ("2026-03-03 10:00", deciding.dismiss),
        ("2026-03-05 10:00", deciding.consent_to_rest),
        ("2026-03-06 10:00", deciding.announce_rest),
        ("2026-03-10 10:00", deciding.correct),
    ]
    for hour, zh, en in PARTS:
        steps.append((hour, partial(_heading, desk, zh, en)))
    for college, dates in cast.DATES.items():
        steps.append((dates.filed, partial(filing.file, college)))
        if dates.accepted:
            steps.append((dates.accepted, partial(filing.accept, college)))
        steps.append((dates.panel, partial(filing.form_panel, college)))
        steps.append((dates.scored, partial(filing.score, college)))
        steps.append((dates.concluded, partial(filing.conclude, college)))
    return sorted(steps, key=lambda entry: entry[0])


async def _heading(desk: Desk, zh: str, en: str) -> None:
    desk.narrator.heading(zh, en)

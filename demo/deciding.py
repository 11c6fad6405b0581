"""The second half of the round: public notice, objection, consent, announcement, correction."""

from demo import cast
from demo.desk import Desk

OBJECTOR = {
    "kind": "person",
    "name": "示例异议人",
    "id_no": "440106197810014568",
    "phone": "020-00000000",
    "email": "objector@objector.example",
}
"""Nobody: the number has a right check digit and no person."""


class Deciding:
    """What the teaching-research office, the department and the public do."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.notice = ""
        self.objection = ""
        self.announcement = ""

    async def publish_notice(self) -> None:
        """Everything that passed, in one notice."""
        by = "notice-officer@tro"
        answer = await self.desk.do(by, "publish-notice", with_={"lines": "all"})
        self.notice = str(answer["case"])
        view = await self.desk.view(self.notice)
        zh = f"公示 {len(view['lines'])} 条专业线，首日计入，至 {view['ends']} 24:00"
        self.desk.tell(answer, by, zh, f"one notice, until {view['ends'][5:]}")

    async def object(self) -> None:
        """One objection holds one line."""
        college, line = cast.OBJECTED
        objection = {
            "line": self.desk.ref(college, line),
            "via": "email",
            "received": "2026-02-12 09:30",
            "who": OBJECTOR,
            "statement": "该专业招生计划与校内实训工位不符。",
        }
        answer = await self.desk.do("public", "object", with_=objection)
        self.objection = str(answer["case"])
        due = (await self.desk.view(self.objection))["deadlines"]["objection"]["date"][5:]
        name = self.desk.register.name(college)
        zh = f"对{name}第 {line} 条提出异议 → 只暂停该条，{due} 前核实"
        self.desk.tell(answer, "public", zh, f"holds that line only, to be verified by {due}")

    async def consent_too_early(self) -> None:
        """Before the notice is over there is nothing to consent to."""
        by, refs = "approver@dept", await self.desk.refs("in-notice")
        answer = await self.desk.do(by, "consent", with_={"lines": refs}, refused="notice-open")
        self.desk.tell_refused(answer, by, f"同意 {len(refs)} 条")

    async def holiday(self) -> None:
        """The days on which the notice's clock does not count."""
        self.desk.narrator.say(
            f"{'':15}02-15 至 02-23 春节放假，公示期不计；02-14（周六）调休上班，计入 · Spring Festival: not counted"
        )

    async def consent(self) -> None:
        """All clean lines but one, in one act: one transaction over the streams of all their filings."""
        refused = self.desk.ref(*cast.REFUSED)
        by, refs = "approver@dept", [ref for ref in await self.desk.awaited("noticed") if ref != refused]
        answer = await self.desk.do(by, "consent", with_={"lines": refs})
        filings = len({ref.rpartition("/")[0] for ref in refs})
        zh = f"一次同意 {len(refs)} 条（{filings} 份申报），或全部生效或全不生效"
        self.desk.tell(answer, by, zh, "one batch, all or none")

    async def refuse(self) -> None:
        """One line is refused, with reasons."""
        by, (college, line) = "approver@dept", cast.REFUSED
        reasons = "校内实训条件与该校同年申报的其他专业重复计算，不能同时满足两个专业的培养需要"
        refusal = {"lines": [self.desk.ref(college, line)], "reasons": reasons}
        answer = await self.desk.do(by, "refuse", with_=refusal)
        view = await self.desk.view(self.desk.filings[college])
        until = next(d["date"] for name, d in view["deadlines"].items() if name.startswith("reconsideration"))
        zh = f"不予同意{self.desk.register.name(college)}第 {line} 条，复议期限至 {until}"
        self.desk.tell(answer, by, zh, f"refuses one line, reconsideration until {until[5:]}")

    async def announce(self) -> None:
        """The list, under its number; the held line does not keep the others waiting."""
        self.announcement = await self._announce_under(cast.LIST)

    async def dismiss(self) -> None:
        """The objection is not borne out."""
        by = "notice-officer@tro"
        decision = {"outcome": "dismissed", "finding": "经现场核对，实训工位数与申报一致，异议不成立。"}
        answer = await self.desk.do(by, "decide-objection", self.objection, decision)
        self.desk.tell(answer, by, "异议不成立，该条恢复办理", "dismissed, the line goes on")

    async def consent_to_rest(self) -> None:
        """The line that was held."""
        by, refs = "approver@dept", await self.desk.awaited("noticed")
        answer = await self.desk.do(by, "consent", with_={"lines": refs})
        self.desk.tell(answer, by, f"同意 {len(refs)} 条", "consents to the line that was held")

    async def announce_rest(self) -> None:
        """A second list."""
        await self._announce_under(cast.SECOND_LIST)

    async def correct(self) -> None:
        """A second document sets the first right; the first stays as it is."""
        by = "publisher@dept"
        college, line, field, to = cast.CORRECTED
        change = {"line": self.desk.ref(college, line), "field": field, "to": to}
        correction = {"document_no": cast.CORRECTION, "corrects": cast.LIST, "changes": [change]}
        answer = await self.desk.do(by, "correct", with_=correction)
        zh = f"{cast.CORRECTION} 更正 {cast.LIST}：{self.desk.register.name(college)}第 {line} 条招生计划改为 {to}"
        self.desk.tell(answer, by, zh, "a correction; the first text stays")

    async def _announce_under(self, number: str) -> str:
        by, refs = "publisher@dept", await self.desk.awaited("consented")
        answer = await self.desk.do(by, "announce", with_={"document_no": number, "lines": refs})
        self.desk.tell(
            answer, by, f"{number} 公布 {len(refs)} 条", f"announces {len(refs)}, programmes opened"
        )
        return str(answer["case"])

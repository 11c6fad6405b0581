"""The acts of the round, in the order of the calendar. Each waits for its hour on the legal clock; none is skipped."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from console.workbook import read_workbook
from demo import cast
from demo.narrator import Narrator
from demo.stage import Stage
from domain.actors import parse_actor
from domain.files import Command
from domain.moments import instant
from gateway.gateway import Answer
from gateway.views import show

UNITS = {"dept": "省厅", "tro": "省教研室", "gz": "广州市人社局", "sz": "深圳市人社局"}
OBJECTOR = {
    "kind": "person",
    "name": "示例异议人",
    "id_no": "440106197810014568",
    "phone": "020-00000000",
    "email": "objector@objector.example",
}
Step = Callable[[], Awaitable[None]]


class Unexpected(Exception):
    """The engine answered an act otherwise than the round needs; going on would only repeat it."""


class Play:
    """The round: who acts, on what, when, and what came of it."""

    def __init__(self, stage: Stage, narrator: Narrator, register: cast.Register) -> None:
        self.stage, self.narrator, self.register = stage, narrator, register
        self.round = ""
        self.filings: dict[str, str] = {}
        """College to the id of its filing."""
        self.objection = ""
        self.late_hours = 0.0
        """By how much the step that was latest came after its hour."""
        self._acts = 0

    def name(self, stream: str) -> str:
        """Whose case a stream is, for people."""
        college = next((c for c, filing in self.filings.items() if filing == stream), None)
        if college:
            return self.register.name(college)
        return {"notice": "省教研室", "round": "年度申报", "approval": "省教研室"}.get(
            stream.partition("-")[0], "省厅"
        )

    async def play(self) -> None:
        """Play the whole round."""
        await self._enter_register()
        for at, step in self._agenda():
            await self.stage.until(at := instant(at))
            self.late_hours = max(self.late_hours, (self.stage.now() - at).total_seconds() / 3600)
            await step()

    def _agenda(self) -> list[tuple[str, Step]]:
        agenda: list[tuple[str, Step]] = [
            ("2026-01-05 09:00", self._issue_call),
            (cast.ASKED, self._ask_supplement),
            (cast.SUPPLIED, self._supply),
            (cast.ROUTED_AT, self._route),
            (cast.RECUSED_AT, self._form_barred_panel),
            (cast.VISITED_AT, self._visit),
            (cast.NOTICE_AT, self._publish_notice),
            ("2026-02-12 10:00", self._object),
            ("2026-02-13 15:00", self._consent_too_early),
            ("2026-02-15 00:00", self._holiday),
            ("2026-02-26 10:00", self._consent),
            ("2026-02-26 11:00", self._refuse),
            ("2026-03-02 10:00", self._announce),
            ("2026-03-03 10:00", self._dismiss),
            ("2026-03-05 10:00", partial(self._consent_to, [cast.OBJECTED])),
            ("2026-03-06 10:00", self._announce_rest),
            ("2026-03-10 10:00", self._correct),
        ]
        for at, zh, en in (
            ("2026-01-05 08:00", "年度申报通知", "The yearly call"),
            ("2026-01-07 08:00", "申报与受理", "Filing and acceptance"),
            ("2026-01-15 09:00", "评估论证", "Evaluation by panels"),
            ("2026-02-11 08:00", "公示", "Public notice"),
            ("2026-02-25 08:00", "省厅审定", "The department decides"),
            ("2026-03-02 08:00", "公布与更正", "Announcement and correction"),
        ):
            agenda.append((at, partial(self._heading, zh, en)))
        for college, dates in cast.DATES.items():
            agenda.append((dates.filed, partial(self._file, college)))
            if dates.accepted:
                agenda.append((dates.accepted, partial(self._accept, college)))
            agenda.append((dates.panel, partial(self._form_panel, college)))
            agenda.append((dates.scored, partial(self._score, college)))
            agenda.append((dates.concluded, partial(self._conclude, college)))
        return sorted(agenda, key=lambda entry: entry[0])

    # The one way to act -------------------------------------------------------------------------------------------------

    async def _do(
        self, by: str, act: str, case: str | None = None, with_: dict[str, Any] | None = None, refused: str = ""
    ) -> Answer:
        """An act through the gateway; Unexpected when it is refused, or accepted where `refused` was expected."""
        self._acts += 1
        command = Command(
            id=f"demo-{self._acts:03}", act=act, by=parse_actor(by), case=case, with_=with_ or {}
        )
        answer = await asyncio.to_thread(self.stage.gateway.act, command)
        if (answer.get("code") or "") != refused:
            why = "; ".join(f"{r['zh']} / {r['en']}" for r in answer.get("reasons", []))
            raise Unexpected(
                f"{by} {act} {case or ''}: {answer.get('code', 'accepted')}，应为 {refused or 'accepted'} {why}"
            )
        return answer

    async def _view(self, case: str) -> dict[str, Any]:
        return await asyncio.to_thread(show, self.stage.gateway.engine, case)

    def _tell(self, answer: Answer, by: str, zh: str, en: str) -> None:
        actor = parse_actor(by)
        names = {**UNITS, "experts": "评估论证组", "public": "社会公众"}
        who = names.get(actor.agency) or self.register.name(actor.agency)
        self.narrator.line(instant(answer["at"]), f"{who} {actor}", zh, en)

    def _tell_refused(self, answer: Answer, by: str, zh: str) -> None:
        reason = answer["reasons"][0]
        actor = parse_actor(by)
        self.narrator.line(
            instant(answer["at"]),
            f"{UNITS[actor.agency]} {actor}",
            f"{zh} → 被拒绝：{reason['zh']}（{answer['clause']}）",
            f"refused, {answer['code']}: {reason['en']}",
            style="red",
        )

    async def _heading(self, zh: str, en: str) -> None:
        self.narrator.heading(zh, en)

    # Register and call --------------------------------------------------------------------------------------------------

    async def _enter_register(self) -> None:
        offices = [*cast.OFFICES, *(f"filer@{college}" for college in self.register.colleges)]
        await self._appoint("approver@dept")
        for college in self.register.colleges.values():
            await self._do("approver@dept", "register-college", with_=college)
        for expert in self.register.experts.values():
            await self._do("approver@dept", "register-expert", with_=expert)
        for office in offices[1:]:
            await self._appoint(office)
        colleges, experts = len(self.register.colleges), len(self.register.experts)
        self.narrator.say(
            f"院校 {colleges} 所、专家 {experts} 名入库，任命经办人 {len(offices)} 名 · "
            f"{colleges} colleges, {experts} experts, {len(offices)} officers on the register",
        )

    async def _appoint(self, office: str) -> None:
        actor = parse_actor(office)
        appointed = {"agency": actor.agency, "role": actor.role, "person": actor.person}
        await self._do("ops@dept", "appoint", with_=appointed)

    async def _issue_call(self) -> None:
        by, majors = "catalog-officer@dept", cast.majors()
        window = {"opens": cast.OPENS, "closes": cast.CLOSES}
        call = {"year": cast.YEAR, "document_no": cast.CALL, "window": window, "majors": majors}
        answer = await self._do(by, "issue-call", with_=call)
        self.round = str(answer["case"])
        self._tell(answer, by, f"{cast.CALL}，目录 {len(majors)} 个专业，窗口 01-07 至 01-16", "issues the yearly call")

    # Filing and acceptance ----------------------------------------------------------------------------------------------

    async def _file(self, college: str) -> None:
        by = f"filer@{college}"
        if college == cast.SILENT:
            wrong = await asyncio.to_thread(read_workbook, cast.HERE / "wrong-example.xlsx")
            first = wrong.problems[0]
            self.narrator.say(
                f"{'':15}{self.register.name(college)} wrong-example.xlsx：表格有 {len(wrong.problems)} 处须改，如"
                f"“{first.sheet}”第 {first.row} 行 {first.column} 列：{first.why_zh} · the form says where it is wrong"
            )
        reading = await asyncio.to_thread(read_workbook, cast.HERE / f"{college}.xlsx")
        if reading.problems:
            raise Unexpected(f"{college}.xlsx: {reading.problems[0]}")
        filing = {key: value for key, value in reading.with_.items() if key != "materials"}
        answer = await self._do(by, "submit-filing", with_={"round": self.round, **filing})
        self.filings[college] = str(answer["case"])
        view = await self._view(self.filings[college])
        count = len(view["lines"])
        if view["route"] is None:
            zh, en = "文件未列明受理单位，待省厅指定", "nobody is named to receive it: a person must say"
        else:
            due = view["deadlines"]["completeness"]["date"][5:]
            zh, en = f"{UNITS[view['route']]}受理，{due} 前答复", f"to {view['route']}, answer due {due}"
        self._tell(answer, by, f"提交 {college}.xlsx，{count} 条专业线 → {zh}", f"files {count}; {en}")

    async def _route(self) -> None:
        by, case = "approver@dept", self.filings[cast.ROUTED]
        reason = "该校系民办院校，文件未列明受理单位；校址在广州市，比照广州市属院校报送"
        answer = await self._do(by, "route", case, {"to": cast.ROUTED_TO, "reason": reason})
        name, unit = self.register.name(cast.ROUTED), UNITS[cast.ROUTED_TO]
        self._tell(answer, by, f"指定{name}由{unit}受理：{reason}", "routes it by hand, with the reason")

    async def _accept(self, college: str) -> None:
        view = await self._view(self.filings[college])
        by = f"clerk@{view['route']}"
        answer = await self._do(by, "accept", self.filings[college])
        view = await self._view(self.filings[college])
        due = view["deadlines"]["decision"]["date"][5:]
        self._tell(answer, by, f"受理{self.register.name(college)}，承诺 {due} 前决定", f"accepts, decision by {due}")

    async def _ask_supplement(self) -> None:
        by, case = "clerk@tro", self.filings[cast.SUPPLEMENTED]
        items = ["校企合作协议缺甲方盖章页", "考核评价方案缺高职毕业生生源部分"]
        answer = await self._do(by, "ask-supplement", case, {"items": items})
        due = (await self._view(case))["deadlines"]["supplement"]["date"][5:]
        name = self.register.name(cast.SUPPLEMENTED)
        self._tell(answer, by, f"一次性告知{name}补正 {len(items)} 项，{due} 前", f"asks once for what is missing, by {due}")

    async def _supply(self) -> None:
        by = f"filer@{cast.SUPPLEMENTED}"
        items = ["校企合作协议盖章页（已补）", "考核评价方案（已补高职毕业生生源部分）"]
        answer = await self._do(by, "supply", self.filings[cast.SUPPLEMENTED], {"items": items})
        self._tell(answer, by, f"补正 {len(items)} 项，受理期限重新起算", "supplies it; the period starts anew")

    # Evaluation ---------------------------------------------------------------------------------------------------------

    async def _form_barred_panel(self) -> None:
        experts = [cast.BARRED, *cast.panel(self.register, cast.RECUSED)[1:]]
        case = self.filings[cast.RECUSED]
        by = f"organiser@{(await self._view(case))['route']}"
        panel = {"experts": experts, "chair": experts[1]}
        answer = await self._do(by, "form-panel", case, panel, refused="recused")
        self._tell_refused(answer, by, f"为{self.register.name(cast.RECUSED)}组建评估论证组")

    async def _form_panel(self, college: str) -> None:
        experts = cast.panel(self.register, college)
        by = f"organiser@{(await self._view(self.filings[college]))['route']}"
        panel = {"experts": experts, "chair": experts[0]}
        answer = await self._do(by, "form-panel", self.filings[college], panel)
        zh = f"为{self.register.name(college)}组建 {len(experts)} 人评估论证组，组长 {experts[0]}"
        self._tell(answer, by, zh, f"panel: {', '.join(experts)}")

    async def _score(self, college: str) -> None:
        experts, answer = cast.panel(self.register, college), None
        for line in cast.lines(college):
            for seat, expert in enumerate(experts):
                marks = {"line": line, "marks": {"overall": cast.mark(college, line, seat)}}
                answer = await self._do(f"expert:{expert}", "score", self.filings[college], marks)
        assert answer is not None
        zh = f"5 名专家逐条评分：{self.register.name(college)} {len(cast.lines(college))} 条"
        self.narrator.line(
            instant(answer["at"]),
            f"评估论证组 expert:{experts[0]} 等",
            zh,
            f"every expert marks every line ({len(cast.lines(college)) * len(experts)} acts)",
        )

    async def _visit(self) -> None:
        by, case = "organiser@tro", self.filings[cast.VISITED]
        visit = {
            "date": cast.VISITED_AT[:10],
            "visitors": ["示例考查员甲", "示例考查员乙"],
            "places": ["新能源汽车实训中心", "示例铸造公司"],
            "finding": "数控加工、工业机器人实训条件与申报一致；新能源汽车专业实训工位不足申报数的一半。",
        }
        answer = await self._do(by, "visit", case, visit)
        self._tell(answer, by, f"登记对{self.register.name(cast.VISITED)}的实地考查（2 人 2 处）", "a site visit")

    async def _conclude(self, college: str) -> None:
        experts = cast.panel(self.register, college)
        results, reasons, told = dict[str, str](), dict[str, str](), list[str]()
        for line in cast.lines(college):
            average = sum(cast.mark(college, line, seat) for seat in range(len(experts))) / len(experts)
            failed = cast.outcome(college, line) == "failed"
            results[line] = "failed" if failed else "passed"
            told.append(f"{line} {'未通过' if failed else '通过'} {average:.1f}")
            if failed:
                reasons[line] = "平均分未达通过线；实训工位不足申报数的一半，企业导师未落实。"
        by = f"expert:{experts[0]}"
        answer = await self._do(by, "conclude", self.filings[college], {"results": results, "reasons": reasons})
        failing = f", {len(reasons)} failed" if reasons else ""
        passing = f"{len(results) - len(reasons)} passed{failing}"
        self._tell(answer, by, f"签署{self.register.name(college)}结论：{'，'.join(told)}", passing)

    # Notice, consent, announcement: see round.py's second half ------------------------------------------------------------

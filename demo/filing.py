"""The first half of the round: register, call, filings, acceptance, evaluation."""

from console.workbook import Reading, read_workbook
from demo import cast
from demo.desk import UNITS, Desk, Unexpected
from domain.actors import parse_actor
from domain.moments import instant

WRONG = "wrong-example"


def read_forms() -> dict[str, Reading]:
    """What the workbooks say, read before the legal clock starts: reading one takes hours of its time."""
    return {form: read_workbook(cast.HERE / f"{form}.xlsx") for form in (*cast.DATES, WRONG)}


class Filing:
    """What colleges, clerks, organisers and experts do."""

    def __init__(self, desk: Desk, forms: dict[str, Reading]) -> None:
        self.desk, self._forms = desk, forms

    # Register and call --------------------------------------------------------------------------------------------------

    async def enter_register(self) -> None:
        """Colleges, experts and officers, each by an act."""
        offices = [*cast.OFFICES, *(f"filer@{college}" for college in self.desk.register.colleges)]
        await self.appoint("approver@dept")
        for college in self.desk.register.colleges.values():
            await self.desk.do("approver@dept", "register-college", with_=college)
        for expert in self.desk.register.experts.values():
            await self.desk.do("approver@dept", "register-expert", with_=expert)
        for office in offices[1:]:
            await self.appoint(office)
        colleges, experts = len(self.desk.register.colleges), len(self.desk.register.experts)
        self.desk.narrator.say(
            f"院校 {colleges} 所、专家 {experts} 名入库，任命经办人 {len(offices)} 名 · "
            f"{colleges} colleges, {experts} experts, {len(offices)} officers on the register",
        )

    async def appoint(self, office: str) -> None:
        """An account gets a role at an agency."""
        actor = parse_actor(office)
        appointed = {"agency": actor.agency, "role": actor.role, "person": actor.person}
        await self.desk.do("ops@dept", "appoint", with_=appointed)

    async def issue_call(self) -> None:
        """The yearly call with its catalog and window."""
        by, majors = "catalog-officer@dept", cast.majors()
        window = {"opens": cast.OPENS, "closes": cast.CLOSES}
        call = {"year": cast.YEAR, "document_no": cast.CALL, "window": window, "majors": majors}
        answer = await self.desk.do(by, "issue-call", with_=call)
        self.desk.round = str(answer["case"])
        self.desk.tell(
            answer,
            by,
            f"{cast.CALL}，目录 {len(majors)} 个专业，窗口 {cast.OPENS[5:10]} 至 {cast.CLOSES[5:10]}",
            "issues the yearly call",
        )

    # Filing and acceptance ----------------------------------------------------------------------------------------------

    async def file(self, college: str) -> None:
        """A college files what its workbook says; one sends a wrong workbook first."""
        by = f"filer@{college}"
        if college == cast.SILENT:
            wrong = self._forms[WRONG]
            first = wrong.problems[0]
            self.desk.narrator.say(
                f"{'':15}{self.desk.register.name(college)} {WRONG}.xlsx：表格有 {len(wrong.problems)} 处须改，如"
                f"“{first.sheet}”第 {first.row} 行 {first.column} 列：{first.why_zh} · the form says where it is wrong"
            )
        reading = self._forms[college]
        if reading.problems:
            raise Unexpected(f"{college}.xlsx: {reading.problems[0]}")
        answer = await self.desk.do(by, "submit-filing", with_={"round": self.desk.round, **reading.with_})
        self.desk.filings[college] = str(answer["case"])
        view = await self.desk.view(self.desk.filings[college])
        count = len(view["lines"])
        if view["route"] is None:
            zh, en = "文件未列明受理单位，待省厅指定", "nobody is named to receive it: a person must say"
        else:
            due = view["deadlines"]["completeness"]["date"][5:]
            zh, en = f"{UNITS[view['route']]}受理，{due} 前答复", f"to {view['route']}, answer due {due}"
        self.desk.tell(answer, by, f"提交 {college}.xlsx，{count} 条专业线 → {zh}", f"files {count}; {en}")

    async def route(self) -> None:
        """What the text leaves open, a person decides, with a reason."""
        by, case = "approver@dept", self.desk.filings[cast.ROUTED]
        reason = "该校系民办院校，文件未列明受理单位；校址在广州市，比照广州市属院校报送"
        answer = await self.desk.do(by, "route", case, {"to": cast.ROUTED_TO, "reason": reason})
        name, unit = self.desk.register.name(cast.ROUTED), UNITS[cast.ROUTED_TO]
        self.desk.tell(answer, by, f"指定{name}由{unit}受理：{reason}", "routes it by hand, with the reason")

    async def accept(self, college: str) -> None:
        """The receiving unit's clerk finds the filing complete."""
        view = await self.desk.view(self.desk.filings[college])
        by = f"clerk@{view['route']}"
        answer = await self.desk.do(by, "accept", self.desk.filings[college])
        view = await self.desk.view(self.desk.filings[college])
        due = view["deadlines"]["decision"]["date"][5:]
        self.desk.tell(
            answer,
            by,
            f"受理{self.desk.register.name(college)}，承诺 {due} 前决定",
            f"accepts, decision by {due}",
        )

    async def ask_supplement(self) -> None:
        """Once, everything together."""
        by, case = "clerk@tro", self.desk.filings[cast.SUPPLEMENTED]
        items = ["校企合作协议缺甲方盖章页", "考核评价方案缺高职毕业生生源部分"]
        answer = await self.desk.do(by, "ask-supplement", case, {"items": items})
        due = (await self.desk.view(case))["deadlines"]["supplement"]["date"][5:]
        name = self.desk.register.name(cast.SUPPLEMENTED)
        self.desk.tell(
            answer,
            by,
            f"一次性告知{name}补正 {len(items)} 项，{due} 前",
            f"asks once for what is missing, by {due}",
        )

    async def supply(self) -> None:
        """The college answers in time."""
        by = f"filer@{cast.SUPPLEMENTED}"
        items = ["校企合作协议盖章页（已补）", "考核评价方案（已补高职毕业生生源部分）"]
        answer = await self.desk.do(by, "supply", self.desk.filings[cast.SUPPLEMENTED], {"items": items})
        self.desk.tell(
            answer, by, f"补正 {len(items)} 项，受理期限重新起算", "supplies it; the period starts anew"
        )

    # Evaluation ---------------------------------------------------------------------------------------------------------

    async def form_barred_panel(self) -> None:
        """An expert who left the college too recently may not judge it."""
        experts = [cast.BARRED, *cast.panel(self.desk.register, cast.RECUSED)[1:]]
        case = self.desk.filings[cast.RECUSED]
        by = f"organiser@{(await self.desk.view(case))['route']}"
        panel = {"experts": experts, "chair": experts[1]}
        answer = await self.desk.do(by, "form-panel", case, panel, refused="recused")
        self.desk.tell_refused(answer, by, f"为{self.desk.register.name(cast.RECUSED)}组建评估论证组")

    async def form_panel(self, college: str) -> None:
        """Five experts of both sides."""
        experts = cast.panel(self.desk.register, college)
        by = f"organiser@{(await self.desk.view(self.desk.filings[college]))['route']}"
        panel = {"experts": experts, "chair": experts[0]}
        answer = await self.desk.do(by, "form-panel", self.desk.filings[college], panel)
        zh = f"为{self.desk.register.name(college)}组建 {len(experts)} 人评估论证组，组长 {experts[0]}"
        self.desk.tell(answer, by, zh, f"panel: {', '.join(experts)}")

    async def score(self, college: str) -> None:
        """Each expert marks each line: an act each, told as one line."""
        experts, answer = cast.panel(self.desk.register, college), None
        for line in cast.lines(college):
            for seat, expert in enumerate(experts):
                marks = {"line": line, "marks": {"overall": cast.mark(college, line, seat)}}
                answer = await self.desk.do(f"expert:{expert}", "score", self.desk.filings[college], marks)
        assert answer is not None
        zh = (
            f"{len(experts)} 名专家逐条评分：{self.desk.register.name(college)} {len(cast.lines(college))} 条"
        )
        self.desk.narrator.line(
            instant(answer["at"]),
            f"评估论证组 expert:{experts[0]} 等",
            zh,
            f"every expert marks every line ({len(cast.lines(college)) * len(experts)} acts)",
        )

    async def visit(self) -> None:
        """The panel goes to see."""
        by, case = "organiser@tro", self.desk.filings[cast.VISITED]
        visit = {
            "date": cast.VISITED_AT[:10],
            "visitors": ["示例考查员甲", "示例考查员乙"],
            "places": ["新能源汽车实训中心", "示例铸造公司"],
            "finding": "数控加工、工业机器人实训条件与申报一致；新能源汽车专业实训工位不足申报数的一半。",
        }
        answer = await self.desk.do(by, "visit", case, visit)
        self.desk.tell(
            answer,
            by,
            f"登记对{self.desk.register.name(cast.VISITED)}的实地考查（2 人 2 处）",
            "a site visit",
        )

    async def conclude(self, college: str) -> None:
        """The chair signs a result for each line."""
        experts = cast.panel(self.desk.register, college)
        results, reasons, told = dict[str, str](), dict[str, str](), list[str]()
        for line in cast.lines(college):
            average = sum(cast.mark(college, line, seat) for seat in range(len(experts))) / len(experts)
            failed = cast.outcome(college, line) == "failed"
            results[line] = "failed" if failed else "passed"
            told.append(f"{line} {'未通过' if failed else '通过'} {average:.1f}")
            if failed:
                reasons[line] = "平均分未达通过线；实训工位不足申报数的一半，企业导师未落实。"
        by = f"expert:{experts[0]}"
        answer = await self.desk.do(
            by, "conclude", self.desk.filings[college], {"results": results, "reasons": reasons}
        )
        failing = f", {len(reasons)} failed" if reasons else ""
        passing = f"{len(results) - len(reasons)} passed{failing}"
        self.desk.tell(answer, by, f"签署{self.desk.register.name(college)}结论：{'，'.join(told)}", passing)

"""Chinese for the published words (FORMAT.md). The English is the word itself, so every screen can show both."""

import re

from console import student_words
from domain.moments import instant, spoken_end
from domain.vocabulary import KINDS as KINDS
from domain.vocabulary import LINE_STATES as LINE_STATES
from domain.vocabulary import ROLES as ROLES
from domain.vocabulary import STAGES as STAGES

PLACES = {
    "receiving-unit": "本案受理单位", "awaited": "本案现由其办理的单位", "applicant": "申报院校", "own-college": "本院校", "panel": "本组专家",
    "chair": "本组组长", "anywhere": "不限",
}  # fmt: skip
AGENCIES = {
    "dept": "省厅",
    "tro": "省教研室",
    "gz": "广州市局",
    "sz": "深圳市局",
    "experts": "专家",
    "public": "公众",
}
DEADLINES = {
    "reserve": "候补名单有效期", "draw": "抽签",
    "completeness": "受理期限", "supplement": "补正期限", "decision": "办理承诺期限", "notice": "公示期",
    "postal-grace": "候邮期", "objection": "异议核实期限", "hearing-request": "听证申请期限", "hearing": "听证最早日",
    "sanction-decision": "处理期限", "reconsideration": "复议申请期限", "review": "复查", "publication": "公布期限",
    "opens": "申报开始", "closes": "申报截止", "enrolment": "招生报备有效期", "suspension-begins": "停止试点起",
    "suspension-ends": "停止试点止", "nudge": "此前不再催办", "agreement": "校企协议",
}  # fmt: skip
CARDS = {"warning": "预警", "yellow": "黄牌", "red": "红牌"}
LETTERS = {"due": "待发", "sent": "已发", "failed": "未送达"}
TRACKS = {"regular": "常规", "exploratory": "探索"}
EVENTS = {
    "ProcedureAdopted": "启用另一程序", "RankingMade": "排序", "CategoryRanked": "类别已排序", "BudgetSet": "核定资金",
    "DrawAnnounced": "公告抽签", "DrawHeld": "抽签", "PlacesFilled": "递补", "PlacesChanged": "名额变动",
    "LinesLeft": "退出排序", "ReserveLapsed": "候补名单届满", "LinesRanked": "排序结果",
    "CollegeRegistered": "院校入册", "RegisterAmended": "名册变更", "WorkGroupFiled": "报备工作小组", "ExpertRegistered": "专家入库",
    "TieRecorded": "记录任职关系", "AgencyFounded": "设立机构", "OfficerAppointed": "任命", "OfficerDismissed": "免去", "CheckpointDisputed": "检查点不一致（警报）",
    "RoutingRuleMade": "形成受理规则", "PanelFormed": "组成评估论证组", "TieDisclosed": "披露任职关系", "NoTieDeclared": "声明无利益关系",
    "ExpertReplaced": "更换专家", "LinesScored": "评分", "SiteVisited": "实地考查", "PanelConcluded": "签署评估结论",
    "EvaluationReopened": "重新评估", "LinesDropped": "撤出评估", "CalendarPublished": "录入放假安排",
    "CalendarRolledOut": "期限重算完毕", "ProgrammeOpened": "设立试点专业", "ProgrammeAnnouncedAgain": "再次公布",
    "ProgrammeCorrected": "更正试点专业", "DraftSaved": "保存草稿", "FilingSubmitted": "提交申报",
    "FilingRouted": "指定受理单位", "FilingAccepted": "受理", "FilingDeclined": "不予受理",
    "SupplementAsked": "一次性告知补正", "SupplementSupplied": "补正", "FilingAbandoned": "视为放弃",
    "FilingWithdrawn": "撤回", "CallIssued": "发布申报通知", "WindowOpened": "开始申报", "WindowClosed": "申报截止",
    "RoundCompleted": "本轮办结", "ObjectionRegistered": "登记异议", "ObjectionAdmitted": "采纳核实",
    "ObjectionNotAdmitted": "未采纳", "ObjectionDecided": "异议处理", "EvaluationBegan": "开始评估论证",
    "LinesConcluded": "形成评估结论", "ResultsVoided": "结论作废", "LinesPublished": "进入公示", "LineHeld": "因异议暂缓",
    "LineReleased": "解除暂缓", "LineCorrected": "更正", "LinesNoticed": "公示期满", "SentForApproval": "报省厅",
    "LinesConsented": "省厅同意", "LinesRefused": "不予同意", "LinesReturned": "退回重评", "LinesAnnounced": "正式公布",
    "PackAdopted": "启用规则包", "Nudged": "催办", "OfficerAssigned": "改派", "OfficeDelegated": "委托办理", "DelegationRevoked": "撤回委托", "CardShown": "亮牌", "CardWithdrawn": "撤销亮牌", "CardsPutOff": "亮牌顺延", "PostRetried": "重新投递", "ProcessRestarted": "重启流程",
    "DecisionExtended": "延长办理期限", "ApprovalOpened": "报省厅审批", "ApprovalAnswered": "省厅答复",
    "NoticePublished": "发布公示", "PostalGraceBegan": "进入候邮期", "NoticeClosed": "公示结束",
    "LateApprovalOpened": "补报省厅", "AnnouncementIssued": "发布公告", "CorrectionIssued": "发布更正公告",
    "AnnouncementPublished": "公告已发出", "DeadlineStalled": "期限待放假安排", "DeadlineRecomputed": "期限重算",
    "DocumentIssued": "公文存档", "ClockStopped": "期限停止计算", "ClockResumed": "期限恢复计算",
    "LinesFrozen": "冻结", "LinesThawed": "解除冻结", "EnrolmentFiled": "招生报备", "EnrolmentAccepted": "受理招生报备",
    "EnrolmentRefused": "不予受理招生报备", "EnrolmentYearEnded": "年度招生结束", "AdmissionsRecorded": "登记录取通知",
    "FeesRecorded": "登记实际收费", "NoEnrolmentExplained": "说明停招理由", "CohortOpened": "开班", "CohortJoined": "开班", "CohortLeft": "班级结束",
    "CohortTaughtOut": "转为收尾教学", "CohortGraduated": "班级毕业", "AgreementEnding": "协议将到期", "AgreementExpired": "协议到期", "AgreementRenewed": "续签协议", "ProgrammeSunset": "退出目录",
    "ProgrammeRenamed": "专业代码变更", "ProgrammeRelinquished": "放弃试点", "ProgrammeSuspended": "停止试点",
    "SuspensionEnded": "恢复试点", "ViolationReported": "违规线索", "ViolationOpened": "立案", "ViolationClosed": "结案",
    "EvidenceRecorded": "登记证据", "MeasureNotified": "告知拟作决定", "DefenceStated": "陈述申辩",
    "HearingRequested": "申请听证", "HearingTimeEnded": "听证申请期满", "HearingAnnounced": "通知听证时间地点", "HearingHeld": "举行听证", "SanctionDecided": "作出决定", "DecisionStood": "复议申请期满、结案",
    "SuspensionBegan": "停止试点开始", "SuspensionReviewed": "复查", "LiftingSet": "决定恢复", "MeasureEnded": "措施结束",
    "PersonErased": "删除个人信息", "SuspensionsKept": "设立名单", "SuspensionEntered": "列入名单", "SuspensionStruck": "移出名单",
}  # fmt: skip
FIELDS_OF: dict[str, dict[str, tuple[str, str]]] = {
    "delegate": {"to": ("委托给", "delegate to"), "from": ("自", "from"), "until": ("至", "until")},
    "route": {"to": ("改由谁受理", "to be received by")},
    "reassign": {"to": ("改派给", "reassign to")},
    "divert": {"to": ("分流到", "diverted to")},
    "correct": {"to": ("更正为", "corrected to")},
    "issue-call": {"name": ("专业名称", "name of the major")},
    "register-college": {"name": ("院校名称", "name of the college")},
    "register-students": {"name": ("姓名", "name")},
    "register-expert": {"name": ("姓名", "name")},
    "partners": {"name": ("企业名称", "name of the enterprise")},
    "mentors": {"name": ("姓名", "name")},
    "record-assessment": {"enterprise": ("企业指标", "the enterprise's measures")},
}
"""Fields whose word means something of its own in one act, or in one table of a form."""
FIELDS = {
    "procedure": "程序（规则包）", "category": "类别", "amount": "金额（元）", "basis": "依据", "value": "号码",
    "year": "年度", "document_no": "发文字号", "window": "申报时间", "opens": "开始", "closes": "截止",
    "majors": "专业目录", "code": "代码", "name": "名称或姓名", "was": "上年代码", "holidays": "放假日",
    "workdays": "上班的周末", "source": "依据", "college": "院校", "changes": "变更事项", "from": "生效日",
    "id": "编号", "kind": "类别", "city": "行政区划代码", "affiliation": "隶属关系", "uscc": "统一社会信用代码",
    "mail": "邮箱", "id_no": "身份证号", "side": "院校或企业方", "employers": "任职单位", "org": "单位", "until": "截至",
    "agency": "机构", "role": "岗位", "person": "人员账号", "round": "申报轮次", "lines": "专业线",
    "materials": "材料", "partners": "合作企业", "mentors": "导师", "posts": "技师岗位数", "agreement_until": "协议截止日",
    "major": "专业代码", "entry": "生源类别", "years": "学制（学年）", "plan": "招生计划", "segments": "分段",
    "confirm_codes": "确认的新代码", "employer": "单位", "level": "职业等级", "certificate_no": "证书编号",
    "office": "岗位", "number": "委托编号", "of": "委托人（账号）", "card": "牌", "reason": "理由", "reasons": "理由", "to": "改为或转至", "as_rule": "今后照此办理", "items": "事项",
    "experts": "专家", "chair": "组长", "expert": "专家", "out": "退出者", "in": "接替者", "line": "专业线",
    "marks": "评分", "opinion": "意见", "date": "日期", "visitors": "考查人员", "places": "地点", "finding": "情况",
    "results": "结论", "via": "方式", "sent": "寄出时间", "received": "收到时间", "who": "何人", "phone": "电话",
    "email": "邮箱", "sealed": "盖章", "statement": "陈述", "outcome": "结果", "correction": "更正",
    "corrects": "被更正的文号", "field": "项目", "programme": "试点专业（已公布的专业线）", "fees": "收费项目", "item": "项目",
    "students": "学生人数", "letters": "录取通知", "at": "发出时间", "count": "份数", "cohorts": "班级安排",
    "subject": "所涉院校", "offence": "违规情形", "officers": "核查人员", "measure": "措施", "scope": "范围",
    "programmes": "所列专业", "review_on": "复查日", "record": "笔录", "place": "地点",
    "leader": "组长（校主要领导）", "teachers": "骨干专业教师", "managers": "教学管理人员", "pack": "规则包（内容摘要）", "settings": "设定",
    "what": "查阅什么", "for": "催办的事项", "post": "职务",
}  # fmt: skip
VIEW_FIELDS = {
    **FIELDS, "documents": "公文存档", "total": "总分", "overall": "综合评分", "work_group": "试点工作小组", "erased_at": "删除时间", "cases": "所涉案件", "budgets": "核定资金", "selections": "排序", "quota": "名额", "places": "可用名额", "beside": "并行程序", "route": "受理单位", "route_basis": "受理依据", "catalog": "专业目录", "evaluation": "评估论证",
    "asked": "已告知补正", "deemed": "视为受理", "draft": "草稿内容", "filing": "申报", "filings": "申报",
    "panel": "专家组", "sides": "专家来自", "to_replace": "待更换", "declared": "已声明无利益关系", "pending": "待评专业线", "scores": "评分",
    "visits": "实地考查", "notice": "公示", "published_at": "发布时间", "withdrawn_at": "撤回公开时间", "withdrawn_why": "撤回公开的理由", "ends": "公示末日", "closed_at": "结束时间",
    "outcomes": "答复", "objector": "异议人", "admissible": "采纳", "why_not": "未采纳原因", "records": "名册记录",
    "offices": "在岗人员", "rules": "规则", "revision": "版本", "rolled_out": "已重算至", "settings": "本环境设定",
    "announced_in": "公布文号", "enrolments": "各年报备", "suspended_by": "停止依据",
    "unexplained_stops": "无故停招年度", "charged": "实际收费", "agreements": "校企协议", "found": "比对发现", "hearing_at": "听证时间", "hearing_place": "听证地点", "heard": "已听证", "in_force": "生效中", "held": "名单", "status": "状态", "enrolment": "招生", "window": "申报时间",
}  # fmt: skip


CHOICES = {
    **STAGES, **LINE_STATES, "person": "个人", "unit": "单位", "email": "电子邮件", "letter": "当面递交", "post": "邮寄", "phone": "电话",
    "anonymous": "匿名", "technician-college": "技师学院", "senior-technical-school": "高级技工学校",
    "technical-school": "技工学校", "municipal": "市属", "provincial": "省属", "private": "民办", "enterprise": "企业",
    "industry": "行业", "college": "院校", "programme": "专业", "none": "不予处理", "warn": "警告", "suspend": "停止试点",
    "out-of-scope-enrolment": "超范围招生", "unexplained-stop": "无故停止招生", "unauthorised-fees": "乱收费",
    "enrolled-before-filing": "未报备先招生", "other": "其他", "plan": "招生计划", "years": "学制", "major": "专业代码",
    "entry": "生源类别", "course": "课程实践", "internship": "岗位实习", "moved": "调离", "retired": "退休",
    "unfit": "不再适任", "overall": "综合评分", "transfer": "转学", "drop-out": "退学", "district": "区属", "intermediate": "中级工", "all": "全部", "senior": "高级工", "technician": "技师",
}  # fmt: skip
"""Words that a form lets people choose from."""


for _ours, _students in (
    (DEADLINES, student_words.DEADLINES),
    (EVENTS, student_words.EVENTS), (FIELDS, student_words.FIELDS), (VIEW_FIELDS, student_words.FIELDS),
    (VIEW_FIELDS, student_words.VIEW_FIELDS),
):  # fmt: skip
    for _word, _zh in _students.items():
        _ours.setdefault(_word, _zh)


WAITS = {
    "evaluate": ("评估论证", "Evaluate"),
    "log-disputed": ("透明日志前后矛盾", "The log contradicted itself"),
}
"""What somebody may have to do beside the acts, in Chinese and English; the acts' own words stand in the pack."""


def both(table: dict[str, str], word: str) -> str:
    """`已受理 accepted`: the Chinese beside the published word; the word alone where there is no Chinese for it."""
    known = table.get(word)
    return f"{known} {word}" if known else word


OF_NO_LINE = ("mentor", "nudge", "enrolment", "agreement")
"""Deadlines whose name goes on with something else than a line: a side, an act, a year, a partner."""


def deadline(name: str) -> str:
    """A deadline's name in Chinese; `reconsideration/1` belongs to line 1."""
    head, slash, line = name.partition("/")
    if head == "mentor":
        return f"{DEADLINES[head]}（{'企业' if line == 'enterprise' else '院校'}）"
    sort = "" if head in OF_NO_LINE else "专业线"
    return DEADLINES.get(head, head) + (f"（{sort}{line}）" if slash else "")


def deadline_en(name: str) -> str:
    """The same in English."""
    head, slash, rest = name.replace("-", " ").partition("/")
    sort = " " if head in OF_NO_LINE else ", line "
    return head + (f"{sort}{rest}" if slash else "")


def event(type_: str) -> str:
    """An event in both languages: `提交申报 Filing submitted`."""
    english = re.sub(r"(?<!^)([A-Z])", lambda found: f" {found[1].lower()}", type_)
    return f"{EVENTS[type_]} {english}" if type_ in EVENTS else english


def agency(id_: str, names: dict[str, str]) -> str:
    """An agency or college as a table shows it: its short name, or its name in the register, else its id."""
    return AGENCIES.get(id_) or names.get(id_, id_)


def office(role: str, agency_id: str, names: dict[str, str]) -> str:
    """`省教研室受理岗`; an expert is `专家 zhao`."""
    if role.startswith("expert"):
        return f"专家 {role.partition(':')[2]}".strip()
    where = agency(agency_id, names)
    return where + ROLES.get(role, role) if where else ROLES.get(role, role)


def ends(text: str) -> str:
    """When a period ends, as people write it: a midnight is 24:00 of the day before."""
    return spoken_end(instant(text))


def letter_title(subject: str) -> str:
    """A letter's subject without what is filled in only when it is sent: `请审查新收到的申报：…`."""
    plain = subject.replace("（{{ case.id }}）", "").replace(" ({{ case.id }})", "")
    # What is filled in one of two ways is said both ways.
    plain = re.sub(
        r"{{ ('[^']*' if .*?) }}",
        lambda found: "/".join(re.findall(r"(?:^|else )'([^']*)'", found[1])),
        plain,
    )
    return re.sub(r"…[…、, @]*…", "…", re.sub(r"{[{%].*?[}%]}", "…", plain))

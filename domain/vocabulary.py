"""The published words in Chinese (FORMAT.md): what sentences say instead of a stage's, role's or entry's English name."""

KINDS = {
    "round": "申报轮次", "selection": "排序遴选", "filing": "申报", "evaluation": "评估论证", "notice": "公示", "objection": "异议",
    "approval": "省厅审批", "announcement": "公布", "programme": "试点专业", "cohort": "班级", "violation": "违规",
    "college": "院校", "expert": "专家", "agency": "机构", "routing": "受理规则", "calendar": "工作日历",
    "policy": "规则包", "suspensions": "停止试点名单", "person": "个人信息", "student": "学生",
}  # fmt: skip
STAGES = {
    "called": "已发布", "drawing": "待抽签", "ranked": "已排序", "open": "进行中", "closed": "已截止", "completed": "已办结", "draft": "草稿",
    "unrouted": "待指定受理单位", "submitted": "已提交", "supplementing": "待补正", "accepted": "已受理",
    "evaluating": "评估中", "concluded": "评估完毕", "declined": "不予受理", "abandoned": "视为放弃",
    "withdrawn": "已撤回", "scoring": "评分中", "forming": "待补专家", "registered": "已登记",
    "verifying": "核实中", "upheld": "成立", "dismissed": "不成立", "not-admitted": "未采纳", "done": "已完成",
    "active": "有效", "suspended": "停止试点", "sunset": "退出目录", "relinquished": "已放弃", "ended": "已终止",
    "lead": "线索", "notified": "已告知", "hearing": "听证", "decided": "已决定", "running": "在读",
    "teaching-out": "收尾教学", "graduated": "已毕业", "kept": "登记中",
    "founded": "已设立", "in-force": "生效", "current": "最新", "erased": "已删除", "rolling-out": "正在重算",
    "studying": "在校", "on-leave": "休学", "diverted": "已分流", "left": "已离校",
}  # fmt: skip
LINE_STATES = {
    "eligible": "待排序", "reserve": "候补", "unselected": "未入选", "unplaced": "失去名额",
    "filed": "已申报", "passed": "通过", "failed": "未通过", "conditional": "有条件", "in-notice": "公示中",
    "held": "暂缓", "frozen": "冻结", "noticed": "公示期满", "consented": "已同意", "refused": "不予同意",
    "announced": "已公布", "withdrawn": "已撤回", "closed": "已终止", "returned": "退回重评", "voided": "结论作废",
}  # fmt: skip
ROLES = {
    "catalog-officer": "目录管理岗", "approver": "审批岗", "publisher": "发布岗", "inspector": "检查岗",
    "sanctions-approver": "处理审批岗", "clerk": "受理岗", "organiser": "评估组织岗", "notice-officer": "公示岗",
    "filer": "申报岗", "ops": "系统管理岗", "auditor": "审计岗", "supervisor": "督办岗", "expert": "专家", "public": "公众",
    "process": "流程", "anyone": "任何人",
}  # fmt: skip
ENTRIES = {
    "junior-middle": "初中毕业生", "senior-high": "高中毕业生", "secondary-technical": "中技毕业生",
    "secondary-vocational": "中职毕业生", "senior-technical": "高技毕业生", "higher-vocational": "高职毕业生",
    "junior-college": "高专毕业生", "undergraduate": "本科及以上毕业生", "title-holder": "初级以上职称人员",
}  # fmt: skip
MEASURES = {"none": "不予处理", "warn": "警告", "suspend": "停止试点"}
FILINGS = {"filed": "提交", "accepted": "受理", "refused": "退回"}
"""States of a year's enrolment filing, after 已."""
ASSESSMENTS = {"course": "课程考评", "mid-term": "中期考评", "graduation": "毕业考评"}
PRACTICE = {"course": "企业生产实践课程", "internship": "岗位实习"}
LEVELS = {"intermediate": "中级工", "senior": "高级工"}
MENTORS = {"enterprise": "企业导师", "college": "院校导师"}
DAYS = {"from": "起始日", "until": "终止日", "review_on": "复查日"}

CHOICES = {
    **ENTRIES, **MEASURES, **ASSESSMENTS, "technician-college": "技师学院", "senior-technical-school": "高级技工学校",
    "technical-school": "技工学校", "provincial": "省属", "municipal": "市属", "district": "区属", "private": "民办",
    "college": "院校", "programme": "专业", "industry": "行业企业", "out-of-scope-enrolment": "超范围招生", "enterprise": "企业",
    "unexplained-stop": "无故停止招生", "unauthorised-fees": "乱收费", "enrolled-before-filing": "未报备先招生",
    "other": "其他", "passed": "通过", "failed": "未通过", "conditional": "有条件", "email": "电子邮件", "letter": "当面递交",
    "post": "邮寄", "phone": "电话", "person": "个人", "unit": "单位", "anonymous": "匿名", "upheld": "成立",
    "dismissed": "不成立",
}  # fmt: skip
"""Words that a field of a form is chosen from."""


def in_chinese(table: dict[str, str], words: list[str]) -> str:
    """Several words in Chinese, one after another; a word without Chinese stays as it is."""
    return "、".join(table.get(word, word) for word in words)

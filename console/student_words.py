"""Chinese words and example forms of the students' acts (rehearsals/FORMAT.md names them in English)."""

from typing import Any

DEADLINES = {"mentor": "补配导师期限", "leave": "休学期满"}
EVENTS = {
    "StudentsRegistered": "学生注册", "MentorsCounted": "导师配备变动", "PracticePlanned": "制定实践计划",
    "StudentsOut": "学生离班", "SurveyCounted": "就业调查汇总", "CohortGraduated": "班级结业", "CohortLeft": "班级结业",
    "StudentRegistered": "注册", "MentorAssigned": "配备导师", "MentorLeft": "导师离任", "PracticeRecorded": "登记实践",
    "StageAssessed": "阶段考核", "DefenceHeld": "毕业答辩", "StudentDiverted": "分流", "StudentGraduated": "毕业",
    "LevelCertified": "技能等级认定", "GraduateSurveyed": "就业调查", "StudentLeft": "离校", "StudyInterrupted": "休学", "StudyResumed": "复学", "LeaveCounted": "休学人数变动",
}  # fmt: skip
FIELDS = {
    "rows": "名单", "partial": "收下无误的行", "qualified_on": "入学资格取得日期", "no": "班内学号", "why": "原因",
    "mentor": "导师", "students": "学生", "school_year": "学年", "course_hours": "实践课程学时",
    "internship_hours": "岗位实习学时", "content": "内容", "hours": "学时", "enterprise": "企业或企业指标",
    "stage": "考核阶段", "on": "日期", "assessors": "考评人员", "process": "过程考评", "result": "结果考评",
    "passed": "是否通过", "completes": "完成的级别", "members": "答辩委员", "issued": "发证日期",
    "level3_on": "三级证书取得日期", "months": "毕业后月数", "employed": "就业", "matched": "对口", "stable": "稳定",
    "pay": "月薪（元）",
}  # fmt: skip
VIEW_FIELDS = {
    "registered": "已注册", "studying": "在读", "graduated": "已毕业", "diverted": "已分流", "left": "已离校", "on_leave": "休学", "leaves": "休学记录",
    "mentored": "已配导师", "practice_plan": "实践计划", "employment": "就业质量", "cohort": "班级", "levels": "已完成级别",
    "defended": "答辩通过", "graduated_on": "毕业日期", "diverted_to": "分流级别", "why_left": "离校原因",
    "surveyed": "已调查（月）", "practice": "实践学时", "assessments": "阶段考核", "certificates": "证书",
    "programme": "试点专业",
}  # fmt: skip

_MARKED = {"no": 1, "process": 85, "result": 82, "enterprise": {"岗位操作": 88}, "passed": True}
EXAMPLES: dict[str, dict[str, Any]] = {
    "register-students": {
        "rows": [
            {"name": "示例甲", "id_no": "11010519491231002X", "entry": "senior-high", "qualified_on": "2026-06-30"}
        ]
    },
    "export-students": {"reason": "核对学籍"},
    "leave-students": {"rows": [{"no": 1, "why": "transfer", "reason": "…"}]},
    "suspend-study": {"rows": [{"no": 1, "until": "2027-03-01", "reason": "…"}]},
    "resume-study": {"students": [1]},
    "assign-mentors": {
        "side": "enterprise", "students": [1, 2],
        "mentor": {"name": "示例乙", "id_no": "11010519491231002X", "employer": "示例激光公司", "level": "技师"},
    },
    "record-mentor-left": {"side": "enterprise", "students": [1], "why": "moved"},
    "plan-practice": {"school_year": 2026, "course_hours": 80, "internship_hours": 40, "content": "认岗实践"},
    "record-practice": {
        "students": [1, 2], "kind": "course", "from": "2026-11-02", "until": "2026-11-13", "hours": 80,
        "enterprise": "示例激光公司",
    },
    "record-assessment": {
        "stage": "course", "on": "2027-06-01", "assessors": ["示例丙", "示例丁"], "rows": [_MARKED],
    },
    "record-defence": {"on": "2030-06-01", "members": ["示例丙", "示例丁"], "rows": [{"no": 1, "passed": True}]},
    "divert": {"rows": [{"no": 1, "to": "senior", "reason": "…"}]},
    "graduate": {"rows": [{"no": 1, "certificate_no": "XZ2030-0001"}]},
    "certify-level": {
        "rows": [
            {"no": 1, "certificate_no": "S000044123456302000001", "issued": "2030-06-01", "level3_on": "2028-06-01"}
        ]
    },
    "record-survey": {
        "months": 6, "rows": [{"no": 1, "employed": True, "matched": True, "stable": True, "pay": 6500}],
    },
}  # fmt: skip
"""A form of each act that its shape accepts."""

"""Who and what the tests know: the register, the offices and the catalog of the published rehearsals (common.yaml)."""

PANEL = ("zhao", "qian", "zheng", "sun", "zhou")
MAJORS = {
    "DEMO-0101": "数控加工",
    "DEMO-0105": "模具制造与维修",
    "DEMO-0203": "电气自动化设备安装与维修",
    "DEMO-0209": "工业机器人应用与维护",
    "DEMO-0401": "新能源汽车检测与维修",
}
COLLEGES = {
    "szjs": ("深圳技师学院", "technician-college", "4403", "municipal"),
    "dg": ("东莞市技师学院", "technician-college", "4419", "municipal"),
    "zh": ("珠海市技师学院", "technician-college", "4404", "municipal"),
    "jx": ("广东省机械技师学院", "technician-college", "4401", "provincial"),
    "gm": ("广州市工贸技师学院", "technician-college", "4401", "municipal"),
    "by": ("广州市白云工商技师学院", "technician-college", "4401", "private"),
    "jia": ("示例技师学院甲", "technician-college", "4407", "municipal"),
    "bing": ("示例技师学院丙", "technician-college", "4413", "municipal"),
    "gj": ("示例高级技工学校", "senior-technical-school", "4406", "municipal"),
    "hnjs": ("示例湖南技师学院", "technician-college", "4301", "provincial"),
}
EXPERTS: dict[str, tuple[str, str, list[dict[str, str]]]] = {
    "zhao": ("赵工", "industry", [{"org": "示例装备公司"}]),
    "qian": ("钱工", "industry", [{"org": "示例机器人公司"}]),
    "sun": ("孙老师", "college", [{"org": "jx"}]),
    "zhou": ("周老师", "college", [{"org": "gm"}]),
    "zheng": ("郑工", "industry", [{"org": "示例汽车公司"}]),
    "feng": ("冯工", "industry", [{"org": "示例数控公司"}]),
    "li": ("李老师", "college", [{"org": "szjs", "until": "2023-05-31"}, {"org": "zh"}]),
    "wu": ("吴老师", "college", [{"org": "szjs", "until": "2023-03-10"}, {"org": "dg"}]),
    "he": ("何工", "industry", [{"org": "示例激光公司"}]),
}
OFFICES = (
    "catalog-officer@dept", "approver@dept", "publisher@dept", "clerk@tro", "organiser@tro", "notice-officer@tro",
    "clerk@gz", "organiser@gz", "clerk@sz", "organiser@sz",
)  # fmt: skip
OBJECTOR = {"kind": "person", "name": "陈某人", "id_no": "440106197810014568", "phone": "13800001234"}

"""Which sheets and columns a filing's Excel form has: the pilot's own, and those of any procedure by its rule `line.fields`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.policy import Pack, Rules

Value = str | int | float | date | None
Pairs = Sequence[tuple[str, str]]
Kind = Literal["text", "code", "entry", "side", "category", "number", "count", "segments", "date", "moment"]

EXAMPLE = "示例"
FIRST_ROW = 3  # 1 is the header, 2 the example
MAX_ROWS = 10_000
LISTS = "选项"

ENTRIES: list[tuple[str, str]] = [
    ("junior-middle", "初中毕业"),
    ("senior-high", "高中毕业"),
    ("secondary-technical", "中技毕业"),
    ("secondary-vocational", "中职毕业"),
    ("senior-technical", "高技毕业"),
    ("higher-vocational", "高职毕业"),
    ("junior-college", "高专毕业"),
    ("undergraduate", "本科及以上"),
    ("title-holder", "初级及以上职称"),
]
SIDES: list[tuple[str, str]] = [("enterprise", "企业导师"), ("college", "院校导师")]
# Suggestions only: a college mentor may hold a professional title instead, so any text is accepted.
LEVELS = ["高级工", "技师", "高级技师", "特级技师", "首席技师"]


@dataclass(frozen=True)
class Column:
    field: str  # the word in `with`; empty: for people only, read for its form and then left out
    zh: str
    en: str
    kind: Kind
    width: float
    hint: str = ""
    required: bool = True


@dataclass(frozen=True)
class Sheet:
    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    example: tuple[Value, ...]

    @property
    def title(self) -> str:
        return f"{self.zh} {self.en}"


_NO = Column("", "序号", "No.", "code", 8, required=False)
_LINES = (
    Column("id", "序号", "Line id", "code", 10, "本表内不重复，例如 1、2、3"),
    Column("major", "专业代码", "Major code", "code", 18, "按当年公布的试点专业目录填写"),
    Column("", "专业名称", "Major name", "text", 32, required=False),
    Column("entry", "生源类别", "Entry", "entry", 34, "每行一类；不同类别分行填写"),
    Column("years", "学制(学年)", "Academic years", "number", 17, "只填数字，不带“年”字"),
    Column("segments", "分段", "Segments", "segments", 15, "例如 3+2+1；不分段的留空", required=False),
    Column("plan", "招生计划", "Enrolment plan", "count", 17, "人数，只填数字"),
)
_PARTNERS = (
    _NO,
    Column("uscc", "统一社会信用代码", "USCC", "code", 28, "18 位，按文本填写"),
    Column("name", "企业名称", "Enterprise", "text", 38),
    Column("posts", "技师岗位数", "Technician posts", "count", 19, "个数，只填数字"),
    Column("agreement_until", "协议截止日期", "Agreement until", "date", 20, "例如 2032-08-31"),
)
_MENTORS = (
    _NO,
    Column("name", "姓名", "Name", "text", 14),
    Column("id_no", "证件号", "ID number", "code", 26, "按文本填写"),
    Column("employer", "单位", "Employer", "text", 34),
    Column("level", "职业等级", "Level", "text", 16, "可从列表选择，也可填写职称"),
    Column("certificate_no", "证书编号", "Certificate no.", "code", 32, required=False),
    Column("side", "导师类别", "Side", "side", 24),
)
_MATERIALS = (_NO, Column("id", "文件名/编号", "File name or number", "text", 64, "每行一个"))

SHEETS = (
    Sheet(
        "lines",
        "申报专业",
        "Lines",
        _LINES,
        (EXAMPLE, "DEMO-0101", "数控加工", "初中毕业 junior-middle", 6, "3+2+1", 40),
    ),
    Sheet(
        "partners",
        "合作企业",
        "Partners",
        _PARTNERS,
        (EXAMPLE, "91440300MADEM00700", "示例激光公司", 20, date(2032, 8, 31)),
    ),
    Sheet(
        "mentors",
        "企业导师",
        "Mentors",
        _MENTORS,
        (EXAMPLE, "示例甲", "11010519491231002X", "示例激光公司", "高级技师", "", "企业导师 enterprise"),
    ),
    Sheet("materials", "附件", "Materials", _MATERIALS, (EXAMPLE, "示例-培养方案.pdf")),
)

_BY_FIELD = {column.field: column for column in _LINES if column.field}
_EXAMPLES: dict[str, Value] = {"entry": "初中毕业 junior-middle", "years": 6, "plan": 40}


def sheets_of(rules: Rules) -> tuple[Sheet, ...]:
    """The form of a procedure: a line says what `line.fields` asks for; only the pilot's has partners and mentors."""
    fields: list[str] = rules.list("line.fields")
    if fields == ["entry", "years", "plan"]:
        return SHEETS
    category = Column("category", "类别", "Category", "category", 34, "从列表中选择")
    named = [_BY_FIELD.get(field, category) for field in fields]
    first = next((label(*pair) for pair in categories_of(rules)), "")
    example = [_EXAMPLES.get(field, first) for field in fields]
    lines = Sheet(
        "lines", "申报专业", "Lines", (*_LINES[:3], *named), (EXAMPLE, "DEMO-0101", "数控加工", *example)
    )
    return (lines, SHEETS[-1])


def categories_of(rules: Rules) -> list[tuple[str, str]]:
    """What a line may be filed for, word and Chinese name, where the procedure ranks at all."""
    if not rules.has("selection.categories"):
        return []
    return [(word, names["zh"]) for word, names in rules.table("selection.categories").items()]


def title_of(pack: Pack) -> tuple[str, str]:
    """What the form is called, in both languages."""
    return f"{pack.title.zh}表", f"Application form: {pack.title.en}"


def label(word: str, zh: str) -> str:
    """What a drop-down shows of a choice: the Chinese name and the published word, which the reader goes by."""
    return f"{zh} {word}"

"""The demo's workbooks, one per college, and one wrong in many ways. Run: python -m demo.make_workbooks

Everything in them is invented, except the names of the colleges in colleges.yaml. The bytes depend on nothing
but this file, colleges.yaml and the template, so running it again changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from ruamel.yaml import YAML

from console.workbook_template import FIRST_ROW, SHEETS, SIDES, Value, build, label, put, save, style_row

HERE = Path(__file__).parent
ROUND = "2026"
MAJORS = [
    ("DEMO-0101", "数控加工"),
    ("DEMO-0105", "模具制造与维修"),
    ("DEMO-0203", "电气自动化设备安装与维修"),
    ("DEMO-0209", "工业机器人应用与维护"),
    ("DEMO-0401", "新能源汽车检测与维修"),
]
AGREED_UNTIL = date(2032, 8, 31)  # to the end of the longest programme that starts in autumn 2026

# Invented firms: name -> (city, serial of the organisation code, technician posts)
FIRMS = {
    "示例激光公司": ("4403", 7, 20),
    "示例精密公司": ("4419", 8, 16),
    "示例智造公司": ("4403", 9, 24),
    "示例机床公司": ("4401", 10, 18),
    "示例电控公司": ("4401", 11, 15),
    "示例模具公司": ("4420", 12, 12),
    "示例自动化公司": ("4404", 13, 22),
    "示例新能源车公司": ("4401", 14, 30),
    "示例电气公司": ("4405", 15, 14),
    "示例铸造公司": ("4407", 16, 10),
}

# College -> its partners, its lines: major, entry, years, segments, plan
Line = tuple[str, str, int, str, int]
FILINGS: dict[str, tuple[list[str], list[Line]]] = {
    "szjs": (
        ["示例激光公司", "示例智造公司"],
        [("0209", "senior-high", 4, "", 40), ("0203", "junior-middle", 6, "3+2+1", 40)],
    ),
    "szpc": (
        ["示例智造公司", "示例新能源车公司"],
        [("0401", "senior-high", 4, "2+2", 35), ("0209", "senior-technical", 2, "", 30)],
    ),
    "gm": (
        ["示例机床公司", "示例新能源车公司"],
        [("0101", "junior-middle", 6, "3+3", 45), ("0401", "higher-vocational", 2, "", 30)],
    ),
    "gzjd": (
        ["示例电控公司"],
        [("0203", "secondary-technical", 4, "", 40), ("0209", "junior-middle", 6, "3+2+1", 40)],
    ),
    "gzqg": (["示例模具公司"], [("0105", "senior-high", 4, "", 30)]),
    "gzjs": (
        ["示例机床公司"],
        [("0101", "senior-technical", 2, "", 30), ("0203", "senior-high", 4, "2+2", 36)],
    ),
    "jx": (
        ["示例机床公司", "示例自动化公司"],
        [
            ("0101", "junior-middle", 6, "3+2+1", 50),
            ("0105", "senior-technical", 2, "", 30),
            ("0209", "senior-high", 4, "", 40),
        ],
    ),
    "gdqg": (["示例模具公司"], [("0105", "secondary-vocational", 4, "", 35)]),
    "gdjs": (
        ["示例新能源车公司", "示例电控公司"],
        [("0401", "secondary-technical", 4, "", 40), ("0203", "senior-high", 4, "", 40)],
    ),
    "yd": (["示例电气公司"], [("0203", "junior-middle", 6, "3+3", 40)]),
    "dg": (
        ["示例精密公司", "示例模具公司"],
        [
            ("0101", "senior-high", 4, "2+2", 45),
            ("0105", "junior-college", 2, "", 25),
            ("0209", "senior-technical", 2, "", 30),
        ],
    ),
    "zh": (["示例自动化公司"], [("0209", "senior-high", 4, "", 40), ("0401", "senior-technical", 3, "", 30)]),
    "st": (["示例电气公司"], [("0401", "secondary-vocational", 4, "", 32)]),
    "zs": (["示例模具公司"], [("0105", "senior-high", 4, "", 30)]),
    "by": (
        ["示例新能源车公司", "示例机床公司"],
        [("0401", "senior-high", 4, "", 40), ("0101", "secondary-technical", 4, "", 36)],
    ),
    "jia": (
        ["示例铸造公司", "示例机床公司"],
        [
            ("0101", "senior-high", 4, "", 40),
            ("0209", "junior-middle", 6, "3+2+1", 40),
            ("0401", "senior-technical", 2, "", 24),
        ],
    ),
    "bing": (
        ["示例电控公司"],
        [("0203", "higher-vocational", 2, "", 28), ("0105", "secondary-vocational", 4, "", 30)],
    ),
}
SURNAMES = "陈黄张林吴刘杨何罗梁郑谢许曾邓苏卢叶唐冯蔡彭袁潘钟余汪戴任姚方石"


def main(folder: Path = HERE) -> None:
    colleges: list[Mapping[str, Any]] = YAML(typ="safe").load(HERE / "colleges.yaml")["colleges"]
    for number, college in enumerate(colleges):
        workbook = build(ROUND, MAJORS)
        put(workbook.worksheets[0], 3, 2, college["name"])
        workbook.worksheets[0]["B3"].font = Font(name="微软雅黑", size=13, bold=True)
        fill(workbook, rows_of(college["id"], college["name"], number))
        save(workbook, folder / f"{college['id']}.xlsx")
    save(wrong_example(), folder / "wrong-example.xlsx")


def rows_of(college: str, name: str, number: int) -> dict[str, list[list[Value]]]:
    """The rows of each sheet in the order of its columns."""
    partners, lines = FILINGS[college]
    names = dict(MAJORS)
    mentors: list[list[Value]] = []
    for index, (firm, side) in enumerate([*((firm, "enterprise") for firm in partners), (name, "college")]):
        serial = number * 4 + index
        title = "老师" if side == "college" else "工"
        level = ("高级技师", "技师")[serial % 2]
        mentors.append(
            [
                str(index + 1),
                SURNAMES[serial % len(SURNAMES)] + title,
                citizen_number(date(1970 + serial % 20, 1 + serial % 12, 1 + serial % 28)),
                firm,
                level,
                f"Y0000440000011{serial % 10}{1 + serial % 2}{serial:06}",
                label(side, SIDES),
            ]
        )
    return {
        "lines": [
            [str(index), f"DEMO-{major}", names[f"DEMO-{major}"], label(entry), years, segments or None, plan]
            for index, (major, entry, years, segments, plan) in enumerate(lines, 1)
        ],
        "partners": [
            [str(index), uscc(firm), firm, FIRMS[firm][2], AGREED_UNTIL]
            for index, firm in enumerate(partners, 1)
        ],
        "mentors": mentors,
        "materials": [],  # the demo's forms stand alone: a named file would have to be attached with them
    }


def fill(workbook: Workbook, rows: Mapping[str, Sequence[Sequence[Value]]]) -> None:
    for sheet in SHEETS:
        ws = workbook[sheet.title]
        for row, values in enumerate(rows.get(sheet.key, ()), FIRST_ROW):
            style_row(ws, sheet, row)
            for column, value in enumerate(values, 1):
                put(ws, row, column, value)


def wrong_example() -> Workbook:
    """What people really send: units in figures, sums, merged cells, numbers that Excel has rounded."""
    workbook = build(ROUND, MAJORS)
    fill(
        workbook,
        {
            "lines": [
                ["1", "DEMO-0101", "数控加工", label("junior-middle"), "6年", "3+2+1", 40],
                ["2", "DEMO-0105", "模具制造与维修", "初中起点", 6, None, 40],
                ["2", "DEMO-0203", "电气自动化设备安装与维修", label("senior-high"), 4, None, "约40人"],
                ["4", "DEMO-0209", "工业机器人应用与维护", label("senior-high"), 4, "两段", 40],
                ["5", "DEMO-0401", "新能源汽车检测与维修", label("senior-technical"), None, None, 30],
                ["6", "DEMO-0401", "新能源汽车检测与维修", label("senior-high"), 4, None, 35.5],
            ],
            "partners": [
                ["1", uscc("示例机床公司"), "示例机床公司", 18, "长期"],
                ["2", uscc("示例电控公司"), "示例\n电控公司", 15, "2032年8月31日"],
            ],
            "mentors": [
                [
                    "1",
                    "陈工",
                    int(citizen_number(date(1975, 6, 1))[:17]) * 10,
                    "示例机床公司",
                    "高级技师",
                    None,
                    "校外",
                ],
                [
                    "2",
                    "黄工",
                    citizen_number(date(1981, 3, 4)),
                    "示例机床公司",
                    "技师",
                    None,
                    label("enterprise", SIDES),
                ],
            ],
            "materials": [["1", "wrong-培养方案.pdf"]],
        },
    )
    lines = workbook[SHEETS[0].title]
    lines["G6"] = "=SUM(G3:G5)"
    workbook[SHEETS[2].title].merge_cells("D3:D4")
    return workbook


def uscc(firm: str) -> str:
    """The code of a firm that does not exist, both check digits right (GB 11714 and GB 32100)."""
    city, serial, _ = FIRMS[firm]
    body = f"MADEM{serial:03}"
    value = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index
    check = (
        -sum(weight * value(sign) for weight, sign in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True)) % 11
    )
    code = f"91{city}00{body}{'X' if check == 10 else check}"
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(weight * alphabet.index(sign) for weight, sign in zip(weights, code, strict=True))
    return code + alphabet[-total % 31]


def citizen_number(born: date) -> str:
    """A right check digit, yet nobody's: no person is registered at the province itself or as serial 000."""
    number = f"440000{born:%Y%m%d}000"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return number + "10X98765432"[sum(w * int(n) for w, n in zip(weights, number, strict=True)) % 11]


if __name__ == "__main__":
    main()

"""How an official document looks: the named styles of GB/T 9704-2012, for `activities.paper`.

Named styles rather than settings on every paragraph, so that an officer can still adjust a draft in a word
processor in one place. The numbers in comments are the standard's clauses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

LINE_POINTS = 156 / 25.4 * 72
"""The width of the 版心 (5.2.1: 156 mm)."""

EM = 320
"""One character of 三号 (16 pt), in twips."""

LINE = 560
"""One line: 28 pt. 22 lines of it fill the 225 mm of the 版心 (5.2.3)."""

# 5.2.2: the text is 仿宋; 7.3.1: the title 小标宋. 方正小标宋 is not part of Windows, so the title and the
# header are 宋体 in bold, the nearest that every machine has. The faces are named in English: Windows in any
# language finds SimSun, only a Chinese one finds 宋体, and fontconfig knows SimSun as a serif face.
FANGSONG, SONG, HEI, KAI = "FangSong", "SimSun", "SimHei", "KaiTi"

# Names under which other systems know the same faces (ECMA-376 17.8.3.1), nearest first. LibreOffice 7.4 does
# not look here: without the faces it shows 仿宋 in its default Chinese face.
_ALTERNATIVES = {
    FANGSONG: "仿宋,仿宋_GB2312,FangSong_GB2312,STFangsong,Noto Serif CJK SC",
    SONG: "宋体,STSong,Noto Serif CJK SC",
    HEI: "黑体,STHeiti,Noto Sans CJK SC",
    KAI: "楷体,楷体_GB2312,KaiTi_GB2312,STKaiti,AR PL UKai CN,Noto Serif CJK SC",
}

# 7.2.7: the red line 4 mm (11 pt) below the 发文字号, as wide as the 版心.
RED_RULE = '<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="11" w:color="FF0000"/></w:pBdr>'

_EDGE = 'w:val="single" w:sz="4" w:space="0" w:color="000000"'
TABLE = (
    '<w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/><w:tblBorders>'
    + "".join(f"<w:{side} {_EDGE}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    + '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
    '<w:top w:w="28" w:type="dxa"/><w:left w:w="57" w:type="dxa"/>'
    '<w:bottom w:w="28" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
)


@dataclass(frozen=True)
class _Style:
    """A paragraph style: `name` is what a word processor shows; sizes in points, spaces in lines of 28 pt."""

    id: str
    name: str
    face: str = FANGSONG
    size: float = 16  # 三号
    bold: bool = False
    colour: str = ""
    align: str = "both"
    line: int = LINE
    before: float = 0
    after: float = 0
    indent: str = ""
    keep: str = ""

    def xml(self) -> str:
        around = f'w:before="{int(self.before * LINE)}" w:after="{int(self.after * LINE)}"'
        rule = "atLeast" if self.id.startswith("Cell") else "exact"
        spacing = f'<w:spacing {around} w:line="{self.line}" w:lineRule="{rule}"/>'
        bold = "<w:b/><w:bCs/>" if self.bold else ""
        colour = f'<w:color w:val="{self.colour}"/>' if self.colour else ""
        # A quarter of a point less between characters makes 28 of them fit a line (5.2.3), not 27.
        tight = '<w:spacing w:val="-5"/>' if self.size == 16 else ""
        half_points = int(self.size * 2)
        return (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{self.id}">'
            f'<w:name w:val="{self.name}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
            f'<w:pPr>{self.keep}{spacing}{self.indent}<w:jc w:val="{self.align}"/></w:pPr>'
            f"<w:rPr>{fonts(self.face)}{bold}{colour}{tight}"
            f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
        )


def fonts(face: str) -> str:
    """rFonts; the hint keeps quotation marks and dashes, which both scripts own, in the Chinese face."""
    return (
        f'<w:rFonts w:hint="eastAsia" w:ascii="Times New Roman" w:hAnsi="Times New Roman" '
        f'w:eastAsia="{face}" w:cs="Times New Roman"/>'
    )


# Both forms of the indent: Word takes the one in characters, others the one in twips.
_TWO_IN = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * EM}"/>'

_STYLES = (
    # 7.2.4: red, centred, 35 mm below the top of the 版心 (the space is set where the size is known)
    _Style("Agency", "发文机关标志", SONG, 32, bold=True, colour="FF0000", align="center"),
    _Style("Number", "发文字号", align="center", before=2),  # 7.2.5: two blank lines below the header
    # 7.3.1: 二号, two blank lines below the red line; 7.3.2: one blank line between it and the addressee
    _Style("DocumentTitle", "公文标题", SONG, 22, bold=True, align="center", line=700, before=2, after=1),
    _Style("Addressee", "主送机关"),
    _Style("Body", "公文正文", indent=_TWO_IN),  # 7.3.3: every paragraph two characters in
    _Style("HeadingOne", "一级标题", HEI, indent=_TWO_IN, keep="<w:keepNext/>"),
    _Style("HeadingTwo", "二级标题", KAI, indent=_TWO_IN, keep="<w:keepNext/>"),
    _Style("Flush", "附件说明"),
    _Style("Signature", "发文机关署名", align="right", before=2),
    _Style("Dated", "成文日期", align="right"),
    _Style("CellHead", "表头", HEI, 12, align="center", line=320),
    _Style("Cell", "表格", FANGSONG, 12, align="center", line=320),
)


def dress(paper: Document) -> None:
    """Replace the template's styles, settings and font table by those of an official document."""
    styles = (
        f"<w:styles {NS}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANGSONG)}"
        '<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        "<w:pPr><w:widowControl/><w:kinsoku/><w:overflowPunct/><w:autoSpaceDE/><w:autoSpaceDN/></w:pPr></w:style>"
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        # Word looks for these two by name when it edits the page numbers.
        '<w:style w:type="paragraph" w:styleId="Header"><w:name w:val="header"/>'
        '<w:basedOn w:val="Normal"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Footer"><w:name w:val="footer"/>'
        '<w:basedOn w:val="Normal"/></w:style>' + "".join(style.xml() for style in _STYLES) + "</w:styles>"
    )
    # Mode 15 keeps Word from opening the page in its compatibility mode.
    settings = (
        f'<w:settings {NS}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:useFELayout/>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"'
        ' w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )
    for root, xml in ((paper.styles.element, styles), (paper.settings.element, settings)):
        element = cast(Any, root)
        for child in list(element):
            element.remove(child)
        element.extend(list(parse_xml(xml)))
    for relation in paper.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            cast(Any, relation.target_part)._blob = _font_table().encode()


def page_number(layout: str) -> str:
    """The footer's paragraph: — 1 — in 四号 宋体 (7.5)."""
    face = fonts(SONG).replace("Times New Roman", SONG)
    run = f'<w:rPr>{face}<w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>'
    return (
        f'<w:p {NS}><w:pPr><w:pStyle w:val="Footer"/>{layout}</w:pPr>'
        f'<w:r>{run}<w:t xml:space="preserve">— </w:t></w:r>'
        f'<w:fldSimple w:instr=" PAGE "><w:r>{run}<w:t>1</w:t></w:r></w:fldSimple>'
        f'<w:r>{run}<w:t xml:space="preserve"> —</w:t></w:r></w:p>'
    )


def _font_table() -> str:
    entries = "".join(
        f'<w:font w:name="{face}"><w:altName w:val="{names}"/>'
        '<w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for face, names in _ALTERNATIVES.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {NS}>{entries}</w:fonts>'

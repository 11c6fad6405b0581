"""Typesetting that a word processor does not do by itself, for `activities.paper`: titles, column widths.

Widths are in Chinese characters. The numbers in comments are clauses of GB/T 9704-2012.
"""

from __future__ import annotations

import re
from itertools import pairwise
from unicodedata import east_asian_width

TITLE_CHARS = 20
"""Characters of 二号 (22 pt) on a line of 156 mm."""

# Words of this trade that a title must not tear. A drafter who knows better puts the break into the title.
_WHOLE = (
    "学制技师|预备技师|技师学院|技工院校|试点|申报|评估|结果|结论|材料|受理|补正|专业|名单"
    "|公示|公告|通知|决定|更正|不予同意|备案|撤回"
)


def clean(text: str) -> str:
    """The text with only what XML 1.0 (2.2, Char) can carry, its line ends as line feeds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def width(text: str) -> float:
    """Latin letters take half a character; a quarter is put between the two scripts (autoSpaceDN)."""
    wide = [east_asian_width(character) in "WFA" for character in text]
    return sum(1.0 if each else 0.5 for each in wide) + 0.25 * sum(a != b for a, b in pairwise(wide))


def title_lines(title: str) -> list[str]:
    """The title in lines of even length that keep words and numbers whole (7.3.1: 词意完整, 排列对称).

    A title with a line break, or short enough for one line, is left as it is.
    """
    if "\n" in title or width(title) <= TITLE_CHARS:
        return title.split("\n")
    torn = {
        found.start() + at
        for found in re.finditer(_WHOLE + "|[0-9A-Za-z]+[年月日批号项个]?", title)
        for at in range(1, len(found[0]))
    }
    closing, opening = "，、。；：）》〉”’〕的", "（《〈“‘〔"
    breaks = [
        at
        for at in range(1, len(title))
        if at not in torn and title[at] not in closing and title[at - 1] not in opening
    ]
    bodies = "省市县区厅局院校室部"  # an agency's name ends a word, unless it goes on: 学院, 院校
    good = {
        at
        for at in breaks
        if title[at - 1] in "的，、；）》"
        or title[at] in "（《关"
        or (title[at - 1] in bodies and title[at] not in bodies)
    }
    lines: list[str] = []
    start = 0
    for left in range(int(-(-width(title) // (TITLE_CHARS - 1))), 1, -1):
        aim = width(title[start:]) / left
        fits = [at for at in breaks if at > start and width(title[start:at]) <= TITLE_CHARS]
        if not fits:
            break
        end = min(fits, key=lambda at: abs(width(title[start:at]) - aim) - (2.5 if at in good else 0))
        lines.append(title[start:end])
        start = end
    return [*lines, title[start:]]


def column_widths(columns: list[list[float]], total: float) -> list[float]:
    """How `total` characters are shared by columns with entries of these widths.

    Short columns get what they need; long ones share the rest. One long remark should not squeeze a column of
    names, so that what counts for a long column is mostly its mean.
    """
    needs: list[float] = []
    for column in columns:
        longest, mean = max(column), sum(column) / len(column)
        needs.append((longest if longest <= 8 else min(24.0, (longest + 2 * mean) / 3)) + 0.7)  # 0.7: margins
    widths, left = list(needs), total
    waiting = sorted(range(len(needs)), key=lambda column: needs[column])
    while waiting and needs[waiting[0]] <= left / len(waiting):
        left -= needs[waiting.pop(0)]
    for column in waiting:
        widths[column] = left * needs[column] / sum(needs[each] for each in waiting)
    return [each * total / sum(widths) for each in widths]

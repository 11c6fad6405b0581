"""Numbers that carry their own rules: document numbers, social credit codes, citizen numbers (domain.md §5.6, §5.7).

The check digits stand here because `domain` imports nothing; the tests hold them against an independent library.
"""

import re
from datetime import date

# GB/T 9704—2012 §7.2: agency code, year in hexagonal brackets, serial number without leading zeros, 号.
_DOCUMENT_NO = re.compile(r"[\u4e00-\u9fff]{1,12}〔(19|20)\d{2}〕[1-9]\d{0,4}号")
_BRACKETED_YEAR = re.compile(r"[\[(（【〔](\d{4})[\])）】〕]")

_USCC_ALPHABET = (
    "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z; the check may be any of them
)
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643


def document_no(text: str) -> str | None:
    """The normal form of a 发文字号, or None when it is not one: spaces dropped, year brackets made 〔〕."""
    normal = _BRACKETED_YEAR.sub(r"〔\1〕", re.sub(r"\s", "", text))
    return normal if _DOCUMENT_NO.fullmatch(normal) else None


def is_uscc(text: str) -> bool:
    """统一社会信用代码: 18 characters of its alphabet with a right check character (GB 32100-2015)."""
    if len(text) != 18 or any(c not in _USCC_ALPHABET for c in text):
        return False
    total = sum(w * _USCC_ALPHABET.index(c) for w, c in zip(_USCC_WEIGHTS, text, strict=False))
    return text[-1] == _USCC_ALPHABET[-total % 31]


def skill_level(text: str) -> int | None:
    """The level (1 highest, 5 lowest) that a 职业技能等级证书编码 names, None when it is not one (domain.md §5.7).

    Kind of body (Y or S), its code 4, province 2, sequence 6, year 2, level 1, serial 6 digits.
    """
    match = re.fullmatch(r"[YS][0-9]{14}([1-5])[0-9]{6}", text)
    return int(match[1]) if match else None


def is_citizen_no(text: str) -> bool:
    """居民身份证号码: 17 digits with a real birth date and a right check character (GB 11643).

    The place code is not looked up: places were renumbered, and a number keeps the code of its registration.
    """
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(w * int(c) for w, c in zip(_CITIZEN_WEIGHTS, text, strict=False))
    return text[-1] == "10X98765432"[total % 11]

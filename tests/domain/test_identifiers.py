"""Numbers with rules of their own, held against an independent library and the table of domain.md §5.6, §5.7."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from domain.identifiers import document_no, is_citizen_no, is_uscc, skill_level

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODES = (
    "12440000MDEM00011E", "12440100MDEM0002XB", "12440300MDEM00038M", "12440400MDEM00046M", "12441900MDEM00054N",
    "52440100MDEM00062P", "91440300MADEM00700", "91441900MADEM00898",
)  # fmt: skip
CITIZENS = ("11010519491231002X", "440303200802290016", "441900200511301234", "440106197810014568")


@pytest.mark.parametrize("code", CODES)
def test_the_synthetic_credit_codes_are_right_and_no_other_check_character_is(code: str) -> None:
    assert is_uscc(code)
    assert [last for last in ALPHABET if is_uscc(code[:-1] + last)] == [code[-1]]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "440100000000000",
        CODES[0].lower(),
        CODES[0] + "0",
        CODES[0][:-1],
        " " + CODES[0][1:],
        "１" + CODES[0][1:],
    ],
)
def test_what_is_no_credit_code(wrong: str) -> None:
    assert not is_uscc(wrong)


@pytest.mark.parametrize("letter", "IOSVZ")
@pytest.mark.parametrize("place", range(18))
def test_letters_that_are_easily_misread_are_in_no_code(letter: str, place: int) -> None:
    code = CODES[1]
    assert not is_uscc(code[:place] + letter + code[place + 1 :])


@given(st.text(string.digits, min_size=8, max_size=8), st.text(ALPHABET, min_size=10, max_size=10))
def test_credit_codes_as_an_independent_library_has_them(head: str, tail: str) -> None:
    assert is_uscc(head + tail) is uscc.is_valid(head + tail)
    right = (head + tail)[:17] + uscc.calc_check_digit((head + tail)[:17])
    assert is_uscc(right)


@given(st.text(max_size=20) | st.text(ALPHABET, min_size=17, max_size=19))
def test_nothing_is_a_credit_code_that_the_library_refuses(text: str) -> None:
    if is_uscc(text) and text[:8].isdigit():  # the library takes no letters in front; GB 32100 does
        assert uscc.is_valid(text)


@given(st.sampled_from(CODES), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_found(code: str, place: int, other: str) -> None:
    changed = code[:place] + other + code[place + 1 :]
    assert is_uscc(changed) is (changed == code)


@pytest.mark.parametrize("number", CITIZENS)
def test_the_synthetic_citizen_numbers_are_right(number: str) -> None:
    assert is_citizen_no(number)
    assert [last for last in "0123456789X" if is_citizen_no(number[:-1] + last)] == [number[-1]]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "440106781001456",
        "44030320070229001X",
        "440106197813014568",
        "440106197810014568 ",
        "４40106197810014568",
    ],
)
def test_what_is_no_citizen_number(wrong: str) -> None:
    assert not is_citizen_no(wrong)


@given(
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), st.dates(), st.from_regex(r"[0-9]{3}", fullmatch=True)
)
def test_citizen_numbers_as_an_independent_library_has_them(place: str, born: object, order: str) -> None:
    seventeen = place + str(born).replace("-", "") + order
    right = ric.calc_check_digit(seventeen + "0")
    assert [last for last in "0123456789X" if is_citizen_no(seventeen + last)] == [right]


@given(st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True))
def test_a_citizen_number_needs_a_day_that_exists(number: str) -> None:
    if is_citizen_no(number):
        ric.get_birth_date(number)  # raises when there was no such day
        assert number[-1] == ric.calc_check_digit(number)


@pytest.mark.parametrize(
    "number",
    [
        "粤人社函〔2021〕360号",
        "粤府办〔2021〕54号",
        "湘人社发〔2024〕40号",
        "人社部发〔2021〕86号",
        "粤人社规〔2025〕25号",
    ],
)
def test_document_numbers_that_are_right_as_they_stand(number: str) -> None:
    assert document_no(number) == number


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("人社部函 [2022] 20 号", "人社部函〔2022〕20号"),
        ("粤发〔2023〕7 号", "粤发〔2023〕7号"),
        ("劳社部发[2006]31号", "劳社部发〔2006〕31号"),
        ("粤人社函（2026）88号", "粤人社函〔2026〕88号"),
        ("粤人社函(2026)88号", "粤人社函〔2026〕88号"),
        ("粤人社函【2026】88号", "粤人社函〔2026〕88号"),
        ("\u3000粤人社函\t〔2026〕\n88号", "粤人社函〔2026〕88号"),
    ],
)
def test_document_numbers_that_are_brought_into_form(raw: str, normal: str) -> None:
    assert document_no(raw) == normal
    assert document_no(normal) == normal


@pytest.mark.parametrize(
    "wrong",
    ["粤人社函〔2021〕0360号", "粤人社函〔21〕360号", "粤人社函〔2021〕第360号", "粤人社函〔2021〕360", "〔2021〕360号",
     "粤人社函2021年360号", "粤人社函〔1821〕360号", "粤人社函〔2021〕0号", "粤人社函〔２０２１〕360号", "粤人社函〔2021〕３号",
     "粤人社函〔2021〕360号。", "YRS〔2021〕360号", "粤人社函〔2021〕360号之二", ""],
)  # fmt: skip
def test_what_is_no_document_number(wrong: str) -> None:
    assert document_no(wrong) is None


@given(st.text(max_size=30))
def test_a_normal_form_is_normal(text: str) -> None:
    normal = document_no(text)
    assert normal is None or document_no(normal) == normal


@pytest.mark.parametrize(("number", "level"), [("S000044123456302000001", 2), ("Y440144000001225999999", 5)])
def test_a_skill_certificate_says_its_level(number: str, level: int) -> None:
    assert skill_level(number) == level


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "S00004412345630200000",
        "X000044123456302000001",
        "S000044123456306000001",
        "s000044123456302000001",
    ],
)
def test_what_is_no_skill_certificate(wrong: str) -> None:
    assert skill_level(wrong) is None

"""What the announcer reads: words and stops, nothing to stumble over."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from village.papers.numerals import count_in_words, decimal_in_words, digits_in_words
from village.papers.spoken import spoken, spoken_clock

STOPS = set("，。！？、：；")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (101, "一百零一"),
        (111, "一百一十一"),
        (222, "二百二十二"),
        (2002, "两千零二"),
        (10010, "一万零一十"),
        (22000, "两万两千"),
        (110000, "十一万"),
        (120034, "十二万零三十四"),
        (200010000, "两亿零一万"),
        (100000002, "一亿零二"),
    ],
)
def test_a_number_is_said_as_people_say_it(number: int, said: str) -> None:
    assert count_in_words(number) == said


@pytest.mark.parametrize("number", [-1, 10**16])
def test_a_number_that_nobody_says_is_an_error(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        count_in_words(number)


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_two_numbers_never_sound_the_same(one: int, other: int) -> None:
    assert (count_in_words(one) == count_in_words(other)) == (one == other)


def test_decimals_and_digits() -> None:
    assert decimal_in_words("3.50") == "三点五"
    assert decimal_in_words("4.00") == "四"
    assert digits_in_words("110", one="幺") == "幺幺零"


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (0, 0, "凌晨零点"),
        (8, 30, "上午八点三十分"),
        (12, 0, "中午十二点"),
        (14, 5, "下午两点零五分"),
        (19, 0, "晚上七点"),
    ],
)
def test_a_time_is_said_with_its_part_of_the_day(hour: int, minute: int, said: str) -> None:
    assert spoken_clock(hour, minute) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("11月25日8:30-12:00停水", "十一月二十五日上午八点三十分到中午十二点停水"),
        ("下午2:00—4:00", "下午两点到四点"),
        ("8：30开会", "上午八点三十分开会"),
        ("2026-11-25 14:05 开会", "二零二六年十一月二十五日下午两点零五分开会"),
        ("２０２６年１１月", "二零二六年十一月"),
        ("二〇二六年", "二零二六年"),
        ("2026-2027年", "二零二六年到二零二七年"),
        ("电话0270-0000012。", "电话零二七零，零零零零零幺二。"),
        ("拨打110、119，或12345热线", "拨打幺幺零、幺幺九，或幺二三四五热线"),
        ("共110户，12000元", "共一百一十户，一万两千元"),
        ("12,000元", "一万两千元"),
        ("3.5元/斤，¥12.50，12.05元", "三元五角每斤，十二元五角，十二元零五分"),
        ("增长95%，气温-3℃", "增长百分之九十五，气温零下三摄氏度"),
        ("5kg/袋，100 m²", "五公斤每袋，一百平方米"),
        ("2个，2天，2号，第2次，2万元", "两个，两天，二号，第二次，两万元"),
        ("1/3的户，11/25", "三分之一的户，十一月二十五日"),
        ("门牌码7K3M9-QX2HD", "门牌码七K三M九，QX二HD"),
        ("（见附件）——谢谢！！", "见附件，谢谢！"),
        ("三组 1 号至 48 号", "三组一号到四十八号"),
        ("看 https://xq.gov.cn/notices/12 。", "看村里的网页。"),
        ("5G基站", "五G基站"),
        ("😀好", "好"),
    ],
)
def test_writing_becomes_speech(written: str, said: str) -> None:
    assert spoken(written) == said


@settings(deadline=None)
@given(
    st.text(
        st.one_of(st.characters(), st.sampled_from("0123456789:-/.年月日元%℃（），。～ kgm")), max_size=60
    )
)
def test_no_digit_and_no_sign_is_ever_left_to_read(text: str) -> None:
    for character in spoken(text):
        known = character in STOPS or character in "\n "
        assert known or unicodedata.category(character) in ("Lo", "Lu", "Ll"), character
        assert not character.isdigit()

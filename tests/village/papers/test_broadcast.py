"""A notice in the chat group and from the loudspeaker."""

from __future__ import annotations

from datetime import timedelta

from tests.make.plates import NOW, make_notice
from village.papers.broadcast import group_text, loudspeaker_text


def test_the_group_gets_the_whole_notice_in_plain_text() -> None:
    assert group_text(make_notice()).splitlines() == [
        "【青石湾村 村务】关于三组检修水管临时停水的通知",
        "",
        "各位乡亲：三组定于 11 月 25 日 8:00-12:00 停水。",
        "请提前存水，急用请打 0270-0000008。",
        "",
        "停水：11 月 25 日 周三（农历十月十七）",
        "咨询电话：0270-0000008",
        "青石湾村村民委员会，11 月 22 日 周日（农历十月十四）",
        "看原文、听录音：https://xq.gov.cn/notices/12",
    ]


def test_what_a_notice_does_not_have_leaves_no_empty_label() -> None:
    text = group_text(make_notice(day=None, phone="", url=""))

    assert "停水：" not in text and "电话" not in text and "原文" not in text
    assert text.endswith("（农历十月十四）")


def test_a_notice_that_is_still_to_come_says_from_when_its_page_opens() -> None:
    lines = group_text(make_notice(begins=NOW + timedelta(days=1))).splitlines()

    assert lines[5].startswith("公布时间：11 月 23 日")
    assert lines[6].startswith("停水：")


def test_the_loudspeaker_says_everything_twice_between_a_beginning_and_an_end() -> None:
    lines = loudspeaker_text(make_notice()).splitlines()

    assert lines[0] == "青石湾村的乡亲们请注意，青石湾村的乡亲们请注意，现在播送通知。"
    assert lines[-1] == "通知播送完了，谢谢大家。"
    again = lines.index("下面再播送一遍。")
    assert lines[1:again] == lines[again + 1 : -1]
    assert lines[1:again] == [
        "关于三组检修水管临时停水的通知。",
        "各位乡亲：三组定于十一月二十五日上午八点到中午十二点停水。",
        "请提前存水，急用请打零二七零，零零零零零零八。",
        "停水，十一月二十五日周三，农历十月十七。",
        "有不清楚的，请打电话零二七零，零零零零零零八，再说一遍，零二七零，零零零零零零八。",
        "青石湾村村民委员会，十一月二十二日周日。",
    ]


def test_until_when_a_notice_hangs_on_the_board_is_no_date_to_be_told() -> None:
    for text in (group_text(make_notice()), loudspeaker_text(make_notice())):
        assert "12 月 22 日" not in text and "十二月" not in text


def test_once_is_enough_where_it_is_asked_for() -> None:
    assert "再播送一遍" not in loudspeaker_text(make_notice(), times=1)


def test_a_notice_of_signs_alone_leaves_no_empty_line() -> None:
    assert "\n\n" not in loudspeaker_text(make_notice(text="***\n！！！\n好"))

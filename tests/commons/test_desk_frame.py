"""The desk's menu: what belongs together shares a line, and says all that waits in it."""

from __future__ import annotations

from commons.desk_frame import DeskFrame, DeskLink

LINKS = (
    DeskLink("今日", "/desk", "home"),
    DeskLink("卖家", "/desk/sellers", "building-store", waiting=1, group="集市"),
    DeskLink("网格", "/desk/grids", "flag"),
    DeskLink("订单", "/desk/orders", "basket", is_current=True, waiting=2, group="集市"),
)


def test_the_ways_of_a_group_share_a_line_where_the_first_of_them_stands() -> None:
    menu = DeskFrame("青石湾村", "陈桂芳", "村文书", LINKS, "/desk/lock").menu

    assert [entry.title for entry in menu] == ["今日", "集市", "网格"]
    assert [link.url for link in menu[1].links] == ["/desk/sellers", "/desk/orders"]
    assert menu[1].is_current and menu[1].waiting == 3


def test_the_only_way_of_a_group_keeps_its_own_name() -> None:
    menu = DeskFrame("青石湾村", "陈桂芳", "村文书", LINKS[:2], "/desk/lock").menu

    assert [entry.title for entry in menu] == ["今日", "卖家"]

"""Each row of a sheet becomes a door that could exist, or a sentence that names its row and column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import beidou, cells, datums
from geocode.addresses import Divisions
from tests.make.divisions import ABOVE, VILLAGE
from tests.make.door_sheets import HEADS, door_row
from tests.make.doors import LAT, LNG
from village.doors.place_rules import Point, may_be_in_province, rough_metres
from village.doors.row_rules import Checked, DoorRow, RowContext, check_rows, normal_label
from village.doors.sheets import COLUMNS, TITLES, Cell

TABLE = Divisions.load(
    [
        *({"code": code, "name": name} for code, name in ABOVE.items()),
        {"code": VILLAGE, "name": "青石湾村民委员会"},
        {"code": "420199104208", "name": "柏泉村民委员会"},
        {"code": "420199105000", "name": "杏岭镇"},
    ]
)
CONTEXT = RowContext(VILLAGE, TABLE, "云泽省江汉市云台县柳河镇青石湾村", county_spot=(LAT, LNG))
PLACES = {name: index for index, name in enumerate(COLUMNS)}


def check(*rows: list[Any], context: RowContext = CONTEXT) -> Checked:
    return check_rows([list(HEADS), *rows], 1, PLACES, context)


def one(**changes: Any) -> DoorRow:
    checked = check(door_row(12, **changes))
    assert checked.faults == []
    (row,) = checked.rows
    return row


def fault(**changes: Any) -> tuple[int, str]:
    (found,) = check(door_row(12, **changes)).faults
    assert found.sentence
    return found.row, found.column


def test_a_row_becomes_a_door_with_all_its_codes() -> None:
    row = one()

    assert (row.group_no, row.label, row.room_no, row.hamlet) == (3, "12", 0, "")
    assert row.address == "云泽省江汉市云台县柳河镇青石湾村3组12号"
    assert row.codes.beidou_code == beidou.latlng_to_code(row.lat, row.lng, 8)
    assert row.codes.h3_cell == cells.latlng_to_cell_int(row.lat, row.lng, 12)
    assert row.codes.h3_near == cells.latlng_to_cell_int(row.lat, row.lng, 8)
    assert row.police_code == "4201991042070000000012"
    assert row.warnings == ()


@pytest.mark.parametrize(
    ("words", "frame"),
    [("GCJ-02", "gcj02"), ("gcj02", "gcj02"), ("高德", "gcj02"), ("BD-09", "bd09"), ("百度坐标系", "bd09")],
)
def test_coordinates_of_other_frames_are_moved_to_where_they_are(words: str, frame: Any) -> None:
    lat, lng = datums.convert(LAT, LNG, "wgs84", frame)

    row = one(坐标系=words, 经度=lng, 纬度=lat)

    assert row.coord_source == frame
    assert rough_metres((row.lat, row.lng), (LAT, LNG)) < 0.01
    assert rough_metres((lat, lng), (LAT, LNG)) > 300


def test_an_empty_frame_means_the_one_chosen_for_the_sheet() -> None:
    lat, lng = datums.convert(LAT, LNG, "wgs84", "bd09")
    row = door_row(12, 坐标系=None, 经度=lng, 纬度=lat)

    (door,) = check(row, context=replace(CONTEXT, default_frame="bd09")).rows

    assert door.coord_source == "bd09"
    assert rough_metres((door.lat, door.lng), (LAT, LNG)) < 0.01


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"地址": "三组12-1号", "组": "三组", "门牌号": "12-1"}, (3, "", "12-1", 0)),
        ({"地址": None, "组": "第三村民小组", "门牌号": "12号附1号"}, (3, "", "12-1", 0)),
        ({"地址": "柳河镇青石湾村3组12号附1号", "组": None, "门牌号": None}, (3, "", "12-1", 0)),
        ({"地址": "李家湾12号", "组": None, "门牌号": 12}, (0, "李家湾", "12", 0)),
        ({"地址": "青石湾村幸福路18号", "组": 5, "门牌号": "０１８"}, (5, "幸福路", "18", 0)),
        ({"地址": "青石湾村3组12号302室", "户室": "302"}, (3, "", "12", 302)),
        ({"地址": "青石湾村3组12号302室", "户室": None}, (3, "", "12", 302)),
        ({"地址": None, "组": 0, "门牌号": "12甲"}, (0, "", "12甲", 0)),
        ({"地址": None, "组": "十二", "门牌号": "十二号"}, (12, "", "12", 0)),
    ],
)
def test_group_hamlet_number_and_room_are_read_from_either_side(
    changes: dict[str, Any], expected: tuple[int, str, str, int]
) -> None:
    assert one(**changes).key == expected


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"地址": "柏泉村3组12号"}, "地址"),
        ({"地址": "黄石镇青石湾村3组12号"}, "地址"),
        ({"地址": "杏岭镇3组12号"}, "地址"),
        ({"地址": "x" * 201}, "地址"),
        ({"地址": "青石湾村\ue000湾3组12号"}, "地址"),
        ({"组": 4}, "组"),
        ({"组": "三里"}, "组"),
        ({"组": 100}, "组"),
        ({"门牌号": "13"}, "门牌号"),
        ({"门牌号": "西头"}, "门牌号"),
        ({"地址": None, "门牌号": None}, "门牌号"),
        ({"地址": None, "门牌号": "0"}, "门牌号"),
        ({"地址": None, "门牌号": "-3"}, "门牌号"),
        ({"经度": None}, "经度"),
        ({"经度": "东经一百一"}, "经度"),
        ({"纬度": "30°52′"}, "纬度"),
        ({"纬度": "nan"}, "纬度"),
        ({"纬度": float("inf")}, "纬度"),
        ({"纬度": True}, "纬度"),
        ({"经度": LAT, "纬度": LNG}, "经度"),
        ({"经度": 2.35, "纬度": 48.85}, "经度"),
        ({"坐标系": "北京54"}, "坐标系"),
        ({"标准地址编码": 420199104207000000012}, "标准地址编码"),
        ({"标准地址编码": 4.20199104207e20}, "标准地址编码"),
        ({"标准地址编码": "4" * 41}, "标准地址编码"),
        ({"户室": "0"}, "户室"),
        ({"户室": "1000"}, "户室"),
        ({"户室": "东边"}, "户室"),
        ({"地址": "青石湾村3组12号302室", "户室": "301"}, "户室"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(changes: dict[str, Any], column: str) -> None:
    assert fault(**changes) == (2, column)


def test_everything_wrong_in_a_row_is_named_at_once_each_by_its_column() -> None:
    row = door_row(
        12, 地址="柏泉村3组12号", 组="三里", 门牌号="西头", 经度="东", 纬度=None, 坐标系="北京54",
        标准地址编码="4" * 41, 户室="0",
    )  # fmt: skip
    checked = check(row)

    assert [(found.row, found.column) for found in checked.faults] == [
        (2, title) for title in TITLES.values()
    ]
    assert len({found.sentence for found in checked.faults}) == len(TITLES)


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"地址": "柏泉村3组12号", "门牌号": None}, ["地址"]),
        ({"经度": "x" * 201, "纬度": "北"}, ["经度", "纬度"]),
        ({"经度": LAT, "纬度": LNG, "组": 4}, ["组", "经度"]),
        ({"经度": 2.35, "坐标系": "北京54"}, ["经度", "坐标系"]),
    ],
)
def test_what_follows_from_one_wrong_cell_is_not_blamed_on_another(
    changes: dict[str, Any], columns: list[str]
) -> None:
    assert [found.column for found in check(door_row(12, **changes)).faults] == columns


def test_control_characters_and_invisible_ones_are_taken_out() -> None:
    assert one(地址="青石湾村\x003组\u200b12号", 门牌号="1\x002").address.endswith("青石湾村3组12号")


def test_what_was_not_understood_is_told_and_not_stored() -> None:
    row = one(地址="青石湾村3组12号东头老李家")

    assert row.address.endswith("青石湾村3组12号")
    assert any("老李家" in warning for warning in row.warnings)


def test_short_coordinates_are_mentioned_but_not_refused() -> None:
    assert any("小数" in warning for warning in one(经度=113.94, 纬度=30.87).warnings)


def test_the_second_of_two_rows_with_one_official_code_is_refused_with_both_row_numbers() -> None:
    checked = check(door_row(1), door_row(2), door_row(3, 标准地址编码="4201991042070000000001"))

    (found,) = checked.faults
    assert (found.row, found.column) == (4, "标准地址编码")
    assert "第 2 行" in found.sentence


def test_the_second_of_two_rows_for_one_door_is_refused_and_rooms_of_a_house_are_not() -> None:
    twice = check(door_row(1), door_row(1, 标准地址编码=None))
    rooms = check(*(door_row(1, 标准地址编码=None, 户室=room) for room in (1, 2, 3)))

    assert [(found.row, found.column) for found in twice.faults] == [(3, "门牌号")]
    assert rooms.faults == []


def test_empty_rows_are_left_out_and_row_numbers_hold() -> None:
    checked = check(door_row(1), [None] * 8, ["", "  "], door_row(2, 经度=None))

    assert [row.row for row in checked.rows] == [2]
    assert [found.row for found in checked.faults] == [5]


def test_a_door_far_from_the_rest_of_its_village_is_refused() -> None:
    checked = check(*(door_row(number) for number in range(1, 8)), door_row(8, 纬度=LAT + 0.2))

    assert [(found.row, found.column) for found in checked.faults] == [(9, "经度")]


def test_a_sheet_far_from_the_doors_that_the_village_has_is_refused() -> None:
    here = replace(CONTEXT, village_spots=((LAT + 1, LNG),) * 5)

    assert len(check(door_row(1), door_row(2), context=here).faults) == 2


def test_a_door_outside_the_countys_outline_is_refused() -> None:
    inside = replace(CONTEXT, county_cells=frozenset([cells.latlng_to_cell(LAT, LNG, 8)]))
    outside = replace(CONTEXT, county_cells=frozenset([cells.latlng_to_cell(LAT + 1, LNG, 8)]))

    assert check(door_row(1), context=inside).faults == []
    assert [found.column for found in check(door_row(1), context=outside).faults] == ["经度"]


def test_without_an_outline_other_villages_of_the_county_tell_where_it_is() -> None:
    far = replace(CONTEXT, county_spot=(LAT - 3, LNG))

    assert len(check(door_row(1), context=far).faults) == 1


@pytest.mark.parametrize("rows", [1, 8])
def test_a_whole_sheet_from_another_province_is_refused_although_its_doors_are_near_each_other(
    rows: int,
) -> None:
    beijing = [door_row(number, 经度=116.4 + number * 1e-5, 纬度=39.9) for number in range(1, rows + 1)]

    assert [found.column for found in check(*beijing).faults] == ["经度"] * rows


@pytest.mark.parametrize(
    ("code", "at"),
    [
        ("11", (39.9, 116.4)), ("15", (49.2, 119.8)), ("42", (30.3, 108.9)), ("46", (16.8, 112.3)), ("46", (20.0, 110.3)),
        ("50", (29.5, 106.5)), ("54", (29.6, 91.1)), ("65", (39.5, 76.0)), ("71", (25.0, 121.5)), ("82", (22.2, 113.55)),
    ],
)  # fmt: skip
def test_every_province_has_its_own_places(code: str, at: Point) -> None:
    assert may_be_in_province(at, code)
    assert not may_be_in_province((at[0] - 12, at[1] + 12), code)


def test_the_first_sheet_of_a_county_without_an_outline_asks_to_be_looked_at_on_a_map_once() -> None:
    alone = check(door_row(1), door_row(2), context=replace(CONTEXT, county_spot=None))

    assert [sum("在地图上看一眼" in words for words in row.warnings) for row in alone.rows] == [1, 0]
    assert not [words for row in check(door_row(1)).rows for words in row.warnings]


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans()), max_size=9
    )
)
def test_no_row_leads_anywhere_but_to_a_door_or_a_sentence(row: list[Cell]) -> None:
    checked = check(row)

    assert len(checked.rows) <= 1
    assert len({found.column for found in checked.faults}) == len(checked.faults)
    assert all(found.row == 2 and found.column in TITLES.values() for found in checked.faults)


@given(st.text(max_size=12))
def test_a_label_is_stable_once_it_is_normal(text: str) -> None:
    label = normal_label(text)

    assert label is None or (normal_label(label) == label and 0 < len(label) <= 12)

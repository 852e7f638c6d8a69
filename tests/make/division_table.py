"""
A fictional province of 30,032 rows with the quirks of a real table, so that a lone clone tests its import too.

Quirks: rows in the order of codes, province without a date, counties directly under the province behind a stand-in prefecture,
市辖区 among the counties, invented villages 498 and 598, a village and a community of one name in one town, committees
written without their 员, names with a question mark or a private-use character where somebody lost a rare one, brackets and
digits in names, two dates.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

from geocode.division_codes import KIND_NAMES, get_kind

ROWS = 30_032
VILLAGES = 28_380
TOWNS = 1_519
COUNTIES = 118
PREFECTURES = 14
INVENTED = 88
TWICE = 142
HEADS = ("code", "name", "level", "kind", "as_of")
DATE, LATER = "2020-06-30", "2023-06-30"
PROVINCE = "47"  # never given out, so no row says anything of a real place

_FIRST = "柏青石云杏松梨白清玉金银龙凤双三七八长高太平新古上下东西南北荷竹柳桃"
_SECOND = "湾冲垸岭坪畈桥店港湖河沟塘坡岗堰咀台墩铺"
_ENDINGS = ("村委会", "村民委员会", "村", "村民委会")
_COMMUNITY_ENDINGS = ("社区居委会", "社区居民委员会", "社区居民委会")

Row = tuple[str, str, str, str, str]


def division_rows() -> list[Row]:
    """The whole table, in the order of its codes."""
    upper = list(_counties())
    towns = list(_towns([code for code, _, level, _, _ in upper if level == "county"]))
    villages = list(_villages([code for code, *_ in towns]))
    return sorted([(f"{PROVINCE}0000000000", "云泽省", "province", "", ""), *upper, *towns, *villages])


def division_csv(rows: list[Row] | None = None) -> bytes:
    """The table as a file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADS)
    writer.writerows(division_rows() if rows is None else rows)
    return text.getvalue().encode()


def _names() -> Iterator[str]:
    for first, middle, last in itertools.product(_FIRST, ("", *_FIRST), _SECOND):
        yield first + middle + last


def _counties() -> Iterator[Row]:
    names = _names()
    numbers = [*range(1, PREFECTURES), 90]
    for index, number in enumerate(numbers):
        prefecture = f"{PROVINCE}{number:02d}"
        direct = number == 90
        name = "省直辖县级行政区划" if direct else f"{next(names)}市"
        yield (prefecture + "00000000", name, "city", "", DATE)
        count = 4 if direct else 9 if index < 10 else 8
        for county in range(1, count + 1):
            whole = not direct and county == 1 and index < 5
            yield (
                f"{prefecture}{county + 3 if direct else county:02d}000000",
                "市辖区" if whole else f"{next(names)}{'市' if direct else '县'}",
                "county",
                "",
                DATE,
            )


def _towns(counties: list[str]) -> Iterator[Row]:
    assert len(counties) == COUNTIES
    names = _names()
    for index in range(TOWNS):
        county, nth = counties[index % COUNTIES][:6], index // COUNTIES
        number = (1 + nth, 100 + nth, 200 + nth, 400 + nth)[nth % 4]
        code = f"{county}{number:03d}000"
        kind = KIND_NAMES[get_kind(code)]
        ending = {"街道": "街道", "镇": "镇", "乡": "乡"}.get(kind, "开发区（农场）")
        yield (code, next(names) + ending, "town", kind, LATER if index < 37 else DATE)


def _villages(towns: list[str]) -> Iterator[Row]:
    made = 0
    for index, town in enumerate(towns):
        names = _names()
        count = VILLAGES // TOWNS + (1 if index < VILLAGES % TOWNS else 0)
        for nth in range(count):
            yield _village(town[:9], index, nth, next(names), made)
            made += 1


def _village(town: str, index: int, nth: int, name: str, made: int) -> Row:
    if nth == 0 and index < INVENTED:
        code, name = f"{town}{498 if index % 2 else 598}", f"{name}虚拟生活区"
    elif nth < 3:
        code, name = (
            f"{town}{1 + nth:03d}",
            name + ("社区" if nth == 1 else _COMMUNITY_ENDINGS[index % len(_COMMUNITY_ENDINGS)]),
        )
        if nth == 2 and index < TWICE:
            name = f"{next(_names())}社区"
    else:
        code, name = f"{town}{200 + nth:03d}", name + _ENDINGS[made % len(_ENDINGS)]
        if nth == 3 and index < TWICE:
            name = f"{next(_names())}村委会"
    if nth == 4:
        name = {3: "?" + name, 5: "\ue170" + name, 7: f"{name}（原5队）"}.get(index, name)
    return (code, name, "village", KIND_NAMES[get_kind(code)], DATE)

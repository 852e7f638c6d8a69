"""A division table is checked as a whole, and every fault names its row and its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make.division_table import HEADS, division_csv
from village.divisions import rules
from village.divisions.errors import RowFault, SheetRefused

HEAD = ",".join(HEADS) + "\n"
PROVINCE = "470000000000,云泽省,province,,\n"
CITY = "470100000000,江汉市,city,,2020-06-30\n"


def faults_of(text: str | bytes) -> list[tuple[int, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(SheetRefused) as refused:
        rules.read_sheet(data)
    return [(fault.row, fault.column) for fault in refused.value.faults]


def test_a_table_may_have_a_mark_at_its_start_windows_line_ends_blank_lines_and_columns_of_its_own() -> None:
    text = (
        "\ufeff"
        + (HEAD.replace("\n", ",note\n") + PROVINCE.replace("\n", ",x\n")).replace("\n", "\r\n")
        + "\r\n"
    )

    sheet = rules.read_sheet(text.encode())

    assert [row.name for row in sheet.rows] == ["云泽省"]


def test_quirks_of_a_real_table_are_kept_as_they_are() -> None:
    sheet = rules.read_sheet(division_csv())
    names = [row.name for row in sheet.rows]

    assert len(sheet.rows) == 30_032
    assert any(name.startswith("?") for name in names)
    assert any(name.startswith("\ue170") for name in names)
    assert sum(row.code.endswith(("498", "598")) for row in sheet.rows) == 88
    assert rules.orphans(sheet, ()) == []


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("47010000000,江汉市,city,,\n", "code"),
        ("４７０１００００００００,江汉市,city,,\n", "code"),
        ("970100000000,江汉市,city,,\n", "code"),
        ("47010000000012345,江汉市,city,,\n", "code"),
        ("470100000201,江汉村,village,,\n", "code"),
        ("470100000000,江汉市,county,,\n", "level"),
        ("470100000000,江汉市,,,\n", "level"),
        ("470101001201,江汉村,village,居委会,\n", "kind"),
        ("470101001201,江汉村,village,村子,\n", "kind"),
        ("470100000000,,city,,\n", "name"),
        ("470100000000,江\x00汉市,city,,\n", "name"),
        ("470100000000,江\u200b汉市,city,,\n", "name"),
        (f"470100000000,{'江' * 61},city,,\n", "name"),
        ("470100000000,江汉市,city,,2020年6月\n", "as_of"),
        ("470100000000,江汉市,city,,2020-02-30\n", "as_of"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(row: str, column: str) -> None:
    assert (3, column) in faults_of(HEAD + PROVINCE + row)


def test_all_faults_are_told_and_not_only_the_first() -> None:
    assert faults_of(HEAD + "1,甲,city,,\n" + PROVINCE + "2,,city,,x\n") == [
        (2, "code"),
        (4, "code"),
        (4, "name"),
        (4, "as_of"),
    ]


def test_a_code_that_stands_twice_is_refused_with_both_rows() -> None:
    with pytest.raises(SheetRefused) as refused:
        rules.read_sheet((HEAD + PROVINCE + CITY + CITY).encode())

    assert refused.value.faults == (RowFault(4, "code", "代码 470100000000 与第 3 行重复"),)


def test_a_row_below_an_unknown_parent_is_an_orphan_unless_the_parent_was_imported_before() -> None:
    sheet = rules.read_sheet((HEAD + "470101000000,云台县,county,,\n").encode())

    assert [(fault.row, fault.column) for fault in rules.orphans(sheet, ())] == [(2, "code")]
    assert rules.orphans(sheet, ["470100000000"]) == []


def test_bytes_that_are_not_utf8_are_named_by_row_and_column() -> None:
    data = (HEAD + PROVINCE).encode() + "470100000000,江汉市,city,,\n".encode("gbk")

    assert faults_of(data) == [(3, "name")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        HEAD,
        "code,name\n1,2\n",
        "code,name,level,level\n",
        HEAD + PROVINCE + "470100000000,江汉市\n",
        HEAD + '470100000000,"江汉市\n',
        b"PK\x03\x04" + b"x" * 100,
        b"\x00" * 100,
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(text: str | bytes) -> None:
    assert faults_of(text)


@given(st.binary(max_size=300))
def test_no_bytes_lead_anywhere_but_to_a_table_or_a_refusal(data: bytes) -> None:
    for whole in (data, HEAD.encode() + data):
        try:
            rules.read_sheet(whole)
        except SheetRefused as refused:
            assert refused.faults


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("027-00000000", "027-00000000"),
        ("０２７ ０００００００", "027 0000000"),
        ("110", "110"),
        (" 10000000000 ", "10000000000"),
    ],
)
def test_a_duty_telephone_is_kept_as_it_is_printed(typed: str, kept: str) -> None:
    assert rules.normal_duty_phone(typed) == kept


@pytest.mark.parametrize("typed", ["12", "027-", "电话", "027-123;call", "1" * 20, "- - 11", ""])
def test_what_cannot_be_rung_is_no_duty_telephone(typed: str) -> None:
    assert rules.normal_duty_phone(typed) is None


@pytest.mark.parametrize(
    "name", ["", "村", "?石湾村", "\ue170石湾村", "青\x00石湾村", "青" * 31, "青\u200b石"]
)
def test_a_name_that_cannot_be_printed_is_refused(name: str) -> None:
    assert rules.village_name_fault(name)
    assert not rules.village_name_fault("青石湾村")

"""The village's commands, from a division table to a file of plates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from commons.db import db
from tests.make.divisions import VILLAGE, make_village
from tests.make.door_sheets import door_row, make_doors_sheet, make_sheet
from tests.village.divisions.test_actions import SMALL
from tests.village.plates.test_actions import base_url
from village.divisions.models import Division, Village
from village.doors import sheets
from village.doors.models import Door


@pytest.fixture(autouse=True)
def run_here(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(app: Flask, *words: str) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=list(words))


def test_from_a_table_to_a_printed_plate(app: Flask) -> None:
    Path("table.csv").write_text(SMALL, encoding="utf-8")
    rows = [door_row(n, 地址=f"柳河镇青石湾村3组{n}号", 标准地址编码=None) for n in (1, 2)]
    Path("doors.xlsx").write_bytes(make_sheet(rows))
    village = "470101104207"

    with base_url(app, "https://xq.example.cn"):
        said = [
            run(app, "divisions", "import", "table.csv").output,
            run(app, "divisions", "find", "柳河", "青石湾").output,
            run(app, "divisions", "enable", village, "--phone", "027-00000000").output,
            run(app, "doors", "import", "doors.xlsx", "--village", village, "--dry-run").output,
            run(app, "doors", "import", "doors.xlsx", "--village", village).output,
            run(app, "plates", "print", "--village", village, "--out", "plates.pdf").output,
            run(app, "plates", "hosts").output,
            run(app, "plates", "batches").output,
        ]

    assert "新增 11 行" in said[0] and village in said[1] and "青石湾村" in said[2]
    assert "没有存入" in said[3] and "新增 2" in said[4]
    assert "2 块" in said[5] and "XQ.EXAMPLE.CN" in said[6] and "第 1 批" in said[7]
    assert Path("plates.pdf").read_bytes().startswith(b"%PDF")
    assert len(json.loads(Path("plates.json").read_text(encoding="utf-8"))["plates"]) == 2


def test_a_batch_is_printed_again_to_the_byte(app: Flask) -> None:
    Path("doors.xlsx").write_bytes(make_doors_sheet(2))
    make_village()
    run(app, "doors", "import", "doors.xlsx", "--village", VILLAGE)

    with base_url(app, "https://xq.example.cn"):
        run(app, "plates", "print", "--village", VILLAGE, "--out", "one.pdf", "--layout", "stickers")
        again = run(app, "plates", "print", "--batch", "1", "--out", "two.pdf", "--layout", "stickers")
        nothing = run(app, "plates", "print", "--village", VILLAGE, "--out", "three.pdf")

    assert Path("one.pdf").read_bytes() == Path("two.pdf").read_bytes()
    assert "注意" not in again.output
    assert nothing.exit_code == 1 and not Path("three.pdf").exists()


def test_a_file_that_cannot_be_written_prints_no_plate_in_vain(app: Flask) -> None:
    Path("doors.xlsx").write_bytes(make_doors_sheet(2))
    make_village()
    run(app, "doors", "import", "doors.xlsx", "--village", VILLAGE)
    Path("full.json").mkdir()

    with base_url(app, "https://xq.example.cn"):
        nowhere = run(app, "plates", "print", "--village", VILLAGE, "--out", "nowhere/x.pdf")
        batches = run(app, "plates", "batches")
        full = run(app, "plates", "print", "--village", VILLAGE, "--out", "full.pdf")
        again = run(app, "plates", "print", "--batch", "1", "--out", "again.pdf")

    assert (nowhere.exit_code, "没有文件夹 nowhere" in nowhere.output) == (2, True)
    assert batches.output == ""
    assert (full.exit_code, "plates print --batch 1" in full.output) == (1, True)
    assert "Traceback" not in full.output and isinstance(full.exception, SystemExit)
    assert again.exit_code == 0


@pytest.mark.parametrize("village", ["123", VILLAGE, ""])
def test_a_village_that_is_not_open_is_named_once_and_not_in_every_row(app: Flask, village: str) -> None:
    Path("doors.xlsx").write_bytes(make_doors_sheet(20))
    said = run(app, "doors", "import", "doors.xlsx", "--village", village, "--dry-run")

    assert (said.exit_code, said.output) == (1, "Error: 没有这个村，或者它还没有启用\n")


def test_wrong_rows_are_named_and_the_sheet_comes_back(app: Flask) -> None:
    Path("doors.xlsx").write_bytes(make_sheet([door_row(1), door_row(2, 纬度=None)]))
    make_village()

    said = run(app, "doors", "import", "doors.xlsx", "--village", VILLAGE, "--errors", "wrong.xlsx")

    assert said.exit_code == 1
    assert "第 3 行“纬度”列：没有纬度" in said.output
    assert sheets.read_cells(Path("wrong.xlsx").read_bytes())[2][-1] == "纬度：没有纬度"
    assert db.session.scalar(select(func.count()).select_from(Door)) == 0


def test_a_wrong_table_is_refused_line_by_line(app: Flask) -> None:
    Path("table.csv").write_text(SMALL + "470101104208,柏泉村,town,,\n", encoding="utf-8")

    said = run(app, "divisions", "import", "table.csv")

    assert said.exit_code == 1 and "第 13 行“level”列" in said.output
    assert db.session.scalar(select(func.count()).select_from(Division)) == 0


def test_what_is_not_there_is_told(app: Flask) -> None:
    Path("doors.xlsx").write_bytes(make_doors_sheet(1))

    results = [
        run(app, "divisions", "enable", "470101104207"),
        run(app, "divisions", "find", "没有"),
        run(app, "doors", "import", "doors.xlsx", "--village", "470101104207"),
        run(app, "plates", "print", "--out", "x.pdf"),
        run(app, "plates", "print", "--batch", "9", "--out", "x.pdf"),
    ]

    assert [result.exit_code for result in results] == [1] * 5
    assert all("Traceback" not in result.output for result in results)
    assert db.session.scalar(select(func.count()).select_from(Village)) == 0


def test_a_countys_outline_is_kept_and_a_merger_written_down(app: Flask) -> None:
    Path("table.csv").write_text(SMALL, encoding="utf-8")
    ring = [[113.9, 30.8], [114.0, 30.8], [114.0, 30.9], [113.9, 30.9], [113.9, 30.8]]
    Path("county.json").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")
    run(app, "divisions", "import", "table.csv")

    outline = run(app, "divisions", "outline", "470101", "county.json")
    merged = run(app, "divisions", "merge", "470101104207", "470101104001")
    broken = run(app, "divisions", "outline", "470101", "table.csv")

    assert "已登记县界" in outline.output and "并入" in merged.output
    assert broken.exit_code == 1

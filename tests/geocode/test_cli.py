"""The command line: one place as JSON, whole files as CSV or GeoJSON, and honest exit statuses."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from geocode.__main__ import main
from tests.geocode.address_tables import CORPUS

DIVISIONS = str(CORPUS / "divisions.csv")
Captured = pytest.CaptureFixture[str]


def test_encode_answers_with_grid_code_and_cell(capsys: Captured) -> None:
    assert main(["encode", "31.77583", "111.82944"]) == 0
    assert json.loads(capsys.readouterr().out) == {"beidou": "N49H77346B807377", "h3": "8c40a33889603ff"}


def test_encode_converts_other_frames_first(capsys: Captured) -> None:
    assert main(["encode", "30.5903905643", "114.3109448884", "--frame", "gcj02", "--level", "6"]) == 0
    from_gcj = json.loads(capsys.readouterr().out)
    assert main(["encode", "30.5928", "114.3055", "--level", "6"]) == 0

    assert json.loads(capsys.readouterr().out) == from_gcj


def test_encode_takes_southern_and_western_degrees(capsys: Captured) -> None:
    assert main(["encode", "-31.5", "-64.2", "--level", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["beidou"].startswith("S20")


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("N49H77346B807377", "beidou"),
        ("N036J0093000780B3010010520430140", "beidou3d"),
        ("abcde2345e", "door"),
        ("420624101205 03 00012 000 9", "address"),
        ("420624101205", "division"),
    ],
)
def test_decode_knows_a_code_by_its_shape(code: str, what: str, capsys: Captured) -> None:
    assert main(["decode", code]) == 0
    assert json.loads(capsys.readouterr().out)["what"] == what


@pytest.mark.parametrize(
    ("code", "error"), [("N49H77346B", "bad_beidou_code"), ("42062410120503000120008", "bad_address_code")]
)
def test_a_wrong_code_is_refused_with_its_stable_name(code: str, error: str, capsys: Captured) -> None:
    assert main(["decode", code]) == 1
    assert capsys.readouterr().err.startswith(error + ":")


def test_a_decoded_cell_is_a_closed_geojson_ring(capsys: Captured) -> None:
    assert main(["decode", "N49H77346", "--geojson"]) == 0
    feature = json.loads(capsys.readouterr().out)
    (ring,) = feature["geometry"]["coordinates"]

    assert feature["type"] == "Feature"
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    assert feature["properties"]["what"] == "beidou"


def test_parse_answers_with_parts_and_warnings(capsys: Captured) -> None:
    assert main(["parse", "云溪镇太平村3组", "--divisions", DIVISIONS]) == 0
    answer = json.loads(capsys.readouterr().out)

    assert answer["group"] == 3
    assert answer["warnings"][0]["code"] == "ambiguous_division"


def test_links_come_for_all_three_maps(capsys: Captured) -> None:
    assert main(["links", "30.5928", "114.3055", "石鼓村"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"amap", "tencent", "baidu"}


def test_a_file_of_addresses_keeps_its_columns_and_loses_no_row(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,address\n1,鹿鸣镇大坪村9组\n2,\n3,南漳县太平村3组\n", encoding="utf-8")
    target = tmp_path / "out.csv"

    status = main(["parse", "--csv", str(source), "--out", str(target), "--divisions", DIVISIONS])
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))

    assert status == 1
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert [row["error"] for row in rows] == ["", "bad_address", ""]
    assert rows[0]["village_code"] == "420624191204"
    assert "太平村" in rows[2]["warnings"]
    assert "3 rows, 1 refused" in capsys.readouterr().err


def test_a_file_saved_by_a_chinese_spreadsheet_is_read(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("address\n鹿鸣镇大坪村9组\n", encoding="gb18030")

    assert main(["parse", "--csv", str(source), "--divisions", DIVISIONS]) == 0
    assert "湖北省襄阳市南漳县鹿鸣镇大坪村9组" in capsys.readouterr().out


def test_a_file_of_points_becomes_a_collection_of_cells(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,lat,lng\n1,31.7,111.8\n2,x,3\n3,30.5,114.3\n", encoding="utf-8")

    assert main(["encode", "--csv", str(source), "--geojson", "--level", "4"]) == 1
    collection = json.loads(capsys.readouterr().out)

    assert [feature["properties"]["id"] for feature in collection["features"]] == ["1", "3"]


@pytest.mark.parametrize("arguments", [["encode", "31.7"], ["links", "31.7", "111.8"], ["parse"]])
def test_missing_words_are_wrong_use(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == 2
    assert "--csv" in capsys.readouterr().err


def test_a_file_without_the_column_is_wrong_use(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("latitude,lng\n1,2\n", encoding="utf-8")

    assert main(["encode", "--csv", str(source)]) == 2
    assert "lat" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"code;name\n1;2\n", "commas"),
        ("code,name\n1,2\n".encode("utf-16"), "UTF-16"),
        (b'code,name\n1,"' + b"x" * 140_000, "quote"),
        ("代码,名称\n420624000000,南漳县\n".encode(), "missing_column: code, name"),
    ],
)
@pytest.mark.parametrize("option", ["--csv", "--divisions"])
def test_a_file_that_is_no_such_table_is_wrong_use_and_said(
    option: str, content: bytes, said: str, tmp_path: Path, capsys: Captured
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    arguments = ["decode", "--csv"] if option == "--csv" else ["parse", "石鼓村", "--divisions"]

    assert main([*arguments, str(source)]) == 2
    assert (said if option == "--divisions" else said.replace(", name", "")) in capsys.readouterr().err


def test_no_column_of_the_file_is_written_over(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("village,error,address\n甲,乙,鹿鸣镇大坪村9组\n", encoding="utf-8")

    assert main(["parse", "--csv", str(source), "--divisions", DIVISIONS]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["village"], row["error"]) == ("甲", "乙")
    assert (row["geocode_village"], row["geocode_error"], row["town"]) == ("大坪村", "", "鹿鸣镇")


def test_a_column_of_the_file_is_no_cell_of_ours(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("beidou,code\nN50J,N49H77346\n", encoding="utf-8")

    assert main(["decode", "--csv", str(source), "--geojson"]) == 0
    (feature,) = json.loads(capsys.readouterr().out)["features"]
    assert feature["geometry"]["coordinates"][0][0] == pytest.approx([111.816667, 31.766667], abs=1e-6)
    assert feature["properties"]["beidou"] == "N50J"


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (["parse", "--divisions", DIVISIONS, "云溪镇石鼓村", "3组"], "group", 3),
        (["decode", "N50J", "47"], "level", 2),
    ],
)
def test_spaces_need_no_quotes(words: list[str], key: str, value: object, capsys: Captured) -> None:
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)[key] == value


def test_one_answer_goes_to_the_file_that_was_named(tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "cell.json"

    assert main(["decode", "N50J", "--out", str(target)]) == 0
    assert json.loads(target.read_text(encoding="utf-8"))["level"] == 1
    assert capsys.readouterr().out == ""


def test_a_missing_file_is_said_and_not_traced(capsys: Captured) -> None:
    assert main(["decode", "--csv", "/nowhere/in.csv"]) == 1
    assert "/nowhere/in.csv" in capsys.readouterr().err


def test_an_empty_file_gives_an_empty_answer(tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "in.csv"
    source.write_text("code\n", encoding="utf-8")

    assert main(["decode", "--csv", str(source)]) == 0
    assert "0 rows, 0 refused" in capsys.readouterr().err


def test_the_module_runs_as_a_program_and_reads_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "geocode", "decode", "--csv", "-"],
        input="code\nABCDE2345E\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert "ABCDE-2345E" in done.stdout


def test_a_person_at_a_terminal_sees_a_progress_bar(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("code\nABCDE2345E\n", encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    assert main(["decode", "--csv", str(source)]) == 0
    assert "1/1" in capsys.readouterr().err


def test_without_the_progress_bar_a_person_gets_the_same_answer(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("code\nABCDE2345E\n", encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setitem(sys.modules, "tqdm", None)

    assert main(["decode", "--csv", str(source)]) == 0
    assert "ABCDE-2345E" in capsys.readouterr().out


def test_the_library_itself_does_not_import_the_progress_bar() -> None:
    program = "import sys, geocode.addresses, geocode.door_codes; sys.exit('tqdm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])

    assert done.returncode == 0

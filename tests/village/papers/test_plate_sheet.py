"""The sheets as a printer and a phone see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from commons.fonts import BUNDLED_BOLD
from tests.make.plates import make_batch, make_face, make_faces
from tests.village.papers.pdf_reading import (
    DPI,
    codes_seen,
    embedded_fonts,
    modules_printed,
    page_pictures,
    page_sizes_mm,
    text_of,
)
from village.papers.errors import UnfitPaper
from village.papers.plate_sheet import Sheet
from village.papers.plate_sizes import (
    GRIDS,
    LARGE,
    MEDIUM,
    SIZES,
    SMALL,
    STICKER,
    Paper,
    PlateSize,
    grid_for,
    place_of,
)
from village.papers.qr import symbol


@pytest.mark.parametrize(
    ("size", "paper", "page"),
    [
        (SMALL, Paper.a3, (420, 297)),
        (SMALL, Paper.a4, (210, 297)),
        (MEDIUM, Paper.a3, (297, 420)),
        (LARGE, Paper.plate, (630, 430)),
        (STICKER, Paper.a3, (420, 297)),
        (STICKER, Paper.a4, (210, 297)),
    ],
)
def test_every_kind_of_sheet_has_true_size_and_codes_that_read(
    size: PlateSize, paper: Paper, page: tuple[float, float], tmp_path: Path
) -> None:
    capacity = grid_for(size, paper).capacity
    faces = make_faces(capacity + 1)
    pdf = make_batch(faces, sheet=Sheet("青石湾村", 3, size, paper)).pdf

    seen = codes_seen(pdf, tmp_path)

    assert page_sizes_mm(pdf) == [page, page]
    assert [code.text for code in seen] == [face.url for face in faces]
    for code in seen:
        assert code.width == pytest.approx(size.symbol, abs=0.6)
        assert code.height == pytest.approx(size.symbol, abs=0.6)


def test_a_longer_host_keeps_the_symbol_at_forty_millimetres(tmp_path: Path) -> None:
    pdf = make_batch(make_faces(1, host="code.example.gov.cn")).pdf

    [code] = codes_seen(pdf, tmp_path)

    assert code.width == pytest.approx(40, abs=0.6)


def test_the_ink_lies_module_by_module_where_the_symbol_says(tmp_path: Path) -> None:
    """A reader also takes a mirrored code; some phones do not."""
    face = make_face()
    pdf = make_batch([face]).pdf
    [picture], [code] = page_pictures(pdf, tmp_path), codes_seen(pdf, tmp_path)
    made = symbol(face.url)

    printed = modules_printed(picture, code, made.modules)

    assert printed == [[int(bit) for bit in f"{row:029b}"] for row in made.rows]


@pytest.mark.parametrize(("size", "paper"), [(MEDIUM, Paper.a4), (LARGE, Paper.a3), (STICKER, Paper.plate)])
def test_a_size_that_would_have_to_be_scaled_is_refused(size: PlateSize, paper: Paper) -> None:
    with pytest.raises(UnfitPaper, match="不能原大印"):
        make_batch(sheet=Sheet("青石湾村", 3, size, paper))


@pytest.mark.parametrize(("name", "paper"), list(GRIDS))
def test_plates_lie_inside_the_paper_and_apart_from_each_other(name: str, paper: Paper) -> None:
    size, grid = SIZES[name], GRIDS[name, paper]
    places = [place_of(grid, size, index) for index in range(grid.capacity)]

    for left, top in places:
        assert left >= 5 and top >= 5
        assert left + size.width <= grid.page[0] - 5
        assert top + size.height <= grid.page[1] - (5 if grid.ruler_at_side else 20)
    for one, (left, top) in enumerate(places):
        for other_left, other_top in places[:one]:
            # Crop marks reach 2.5 mm out of each plate.
            assert abs(left - other_left) >= size.width + 5 or abs(top - other_top) >= size.height + 5


def test_everything_that_must_be_read_by_eye_is_in_print() -> None:
    text = text_of(make_batch([make_face(number="1288")]).pdf)

    for words in ("柳河镇", "青石湾村三组", "1288", "号", "ABCDE-2345E", "xq.gov.cn", "值班0270-0000012"):
        assert words in text
    assert "青石湾村·第3批·第1张，共1张·150×90毫米·二维码40毫米，白底51毫米，H级·按100%打印，勿缩放" in text
    assert "100毫米" in text
    assert "演示" not in text


def test_a_demonstration_plate_says_so_on_the_plate_and_on_the_sheet() -> None:
    text = text_of(make_batch([make_face(demo=True)]).pdf)

    assert text.count("演示") == 3
    assert "演示牌，不作门牌使用" in text and "演示，不可安装" in text


def test_a_sticker_carries_its_code_and_a_demonstration_sticker_its_mark() -> None:
    sheet = Sheet("青石湾村", 3, STICKER, Paper.a4)

    assert "ABCDE-2345E演示" in text_of(make_batch([make_face(demo=True)], sheet=sheet).pdf)
    assert "青石湾村三组" not in text_of(make_batch([make_face()], sheet=sheet).pdf)


def test_the_a4_sheet_is_marked_as_a_proof() -> None:
    assert "纸样" in text_of(make_batch(sheet=Sheet("青石湾村", 3, paper=Paper.a4)).pdf)


def test_only_a_small_part_of_the_font_is_embedded_and_nothing_is_left_to_the_printer() -> None:
    fonts = embedded_fonts(make_batch().pdf)

    assert fonts
    assert all(0 < size < BUNDLED_BOLD.stat().st_size / 20 for size in fonts.values())


def test_the_ruler_is_a_hundred_millimetres_long(tmp_path: Path) -> None:
    pdf = make_batch(make_faces(1), sheet=Sheet("青石湾村", 3, paper=Paper.a4)).pdf
    [picture] = page_pictures(pdf, tmp_path)

    row = picture[round((297 - 14) * DPI / 25.4) - 3 : round((297 - 14) * DPI / 25.4) + 4].min(axis=0)
    dark = np.flatnonzero(row < 200)
    breaks = np.flatnonzero(np.diff(dark) > 3)
    ruler = dark[: breaks[0] + 1] if breaks.size else dark

    assert (ruler[-1] - ruler[0]) * 25.4 / DPI == pytest.approx(100, abs=0.4)


def test_the_same_batch_is_the_same_file() -> None:
    faces = make_faces(7)

    assert make_batch(faces).pdf == make_batch(faces).pdf


def test_a_plate_adds_little_to_the_file() -> None:
    few, many = len(make_batch(make_faces(6)).pdf), len(make_batch(make_faces(66)).pdf)

    assert (many - few) / 60 < 1600

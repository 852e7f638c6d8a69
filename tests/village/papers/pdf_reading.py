"""Looking at a finished PDF the way a printer and a phone do: through poppler and an independent reader."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image
from pypdf import PdfReader

DPI = 150


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A code found in the picture of a page: its text, and where its symbol lies in millimetres."""

    text: str
    left: float
    top: float
    width: float
    height: float


def page_sizes_mm(pdf: bytes) -> list[tuple[float, float]]:
    """Return width and height of every page, to a tenth of a millimetre."""
    pages = PdfReader(BytesIO(pdf)).pages
    return [
        (round(float(p.mediabox.width) * 25.4 / 72, 1), round(float(p.mediabox.height) * 25.4 / 72, 1))
        for p in pages
    ]


def text_of(pdf: bytes) -> str:
    """Return the text of all pages without spaces and line breaks: layout is not what is asked here."""
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def embedded_fonts(pdf: bytes) -> dict[str, int]:
    """Return the embedded font programs by name with their size; a font that is only named counts as zero."""
    found: dict[str, int] = {}
    for page in PdfReader(BytesIO(pdf)).pages:
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
        for reference in fonts.values():
            font = reference.get_object()
            descriptor = font.get("/FontDescriptor")
            program = descriptor.get_object().get("/FontFile2") if descriptor is not None else None
            found[str(font["/BaseFont"])] = len(program.get_object().get_data()) if program is not None else 0
    return found


def page_pictures(pdf: bytes, folder: Path) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Draw every page with poppler, in grey, at 150 dots per inch."""
    source = folder / "sheet.pdf"
    source.write_bytes(pdf)
    command = ["pdftoppm", "-r", str(DPI), "-gray", str(source), str(folder / "page")]
    subprocess.run(command, check=True, timeout=120)
    return [np.asarray(Image.open(picture)) for picture in sorted(folder.glob("page*.pgm"))]


def modules_printed(
    picture: np.ndarray[Any, np.dtype[np.uint8]], code: SeenCode, modules: int
) -> list[list[int]]:
    """Return what ink lies at the centre of every module of a code in a page's picture: 1 is dark."""
    centres = (np.arange(modules) + 0.5) / modules
    xs = np.rint((code.left + centres * code.width) * DPI / 25.4).astype(int)
    ys = np.rint((code.top + centres * code.height) * DPI / 25.4).astype(int)
    dark: list[list[int]] = (picture[np.ix_(ys, xs)] < 128).astype(int).tolist()
    return dark


def codes_seen(pdf: bytes, folder: Path) -> list[SeenCode]:
    """Return every code that can be read from the pictures of the pages, page after page."""
    seen: list[SeenCode] = []
    for picture in page_pictures(pdf, folder):
        on_page = [_seen(found) for found in zxingcpp.read_barcodes(picture)]
        seen += sorted(on_page, key=lambda code: (round(code.top / 20), code.left))
    return seen


def _seen(found: Any) -> SeenCode:
    place = found.position
    corners = [place.top_left, place.top_right, place.bottom_left, place.bottom_right]
    xs = [corner.x * 25.4 / DPI for corner in corners]
    ys = [corner.y * 25.4 / DPI for corner in corners]
    return SeenCode(found.text, min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))

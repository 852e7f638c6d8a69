"""From faces to a file that may be handed out: check, make, prove, draw, write down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from village.papers.errors import BadPlate
from village.papers.fonts import paper_font
from village.papers.manifest import Batch, make_manifest
from village.papers.plate_face import PlateFace, require_printable
from village.papers.plate_sheet import Sheet, draw_sheets
from village.papers.plate_sizes import grid_for
from village.papers.proof import prove
from village.papers.qr import symbol


@dataclass(frozen=True, slots=True)
class PrintedBatch:
    """A PDF whose every code has been read again, and the manifest that says so."""

    pdf: bytes
    manifest: bytes
    public_host: str
    sheets: int


def print_batch(
    faces: Sequence[PlateFace], sheet: Sheet, now: datetime, full_font: Path | None = None
) -> PrintedBatch:
    """
    Print a batch, or raise and hand out nothing.

    Raises:
        BadPlate: a face contradicts itself, a code stands twice, hosts or demonstration and real plates
            are mixed.
        MissingGlyphs, UnfitPaper, UnusableFont: as their names say.
        ProofError: a symbol does not read back; an alarm, not a message to the clerk.
    """
    font = paper_font(full_font)
    grid = grid_for(sheet.size, sheet.paper)
    require_printable(faces, font)
    if len({(face.host, face.demo) for face in faces}) > 1:
        raise BadPlate("一批门牌只能用一个网址，演示牌和正式牌不能混在一批")
    symbols = [symbol(face.url) for face in faces]
    proofs = list(prove(symbols))
    pdf = draw_sheets(list(zip(faces, symbols, strict=True)), sheet, font)
    batch = Batch(sheet=sheet, faces=tuple(faces), symbols=tuple(symbols), proofs=tuple(proofs), made_at=now)
    return PrintedBatch(
        pdf=pdf,
        manifest=make_manifest(batch, pdf, font),
        public_host=faces[0].host,
        sheets=-(-len(faces) // grid.capacity),
    )

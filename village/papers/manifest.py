"""
The manifest of a batch: what was printed, so that it can be answered years later which code hangs where.

Canonical JSON (sorted keys, no spaces, UTF-8, one newline at the end), so that equal content is equal
bytes. The ``digest`` at its end covers everything else in it; keep that digest in the database too,
because whoever can change a file can also compute it anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from village.papers.errors import AddressTooLong, BadPlate
from village.papers.fonts import PaperFont
from village.papers.plate_face import PlateFace
from village.papers.plate_sheet import Sheet
from village.papers.plate_sizes import grid_for
from village.papers.proof import Proof
from village.papers.qr import Symbol, symbol

FORMAT = "xiangqingma-plate-batch/1"


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that went into a print, in the same order."""

    sheet: Sheet
    faces: tuple[PlateFace, ...]
    symbols: tuple[Symbol, ...]
    proofs: tuple[Proof, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not agree: a stable code for programs, a sentence for people."""

    code: str
    sentence: str


def make_manifest(batch: Batch, pdf: bytes, font: PaperFont) -> bytes:
    """Return the manifest of *batch* as canonical JSON."""
    sheet, first = batch.sheet, batch.symbols[0]
    content: dict[str, Any] = {
        "format": FORMAT,
        "village": sheet.village,
        "batch": sheet.batch,
        "made_at": batch.made_at.isoformat(timespec="seconds"),
        "demo": batch.faces[0].demo,
        "public_host": batch.faces[0].host,
        "paper": sheet.paper.value,
        "size": sheet.size.name,
        "plate_mm": [sheet.size.width, sheet.size.height],
        "symbol_mm": sheet.size.symbol,
        "patch_mm": round(sheet.size.patch(first.modules), 3),
        "level": "H",
        "font": {"name": font.name, "sha256": font.sha256},
        "pdf": {"sha256": hashlib.sha256(pdf).hexdigest(), "bytes": len(pdf)},
        "plates": list(_plate_lines(batch)),
    }
    content["digest"] = _digest(content)
    return _canonical(content)


def digest_of(manifest: bytes) -> str:
    """
    Return the digest a manifest claims, to be kept in the database. A broken manifest has none:
    ValueError.
    """
    content = json.loads(manifest)
    if not isinstance(content, dict) or not isinstance(content.get("digest"), str):
        raise ValueError("not a manifest")
    return str(content["digest"])


def verify(manifest: bytes, pdf: bytes | None = None, digest: str | None = None) -> tuple[Fault, ...]:
    """
    Return everything about a manifest that does not agree; nothing means it is whole.

    *pdf* is the file handed out with it, *digest* the one kept in the database. Every symbol is made
    again from its address and must come out as the pattern that was printed.
    """
    try:
        content = json.loads(manifest.decode("utf-8"))
    except ValueError:
        return (Fault("unreadable", "清单不是可读的 JSON"),)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return (Fault("unknown_format", "这不是门牌批次清单，或者版本不认识"),)
    try:
        return tuple(_faults(content, manifest, pdf, digest))
    except (KeyError, TypeError, AttributeError, ValueError):
        return (Fault("incomplete", "清单缺少内容，或者内容的类型不对"),)


def _faults(content: dict[str, Any], raw: bytes, pdf: bytes | None, digest: str | None) -> Iterator[Fault]:
    if _canonical(content) != raw:
        yield Fault("not_canonical", "清单被重新排版过")
    if content["digest"] != _digest(content):
        yield Fault("digest_differs", "清单的内容和它自己的校验和对不上")
    if digest is not None and content["digest"] != digest:
        yield Fault("not_the_recorded_one", "这不是系统里登记的那份清单")
    if pdf is not None and content["pdf"]["sha256"] != hashlib.sha256(pdf).hexdigest():
        yield Fault("pdf_differs", "PDF 文件和清单对不上")
    codes = [line["code"] for line in content["plates"]]
    if len(set(codes)) != len(codes):
        yield Fault("code_twice", "清单里有重复的码")
    for line in content["plates"]:
        if not line["url"].endswith(f"//{content['public_host']}/D/{line['code']}"):
            yield Fault("url_differs", f"{line['code']} 的网址不对")
        elif not _is_drawn_as_told(line):
            yield Fault("symbol_differs", f"{line['code']} 的二维码图形对不上")


def _is_drawn_as_told(line: dict[str, Any]) -> bool:
    try:
        return bool(symbol(line["url"]).sha256 == line["symbol_sha256"])
    except (BadPlate, AddressTooLong):  # no symbol of a plate can say it
        return False


def _plate_lines(batch: Batch) -> Iterator[dict[str, Any]]:
    """One line for each plate: what it says, where it lies, and what the independent reader found."""
    capacity = grid_for(batch.sheet.size, batch.sheet.paper).capacity
    pairs = zip(batch.faces, batch.symbols, batch.proofs, strict=True)
    for index, (face, drawn, proof) in enumerate(pairs):
        yield {
            "code": face.code,
            "url": face.url,
            "town": face.town,
            "place": face.place,
            "number": face.number,
            "sheet": index // capacity + 1,
            "position": index % capacity + 1,
            "symbol_sha256": drawn.sha256,
            "version": drawn.version,
            "read_back": proof.text,
            "read_level": proof.level,
        }


def _digest(content: dict[str, Any]) -> str:
    body = {key: value for key, value in content.items() if key != "digest"}
    return hashlib.sha256(_canonical(body)).hexdigest()


def _canonical(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"

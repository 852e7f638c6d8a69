"""
入户单: the paper slip by which a person joins a household.

An officer hands it over at the door. It carries eight characters that work once, for seven days. It
carries no symbol to scan, because a scan must never be enough to join, and no name, because paper gets
lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from geocode.door_codes import ALPHABET
from village.papers.dates import clock_text, day_text, in_china
from village.papers.errors import BadSlip
from village.papers.fonts import paper_font, require_glyphs
from village.papers.page_pen import A4, A5, PAGE_GREY, SEAL_RED, PagePen, mm
from village.papers.text_layout import fit_block, wrap

CODE_LENGTH = 8
VALID_FOR = timedelta(days=7)
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}")
_MARGIN = 12 * mm
_STEPS = (
    "用手机打开网址 {host}，用自己的手机号登录。",
    "点“我的资料”，再点“加入一户”。",
    "输入上面这 8 个字符，横线不用输。",
)


class SlipPaper(StrEnum):
    """What lies in the printer; A4 is the same slip in larger print."""

    a5 = "a5"
    a4 = "a4"


@dataclass(frozen=True, slots=True)
class SlipFace:
    """
    One slip. ``household`` tells two households behind one door apart (第 2 户) and may be empty;
    ``issued_by`` is an office and never a person.
    """

    address: str
    code: str
    issued_at: datetime
    expires_at: datetime
    issued_by: str
    host_text: str
    duty_phone: str
    household: str = ""
    demo: bool = False

    @property
    def printed_code(self) -> str:
        """The code in two halves: ABCD-2345."""
        return f"{self.code[:4]}-{self.code[4:]}"


def slip_pdf(
    faces: Sequence[SlipFace], paper: SlipPaper = SlipPaper.a5, full_font: Path | None = None
) -> bytes:
    """
    Return one page for each slip.

    Raises:
        BadSlip: a code is not eight characters of the alphabet, or a slip is not valid for seven days at
            most. MissingGlyphs: the font lacks characters of an address.
    """
    if not faces:
        raise BadSlip("没有要印的入户单")
    font = paper_font(full_font)
    for face in faces:
        _require_sound(face)
    texts = [
        (face.address, face.address + face.household + face.issued_by + face.host_text + face.duty_phone)
        for face in faces
    ]
    require_glyphs(texts, font)
    size = A5 if paper is SlipPaper.a5 else A4
    pen = PagePen("入户单", size, font, zoom=size[0] / A5[0])
    for number, face in enumerate(faces):
        if number:
            pen.next_page()
        _draw_slip(pen, face)
    return pen.finish()


def _require_sound(face: SlipFace) -> None:
    if _CODE.fullmatch(face.code) is None:
        raise BadSlip(f"入户码应是 {CODE_LENGTH} 个字符，不用 I、L、O、U、0、1", field="code")
    if not face.issued_at < face.expires_at <= face.issued_at + VALID_FOR:
        raise BadSlip("入户单的有效期最多 7 天，并且要在签发之后结束", field="expires_at")
    if not face.address or not face.host_text:
        raise BadSlip("入户单缺地址或网址")


def _draw_slip(pen: PagePen, face: SlipFace) -> None:
    inner = pen.width - 2 * _MARGIN
    pen.centred(20 * mm, "入户单（演示）" if face.demo else "入户单", 30)
    pen.rule(_MARGIN, 25 * mm, inner, 2)
    pen.rule(_MARGIN, 26.2 * mm, inner, 0.6)
    address = f"{face.address}{face.household}"
    fitted = fit_block(address, pen.font, 19, (inner, 50), most_lines=2)
    pen.lines(_MARGIN, 31 * mm + fitted.size, fitted.lines, fitted.size, fitted.size * 1.25)
    _draw_code(pen, face, inner)
    baseline = _draw_steps(pen, face, inner)
    _draw_warning(pen, face, inner, baseline)


def _draw_code(pen: PagePen, face: SlipFace, inner: float) -> None:
    """The eight characters as large as the paper is wide, and until when they work."""
    pen.frame(_MARGIN, 51 * mm, inner, 43 * mm)
    pen.centred(59 * mm, "入户码", 14)
    pen.centred(
        76.5 * mm, face.printed_code, fit_block(face.printed_code, pen.font, 50, (inner - 16, 50)).size
    )
    local = in_china(face.expires_at)
    pen.colour(SEAL_RED)
    until = f"{day_text(local.date())} {clock_text(face.expires_at)}以前有效，只能用一次"
    pen.centred(88 * mm, until, fit_block(until, pen.font, 15, (inner - 12, 15), most_lines=1).size)
    pen.colour((0, 0, 0))


def _draw_steps(pen: PagePen, face: SlipFace, inner: float) -> float:
    baseline, size = 105 * mm, 16.0
    pen.text(_MARGIN, baseline, "怎么用", 18)
    baseline += 9.5 * mm
    for number, step in enumerate(_STEPS, start=1):
        pen.text(_MARGIN, baseline, f"{number}.", size)
        words = wrap(step.format(host=face.host_text), pen.font, size, inner - 20)
        baseline = pen.lines(_MARGIN + 20, baseline, words, size, size * 1.4) + 5
    return baseline


def _draw_warning(pen: PagePen, face: SlipFace, inner: float, baseline: float) -> None:
    """What to be careful of; who gave the slip out, and whom to ring."""
    size = 14.0
    warning = (
        "谁拿到这 8 个字符，谁就能看到这一户的事。不要拍照发给别人。丢了马上打值班电话，村里作废后再补。"
    )
    words = wrap(warning, pen.font, size, inner)
    pen.lines(_MARGIN, baseline + 3 * mm, words, size, size * 1.45)
    pen.colour(PAGE_GREY)
    pen.rule(_MARGIN, pen.height - 22 * mm, inner, 0.6, PAGE_GREY)
    issued = in_china(face.issued_at)
    foot = f"{face.issued_by}　{issued.year} 年 {issued.month} 月 {issued.day} 日签发"
    pen.text(
        _MARGIN, pen.height - 15.5 * mm, foot, fit_block(foot, pen.font, 13, (inner, 13), most_lines=1).size
    )
    if face.duty_phone:
        pen.text(_MARGIN, pen.height - 8.5 * mm, f"值班电话 {face.duty_phone}", 14)
    pen.colour((0, 0, 0))

"""On paper, in large type: a seller's statement in a farmer's words, and the slip that is signed for cash."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from commons import clock
from commons.fonts import BUNDLED_BOLD, BUNDLED_REGULAR
from commons.settings import current
from marketplace.money import yuan
from marketplace.payments.connect.actions import payee_in
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.rules import capital_yuan
from marketplace.payments.connect.statements import SellerStatement, plain_words

# Stands for a character that the font cannot draw: an empty box would say nothing, a line is filled in by hand.
BLANK = "＿"
MARGIN = 20 * mm
BODY, BIG, SMALL = 18.0, 30.0, 13.0
LEADING = 1.5
# No line breaks inside a number, also one with its first digits hidden, or a Latin word, and none begins with what closes a sentence.
UNBROKEN = re.compile(r"(?:[!-~·]+|.)[，。、；：！？）”]*")


@lru_cache(maxsize=4)
def _font(path: Path) -> TTFont:
    font = TTFont(f"Statement-{path.stem}", str(path))
    pdfmetrics.registerFont(font)
    return font


class Paper:
    """Writes A4 pages from the top downwards, bold where larger than the body; begins a new page when the old one is full."""

    def __init__(self, title: str) -> None:
        self._out = BytesIO()
        own = current().plate_font_file
        self._bold, self._regular = (
            _font(Path(own or bundled)) for bundled in (BUNDLED_BOLD, BUNDLED_REGULAR)
        )
        self._has_blanks = False
        self._canvas = Canvas(
            self._out, pagesize=A4, invariant=1, lang="zh-CN", initialFontName=self._regular.fontName
        )
        self._canvas.setTitle(title)
        self.width, self.height = A4
        self._y = self.height - MARGIN

    def line(self, words: str, size: float = BODY, *, right: str = "") -> None:
        """Write one line, *right* at the right edge; what is too long goes on in the next line."""
        words, right = self._drawable(words), self._drawable(right)
        room = self.width - 2 * MARGIN - (self._wide(right, size) + 12 if right else 0)
        for at, piece in enumerate(self._pieces(words, size, room)):
            self._down(size * LEADING)
            self._canvas.setFont(self._at(size).fontName, size)
            self._canvas.drawString(MARGIN, self._y, piece)
            if right and at == 0:
                self._canvas.drawRightString(self.width - MARGIN, self._y, right)

    def rule(self) -> None:
        """Draw a line across."""
        self._down(8)
        self._canvas.line(MARGIN, self._y, self.width - MARGIN, self._y)

    def gap(self, points: float) -> None:
        """Leave some room."""
        self._y -= points

    def finish(self) -> bytes:
        """Return the file; where a character could not be drawn, the last line says so."""
        if self._has_blanks:
            self.line(f"“{BLANK}”处的字印不出来，请当面手写补上。", BODY)
        if self._canvas.getPageNumber() > 1:
            self._foot("完")
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def _down(self, points: float) -> None:
        self._y -= points
        if self._y < MARGIN:
            self._foot("后面还有")
            self._canvas.showPage()
            self._y = self.height - MARGIN - points

    def _foot(self, onward: str) -> None:
        """Number one of several pages, so that a lost or a foreign sheet is noticed."""
        self._canvas.setFont(self._regular.fontName, SMALL)
        words = f"第 {self._canvas.getPageNumber()} 页，{onward}"
        self._canvas.drawRightString(self.width - MARGIN, MARGIN / 2, words)

    def _at(self, size: float) -> TTFont:
        return self._bold if size > BODY else self._regular

    def _wide(self, words: str, size: float) -> float:
        return float(pdfmetrics.stringWidth(words, self._at(size).fontName, size))

    def _drawable(self, words: str) -> str:
        known = self._regular.face.charToGlyph
        drawn = "".join(letter if ord(letter) in known else BLANK for letter in words)
        self._has_blanks = self._has_blanks or drawn != words
        return drawn

    def _pieces(self, words: str, size: float, room: float) -> list[str]:
        pieces, begun = [], ""
        for whole in UNBROKEN.findall(words):
            for part in [whole] if self._wide(whole, size) <= room else whole:
                if begun and self._wide(begun + part, size) > room:
                    pieces.append(begun)
                    begun = ""
                begun += part if begun else part.lstrip()
        return [*pieces, begun]


def statement_pdf(told: SellerStatement) -> bytes:
    """Return a seller's statement for printing: first what it comes to, in sentences, then every movement."""
    paper = Paper("货款结算单")
    paper.line("货款结算单", BIG)
    paper.line(told.name, 24)
    paper.line(f"{_day(told.since)} 到 {_day(told.until)}", BODY)
    paper.rule()
    for sentence in plain_words(told):
        paper.line(sentence, 22)
    if told.closing_fen > 0:
        paper.line(f"大写：{capital_yuan(told.closing_fen)}", BODY)
    paper.rule()
    for row in told.rows:
        local = clock.to_beijing(row.at)
        sign = "+" if row.change_fen > 0 else ""
        about = f"　{row.about}" if row.about else ""
        paper.line(
            f"{local.month}月{local.day}日　{row.words}{about}", BODY, right=f"{sign}{yuan(row.change_fen)}"
        )
    if not told.rows:
        paper.line("这几天没有进出。")
    paper.rule()
    paper.line("哪一笔不对，拿这张纸到村里问，都能查到。", BODY)
    paper.line(f"打印时间：{clock.to_beijing(clock.now()):%Y-%m-%d %H:%M}", SMALL)
    return paper.finish()


def slip_pdf(payout: Payout, seller_name: str) -> bytes:
    """Return the slip for a payout in cash: two halves with the same words, one for the seller, one for the office."""
    holder = payee_in(payout.payee_sealed).holder if payout.payee_sealed else seller_name
    paper = Paper("领款单")
    for copy in ("村里留存", "交给领款人"):
        paper.line("领款单", BIG, right=copy)
        paper.line(f"编号 {payout.id}", SMALL)
        paper.rule()
        paper.line(f"领款人：{holder}", 22)
        paper.line(f"卖家：{seller_name}", BODY)
        paper.line(f"今收到货款 {yuan(payout.amount_fen)} 元", 26)
        paper.line(f"大写：{capital_yuan(payout.amount_fen)}", 20)
        paper.line("当面点清。", BODY)
        paper.gap(14)
        paper.line("领款人签字或按手印：______________", BODY)
        paper.line("经办人签字：______________　　　　年　　月　　日", BODY)
        paper.rule()
        paper.gap(14)
    return paper.finish()


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

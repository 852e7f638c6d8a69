"""
A notice on paper, for the wall: A4, in type that is read without glasses from a step away.

The text is set as large as one page allows, down to 20 points; a longer text goes on to further pages
rather than becoming small.
"""

from __future__ import annotations

from pathlib import Path

from village.papers.dates import day_text, full_day_text, in_china, lunar_text
from village.papers.fonts import PaperFont, paper_font, require_glyphs, text_font
from village.papers.notice_words import NoticeWords
from village.papers.page_pen import A4, PAGE_GREY, SEAL_RED, PagePen, mm
from village.papers.proof import prove
from village.papers.qr import Symbol, symbol
from village.papers.text_layout import fit_block, paragraphs, wrap

_MARGIN = 20 * mm
_LEADING = 1.6
_SIZES = (34, 32, 30, 28, 26, 24, 22, 20)
_TITLE_TOP = 36 * mm
_FOOT = 58 * mm
_PAGE_FOOT = 24 * mm
_CODE_SIDE = 38 * mm
_LEAF_HEIGHT = 16 * mm
_SEAL_SIDE = 17 * mm
_SEAL_FOOT = 11 * mm
_PAGE_NUMBER = 6 * mm  # beneath the seal, which a long signature pushes to the middle

Line = tuple[float, str]
"""Indent and words of a line of the text."""


def notice_pdf(notice: NoticeWords, qr_url: str = "", full_font: Path | None = None) -> bytes:
    """
    Return the sheet of *notice*; *qr_url*, an upper-case address, puts a code into the lower corner.

    Raises:
        MissingGlyphs: the font lacks characters of the notice (an emoji, say); each is named.
        BadPlate, AddressTooLong: *qr_url* is not one that fits the symbol.
        ProofError: the code does not read back.
    """
    font, plain = paper_font(full_font), text_font(full_font)
    require_glyphs(_printed_texts(notice).items(), font)
    code = symbol(qr_url) if qr_url else None
    if code is not None:
        list(prove([code]))
    pen = PagePen(notice.title, A4, font)
    top = _draw_head(pen, notice)
    size, pages = _set_text(notice.text, plain, pen, top)
    for number, lines in enumerate(pages):
        if number:
            pen.next_page()
        baseline = (top if number == 0 else _MARGIN) + size
        for indent, words in lines:
            pen.text(_MARGIN + indent, baseline, words, size, plain)
            baseline += size * _LEADING
        if len(pages) > 1:
            pen.centred(pen.height - _PAGE_NUMBER, f"第 {number + 1} 页，共 {len(pages)} 页", 12)
    _draw_foot(pen, notice, code, plain)
    return pen.finish()


def _printed_texts(notice: NoticeWords) -> dict[str, str]:
    return {
        "标题": notice.title,
        "正文": notice.text,
        "落款": notice.signed_by,
        "村名": notice.village + notice.affair,
        "日期": notice.day_meaning,
        "电话": notice.phone,
    }


def _draw_head(pen: PagePen, notice: NoticeWords) -> float:
    """Village and affair, a double rule as in an account book, the title; return where the text begins."""
    inner = pen.width - 2 * _MARGIN
    pen.colour(SEAL_RED)
    head = f"{notice.village}　{notice.affair}"
    pen.centred(22 * mm, head, fit_block(head, pen.font, 24, (inner, 24), most_lines=1).size)
    pen.rule(_MARGIN, 27 * mm, inner, 2.2, SEAL_RED)
    pen.rule(_MARGIN, 28.4 * mm, inner, 0.7, SEAL_RED)
    pen.colour((0, 0, 0))
    title = fit_block(notice.title, pen.font, 40, (inner, 125), most_lines=3)
    baseline = _TITLE_TOP + title.size
    for line in title.lines:
        pen.centred(baseline, line, title.size)
        baseline += title.size * 1.25
    return _draw_leaf(pen, notice, baseline - title.size * 0.45)


def _draw_leaf(pen: PagePen, notice: NoticeWords, top: float) -> float:
    """The date the notice is about, in a box of its own, with the old calendar beside it; return where the text begins."""
    if notice.day is None:
        return top
    inner = pen.width - 2 * _MARGIN
    words = f"{notice.day_meaning}　{day_text(notice.day)}　{lunar_text(notice.day)}"
    pen.frame(_MARGIN, top, inner, _LEAF_HEIGHT)
    pen.colour(SEAL_RED)
    size = fit_block(words, pen.font, 24, (inner - 8 * mm, 24), most_lines=1).size
    pen.centred(top + _LEAF_HEIGHT / 2 + size * 0.36, words, size)
    pen.colour((0, 0, 0))
    return top + _LEAF_HEIGHT + 5 * mm


def _set_text(text: str, font: PaperFont, pen: PagePen, top: float) -> tuple[float, list[list[Line]]]:
    """Return the largest size in which the text and its foot fit one page; or 20 points on several pages."""
    width = pen.width - 2 * _MARGIN
    for size in _SIZES:
        lines = _lines(text, font, size, width)
        if top + len(lines) * size * _LEADING <= pen.height - _FOOT:
            return size, [lines]
    size = _SIZES[-1]
    return size, _pages(_lines(text, font, size, width), size * _LEADING, pen.height, top)


def _lines(text: str, font: PaperFont, size: float, width: float) -> list[Line]:
    """Set every paragraph with an indent of two characters, as Chinese letters do."""
    lines: list[Line] = []
    for paragraph in paragraphs(text):
        broken = wrap(paragraph, font, size, width, indent=2 * size)
        lines += [(2 * size if first == 0 else 0, words) for first, words in enumerate(broken)]
    return lines


def _pages(lines: list[Line], leading: float, height: float, top: float) -> list[list[Line]]:
    """Fill page after page; the foot with signature and code must fit on the last one."""
    pages: list[list[Line]] = []
    while lines:
        start = top if not pages else _MARGIN
        room = max(1, int((height - _PAGE_FOOT - start) / leading))
        with_foot = int((height - _FOOT - start) / leading)
        if len(lines) <= with_foot:
            return [*pages, lines]
        # Lines that would fit only without the foot: leave one for the last page, so that it is not a
        # bare foot.
        taken = min(room, len(lines) - 1) if len(lines) > 1 else 1
        pages.append(lines[:taken])
        lines = lines[taken:]
    return pages


def _draw_foot(pen: PagePen, notice: NoticeWords, code: Symbol | None, plain: PaperFont) -> None:
    """Until when, whom to ask, the code at the left; who signs, and the day, at the right."""
    posted = in_china(notice.posted_at).date()
    right, top = pen.width - _MARGIN, pen.height - _FOOT + 6 * mm
    pen.rule(_MARGIN, top, pen.width - 2 * _MARGIN, 0.8, PAGE_GREY)
    left = _MARGIN
    if code is not None:
        pen.symbol(_MARGIN - 3 * mm, top + 1.5 * mm, _CODE_SIDE, code)
        left += _CODE_SIDE
    facts = [f"本通知挂到 {day_text(in_china(notice.until).date())}"] if notice.until is not None else []
    facts += [f"咨询电话 {notice.phone}"] if notice.phone else []
    facts += ["扫码看原文、听录音"] if code is not None else []
    width = right - left
    baseline = top + 8 * mm
    for words in facts:
        pen.text(left, baseline, words, fit_block(words, plain, 15, (width, 15), most_lines=1).size, plain)
        baseline += 6.8 * mm
    signed = fit_block(notice.signed_by, pen.font, 19, (width - _SEAL_SIDE - 3 * mm, 19), most_lines=1)
    day = f"{full_day_text(posted)}（{lunar_text(posted)}）"
    edge = right - max(pen.font.width(notice.signed_by, signed.size), plain.width(day, 14))
    if notice.seal_path:  # beside both lines: printed over the day, neither is read
        pen.seal(
            max(left, edge - _SEAL_SIDE - 3 * mm),
            pen.height - _SEAL_FOOT - _SEAL_SIDE,
            _SEAL_SIDE,
            notice.seal_path,
        )
    pen.right(right, pen.height - 20.5 * mm, notice.signed_by, signed.size)
    pen.text(right - plain.width(day, 14), pen.height - 13.5 * mm, day, 14, plain)

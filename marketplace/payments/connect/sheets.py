"""Statements and bank lists as CSV and Excel, and the bank's results read back. Nothing in a cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from commons import clock
from marketplace.money import yuan
from marketplace.payments.connect.actions import payee_in
from marketplace.payments.connect.errors import BadResults
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.statements import SellerDay, SellerStatement

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
MOST_RESULTS = 20_000
Cell = str | int

PAID_WORDS = {"成功", "已付", "已支付", "交易成功", "付款成功", "ok", "success", "paid"}
FAILED_WORDS = {"失败", "退票", "已退回", "交易失败", "付款失败", "fail", "failed"}


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV that Excel in China opens rightly: UTF-8 with its mark, amounts in yuan."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: Cell) -> str:
    """Write fen as yuan; keep a text from being taken for a formula."""
    if isinstance(cell, int):
        return yuan(cell)
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def xlsx_bytes(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as an Excel file; texts are texts, amounts are numbers with two decimals."""
    import xlsxwriter  # 12 MB that a web process needs only once a sheet is asked for

    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(title[:31])
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        sheet.write_row(0, 0, list(head), bold)
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(line, column, cell / 100, money)
                else:
                    sheet.write_string(line, column, cell)
        sheet.set_column(0, len(head) - 1, 18)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def statement_table(told: SellerStatement) -> tuple[list[str], list[list[Cell]]]:
    """Return a seller's statement as head and rows."""
    head = [_("时间"), _("什么事"), _("说明"), _("金额（元）"), _("结余（元）")]
    rows: list[list[Cell]] = [["", _("上次结余"), "", 0, told.opening_fen]]
    rows += [[_moment(row.at), row.words, row.about, row.change_fen, row.balance_fen] for row in told.rows]
    return head, rows


def day_table(rows: Sequence[SellerDay]) -> tuple[list[str], list[list[Cell]]]:
    """Return all sellers of a day as head and rows."""
    head = [_("卖家"), _("卖货得款（元）"), _("扣回（元）"), _("已付（元）"), _("结余（元）")]
    return head, [[row.name, row.sold_fen, row.back_fen, row.paid_fen, row.closing_fen] for row in rows]


def _moment(at: datetime) -> str:
    return clock.to_beijing(at).strftime("%Y-%m-%d %H:%M")


BANK_HEAD = ("编号", "收款人", "开户银行", "账号", "金额（元）", "用途", "结果", "原因")


def bank_sheet(payouts: Sequence[Payout]) -> bytes:
    """Return the sheet that goes to the bank, with two empty columns for what became of each."""
    rows: list[list[Cell]] = []
    for payout in payouts:
        assert payout.payee_sealed is not None
        payee = payee_in(payout.payee_sealed)
        rows.append(
            [
                payout.id,
                payee.holder,
                payee.bank,
                payee.account,
                payout.amount_fen,
                payout.shown_to_payee,
                "",
                "",
            ]
        )
    return xlsx_bytes("付款", BANK_HEAD, rows)


@dataclass(frozen=True, slots=True)
class Result:
    """What the bank says of one payout."""

    payout_id: str
    is_paid: bool
    reason: str = ""


def read_results(content: bytes) -> list[Result]:
    """
    Read the sheet that came back: the columns 编号, 结果 and 原因, wherever they stand. Rows without a result are left out.

    Raises:
        BadResults: no such sheet, or a row that cannot be read, named by its number.
    """
    rows = _grid(content)
    if not rows:
        raise BadResults(_("表是空的"))
    columns = [str(cell).strip() for cell in rows[0]]
    if "编号" not in columns or "结果" not in columns:
        raise BadResults(_("表里要有“编号”和“结果”两列"))
    at, said = columns.index("编号"), columns.index("结果")
    why = columns.index("原因") if "原因" in columns else -1
    results: list[Result] = []
    for number, row in enumerate(rows[1:], start=2):
        words = str(row[said]).strip().lower() if len(row) > said else ""
        if not words:
            continue
        if words not in PAID_WORDS | FAILED_WORDS:
            raise BadResults(_("第 %(row)d 行的结果看不懂：%(words)s", row=number, words=words[:20]))
        reason = str(row[why]).strip()[:100] if 0 <= why < len(row) else ""
        results.append(Result(str(row[at]).strip(), words in PAID_WORDS, reason))
    numbers = [result.payout_id for result in results]
    if len(set(numbers)) < len(numbers):
        raise BadResults(_("同一个编号出现了两次"))
    return results


def _grid(content: bytes) -> list[list[Any]]:
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        try:
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
            rows: list[list[Any]] = sheet.to_python(skip_empty_area=True, nrows=MOST_RESULTS)
        except (CalamineError, ValueError) as error:
            raise BadResults(_("这个文件打不开，请用 Excel 或 CSV")) from error
        return rows
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        return [list(row) for row in csv.reader(io.StringIO(text)) if any(row)][:MOST_RESULTS]
    raise BadResults(_("这个文件打不开，请用 Excel 或 CSV"))

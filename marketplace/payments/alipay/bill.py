"""
Read the day's bill: a zip of GBK tables with remarks above and below and a tab behind most values.

Two kinds: ``trade`` lists payments and refunds with the fee kept for each, ``signcustomer`` every movement
of the balance. The detail sheet is found by its columns and not by its place or name in the zip, since
summaries stand beside it in either order.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marketplace.payments.alipay.amounts import BadAmountError, beijing_moment, fen_of

LARGEST_SHEET = 512 * 1024 * 1024
_MOST_FILES = 20

_TRADE_MARK = ("商户订单号", "退款批次号/请求号")
_MOVEMENT_MARK = ("账务流水号", "账户余额")


class BadBillError(ValueError):
    """The file is not a bill of the wanted kind; the message names the line where there is one."""


class LineKind(StrEnum):
    """What a line of the trade bill is about."""

    payment = "交易"
    refund = "退款"


@dataclass(frozen=True, slots=True)
class TradeLine:
    """
    One payment or refund. Refunds have negative amounts, fees kept from us are negative.

    Alipay writes further kinds of line in rare cases; *kind* is None for those and *kind_words* is what
    was written, so that reconciliation shows them to a person instead of losing them.
    """

    trade_no: str
    out_trade_no: str
    kind: LineKind | None
    kind_words: str
    out_request_no: str
    amount_fen: int
    received_fen: int
    fee_fen: int
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of the balance: positive came in, negative went out."""

    number: str
    business_no: str
    out_trade_no: str
    at: datetime
    amount_fen: int
    balance_fen: int
    kind_words: str
    remark: str


def read_trade_bill(content: bytes) -> list[TradeLine]:
    """Return the payments and refunds of a ``trade`` bill's zip."""
    return [_trade_line(row) for row in _detail(content, _TRADE_MARK)]


def read_movement_bill(content: bytes) -> list[Movement]:
    """Return the movements of a ``signcustomer`` bill's zip."""
    return [_movement(row) for row in _detail(content, _MOVEMENT_MARK)]


class _Row:
    """One line by column name. Units in brackets are dropped from names: 订单金额（元） is 订单金额."""

    def __init__(self, number: int, columns: list[str], values: list[str]) -> None:
        if len(values) != len(columns):
            raise BadBillError(f"line {number} has {len(values)} values for {len(columns)} columns")
        self.number = number
        self._values = dict(zip(columns, values, strict=True))

    def text(self, name: str, default: str | None = None) -> str:
        """Return a value; without *default* its column must be there."""
        value = self._values.get(name, default)
        if value is None:
            raise BadBillError(f"the bill has no column {name}")
        return value

    def fen(self, name: str) -> int:
        """Return an amount; empty is nothing."""
        text = self.text(name).replace("+", "") or "0"
        try:
            return fen_of(text)
        except BadAmountError as error:
            raise BadBillError(f"line {self.number}: {name} is {text!r}") from error

    def moment(self, name: str) -> datetime:
        """Return a time."""
        try:
            return beijing_moment(self.text(name))
        except ValueError as error:
            raise BadBillError(f"line {self.number}: {name} is no time") from error


def _trade_line(row: _Row) -> TradeLine:
    words = row.text("业务类型")
    return TradeLine(
        trade_no=row.text("支付宝交易号"),
        out_trade_no=row.text("商户订单号"),
        kind=LineKind(words) if words in set(LineKind) else None,
        kind_words=words,
        out_request_no=row.text("退款批次号/请求号"),
        amount_fen=row.fen("订单金额"),
        received_fen=row.fen("商家实收"),
        fee_fen=row.fen("服务费"),
        done_at=row.moment("完成时间"),
    )


def _movement(row: _Row) -> Movement:
    # Money that went out is written with its minus sign by some versions and without by others.
    return Movement(
        number=row.text("账务流水号"),
        business_no=row.text("业务流水号"),
        out_trade_no=row.text("商户订单号"),
        at=row.moment("发生时间"),
        amount_fen=row.fen("收入金额") - abs(row.fen("支出金额")),
        balance_fen=row.fen("账户余额"),
        kind_words=row.text("业务类型", ""),
        remark=row.text("备注", ""),
    )


def _detail(content: bytes, mark: tuple[str, ...]) -> Iterator[_Row]:
    for text in _sheets(content):
        columns: list[str] = []
        for number, values in _lines(text):
            names = [_column_name(value) for value in values]
            if not columns and all(name in names for name in mark):
                columns = names
            elif columns:
                yield _Row(number, columns, values)
        if columns:
            return
    raise BadBillError(f"no sheet with the columns {' and '.join(mark)}")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the lines that are not remarks, each value without its tab and blanks."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for values in reader:
            if any(value.strip() for value in values) and not values[0].lstrip().startswith("#"):
                yield reader.line_num, [value.strip() for value in values]
    except csv.Error as error:
        raise BadBillError(f"line {reader.line_num} is not a table's line") from error


def _column_name(text: str) -> str:
    return text.replace("(", "（").split("（")[0].strip()


def _sheets(content: bytes) -> Iterator[str]:
    try:
        # Names are GBK without a mark of it; only the ending of the name matters here.
        with zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gbk") as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".csv")]
            if len(entries) > _MOST_FILES:
                raise BadBillError("more sheets than any bill has")
            for entry in entries:
                yield _sheet(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise BadBillError("not a zip of GBK sheets") from error


def _sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Unpack within a bound, whatever size the zip's index claims."""
    with archive.open(entry) as file:
        raw = file.read(LARGEST_SHEET + 1)
    if len(raw) > LARGEST_SHEET:
        raise BadBillError("a sheet larger than any bill")
    # GB18030 contains GBK, and names of goods do use characters beyond it.
    return raw.decode("gb18030")

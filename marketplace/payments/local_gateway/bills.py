"""The day's bill: asked for the next day, behind an address that lives 30 seconds, a zip of GBK CSVs."""

import csv
import io
import secrets
import zipfile
from datetime import datetime, timedelta
from typing import Any

from marketplace.payments.alipay.amounts import BEIJING
from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text, money
from marketplace.payments.local_gateway.keys_on_disk import BUYER_LOGON_ID
from marketplace.payments.local_gateway.rules import (
    BILL_URL_LIFE_S,
    RejectionError,
    bill_is_ready,
    fee_of,
    fee_returned,
)

# The columns of both kinds of bill [S: samples in several published reconciliation programs].
TRADE_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
MOVEMENT_COLUMNS = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)


def bill_url(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Give an address, if that day's bill is ready and has anything in it."""
    if ask.text("bill_type") not in ("trade", "signcustomer"):
        raise RejectionError("isp.invalid-parameter", "账单类型不支持", "40004")
    day = _day(ask.text("bill_date"))
    if not bill_is_ready(day, datetime.fromtimestamp(gateway.now(), BEIJING)):
        raise RejectionError("isp.bill_not_exist", "账单不存在")
    token = secrets.token_urlsafe(24)
    gateway.store.insert(
        "bill_link",
        token=token,
        bill_type=ask.text("bill_type"),
        bill_date=ask.text("bill_date"),
        made_at=gateway.now(),
    )
    return {"bill_download_url": f"{gateway.base_url}/bill/{token}"}


def bill_behind(gateway: Gateway, token: str) -> bytes | None:
    """Return the zip behind an address, or nothing once its 30 seconds are over."""
    row = gateway.store.row("SELECT * FROM bill_link WHERE token = ?", token)
    if row is None or gateway.now() - row["made_at"] > BILL_URL_LIFE_S:
        return None
    day = _day(row["bill_date"])
    return _trade_bill(gateway, day) if row["bill_type"] == "trade" else _movement_bill(gateway, day)


def _trade_bill(gateway: Gateway, day: datetime) -> bytes:
    lines = [*_payments(gateway, day), *_refunds(gateway, day)]
    paid = [line for line in lines if line[2] == "交易"]
    given_back = [line for line in lines if line[2] == "退款"]
    name = f"{gateway.keys.seller_id}0156_{day:%Y%m%d}_业务明细"
    ending = [f"#交易合计：{len(paid)}笔", f"#退款合计：{len(given_back)}笔"]
    summary = [["合计", str(len(paid)), str(len(given_back))]]
    return _zip(
        {
            f"{name}.csv": _sheet(gateway, day, "业务明细", TRADE_COLUMNS, lines, ending),
            f"{name}(汇总).csv": _sheet(gateway, day, "业务汇总", "类型,交易订单数,退款订单数", summary, []),
        }
    )


def _payments(gateway: Gateway, day: datetime) -> list[list[str]]:
    rows = gateway.store.rows(
        "SELECT * FROM trade WHERE paid_at >= ? AND paid_at < ? ORDER BY paid_at", *_bounds(day)
    )
    return [
        _trade_line(row, "交易", row["total_fen"], moment_text(row["paid_at"]), "", -fee_of(row["total_fen"]))
        for row in rows
    ]


def _refunds(gateway: Gateway, day: datetime) -> list[list[str]]:
    """Refund lines, each with the part of the fee that came back with it."""
    rows = gateway.store.rows(
        "SELECT r.out_request_no, r.amount_fen AS refund_fen, r.at, r.id AS refund_id, t.* FROM refund r "
        "JOIN trade t ON t.trade_no = r.trade_no WHERE r.at >= ? AND r.at < ? ORDER BY r.id",
        *_bounds(day),
    )
    lines = []
    for row in rows:
        before = gateway.store.row(
            "SELECT coalesce(sum(amount_fen), 0) AS fen FROM refund WHERE trade_no = ? AND id < ?",
            row["trade_no"],
            row["refund_id"],
        )
        assert before is not None
        fee_fen = fee_returned(row["total_fen"], before["fen"], row["refund_fen"])
        lines.append(
            _trade_line(
                row, "退款", -row["refund_fen"], moment_text(row["at"]), row["out_request_no"], fee_fen
            )
        )
    return lines


def _trade_line(row: Any, kind: str, fen: int, done: str, request_no: str, fee_fen: int) -> list[str]:
    """Numbers carry a trailing tab, as in Alipay's file, so that spreadsheets leave them alone."""
    nothing = "0.00"
    return [
        f"{row['trade_no']}\t",
        f"{row['out_trade_no']}\t",
        kind,
        row["subject"],
        moment_text(row["created_at"]),
        done,
        *["\t"] * 4,
        BUYER_LOGON_ID,
        money(fen),
        money(fen),
        *[nothing] * 5,
        "",
        nothing,
        nothing,
        f"{request_no}\t",
        money(fee_fen),
        nothing,
        "",
    ]


def _movement_bill(gateway: Gateway, day: datetime) -> bytes:
    rows = gateway.store.rows("SELECT * FROM entry WHERE at >= ? AND at < ? ORDER BY id", *_bounds(day))
    lines = [
        [
            f"{row['id']:018d}\t",
            f"{row['trade_no'] or row['out_no']}\t",
            f"{row['out_no']}\t",
            row["subject"],
            moment_text(row["at"]),
            BUYER_LOGON_ID,
            money(max(row["amount_fen"], 0)),
            money(min(row["amount_fen"], 0)),
            money(row["balance_fen"]),
            "支付宝",
            row["kind"],
            row["request_no"],
        ]
        for row in rows
    ]
    came = [row["amount_fen"] for row in rows if row["amount_fen"] > 0]
    went = [row["amount_fen"] for row in rows if row["amount_fen"] < 0]
    ending = [
        f"#支出合计：{len(went)}笔，共{money(sum(went))}元",
        f"#收入合计：{len(came)}笔，共{money(sum(came))}元",
    ]
    name = f"{gateway.keys.seller_id}0156_{day:%Y%m%d}_账务明细"
    summary = [["合计", str(len(came)), money(sum(came)), str(len(went)), money(sum(went))]]
    heads = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）"
    return _zip(
        {
            f"{name}.csv": _sheet(gateway, day, "账务明细", MOVEMENT_COLUMNS, lines, ending),
            f"{name}(汇总).csv": _sheet(gateway, day, "账务汇总", heads, summary, []),
        }
    )


def _sheet(
    gateway: Gateway,
    day: datetime,
    title: str,
    columns: str,
    lines: list[list[str]],
    ending: list[str],
) -> bytes:
    out = io.StringIO(newline="")
    until = day + timedelta(days=1)
    out.write(f"#支付宝{title}查询\r\n#账号：[{gateway.keys.seller_id}0156]\r\n")
    out.write(f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{until:%Y年%m月%d日} 00:00:00]\r\n")
    out.write(f"#{'-' * 41}{title}列表{'-' * 40}\r\n")
    out.write(f"{columns}\r\n")
    csv.writer(out).writerows(lines)
    out.write(f"#{'-' * 41}{title}列表结束{'-' * 36}\r\n")
    out.write("".join(f"{line}\r\n" for line in ending))
    out.write(f"#导出时间：[{moment_text(gateway.now())}]\r\n")
    return out.getvalue().encode("gbk", errors="replace")


class _GbkZipInfo(zipfile.ZipInfo):
    """Alipay's zips name their files in GBK without saying so; the standard library would write UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library's own name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(_GbkZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _bounds(day: datetime) -> tuple[float, float]:
    return day.timestamp(), (day + timedelta(days=1)).timestamp()


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise RejectionError("isp.invalid-parameter", "账单日期不对") from error

"""Bills as they come: GBK, remarks, tabs, summaries beside them, and nonsense."""

import io
import zipfile

import pytest

from marketplace.payments.alipay import bill
from marketplace.payments.alipay.bill import BadBillError, LineKind, read_movement_bill, read_trade_bill

TRADE_HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
MOVEMENT_HEAD = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)


def trade_line(number: str, kind: str, amount: str, request: str = "", name: str = "蜜橘一箱") -> str:
    return (
        f"2026{number}\t,{number}\t,{kind}\t,{name},2026-03-01 08:00:00,2026-03-01 08:00:05,\t,\t,\t,\t,"
        f"买家(buy***)\t,{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{request}\t,-0.07,0.00,"
    )


def sheet(head: str, lines: list[str]) -> str:
    return "\r\n".join(
        [
            "#支付宝业务明细查询",
            "#账号：[20889000000000080156]",
            "#-----------------------------------------业务明细列表-----------------",
            head,
            *lines,
            "#-----------------------------------------业务明细列表结束-------------",
            "#交易合计：2笔，商家实收共36.80元",
            "",
        ]
    )


def zipped(*sheets: str, encoding: str = "gbk") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for place, text in enumerate(sheets):
            archive.writestr(f"{place}.csv", text.encode(encoding))
    return out.getvalue()


SUMMARY = "#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n合计,,2\r\n"


def test_payments_and_refunds_are_read_to_the_fen() -> None:
    text = sheet(
        TRADE_HEAD, [trade_line("pi_1_1", "交易", "12.30"), trade_line("pi_1_1", "退款", "-2.30", "re_1")]
    )

    paid, refunded = read_trade_bill(zipped(SUMMARY, text))

    assert (paid.kind, paid.out_trade_no, paid.amount_fen, paid.fee_fen) == (
        LineKind.payment,
        "pi_1_1",
        1230,
        -7,
    )
    assert (refunded.kind, refunded.out_request_no, refunded.amount_fen) == (LineKind.refund, "re_1", -230)
    assert paid.done_at.isoformat() == "2026-03-01T08:00:05+08:00"


def test_a_kind_of_line_that_we_do_not_know_is_kept_for_a_person() -> None:
    (line,) = read_trade_bill(zipped(sheet(TRADE_HEAD, [trade_line("pi_1_1", "冲正", "-12.30")])))

    assert line.kind is None
    assert line.kind_words == "冲正"


def test_movements_out_count_as_negative_with_or_without_their_sign() -> None:
    lines = [
        "1\t,b1\t,pi_1_1\t,蜜橘,2026-03-01 08:00:05,买家\t,12.30,0.00,112.30,支付宝,交易付款,\t",
        "2\t,b1\t,pi_1_1\t,蜜橘,2026-03-01 08:00:05,买家\t,0.00,-0.07,112.23,支付宝,收费,\t",
        "3\t,b1\t,pi_1_1\t,蜜橘,2026-03-01 09:00:05,买家\t,,2.30,109.93,支付宝,交易退款,re_1\t",
    ]

    movements = read_movement_bill(zipped(sheet(MOVEMENT_HEAD, lines), SUMMARY))

    assert [one.amount_fen for one in movements] == [1230, -7, -230]
    assert movements[-1].balance_fen == 10993
    assert movements[-1].remark == "re_1"


def test_columns_may_stand_in_another_order_and_bear_other_brackets() -> None:
    head = "备注,业务类型,账户余额(元),支出金额(-元),收入金额(+元),发生时间,商户订单号,业务流水号,账务流水号"

    (one,) = read_movement_bill(
        zipped(sheet(head, ["x,收费,1.00,0.10,0.00,2026-03-01 08:00:05,pi_1_1,b1,1"]))
    )

    assert (one.number, one.amount_fen, one.balance_fen) == ("1", -10, 100)


def test_a_day_without_business_is_an_empty_list() -> None:
    assert read_trade_bill(zipped(sheet(TRADE_HEAD, []))) == []


def test_names_of_goods_beyond_gbk_and_with_commas_are_read() -> None:
    text = sheet(TRADE_HEAD, [trade_line("pi_1_1", "交易", "1.00", name='"䶮家, 蜜橘"')])

    assert len(read_trade_bill(zipped(text, encoding="gb18030"))) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a zip"),
        (b"<html>404</html>", "not a zip"),
        (zipped(SUMMARY), "no sheet"),
        (zipped(sheet(MOVEMENT_HEAD, [])), "no sheet"),
        (zipped(sheet(TRADE_HEAD, ["1,2,3"])), "3 values"),
        (zipped(sheet(TRADE_HEAD, [trade_line("1", "交易", "12.345")])), "订单金额 is '12.345'"),
        (
            zipped(sheet(TRADE_HEAD, [trade_line("1", "交易", "1.00").replace(":05", "")])),
            "完成时间 is no time",
        ),
        (
            zipped(sheet(TRADE_HEAD.replace(",服务费（元）", ",别的"), [trade_line("1", "交易", "1.00")])),
            "no column 服务费",
        ),
        (zipped(*["a,b"] * 21), "more sheets"),
        (zipped(sheet(TRADE_HEAD, []), encoding="utf-16"), "GBK|no sheet"),
    ],
)
def test_what_is_no_bill_says_why(content: bytes, words: str) -> None:
    with pytest.raises(BadBillError, match=words):
        read_trade_bill(content)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill, "LARGEST_SHEET", 10_000)

    with pytest.raises(BadBillError, match="larger than any bill"):
        read_trade_bill(zipped("a" * 20_000))

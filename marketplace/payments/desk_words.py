"""What programs call things at the desk of payments, in a person's words. An unknown word is shown as it is."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

OP_WORDS = {
    "close": _l("关闭交易"),
    "refund": _l("退款"),
    "payout": _l("付给卖家"),
    "confirm": _l("确认结算"),
    "share": _l("收平台服务费"),
}
OP_STATE_WORDS = {
    "planned": _l("还没发出"),
    "sent": _l("已发出，等答复"),
    "done": _l("已办成"),
    "failed": _l("被拒绝"),
    "unknown": _l("不知道结果，还在问"),
}
EVENT_WORDS = {
    "payment_intent.created": _l("开了付款单"),
    "payment_intent.requires_action": _l("等买家付款"),
    "payment_intent.processing": _l("正在核对"),
    "payment_intent.succeeded": _l("付款成功"),
    "payment_intent.payment_failed": _l("付款没有成功"),
    "payment_intent.canceled": _l("付款单取消"),
    "charge.succeeded": _l("收到钱"),
    "charge.refunded": _l("钱退回了买家"),
    "refund.created": _l("提出退款"),
    "refund.updated": _l("退款有进展"),
    "refund.failed": _l("退款没有成功"),
    "payout.created": _l("开始付给卖家"),
    "payout.updated": _l("付给卖家有进展"),
    "payout.paid": _l("已付给卖家"),
    "payout.failed": _l("没付成卖家"),
    "payout.canceled": _l("取消付给卖家"),
    "transfer.created": _l("记给卖家"),
    "transfer.updated": _l("卖家的账有变"),
    "transfer.reversed": _l("从卖家拿回"),
    "checkout.session.completed": _l("收银页已付好"),
    "checkout.session.expired": _l("收银页过期"),
}
TRADE_WORDS = {
    "WAIT_BUYER_PAY": _l("等买家付款"),
    "TRADE_SUCCESS": _l("付款成功"),
    "TRADE_FINISHED": _l("交易结束，不能再退"),
    "TRADE_CLOSED": _l("交易关闭"),
}
PRODUCT_WORDS = {
    "page": _l("电脑网页"),
    "wap": _l("手机网页"),
    "qr": _l("收款码"),
    "app": _l("应用"),
    "jsapi": _l("支付宝小程序"),
    "offline": _l("自提时付"),
}
HEARD_WORDS = {
    "query": _l("我们问来的"),
    "notify": _l("支付宝的通知"),
    "keeper": _l("自提点收的款"),
}
DETAIL_WORDS = {
    "out_trade_no": _l("商户单号"),
    "out_no": _l("请求单号"),
    "trade_no": _l("支付宝交易号"),
    "charge": _l("收款"),
    "refund": _l("退款"),
    "payout": _l("付给卖家"),
    "amount_fen": _l("金额"),
    "asked_fen": _l("应收"),
    "heard_by": _l("从哪里得知"),
    "told_fen": _l("支付宝说的"),
    "ours_fen": _l("本系统记的"),
    "moved_fen": _l("账单上动的"),
    "booked_fen": _l("记进账的"),
    "balance_moved_fen": _l("余额变动"),
    "out_request_no": _l("退款单号"),
    "what": _l("哪一笔"),
    "reason": _l("原因"),
    "words": _l("对方的话"),
    "told": _l("通知的内容"),
    "fault": _l("哪里不对"),
    "day": _l("日期"),
    "number": _l("编号"),
}


def reference_words(reference: str) -> str:
    """Return what a payment was opened for: 订单 4GHJ 2222 3333 4444."""
    kind, _colon, number = reference.partition(":")
    if kind == "order" and number:
        return _("订单 %(number)s", number=" ".join(number[at : at + 4] for at in range(0, len(number), 4)))
    return reference

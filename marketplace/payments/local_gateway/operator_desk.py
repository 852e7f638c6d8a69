"""The operator page: see trades, transfers and notifications; delay, repeat, reorder or forge one; watch the answers."""

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from marketplace.payments.local_gateway import steering
from marketplace.payments.local_gateway.account import balance_fen
from marketplace.payments.local_gateway.faults import FaultKind, FaultOrder, order_fault
from marketplace.payments.local_gateway.gateway import moment_text, money
from marketplace.payments.local_gateway.guard import the_gateway
from marketplace.payments.local_gateway.notices import Forgery
from marketplace.payments.local_gateway.rules import RejectionError

bp = Blueprint("operator", __name__)

STATES = {
    "WAIT_BUYER_PAY": "等待付款",
    "TRADE_SUCCESS": "付款成功",
    "TRADE_FINISHED": "交易完成",
    "TRADE_CLOSED": "交易关闭",
    "DEALING": "转账处理中",
    "SUCCESS": "转账成功",
    "FAIL": "转账失败",
    "REFUND": "转账已退回",
    "waiting": "等待发送",
    "held": "已扣住",
    "swapped": "等后一条先走",
    "delivered": "商家已收到",
    "refused": "商家没有接受",
    "given_up": "不再发送",
    "lost": "已丢失",
}
FORGERIES = {
    Forgery.wrong_amount: "金额不对",
    Forgery.wrong_app_id: "应用号不对",
    Forgery.wrong_seller_id: "收款方不对",
    Forgery.unknown_trade: "没有这个订单",
    Forgery.bad_signature: "签名不对",
}
FAULTS = {
    FaultKind.drop_request: "没收到就断开",
    FaultKind.drop_after: "办完了但不回答",
    FaultKind.http_502: "502，没有办",
    FaultKind.http_502_after: "502，其实办了",
    FaultKind.system_error: "系统错误，没有办",
    FaultKind.system_error_after: "系统错误，其实办了",
    FaultKind.code_20000: "20000，没有办",
    FaultKind.code_20000_after: "20000，其实办了",
    FaultKind.bad_signature: "办了，回答签名不对",
    FaultKind.notify_lost: "通知丢失",
    FaultKind.notify_twice: "通知发两遍",
    FaultKind.notify_held: "通知先扣住",
    FaultKind.notify_swapped: "通知晚于后一条",
}

FAILURES = {
    "ConnectionError": "连不上商家",
    "ConnectTimeout": "连不上商家",
    "ReadTimeout": "商家没有及时回答",
    "ChunkedEncodingError": "商家答到一半断开",
}


@bp.get("/")
def show_desk() -> str:
    """Trades, notifications and requests. The person at this machine."""
    gateway = the_gateway()
    return render_template(
        "local_gateway/operator.html",
        seen=steering.picture(gateway),
        keys=gateway.keys,
        balance=money(balance_fen(gateway)),
        states=STATES,
        forgeries=FORGERIES,
        faults=FAULTS,
        failures=FAILURES,
        money=money,
        moment=moment_text,
        problem=request.args.get("problem", ""),
    )


@bp.post("/operator/trade/<out_trade_no>")
def steer_trade(out_trade_no: str) -> BaseResponse:
    """Pay, expire, finish or forge. The person at this machine."""
    gateway, deed = the_gateway(), request.form.get("deed", "")
    deeds = {"pay": steering.pay_trade, "expire": steering.expire_trade, "finish": steering.finish_trade}
    try:
        if deed in deeds:
            deeds[deed](gateway, out_trade_no)
        else:
            steering.forge_notification(gateway, out_trade_no, Forgery(request.form.get("forgery", "")))
    except RejectionError as rejection:
        return _back(rejection.sub_msg)
    return _back()


@bp.post("/operator/transfer/<out_biz_no>")
def steer_transfer(out_biz_no: str) -> BaseResponse:
    """Let a transfer arrive, fail, or come back later. The person at this machine."""
    deed = steering.OF_TRANSFERS.get(request.form.get("deed", ""))
    if deed is None:
        raise ValueError("no such deed")
    try:
        deed(the_gateway(), out_biz_no)
    except RejectionError as rejection:
        return _back(rejection.sub_msg)
    return _back()


@bp.post("/operator/notification/<int:number>")
def steer_notification(number: int) -> BaseResponse:
    """Send now or again, hold, delay, or send before the one that stands earlier. The person here."""
    gateway, deed = the_gateway(), request.form.get("deed", "")
    if deed == "delay":
        steering.delay(gateway, number, float(request.form.get("seconds", "60")))
    elif deed == "hold":
        steering.hold(gateway, number)
    elif deed == "first":
        steering.reorder(gateway, [number, *_others_of_its_trade(number)])
    else:
        steering.send_now(gateway, number)
    return _back()


@bp.post("/operator/fault")
def order() -> BaseResponse:
    """Order the next request or notification to go wrong. The person at this machine."""
    form = request.form
    kind = FaultKind(form.get("kind", ""))
    method = "notify" if kind.value.startswith("notify_") else form.get("method", "").strip()
    order_fault(the_gateway().store, FaultOrder(kind, method, form.get("number", "").strip()))
    return _back()


@bp.post("/operator/clock")
def move_clock() -> BaseResponse:
    """Move the gateway's clock. The person at this machine."""
    steering.advance_clock(the_gateway(), float(request.form.get("minutes", "0")) * 60)
    return _back()


@bp.errorhandler(steering.NothingThereError)
def say_nothing_there(_: Exception) -> Response:
    """What was named does not exist."""
    return Response("没有这一笔。", 404)


@bp.errorhandler(ValueError)
def say_bad(_: Exception) -> Response:
    """The form makes no sense."""
    return Response("看不懂这个请求。", 400)


def _others_of_its_trade(number: int) -> list[int]:
    rows = the_gateway().store.rows(
        "SELECT o.id FROM notification o JOIN notification n ON n.trade_no = o.trade_no "
        "WHERE n.id = ? AND o.id <> n.id AND o.state IN ('waiting', 'held', 'swapped') ORDER BY o.id",
        number,
    )
    return [row["id"] for row in rows]


def _back(problem: str = "") -> BaseResponse:
    return redirect(f"/?{urlencode({'problem': problem})}" if problem else "/", 303)

"""The cashier: where a payer's browser arrives, presses 「确认付款」 and is sent back to the shop."""

import json
import time
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from marketplace.payments.alipay.keys import sign
from marketplace.payments.alipay.notifications import sign_contents
from marketplace.payments.local_gateway.faults import take_fault
from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text, money
from marketplace.payments.local_gateway.guard import policy, the_gateway
from marketplace.payments.local_gateway.people import open_certify
from marketplace.payments.local_gateway.protocol import CERTIFY_METHOD, admit, refusal
from marketplace.payments.local_gateway.rules import RejectionError
from marketplace.payments.local_gateway.trade_rows import WAITING, Trade, trade_by
from marketplace.payments.local_gateway.trades import begin, expire_if_due, pay

bp = Blueprint("cashier", __name__)

_WORDS = {
    "ACQ.TRADE_HAS_SUCCESS": "这笔订单已经付过款了，不用再付。",
    "ACQ.TRADE_HAS_FINISHED": "这笔订单已经完成，不用再付。",
    "ACQ.TRADE_HAS_CLOSE": "这笔订单已经关闭或超过了付款时间，请回到商家重新下单。",
    "ACQ.CONTEXT_INCONSISTENT": "这笔订单的金额和上次打开时不一样，不能付款。",
    "isv.invalid-signature": "商家的签名不对，不能付款。",
    "isv.invalid-app-id": "不认识这个商家，不能付款。",
    "isv.invalid-timestamp": "这个付款链接已经失效，请回到商家重新打开。",
}


def open_cashier(params: dict[str, str]) -> BaseResponse:
    """A signed address was opened: lead to its cashier or real-name page, or say why not."""
    gateway = the_gateway()
    try:
        ask = admit(gateway, params, real_now=time.time())
        if take_fault(gateway.store, ask.method, ask.numbers) is not None:
            return Response("502 Bad Gateway", 502)
        return open_certify(gateway, ask) if ask.method == CERTIFY_METHOD else _begin(gateway, ask)
    except RejectionError as rejection:
        return _sorry(rejection)


@bp.get("/qr/<code>")
def scan(code: str) -> BaseResponse:
    """A payer scans the stall's QR code: the trade begins now."""
    gateway = the_gateway()
    row = gateway.store.row("SELECT params FROM qr WHERE code = ?", code)
    if row is None:
        abort(404)
    params = json.loads(row["params"])
    try:
        return _begin(gateway, Ask(params["method"], params, json.loads(params["biz_content"])))
    except RejectionError as rejection:
        return _sorry(rejection)


@bp.get("/cashier/<token>")
def show(token: str) -> Response:
    """The payer sees amount and shop. Whoever holds the address."""
    trade = _trade(token)
    state = "cashier" if trade.status == WAITING else "result"
    page = render_template(
        f"local_gateway/{state}.html",
        trade=trade,
        yuan=money(trade.total_fen),
        expires=moment_text(trade.expires_at),
        back=_back_url(the_gateway(), trade),
        quit_url=trade.quit_url if _is_web(trade.quit_url) else "",
    )
    answer = Response(page)
    answer.headers["Content-Security-Policy"] = policy(trade.return_url)
    return answer


@bp.post("/cashier/<token>")
def confirm(token: str) -> BaseResponse:
    """The payer presses 「确认付款」 and goes back to the shop."""
    gateway = the_gateway()
    trade = _trade(token)
    try:
        with gateway.store.writing():
            trade = pay(gateway, trade)
    except RejectionError as rejection:
        if rejection.sub_code != "ACQ.TRADE_HAS_SUCCESS":  # pressed twice: the first press counts
            return _sorry(rejection)
    return redirect(_back_url(gateway, trade) or url_for("cashier.show", token=token), 303)


def _begin(gateway: Gateway, ask: Ask) -> BaseResponse:
    with gateway.store.writing():
        trade = begin(gateway, ask)
    return redirect(url_for("cashier.show", token=trade.token), 303)


def _trade(token: str) -> Trade:
    gateway = the_gateway()
    trade = trade_by(gateway.store, "token", token)
    if trade is None:
        abort(404)
    with gateway.store.writing():
        return expire_if_due(gateway, trade)


def _back_url(gateway: Gateway, trade: Trade) -> str:
    """The shop's return_url with the signed fields that Alipay adds. It proves nothing to the shop."""
    if not _is_web(trade.return_url):
        return ""
    told = {
        "app_id": gateway.keys.app_id,
        "auth_app_id": gateway.keys.app_id,
        "charset": "utf-8",
        "method": f"{trade.method}.return",
        "out_trade_no": trade.out_trade_no,
        "seller_id": gateway.keys.seller_id,
        "sign_type": "RSA2",
        "timestamp": moment_text(gateway.now()),
        "total_amount": money(trade.total_fen),
        "trade_no": trade.trade_no,
        "version": "1.0",
    }
    content = next(sign_contents(told, keeps_sign_type=False))
    told["sign"] = sign(gateway.keys.private, content)
    joint = "&" if urlsplit(trade.return_url).query else "?"
    return f"{trade.return_url}{joint}{urlencode(told)}"


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


def _sorry(rejection: RejectionError) -> Response:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return Response(json.dumps(refusal(rejection), ensure_ascii=False), 400, mimetype="application/json")
    words = _WORDS.get(rejection.sub_code, rejection.sub_msg)
    page = render_template("local_gateway/sorry.html", words=words, code=rejection.sub_code)
    return Response(page, 400)

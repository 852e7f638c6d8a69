"""gateway.do: let a request in, carry it out, misbehave if ordered to, sign the answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.payments.alipay.amounts import beijing_moment
from marketplace.payments.alipay.keys import is_signed_by, sign
from marketplace.payments.alipay.notifications import sign_contents
from marketplace.payments.local_gateway import bills, people, refunds, settlement, trades, transfers
from marketplace.payments.local_gateway.faults import UNDONE, FaultKind, FaultOrder, take_fault
from marketplace.payments.local_gateway.gateway import Ask, Gateway
from marketplace.payments.local_gateway.rules import (
    CERTIFICATE_ONLY,
    TIMESTAMP_TOLERANCE_S,
    RejectionError,
    common_message,
)

Handler = Callable[[Gateway, Ask], dict[str, Any]]

HANDLERS: Mapping[str, Handler] = {
    "alipay.trade.precreate": trades.precreate,
    "alipay.trade.create": trades.create,
    "alipay.trade.query": trades.query,
    "alipay.trade.close": trades.close,
    "alipay.trade.cancel": trades.cancel,
    "alipay.trade.refund": refunds.refund,
    "alipay.trade.fastpay.refund.query": refunds.refund_query,
    "alipay.trade.orderinfo.sync": trades.note_shipping,
    "alipay.trade.royalty.relation.bind": settlement.bind,
    "alipay.trade.royalty.relation.unbind": settlement.unbind,
    "alipay.trade.royalty.relation.batchquery": settlement.bound_receivers,
    "alipay.trade.order.settle": settlement.settle,
    "alipay.trade.order.settle.query": settlement.settle_query,
    "alipay.trade.settle.confirm": settlement.confirm,
    "alipay.fund.trans.uni.transfer": transfers.transfer,
    "alipay.fund.trans.common.query": transfers.transfer_query,
    "alipay.fund.account.query": transfers.balance,
    "alipay.data.dataservice.bill.downloadurl.query": bills.bill_url,
    "alipay.user.certify.open.initialize": people.certify_initialize,
    "alipay.user.certify.open.query": people.certify_query,
    "alipay.system.oauth.token": people.oauth_token,
    "alipay.user.info.share": people.user_info,
}

# Opened by a browser or app: they lead to a page, and have no JSON answer unless they are refused.
CASHIER_METHODS = frozenset({"alipay.trade.wap.pay", "alipay.trade.page.pay", "alipay.trade.app.pay"})
CERTIFY_METHOD = "alipay.user.certify.open.certify"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: *is_dropped* closes the connection without a byte."""

    body: bytes
    status: int = 200
    is_dropped: bool = False
    delay_s: float = 0.0


def admit(gateway: Gateway, params: dict[str, str], *, real_now: float) -> Ask:
    """Check application, time, certificates and signature, in that order; raise what Alipay would say."""
    method = params.get("method", "")
    if not method:
        raise RejectionError("isv.missing-method", "缺少方法名参数", "40001")
    if method not in HANDLERS and method not in CASHIER_METHODS and method != CERTIFY_METHOD:
        raise RejectionError("isv.invalid-method", "不存在的方法名", "40002")
    if params.get("app_id") != gateway.keys.app_id:
        raise RejectionError("isv.invalid-app-id", "无效的AppID参数", "40002")
    if params.get("sign_type") != "RSA2" or params.get("charset", "").lower() != "utf-8":
        raise RejectionError("isv.invalid-signature-type", "无效的签名类型或字符集", "40002")
    _check_time(params.get("timestamp", ""), real_now)
    _check_certificates(gateway, method, params)
    contents = sign_contents(params, keeps_sign_type=True)
    if not any(is_signed_by(gateway.keys.merchant, one, params.get("sign", "")) for one in contents):
        raise RejectionError("isv.invalid-signature", "验签出错", "40002")
    return Ask(method, params, _biz(params.get("biz_content", "")))


def answer(gateway: Gateway, params: dict[str, str], *, real_now: float) -> Reply:
    """Answer one request, faults included, and keep a line of it for the operator's page."""
    method = params.get("method", "")
    fault: FaultOrder | None = None
    numbers: frozenset[str] = frozenset()
    try:
        ask = admit(gateway, params, real_now=real_now)
        numbers = ask.numbers
        fault = take_fault(gateway.store, method, numbers)
        content = _carry_out(gateway, ask, fault)
    except RejectionError as rejection:
        content = refusal(rejection)
    gateway.store.insert(
        "request",
        at=gateway.now(),
        method=method,
        number=" ".join(sorted(numbers)),
        code=str(content.get("code", "")),
        sub_code=str(content.get("sub_code", "")),
        fault=fault.kind.value if fault else "",
    )
    return _reply(gateway, method, params, content, fault)


def refusal(rejection: RejectionError) -> dict[str, Any]:
    """Write a rejection the way Alipay does."""
    return {
        "code": rejection.code,
        "msg": common_message(rejection.code),
        "sub_code": rejection.sub_code,
        "sub_msg": rejection.sub_msg,
    }


def _carry_out(gateway: Gateway, ask: Ask, fault: FaultOrder | None) -> dict[str, Any]:
    kind = fault.kind if fault else None
    if fault is not None and kind is FaultKind.refuse:
        raise RejectionError(fault.sub_code or "ACQ.INVALID_PARAMETER", "由操作员指定的拒绝")
    content: dict[str, Any] = {}
    if kind not in UNDONE:
        with gateway.store.writing():
            content = HANDLERS[ask.method](gateway, ask)
        if "access_token" not in content:
            content = {"code": "10000", "msg": common_message("10000"), **content}
    if kind in (FaultKind.system_error, FaultKind.system_error_after):
        prefix = "ACQ." if ask.method.startswith("alipay.trade.") else ""
        raise RejectionError(f"{prefix}SYSTEM_ERROR", "系统错误")
    if kind in (FaultKind.code_20000, FaultKind.code_20000_after):
        # Sent without sub_code on purpose: the stock client takes exactly this for success.
        return {"code": "20000", "msg": common_message("20000")}
    return content


def _reply(
    gateway: Gateway,
    method: str,
    params: dict[str, str],
    content: dict[str, Any],
    fault: FaultOrder | None,
) -> Reply:
    kind = fault.kind if fault else None
    if kind in (FaultKind.drop_request, FaultKind.drop_after):
        return Reply(b"", is_dropped=True)
    if kind in (FaultKind.http_502, FaultKind.http_502_after):
        return Reply(b"<html><body>502 Bad Gateway</body></html>", status=502)
    body = envelope(gateway, method, content, is_forged=kind is FaultKind.bad_signature, params=params)
    return Reply(body, delay_s=fault.seconds if fault and kind is FaultKind.slow else 0.0)


def envelope(
    gateway: Gateway, method: str, content: dict[str, Any], *, is_forged: bool, params: dict[str, str]
) -> bytes:
    """Wrap and sign. Errors of OAuth come as ``error_response`` [K]; certificate mode adds its serial."""
    signed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    signature = sign(gateway.keys.private, signed.encode() + (b" " if is_forged else b""))
    name = method.replace(".", "_") + "_response"
    if method == "alipay.system.oauth.token" and "access_token" not in content:
        name = "error_response"
    serial = f',"alipay_cert_sn":"{gateway.keys.alipay_cert_sn}"' if params.get("app_cert_sn") else ""
    return f'{{"{name}":{signed}{serial},"sign":"{signature}"}}'.encode()


def _check_time(text: str, real_now: float) -> None:
    try:
        told = beijing_moment(text).timestamp()
    except ValueError as error:
        raise RejectionError("isv.invalid-timestamp", "非法的时间戳参数", "40002") from error
    if abs(told - real_now) > TIMESTAMP_TOLERANCE_S:
        raise RejectionError("isv.invalid-timestamp", "时间戳与北京时间相差过大", "40002")


def _check_certificates(gateway: Gateway, method: str, params: dict[str, str]) -> None:
    app_sn, root_sn = params.get("app_cert_sn", ""), params.get("alipay_root_cert_sn", "")
    if method in CERTIFICATE_ONLY and not app_sn:
        raise RejectionError("isv.missing-app-cert-sn", "缺少应用公钥证书序列号", "40001")
    if (app_sn or root_sn) and app_sn != gateway.keys.app_cert_sn:
        raise RejectionError("isv.invalid-app-cert-sn", "无效的应用公钥证书序列号", "40002")
    if (app_sn or root_sn) and root_sn != gateway.keys.root_cert_sn:
        raise RejectionError("isv.invalid-alipay-root-cert-sn", "无效的支付宝根证书序列号", "40002")


def _biz(text: str) -> dict[str, Any]:
    try:
        biz = json.loads(text or "{}")
    except ValueError as error:
        raise RejectionError("isv.invalid-parameter", "biz_content 不是 JSON", "40002") from error
    if not isinstance(biz, dict):
        raise RejectionError("isv.invalid-parameter", "biz_content 不是对象", "40002")
    return biz

"""Paying out of the merchant's account, certificate mode only, and its balance."""

import json
from typing import Any

from marketplace.payments.alipay.amounts import BadAmountError, fen_of
from marketplace.payments.local_gateway.account import balance_fen, post_movement
from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text, money, new_number
from marketplace.payments.local_gateway.notices import tell_application
from marketplace.payments.local_gateway.rules import SMALLEST_TRANSFER_FEN, RejectionError

_IDENTITIES = frozenset({"ALIPAY_USER_ID", "ALIPAY_OPEN_ID", "ALIPAY_LOGON_ID"})

# How a test or a person brings about a payee's fault here: Alipay's own accounts are not known to us.
NOBODY = "nobody"
WRONG_NAME = "查无此人"
# While this setting is 1, transfers stay DEALING until the control API decides them.
TRANSFERS_WAIT = "transfers_wait"


def transfer(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Pay once per out_biz_no; the identical request again answers the same (payments.md 1.5)."""
    wanted = _wanted(ask)
    known = gateway.store.row("SELECT * FROM transfer WHERE out_biz_no = ?", wanted["out_biz_no"])
    if known is not None:
        if any(known[name] != wanted[name] for name in ("amount_fen", "payee")):
            raise RejectionError("PAYMENT_INFO_INCONSISTENCY", "两次请求商户单号一样，但是参数不一致")
        return _told(known)
    _check_payee(json.loads(wanted["payee"]))
    if balance_fen(gateway) < wanted["amount_fen"]:
        raise RejectionError("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足")
    waits = gateway.store.setting(TRANSFERS_WAIT) == "1"
    gateway.store.insert(
        "transfer",
        order_id=new_number(gateway.now()),
        status="DEALING" if waits else "SUCCESS",
        error_code="",
        at=gateway.now(),
        **wanted,
    )
    # The money leaves at once and comes back if the transfer fails [K].
    _post(gateway, "转账", -wanted["amount_fen"], wanted["out_biz_no"], wanted["title"])
    return _told(_row(gateway, wanted["out_biz_no"]))


def transfer_query(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """What became of a transfer; an unknown number is ORDER_NOT_EXIST [K]."""
    row = _row(gateway, ask.text("out_biz_no"))
    told = _told(row) | {"trans_amount": money(row["amount_fen"]), "pay_date": moment_text(row["at"])}
    if row["error_code"]:
        told |= {"error_code": row["error_code"], "fail_reason": "收款方账户异常"}
    return told


def decide(gateway: Gateway, out_biz_no: str, *, is_paid: bool) -> None:
    """End a DEALING transfer; a failed one gives the money back."""
    row = _row(gateway, out_biz_no)
    if row["status"] != "DEALING":
        raise RejectionError("INVALID_PARAMETER", "转账已有结果")
    if is_paid:
        gateway.store.update("transfer", "out_biz_no", out_biz_no, status="SUCCESS")
    else:
        gateway.store.update(
            "transfer", "out_biz_no", out_biz_no, status="FAIL", error_code="PAYEE_ACCOUNT_STATUS_ERROR"
        )
        _post(gateway, "转账退回", row["amount_fen"], out_biz_no, row["title"])
    tell_application(gateway, "alipay.fund.trans.order.changed", _told(_row(gateway, out_biz_no)))


def send_back(gateway: Gateway, out_biz_no: str) -> None:
    """A transfer that had arrived comes back, and the money with it: REFUND [K]."""
    row = _row(gateway, out_biz_no)
    if row["status"] != "SUCCESS":
        raise RejectionError("INVALID_PARAMETER", "转账没有成功，无从退回")
    gateway.store.update("transfer", "out_biz_no", out_biz_no, status="REFUND", error_code="")
    _post(gateway, "转账退回", row["amount_fen"], out_biz_no, row["title"])
    tell_application(gateway, "alipay.fund.trans.order.changed", _told(_row(gateway, out_biz_no)))


def balance(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """What could be paid out now."""
    if ask.text("alipay_user_id") not in ("", gateway.keys.seller_id):
        raise RejectionError("INVALID_PARAMETER", "参数有误：账户")
    return {"available_amount": money(balance_fen(gateway)), "freeze_amount": "0.00"}


def _wanted(ask: Ask) -> dict[str, Any]:
    payee = ask.biz.get("payee_info")
    if (
        not ask.text("out_biz_no")
        or ask.text("product_code") != "TRANS_ACCOUNT_NO_PWD"
        or ask.text("biz_scene") != "DIRECT_TRANSFER"
        or not isinstance(payee, dict)
        or payee.get("identity_type") not in _IDENTITIES
        or not payee.get("identity")
    ):
        raise RejectionError("INVALID_PARAMETER", "参数有误")
    try:
        amount_fen = fen_of(ask.text("trans_amount"))
    except BadAmountError as error:
        raise RejectionError("INVALID_PARAMETER", "参数有误：金额") from error
    if amount_fen < SMALLEST_TRANSFER_FEN:
        raise RejectionError("EXCEED_LIMIT_SM_MIN_AMOUNT", "单笔最低转账金额0.1元")
    return {
        "out_biz_no": ask.text("out_biz_no"),
        "amount_fen": amount_fen,
        "payee": json.dumps(payee, ensure_ascii=False, sort_keys=True),
        "title": ask.text("order_title"),
    }


def _check_payee(payee: dict[str, Any]) -> None:
    if NOBODY in str(payee["identity"]):
        raise RejectionError("PAYEE_NOT_EXIST", "收款账号不存在")
    needs_name = payee["identity_type"] == "ALIPAY_LOGON_ID"
    if payee.get("name") == WRONG_NAME or (needs_name and not payee.get("name")):
        raise RejectionError("PAYEE_USER_INFO_ERROR", "支付宝账号和姓名不匹配，请确认姓名是否正确")


def _row(gateway: Gateway, out_biz_no: str) -> Any:
    row = gateway.store.row("SELECT * FROM transfer WHERE out_biz_no = ?", out_biz_no)
    if row is None:
        raise RejectionError("ORDER_NOT_EXIST", "转账订单不存在")
    return row


def _told(row: Any) -> dict[str, Any]:
    return {
        "out_biz_no": row["out_biz_no"],
        "order_id": row["order_id"],
        "pay_fund_order_id": row["order_id"],
        "status": row["status"],
        "trans_date": moment_text(row["at"]),
    }


def _post(gateway: Gateway, kind: str, amount_fen: int, out_biz_no: str, title: str) -> None:
    post_movement(
        gateway, kind, amount_fen, trade_no="", out_no=out_biz_no, request_no=out_biz_no, subject=title
    )
